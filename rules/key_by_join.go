package rules

import (
	"fmt"
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// key-by-join: book.author.id fetches the author for a value that the book has
// already, as book.author_id.
//
// Silent when the related row is there anyway: by select_related, or because
// the same code reads more of it.
var keyByJoin = &Rule{
	Code: "QP206", Name: "key-by-join", Severity: finding.Warning,
	Summary: "a related row is fetched for its key, which the foreign key holds",
	Doc:     page("key_by_join.md"),
	inspect: inspectKeyByJoin,
}

func inspectKeyByJoin(in *inspector) []witness {
	var found []witness
	told := map[source.Span]bool{}
	for _, n := range in.Index.Notes {
		if n.Kind != source.KeyByJoin || told[n.Span] || in.loadedAnyway(n) {
			continue
		}
		told[n.Span] = true
		var vs []*visit
		for _, v := range in.mine() {
			if v.Span.Within(n.Span) {
				vs = append(vs, v)
			}
		}
		w := in.note(n, n.Model+"."+n.Name)
		for _, v := range vs {
			w.fetches = append(w.fetches, v.Fetch)
		}
		w.Relation = finding.Relation{Kind: "key", Field: n.Name}
		w.Message = fmt.Sprintf("%s.%s is fetched for its key alone, which %s_id holds", className(n.Model), n.Name, n.Name)
		if len(vs) == 0 { // one query in vain, not one a row
			w.Severity = finding.Note
		} else {
			w.Message += ": one query per row"
			w.showLoop(vs)
		}
		rw, ok := rewrite.Replace("read the foreign key's own column", n.Span, n.Replacement, !in.mayBeNull(n))
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "read the foreign key's own column", Code: "…." + n.Name + "_id"}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// mayBeNull reports whether the foreign key of a Note may be empty, as far as
// is known: then reading the row fails where reading the column gives None.
func (in *inspector) mayBeNull(n source.Note) bool {
	m := in.model(n.Model)
	if m == nil || m.Field(n.Name) == nil {
		return true
	}
	return m.Field(n.Name).Null
}

// loadedAnyway reports whether the row that a Note is about is fetched for
// another reason too.
func (in *inspector) loadedAnyway(n source.Note) bool {
	if n.Query == nil {
		return false
	}
	for _, e := range n.Query.Eager {
		if e.Path == n.Name || e.Join && e.Path == "" {
			return true
		}
	}
	return slices.ContainsFunc(in.from[n.Query], func(f *source.Fetch) bool {
		return !f.OnlyKey && f.Op == source.Related && len(f.Path) > 0 && slices.Contains(f.Path, n.Name) || f.Covered && f.Span.Within(n.Span)
	})
}
