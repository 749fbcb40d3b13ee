package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// unbounded-select: all rows of a table, without LIMIT and without any
// condition, and the table is not small.
//
// Silent when the reads are quicker than the threshold unbounded-ms and are
// known to give fewer rows than unbounded-rows: small tables are read whole on
// purpose. Cursors (iterator()) fetch in pieces and are silent too.
var unboundedSelect = &Rule{
	Code: "QP203", Name: "unbounded-select", Severity: finding.Note,
	Summary: "a whole table is fetched without LIMIT",
	Doc:     page("unbounded_select.md"),
	pattern: patUnbounded,
	watch:   isUnbounded,
	explain: explainUnbounded,
	inspect: inspectUnbounded,
}

func isUnbounded(s *sqlshape.Shape) bool {
	return s.Kind == sqlshape.Select && len(s.Tables) > 0 && s.Filter == "" && s.Limit == sqlshape.Absent &&
		len(s.Aggregates) == 0 && !s.Exists && !s.Grouped && !s.Subquery && !s.SetOp
}

func explainUnbounded(d *docket, e *evidence) (finding.Finding, bool) {
	slow := e.Took/max(e.Calls, 1) >= int64(d.options.UnboundedMS)*int64(time.Millisecond)
	many := int64(e.MaxRows) >= int64(d.options.UnboundedRows)
	if !slow && !many {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(statement(e.child).Table), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Message = fmt.Sprintf("%s is fetched whole, without LIMIT, "+countsHere, statement(e.child).Table)
	f.Relation = finding.Relation{Kind: "rows"}
	f.Confidence = finding.Possible
	if many {
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

// inspectUnbounded tells of views that go through all rows of a table that
// looks as if it grows: it has a date or points to other tables.
//
// Silent on slices, filters, iterator(), values(), and outside of views. The
// source does not say how many rows there are, so this is never more than
// possible.
func inspectUnbounded(in *inspector) []witness {
	var found []witness
	views := map[string]bool{}
	for _, r := range in.Index.Routes {
		if r.Kind == "url" {
			views[r.View] = true
		}
	}
	for _, q := range in.Index.Queries {
		m := in.model(q.Model)
		if m == nil || !grows(m) || !in.isWhole(q) || in.looped[q] || !slices.ContainsFunc(q.Entries, func(e string) bool { return views[e] && builds(e, q.Function) }) {
			continue
		}
		w := in.witness(q.Model, q.Span, q.Function, q, nil)
		w.Relation = finding.Relation{Kind: "rows"}
		w.Child.Table = m.Table
		w.Message = m.Name + " is fetched whole, without LIMIT"
		w.Confidence = finding.Possible
		w.Notes = append(w.Notes, "the source does not show how many rows there are")
		w.Rewrites = []finding.Rewrite{
			{Title: "fetch a page at a time", Code: "Paginator(" + in.rootText(q) + ".order_by(\"pk\"), 100)"},
			{Title: "stream the rows", Code: in.rootText(q) + ".iterator(chunk_size=2000)"},
		}
		found = append(found, w)
	}
	return found
}

// builds reports whether a view itself builds a queryset: the choices of a
// form are for others to limit.
func builds(view, function string) bool {
	class, _, _ := strings.Cut(function, ".")
	return strings.HasSuffix(view, "."+function) || strings.HasSuffix(view, "."+class)
}

// isWhole reports whether a queryset is all of a table, gone through by the
// code that builds it.
func (in *inspector) isWhole(q *source.Query) bool {
	if q.From != nil || len(q.Filters) > 0 || q.Sliced || q.Dynamic || q.Raw || q.Combined || q.Iterator || q.Distinct || q.Annotated || len(q.Escapes) > 0 {
		return false
	}
	for _, c := range q.Calls {
		switch c.Name {
		case "all", "order_by", "select_related", "prefetch_related", "only", "defer":
		default:
			return false // a manager's own method may filter
		}
	}
	if slices.ContainsFunc(in.asked[q], func(f *source.Fetch) bool { return strings.HasSuffix(f.Method, "in_bulk") }) {
		return false
	}
	return slices.ContainsFunc(q.Evals, func(e source.Eval) bool { return e.Kind == source.Iterate })
}

// grows reports whether a model's table looks as if it got rows day by day,
// unlike those of countries and settings.
func grows(m *schema.Model) bool {
	return slices.ContainsFunc(m.Fields, func(f *schema.Field) bool {
		return f.Type == "DateTimeField" || f.Type == "DateField" || f.Auto != ""
	})
}
