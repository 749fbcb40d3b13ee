package rules

import (
	"fmt"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// unbounded-select: all rows of a table, without LIMIT and without any
// condition, and the table is not small.
//
// Silent when the reads are quick and no more than unboundedRows rows are
// known to come back: small tables are read whole on purpose. Cursors
// (iterator()) fetch in pieces and are silent too.
var unboundedSelect = &Rule{
	Code: "QP203", Name: "unbounded-select", Severity: finding.Note,
	Summary: "a whole table is fetched without LIMIT",
	Doc:     page("unbounded_select.md"),
	pattern: patUnbounded,
	watch:   isUnbounded,
	explain: explainUnbounded,
}

// A read of a whole table tells of a large table when it takes this long on
// average, or gives this many rows.
const (
	unboundedTook = 10 * time.Millisecond
	unboundedRows = 1000
)

func isUnbounded(s *sqlshape.Shape) bool {
	return s.Kind == sqlshape.Select && len(s.Tables) > 0 && s.Filter == "" && s.Limit == sqlshape.Absent &&
		len(s.Aggregates) == 0 && !s.Exists && !s.Grouped && !s.Subquery && !s.SetOp
}

func explainUnbounded(d *docket, e *evidence) (finding.Finding, bool) {
	slow := time.Duration(e.Took) >= unboundedTook*time.Duration(e.Calls)
	if !slow && e.MaxRows < unboundedRows {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(statement(e.child).Table), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Message = fmt.Sprintf("%s is fetched whole, without LIMIT, "+countsHere, statement(e.child).Table)
	f.Relation = finding.Relation{Kind: "rows"}
	f.Confidence = finding.Possible
	if e.MaxRows >= unboundedRows {
		f.Confidence = finding.Likely
		f.Notes = append(f.Notes, fmt.Sprintf("up to %s rows in one read", number(int64(e.MaxRows))))
	}
	model := d.model(e.child)
	f.Rewrites = []finding.Rewrite{
		{Title: "fetch a page at a time", Code: fmt.Sprintf("Paginator(%s.objects.order_by(\"pk\"), 100)", model)},
		{Title: "stream the rows", Code: model + ".objects.iterator(chunk_size=2000)"},
	}
	return f, true
}
