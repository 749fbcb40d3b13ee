package django

import (
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// inlineRoots are the rows that a model's change page shows below it: for each
// class of inlines one query, and of each row its __str__ and its
// readonly_fields.
func (p *Project) inlineRoots(m *module, page adminPage) []root {
	if page.class == nil {
		return nil
	}
	x, ok := page.class.lookup("inlines")
	if !ok || x.value == nil {
		return nil
	}
	classes, ok := x.value.(*syntax.Sequence)
	if !ok {
		return nil // made by a call or a sum: not known
	}
	var list []root
	for _, e := range classes.Elts {
		s := p.resolveExpr(x.class.module, e)
		if s.kind != classSymbol || !isAdmin(s.class) || s.class.def == nil {
			continue
		}
		inline := s.class
		list = append(list, root{
			id: inline.module.path + ":" + inline.name + " inline of " + page.model.name, module: inline.module, class: inline,
			run: func(it *interp) { it.inlineRows(inline, page.model) },
		})
	}
	return list
}

// inlineRows shows the rows of one inline. The formset sets each row's foreign
// key to the parent, so that reading it is free.
func (it *interp) inlineRows(inline, parent *class) {
	x, ok := inline.lookup("model")
	if !ok || x.value == nil {
		return
	}
	place := &spot{x.class.module.span(x.value)}
	it.frame.name = inline.name
	self := &instance{class: inline, attrs: map[string]value{}}
	rows := it.instanceCall(self, "get_queryset", &call{at: place, args: []value{nil}, open: true})
	made(rows, place.span, source.ByInline)
	for _, q := range pick[*queryset](settle(rows)) {
		d := it.derive(q, nil)
		it.knownParent(self, d, parent)
		item := it.enter("admin", place.span, d, place)
		it.printed(item, place)
		for _, v := range it.readonlyFields(self, place) {
			it.adminColumn(self, item, v, place)
		}
		it.leave()
	}
}

// knownParent marks the foreign key from an inline's rows to the parent.
func (it *interp) knownParent(self *instance, q *queryset, parent *class) {
	target := it.p.modelOf(parent)
	if q.model == nil || target == nil {
		return
	}
	name := ""
	if v, ok := it.member(self.class, "fk_name", self, &spot{}); ok {
		name, _ = textOf(v)
	}
	for _, f := range q.model.Fields {
		if f.Relation != nil && f.Relation.Target == target && !f.Relation.Many && (name == "" || f.Name == name) {
			q.loads = append(q.loads, load{path: f.Name, join: true})
		}
	}
}

func (it *interp) readonlyFields(self *instance, place *spot) []value {
	x, ok := self.class.lookup("readonly_fields")
	if !ok || x.value == nil {
		return nil
	}
	s, ok := it.memberValue(x, self, place).(*sequence)
	if !ok {
		return nil
	}
	return s.elts
}
