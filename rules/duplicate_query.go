package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// duplicate-query: the same statement with the same arguments more than once
// in one unit, while nothing in between wrote to its tables.
//
// Silent behind a write to the tables (read, write, read back), on locks and
// volatile functions, and where only a kept connection holds the repeats
// together.
var duplicateQuery = &Rule{
	Code: "QP301", Name: "duplicate-query", Severity: finding.Warning,
	Summary: "the same query with the same arguments runs more than once",
	Doc:     page("duplicate_query.md"),
	pattern: patDuplicate,
	explain: explainDuplicate,
}

func explainDuplicate(d *docket, e *evidence) (finding.Finding, bool) {
	if e.Variant == dupInLoop && d.looped[e.Child] {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Message = fmt.Sprintf("%s is read again with the same arguments: %s of "+countsHere, statement(e.child).Table, wastedHere)
	f.Relation = finding.Relation{Kind: "duplicate"}
	f.Notes = append(f.Notes, "nothing in between wrote to its tables", boundNote(e.Trust()))
	f.Confidence = d.sure(e.Ledger, link.Naming)
	model := d.model(e.child)
	switch {
	case len(e.child.Aggregates) > 0:
		f.Notes = append(f.Notes, "the admin's changelist counts twice unless show_full_result_count = False")
		f.Rewrites = []finding.Rewrite{{Title: "count once and pass the number on", Code: "total = queryset.count()"}}
	case e.child.Exists:
		f.Rewrites = []finding.Rewrite{{Title: "ask once and pass the answer on", Code: "found = queryset.exists()"}}
	case d.isByKey(e.child) || e.child.Limit == sqlshape.GetLimit || e.child.Limit == 1:
		f.Rewrites = []finding.Rewrite{{
			Title: "read it once and pass it on, or keep it on the object",
			Code:  fmt.Sprintf("@cached_property\ndef %s(self):\n    return %s.objects.get(…)", identifier(statement(e.child).Table), model),
		}}
	default:
		f.Rewrites = []finding.Rewrite{{
			Title: "read the rows once and pass the list on",
			Code:  fmt.Sprintf("rows = list(%s.objects.filter(…))", model),
		}}
	}
	return f, true
}
