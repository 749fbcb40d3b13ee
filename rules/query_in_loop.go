package rules

import (
	"fmt"
	"slices"

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
	if d.isPage(l.child) || isFramework(l.child) || l.child.Exists && d.isByKey(l.child) {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	by := d.varying(l.child)
	f.Message = fmt.Sprintf("%s is queried in a loop, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "query", Field: by}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust()))
	if isProbeShape(l.child) {
		f.Rewrites = []finding.Rewrite{d.askOnce(l.child)}
		return f, true
	}
	code := d.model(l.child) + ".objects.filter(…)  # for all of them"
	if by != "" {
		code = fmt.Sprintf("%s.objects.filter(%s__in=…)", d.model(l.child), by)
	}
	f.Rewrites = []finding.Rewrite{{Title: "fetch for all values at once, then group in Python", Code: code}}
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

// isFramework reports whether a statement fills one of Django's own caches,
// which happens once in a process.
func isFramework(s *sqlshape.Shape) bool {
	return statement(s).Table == "django_content_type"
}
