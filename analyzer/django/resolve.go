package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// A symbol is what a name means.
type symbol struct {
	kind symbolKind
	// path is the dotted path of where it is defined: "library.models.Book",
	// "django.db.models.ForeignKey". Django's and DRF's own names are given in
	// the form that their documentation uses.
	path   string
	module *module // where it is defined, or the module itself; nil when external
	class  *class
	def    *syntax.FunctionDef
	value  syntax.Expr
}

type symbolKind uint8

const (
	unknownSymbol  symbolKind = iota
	externalSymbol            // not in the source: path says what it is
	moduleSymbol
	classSymbol
	functionSymbol
	valueSymbol // an expression, in module
)

// maxHops bounds how many imports and assignments lead to one name.
const maxHops = 40

// resolve returns what a dotted name means at the top level of m: "Book",
// "models.ForeignKey". Names that Python itself has are external,
// "builtins.len".
func (p *Project) resolve(m *module, dotted string) symbol {
	return p.resolveIn(m, nil, dotted, 0)
}

// resolveIn is resolve with the names of local, a function's or class's scope,
// seen first; local may be nil.
func (p *Project) resolveIn(m *module, local *scope, dotted string, hops int) symbol {
	first, rest, _ := strings.Cut(dotted, ".")
	var s symbol
	ok := false
	if local != nil {
		s, ok = p.bound(m, local, first, hops)
	}
	if !ok {
		s, ok = p.bound(m, m.scope(), first, hops)
	}
	if !ok {
		s = symbol{kind: externalSymbol, path: "builtins." + first}
	}
	return p.attributes(m, s, rest, hops)
}

// attributes follows a dotted chain from s.
func (p *Project) attributes(m *module, s symbol, rest string, hops int) symbol {
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		s = p.attribute(m, s, name, hops+1)
	}
	return s
}

// attribute returns what s.name means; from is the module that asks.
func (p *Project) attribute(from *module, s symbol, name string, hops int) symbol {
	if hops > maxHops {
		return symbol{}
	}
	switch s.kind {
	case moduleSymbol:
		if x, ok := p.bound(s.module, s.module.scope(), name, hops); ok {
			return x
		}
		return p.dotted(from, joinName(s.path, name))
	case externalSymbol:
		return p.dotted(from, joinName(s.path, name))
	case classSymbol:
		if x, ok := s.class.lookup(name); ok {
			return x.symbol(p, hops+1)
		}
		for _, ext := range s.class.external() {
			if ext != "builtins.object" {
				return symbol{kind: externalSymbol, path: joinName(ext, name)}
			}
		}
	}
	return symbol{}
}

// dotted returns the module of that name, or the external name.
func (p *Project) dotted(from *module, path string) symbol {
	if m := p.moduleFrom(from, path); m != nil {
		return symbol{kind: moduleSymbol, path: path, module: m}
	}
	return symbol{kind: externalSymbol, path: canonical(path)}
}

// bound returns what name is bound to in a scope of m, and false when it is
// not. Of several bindings the last outside of fallbacks counts, and of those
// the last whose meaning is known.
func (p *Project) bound(m *module, s *scope, name string, hops int) (symbol, bool) {
	if hops > maxHops {
		return symbol{}, true
	}
	list := s.names[name]
	var best symbol
	for _, fallback := range []bool{false, true} {
		for _, b := range slices.Backward(list) {
			if b.fallback != fallback {
				continue
			}
			x := p.meaning(m, b, name, hops+1)
			// The None of "except ImportError" says less than the import.
			if x.kind > externalSymbol && (x.kind != valueSymbol || best.kind != externalSymbol) {
				return x, true
			}
			if best.kind == unknownSymbol {
				best = x
			}
		}
	}
	if len(list) > 0 {
		return best, true
	}
	return p.starred(m, s, name, hops+1)
}

// meaning returns what one binding gives.
func (p *Project) meaning(m *module, b binding, name string, hops int) symbol {
	switch b.kind {
	case boundClass:
		def := b.stmt.(*syntax.ClassDef)
		return symbol{kind: classSymbol, path: joinName(m.name, name), module: m, class: p.classOf(m, def)}
	case boundFunction:
		return symbol{kind: functionSymbol, path: joinName(m.name, name), module: m, def: b.stmt.(*syntax.FunctionDef)}
	case boundValue:
		if b.value == nil {
			return symbol{}
		}
		return p.valueSymbol(m, nil, b.value, joinName(m.name, name), hops)
	case boundImport:
		return p.imported(m, b, hops)
	}
	return symbol{}
}

// valueSymbol follows an assigned name; other expressions stay values.
func (p *Project) valueSymbol(m *module, local *scope, value syntax.Expr, path string, hops int) symbol {
	if hops > maxHops {
		return symbol{}
	}
	if dotted := dottedOf(value); dotted != "" {
		if s := p.resolveIn(m, local, dotted, hops+1); s.kind != unknownSymbol && !strings.HasPrefix(s.path, "builtins.") {
			return s
		}
	}
	if sub, ok := value.(*syntax.Subscript); ok { // Base = models.CharField["str"]
		s := p.valueSymbol(m, local, sub.X, path, hops+1)
		if s.kind == classSymbol || s.kind == externalSymbol && isClassName(lastName(s.path)) {
			return s
		}
	}
	if call, ok := value.(*syntax.Call); ok {
		if s := p.called(m, call, path, hops+1); s.kind != unknownSymbol {
			return s
		}
	}
	return symbol{kind: valueSymbol, path: path, module: m, value: value}
}

// called knows the calls that give a class: get_user_model(), apps.get_model()
// and from_queryset().
func (p *Project) called(m *module, call *syntax.Call, path string, hops int) symbol {
	dotted := dottedOf(call.Func)
	switch lastName(dotted) {
	case "get_user_model":
		return p.classByLabel(p.setting.userModel)
	case "get_model":
		return p.classByLabel(labelArgument(call))
	case "from_queryset":
		if c := p.fromQueryset(m, call, path); c != nil {
			return symbol{kind: classSymbol, path: path, module: m, class: c}
		}
	}
	return symbol{}
}

// labelArgument reads get_model("app.Model") and get_model("app", "Model").
func labelArgument(call *syntax.Call) string {
	var parts []string
	for _, a := range call.Args {
		if s, ok := a.Value.(*syntax.String); ok && !s.Formatted {
			parts = append(parts, s.Value)
		}
	}
	return strings.Join(parts, ".")
}

// imported returns what an import binds.
func (p *Project) imported(m *module, b binding, hops int) symbol {
	if b.name == "" {
		return p.dotted(m, b.from)
	}
	src := p.moduleFrom(m, b.from)
	if src == nil || src == m {
		return p.dotted(m, joinName(b.from, b.name))
	}
	s, ok := p.bound(src, src.scope(), b.name, hops+1)
	if ok && s.kind != unknownSymbol {
		return s
	}
	sub := p.dotted(m, joinName(b.from, b.name))
	if ok && sub.kind != moduleSymbol { // a name that leads in a circle, but a module of the package
		return s
	}
	return sub
}

// starred looks a name up in the modules that a scope imports with a star. What
// is in none of the source's may come from one outside.
func (p *Project) starred(m *module, s *scope, name string, hops int) (symbol, bool) {
	if hops > maxHops {
		return symbol{}, false
	}
	for _, from := range slices.Backward(s.stars) {
		src := p.moduleFrom(m, from)
		if src == nil || src == m || !src.exports(name) {
			continue
		}
		if x, ok := p.bound(src, src.scope(), name, hops+1); ok {
			return x, true
		}
	}
	for _, from := range slices.Backward(s.stars) {
		if p.moduleFrom(m, from) == nil && exportsByStar(from, name) {
			return symbol{kind: externalSymbol, path: canonical(joinName(from, name))}, true
		}
	}
	return symbol{}, false
}

// exports reports whether a star import of the module gives the name.
func (m *module) exports(name string) bool {
	s := m.scope()
	if s.hasAll {
		return slices.Contains(s.all, name) || len(s.stars) > 0
	}
	return name != "" && name[0] != '_'
}

// exportsByStar guesses whether a module outside of the source has the name:
// names that Python itself has are not taken for its.
func exportsByStar(from, name string) bool {
	if name == "" || name[0] == '_' {
		return false
	}
	return !pythonNames[name] || strings.HasPrefix(from, "django.")
}

// pythonNames are the built-in names that people use most in class bodies and
// settings.
var pythonNames = map[string]bool{
	"object": true, "str": true, "int": true, "float": true, "bool": true, "list": true, "dict": true, "set": true,
	"tuple": true, "type": true, "len": true, "print": true, "property": true, "super": true, "classmethod": true,
	"staticmethod": true, "Exception": true, "ValueError": true, "KeyError": true, "open": true, "range": true,
	"sorted": true, "map": true, "filter": true, "zip": true, "enumerate": true, "isinstance": true, "getattr": true,
	"setattr": true, "hasattr": true, "any": true, "all": true, "sum": true, "min": true, "max": true, "iter": true,
}

// resolveExpr returns what a name, a dotted chain or one of the calls that give
// a class means at the top level of m.
func (p *Project) resolveExpr(m *module, e syntax.Expr) symbol {
	return p.resolveExprIn(m, nil, e)
}

// resolveExprIn is resolveExpr with a local scope seen first.
func (p *Project) resolveExprIn(m *module, local *scope, e syntax.Expr) symbol {
	if e == nil {
		return symbol{}
	}
	if dotted := dottedOf(e); dotted != "" {
		return p.resolveIn(m, local, dotted, 0)
	}
	switch x := e.(type) {
	case *syntax.Call:
		return p.called(m, x, "", 0)
	case *syntax.Subscript: // Manager["Book"], ForeignKey[Book]
		return p.resolveExprIn(m, local, x.X)
	}
	return symbol{}
}

// dottedOf returns "a.b.c" of a chain of names, "" of anything else.
func dottedOf(e syntax.Expr) string {
	switch x := e.(type) {
	case *syntax.Name:
		return x.ID
	case *syntax.Attribute:
		if d := dottedOf(x.X); d != "" {
			return d + "." + x.Attr
		}
	}
	return ""
}
