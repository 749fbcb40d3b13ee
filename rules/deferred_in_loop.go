package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// deferred-in-loop: columns that only() or defer() left out of a list are
// fetched for one row after another.
//
// Silent when the statement before the loop already read those columns
// (refresh_from_db, get-in-loop).
var deferredInLoop = &Rule{
	Code: "QP104", Name: "deferred-in-loop", Severity: finding.Warning,
	Summary: "a column left out by only() or defer() is fetched once per row",
	Doc:     page("deferred_in_loop.md"),
	loop:    explainDeferred,
	inspect: inspectDeferred,
}

func explainDeferred(d *docket, l *loop) (finding.Finding, bool) {
	if !l.related || l.rel.Kind != link.Deferred {
		return finding.Finding{}, false
	}
	field := strings.Join(l.rel.Fields, ",")
	led := *l.ledger
	led.Wasted, led.SavedTook = led.Calls, led.Took
	f := d.finding(d.graph.Label(l.rel.Owner)+"."+field, &led, l.child, l.parent)
	f.Relation = finding.Relation{Kind: l.rel.Kind, Field: field}
	f.Confidence = d.sure(l.ledger, link.Join) // the columns themselves show it
	f.Message = fmt.Sprintf("%s: %s was left out of the list and is fetched once per row, "+countsHere, l.rel.Target, strings.Join(l.rel.Fields, ", "))
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust()))
	var quoted []string
	for _, n := range l.rel.Fields {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	_, model := d.graph.Model(l.rel.Owner)
	f.Rewrites = []finding.Rewrite{
		{Title: "name the column too", Code: fmt.Sprintf("%s.objects.only(…, %s)", model, strings.Join(quoted, ", ")), Safe: true},
		{Title: "fetch whole rows", Code: model + ".objects  # without only() or defer()", Safe: true},
	}
	return f, true
}

// fetchColumns writes the queryset that fetches the columns it left out.
func (in *inspector) fetchColumns(q *source.Query, names []string) []finding.Rewrite {
	add := finding.Rewrite{Title: "name the column too", Code: in.rootText(q) + ".only(…, " + quoteAll(names) + ")"}
	whole := finding.Rewrite{Title: "fetch whole rows", Code: in.rootText(q) + "  # without only() or defer()"}
	if len(names) == 1 {
		rw, ok := rewrite.OnlyAdd(in.Text, q, names[0])
		add = offer(add, rw, ok)
	}
	rw, ok := rewrite.DropOnly(in.Text, q)
	whole = offer(whole, rw, ok)
	if len(add.Edits) == 0 && len(whole.Edits) > 0 {
		return []finding.Rewrite{whole, add}
	}
	return []finding.Rewrite{add, whole}
}

// inspectDeferred tells of columns that only() or defer() of the loop's own
// queryset left out and the loop reads.
func inspectDeferred(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), func(v *visit) string { return in.where(v.owner) }) {
		q := vs[0].owner
		var names []string
		for _, v := range vs {
			if len(v.Fields) > 0 {
				names = append(names, strings.Join(append(slices.Clone(v.path), v.Fields[0]), "__"))
			}
		}
		slices.Sort(names)
		names = slices.Compact(names)
		field := strings.Join(names, ",")
		w := in.witness(q.Model+"."+field, q.Span, q.Function, q, vs)
		w.Relation = finding.Relation{Kind: link.Deferred, Field: field}
		w.Parent.Table, w.Child.Table = in.table(q.Model), in.table(q.Model)
		w.Message = fmt.Sprintf("%s: %s was left out of the list and is fetched once per row", className(q.Model), strings.Join(names, ", "))
		w.Confidence = in.sure(q, vs)
		w.show(vs, "each read runs a query")
		w.Rewrites = in.fetchColumns(q, names)
		found = append(found, w)
	}
	return found
}
