package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

func isAdmin(k *class) bool {
	return k != nil && k.inherits("django.contrib.admin.ModelAdmin", "django.contrib.admin.TabularInline", "django.contrib.admin.StackedInline",
		"django.contrib.contenttypes.admin.GenericTabularInline", "django.contrib.contenttypes.admin.GenericStackedInline")
}

// An adminPage is a model with the class that shows it; class is nil for
// admin.site.register(Model).
type adminPage struct {
	class *class
	model *class
	at    syntax.Node // where it is registered or declared
}

// adminRoots are the lists of rows that the admin shows, and the rows below a
// model's own page.
func (p *Project) adminRoots(m *module) []root {
	var list []root
	for n, page := range p.adminPages(m) {
		list = append(list, root{
			id: m.path + ":" + itoa(n) + " admin", module: m, class: page.class,
			run: func(it *interp) { it.changelist(page) },
		})
		list = append(list, p.inlineRoots(m, page)...)
	}
	return list
}

func (p *Project) adminPages(m *module) []adminPage {
	var list []adminPage
	for _, k := range p.classesIn(m) {
		for _, d := range k.def.Decorators {
			c, ok := d.(*syntax.Call)
			if !ok || p.resolveExpr(m, c.Func).path != "django.contrib.admin.register" || !isAdmin(k) {
				continue
			}
			for _, a := range c.Args {
				if s := p.resolveExpr(m, a.Value); a.Name == "" && s.kind == classSymbol {
					list = append(list, adminPage{k, s.class, &nameSpot{k.def.NamePos}})
				}
			}
		}
	}
	for _, s := range m.file().Body {
		if x, ok := s.(*syntax.ExprStmt); ok {
			if c, ok := x.X.(*syntax.Call); ok {
				list = append(list, p.registerCall(m, c)...)
			}
		}
	}
	return list
}

// registerCall reads admin.site.register(Model, ModelAdmin).
func (p *Project) registerCall(m *module, c *syntax.Call) []adminPage {
	a, ok := c.Func.(*syntax.Attribute)
	if !ok || a.Attr != "register" || len(c.Args) == 0 || !strings.HasSuffix(strings.ToLower(dottedOf(a.X)), "site") {
		return nil
	}
	var page adminPage
	page.at = c
	for i, arg := range c.Args[1:] {
		if i == 0 && arg.Name == "" || arg.Name == "admin_class" {
			s := p.resolveExpr(m, arg.Value)
			if s.kind != classSymbol || !isAdmin(s.class) || s.class.module != m || s.class.def == nil {
				return nil
			}
			page.class, page.at = s.class, &nameSpot{s.class.def.NamePos}
		}
	}
	models := []syntax.Expr{c.Args[0].Value}
	if s, ok := c.Args[0].Value.(*syntax.Sequence); ok {
		models = s.Elts
	}
	var list []adminPage
	for _, x := range models {
		if s := p.resolveExpr(m, x); s.kind == classSymbol {
			page.model = s.class
			list = append(list, page)
		}
	}
	return list
}

// changelist shows a page of rows with the columns of list_display.
func (it *interp) changelist(page adminPage) {
	m := it.p.modelOf(page.model)
	if m == nil {
		return
	}
	at := &spot{it.span(page.at)}
	self := &instance{class: page.class, attrs: map[string]value{"model": page.model}}
	c := &call{at: at, args: []value{nil}, open: true}
	var rows value
	if page.class != nil {
		it.frame.name = page.class.name
		rows = it.instanceCall(self, "get_queryset", c)
		made(rows, at.span, source.ByList)
	} else if q := it.defaultRows(page.model, at.span); q != nil {
		q.fact.Made = source.Unnamed
		rows = q
	}
	columns, place := it.columnsShown(self, at)
	for _, q := range pick[*queryset](settle(rows)) {
		d := it.derive(q, nil)
		it.adminJoins(self, d, columns, at)
		item := it.enter("admin", place.span, d, place)
		for _, v := range columns {
			it.adminColumn(self, item, v, place)
		}
		it.leave()
	}
}

// columnsShown is list_display and where it stands.
func (it *interp) columnsShown(self *instance, at *spot) ([]value, *spot) {
	if self.class == nil {
		return []value{constant{textConstant, "__str__"}}, at
	}
	var v value
	place := at
	if def, k := self.class.method("get_list_display"); def != nil {
		v = it.call(it.boundTo(def, k, self), &call{at: at, args: []value{nil}})
	} else if x, ok := self.class.lookup("list_display"); ok && x.value != nil {
		place = &spot{x.class.module.span(x.value)}
		v = it.memberValue(x, self, at)
	} else {
		return []value{constant{textConstant, "__str__"}}, at
	}
	s, ok := v.(*sequence)
	if !ok {
		return nil, place
	}
	return s.elts, place
}

// adminJoins adds what the admin joins by itself: list_select_related or, where
// a column is a foreign key, as Django's version has it. It stands in no
// expression, so the query's own chain does not show it.
func (it *interp) adminJoins(self *instance, q *queryset, columns []value, at *spot) {
	add := func(path string) { q.loads = append(q.loads, load{path: path, join: true}) }
	var chosen value
	if self.class != nil {
		if def, k := self.class.method("get_list_select_related"); def != nil {
			chosen = it.call(it.boundTo(def, k, self), &call{at: at, args: []value{nil}})
		} else if v, ok := it.member(self.class, "list_select_related", self, at); ok {
			chosen = v
		}
	}
	if chosen == value(constant{nameConstant, "True"}) {
		add("")
		return
	}
	if list, ok := it.textList(chosen); ok {
		for _, path := range list {
			add(path)
		}
		return
	}
	var keys []string
	for _, v := range columns {
		if name, ok := textOf(v); ok && q.model != nil && isForward(q.model.Field(name), name) {
			keys = append(keys, name)
		}
	}
	if len(keys) == 0 {
		return
	}
	q.fact.Joined = keys
	if !it.p.atLeast(6, 1) {
		add("")
		return
	}
	for _, name := range keys {
		add(name)
	}
}

func isForward(f *schema.Field, name string) bool {
	return f != nil && f.Name == name && f.Relation != nil && !f.Relation.Many && f.Column != ""
}

// adminColumn shows one column of a row.
func (it *interp) adminColumn(self *instance, row, column value, place *spot) {
	name, isText := textOf(column)
	if !isText {
		it.call(column, &call{at: place, args: []value{row}})
		return
	}
	if name == "__str__" {
		it.printed(row, place)
		return
	}
	if self.class != nil {
		if def, k := self.class.method(name); def != nil {
			v := it.call(it.boundTo(def, k, self), &call{at: place, args: []value{row}})
			it.printed(v, place)
			return
		}
		if _, ok := self.class.lookup(name); ok {
			return
		}
	}
	v := row
	for _, part := range strings.Split(name, "__") {
		v = it.evalAttr(v, part, place)
	}
	it.printed(v, place)
}

// adminMethod is a method that a ModelAdmin has from Django.
func (it *interp) adminMethod(i *instance, name string, c *call) (value, bool) {
	switch name {
	case "get_queryset":
		for _, k := range pick[*class](i.attrs["model"]) {
			if q := it.defaultRows(k, it.span(c.at)); q != nil {
				return q, true
			}
		}
		if x, ok := i.class.lookup("model"); ok && x.value != nil {
			for _, k := range pick[*class](it.memberValue(x, i, c.at)) {
				if q := it.defaultRows(k, it.span(c.at)); q != nil {
					return q, true
				}
			}
		}
		return nil, true
	case "get_list_display", "get_list_select_related", "has_change_permission", "has_view_permission", "message_user":
		return nil, true
	}
	return nil, false
}
