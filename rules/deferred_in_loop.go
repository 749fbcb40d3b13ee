package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
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
