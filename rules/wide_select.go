package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// wide-select: a list fetches all columns of a wide table. From a log alone it
// is possible that the code needs them all, so this is a note.
//
// Silent on reads of one row (by a key, LIMIT 1), on columns of joined tables,
// and on loops, which have a finding of their own.
var wideSelect = &Rule{
	Code: "QP201", Name: "wide-select", Severity: finding.Note,
	Summary: "a list fetches every column of a wide table",
	Doc:     page("wide_select.md"),
	pattern: patWideSelect,
	watch:   mayBeWide,
	explain: explainWide,
}

// wideMin is how many columns make a SELECT wide; a column that a schema file
// shows to hold documents counts for heavyWeight.
const (
	wideMin     = 20
	heavyWeight = 6
)

func mayBeWide(s *sqlshape.Shape) bool {
	if s.Kind != sqlshape.Select && s.Kind != sqlshape.Declare || len(s.Tables) == 0 || s.Limit == 1 || s.Limit == sqlshape.GetLimit {
		return false
	}
	return baseColumns(s) >= wideMin/heavyWeight
}

// baseColumns counts the columns of the base table in the select list.
func baseColumns(s *sqlshape.Shape) int {
	n := 0
	for _, c := range s.Columns {
		if c.Table == s.Tables[0].Name {
			n++
		}
	}
	return n
}

func explainWide(d *docket, e *evidence) (finding.Finding, bool) {
	if d.looped[e.Child] || d.isByKey(e.child) {
		return finding.Finding{}, false
	}
	table := statement(e.child).Table
	n, weight := baseColumns(e.child), 0
	var heavy []string
	for _, c := range e.child.Columns {
		if c.Table != table {
			continue
		}
		weight++
		if isHeavy(d.graph.Type(table, c.Name)) {
			heavy = append(heavy, c.Name)
			weight += heavyWeight - 1
		}
	}
	if weight < wideMin {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(table), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Message = fmt.Sprintf("%s: %d columns are read for each row of a list, "+countsHere, table, n)
	f.Relation = finding.Relation{Kind: "columns"}
	f.Confidence = finding.Possible
	f.Notes = append(f.Notes, "a log does not show which columns the code uses")
	model := d.model(e.child)
	f.Rewrites = []finding.Rewrite{
		{Title: "name the columns that are used", Code: model + `.objects.only("…")`},
		{Title: "fetch plain values", Code: model + `.objects.values_list("…")`},
	}
	if len(heavy) > 0 {
		f.Message += "; " + strings.Join(heavy[:min(len(heavy), 5)], ", ") + " may be large"
		f.Rewrites[0] = finding.Rewrite{Title: "leave the large columns out", Code: fmt.Sprintf("%s.objects.defer(%s)", model, quotedList(heavy))}
	}
	return f, true
}

// isHeavy reports whether a column's type holds documents of any size.
func isHeavy(typ string) bool {
	typ = strings.ToLower(typ)
	switch {
	case typ == "text", typ == "json", typ == "jsonb", typ == "bytea", typ == "xml", typ == "tsvector", strings.HasSuffix(typ, "[]"):
		return true
	}
	return false
}
