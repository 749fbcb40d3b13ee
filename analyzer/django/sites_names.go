package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// freeNames are the variables that x reads from outside of it, sorted.
func freeNames(x syntax.Expr) []string {
	var names, own []string
	syntax.Walk(x, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Name:
			names = append(names, n.ID)
		case *syntax.Comprehension:
			for _, c := range n.Clauses {
				t, _ := targetNames(c.Target)
				own = append(own, t...)
			}
		case *syntax.Lambda:
			for _, p := range n.Params {
				own = append(own, p.Name)
			}
		}
		return true
	})
	return slices.DeleteFunc(sortedNames(names), func(n string) bool { return slices.Contains(own, n) })
}

// boundBy are the names that a loop's target and body bind or may change the
// values of, and those that they bind, sorted. Functions inside are taken as if
// their bodies ran.
func boundBy(target syntax.Expr, body []syntax.Stmt) (names, assigned []string) {
	var b bindings
	if target != nil {
		b.target(target)
	}
	syntax.WalkBody(body, func(n syntax.Node) bool { b.node(n); return true })
	return sortedNames(slices.Concat(b.names, b.changes)), sortedNames(b.names)
}

// A bindings collects the names that statements bind, and those whose values
// they change.
type bindings struct{ names, changes []string }

func (b *bindings) add(names ...string) { b.names = append(b.names, names...) }

func (b *bindings) node(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Assign:
		for _, t := range n.Targets {
			b.target(t)
		}
	case *syntax.For:
		b.target(n.Target)
	case *syntax.With:
		for _, item := range n.Items {
			if item.As != nil {
				b.target(item.As)
			}
		}
	case *syntax.Delete:
		for _, t := range n.Targets {
			b.target(t)
		}
	case *syntax.Try:
		for _, h := range n.Handlers {
			b.add(h.Name)
		}
	case *syntax.Match:
		for _, c := range n.Cases {
			b.add(c.Names...)
		}
	case *syntax.FunctionDef:
		b.add(n.Name)
	case *syntax.ClassDef:
		b.add(n.Name)
	case *syntax.Import:
		for _, a := range n.Names {
			b.add(boundName(a))
		}
	case *syntax.ImportFrom:
		for _, a := range n.Names {
			b.add(boundName(a))
		}
	case *syntax.NamedExpr:
		b.add(n.Target.ID)
	case *syntax.Comprehension:
		for _, c := range n.Clauses {
			b.target(c.Target)
		}
	case *syntax.ExprStmt:
		b.changed(n.X)
	}
}

func boundName(a syntax.Alias) string {
	if a.As != "" {
		return a.As
	}
	name, _, _ := strings.Cut(a.Name, ".")
	return name
}

// target adds the names of a target: x of x, x.y and x[i].
func (b *bindings) target(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.Sequence:
		for _, e := range x.Elts {
			b.target(e)
		}
	case *syntax.Starred:
		b.target(x.X)
	case *syntax.Name:
		b.add(x.ID)
	default:
		if n := rootName(x); n != nil {
			b.changes = append(b.changes, n.ID)
		}
	}
}

// changed adds x of a statement x.append(…): the call stands there for what it
// does to x.
func (b *bindings) changed(x syntax.Expr) {
	if c, ok := x.(*syntax.Call); ok {
		if _, ok := c.Func.(*syntax.Attribute); ok {
			if n := rootName(c.Func); n != nil {
				b.changes = append(b.changes, n.ID)
			}
		}
	}
}

// rootName is the name that a chain of attributes, calls and subscripts begins
// with.
func rootName(x syntax.Expr) *syntax.Name {
	for {
		switch n := x.(type) {
		case *syntax.Name:
			return n
		case *syntax.Attribute:
			x = n.X
		case *syntax.Subscript:
			x = n.X
		case *syntax.Call:
			x = n.Func
		default:
			return nil
		}
	}
}

// rebinds counts the statements that bind name, or change its value.
func rebinds(body []syntax.Stmt, name string) int {
	count := 0
	syntax.WalkBody(body, func(n syntax.Node) bool {
		switch n.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef:
			return false
		case *syntax.Comprehension: // its names are its own
			return true
		}
		var b bindings
		b.node(n)
		if slices.Contains(b.names, name) || slices.Contains(b.changes, name) {
			count++
		}
		return true
	})
	return count
}

// uses fills in where the statement's targets appear, and what the innermost
// loop does to the variable that the expression starts from.
func (st *stand) uses(site *source.Site, stmt syntax.Stmt) {
	loop := st.body
	inner := -1
	for i, n := range st.above {
		switch n := n.(type) {
		case *syntax.For:
			if st.within(n.Body) {
				loop, inner = n.Body, i
			}
		case *syntax.While:
			if st.within(n.Body) {
				loop, inner = n.Body, i
			}
		}
	}
	for _, n := range st.above[inner+1:] {
		if _, ok := n.(*syntax.Try); ok {
			site.Try = true
		}
	}
	for _, name := range site.Targets {
		for _, u := range st.find(name, st.body) {
			switch {
			case u.Span.Within(site.Stmt):
			case inner >= 0 && (u.Span.Start < loop[0].Pos().Start || u.Span.End > loop[len(loop)-1].Pos().End):
				site.Beyond++
			default:
				site.Uses = append(site.Uses, u)
			}
		}
	}
	if site.Name == "" {
		return
	}
	for _, u := range st.find(site.Name, loop) {
		site.Shared = site.Shared || u.Attr == "" && !u.Truth || u.Call && !ormMethod(u.Attr)
	}
	st.sets(site, loop)
}

// ormMethod reports whether a method of an instance is Django's own and leaves
// the instance's fields alone.
func ormMethod(name string) bool {
	return slices.Contains([]string{"save", "delete", "full_clean", "clean_fields", "validate_unique"}, name) ||
		strings.HasPrefix(name, "get_") && strings.HasSuffix(name, "_display")
}

// sets finds the assignments to attributes of the site's variable.
func (st *stand) sets(site *source.Site, body []syntax.Stmt) {
	syntax.WalkBody(body, func(n syntax.Node) bool {
		a, ok := n.(*syntax.Assign)
		if !ok || a.Value == nil {
			return true
		}
		for _, t := range a.Targets {
			x, ok := t.(*syntax.Attribute)
			if ok && isNameOf(x.X, site.Name) {
				site.Sets = append(site.Sets, source.Set{
					Span: st.m.span(a), Name: site.Name, Attr: x.Attr, Op: a.Op, Value: st.m.span(a.Value), Names: freeNames(a.Value),
				})
			}
		}
		return true
	})
}

// find lists the appearances of a variable in the statements.
func (st *stand) find(name string, body []syntax.Stmt) []source.Use {
	f := finder{m: st.m, name: name, how: map[syntax.Expr]source.Use{}}
	syntax.WalkBody(body, f.visit)
	return f.uses
}

// A finder collects the appearances of one variable. Parents come before their
// parts, so they can note in how what an appearance is for.
type finder struct {
	m    *module
	name string
	how  map[syntax.Expr]source.Use
	uses []source.Use
}

func (f *finder) visit(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.Assign:
		for _, t := range n.Targets {
			f.written(t)
		}
	case *syntax.Delete:
		for _, t := range n.Targets {
			f.written(t)
		}
	case *syntax.For:
		f.written(n.Target)
		f.how[n.Iter] = source.Use{Iterated: true}
	case *syntax.Comprehension:
		for _, c := range n.Clauses {
			f.written(c.Target)
			f.how[c.Iter] = source.Use{Iterated: true}
			f.truths(c.Ifs...)
		}
	case *syntax.If:
		f.truths(n.Test)
	case *syntax.While:
		f.truths(n.Test)
	case *syntax.Conditional:
		f.truths(n.Test)
	case *syntax.Unary:
		if n.Op == "not" {
			f.truths(n.X)
		}
	case *syntax.Call:
		f.how[n.Func] = source.Use{Call: true}
	case *syntax.Attribute:
		if isNameOf(n.X, f.name) {
			u := f.how[n]
			u.Span, u.Attr = f.m.span(n), n.Attr
			f.uses = append(f.uses, u)
			return false
		}
	case *syntax.Name:
		if n.ID == f.name {
			u := f.how[n]
			u.Span = f.m.span(n)
			f.uses = append(f.uses, u)
		}
	}
	return true
}

func (f *finder) written(x syntax.Expr) {
	switch x := x.(type) {
	case *syntax.Sequence:
		for _, e := range x.Elts {
			f.written(e)
		}
	case *syntax.Starred:
		f.written(x.X)
	default:
		f.how[x] = source.Use{Write: true}
	}
}

// truths notes tests; what "and" and "or" join in a test is one too.
func (f *finder) truths(tests ...syntax.Expr) {
	for _, t := range tests {
		f.how[t] = source.Use{Truth: true}
		switch t := t.(type) {
		case *syntax.Binary:
			if t.Op == "and" || t.Op == "or" {
				f.truths(t.X, t.Y)
			}
		case *syntax.Unary:
			if t.Op == "not" {
				f.truths(t.X)
			}
		}
	}
}
