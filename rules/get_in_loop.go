package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// get-in-loop: rows of one table are fetched one at a time by a key, for
// values that do not come from a relation which the log shows.
//
// Silent when a relation leads there (n-plus-one) or columns were deferred
// (deferred-in-loop), and when the same row is fetched again and again
// (duplicate-query).
var getInLoop = &Rule{
	Code: "QP103", Name: "get-in-loop", Severity: finding.Warning,
	Summary: "rows are fetched one at a time with get()",
	Doc:     page("get_in_loop.md"),
	loop:    explainGet,
}

func explainGet(d *docket, l *loop) (finding.Finding, bool) {
	if l.related || isProbeShape(l.child) || !d.isByKey(l.child) && l.child.Limit != getLimit {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	f.Message = fmt.Sprintf("%s is fetched one row at a time, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "get", Field: keyName(d, l.child)}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust))
	model := d.model(l.child)
	if d.isByKey(l.child) {
		code := model + ".objects.in_bulk(ids)"
		if k := keyName(d, l.child); k != "id" && k != "pk" && k != d.graph.Key(statement(l.child).Table) {
			code = fmt.Sprintf("%s.objects.in_bulk(values, field_name=%q)", model, k)
		}
		f.Rewrites = []finding.Rewrite{
			{Title: "fetch all rows at once, by key (a missing key is left out, no DoesNotExist)", Code: code},
		}
		return f, true
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "fetch all rows at once",
		Code:  fmt.Sprintf("%s.objects.filter(%s__in=…)", model, keyName(d, l.child)),
	}}
	return f, true
}

// keyName is Django's name for the column that a get() looks up.
func keyName(d *docket, s *sqlshape.Shape) string {
	for _, p := range s.Where {
		if p.Op == "=" && d.graph.IsUnique(statement(s).Table, p.Column.Name) {
			return p.Column.Name
		}
	}
	if names := filterNames(s); len(names) > 0 {
		return names[0]
	}
	return "pk"
}
