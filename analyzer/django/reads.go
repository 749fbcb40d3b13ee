package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A spot is a place that is no node of a Python tree: a tag of a template, a
// field of a serializer.
type spot struct{ span source.Span }

// Pos is not for spots: their span is complete.
func (*spot) Pos() syntax.Range { return syntax.Range{} }

// attribute is e, of which v is the value before the dot.
func (it *interp) attribute(v value, e *syntax.Attribute) value {
	if isBlank(v) && e.Attr == "user" && namesRequest(e.X) {
		return it.requestUser()
	}
	if u, ok := v.(union); ok {
		var out value
		for i, x := range u {
			a := it.attrOf(x, e.Attr, e)
			if i == 0 {
				out = a
				continue
			}
			out = it.join(out, a)
		}
		return out
	}
	return it.attrOf(v, e.Attr, e)
}

// namesRequest reports whether e is request or self.request.
func namesRequest(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Name:
		return e.ID == "request"
	case *syntax.Attribute:
		return e.Attr == "request"
	}
	return false
}

func (it *interp) requestUser() value {
	m := it.rec.user
	if m == nil {
		return nil
	}
	return &row{model: m, state: &rowState{}}
}

// attrOf returns v.name, and records what reading it does. at is where.
func (it *interp) attrOf(v value, name string, at syntax.Node) value {
	switch v := v.(type) {
	case *row:
		return it.rowAttr(v, name, at)
	case *instance:
		return it.instanceAttr(v, name, at)
	case *class:
		return it.classAttr(v, name, at)
	case *module:
		return it.moduleAttr(v, name)
	case external:
		return external(canonical(string(v) + "." + name))
	case *managerValue:
		if name == "model" && v.model != nil {
			return it.classOrNil(v.model)
		}
		if p, ok := it.member(v.class, name, v, at); ok {
			return p
		}
	case *queryset:
		if name == "model" && v.model != nil {
			return it.classOrNil(v.model)
		}
		if p, ok := it.member(v.class, name, v, at); ok {
			return p
		}
	case *superOf:
		if x, ok := it.above(v, name); ok {
			return it.memberValue(x, v.self, at)
		}
		return it.attrOf(baseOf(v), name, at)
	case *page:
		return it.pageAttr(v, name)
	case *opaque:
		return v
	case nil:
		return nil
	case union:
		return nil
	}
	node, _ := at.(*syntax.Attribute)
	return &method{self: v, name: name, node: node}
}

func baseOf(s *superOf) value {
	if i, ok := s.self.(*instance); ok {
		return &instance{base: "builtins.object", attrs: i.attrs, class: nil}
	}
	return nil
}

func (it *interp) classOrNil(m *schema.Model) value {
	if c := it.classOfModel(m); c != nil {
		return c
	}
	return nil
}

// rowAttr is an attribute of a model instance.
func (it *interp) rowAttr(r *row, name string, at syntax.Node) value {
	if v, ok := r.state.extra[name]; ok {
		it.read(r, name, at)
		return v
	}
	if e := r.state.eager; e != nil && e.next[name] != nil && e.next[name].toAttr {
		return it.toAttr(r, name, at)
	}
	if v := r.state.cached[name]; v != nil && v.lazy == nil && within(v.branch, it.branch) {
		return it.alias(v.value, r)
	}
	var f *schema.Field
	if r.model != nil {
		f = r.model.Field(name)
	}
	if f == nil {
		return it.otherAttr(r, name, at)
	}
	if isKey(r.model, f, name) {
		it.readKey(r, at)
		it.read(r, name, at)
		return unknown(r.deps)
	}
	if r.from != nil {
		r.from.uses++ // more than its key is wanted
	}
	if f.Relation == nil || name != f.Name {
		return it.column(r, f, name, at)
	}
	if f.Relation.Many {
		return it.related(r, f, at)
	}
	return it.follow(r, f, at)
}

// isKey reports whether reading the name gives the primary key alone.
func isKey(m *schema.Model, f *schema.Field, name string) bool {
	if name == "pk" {
		return true
	}
	return len(m.PrimaryKey) == 1 && m.PrimaryKey[0] == f.Name && (f.Relation == nil || name != f.Name)
}

// otherAttr is an attribute that is no field: a method, a property, an
// annotation.
func (it *interp) otherAttr(r *row, name string, at syntax.Node) value {
	if v, ok := it.member(it.classOfModel(r.model), name, r, at); ok {
		return v
	}
	if name == "__dict__" {
		it.escape(r, at, "its __dict__ is read")
		return nil
	}
	node, _ := at.(*syntax.Attribute)
	m := &method{self: r, name: name, node: node}
	if strings.HasPrefix(name, "_") || rowMethods[name] || strings.HasPrefix(name, "get_") {
		return m
	}
	it.read(r, name, at)
	return unknown(r.deps)
}

// column reads a column, which may have been left out by only() or defer().
func (it *interp) column(r *row, f *schema.Field, name string, at syntax.Node) value {
	it.read(r, name, at)
	e := r.state.eager
	if e == nil || r.state.set[f.Name] || !e.leavesOut(f.Name) {
		return unknown(r.deps)
	}
	it.cached(r.state, "column "+f.Name, func() value {
		it.fetch(fetchOf{op: source.Deferred, at: at, row: r, model: r.model, lazy: true, fields: []string{f.Name}})
		return none
	})
	return unknown(r.deps)
}

func (e *eager) leavesOut(name string) bool {
	return e.only != nil && !e.only[name] || e.deferred[name]
}

// read records that a column of a row is read.
func (it *interp) read(r *row, name string, at syntax.Node) { it.touch(r, name, at, false) }

func (it *interp) touch(r *row, name string, at syntax.Node, write bool) {
	if it.muted > 0 || at == nil {
		return
	}
	for _, o := range r.origins {
		it.rec.read(o.fact, source.Read{
			Path: o.path, Field: name, Span: it.span(at), Loop: it.shared(r.loops) > 0 && r.many, Write: write,
		})
	}
}

// follow reads a relation to one row.
func (it *interp) follow(r *row, f *schema.Field, at syntax.Node) value {
	if c := r.state.cached[f.Name]; c != nil && within(c.branch, it.branch) {
		if c.lazy != nil {
			c.lazy.uses++
		}
		return it.alias(c.value, r)
	}
	to := it.target(r, f)
	lazy := &lazyRead{uses: 1, owner: r.model, field: f}
	to.from = lazy
	if child := r.state.eager.along(f); child != nil {
		to.state.eager = child
		it.mark(child)
		lazy.fetch = it.fetch(fetchOf{op: source.Related, at: at, row: r, via: f.Name, model: to.model, lazy: true, covered: true})
	} else if f.Relation.Kind != "mti_parent" {
		lazy.fetch = it.fetch(fetchOf{
			op: source.Related, at: at, row: r, via: f.Name, model: to.model, lazy: true, covered: it.p.AutoPrefetch,
		})
	}
	if lazy.fetch != nil {
		it.rec.lazies = append(it.rec.lazies, lazy)
	}
	it.remember(r.state, f.Name, to, lazy)
	return to
}

// target is the row that a relation leads to.
func (it *interp) target(r *row, f *schema.Field) *row {
	to := &row{
		model: f.Relation.Target, state: &rowState{}, loops: r.loops, hops: r.hops, many: r.many, deps: r.deps,
	}
	for _, o := range r.origins {
		to.origins = append(to.origins, origin{o.fact, append(o.path[:len(o.path):len(o.path)], f.Name)})
	}
	inverse := f.Relation.Inverse
	if inverse != nil && inverse.Relation != nil && !inverse.Relation.Many {
		to.state.cached = map[string]*cachedValue{inverse.Name: {value: r, branch: it.branch[:len(it.branch):len(it.branch)]}}
	}
	return to
}

// along returns what is loaded with rows along a field, nil when it is not.
func (e *eager) along(f *schema.Field) *eager {
	if e == nil {
		return nil
	}
	if n := e.next[f.Name]; n != nil && !n.toAttr {
		return n
	}
	if e.everything && f.Column != "" && !f.Null {
		return &eager{join: true, everything: true, marks: e.marks}
	}
	return nil
}

// mark tells the queries that an entry of their eager loading is used.
func (it *interp) mark(e *eager) {
	for _, m := range e.marks {
		if m.index < len(m.fact.Eager) {
			m.fact.Eager[m.index].Used = true
		}
	}
}

// readKey counts a read of a row's key. Of book.author.id it prepares the note
// that book.author_id is at hand.
func (it *interp) readKey(r *row, at syntax.Node) {
	lazy := r.from
	if lazy == nil {
		return
	}
	lazy.keys++
	e, ok := at.(*syntax.Attribute)
	f := lazy.field
	if !ok || it.muted > 0 || f.Column == "" || f.Relation.ToField != "" {
		return
	}
	x, ok := e.X.(*syntax.Attribute)
	if !ok || x.Attr != f.Name {
		return
	}
	m := it.frame.module
	lazy.notes = append(lazy.notes, source.Note{
		Kind: source.KeyByJoin, Span: m.span(e), Function: it.frame.name, Model: label(lazy.owner), Name: f.Name,
		Replacement: m.file().Source(x.X) + "." + f.Name + "_id", Entries: it.entries(),
	})
}

// keyOnly counts a use of a row for which its key would do.
func (it *interp) keyOnly(v value) {
	for _, r := range pick[*row](v) {
		if r.from != nil {
			r.from.keys++
		}
	}
}

// toAttr is what Prefetch(to_attr=…) left on a row: a list.
func (it *interp) toAttr(r *row, name string, _ syntax.Node) value {
	e := r.state.eager.next[name]
	it.mark(e)
	elem := &row{state: &rowState{eager: e}, loops: r.loops, hops: r.hops, many: true, deps: r.deps}
	if e.field != nil {
		knownOwner(elem, e.field, r)
	}
	for _, o := range r.origins {
		elem.origins = append(elem.origins, origin{o.fact, append(o.path[:len(o.path):len(o.path)], name)})
	}
	if e.rows != nil {
		elem.model = e.rows.model
		elem.origins = append(elem.origins, origin{e.rows.fact, nil})
		it.use(e.rows.fact)
	}
	return &sequence{kind: syntax.ListSeq, elem: elem, deps: r.deps}
}

// related is the manager of a relation to several rows.
func (it *interp) related(r *row, f *schema.Field, at syntax.Node) value {
	m := &managerValue{model: f.Relation.Target, row: r, field: f}
	m.class, m.query = it.defaultManager(f.Relation.Target)
	m.root = it.span(at)
	return m
}

// alias gives a row that is reached from r again r's place.
func (it *interp) alias(v value, r *row) value {
	x, ok := v.(*row)
	if !ok || x == r || slices.Equal(x.loops, r.loops) {
		return v
	}
	again := *x
	again.loops, again.hops, again.deps, again.many = r.loops, r.hops, r.deps, r.many
	return &again
}

// assignAttribute is x.name = v.
func (it *interp) assignAttribute(t *syntax.Attribute, v value) {
	for _, x := range each(it.eval(t.X)) {
		switch x := x.(type) {
		case *row:
			it.assignRow(x, t, v)
		case *instance:
			if x.attrs == nil {
				x.attrs = map[string]value{}
			}
			if old, ok := x.attrs[t.Attr]; ok && (len(it.branch) > 0 || len(it.loops) > 0) {
				v = it.joinNamed(old, v)
			}
			x.attrs[t.Attr] = v
		case *class, *module, *function, *bound:
		default:
			it.escape(v, t, "stored on an object that is not known")
		}
	}
}

// assignRow is row.field = v: a read of it gives v from now on.
func (it *interp) assignRow(r *row, t *syntax.Attribute, v value) {
	it.touch(r, t.Attr, t, true)
	if r.state.set == nil {
		r.state.set = map[string]bool{}
	}
	var f *schema.Field
	if r.model != nil {
		f = r.model.Field(t.Attr)
	}
	if f == nil {
		if k := it.classOfModel(r.model); k != nil {
			if _, ok := k.lookup(t.Attr); ok {
				return
			}
		}
		if r.state.extra == nil {
			r.state.extra = map[string]value{}
		}
		if old, ok := r.state.extra[t.Attr]; ok {
			v = it.join(old, v)
		}
		r.state.extra[t.Attr] = v
		return
	}
	r.state.set[f.Name] = true
	if f.Relation == nil || f.Relation.Many {
		return
	}
	if t.Attr != f.Name {
		delete(r.state.cached, f.Name)
		return
	}
	it.remember(r.state, f.Name, v, nil)
}
