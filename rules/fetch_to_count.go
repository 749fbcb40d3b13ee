package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// fetch-to-count: rows are fetched to be counted, len(queryset), or to see
// whether there are any, if queryset, and for nothing else.
//
// Silent when anything else uses the rows, when the queryset leaves the
// function, on slices, and on prefetched relations, where len() is free.
var fetchToCount = &Rule{
	Code: "QP207", Name: "fetch-to-count", Severity: finding.Warning,
	Summary: "rows are fetched only to be counted or to see whether there are any",
	Doc:     page("fetch_to_count.md"),
	inspect: inspectFetchToCount,
}

func inspectFetchToCount(in *inspector) []witness {
	var found []witness
	told := map[source.Span]bool{} // one test may look at one of several querysets
	for _, q := range in.Index.Queries {
		at, ok := onlyCounted(q)
		if !ok || q.Model == "" || in.looped[q] || in.isServed(q) || isNone(q) || in.isKept(at.Span) || told[at.Span] {
			continue
		}
		told[at.Span] = true
		what, code, verb := "len()", ".count()", "counted"
		if at.Kind == source.Bool {
			what, code, verb = "bool()", ".exists()", "looked for"
		}
		w := in.witness(in.label(q, q.Model)+"."+what, at.Span, q.Function, q, nil)
		w.fetches = in.asked[q]
		w.Relation = finding.Relation{Kind: "rows", Field: what}
		w.Child.Table = in.table(q.Model)
		w.Message = fmt.Sprintf("%s: all rows are fetched and only %s", className(q.Model), verb)
		if q.Dynamic {
			w.Confidence = finding.Possible
		}
		if q.Span.Known() && !q.Span.Within(at.Span) {
			w.Related = []finding.Related{{Span: q.Span, Message: "the queryset"}}
		}
		ask := rewrite.CountRows
		if at.Kind == source.Bool {
			ask = rewrite.ExistsRows
		}
		rw, ok := ask(in.Text, q, at)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "ask the database", Code: "queryset" + code}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// onlyCounted finds the len() or the test that is all that is done with a
// queryset's rows; len() where there are both.
func onlyCounted(q *source.Query) (source.Eval, bool) {
	var at source.Eval
	if len(q.Reads) > 0 || len(q.Escapes) > 0 || q.Sliced || q.Combined {
		return at, false
	}
	for _, e := range q.Evals {
		switch {
		case e.Kind == source.Len, e.Kind == source.Bool && at.Kind == "":
			at = e
		case e.Kind == source.Bool, e.Kind == source.Nested:
		default:
			return at, false
		}
	}
	return at, at.Kind != ""
}

// isServed reports whether a queryset's rows are there already, or come with a
// loop that a rule about loops tells of.
func (in *inspector) isServed(q *source.Query) bool {
	for _, f := range in.asked[q] {
		if f.Covered {
			return true
		}
	}
	return false
}

// isKept reports whether an expression reads a queryset off an object: other
// methods may go through its rows.
func (in *inspector) isKept(s source.Span) bool { return strings.Contains(in.text(s), "self.") }
