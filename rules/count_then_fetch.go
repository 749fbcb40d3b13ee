package rules

import (
	"fmt"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// count-then-fetch: COUNT(*) or EXISTS, then the same rows in full.
//
// Silent on pagination (the fetch has a LIMIT), when something writes to the
// table in between, when filters or arguments differ, and on one row by its
// key: full_clean() asks whether it exists before the code reads it.
var countThenFetch = &Rule{
	Code: "QP204", Name: "count-then-fetch", Severity: finding.Warning,
	Summary: "count() or exists() runs right before the same rows are fetched",
	Doc:     page("count_then_fetch.md"),
	pattern: patCountFetch,
	explain: explainCountFetch,
}

func explainCountFetch(d *docket, e *evidence) (finding.Finding, bool) {
	if e.child.Exists && d.isByKey(e.child) {
		return finding.Finding{}, false
	}
	what, code := "count()", "rows = list(queryset)\nlen(rows)"
	if e.child.Exists {
		what, code = "exists()", "rows = list(queryset)\nif rows:"
	}
	f := d.finding(d.subject(e.child)+"."+what, e.Ledger, e.child, e.parent)
	f.Message = fmt.Sprintf("%s: %s, then the same rows in full, "+countsHere, statement(e.child).Table, what)
	f.Relation = finding.Relation{Kind: "repeat", Field: what}
	f.Cost.Saved = time.Duration(e.Took)
	f.Notes = append(f.Notes, boundNote(e.Trust()))
	f.Rewrites = []finding.Rewrite{{Title: "fetch once and ask the list", Code: code, Safe: true}}
	return f, true
}
