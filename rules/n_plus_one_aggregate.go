package rules

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// n-plus-one-aggregate: COUNT, EXISTS, SUM … once per row of a list.
//
// Silent when nothing relates the rows (query-in-loop has those) and no column
// of the filter is named as a foreign key, and on EXISTS by a key: that is
// full_clean() looking for what a foreign key points to.
var nPlusOneAggregate = &Rule{
	Code: "QP102", Name: "n-plus-one-aggregate", Severity: finding.Warning,
	Summary: "count(), exists() or an aggregate runs once per row of a list",
	Doc:     page("n_plus_one_aggregate.md"),
	loop:    explainAggregate,
	inspect: inspectAggregate,
}

func explainAggregate(d *docket, l *loop) (finding.Finding, bool) {
	if !isProbeShape(l.child) || !l.related && !filtersForeign(l.child) || l.child.Exists && d.isByKey(l.child) {
		return finding.Finding{}, false
	}
	what := "exists"
	if len(l.child.Aggregates) > 0 {
		what = l.child.Aggregates[0]
	}
	subject, field := d.subject(l.child), ""
	f := finding.Finding{}
	if l.related {
		field = strings.TrimSuffix(l.rel.Fields[0], "_set")
		subject = d.graph.Label(l.rel.Owner) + "." + l.rel.Fields[0] + "." + what + "()"
	} else {
		subject += "." + what + "()"
	}
	led := *l.ledger
	led.Wasted, led.SavedTook = led.Calls, led.Took
	f = d.finding(subject, &led, l.child, l.parent)
	f.Message = fmt.Sprintf("%s: %s per row, "+countsHere, d.arrow(l), verbOf(what))
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust()))
	if l.related {
		f.Relation = finding.Relation{Kind: l.rel.Kind, Field: l.rel.Fields[0]}
		f.Confidence = d.sure(l.ledger, l.rel.Source)
		f.Notes = append(f.Notes, "relation known from "+l.rel.Source.String())
		if l.rel.Kind == link.GenericRelation && l.rel.Source != link.Models {
			f.Confidence = finding.Possible
			f.Notes = append(f.Notes, genericNote)
			return f, true
		}
		f.Rewrites = []finding.Rewrite{d.annotate(l, what, field)}
		if l.rel.Named {
			f.Notes = append(f.Notes, "a related_name in the model would replace the lookup's default name")
		}
		return f, true
	}
	f.Relation = finding.Relation{Kind: "aggregate", Field: strings.Join(filterNames(l.child), ",")}
	f.Rewrites = []finding.Rewrite{d.askOnce(l.child)}
	return f, true
}

// askOnce writes one query for what a probe asks value by value.
func (d *docket) askOnce(c *sqlshape.Shape) finding.Rewrite {
	by := d.varying(c)
	if by == "" || c.Exists {
		return finding.Rewrite{Title: "ask once for all of them", Code: d.model(c) + ".objects.filter(…)"}
	}
	fn, arg := "Count", "pk"
	if what := c.Aggregates[0]; what != "count" {
		fn = strings.ToUpper(what[:1]) + what[1:]
		arg = orText(aggregated(c.Text), "…")
	}
	return finding.Rewrite{
		Title: "ask once for all values",
		Code:  fmt.Sprintf("%s.objects.filter(%s__in=…).values(%q).annotate(%s(%q))", d.model(c), by, by, fn, arg),
	}
}

// annotate writes the queryset that computes the value with its rows.
func (d *docket) annotate(l *loop, what, field string) finding.Rewrite {
	_, owner := d.graph.Model(l.rel.Owner)
	last := field[strings.LastIndex(field, "_")+1:]
	if what == "exists" {
		by, outer := l.correlation()
		more := ""
		if l.rel.Filtered {
			more = ", …"
		}
		return finding.Rewrite{
			Title: "ask in the first query",
			Code:  fmt.Sprintf("%s.objects.annotate(has_%s=Exists(%s.objects.filter(%s=OuterRef(%q)%s)))", owner, last, d.model(l.child), by, outer, more),
			Safe:  !l.rel.Filtered,
		}
	}
	fn := strings.ToUpper(what[:1]) + what[1:]
	arg := field
	if col := aggregated(l.child.Text); col != "" && what != "count" {
		arg += "__" + col
	}
	filter := ""
	if l.rel.Filtered {
		filter = ", filter=Q(…)"
	}
	return finding.Rewrite{
		Title: "compute it in the first query",
		Code:  fmt.Sprintf("%s.objects.annotate(%s_%s=%s(%q%s))", owner, last, what, fn, arg, filter),
		Safe:  !l.rel.Filtered,
	}
}

// correlation is how a subquery finds the rows of one parent: Django's name
// for the child's column, and what it equals in the outer query.
func (l *loop) correlation() (by, outer string) {
	by, outer = strings.TrimSuffix(l.rel.Column, "_id"), "pk"
	if l.rel.Prefix != "" {
		outer = l.rel.Prefix
	}
	if l.rel.Kind == link.ForwardFK || l.rel.Kind == link.OneToOne {
		by, outer = "pk", l.rel.Fields[0]
	}
	return by, outer
}

var aggregateArg = regexp.MustCompile(`(?i)\b(?:sum|avg|min|max)\((?:distinct )?(?:"[^"]+"\.)?"([^"]+)"`)

// aggregated is the column that the first aggregate of a statement is over.
func aggregated(text string) string {
	if m := aggregateArg.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}

func verbOf(what string) string {
	if what == "exists" {
		return "one EXISTS query"
	}
	return "one " + strings.ToUpper(what) + " query"
}

func filtersForeign(s *sqlshape.Shape) bool {
	for _, p := range s.Where {
		if p.Op == "=" && strings.HasSuffix(p.Column.Name, "_id") {
			return true
		}
	}
	return false
}

// arrow shows where a loop's rows come from: "auth_user → core_profile".
func (d *docket) arrow(l *loop) string {
	child := statement(l.child).Table
	if l.parent == nil || !l.related {
		return child
	}
	return statement(l.parent).Table + " → " + child
}

// inspectAggregate tells of count(), exists() and aggregate() on the related
// rows of each row of a loop. Free ones, on a prefetched manager, are covered.
func inspectAggregate(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), func(v *visit) string { return in.where(v.owner) + strings.Join(v.path, ".") + in.asks(v) }) {
		v := vs[0]
		q, what := v.owner, in.asks(v)
		path := strings.Join(v.path, "__")
		w := in.witness(q.Model+"."+path+"."+what+"()", q.Span, q.Function, q, vs)
		w.Relation = finding.Relation{Kind: v.fields[0].Relation.Kind, Field: path}
		w.Parent.Table, w.Child.Table = in.table(q.Model), in.table(targetOf(v.fields[len(v.fields)-1]))
		w.Message = fmt.Sprintf("%s: %s per row", arrowOf(q.Model, v.fields), verbOf(what))
		w.Confidence = in.sure(q, vs)
		if v.byFilter {
			w.Confidence = min(w.Confidence, finding.Likely)
		}
		w.show(vs, "each call runs a query")
		rw, ok := rewrite.Annotate(in.code(), w.fetches)
		w.Rewrites = []finding.Rewrite{offer(in.annotated(v, what), rw, ok)}
		in.looped[v.Query] = true
		found = append(found, w)
	}
	return found
}

// asks is what a visit asks: count, exists, or the name of the first function
// of aggregate().
func (in *inspector) asks(v *visit) string {
	switch {
	case v.Op == source.CountRows:
		return "count"
	case v.Op == source.ExistsRows:
		return "exists"
	}
	if m := aggregateCall.FindStringSubmatch(in.text(v.Span)); m != nil {
		return strings.ToLower(m[1])
	}
	return "aggregate"
}

var aggregateCall = regexp.MustCompile(`\b(Sum|Avg|Min|Max|Count|StdDev|Variance)\(`)

// annotated writes the queryset that computes the value with its rows. Behind
// a relation to many the rows that have it are not the outermost.
func (in *inspector) annotated(v *visit, what string) finding.Rewrite {
	n := len(v.fields) - 1
	last, head := v.fields[n], v.fields[:n]
	name := strings.TrimSuffix(v.path[n], "_set")
	title, call := "compute it in the first query", ""
	if what == "exists" {
		title = "ask in the first query"
		more := ""
		if v.Filtered {
			more = ", …"
		}
		call = fmt.Sprintf("annotate(has_%s=Exists(%s.objects.filter(%s=OuterRef(%q)%s)))", name, className(targetOf(last)), backOf(last), outerOf(head), more)
	} else {
		more := ""
		if v.Filtered {
			more = ", filter=Q(…)"
		}
		fn, arg := strings.ToUpper(what[:1])+what[1:], joinable(v.fields)
		if many(head) {
			arg = joinable(v.fields[n:])
		}
		if what != "count" {
			arg += "__…"
		}
		call = fmt.Sprintf("annotate(%s_%s=%s(%q%s))", name, what, fn, arg, more)
	}
	return finding.Rewrite{Title: title, Code: in.onRows(v, head, call)}
}

// onRows writes the queryset of a visit's rows with a call for those at the end
// of head.
func (in *inspector) onRows(v *visit, head []*schema.Field, call string) string {
	root := in.rootText(v.owner)
	if !many(head) {
		return root + "." + call
	}
	path := strings.Join(v.path[:len(head)], "__")
	return fmt.Sprintf("%s.prefetch_related(Prefetch(%q, queryset=%s.objects.%s))", root, path, className(targetOf(head[len(head)-1])), call)
}

// outerOf is what the rows at the end of head are in a query of those at its
// beginning: their key, or that of the rows of a Prefetch.
func outerOf(head []*schema.Field) string {
	if len(head) == 0 || many(head) {
		return "pk"
	}
	return joinable(head)
}

// backOf is the name of a relation in queries of the other end.
func backOf(f *schema.Field) string {
	if inv := f.Relation.Inverse; inv != nil {
		return joinable([]*schema.Field{inv})
	}
	if f.Relation.Kind == link.ManyToMany && f.Relation.Target == f.Model { // symmetrical
		return f.Name
	}
	return "…"
}
