package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// query-in-loop: any other SELECT that runs again and again in one unit with
// arguments that vary.
//
// Silent when a more telling rule fits, when the arguments do not vary, on
// walks through a table page by page (OFFSET, keyset, ranges of keys), and when
// requests on a kept connection explain the count.
var queryInLoop = &Rule{
	Code: "QP107", Name: "query-in-loop", Severity: finding.Warning,
	Summary: "a query runs in a loop with arguments that vary",
	Doc:     page("query_in_loop.md"),
	loop:    explainQuery,
}

func explainQuery(d *docket, l *loop) (finding.Finding, bool) {
	if d.isPage(l.child) {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	names := equalNames(l.child)
	f.Message = fmt.Sprintf("%s is queried in a loop, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "query", Field: strings.Join(names, ",")}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust))
	model := d.model(l.child)
	switch {
	case len(names) == 0:
		f.Rewrites = []finding.Rewrite{{
			Title: "fetch for all values at once, then group in Python",
			Code:  model + ".objects.filter(…)  # the whole range",
		}}
	case isProbeShape(l.child):
		f.Rewrites = []finding.Rewrite{{
			Title: "ask once for all values",
			Code:  fmt.Sprintf("%s.objects.filter(%s__in=…).values(%q).annotate(Count(\"pk\"))", model, names[0], names[0]),
		}}
	default:
		f.Rewrites = []finding.Rewrite{{
			Title: "fetch for all values at once, then group in Python",
			Code:  fmt.Sprintf("%s.objects.filter(%s__in=…)", model, names[0]),
		}}
	}
	return f, true
}

// isPage reports whether a statement is one step of a walk through a table: a
// page by OFFSET, the rows after a key, or those between two keys.
func (d *docket) isPage(s *sqlshape.Shape) bool {
	if s.Offset != sqlshape.Absent {
		return true
	}
	for _, p := range s.Where {
		switch p.Op {
		case ">", ">=", "<", "<=", "BETWEEN":
			if d.graph.IsUnique(p.Column.Table, p.Column.Name) || s.Limit > 0 && slices.Contains(s.Order, p.Column) {
				return true
			}
		}
	}
	return false
}

// equalNames are Django's names for the columns that a statement compares with
// one value each.
func equalNames(s *sqlshape.Shape) []string {
	var names []string
	for _, p := range s.Where {
		if p.Op == "=" && p.Function == "" {
			names = append(names, strings.TrimSuffix(p.Column.Name, "_id"))
		}
	}
	return names
}
