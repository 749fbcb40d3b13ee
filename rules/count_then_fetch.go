package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// count-then-fetch: COUNT(*) or EXISTS, then the same rows in full.
//
// Silent on pagination (the fetch has a LIMIT), when something writes to the
// table in between, when filters or arguments differ, and on one row by its
// key: full_clean() asks whether it exists before the code reads it.
var countThenFetch = &Rule{
	Code: "QP204", Name: "count-then-fetch", Severity: finding.Warning,
	Summary: "count() or exists() runs right before the same rows are fetched",
	Doc:     page("count_then_fetch.md"),
	pattern: patCountFetch,
	explain: explainCountFetch,
	inspect: inspectCountFetch,
}

func explainCountFetch(d *docket, e *evidence) (finding.Finding, bool) {
	if e.child.Exists && d.isByKey(e.child) {
		return finding.Finding{}, false
	}
	what, code := "count()", "rows = list(queryset)\nlen(rows)"
	if e.child.Exists {
		what, code = "exists()", "rows = list(queryset)\nif rows:"
	}
	f := d.finding(d.subject(e.child)+"."+what, e.Ledger, e.child, e.parent)
	f.Message = fmt.Sprintf("%s: %s, then the same rows in full, "+countsHere, statement(e.child).Table, what)
	f.Relation = finding.Relation{Kind: "repeat", Field: what}
	f.Cost.Saved = time.Duration(e.Took)
	f.Notes = append(f.Notes, boundNote(e.Trust()))
	f.Rewrites = []finding.Rewrite{{Title: "fetch once and ask the list", Code: code, Safe: true}}
	return f, true
}

// inspectCountFetch tells of a queryset that is asked by count() or exists()
// and then gone through, on one way through the code.
//
// Silent when its model is written to in between.
func inspectCountFetch(in *inspector) []witness {
	var found []witness
	for _, q := range in.Index.Queries {
		ask, fetch, ok := askedThenFetched(q)
		if !ok || in.looped[q] || q.Model == "" || !in.oneFlow(q, ask, fetch) || in.writtenBetween(q, ask.Span, fetch.Span) {
			continue
		}
		what, code := "count()", "rows = list(queryset)\nlen(rows)"
		if ask.Kind == source.Exists {
			what, code = "exists()", "rows = list(queryset)\nif rows:"
		}
		w := in.witness(in.label(q, q.Model)+"."+what, q.Span, q.Function, q, nil)
		w.fetches = in.asked[q]
		w.Relation = finding.Relation{Kind: "repeat", Field: what}
		w.Child.Table = in.table(q.Model)
		w.Message = fmt.Sprintf("%s: %s, then the same rows in full", className(q.Model), what)
		if q.Dynamic {
			w.Confidence = finding.Possible
		}
		w.Related = []finding.Related{{Span: ask.Span, Message: what + " runs a query"}, {Span: fetch.Span, Message: "and this fetches what it asked about"}}
		rw, ok := rewrite.FetchOnce(in.Text, q, ask, fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "fetch once and ask the list", Code: code}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// askedThenFetched finds the first count() or exists() that an iteration of
// the same queryset follows.
func askedThenFetched(q *source.Query) (ask, fetch source.Eval, ok bool) {
	for _, a := range q.Evals {
		if a.Kind != source.Count && a.Kind != source.Exists {
			continue
		}
		for _, f := range q.Evals {
			if f.Kind == source.Iterate && f.Order > a.Order && strings.HasPrefix(f.Branch, a.Branch) {
				return a, f, !fetchedBefore(q, a)
			}
		}
	}
	return ask, fetch, false
}

// oneFlow reports whether two evaluations follow each other in one function: a
// helper that gives a queryset gives another one to each caller. A template's
// loop goes with the view that hands it the rows.
func (in *inspector) oneFlow(q *source.Query, ask, fetch source.Eval) bool {
	if ask.Span.Path != fetch.Span.Path {
		return strings.HasSuffix(ask.Span.Path, ".py") != strings.HasSuffix(fetch.Span.Path, ".py")
	}
	return in.functionOf(q, ask) == in.functionOf(q, fetch)
}

// functionOf is the function in which a queryset is evaluated, as far as its
// fetches tell.
func (in *inspector) functionOf(q *source.Query, e source.Eval) string {
	for _, f := range in.asked[q] {
		if f.Span.Path == e.Span.Path && (f.Span.Within(e.Span) || e.Span.Within(f.Span)) {
			return f.Function
		}
	}
	return q.Function
}

// fetchedBefore reports whether the rows are there already when they are asked
// about: then count() and exists() look at them.
func fetchedBefore(q *source.Query, ask source.Eval) bool {
	return slices.ContainsFunc(q.Evals, func(e source.Eval) bool {
		return (e.Kind == source.Iterate || e.Kind == source.Len || e.Kind == source.Bool || e.Kind == source.Maybe) && e.Order < ask.Order && strings.HasPrefix(ask.Branch, e.Branch)
	})
}

// writtenBetween reports whether something between two places writes to the
// model.
func (in *inspector) writtenBetween(q *source.Query, from, to source.Span) bool {
	return slices.ContainsFunc(in.Index.Fetches, func(f *source.Fetch) bool {
		switch f.Op {
		case source.Insert, source.Update, source.Remove, source.GetOrCreate, source.AddRelated:
			return f.Span.Path == from.Path && f.Span.Start >= from.Start && f.Span.End <= to.Start && (f.Model == q.Model || f.Model == "")
		}
		return false
	})
}
