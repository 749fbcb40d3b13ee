package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// wide-update: save() writes every column of a wide row.
//
// Silent on narrow tables, on update() of some columns, on statements that a
// loop finding already tells of, and when the log shows columns of the table
// that the UPDATE leaves alone.
var wideUpdate = &Rule{
	Code: "QP405", Name: "wide-update", Severity: finding.Note,
	Summary: "save() writes every column of a wide row",
	Doc:     page("wide_update.md"),
	pattern: patWideUpdate,
	watch:   isWideUpdate,
	explain: explainWideUpdate,
}

// wideUpdateMin is how many columns make an UPDATE wide.
const wideUpdateMin = 10

func isWideUpdate(s *sqlshape.Shape) bool {
	return s.Kind == sqlshape.Update && len(s.Columns) >= wideUpdateMin && isOneRow(s) && !s.Computed
}

func explainWideUpdate(d *docket, e *evidence) (finding.Finding, bool) {
	if d.looped[e.Child] {
		return finding.Finding{}, false
	}
	table := statement(e.child).Table
	set := map[string]bool{}
	for _, c := range e.child.Columns {
		set[c.Name] = true
	}
	left := 0
	cols, all := d.graph.Columns(table)
	for _, c := range cols {
		if !set[c] && c != d.graph.Key(table) {
			left++
		}
	}
	if left > 0 {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(table), e.Ledger, e.child, nil)
	f.Cost.Saved = 0 // what narrower UPDATEs save is not to be seen in a log
	f.Message = fmt.Sprintf("%s: save() writes all %d columns, "+countsHere, table, len(e.child.Columns))
	f.Relation = finding.Relation{Kind: "write"}
	f.Confidence = finding.Possible
	if all || len(cols) > 0 {
		f.Confidence = finding.Likely
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "write only what has changed",
		Code:  identifier(table) + `.save(update_fields=["…"])`,
	}}
	return f, true
}
