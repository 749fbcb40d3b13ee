package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// random-order: ORDER BY RANDOM(), which sorts every row to give a few.
var randomOrder = &Rule{
	Code: "QP504", Name: "random-order", Severity: finding.Warning,
	Summary: `order_by("?") sorts the whole table`,
	Doc:     page("random_order.md"),
	pattern: patRandom,
	watch:   func(s *sqlshape.Shape) bool { return s.Random },
	explain: explainRandom,
}

func explainRandom(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Relation = finding.Relation{Kind: "order"}
	f.Message = fmt.Sprintf("%s is sorted by RANDOM(), "+countsHere, statement(e.child).Table)
	model := d.model(e.child)
	f.Rewrites = []finding.Rewrite{{
		Title: "draw keys first",
		Code:  fmt.Sprintf("pks = list(%s.objects.values_list(\"pk\", flat=True))\n%s.objects.filter(pk__in=random.sample(pks, %d))", model, model, max(e.child.Limit, 1)),
	}}
	return f, true
}
