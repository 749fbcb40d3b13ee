package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// fillSites says of each fetch in a loop how it stands in the code. find gives
// the module of a path, nil when that is no Python of the project.
func fillSites(ix *source.Index, find func(path string) *module) {
	at := func(s source.Span) *source.Site {
		if m := find(s.Path); m != nil {
			return siteOf(m, s)
		}
		return nil
	}
	for _, f := range ix.Fetches {
		if len(f.Loops) == 0 {
			continue
		}
		f.Site = at(f.Span)
		if q := f.Query; q != nil && !q.Span.Within(f.Span) && q.Span.Path == f.Span.Path && q.Function == f.Function {
			f.Built = at(q.Span)
		}
		for i := range f.Via {
			f.Via[i].Site = at(f.Via[i].Span)
		}
	}
}

// A stand is an expression among the nodes that hold it.
type stand struct {
	m     *module
	x     syntax.Expr
	above []syntax.Node // from the outermost; x itself is not here
	body  []syntax.Stmt // of the function, or of the module
}

// siteOf describes the expression at s; nil when there is none, or it does not
// run where it stands: in a lambda.
func siteOf(m *module, s source.Span) *source.Site {
	st := standOf(m, s)
	if st == nil {
		return nil
	}
	site := &source.Site{Whole: m.span(st.x)}
	st.chain(site)
	stmt := st.stmt()
	if stmt == nil {
		return nil
	}
	site.Stmt = m.span(stmt)
	taken := st.taken(site)
	st.form(site, stmt, taken)
	for i, n := range st.above {
		if b, ok := st.block(n, i); ok {
			site.Blocks = append(site.Blocks, b)
		}
	}
	st.uses(site, stmt)
	return site
}

// standOf finds the expression at s in the innermost function around it.
func standOf(m *module, s source.Span) *stand {
	st := &stand{m: m, body: m.file().Body}
	var line []syntax.Node
	syntax.WalkBody(st.body, func(n syntax.Node) bool {
		r := n.Pos()
		if r.Start > s.Start || r.End < s.End {
			return false
		}
		line = append(line, n)
		return true
	})
	at := slices.IndexFunc(line, func(n syntax.Node) bool {
		_, isExpr := n.(syntax.Expr)
		return isExpr && n.Pos() == syntax.Range{Start: s.Start, End: s.End}
	})
	if at < 1 {
		return nil
	}
	st.x, st.above = line[at].(syntax.Expr), line[:at]
	for i := at - 1; i >= 0; i-- {
		switch n := line[i].(type) {
		case *syntax.Lambda, *syntax.ClassDef:
			return nil
		case *syntax.FunctionDef:
			st.body, st.above = n.Body, line[i+1:at]
			return st
		}
	}
	return st
}

// parent is the node that many levels above the expression, nil when there is
// none in the function.
func (st *stand) parent(up int) syntax.Node {
	if i := len(st.above) - up; i >= 0 && i < len(st.above) {
		return st.above[i]
	}
	return nil
}

// stmt is the innermost statement around the expression.
func (st *stand) stmt() syntax.Stmt {
	for _, n := range slices.Backward(st.above) {
		if s, ok := n.(syntax.Stmt); ok {
			return s
		}
	}
	return nil
}

// chain reads the calls of the expression from its end to its root.
func (st *stand) chain(site *source.Site) {
	x := st.x
	root := x
loop:
	for {
		switch n := x.(type) {
		case *syntax.Call:
			c := source.Call{Args: st.m.spanOf(n.Lparen+1, n.Rparen), NoArgs: len(n.Args) == 0, Arguments: st.arguments(n.Args)}
			switch f := n.Func.(type) {
			case *syntax.Attribute:
				c.Name, c.Span, x = f.Attr, st.m.spanOf(f.Dot, n.End), f.X
			case *syntax.Name:
				c.Name, c.Span, x = f.ID, st.m.span(n), f
			default:
				break loop
			}
			site.Calls = append(site.Calls, c)
			root = x
		case *syntax.Subscript:
			site.Calls = append(site.Calls, source.Call{Name: "[]", Span: st.m.spanOf(n.Lbrack, n.End)})
			x, root = n.X, n.X
		case *syntax.Attribute:
			x = n.X
		default:
			break loop
		}
	}
	slices.Reverse(site.Calls)
	site.Root = st.m.span(root)
	if n, ok := x.(*syntax.Name); ok {
		site.Name = n.ID
	}
	var names []string
	for _, c := range site.Calls {
		for _, a := range c.Arguments {
			names = append(names, a.Names...)
		}
	}
	site.Names = sortedNames(names)
}

func (st *stand) arguments(args []syntax.Arg) []source.Argument {
	var out []source.Argument
	for _, a := range args {
		names := freeNames(a.Value)
		out = append(out, source.Argument{
			Name: a.Name, Star: a.Star, Span: st.m.span(a.Value), Names: names, Literal: isLiteral(a.Value),
		})
	}
	return out
}

// isLiteral reports whether x is a plain literal, or a display of such.
func isLiteral(x syntax.Expr) bool {
	switch x := x.(type) {
	case *syntax.String:
		return len(x.Parts) == 0
	case *syntax.Number, *syntax.Constant:
		return true
	case *syntax.Unary:
		return isLiteral(x.X)
	case *syntax.Sequence:
		return !slices.ContainsFunc(x.Elts, func(e syntax.Expr) bool { return !isLiteral(e) })
	}
	return false
}

// taken finds what is read from the value at once; it is the expression with
// that, or the expression itself.
func (st *stand) taken(site *source.Site) syntax.Expr {
	x, up := st.x, 1
	if a, ok := st.parent(1).(*syntax.Await); ok {
		site.Await = st.m.span(a)
		x, up = a, 2
	}
	site.Taken = st.m.span(x)
	switch p := st.parent(up).(type) {
	case *syntax.Attribute:
		if c, ok := st.parent(up + 1).(*syntax.Call); ok && c.Func == syntax.Expr(p) {
			return x
		}
		site.Attr, site.Taken = p.Attr, st.m.span(p)
		return p
	case *syntax.Subscript:
		if s, ok := oneIndex(p).(*syntax.String); ok && p.X == x && !s.Formatted && !s.Bytes {
			site.Key, site.Taken = s.Value, st.m.span(p)
			return p
		}
	}
	return x
}

func oneIndex(s *syntax.Subscript) syntax.Expr {
	if len(s.Index) != 1 {
		return nil
	}
	return s.Index[0]
}

// form says how the statement holds the expression.
func (st *stand) form(site *source.Site, stmt syntax.Stmt, taken syntax.Expr) {
	switch s := stmt.(type) {
	case *syntax.ExprStmt:
		if s.X == st.x || site.Await.Known() && s.X == taken {
			site.Form = source.Alone
		}
	case *syntax.Assign:
		if s.Op != "=" || s.Value != taken || len(s.Targets) != 1 {
			return
		}
		if names, plain := targetNames(s.Targets[0]); plain {
			site.Form, site.Targets = source.Assigned, names
		}
	}
}

// targetNames are the names that a target binds; plain is false when it binds
// something else too: x.y, x[i].
func targetNames(x syntax.Expr) (names []string, plain bool) {
	plain = true
	switch x := x.(type) {
	case *syntax.Name:
		return []string{x.ID}, true
	case *syntax.Starred:
		return targetNames(x.X)
	case *syntax.Sequence:
		for _, e := range x.Elts {
			n, ok := targetNames(e)
			names, plain = append(names, n...), plain && ok
		}
		return names, plain
	}
	return nil, false
}

func sortedNames(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
