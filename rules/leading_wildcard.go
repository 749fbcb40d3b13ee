package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// leading-wildcard: LIKE with a pattern that starts with a wildcard, as
// contains, icontains and endswith write it: no B-tree index serves it.
//
// Silent when the pattern is a parameter that the log does not show.
var leadingWildcard = &Rule{
	Code: "QP503", Name: "leading-wildcard", Severity: finding.Note,
	Summary: "LIKE with a leading wildcard cannot use a B-tree index",
	Doc:     page("leading_wildcard.md"),
	pattern: patWildcard,
	watch:   func(s *sqlshape.Shape) bool { return wildcardColumn(s) != nil },
	explain: explainWildcard,
}

// indexNameMax is how long Django lets an index's name be.
const indexNameMax = 30

func wildcardColumn(s *sqlshape.Shape) *sqlshape.Predicate {
	for i := range s.Where {
		if s.Where[i].Wildcard {
			return &s.Where[i]
		}
	}
	return nil
}

func explainWildcard(d *docket, e *evidence) (finding.Finding, bool) {
	p := wildcardColumn(e.child)
	f := d.finding(d.subject(e.child), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Relation = finding.Relation{Kind: "filter", Field: p.Column.Name}
	f.Message = fmt.Sprintf("%s: LIKE on %s starts with a wildcard, "+countsHere, statement(e.child).Table, p.Column.Name)
	opclass := fmt.Sprintf("fields=[%q], opclasses=[\"gin_trgm_ops\"]", p.Column.Name)
	if p.Function != "" {
		opclass = fmt.Sprintf("OpClass(%s(%q), name=\"gin_trgm_ops\")", title(strings.ToLower(p.Function)), p.Column.Name)
	}
	name := p.Column.Name[:min(len(p.Column.Name), indexNameMax-len("_trgm"))] + "_trgm"
	f.Rewrites = []finding.Rewrite{
		{Title: "a trigram index (extension pg_trgm)", Code: fmt.Sprintf("GinIndex(%s, name=%q)", opclass, name), Safe: true},
	}
	if p.Function == "" {
		f.Rewrites = append(f.Rewrites, finding.Rewrite{
			Title: "look for the beginning only", Code: fmt.Sprintf("%s.objects.filter(%s__startswith=…)", d.model(e.child), p.Column.Name),
		})
	}
	return f, true
}
