package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
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
	f.Rewrites = []finding.Rewrite{{
		Title: "read it once and pass it on, or keep it on the object",
		Code:  "@cached_property\ndef " + identifier(statement(e.child).Table) + "(self):\n    return …",
	}}
	return f, true
}
