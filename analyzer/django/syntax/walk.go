package syntax

// Walk calls f for n and, where f returns true, for what n holds: statements
// and expressions in the order of the source, but for decorators, which come
// before their definition, and comprehensions, whose clauses come before what
// they make, as Python runs them. Walk(nil, f) does nothing.
func Walk(n Node, f func(Node) bool) {
	if n == nil || !f(n) {
		return
	}
	w := walker(f)
	if s, ok := n.(Stmt); ok {
		w.inStmt(s)
		return
	}
	w.inExpr(n.(Expr))
}

// WalkBody walks each statement of a block.
func WalkBody(body []Stmt, f func(Node) bool) {
	walker(f).stmts(body)
}

type walker func(Node) bool

func (w walker) stmts(list []Stmt) {
	for _, s := range list {
		Walk(s, w)
	}
}

func (w walker) exprs(list ...Expr) {
	for _, x := range list {
		if x != nil {
			Walk(x, w)
		}
	}
}

func (w walker) args(list []Arg) {
	for _, a := range list {
		w.exprs(a.Value)
	}
}

func (w walker) params(list []Param) {
	for _, p := range list {
		w.exprs(p.Annotation, p.Default)
	}
}

func (w walker) inStmt(s Stmt) {
	switch s := s.(type) {
	case *FunctionDef:
		w.exprs(s.Decorators...)
		w.params(s.Params)
		w.exprs(s.Returns)
		w.stmts(s.Body)
	case *ClassDef:
		w.exprs(s.Decorators...)
		w.args(s.Args)
		w.stmts(s.Body)
	case *Assign:
		w.exprs(s.Targets...)
		w.exprs(s.Annotation, s.Value)
	case *Return:
		w.exprs(s.Value)
	case *ExprStmt:
		w.exprs(s.X)
	case *Raise:
		w.exprs(s.X, s.From)
	case *Delete:
		w.exprs(s.Targets...)
	case *Assert:
		w.exprs(s.Test, s.Msg)
	case *BadStmt:
		w.stmts(s.Body)
	default:
		w.inBlock(s)
	}
}

func (w walker) inBlock(s Stmt) {
	switch s := s.(type) {
	case *For:
		w.exprs(s.Target, s.Iter)
		w.stmts(s.Body)
		w.stmts(s.Else)
	case *While:
		w.exprs(s.Test)
		w.stmts(s.Body)
		w.stmts(s.Else)
	case *If:
		w.exprs(s.Test)
		w.stmts(s.Body)
		w.stmts(s.Else)
	case *With:
		for _, item := range s.Items {
			w.exprs(item.X, item.As)
		}
		w.stmts(s.Body)
	case *Try:
		w.stmts(s.Body)
		for _, h := range s.Handlers {
			w.exprs(h.Type)
			w.stmts(h.Body)
		}
		w.stmts(s.Else)
		w.stmts(s.Finally)
	case *Match:
		w.exprs(s.Subject)
		for _, c := range s.Cases {
			w.exprs(c.Guard)
			w.stmts(c.Body)
		}
	}
}

func (w walker) inExpr(x Expr) {
	switch x := x.(type) {
	case *Attribute:
		w.exprs(x.X)
	case *Call:
		w.exprs(x.Func)
		w.args(x.Args)
	case *Subscript:
		w.exprs(x.X)
		w.exprs(x.Index...)
	case *Slice:
		w.exprs(x.Lo, x.Hi, x.Step)
	case *String:
		w.exprs(x.Parts...)
	case *Sequence:
		w.exprs(x.Elts...)
	case *Dict:
		for i, v := range x.Values {
			w.exprs(x.Keys[i], v)
		}
	case *Comprehension:
		for _, c := range x.Clauses {
			w.exprs(c.Iter, c.Target)
			w.exprs(c.Ifs...)
		}
		w.exprs(x.Key, x.Elt)
	case *Lambda:
		w.params(x.Params)
		w.exprs(x.Body)
	default:
		w.inOperator(x)
	}
}

func (w walker) inOperator(x Expr) {
	switch x := x.(type) {
	case *Binary:
		w.exprs(x.X, x.Y)
	case *Compare:
		w.exprs(x.X)
		w.exprs(x.Ys...)
	case *Unary:
		w.exprs(x.X)
	case *Conditional:
		w.exprs(x.Body, x.Test, x.Else)
	case *Await:
		w.exprs(x.X)
	case *Yield:
		w.exprs(x.X)
	case *Starred:
		w.exprs(x.X)
	case *NamedExpr:
		w.exprs(x.Target, x.Value)
	case *BadExpr:
		w.exprs(x.Elts...)
	}
}
