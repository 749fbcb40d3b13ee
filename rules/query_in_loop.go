package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// query-in-loop: any other SELECT that runs again and again in one unit with
// arguments that vary.
//
// Silent when a more telling rule fits, when the arguments do not vary, and
// when requests on a kept connection explain the count.
var queryInLoop = &Rule{
	Code: "QP107", Name: "query-in-loop", Severity: finding.Warning,
	Summary: "a query runs in a loop with arguments that vary",
	Doc:     page("query_in_loop.md"),
	loop:    explainQuery,
}

func explainQuery(d *docket, l *loop) (finding.Finding, bool) {
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	names := filterNames(l.child)
	f.Message = fmt.Sprintf("%s is queried in a loop, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "query", Field: strings.Join(names, ",")}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust))
	by := "…"
	if len(names) > 0 {
		by = names[0]
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "fetch for all values at once, then group in Python",
		Code:  fmt.Sprintf("%s.objects.filter(%s__in=…)", d.model(l.child), by),
	}}
	if isProbeShape(l.child) {
		f.Rewrites = []finding.Rewrite{{
			Title: "ask once for all values",
			Code:  fmt.Sprintf("%s.objects.filter(%s__in=…).values(%q).annotate(Count(\"pk\"))", d.model(l.child), by, by),
		}}
	}
	return f, true
}
