package django

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/source"
)

// A merger joins the facts of roots: one place is one Query, whoever reached it.
type merger struct {
	ix      *source.Index
	queries map[string]*source.Query
	same    map[*source.Query]*source.Query
	fetches map[string]*source.Fetch
	notes   map[noteKey]int // places in ix.Notes
}

type noteKey struct {
	span source.Span
	kind source.NoteKind
}

func (m *merger) addQueries(rec *record) {
	for _, q := range rec.queries {
		old := m.queries[q.key]
		if old == nil {
			fresh := &q.Query
			m.queries[q.key] = fresh
			m.same[fresh] = fresh
			m.ix.Queries = append(m.ix.Queries, fresh)
			continue
		}
		m.same[&q.Query] = old
		joinQuery(old, &q.Query)
	}
}

// joinQuery adds what another root saw of the same query.
func joinQuery(q, o *source.Query) {
	q.Entries = joinSorted(q.Entries, o.Entries)
	q.Dynamic = q.Dynamic || o.Dynamic
	for _, r := range o.Reads {
		i := slices.IndexFunc(q.Reads, func(x source.Read) bool {
			return x.Span == r.Span && x.Field == r.Field && slices.Equal(x.Path, r.Path)
		})
		if i < 0 {
			q.Reads = append(q.Reads, r)
			continue
		}
		q.Reads[i].Loop = q.Reads[i].Loop || r.Loop
	}
	for _, e := range o.Escapes {
		if !slices.Contains(q.Escapes, e) {
			q.Escapes = append(q.Escapes, e)
		}
	}
	for _, e := range o.Evals {
		if !slices.ContainsFunc(q.Evals, func(x source.Eval) bool { return x.Span == e.Span && x.Kind == e.Kind }) {
			q.Evals = append(q.Evals, e)
		}
	}
	for i := range q.Eager {
		if i < len(o.Eager) {
			q.Eager[i].Used = q.Eager[i].Used || o.Eager[i].Used
		}
	}
}

func joinSorted(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

// canonical returns the one Query that stands for q.
func (m *merger) canonical(q *source.Query) *source.Query {
	if q == nil {
		return nil
	}
	if s := m.same[q]; s != nil {
		return s
	}
	return q
}

func (m *merger) addFetches(rec *record) {
	for _, f := range rec.fetches {
		f.Of, f.Query = m.canonical(f.Of), m.canonical(f.Query)
		for i := range f.Loops {
			f.Loops[i].Over = m.canonical(f.Loops[i].Over)
		}
		key := fetchKey(&f.Fetch)
		old := m.fetches[key]
		if old == nil {
			m.fetches[key] = &f.Fetch
			m.ix.Fetches = append(m.ix.Fetches, &f.Fetch)
			continue
		}
		old.Entries = joinSorted(old.Entries, f.Entries)
		old.Covered = old.Covered && f.Covered
		old.OnlyKey = old.OnlyKey && f.OnlyKey
		old.Conditional = old.Conditional && f.Conditional
		old.Varies = old.Varies || f.Varies
	}
	for _, n := range rec.notes {
		n.Query = m.canonical(n.Query)
		key := noteKey{n.Span, n.Kind}
		if i, ok := m.notes[key]; ok {
			m.ix.Notes[i].Entries = joinSorted(m.ix.Notes[i].Entries, n.Entries)
			continue
		}
		m.notes[key] = len(m.ix.Notes)
		m.ix.Notes = append(m.ix.Notes, n)
	}
}

// fetchKey tells fetches apart by where they stand and what leads there.
func fetchKey(f *source.Fetch) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d-%d %s %s %s %p %p", f.Span.Path, f.Span.Start, f.Span.End, f.Op, f.Method, strings.Join(f.Path, "."), f.Of, f.Query)
	for _, l := range f.Loops {
		fmt.Fprintf(&b, " %s:%d", l.Span.Path, l.Span.Start)
	}
	for _, h := range f.Via {
		fmt.Fprintf(&b, " %s:%d", h.Span.Path, h.Span.Start)
	}
	return b.String()
}

// sort puts everything in the order of the source and numbers the queries.
func (m *merger) sort() {
	ix := m.ix
	keys := map[*source.Query]string{}
	for k, q := range m.queries {
		keys[q] = k
	}
	slices.SortStableFunc(ix.Queries, func(a, b *source.Query) int {
		return cmp.Or(source.Compare(a.Span, b.Span), cmp.Compare(keys[a], keys[b]))
	})
	for i, q := range ix.Queries {
		q.ID = i + 1
		q.From = m.canonical(q.From)
		slices.SortStableFunc(q.Reads, func(a, b source.Read) int {
			return cmp.Or(source.Compare(a.Span, b.Span), slices.Compare(a.Path, b.Path), cmp.Compare(a.Field, b.Field))
		})
		slices.SortStableFunc(q.Escapes, func(a, b source.Escape) int { return source.Compare(a.Span, b.Span) })
	}
	id := func(q *source.Query) int {
		if q == nil {
			return 0
		}
		return q.ID
	}
	slices.SortStableFunc(ix.Fetches, func(a, b *source.Fetch) int {
		return cmp.Or(
			source.Compare(a.Span, b.Span), cmp.Compare(a.Op, b.Op), cmp.Compare(id(a.Of), id(b.Of)),
			slices.Compare(a.Path, b.Path), cmp.Compare(id(a.Query), id(b.Query)), cmp.Compare(len(a.Loops), len(b.Loops)),
		)
	})
	slices.SortStableFunc(ix.Notes, compareNotes)
}
