package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// asyncMethods are the names of the asynchronous variants.
var asyncMethods = map[string]string{
	"aget": "get", "afirst": "first", "alast": "last", "alatest": "latest", "aearliest": "earliest", "acount": "count",
	"aexists": "exists", "aaggregate": "aggregate", "acontains": "contains", "aget_or_create": "get_or_create",
	"aupdate_or_create": "update_or_create", "acreate": "create", "abulk_create": "bulk_create", "aupdate": "update",
	"adelete": "delete", "abulk_update": "bulk_update", "ain_bulk": "in_bulk", "aiterator": "iterator",
	"aadd": "add", "aremove": "remove", "aset": "set", "aclear": "clear", "aexplain": "explain",
	"asave": "save", "arefresh_from_db": "refresh_from_db",
}

func syncName(name string) string {
	if s, ok := asyncMethods[name]; ok {
		return s
	}
	return name
}

// querysetCall is q.name(…).
func (it *interp) querysetCall(q *queryset, name string, attr *syntax.Attribute, c *call) value {
	if def, k := methodIn(q.class, name); def != nil && it.running[def] == 0 {
		if it.methodKind(k.module, def) == "class" {
			return it.call(it.boundTo(def, k, q.class), c)
		}
		return it.grown(it.call(it.boundTo(def, k, q), c), c)
	}
	name = syncName(name)
	if chainMethods[name] {
		return it.chain(q, name, attr, c)
	}
	if v, ok := it.terminal(q, name, attr, c); ok {
		return v
	}
	switch name {
	case "as_manager", "__class__", "_clone", "_chain", "resolve_expression", "as_sql":
		return q
	case "raw":
		return it.raw(q, c)
	case "explain":
		return nil
	}
	it.escape(q, c.at, "its method "+name+"() is not in the source")
	return it.unknownCall(name, q.deps, c)
}

// grown takes the call of a method of the source that goes on with the chain
// into the query's expression.
func (it *interp) grown(v value, c *call) value {
	for _, q := range pick[*queryset](v) {
		it.written(q, c)
	}
	return v
}

func methodIn(k *class, name string) (*syntax.FunctionDef, *class) {
	if k == nil {
		return nil, nil
	}
	return k.method(name)
}

// managerCall is m.name(…).
func (it *interp) managerCall(m *managerValue, name string, attr *syntax.Attribute, c *call) value {
	if name == "get_queryset" || name == "get_query_set" {
		return it.base(m)
	}
	if def, k := methodIn(m.class, name); def != nil && it.running[def] == 0 {
		if !k.inherits("django.db.models.QuerySet") {
			own := *m
			own.inner = true
			m = &own
		}
		return it.grown(it.call(it.boundTo(def, k, m), c), c)
	}
	if m.row != nil && relatedMethods[syncName(name)] {
		return it.relatedCall(m, syncName(name), c)
	}
	if m.row == nil && (name == "get_for_model" || name == "get_for_id" || name == "get_for_models" || name == "get_current") {
		return it.contentType(m, c)
	}
	q := it.base(m)
	if name == "all" {
		// The manager's own all() is its queryset, with what a prefetch left.
		if call := it.callOf(name, attr, c); !q.served {
			d := it.derive(q, call)
			d.plain = q.plain
			it.written(d, c)
			return d
		}
		q.fact.Calls = append(q.fact.Calls, *it.callOf(name, attr, c))
		it.written(q, c)
		return q
	}
	return it.querysetCall(q, name, attr, c)
}

// written takes a call that the source writes into the query's own expression.
func (it *interp) written(d *queryset, c *call) {
	if c.node != nil {
		it.lengthen(d, c.node)
	}
}

// contentType is a cached lookup of a content type or site.
func (it *interp) contentType(m *managerValue, c *call) value {
	return &row{model: m.model, state: &rowState{}, deps: c.deps()}
}

// related managers' own methods.
var relatedMethods = map[string]bool{
	"add": true, "remove": true, "set": true, "clear": true, "create": true, "get_or_create": true,
	"update_or_create": true, "bulk_create": true,
}

// relatedCall is author.book_set.add(…) and its like.
func (it *interp) relatedCall(m *managerValue, name string, c *call) value {
	o := fetchOf{method: name, at: c.at, row: m.row, via: m.field.Name, model: m.model, deps: c.deps()}
	for _, k := range c.keywords {
		o.fields = append(o.fields, k.name)
	}
	switch name {
	case "create", "bulk_create":
		o.op = source.Insert
	case "get_or_create", "update_or_create":
		o.op, o.args = source.GetOrCreate, lookupNames(c)
	default:
		o.op, o.fields = source.AddRelated, nil
		for _, v := range c.args {
			if q, ok := v.(*queryset); ok {
				it.ask(q, source.Iterate, c.at)
			}
		}
	}
	it.fetch(o)
	if o.op == source.AddRelated {
		return none
	}
	r := it.newRow(m.model)
	if m.field.Relation.Inverse != nil {
		it.remember(r.state, m.field.Relation.Inverse.Name, m.row, nil)
	}
	return it.created(name, r)
}

// created is what a creating method gives.
func (it *interp) created(name string, r *row) value {
	switch name {
	case "get_or_create", "update_or_create":
		return &sequence{kind: syntax.TupleSeq, elts: []value{r, nil}}
	case "bulk_create":
		return &sequence{kind: syntax.ListSeq, elem: r}
	}
	return r
}

func (it *interp) newRow(m *schema.Model) *row {
	r := &row{model: m, state: &rowState{}, fresh: true, loops: slices.Clone(it.loops), hops: len(it.hops)}
	if n := len(it.loops); n > 0 {
		r.deps = it.loops[n-1].bit()
	}
	return r
}

func lookupNames(c *call) []string {
	var names []string
	for _, k := range c.keywords {
		if k.name != "defaults" && k.name != "create_defaults" {
			names = append(names, k.name)
		}
	}
	return names
}

// terminal is a method that runs SQL and gives no queryset.
func (it *interp) terminal(q *queryset, name string, attr *syntax.Attribute, c *call) (value, bool) {
	switch name {
	case "get":
		d := it.derive(q, it.callOf(name, attr, c))
		d.plain = false
		it.filters(d, c, false)
		it.evaluated(d, source.One, c.at)
		it.fetch(it.of(d, fetchOf{op: source.Get, method: name, at: c.at, args: lookupNames(c), deps: c.deps(), filtered: true}))
		return it.one(d, c.deps()), true
	case "first", "last", "latest", "earliest":
		return it.firstRow(q, name, c), true
	case "count", "exists":
		return it.counted(q, name, c), true
	case "aggregate":
		it.fetch(it.of(q, fetchOf{op: source.Aggregate, method: name, at: c.at}))
		it.use(q.fact)
		return &dict{elem: nil, deps: q.deps}, true
	case "contains":
		it.ask(q, source.In, c.at)
		return unknown(q.deps | c.deps()), true
	case "iterator":
		d := it.derive(q, it.callOf(name, attr, c))
		d.fact.Iterator, d.plain = true, false
		if c.node != nil {
			it.lengthen(d, nil)
		}
		return d, true
	case "in_bulk":
		return it.inBulk(q, c), true
	}
	return it.writes(q, name, c)
}

// writes are the methods that change rows.
func (it *interp) writes(q *queryset, name string, c *call) (value, bool) {
	o := fetchOf{method: name, at: c.at, model: q.model, deps: c.deps()}
	switch name {
	case "create":
		o.op, o.fields = source.Insert, keywordNames(c)
		it.fetch(o)
		r := it.newRow(q.model)
		it.fillRow(r, c)
		return r, true
	case "bulk_create":
		o.op = source.Insert
		it.fetch(o)
		if v, ok := c.arg(0, "objs"); ok {
			return v, true
		}
		return nil, true
	case "get_or_create", "update_or_create":
		o.op, o.args, o.fields = source.GetOrCreate, lookupNames(c), defaultNames(c)
		it.fetch(o)
		return it.created(name, it.newRow(q.model)), true
	case "update":
		o.op, o.fields = source.Update, keywordNames(c)
		it.fetch(it.of(q, o))
		return unknown(q.deps), true
	case "bulk_update":
		o.op = source.Update
		it.fetch(o)
		return nil, true
	case "delete", "_raw_delete":
		o.op = source.Remove
		it.fetch(it.of(q, o))
		return &sequence{kind: syntax.TupleSeq, elts: []value{nil, nil}}, true
	}
	return nil, false
}

func keywordNames(c *call) []string {
	var names []string
	for _, k := range c.keywords {
		names = append(names, k.name)
	}
	return names
}

// defaultNames are the fields that defaults={…} writes.
func defaultNames(c *call) []string {
	v, _ := c.arg(-1, "defaults")
	d, ok := v.(*dict)
	if !ok {
		return nil
	}
	var names []string
	for _, k := range d.keys {
		names = append(names, k.text)
	}
	return names
}

// of fills in the queryset that a fetch evaluates, and the row it stands on.
func (it *interp) of(q *queryset, o fetchOf) fetchOf {
	o.query, o.model = q, q.model
	o.deps |= q.asked
	if q.home != nil {
		o.row, o.via = q.home, q.field.Name
	}
	o.covered = o.covered || q.served && q.filled
	return o
}

// one is the single row that a queryset gives.
func (it *interp) one(q *queryset, deps loopSet) value {
	if q.fact.Raw {
		return it.rawItem(q, q.deps|deps)
	}
	r := &row{
		model: q.model, state: &rowState{eager: it.tree(q), extra: q.extra}, loops: slices.Clone(it.loops), hops: len(it.hops),
		deps: q.deps | deps,
	}
	r.origins = it.originsOf(q)
	it.knownRelated(q, r)
	return r
}

// originsOf says how a queryset's rows are reached: rows that a prefetch could
// have brought belong to the query of their owners as well.
func (it *interp) originsOf(q *queryset) []origin {
	var list []origin
	if q.home != nil && q.plain && (q.home.many || q.served) {
		for _, o := range q.home.origins {
			list = append(list, origin{o.fact, append(o.path[:len(o.path):len(o.path)], q.field.Name)})
		}
	}
	if q.fact.key == "" {
		return list
	}
	return append(list, origin{q.fact, nil})
}

// knownRelated sets what Django knows of a related manager's rows without
// asking: author.book_set.all() gives books whose author is author.
func (it *interp) knownRelated(q *queryset, r *row) {
	if q.home != nil {
		knownOwner(r, q.field, q.home)
	}
}

// knownOwner sets the foreign key of a row that came along its reverse.
func knownOwner(r *row, f *schema.Field, owner *row) {
	if f.Relation == nil || f.Relation.Inverse == nil || f.Relation.Kind != "reverse_fk" {
		return
	}
	if r.state.cached == nil {
		r.state.cached = map[string]*cachedValue{}
	}
	r.state.cached[f.Relation.Inverse.Name] = &cachedValue{value: owner}
}

// firstRow is first(), last(), latest(), earliest().
func (it *interp) firstRow(q *queryset, name string, c *call) value {
	it.evaluated(q, source.One, c.at)
	o := it.of(q, fetchOf{op: source.First, method: name, at: c.at})
	switch {
	case name == "first" && q.filled && within(q.fills, it.branch) && len(q.fact.Ordering) > 0:
		// An ordered queryset slices its cache.
		if !q.served {
			return it.join(it.one(q, 0), none)
		}
		o.covered = true
	case q.served:
		d := *q
		d.served, d.defeats = false, true
		o.covered, o.query = false, &d
	}
	if f := it.fetch(o); f != nil {
		f.Defeats = q.defeats || q.served && !o.covered
		f.Ordered = f.Ordered || name == "latest" || name == "earliest"
	}
	d := *q
	d.plain = q.plain && o.covered
	if name == "latest" || name == "earliest" {
		return it.one(&d, 0)
	}
	return it.join(it.one(&d, 0), none)
}

// counted is count() and exists().
func (it *interp) counted(q *queryset, name string, c *call) value {
	kind, op := source.Count, source.CountRows
	if name == "exists" {
		kind, op = source.Exists, source.ExistsRows
	}
	it.evaluated(q, kind, c.at)
	if q.filled && within(q.fills, it.branch) && !q.served {
		return unknown(q.deps)
	}
	if f := it.fetch(it.of(q, fetchOf{op: op, method: name, at: c.at})); f != nil {
		f.Defeats = q.defeats
	}
	return unknown(q.deps)
}

// ask evaluates a queryset itself; its rows stay in its cache.
func (it *interp) ask(q *queryset, kind source.EvalKind, at syntax.Node) { it.askAt(q, kind, at, at) }

// askAt is ask where the expression that asks is more than the queryset's own:
// len(books).
func (it *interp) askAt(q *queryset, kind source.EvalKind, asks, at syntax.Node) {
	it.evaluated(q, kind, asks)
	if q.filled && within(q.fills, it.branch) {
		if q.served {
			it.fetch(it.of(q, fetchOf{op: source.All, at: at, kept: true, covered: true}))
		}
		return
	}
	o := it.of(q, fetchOf{op: source.Fetched, at: at, kept: !q.fact.Iterator})
	if q.home != nil {
		o.op = source.All
	}
	if f := it.fetch(o); f != nil {
		f.Defeats = q.defeats
	}
	if q.fact.Iterator {
		return
	}
	q.filled, q.fills = true, slices.Clone(it.branch)
}

// lookups are the last parts of a condition's name that are no field.
var lookups = map[string]bool{
	"exact": true, "iexact": true, "contains": true, "icontains": true, "in": true, "gt": true, "gte": true, "lt": true,
	"lte": true, "startswith": true, "istartswith": true, "endswith": true, "iendswith": true, "range": true, "date": true,
	"year": true, "iso_year": true, "month": true, "day": true, "week": true, "week_day": true, "iso_week_day": true,
	"quarter": true, "time": true, "hour": true, "minute": true, "second": true, "isnull": true, "regex": true,
	"iregex": true, "search": true, "overlap": true, "contained_by": true, "has_key": true, "has_keys": true,
	"has_any_keys": true, "trigram_similar": true, "unaccent": true, "len": true,
}

// filters adds the conditions of a call.
func (it *interp) filters(d *queryset, c *call, exclude bool) {
	var bits loopSet
	for _, l := range it.loops {
		bits |= l.bit()
	}
	for _, v := range c.args {
		it.condition(d, v, exclude)
	}
	for _, k := range c.keywords {
		if k.name == "defaults" {
			continue
		}
		path, lookup := splitLookup(d.model, k.name)
		_, literal := k.value.(constant)
		d.fact.Filters = append(d.fact.Filters, source.Filter{
			Path: path, Lookup: lookup, Exclude: exclude, Literal: literal, Varies: depends(k.value)&bits != 0,
		})
		it.nestedIn(k.value, c.at)
		it.keyOnly(k.value)
		d.deps |= depends(k.value)
		d.asked |= depends(k.value)
	}
	if c.open {
		d.fact.Dynamic = true
	}
}

func (it *interp) condition(d *queryset, v value, exclude bool) {
	q, ok := v.(*conditions)
	if !ok {
		d.fact.Dynamic = true
		return
	}
	for _, f := range q.filters {
		f.Path, f.Lookup = splitLookup(d.model, joinLookup(f.Path, f.Lookup))
		f.Exclude = f.Exclude != exclude
		d.fact.Filters = append(d.fact.Filters, f)
	}
	d.fact.Dynamic = d.fact.Dynamic || q.opaque
	d.deps |= q.deps
	d.asked |= q.deps
}

func joinLookup(path, lookup string) string {
	if lookup == "" {
		return path
	}
	return path + "__" + lookup
}

// splitLookup parts "author__born__year__gte" into the path of fields and what
// is asked of the last.
func splitLookup(m *schema.Model, name string) (path, lookup string) {
	parts := strings.Split(name, "__")
	n := len(parts)
	for n > 1 && lookups[parts[n-1]] {
		if n == 2 && m != nil && m.Lookup(parts[0]) != nil && m.Lookup(parts[0]).Relation != nil {
			if t := m.Lookup(parts[0]).Relation.Target; t != nil && t.Lookup(parts[1]) != nil {
				break
			}
		}
		n--
	}
	lookup = strings.Join(parts[n:], "__")
	if lookup == "" {
		lookup = "exact"
	}
	return strings.Join(parts[:n], "__"), lookup
}
