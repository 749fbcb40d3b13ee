package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// deep-offset: a page far from the first, which the server reaches by reading
// and throwing away all rows before it.
//
// Silent on offsets below sqlshape.DeepOffset, and where they are parameters
// that the log does not show.
var deepOffset = &Rule{
	Code: "QP502", Name: "deep-offset", Severity: finding.Warning,
	Summary: "a page is reached by skipping a thousand rows or more",
	Doc:     page("deep_offset.md"),
	pattern: patOffset,
	watch:   func(s *sqlshape.Shape) bool { return s.Offset == sqlshape.Deep || s.Offset >= sqlshape.DeepOffset },
	explain: explainOffset,
}

func explainOffset(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Cost.Wasted = 0
	f.Cost.Saved = 0
	f.Relation = finding.Relation{Kind: "offset"}
	f.Message = fmt.Sprintf("%s: OFFSET skips %s rows or more, "+countsHere, statement(e.child).Table, number(sqlshape.DeepOffset))
	size := e.child.Limit
	if size <= 0 {
		size = 100
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "go on from the last row seen (keyset pagination)",
		Code:  fmt.Sprintf("%s.objects.filter(pk__gt=last_pk).order_by(\"pk\")[:%d]", d.model(e.child), size),
	}}
	return f, true
}
