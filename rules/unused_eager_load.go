package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// unused-eager-load: select_related() or prefetch_related() fetches what no
// code that sees the rows follows.
//
// Silent when the queryset or its rows go out of sight (an unknown function, a
// template or serializer that could not be read), when parts of its chain could
// not be read, when only a part of the path is followed, and when any branch
// follows it.
var unusedEagerLoad = &Rule{
	Code: "QP202", Name: "unused-eager-load", Severity: finding.Warning,
	Summary: "related rows are joined or prefetched that nothing reads",
	Doc:     page("unused_eager_load.md"),
	inspect: inspectUnused,
}

func inspectUnused(in *inspector) []witness {
	var found []witness
	for _, q := range in.Index.Queries {
		m := in.model(q.Model)
		if m == nil || q.Dynamic || q.Combined || len(q.Escapes) > 0 || !in.rowsSeen(q) {
			continue
		}
		for _, e := range q.Eager {
			if e.Path == "" || e.Used || in.touches(q, e) || in.elsewhere(q, e) {
				continue
			}
			verb, cost := "prefetched", "one more query"
			if e.Join {
				verb, cost = "joined", "a wider query"
			}
			w := in.witness(q.Model+"."+e.Path, q.Span, q.Function, q, nil)
			w.Relation = finding.Relation{Kind: "eager", Field: e.Path}
			if strings.Contains(q.Function, ".") {
				w.Confidence = finding.Possible // subclasses, other methods and the admin may see the rows
			}
			w.Child.Table = m.Table
			w.Message = fmt.Sprintf("%s: %s is %s, and nothing reads it: %s", m.Name, e.Path, verb, cost)
			w.Related = []finding.Related{{Span: e.Span, Message: "not used"}}
			call := "prefetch_related"
			if e.Join {
				call = "select_related"
			}
			words := finding.Rewrite{Title: "leave it out", Code: fmt.Sprintf("%s  # without %s(%q)", in.rootText(q), call, e.Path)}
			rw, ok := rewrite.DropEager(in.Text, q, e)
			w.Rewrites = []finding.Rewrite{offer(words, rw, ok)}
			found = append(found, w)
		}
	}
	return found
}

// rowsSeen reports whether the code in sight does something with the rows: a
// queryset that nothing evaluates is used by code out of sight.
func (in *inspector) rowsSeen(q *source.Query) bool {
	return len(q.Reads) > 0 && slices.ContainsFunc(q.Evals, func(e source.Eval) bool { return e.Kind == source.Iterate || e.Kind == source.One })
}

// touches reports whether something follows the first relation of an eager
// path: then a part of it is needed, or what was read of it is not complete.
func (in *inspector) touches(q *source.Query, e source.Eager) bool {
	first, _, _ := strings.Cut(e.Path, "__")
	names := []string{first, e.ToAttr}
	if m := in.model(q.Model); m != nil {
		if f := m.Lookup(first); f != nil {
			names = append(names, f.Name)
		}
	}
	used := func(path []string) bool { return len(path) > 0 && slices.Contains(names, path[0]) }
	for _, r := range q.Reads {
		if used(r.Path) || slices.Contains(names, r.Field) {
			return true
		}
	}
	return slices.ContainsFunc(in.from[q], func(f *source.Fetch) bool { return used(f.Path) || f.Op == source.Update || f.Op == source.Remove })
}

// elsewhere reports whether the same expression ends in another queryset too,
// whose rows may be what the path is for.
func (in *inspector) elsewhere(q *source.Query, e source.Eager) bool {
	return slices.ContainsFunc(in.Index.Queries, func(o *source.Query) bool {
		if o == q {
			return false
		}
		return slices.ContainsFunc(o.Eager, func(x source.Eager) bool {
			return x.Span == e.Span && (x.Used || len(o.Escapes) > 0 || o.Dynamic || in.touches(o, x) || !in.rowsSeen(o))
		})
	})
}
