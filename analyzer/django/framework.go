package django

import (
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// frameworkCall calls a function or class of Django or DRF that does something
// with querysets besides what djangoCall knows.
func (it *interp) frameworkCall(name string, c *call) (value, bool) {
	switch name {
	case "django.http.JsonResponse", "django.http.HttpResponse", "rest_framework.response.Response":
		it.escapeAll(c, "passed to "+lastName(name)+"()")
		return nil, true
	case "django.shortcuts.render", "django.template.response.TemplateResponse":
		it.renderCall(c, 1)
		return nil, true
	case "django.template.loader.render_to_string", "django.template.response.SimpleTemplateResponse":
		it.renderCall(c, 0)
		return nil, true
	case "django.template.loader.get_template", "django.template.loader.select_template":
		v, _ := c.arg(0, "template_name")
		return &instance{base: "template", attrs: map[string]value{"name": v}}, true
	}
	return nil, false
}

// renderCall is render() and its kin; the template's name is argument n.
func (it *interp) renderCall(c *call, n int) {
	name, _ := c.arg(n, "template_name")
	if name == nil {
		name, _ = c.arg(-1, "template")
	}
	context, _ := c.arg(n+1, "context")
	it.renderAt(name, context, c.at)
}

// renderAt renders the template of a name, or the first of several that there
// is.
func (it *interp) renderAt(name, context value, at syntax.Node) {
	var names []string
	for _, v := range each(name) {
		if t, ok := textOf(v); ok {
			names = append(names, t)
		}
		if s, ok := v.(*sequence); ok {
			for _, x := range s.elts {
				if t, ok := textOf(x); ok {
					names = append(names, t)
				}
			}
		}
	}
	it.render(names, context, it.span(at))
}

// frameworkObject is an object of a class that inherits from Django or DRF.
func (it *interp) frameworkObject(i *instance, c *call) (value, bool) {
	return i, isSerializer(i.class) || isForm(i) || isView(i.class)
}

// frameworkMember is an attribute of such an object that the source does not
// define.
func (it *interp) frameworkMember(i *instance, name string, at syntax.Node) (value, bool) {
	switch {
	case isSerializer(i.class):
		return it.serializerMember(i, name, at)
	case isView(i.class):
		return it.viewMember(i, name)
	}
	return nil, false
}

// frameworkMethod is a method of such an object that the source does not define.
func (it *interp) frameworkMethod(i *instance, name string, c *call) (value, bool) {
	switch {
	case i.base == "template" && name == "render":
		context, _ := c.arg(0, "context")
		it.renderAt(i.attrs["name"], context, c.at)
		return nil, true
	case isSerializer(i.class):
		return it.serializerMethod(i, name, c)
	case isForm(i):
		return nil, name == "__init__"
	case isAdmin(i.class):
		return it.adminMethod(i, name, c)
	case isView(i.class):
		return it.viewMethod(i, name, c)
	}
	return nil, false
}

// frameworkIterated is what iterating over such an object gives.
func (it *interp) frameworkIterated(i *instance, _ syntax.Node) (value, bool) {
	if !isForm(i) {
		return nil, false
	}
	s := &sequence{kind: syntax.ListSeq, literal: true}
	for _, name := range it.formFields(i) {
		s.elts = append(s.elts, it.formPart(i, name, nil))
	}
	return s, true
}

// frameworkRoots are roots besides the functions of the source: class-based
// views, and the pages of the admin.
func (p *Project) frameworkRoots() []root {
	var list []root
	for _, m := range p.modules {
		if m.test && !p.options.Tests || !m.analyse {
			continue
		}
		list = append(list, p.viewRoots(m)...)
		list = append(list, p.adminRoots(m)...)
	}
	return list
}

// frameworkNames are the classes whose objects come upon rows though the code
// that makes them names no model: forms and serializers.
func (p *Project) frameworkNames() []string {
	var names []string
	for _, m := range p.modules {
		if !m.analyse || m.test && !p.options.Tests || len(m.heads) == 0 {
			continue
		}
		for _, k := range p.classesIn(m) {
			if isSerializer(k) || isAny(k, formBases) {
				names = append(names, k.name)
			}
		}
	}
	return names
}

// classesIn lists the classes of a module's top level.
func (p *Project) classesIn(m *module) []*class {
	var list []*class
	for _, s := range m.file().Body {
		if def, ok := s.(*syntax.ClassDef); ok {
			list = append(list, p.classOf(m, def))
		}
	}
	return list
}

// defaultRows is what a model's default manager gives, named at a place where
// no queryset stands.
func (it *interp) defaultRows(k *class, at source.Span) *queryset {
	m := it.p.modelOf(k)
	if m == nil {
		return nil
	}
	man := &managerValue{model: m, root: at}
	man.class, man.query = it.defaultManager(m)
	q := it.base(man)
	q.fact.Manager = m.DefaultManager
	return q
}

// made says what made the querysets that begin at a place.
func made(v value, at source.Span, by source.Made) value {
	for _, q := range pick[*queryset](v) {
		if q.fact.Root == at && q.fact.Span == at && len(q.fact.Calls) == 0 {
			q.fact.Made = by
		}
	}
	return v
}

// settle marks a queryset that is just what a model's manager gives: there is
// no expression that a rewrite could go on with.
func settle(v value) value {
	for _, q := range pick[*queryset](v) {
		if q.fact.Root == q.fact.Span && len(q.fact.Calls) == 0 {
			q.fact.Dynamic = true
		}
	}
	return v
}

// unwritten marks a queryset that stands where no rewrite can go on with it: a
// template, a serializer's field. What its rows lack can only be loaded with
// the row on whose manager it stands, even where that is a single one.
func unwritten(q *queryset) {
	q.fact.Dynamic = true
	if q.home != nil {
		home := *q.home
		home.many = true
		q.home = &home
	}
}
