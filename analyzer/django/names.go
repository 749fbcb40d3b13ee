package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// A binding is one statement that gives a name a value.
type binding struct {
	kind bindingKind
	stmt syntax.Stmt
	// value is what an assignment gives; nil when it is a part of something: a
	// loop variable, one of several targets.
	value syntax.Expr
	// from and name are an import's: from is an absolute dotted module, name
	// the name in it, "" for the module itself.
	from, name string
	// fallback: in an except clause, an else or a branch not taken at run time.
	fallback bool
}

type bindingKind uint8

const (
	boundOther bindingKind = iota
	boundClass
	boundFunction
	boundValue
	boundImport
)

// A scope is the names that statements bind, in order.
type scope struct {
	names map[string][]binding
	order []string // names by first appearance
	stars []string // modules of from x import *, in order
	all   []string // __all__ where it can be read
	// sure is false when __all__ could not be read whole.
	hasAll bool
}

// scope returns the names bound at the module's top level, inside if, try, with
// and for too.
func (m *module) scope() *scope {
	m.bind.Do(func() {
		m.names = m.scopeOf(m.file().Body)
	})
	return &m.names
}

// scopeOf returns the names that the statements bind: a module's, a class's or
// a function's body.
func (m *module) scopeOf(body []syntax.Stmt) scope {
	s := scope{names: map[string][]binding{}}
	b := binder{module: m, scope: &s}
	b.body(body, false)
	return s
}

type binder struct {
	module *module
	scope  *scope
}

func (b *binder) add(name string, x binding) {
	if _, known := b.scope.names[name]; !known {
		b.scope.order = append(b.scope.order, name)
	}
	b.scope.names[name] = append(b.scope.names[name], x)
}

func (b *binder) body(list []syntax.Stmt, fallback bool) {
	for _, s := range list {
		b.stmt(s, fallback)
	}
}

func (b *binder) stmt(s syntax.Stmt, fallback bool) {
	switch s := s.(type) {
	case *syntax.ClassDef:
		b.add(s.Name, binding{kind: boundClass, stmt: s, fallback: fallback})
	case *syntax.FunctionDef:
		b.add(s.Name, binding{kind: boundFunction, stmt: s, fallback: fallback})
	case *syntax.Import:
		b.imports(s, fallback)
	case *syntax.ImportFrom:
		b.importFrom(s, fallback)
	case *syntax.Assign:
		b.assign(s, fallback)
	case *syntax.If:
		// What stands under "if TYPE_CHECKING" is not run, but says most where
		// there is no else.
		typing := len(s.Else) > 0 && lastName(dottedOf(s.Test)) == "TYPE_CHECKING"
		b.body(s.Body, fallback || typing)
		b.body(s.Else, fallback || !typing)
	case *syntax.Try:
		b.body(s.Body, fallback)
		for _, h := range s.Handlers {
			b.body(h.Body, true)
		}
		b.body(s.Else, fallback)
		b.body(s.Finally, fallback)
	case *syntax.With:
		b.body(s.Body, fallback)
	case *syntax.For:
		b.target(s.Target, s, fallback)
		b.body(s.Body, fallback)
	case *syntax.While:
		b.body(s.Body, fallback)
	case *syntax.BadStmt:
		b.body(s.Body, fallback)
	}
}

func (b *binder) imports(s *syntax.Import, fallback bool) {
	for _, a := range s.Names {
		if a.As != "" {
			b.add(a.As, binding{kind: boundImport, stmt: s, from: a.Name, fallback: fallback})
			continue
		}
		top, _, _ := strings.Cut(a.Name, ".")
		b.add(top, binding{kind: boundImport, stmt: s, from: top, fallback: fallback})
	}
}

func (b *binder) importFrom(s *syntax.ImportFrom, fallback bool) {
	from, ok := b.module.absolute(s)
	if !ok {
		return
	}
	if s.Star {
		b.scope.stars = append(b.scope.stars, from)
		return
	}
	for _, a := range s.Names {
		as := a.As
		if as == "" {
			as = a.Name
		}
		b.add(as, binding{kind: boundImport, stmt: s, from: from, name: a.Name, fallback: fallback})
	}
}

// absolute returns the dotted module that a from import names. It is false when
// the dots lead above the module's top.
func (m *module) absolute(s *syntax.ImportFrom) (string, bool) {
	if s.Level == 0 {
		return s.Module, true
	}
	base := m.folder()
	for range s.Level - 1 {
		if base == "" {
			return "", false
		}
		base = parentName(base)
	}
	return joinName(base, s.Module), true
}

func (b *binder) assign(s *syntax.Assign, fallback bool) {
	for _, t := range s.Targets {
		name, ok := t.(*syntax.Name)
		if !ok {
			b.target(t, s, fallback)
			continue
		}
		if name.ID == "__all__" {
			b.exports(s)
		}
		if s.Op != "=" && s.Op != "" {
			continue // x += y keeps what x is
		}
		b.add(name.ID, binding{kind: boundValue, stmt: s, value: s.Value, fallback: fallback})
	}
}

// exports reads __all__ = […] and __all__ += […].
func (b *binder) exports(s *syntax.Assign) {
	list, ok := s.Value.(*syntax.Sequence)
	if !ok {
		b.scope.hasAll = false
		return
	}
	b.scope.hasAll = true
	for _, e := range list.Elts {
		if str, ok := e.(*syntax.String); ok {
			b.scope.all = append(b.scope.all, str.Value)
		}
	}
}

// target binds the names of a loop or of an unpacking to something unknown.
func (b *binder) target(t syntax.Expr, s syntax.Stmt, fallback bool) {
	switch t := t.(type) {
	case *syntax.Name:
		b.add(t.ID, binding{stmt: s, fallback: fallback})
	case *syntax.Sequence:
		for _, e := range t.Elts {
			b.target(e, s, fallback)
		}
	case *syntax.Starred:
		b.target(t.X, s, fallback)
	}
}
