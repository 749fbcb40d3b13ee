package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// huge-in-list: a list of sqlshape.HugeList values or more behind IN.
//
// Silent on shorter lists, such as those of prefetch_related over a page.
var hugeInList = &Rule{
	Code: "QP505", Name: "huge-in-list", Severity: finding.Warning,
	Summary: "a list of a thousand values or more stands behind IN",
	Doc:     page("huge_in_list.md"),
	pattern: patHugeIn,
	watch:   func(s *sqlshape.Shape) bool { return hugeColumn(s) != "" },
	explain: explainHuge,
}

func hugeColumn(s *sqlshape.Shape) string {
	for _, p := range s.Where {
		if p.List == sqlshape.HugeItems {
			return p.Column.Name
		}
	}
	return ""
}

func explainHuge(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	col := hugeColumn(e.child)
	f.Relation = finding.Relation{Kind: "filter", Field: col}
	f.Message = fmt.Sprintf("%s: %s is compared with a list of %s values or more, "+countsHere, statement(e.child).Table, col, number(sqlshape.HugeList))
	f.Rewrites = []finding.Rewrite{{
		Title: "let the database find the values: filter by the queryset, not by a list made from it",
		Code:  fmt.Sprintf("%s.objects.filter(%s__in=queryset.values(\"pk\"))", d.model(e.child), strings.TrimSuffix(col, "_id")),
	}}
	return f, true
}
