package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// djangoCall calls Django's own functions that querysets pass through.
func (it *interp) djangoCall(name string, c *call) (value, bool) {
	arg, _ := c.arg(0, "")
	switch name {
	case "django.shortcuts.get_object_or_404", "django.shortcuts.aget_object_or_404":
		return it.shortcut(c, "get"), true
	case "django.shortcuts.get_list_or_404", "django.shortcuts.aget_list_or_404":
		return it.shortcut(c, "filter"), true
	case "django.db.models.Q":
		return it.conditionsOf(c), true
	case "django.db.models.Prefetch", "django.contrib.contenttypes.prefetch.GenericPrefetch":
		return it.prefetchOf(c), true
	case "django.db.models.prefetch_related_objects", "django.db.models.aprefetch_related_objects":
		return it.prefetchObjects(c), true
	case "django.core.paginator.Paginator", "django.core.paginator.AsyncPaginator":
		return &page{rows: arg, whole: true}, true
	case "django.contrib.auth.get_user_model":
		if m := it.p.userModel(); m != nil {
			return it.classOrNil(m), true
		}
		return nil, true
	case "django.apps.apps.get_model":
		return it.getModel(c), true
	case "django.db.transaction.atomic":
		it.fetch(fetchOf{op: source.Savepoint, method: "atomic", at: c.at})
		return &instance{base: external(name)}, true
	case "django.forms.model_to_dict", "django.core.serializers.serialize", "pickle.dumps", "pickle.dump", "copy.copy",
		"copy.deepcopy":
		return it.serialized(name, arg, c), true
	case "django.shortcuts.redirect", "django.urls.reverse", "django.urls.reverse_lazy":
		return nil, true
	}
	if strings.HasPrefix(name, "django.db.models.") && isClassName(name) {
		return &instance{base: external(name), args: c, deps: c.deps()}, true
	}
	if quietDjango(name) {
		for _, v := range c.all() {
			for _, q := range pick[*queryset](v) {
				it.escape(q, c.at, "passed to "+lastName(name)+"()")
			}
		}
		return unknown(c.deps()), true
	}
	return nil, false
}

// quietDjango reports whether a name of Django keeps and reads no rows.
func quietDjango(name string) bool {
	for _, p := range []string{
		"django.utils.timezone.", "django.utils.translation.", "django.utils.text.", "django.utils.dateparse.",
		"django.utils.html.", "django.utils.safestring.", "django.core.cache.cache.get", "django.core.cache.cache.delete",
		"django.conf.settings.", "django.db.connection.", "django.db.models.functions.", "django.utils.http.",
		"django.utils.crypto.", "django.utils.encoding.", "django.db.transaction.", "django.urls.", "django.core.exceptions.",
	} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func (it *interp) serialized(name string, v value, c *call) value {
	it.escape(v, c.at, "passed to "+lastName(name)+"(), which reads every field")
	if q, ok := v.(*queryset); ok {
		it.ask(q, source.Iterate, c.at)
	}
	if strings.HasPrefix(name, "copy.") {
		return v
	}
	return unknown(c.deps())
}

// shortcut is get_object_or_404() and get_list_or_404().
func (it *interp) shortcut(c *call, name string) value {
	if len(c.args) == 0 {
		return nil
	}
	rest := *c
	rest.args, rest.exprs, rest.node = c.args[1:], tail(c.exprs), nil
	var out value
	for i, v := range each(c.args[0]) {
		r := it.shortcutOf(v, name, c, &rest)
		if i == 0 {
			out = r
			continue
		}
		out = it.join(out, r)
	}
	return out
}

func tail(list []syntax.Expr) []syntax.Expr {
	if len(list) == 0 {
		return nil
	}
	return list[1:]
}

func (it *interp) shortcutOf(v value, name string, c, rest *call) value {
	var q *queryset
	switch v := v.(type) {
	case *class:
		m := it.p.modelOf(v)
		if m == nil {
			return it.unknownCall(name, 0, rest)
		}
		man := &managerValue{model: m}
		man.class, man.query = it.defaultManager(m)
		if e := c.expr(0, ""); e != nil {
			man.root = it.span(e)
		}
		q = it.base(man)
		q.fact.Made, q.fact.Manager = source.OfClass, m.DefaultManager
	case *managerValue:
		q = it.base(v)
	case *queryset:
		q = v
	default:
		return unknown(c.deps())
	}
	if name == "filter" {
		d := it.chain(q, name, nil, rest)
		it.ask(d, source.Iterate, c.at)
		return &sequence{kind: syntax.ListSeq, elem: it.cachedItem(d), deps: d.deps}
	}
	d := it.derive(q, it.callOf("get_object_or_404", nil, rest))
	d.plain = false
	it.filters(d, rest, false)
	it.evaluated(d, source.One, c.at)
	it.fetch(it.of(d, fetchOf{
		op: source.Get, method: "get_object_or_404", at: c.at, args: lookupNames(rest), deps: rest.deps(), filtered: true,
	}))
	return it.one(d, rest.deps())
}

// conditionsOf is Q(…).
func (it *interp) conditionsOf(c *call) value {
	var bits loopSet
	for _, l := range it.loops {
		bits |= l.bit()
	}
	out := &conditions{opaque: c.open, deps: c.deps()}
	for _, v := range c.args {
		if q, ok := v.(*conditions); ok {
			out.filters = append(out.filters, q.filters...)
			continue
		}
		out.opaque = true
	}
	for _, k := range c.keywords {
		_, literal := k.value.(constant)
		out.filters = append(out.filters, source.Filter{Path: k.name, Literal: literal, Varies: depends(k.value)&bits != 0})
		it.nestedIn(k.value, c.at)
		it.keyOnly(k.value)
	}
	return out
}

// prefetchOf is Prefetch(…).
func (it *interp) prefetchOf(c *call) value {
	p := &prefetch{}
	path, _ := c.arg(0, "lookup")
	p.path, _ = textOf(path)
	if v, ok := c.arg(1, "queryset"); ok {
		switch v := v.(type) {
		case *queryset:
			p.rows = v
		case *managerValue:
			p.rows = it.base(v)
		}
	}
	if v, ok := c.arg(2, "to_attr"); ok {
		p.toAttr, _ = textOf(v)
	}
	if c.at != nil {
		p.span = it.span(c.at)
	}
	return p
}

// prefetchObjects is prefetch_related_objects(rows, "book_set"): a query for the
// rows that are given, once a call.
func (it *interp) prefetchObjects(c *call) value {
	if len(c.args) == 0 {
		return nil
	}
	rows := c.args[0]
	if s, ok := rows.(*sequence); ok {
		rows = it.elements(s)
	} else {
		rows = it.elementOf(rows)
	}
	for _, r := range pick[*row](rows) {
		e := r.state.eager
		if e == nil {
			e = &eager{}
			r.state.eager = e
		}
		for _, v := range c.args[1:] {
			it.prefetchObject(r, e, v, c)
		}
	}
	return none
}

func (it *interp) prefetchObject(r *row, e *eager, v value, c *call) {
	l := load{}
	switch v := v.(type) {
	case constant:
		l.path = v.text
	case *prefetch:
		l.path, l.toAttr, l.rows = v.path, v.toAttr, v.rows
	default:
		return
	}
	if l.path == "" {
		return
	}
	first, _, _ := strings.Cut(l.path, "__")
	o := fetchOf{op: source.All, method: "prefetch_related_objects", at: c.at, row: r, via: first}
	if r.model != nil {
		if f := r.model.Field(first); f != nil && f.Relation != nil {
			o.model = f.Relation.Target
		}
	}
	it.fetch(o)
	e.plant(&queryset{model: r.model, fact: &queryFact{}}, l, eagerMark{fact: &queryFact{}})
}

// getModel is apps.get_model("app", "Model").
func (it *interp) getModel(c *call) value {
	var parts []string
	for _, v := range c.args {
		if s, ok := textOf(v); ok {
			parts = append(parts, s)
		}
	}
	s := it.p.classByLabel(strings.Join(parts, "."))
	if s.kind != classSymbol {
		return nil
	}
	return s.class
}

// entered is what a with statement binds.
func (it *interp) entered(v value, x syntax.Expr) value {
	switch v := v.(type) {
	case external:
		if string(v) == "django.db.transaction.atomic" {
			it.fetch(fetchOf{op: source.Savepoint, method: "atomic", at: x})
		}
		return nil
	case *sequence:
		return it.elements(v) // a generator that @contextmanager wraps
	case *instance:
		if v.class == nil {
			return nil
		}
		if def, k := v.class.method("__enter__"); def != nil {
			return it.call(it.boundTo(def, k, v), &call{at: x})
		}
		return v
	}
	return nil
}

// libraryCall calls functions of Python's library that hold or call what they
// are given.
func (it *interp) libraryCall(name string, c *call) (value, bool) {
	arg, _ := c.arg(0, "")
	switch name {
	case "functools.partial", "functools.partialmethod":
		return it.partial(c), true
	case "operator.attrgetter":
		path, _ := textOf(arg)
		return &instance{base: external(name), args: c, attrs: map[string]value{"path": constant{textConstant, path}}}, true
	case "itertools.chain":
		out := &sequence{kind: syntax.GeneratorSeq}
		for _, v := range c.args {
			it.extend(out, v, c.at)
		}
		return out, true
	case "itertools.chain.from_iterable":
		inner := it.elementOf(it.collected("list", arg, c))
		out := &sequence{kind: syntax.GeneratorSeq}
		it.extend(out, inner, c.at)
		return out, true
	case "itertools.islice", "itertools.takewhile", "itertools.dropwhile", "collections.deque", "itertools.cycle",
		"more_itertools.unique_everseen", "heapq.nlargest", "heapq.nsmallest":
		return it.someOf(c), true
	case "itertools.groupby":
		return it.grouped(c), true
	case "collections.defaultdict":
		return &dict{elem: it.defaultOf(arg, c)}, true
	case "collections.OrderedDict":
		return it.dictOf(arg, c), true
	case "collections.Counter":
		it.elementOf(it.collected("list", arg, c))
		return &dict{}, true
	case "more_itertools.chunked", "itertools.batched", "django.utils.itercompat.batched":
		rows := it.collected("list", arg, c)
		return &sequence{kind: syntax.GeneratorSeq, elem: rows, deps: depends(arg)}, true
	case "functools.reduce":
		it.mapReduce(c)
		return nil, true
	case "asgiref.sync.sync_to_async", "asgiref.sync.async_to_sync", "functools.wraps", "typing.cast":
		if name == "typing.cast" {
			v, _ := c.arg(1, "val")
			return v, true
		}
		return arg, true
	case "asyncio.gather":
		return &sequence{kind: syntax.ListSeq, elts: c.args}, true
	}
	return nil, false
}

func (it *interp) someOf(c *call) value {
	for _, v := range c.args {
		switch v.(type) {
		case *queryset, *sequence, *page, union:
			return it.collected("list", v, c)
		}
	}
	return &sequence{kind: syntax.ListSeq}
}

func (it *interp) defaultOf(f value, c *call) value {
	if f == nil || len(c.args) == 0 {
		return nil
	}
	return it.call(f, &call{at: c.at})
}

func (it *interp) mapReduce(c *call) {
	if len(c.args) < 2 {
		return
	}
	item := it.enter("map", it.span(c.at), c.args[1], c.place(1))
	it.call(c.args[0], &call{at: c.at, args: []value{nil, item}})
	it.leave()
}

// grouped is itertools.groupby(rows, key).
func (it *interp) grouped(c *call) value {
	rows := it.collected("list", c.args0(), c)
	if key, ok := c.arg(1, "key"); ok {
		it.mapOver(key, rows, c.at, c.place(0))
	}
	pair := &sequence{kind: syntax.TupleSeq, elts: []value{nil, rows}}
	return &sequence{kind: syntax.GeneratorSeq, elem: pair, deps: depends(rows)}
}

func (c *call) args0() value {
	v, _ := c.arg(0, "")
	return v
}

// partial is functools.partial(f, …).
func (it *interp) partial(c *call) value {
	if len(c.args) == 0 {
		return nil
	}
	f, ok := c.args[0].(*function)
	if !ok || len(c.args) != 2 {
		return c.args[0]
	}
	return &bound{fn: f, self: c.args[1]}
}

// libraryMethod is a method, or the call, of an object of Python's library.
func (it *interp) libraryMethod(i *instance, name string, c *call) (value, bool) {
	switch {
	case i.base == "operator.attrgetter":
		return nil, true
	case strings.HasPrefix(string(i.base), "logging."), quietModules[topName(string(i.base))]:
		return unknown(i.deps | c.deps()), true
	}
	return nil, false
}

// getter calls operator.attrgetter("a.b") with a row.
func (it *interp) getterCall(i *instance, c *call) value {
	path, _ := textOf(i.attrs["path"])
	v := c.args0()
	for name := range strings.SplitSeq(path, ".") {
		if name == "" {
			break
		}
		v = it.attrEach(v, name, c.at)
	}
	return v
}

func (it *interp) attrEach(v value, name string, at syntax.Node) value {
	var out value
	for i, x := range each(v) {
		a := it.attrOf(x, name, at)
		if i == 0 {
			out = a
			continue
		}
		out = it.join(out, a)
	}
	return out
}
