package django

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// chainMethods give a new queryset and run nothing.
var chainMethods = map[string]bool{
	"all": true, "filter": true, "exclude": true, "order_by": true, "distinct": true, "reverse": true, "using": true,
	"annotate": true, "alias": true, "extra": true, "only": true, "defer": true, "values": true, "values_list": true,
	"select_related": true, "prefetch_related": true, "union": true, "intersection": true, "difference": true,
	"dates": true, "datetimes": true, "none": true, "select_for_update": true, "complex_filter": true,
	"fetch_mode": true,
}

// base is the queryset that a manager begins with.
func (it *interp) base(m *managerValue) *queryset {
	if m.class != nil && !m.base {
		if def, k := m.class.method("get_queryset"); def != nil && it.running[def] == 0 {
			inner := *m
			inner.base = true
			for _, q := range pick[*queryset](it.call(it.boundTo(def, k, &inner), &call{})) {
				return it.rooted(m, q)
			}
		}
	}
	return it.rooted(m, nil)
}

// rooted begins a chain at a manager. from is what its get_queryset made, nil
// when that is Django's own.
func (it *interp) rooted(m *managerValue, from *queryset) *queryset {
	q := &queryset{model: m.model, class: m.query, loops: slices.Clone(it.loops), hops: len(it.hops)}
	q.fact = &queryFact{key: fmt.Sprintf("%s:%d-%d %s", m.root.Path, m.root.Start, m.root.End, label(m.model))}
	if from != nil {
		*q = *from
		fact := *from.fact
		fact.Calls = nil
		q.fact = &fact
		q.fact.used = false
		q.fact.Reads, q.fact.Evals, q.fact.Escapes = nil, nil, nil
		q.fact.key = fmt.Sprintf("%s:%d-%d %s via %s", m.root.Path, m.root.Start, m.root.End, label(m.model), from.fact.key)
		q.loops, q.hops = slices.Clone(it.loops), len(it.hops)
		q.filled, q.state, q.parent = false, nil, nil
	}
	q.fact.Closed = m.inner
	q.fact.Model, q.fact.Root, q.fact.Span, q.fact.Function = label(m.model), m.root, m.root, it.frame.name
	if len(q.fact.Ordering) == 0 && m.model != nil {
		q.fact.Ordering = m.model.Ordering
	}
	if !m.root.Known() {
		q.fact.key = ""
	}
	if m.row != nil {
		it.atHome(q, m)
	}
	return q
}

// atHome ties a queryset to the row on whose manager it stands.
func (it *interp) atHome(q *queryset, m *managerValue) {
	r := m.row
	q.home, q.field, q.plain = r, m.field, true
	q.deps = r.deps
	q.fact.Accessor = m.field.Name
	if len(r.origins) > 0 {
		o := r.origins[0]
		q.fact.From, q.fact.from = &o.fact.Query, o.fact
		q.fact.Path = append(slices.Clone(o.path), m.field.Name)
		q.fact.key += " of " + o.fact.key + " " + strings.Join(q.fact.Path, ".")
	}
	if child := r.state.eager.along(m.field); child != nil {
		it.mark(child)
		q.served, q.filled = true, true
		q.eager = child
		q.loads = nil
	} else if it.p.AutoPrefetch {
		q.served, q.filled = true, true
	}
}

// derive is a new state of the chain after one more call.
func (it *interp) derive(q *queryset, c *source.Call) *queryset {
	d := *q
	d.parent = q
	fact := *q.fact
	d.fact = &fact
	fact.used = false
	fact.Reads, fact.Escapes, fact.Evals = nil, nil, nil
	fact.Entries = nil
	fact.Calls, fact.Filters = slices.Clip(fact.Calls), slices.Clip(fact.Filters)
	fact.Eager = slices.Clone(fact.Eager)
	for i := range fact.Eager {
		fact.Eager[i].Used = false
	}
	d.loads = slices.Clip(q.loads)
	d.filled, d.fills, d.state = false, nil, nil
	d.loops, d.hops = slices.Clone(it.loops), len(it.hops)
	if c != nil {
		fact.Calls = append(fact.Calls, *c)
		if fact.key != "" {
			fact.key += fmt.Sprintf(" .%s@%s:%d", c.Name, c.Span.Path, c.Span.Start)
		}
	}
	return &d
}

// callOf describes one call of a chain as it is written.
func (it *interp) callOf(name string, attr *syntax.Attribute, c *call) *source.Call {
	out := &source.Call{Name: name, NoArgs: len(c.args) == 0 && len(c.keywords) == 0, Literal: true}
	if c.node == nil {
		if c.at != nil {
			out.Span = it.span(c.at)
		}
		return out
	}
	m := it.frame.module
	start := c.node.Start
	if attr != nil {
		start = attr.Dot
	}
	out.Span = m.spanOf(start, c.node.End)
	if c.node.Rparen > c.node.Lparen {
		out.Args = m.spanOf(c.node.Lparen+1, c.node.Rparen)
	}
	texts := true
	for _, a := range c.node.Args {
		if a.Name != "" {
			out.Keywords = append(out.Keywords, a.Name)
			out.Literal = out.Literal && isLiteralExpr(a.Value)
			continue
		}
		s, ok := a.Value.(*syntax.String)
		texts = texts && ok && !s.Formatted && a.Star == ""
		out.Literal = out.Literal && isLiteralExpr(a.Value) && a.Star == ""
		if ok {
			out.Strings = append(out.Strings, s.Value)
		}
	}
	if !texts {
		out.Strings = nil
	}
	return out
}

func isLiteralExpr(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.String:
		return !e.Formatted
	case *syntax.Number, *syntax.Constant:
		return true
	case *syntax.Unary:
		return isLiteralExpr(e.X)
	case *syntax.Sequence:
		for _, x := range e.Elts {
			if !isLiteralExpr(x) {
				return false
			}
		}
		return true
	}
	return false
}

// lengthen takes a call into the query's own expression where the chain is
// written in one piece.
func (it *interp) lengthen(d *queryset, n syntax.Node) {
	if n == nil {
		return
	}
	s := it.span(n)
	if s.Path == d.fact.Span.Path && s.Start == d.fact.Span.Start && s.End > d.fact.Span.End {
		d.fact.Span = s
	}
}

// chain is q.name(…) for a method that gives a queryset.
func (it *interp) chain(q *queryset, name string, attr *syntax.Attribute, c *call) *queryset {
	d := it.derive(q, it.callOf(name, attr, c))
	d.deps |= c.deps()
	d.asked |= c.deps()
	if c.node != nil {
		it.lengthen(d, c.node)
	}
	if q.served && name != "none" {
		// A prefetched manager's queryset is asked for something else.
		d.served, d.defeats = false, name != "all"
		d.eager = nil
	}
	if c.open && name != "annotate" && name != "alias" {
		d.fact.Dynamic = true
	}
	it.apply(d, name, c)
	if name != "all" && name != "using" && name != "select_related" && name != "prefetch_related" {
		d.plain = false
	}
	return d
}

// apply changes what a chain's new state says.
func (it *interp) apply(d *queryset, name string, c *call) {
	f := d.fact
	switch name {
	case "filter", "exclude", "complex_filter":
		it.filters(d, c, name == "exclude")
	case "order_by":
		f.Ordering = it.texts(d, c)
	case "distinct":
		f.Distinct = true
	case "reverse":
		f.Ordering = reversed(f.Ordering)
	case "annotate", "alias", "extra":
		it.annotated(d, name, c)
	case "only":
		f.Only, f.Defer = it.texts(d, c), nil
	case "defer":
		if v, ok := c.arg(0, ""); ok && v == value(none) {
			f.Defer = nil
		} else {
			f.Defer = append(slices.Clip(f.Defer), it.texts(d, c)...)
		}
	case "values", "values_list":
		it.values(d, name, c)
	case "dates", "datetimes":
		f.Raw, d.flat = true, true
	case "select_related":
		it.joins(d, c)
	case "prefetch_related":
		it.prefetches(d, c)
	case "union", "intersection", "difference":
		f.Combined = true
		for _, v := range c.args {
			for _, other := range pick[*queryset](v) {
				f.key += " " + other.fact.key
			}
		}
	case "fetch_mode":
		f.Dynamic = true
	}
}

// texts returns the string arguments; others make the chain dynamic.
func (it *interp) texts(d *queryset, c *call) []string {
	var list []string
	for _, v := range c.args {
		if s, ok := textOf(v); ok {
			list = append(list, s)
			continue
		}
		if !isExpression(v) {
			d.fact.Dynamic = true
		}
	}
	return list
}

// isExpression reports whether a value is one of Django's expressions: F("x").desc().
func isExpression(v value) bool {
	i, ok := v.(*instance)
	return ok && (strings.HasPrefix(string(i.base), "django.db.models.") || strings.HasPrefix(string(i.base), "django.contrib.postgres.") ||
		strings.HasPrefix(string(i.base), "django.contrib.gis."))
}

func reversed(list []string) []string {
	var out []string
	for _, s := range list {
		if rest, ok := strings.CutPrefix(s, "-"); ok {
			out = append(out, rest)
			continue
		}
		out = append(out, "-"+s)
	}
	return out
}

// annotated adds the names of an annotation: attributes of the rows that are no
// column. Querysets among the arguments are subqueries.
func (it *interp) annotated(d *queryset, name string, c *call) {
	d.fact.Annotated = true
	extra := map[string]value{}
	for k, v := range d.extra {
		extra[k] = v
	}
	for _, k := range c.keywords {
		it.nestedIn(k.value, c.at)
		if name == "annotate" {
			extra[k.name] = nil
		}
	}
	d.extra = extra
}

// nestedIn records querysets that a filter or an annotation takes as subqueries.
func (it *interp) nestedIn(v value, at syntax.Node) {
	switch v := v.(type) {
	case *queryset:
		it.evaluated(v, source.Nested, at)
	case union:
		for _, x := range v {
			if q, ok := x.(*queryset); ok {
				it.evaluated(q, source.Nested, at)
			}
		}
	case *managerValue:
		it.evaluated(it.base(v), source.Nested, at)
	case *instance:
		if v.args != nil && v.base != "" {
			for _, a := range v.args.args {
				if q, ok := a.(*queryset); ok {
					it.evaluated(q, source.Nested, at)
				}
			}
		}
	}
}

func (it *interp) values(d *queryset, name string, c *call) {
	f := d.fact
	f.Raw, f.Values = true, it.texts(d, c)
	d.flat, d.tuples, d.dicts = false, name == "values_list", name == "values"
	for _, k := range c.keywords {
		switch k.name {
		case "flat":
			d.flat = k.value == value(constant{nameConstant, "True"})
		case "named":
		default:
			f.Annotated = true
			f.Values = append(f.Values, k.name)
			it.nestedIn(k.value, c.at)
		}
	}
}

// joins is select_related(…).
func (it *interp) joins(d *queryset, c *call) {
	if v, ok := c.arg(0, ""); ok && v == value(none) {
		it.dropLoads(d, true)
		return
	}
	if len(c.args) == 0 && !c.open {
		it.load(d, source.Eager{Join: true, Span: d.fact.Span}, load{join: true})
		return
	}
	for i, v := range c.args {
		s, ok := textOf(v)
		if !ok {
			d.fact.Dynamic = true
			continue
		}
		it.load(d, source.Eager{Path: s, Join: true, Span: it.argSpan(c, i, d)}, load{path: s, join: true})
	}
}

func (it *interp) argSpan(c *call, i int, d *queryset) source.Span {
	if e := c.expr(i, ""); e != nil {
		return it.span(e)
	}
	return d.fact.Span
}

func (it *interp) load(d *queryset, e source.Eager, l load) {
	d.fact.Eager = append(d.fact.Eager, e)
	d.loads = append(d.loads, l)
}

func (it *interp) dropLoads(d *queryset, join bool) {
	var kept []source.Eager
	var loads []load
	for i, e := range d.fact.Eager {
		if e.Join != join {
			kept, loads = append(kept, e), append(loads, d.loads[i])
		}
	}
	d.fact.Eager, d.loads = kept, loads
}

// prefetches is prefetch_related(…).
func (it *interp) prefetches(d *queryset, c *call) {
	if v, ok := c.arg(0, ""); ok && v == value(none) {
		it.dropLoads(d, false)
		return
	}
	for i, v := range c.args {
		for _, x := range each(v) {
			it.prefetchArg(d, x, it.argSpan(c, i, d))
		}
	}
}

func (it *interp) prefetchArg(d *queryset, v value, at source.Span) {
	switch v := v.(type) {
	case constant:
		it.load(d, source.Eager{Path: v.text, Span: at}, load{path: v.text})
	case *prefetch:
		if v.rows != nil {
			it.use(v.rows.fact)
		}
		it.load(d, source.Eager{Path: v.path, ToAttr: v.toAttr, Filtered: v.rows != nil, Span: at},
			load{path: v.path, toAttr: v.toAttr, rows: v.rows})
	default:
		d.fact.Dynamic = true
	}
}
