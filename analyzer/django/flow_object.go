package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// construct is class(…).
func (it *interp) construct(k *class, c *call) value {
	if m := it.p.modelOf(k); m != nil {
		r := it.newRow(m)
		it.fillRow(r, c)
		return r
	}
	if k.inherits("django.db.models.QuerySet") {
		return it.queryOver(k, c)
	}
	i := &instance{class: k, args: c, attrs: map[string]value{}, deps: c.deps(), loops: slices.Clone(it.loops)}
	if def, owner := k.method("__init__"); def != nil {
		it.call(it.boundTo(def, owner, i), c)
		return i
	}
	if it.dataclass(k) {
		it.fillFields(i, k, c)
		return i
	}
	if v, ok := it.frameworkObject(i, c); ok {
		return v
	}
	if unseenBases(k) {
		it.escapeAll(c, "passed to "+k.name+"(), whose base is not in the source")
	}
	return i
}

// unseenBases reports whether a class inherits code that is not in the source.
func unseenBases(k *class) bool {
	for _, e := range k.external() {
		switch {
		case strings.HasPrefix(e, "builtins."), strings.HasPrefix(e, "typing."), strings.HasPrefix(e, "abc."),
			strings.HasPrefix(e, "enum."), strings.HasPrefix(e, "django.db.models.Manager"):
		default:
			return true
		}
	}
	return k.lineage().unknown
}

// queryOver is BookQuerySet(model).
func (it *interp) queryOver(k *class, c *call) value {
	m := &managerValue{query: k}
	if v, ok := c.arg(0, "model"); ok {
		if mc, ok := v.(*class); ok {
			m.model = it.p.modelOf(mc)
		}
	}
	if c.at != nil {
		m.root = it.span(c.at)
	}
	return it.rooted(m, nil)
}

func (it *interp) dataclass(k *class) bool {
	if k.def == nil {
		return false
	}
	for _, d := range k.def.Decorators {
		if name := it.decorator(k.module, d); strings.HasSuffix(name, "dataclass") || strings.HasPrefix(name, "attr") {
			return true
		}
	}
	return k.inherits("typing.NamedTuple") || k.inherits("pydantic.BaseModel")
}

// fillFields gives a dataclass its arguments, in the order of its annotations.
func (it *interp) fillFields(i *instance, k *class, c *call) {
	n := 0
	if k.def != nil {
		for _, s := range k.def.Body {
			a, ok := s.(*syntax.Assign)
			if !ok || a.Annotation == nil || len(a.Targets) != 1 {
				continue
			}
			if name, ok := a.Targets[0].(*syntax.Name); ok && n < len(c.args) {
				i.attrs[name.ID] = c.args[n]
				n++
			}
		}
	}
	for _, kw := range c.keywords {
		i.attrs[kw.name] = kw.value
	}
}

// fillRow gives a new row its fields: relations that are given need no query.
func (it *interp) fillRow(r *row, c *call) {
	r.state.set = map[string]bool{}
	for _, k := range c.keywords {
		if r.model == nil {
			break
		}
		f := r.model.Field(k.name)
		if f == nil {
			continue
		}
		r.state.set[f.Name] = true
		if f.Relation != nil && f.Name == k.name && !f.Relation.Many {
			it.remember(r.state, f.Name, k.value, nil)
		}
	}
}

// classAttr is an attribute of a class.
func (it *interp) classAttr(k *class, name string, at syntax.Node) value {
	if m := it.p.modelOf(k); m != nil {
		if v := it.modelManager(m, name, at); v != nil {
			return v
		}
		if name == "DoesNotExist" || name == "MultipleObjectsReturned" {
			return external("django.core.exceptions.ObjectDoesNotExist")
		}
	}
	if v, ok := it.member(k, name, k, at); ok {
		return v
	}
	if name == "__name__" || name == "_meta" {
		return nil
	}
	for _, e := range k.external() {
		if e != "builtins.object" {
			return external(e + "." + name)
		}
	}
	return nil
}

// modelManager is Book.objects, nil when the name is no manager.
func (it *interp) modelManager(m *schema.Model, name string, at syntax.Node) value {
	if name == "_default_manager" || name == "_base_manager" {
		v := &managerValue{model: m, root: it.span(at)}
		if name == "_default_manager" {
			v.class, v.query = it.defaultManager(m)
		}
		return v
	}
	for _, x := range it.managersOf(m) {
		if x.name == name {
			v := &managerValue{model: m, root: it.span(at)}
			v.class, v.query = managerClasses(x)
			return v
		}
	}
	if name == "objects" && it.p.classFor(m) == nil {
		return &managerValue{model: m, root: it.span(at)}
	}
	return nil
}

// managerClasses returns the classes of a manager and of its querysets.
func managerClasses(x manager) (k, query *class) {
	k, query = x.class.class, x.queryset.class
	if k == nil {
		return nil, query
	}
	for _, c := range k.mro() {
		if query == nil && len(c.made) == 2 {
			query = c.made[1].class
		}
	}
	return k, query
}

func (it *interp) defaultManager(m *schema.Model) (k, query *class) {
	if m == nil {
		return nil, nil
	}
	for _, x := range it.managersOf(m) {
		if x.name == m.DefaultManager || m.DefaultManager == "" {
			return managerClasses(x)
		}
	}
	return nil, nil
}

// classCall is class.name(…).
func (it *interp) classCall(k *class, name string, attr *syntax.Attribute, c *call) value {
	var at syntax.Node = c.at
	if attr != nil {
		at = attr
	}
	if def, _ := k.method(name); def == nil {
		switch {
		case name == "as_view":
			return nil
		case name == "as_manager", name == "from_queryset":
			return nil
		}
		if m := it.p.modelOf(k); m != nil && (name == "save" || name == "full_clean") {
			return nil
		}
	}
	return it.call(it.classAttr(k, name, at), c)
}

// instanceAttr is an attribute of an object.
func (it *interp) instanceAttr(i *instance, name string, at syntax.Node) value {
	if v, ok := i.attrs[name]; ok {
		return it.taken(v, i.deps)
	}
	if name == "__class__" && i.class != nil {
		return i.class
	}
	if name == "__dict__" {
		it.escape(i, at, "its __dict__ is read")
		return nil
	}
	if v, ok := it.member(i.class, name, i, at); ok {
		return v
	}
	if v, ok := it.assigned(i, name); ok {
		return v
	}
	if v, ok := it.frameworkMember(i, name, at); ok {
		return v
	}
	if i.base != "" {
		node, _ := at.(*syntax.Attribute)
		return &method{self: i, name: name, node: node}
	}
	return unknown(i.deps)
}

// assigned looks for the method that assigns self.name, and runs it for its
// values.
func (it *interp) assigned(i *instance, name string) (value, bool) {
	if i.class == nil || i.asked[name] || i.attrs == nil || it.muted > maxNestedAsks {
		return nil, false
	}
	if i.asked == nil {
		i.asked = map[string]bool{}
	}
	i.asked[name] = true
	for _, k := range i.class.mro() {
		for _, n := range k.scope().order {
			def, _ := k.own(n)
			fn, ok := def.stmt.(*syntax.FunctionDef)
			if !ok || it.running[fn] > 0 || !it.relevant.assigns(fn, name) {
				continue
			}
			it.muted++
			it.call(it.boundTo(fn, k, i), &call{open: true})
			it.muted--
			if v, ok := i.attrs[name]; ok {
				return v, true
			}
		}
	}
	return nil, false
}

// maxNestedAsks is how deep the search for who assigns an attribute goes.
const maxNestedAsks = 3

// assigns reports whether a method assigns self.name.
func (r *relevance) assigns(fn *syntax.FunctionDef, name string) bool {
	if names, ok := r.assigned.Load(fn); ok {
		return names.(map[string]bool)[name]
	}
	names := map[string]bool{}
	syntax.WalkBody(fn.Body, func(n syntax.Node) bool {
		if a, ok := n.(*syntax.Assign); ok {
			for _, t := range a.Targets {
				collectSelf(t, names)
			}
		}
		return true
	})
	r.assigned.Store(fn, names)
	return names[name]
}

func collectSelf(t syntax.Expr, names map[string]bool) {
	switch t := t.(type) {
	case *syntax.Attribute:
		if n, ok := t.X.(*syntax.Name); ok && n.ID == "self" {
			names[t.Attr] = true
		}
	case *syntax.Sequence:
		for _, x := range t.Elts {
			collectSelf(x, names)
		}
	}
}

// instanceCall is object.name(…).
func (it *interp) instanceCall(i *instance, name string, c *call) value {
	if v, ok := i.attrs[name]; ok {
		return it.call(v, c)
	}
	if i.class != nil {
		if _, ok := i.class.lookup(name); ok {
			v, _ := it.member(i.class, name, i, c.at)
			return it.call(v, c)
		}
	}
	if v, ok := it.libraryMethod(i, name, c); ok {
		return v
	}
	if v, ok := it.frameworkMethod(i, name, c); ok {
		return v
	}
	if isExpression(i) {
		return i
	}
	return it.unknownCall(name, i.deps, c)
}

// super is super() and super(Class, self).
func (it *interp) super(e *syntax.Call) value {
	f := it.frame
	for f != nil && (f.fn == nil || f.fn.class == nil) {
		f = f.outer
	}
	for _, a := range e.Args {
		it.eval(a.Value)
	}
	if f == nil || f.fn.def == nil || len(f.fn.def.Params) == 0 {
		return nil
	}
	self, _ := f.env.lookup(f.fn.def.Params[0].Name)
	return &superOf{class: f.fn.class, self: self}
}

// above returns the next attribute of that name in the order of the object's
// own class.
func (it *interp) above(s *superOf, name string) (member, bool) {
	order := s.class.mro()
	switch self := s.self.(type) {
	case *instance:
		if self.class != nil {
			order = self.class.mro()
		}
	case *row:
		if k := it.p.classFor(self.model); self.model != nil && k != nil {
			order = k.mro()
		}
	case *managerValue:
		if self.class != nil {
			order = self.class.mro()
		}
	case *queryset:
		if self.class != nil {
			order = self.class.mro()
		}
	case *class:
		order = self.mro()
	}
	passed := false
	for _, k := range order {
		if passed {
			if x, ok := k.own(name); ok {
				return x, true
			}
		}
		passed = passed || k == s.class
	}
	return member{}, false
}

// superCall is super().name(…).
func (it *interp) superCall(s *superOf, name string, attr *syntax.Attribute, c *call) value {
	if x, ok := it.above(s, name); ok {
		return it.call(it.memberValue(x, s.self, c.at), c)
	}
	switch self := s.self.(type) {
	case *managerValue:
		m := *self
		m.class, m.base = nil, true
		return it.managerCall(&m, name, attr, c)
	case *queryset:
		q := *self
		q.class = nil
		v := it.querysetCall(&q, name, attr, c)
		if out, ok := v.(*queryset); ok {
			out.class = self.class
		}
		return v
	case *row:
		return it.plainRowCall(self, name, c)
	case *instance:
		if name == "__init__" {
			if v, ok := it.frameworkMethod(self, name, c); ok {
				return v
			}
			if unseenBases(s.class) {
				it.escapeAll(c, "passed to super().__init__(), which is not in the source")
			}
			return none
		}
		if v, ok := it.frameworkMethod(self, name, c); ok {
			return v
		}
		return it.unknownCall("super()."+name, self.deps, c)
	}
	return it.unknownCall("super()."+name, 0, c)
}
