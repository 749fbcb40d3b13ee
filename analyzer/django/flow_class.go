package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// global returns what a name means at the top level of a module.
func (it *interp) global(m *module, name string) value {
	s, ok := it.p.bound(m, m.scope(), name, 0)
	if !ok {
		return external("builtins." + name)
	}
	return it.symbolValue(s)
}

// symbolValue returns what a symbol holds. What an expression gives is worked
// out once.
func (it *interp) symbolValue(s symbol) value {
	switch s.kind {
	case externalSymbol:
		return external(s.path)
	case moduleSymbol:
		return s.module
	case classSymbol:
		return s.class
	case functionSymbol:
		return &function{module: s.module, def: s.def, name: s.def.Name}
	case valueSymbol:
		return it.globalValue(globalName{module: s.module, name: s.path}, s.value)
	}
	return nil
}

func (it *interp) globalValue(g globalName, e syntax.Expr) value {
	if v, ok := it.globals[g]; ok {
		return v
	}
	it.globals[g] = nil
	it.muted++
	loops, branch, hops := it.loops, it.branch, it.hops
	it.loops, it.branch, it.hops = nil, nil, nil
	v := it.inModule(g.module, func() value { return it.eval(e) })
	it.loops, it.branch, it.hops = loops, branch, hops
	it.muted--
	it.globals[g] = v
	return v
}

func (it *interp) moduleAttr(m *module, name string) value {
	if s, ok := it.p.bound(m, m.scope(), name, 0); ok {
		return it.symbolValue(s)
	}
	return it.symbolValue(it.p.dotted(m, joinName(m.name, name)))
}

// classOfModel returns the class of a model, nil when it has none in the source.
func (it *interp) classOfModel(m *schema.Model) *class {
	if m == nil {
		return nil
	}
	return it.p.classFor(m)
}

// boundTo makes a method of an object.
func (it *interp) boundTo(def *syntax.FunctionDef, k *class, self value) *bound {
	return &bound{fn: it.methodOf(def, k), self: self}
}

func (it *interp) methodOf(def *syntax.FunctionDef, k *class) *function {
	return &function{module: k.module, def: def, class: k, name: className(k) + "." + def.Name}
}

// className is a class's name with those of the classes around it.
func className(k *class) string {
	if k.outer != nil {
		return className(k.outer) + "." + k.name
	}
	return k.name
}

// member returns an attribute that the class of self declares, bound to self:
// properties are run. at is where it is asked for.
func (it *interp) member(k *class, name string, self value, at syntax.Node) (value, bool) {
	if k == nil {
		return nil, false
	}
	x, ok := k.lookup(name)
	if !ok {
		return nil, false
	}
	return it.memberValue(x, self, at), true
}

func (it *interp) memberValue(x member, self value, at syntax.Node) value {
	switch x.kind {
	case boundFunction:
		def := x.stmt.(*syntax.FunctionDef)
		switch it.methodKind(x.class.module, def) {
		case "static":
			return it.methodOf(def, x.class)
		case "class":
			return it.boundTo(def, x.class, it.classOfValue(self, x.class))
		case "property":
			if _, onClass := self.(*class); onClass {
				return nil
			}
			return it.property(def, x.class, self, at)
		}
		if _, onClass := self.(*class); onClass {
			return it.methodOf(def, x.class)
		}
		return it.boundTo(def, x.class, self)
	case boundClass:
		return it.p.classOf(x.class.module, x.stmt.(*syntax.ClassDef))
	case boundValue:
		if x.value != nil {
			return it.classValue(x, self)
		}
	case boundImport:
		return it.symbolValue(it.p.imported(x.class.module, x.binding, 0))
	}
	return nil
}

// classValue evaluates name = expr of a class body. Functions among them are
// methods: display = lambda self: …
func (it *interp) classValue(x member, self value) value {
	g := globalName{module: x.class.module, name: x.name, class: x.class}
	if v, ok := it.globals[g]; ok {
		return v
	}
	it.globals[g] = nil
	v := it.symbolOrValue(g, x)
	if f, ok := v.(*function); ok && f.lambda != nil {
		if _, onClass := self.(*class); !onClass {
			v = &bound{fn: f, self: self}
		}
	}
	it.globals[g] = v
	return v
}

func (it *interp) symbolOrValue(g globalName, x member) value {
	it.muted++
	loops, branch, hops := it.loops, it.branch, it.hops
	it.loops, it.branch, it.hops = nil, nil, nil
	it.frame = &frame{
		module: x.class.module, env: &env{vars: map[string]value{}, module: x.class.module, class: x.class},
		name: className(x.class), outer: it.frame,
	}
	for _, name := range namesIn(x.value) {
		if m, ok := x.class.own(name); ok && m.name != x.name && m.stmt.Pos().Start < x.stmt.Pos().Start {
			it.frame.env.vars[name] = it.memberValue(m, x.class, x.value)
		}
	}
	v := it.eval(x.value)
	it.frame = it.frame.outer
	it.loops, it.branch, it.hops = loops, branch, hops
	it.muted--
	return v
}

// namesIn lists the names of an expression.
func namesIn(e syntax.Expr) []string {
	var list []string
	syntax.Walk(e, func(n syntax.Node) bool {
		if name, ok := n.(*syntax.Name); ok {
			list = append(list, name.ID)
		}
		return true
	})
	return list
}

// methodKind says what a method's decorators make of it.
func (it *interp) methodKind(m *module, def *syntax.FunctionDef) string {
	for _, d := range def.Decorators {
		name := it.decorator(m, d)
		switch {
		case name == "builtins.staticmethod":
			return "static"
		case name == "builtins.classmethod":
			return "class"
		case name == "builtins.property", strings.HasSuffix(name, "cached_property"):
			return "property"
		}
		if a, ok := d.(*syntax.Attribute); ok && (a.Attr == "setter" || a.Attr == "getter" || a.Attr == "deleter") {
			return "property"
		}
	}
	return ""
}

func (it *interp) classOfValue(self value, k *class) value {
	switch s := self.(type) {
	case *class:
		return s
	case *instance:
		if s.class != nil {
			return s.class
		}
	case *row:
		if c := it.classOfModel(s.model); c != nil {
			return c
		}
	}
	return k
}

// property runs a property's getter.
func (it *interp) property(def *syntax.FunctionDef, k *class, self value, at syntax.Node) value {
	for _, d := range def.Decorators {
		if a, ok := d.(*syntax.Attribute); ok && a.Attr == "setter" {
			def = it.getter(def, k)
		}
	}
	if it.cachedProperty(k.module, def) {
		switch s := self.(type) {
		case *row:
			return it.cached(s.state, def.Name, func() value {
				return it.outside(s.loops, func() value { return it.call(it.boundTo(def, k, self), &call{at: at}) })
			})
		case *instance:
			if v, ok := s.attrs[def.Name]; ok {
				return v
			}
			v := it.outside(s.loops, func() value { return it.call(it.boundTo(def, k, self), &call{at: at}) })
			if s.attrs != nil {
				s.attrs[def.Name] = v
			}
			return v
		}
	}
	return it.call(it.boundTo(def, k, self), &call{at: at})
}

// outside runs what an object keeps the result of: once for each object, so
// only in the loops that made the object.
func (it *interp) outside(loops []*loop, f func() value) value {
	saved := it.loops
	it.loops = it.loops[:it.shared(loops):it.shared(loops)]
	v := f()
	it.loops = saved
	return v
}

// getter returns the first definition of a property: of several, those that
// follow are its setter and deleter.
func (it *interp) getter(def *syntax.FunctionDef, k *class) *syntax.FunctionDef {
	for _, b := range k.scope().names[def.Name] {
		if d, ok := b.stmt.(*syntax.FunctionDef); ok {
			return d
		}
	}
	return def
}

func (it *interp) cachedProperty(m *module, def *syntax.FunctionDef) bool {
	for _, d := range def.Decorators {
		if strings.HasSuffix(it.decorator(m, d), "cached_property") {
			return true
		}
	}
	return false
}

// cached returns what an attribute of rows gave before, where it is sure to
// have been asked, else what f gives now.
func (it *interp) cached(state *rowState, name string, f func() value) value {
	if c := state.cached[name]; c != nil && within(c.branch, it.branch) {
		return c.value
	}
	v := f()
	it.remember(state, name, v, nil)
	return v
}

func (it *interp) remember(state *rowState, name string, v value, lazy *lazyRead) {
	if state.cached == nil {
		state.cached = map[string]*cachedValue{}
	}
	state.cached[name] = &cachedValue{value: v, branch: it.branch[:len(it.branch):len(it.branch)], lazy: lazy}
}
