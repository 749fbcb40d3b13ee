package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// What Django's generic views and DRF's are, by the base that makes them so.
var (
	listViews = []string{
		"django.views.generic.ListView", "django.views.generic.BaseListView", "django.views.generic.ArchiveIndexView",
		"django.views.generic.YearArchiveView", "django.views.generic.MonthArchiveView", "django.views.generic.DayArchiveView",
	}
	detailViews = []string{
		"django.views.generic.DetailView", "django.views.generic.UpdateView", "django.views.generic.DeleteView",
		"django.views.generic.BaseDetailView",
	}
	pageViews = []string{"django.views.generic.TemplateView", "django.views.generic.FormView", "django.views.generic.CreateView"}
	partViews = []string{
		"django.views.generic.MultipleObjectMixin", "django.views.generic.SingleObjectMixin", "django.views.generic.View",
		"django.views.generic.ContextMixin", "django.views.generic.TemplateResponseMixin",
	}
	apiLists = []string{
		"rest_framework.generics.ListAPIView", "rest_framework.generics.ListCreateAPIView",
		"rest_framework.viewsets.ModelViewSet", "rest_framework.viewsets.ReadOnlyModelViewSet",
		"rest_framework.mixins.ListModelMixin",
	}
	apiDetails = []string{
		"rest_framework.generics.RetrieveAPIView", "rest_framework.generics.RetrieveUpdateAPIView",
		"rest_framework.generics.RetrieveDestroyAPIView", "rest_framework.generics.RetrieveUpdateDestroyAPIView",
		"rest_framework.viewsets.ModelViewSet", "rest_framework.viewsets.ReadOnlyModelViewSet",
		"rest_framework.mixins.RetrieveModelMixin",
	}
	apiParts = []string{
		"rest_framework.generics.GenericAPIView", "rest_framework.viewsets.GenericViewSet", "rest_framework.generics.CreateAPIView",
		"rest_framework.generics.UpdateAPIView", "rest_framework.generics.DestroyAPIView",
	}
)

func isAny(k *class, lists ...[]string) bool {
	if k == nil {
		return false
	}
	for _, l := range lists {
		if k.inherits(l...) {
			return true
		}
	}
	return false
}

func isAPI(k *class) bool { return isAny(k, apiLists, apiDetails, apiParts) }

func isView(k *class) bool { return isAny(k, listViews, detailViews, pageViews, partViews) || isAPI(k) }

// viewRoots are the class-based views of a module that are routed, or that name
// their rows themselves.
func (p *Project) viewRoots(m *module) []root {
	var list []root
	for _, k := range p.classesIn(m) {
		if !isAny(k, listViews, detailViews, pageViews, apiLists, apiDetails) || p.isBase(k) {
			continue
		}
		list = append(list, root{
			id: m.path + ":" + itoa(k.def.Start) + " view", module: m, class: k, entry: p.entryOfClass(k),
			run: func(it *interp) { it.runView(k) },
		})
	}
	return list
}

// isBase reports whether a view is there for others to inherit from.
func (p *Project) isBase(k *class) bool {
	if p.entryOfClass(k) != "" {
		return false
	}
	_, own := k.own("queryset")
	_, model := k.own("model")
	_, get := k.own("get_queryset")
	_, context := k.own("get_context_data")
	return !own && !model && !get && !context
}

// runView runs what a request to the view runs.
func (it *interp) runView(k *class) {
	self := &instance{class: k, attrs: map[string]value{}}
	at := &spot{k.module.span(&nameSpot{k.def.NamePos})}
	it.frame.name = k.name
	c := &call{at: at, args: []value{nil}, open: true}
	switch {
	case isAPI(k):
		if isAny(k, apiLists) {
			it.viewEntry(self, "list", c)
		}
		if isAny(k, apiDetails) {
			it.viewEntry(&instance{class: k, attrs: map[string]value{}}, "retrieve", c)
		}
	default:
		it.viewEntry(self, "get", c)
	}
}

// viewEntry calls a handler of the view: the source's own or Django's.
func (it *interp) viewEntry(self *instance, name string, c *call) {
	if def, k := self.class.method(name); def != nil {
		it.call(it.boundTo(def, k, self), c)
		return
	}
	it.viewMethod(self, name, c)
}

func (it *interp) viewMember(i *instance, name string) (value, bool) {
	switch name {
	case "kwargs", "args", "request", "action":
		return unknown(i.deps), true
	}
	return nil, false
}

// viewMethod is a method that a view has from Django or DRF.
func (it *interp) viewMethod(i *instance, name string, c *call) (value, bool) {
	switch name {
	case "get_queryset":
		return it.viewRows(i, c), true
	case "filter_queryset":
		v, _ := c.arg(0, "queryset")
		return v, true
	case "get_object":
		return it.viewObject(i, c), true
	case "get_context_data":
		return it.viewContext(i, c), true
	case "get", "render_to_response", "list", "retrieve":
		return it.viewPage(i, name, c), true
	case "get_serializer_class":
		v := it.instanceAttr(i, "serializer_class", c.at)
		return v, true
	case "get_serializer":
		k := it.instanceCall(i, "get_serializer_class", &call{at: c.at})
		return it.call(k, c), true
	case "paginate_queryset":
		if isAPI(i.class) {
			v, _ := c.arg(0, "queryset")
			return v, true
		}
	case "get_paginated_response", "setup", "dispatch", "get_permissions", "get_serializer_context", "__init__", "get_form_kwargs":
		return nil, true
	case "as_view":
		return nil, true
	}
	return nil, false
}

// viewPage is a whole request.
func (it *interp) viewPage(i *instance, name string, c *call) value {
	ask := &call{at: c.at}
	switch {
	case name == "render_to_response":
		context, _ := c.arg(0, "context")
		it.renderAt(it.templateNames(i, c), context, c.at)
	case name == "list" || name == "get" && isAny(i.class, apiLists):
		rows := it.instanceCall(i, "filter_queryset", &call{at: c.at, args: []value{it.instanceCall(i, "get_queryset", ask)}})
		it.viewData(i, settle(rows), true, c)
	case name == "retrieve" || name == "get" && isAPI(i.class):
		it.viewData(i, it.instanceCall(i, "get_object", ask), false, c)
	case isAny(i.class, listViews):
		i.attrs["object_list"] = settle(it.instanceCall(i, "get_queryset", ask))
		it.viewTemplate(i, c)
	case isAny(i.class, detailViews):
		i.attrs["object"] = it.instanceCall(i, "get_object", ask)
		it.viewTemplate(i, c)
	case isAny(i.class, pageViews):
		it.viewTemplate(i, c)
	}
	return nil
}

func (it *interp) viewTemplate(i *instance, c *call) {
	context := it.instanceCall(i, "get_context_data", &call{at: c.at})
	it.renderAt(it.templateNames(i, c), context, c.at)
}

// viewData is what a view of DRF answers.
func (it *interp) viewData(i *instance, rows value, many bool, c *call) {
	args := &call{at: c.at, args: []value{rows}}
	if many {
		args.keywords = []namedArg{{name: "many", value: constant{nameConstant, "True"}}}
	}
	for _, s := range pick[*instance](it.instanceCall(i, "get_serializer", args)) {
		it.instanceAttr(s, "data", c.at)
	}
}

// templateNames is template_name, or the name that Django makes of the model's.
func (it *interp) templateNames(i *instance, c *call) value {
	if def, k := i.class.method("get_template_names"); def != nil {
		return it.call(it.boundTo(def, k, i), &call{at: c.at})
	}
	if v := it.instanceAttr(i, "template_name", c.at); !isBlank(v) && v != value(none) {
		return v
	}
	suffix := map[bool]string{true: "_list", false: "_detail"}[isAny(i.class, listViews)]
	switch {
	case i.class.inherits("django.views.generic.UpdateView", "django.views.generic.CreateView"):
		suffix = "_form"
	case i.class.inherits("django.views.generic.DeleteView"):
		suffix = "_confirm_delete"
	}
	if v, ok := i.class.lookup("template_name_suffix"); ok && v.value != nil {
		if t, ok := textOf(it.memberValue(v, i, c.at)); ok {
			suffix = t
		}
	}
	m := it.viewModel(i)
	if m == nil {
		return nil
	}
	return constant{textConstant, m.App + "/" + strings.ToLower(m.Name) + suffix + ".html"}
}

// viewRows is get_queryset() as Django and DRF have it.
func (it *interp) viewRows(i *instance, c *call) value {
	if v := it.instanceAttr(i, "queryset", c.at); !isBlank(v) && v != value(none) {
		var out value
		for n, x := range each(v) {
			switch q := x.(type) {
			case *queryset:
				x = it.derive(q, nil)
			case *managerValue:
				x = it.base(q)
			}
			if n == 0 {
				out = x
				continue
			}
			out = it.join(out, x)
		}
		return out
	}
	x, ok := i.class.lookup("model")
	if !ok || x.kind != boundValue || x.value == nil {
		return nil
	}
	at := x.class.module.span(x.value)
	if c.node != nil {
		at = it.span(c.at)
	}
	for _, k := range pick[*class](it.memberValue(x, i, c.at)) {
		if q := it.defaultRows(k, at); q != nil {
			if c.node == nil {
				q.fact.Made = source.ByView
			}
			return q
		}
	}
	return nil
}

// viewObject is get_object(): one row.
func (it *interp) viewObject(i *instance, c *call) value {
	v := it.instanceCall(i, "get_queryset", &call{at: c.at})
	if isAPI(i.class) {
		v = it.instanceCall(i, "filter_queryset", &call{at: c.at, args: []value{v}})
	}
	var out value
	for n, x := range each(v) {
		q, ok := x.(*queryset)
		if !ok {
			continue
		}
		d := it.derive(q, nil)
		d.plain = false
		it.evaluated(d, source.One, c.at)
		it.fetch(it.of(d, fetchOf{op: source.Get, method: "get", at: c.at, filtered: true}))
		one := it.one(d, 0)
		if n == 0 || out == nil {
			out = one
			continue
		}
		out = it.join(out, one)
	}
	return out
}

// viewContext is get_context_data(): what templates see.
func (it *interp) viewContext(i *instance, c *call) value {
	d := &dict{literal: true, values: map[constant]value{}}
	set := func(name string, v value) { it.store(d, constant{textConstant, name}, v) }
	for _, k := range c.keywords {
		set(k.name, k.value)
	}
	set("view", i)
	if v, ok := it.member(i.class, "extra_context", i, c.at); ok {
		for _, more := range pick[*dict](v) {
			for _, k := range more.keys {
				it.store(d, k, more.values[k])
			}
		}
	}
	m := it.viewModel(i)
	if rows, ok := i.attrs["object_list"]; ok {
		rows = it.viewPaged(i, rows, set, c)
		set("object_list", rows)
		set(it.contextName(i, m, "_list", c), rows)
	}
	if row, ok := i.attrs["object"]; ok {
		set("object", row)
		set(it.contextName(i, m, "", c), row)
	}
	if form, ok := i.class.lookup("form_class"); ok && form.value != nil {
		for _, k := range pick[*class](it.memberValue(form, i, c.at)) {
			if _, given := d.values[constant{textConstant, "form"}]; !given {
				set("form", it.construct(k, &call{at: c.at, open: true}))
			}
		}
	}
	return d
}

// viewPaged is one page of the rows, where the view has pages.
func (it *interp) viewPaged(i *instance, rows value, set func(string, value), c *call) value {
	size, ok := it.member(i.class, "paginate_by", i, c.at)
	if !ok || size == value(none) {
		return rows
	}
	p, ok := it.pageCall(&page{rows: rows, whole: true}, "page", &call{at: c.at}).(*page)
	if !ok {
		return rows
	}
	set("page_obj", p)
	set("paginator", &page{rows: rows, whole: true})
	return p.rows
}

// contextName is context_object_name, or the model's name.
func (it *interp) contextName(i *instance, m *schema.Model, suffix string, c *call) string {
	if v, ok := it.member(i.class, "context_object_name", i, c.at); ok {
		if t, ok := textOf(v); ok {
			return t
		}
	}
	if m == nil {
		return "object" + suffix
	}
	return strings.ToLower(m.Name) + suffix
}

// viewModel is the model of a view's rows, nil when it is not known.
func (it *interp) viewModel(i *instance) *schema.Model {
	it.muted++
	defer func() { it.muted-- }()
	for _, name := range []string{"object_list", "object"} {
		for _, x := range each(i.attrs[name]) {
			switch x := x.(type) {
			case *queryset:
				return x.model
			case *row:
				return x.model
			}
		}
	}
	if x, ok := i.class.lookup("model"); ok && x.value != nil {
		for _, k := range pick[*class](it.memberValue(x, i, &spot{})) {
			return it.p.modelOf(k)
		}
	}
	return nil
}
