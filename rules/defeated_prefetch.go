package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// defeated-prefetch: a relation is prefetched, and the loop asks the database
// for it again with filter(), order_by() and the like, which no prefetch serves.
//
// Silent on all(), count(), exists() and iteration, which look at the rows that
// were prefetched. A log shows the same as n-plus-one.
var defeatedPrefetch = &Rule{
	Code: "QP106", Name: "defeated-prefetch", Severity: finding.Warning,
	Summary: "a prefetched relation is queried again for each row",
	Doc:     page("defeated_prefetch.md"),
	inspect: inspectDefeated,
}

func inspectDefeated(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), func(v *visit) string { return in.where(v.owner) + strings.Join(v.path, ".") }) {
		v := vs[0]
		q, path := v.owner, strings.Join(v.path, "__")
		last := v.fields[len(v.fields)-1]
		w := in.witness(q.Model+"."+path, q.Span, q.Function, q, vs)
		w.Relation = finding.Relation{Kind: last.Relation.Kind, Field: path}
		w.Parent.Table, w.Child.Table = in.table(q.Model), in.table(targetOf(last))
		w.Message = fmt.Sprintf("%s: %s is prefetched, and queried again for each row", arrowOf(q.Model, v.fields), path)
		w.Confidence = in.sure(q, vs)
		for _, e := range q.Eager {
			if !e.Join && e.Span.Known() && (e.Path == path || strings.HasPrefix(path, e.Path+"__")) {
				w.Related = append(w.Related, finding.Related{Span: e.Span, Message: "what this fetches is not used there"})
				break
			}
		}
		w.show(vs, "each call runs a query")
		w.Rewrites = []finding.Rewrite{in.prefetchTo(vs)}
		in.looped[v.Query] = true
		if v.Op == source.First {
			w.Notes = append(w.Notes, "first() of an unordered relation orders it by the key, which asks again")
		}
		found = append(found, w)
	}
	return found
}

// prefetchTo writes the prefetch of what the loop asks for.
func (in *inspector) prefetchTo(vs []*visit) finding.Rewrite {
	v := vs[0]
	path := strings.Join(v.path, "__")
	last := v.fields[len(v.fields)-1]
	if slices.ContainsFunc(vs, picks) {
		return finding.Rewrite{
			Title: "pick them in Python from what is prefetched",
			Code:  fmt.Sprintf("[row for row in ….%s.all() if …]", last.Name),
		}
	}
	words := finding.Rewrite{
		Title: "prefetch what the loop asks for",
		Code:  fmt.Sprintf("Prefetch(%q, queryset=%s.objects.filter(…), to_attr=\"…\")", path, className(targetOf(last))),
	}
	if len(vs) > 1 || v.Query == nil {
		return words
	}
	rw, ok := rewrite.PrefetchTo(in.Text, in.Models, v.Fetch, in.without(v, path), path)
	return offer(words, rw, ok)
}

// without is the visit's query with its prefetch of path marked as not used
// when this visit alone goes there: what it asks for can take its place then.
func (in *inspector) without(v *visit, path string) *source.Query {
	q := *v.owner
	q.Eager = slices.Clone(q.Eager)
	for i := range q.Eager {
		e := &q.Eager[i]
		if e.Join || e.Path != path || e.ToAttr != "" || len(q.Escapes) > 0 || q.Dynamic || in.elsewhere(v.owner, *e) {
			continue
		}
		e.Used = slices.ContainsFunc(in.from[v.owner], func(f *source.Fetch) bool {
			return f != v.Fetch && len(f.Path) >= len(v.path) && slices.Equal(f.Path[:len(v.path)], v.path)
		})
	}
	return &q
}
