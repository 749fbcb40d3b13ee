package django

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A record is what one root gave.
type record struct {
	user    *schema.Model
	queries []*queryFact
	fetches []*fetchFact
	byKey   map[string]*fetchFact
	lazies  []*lazyRead
	notes   []source.Note
	reads   map[readKey]int
	lost    map[lostPlace]bool
}

// A lostPlace is a function in which a limit left something out. However many
// ways lead there, people have one place to look at.
type lostPlace struct{ what, path, function string }

type readKey struct {
	fact  *queryFact
	start int
	file  string
	path  string
}

// A fetchFact is a Fetch with its identity.
type fetchFact struct {
	source.Fetch
	key string
}

// Limits of what one query keeps; more is counted as source_facts.
const (
	maxReads   = 400
	maxEscapes = 40
	maxEvals   = 60
)

// use makes a query part of the Index.
func (it *interp) use(q *queryFact) *source.Query {
	if q == nil || q.key == "" {
		return nil
	}
	if it.muted > 0 && !q.used {
		return &q.Query
	}
	if !q.used {
		q.used = true
		it.rec.queries = append(it.rec.queries, q)
		q.Entries = it.entries()
		it.use(q.from)
	}
	return &q.Query
}

func (it *interp) entries() []string {
	if it.entry == "" {
		return nil
	}
	return []string{it.entry}
}

func (rec *record) note(n source.Note) { rec.notes = append(rec.notes, n) }

func (rec *record) read(q *queryFact, r source.Read) {
	if q.key == "" {
		return
	}
	k := readKey{q, r.Span.Start, r.Span.Path, strings.Join(r.Path, ".") + "." + r.Field}
	if i, ok := rec.reads[k]; ok {
		q.Reads[i].Loop = q.Reads[i].Loop || r.Loop
		q.Reads[i].Write = q.Reads[i].Write && r.Write
		return
	}
	if len(q.Reads) >= maxReads {
		rec.lost[lostPlace{"source_facts", r.Span.Path, q.Function}] = true
		if len(q.Escapes) == 0 {
			q.Escapes = append(q.Escapes, source.Escape{Span: r.Span, Why: "more is read of it than is kept"})
		}
		return
	}
	rec.reads[k] = len(q.Reads)
	q.Reads = append(q.Reads, r)
}

// eval records that a queryset is asked.
func (it *interp) evaluated(q *queryset, kind source.EvalKind, at syntax.Node) {
	if it.muted > 0 {
		return
	}
	it.order++
	if it.use(q.fact) == nil {
		return
	}
	if len(q.fact.Evals) >= maxEvals {
		it.lose("source_facts")
		return
	}
	branch := ""
	for _, b := range it.branch {
		branch += b + ";"
	}
	q.fact.Evals = append(q.fact.Evals, source.Eval{Kind: kind, Span: it.span(at), Order: it.order, Branch: branch})
}

// escape records that the rows in v go out of sight.
func (it *interp) escape(v value, at syntax.Node, why string) {
	if it.muted > 0 {
		return
	}
	it.escapeIn(v, at, why, 0)
}

// maxContainers is how many containers inside each other are looked through.
const maxContainers = 4

func (it *interp) escapeIn(v value, at syntax.Node, why string, depth int) {
	if depth > maxContainers {
		return
	}
	switch v := v.(type) {
	case union:
		for _, x := range v {
			it.escapeIn(x, at, why, depth+1)
		}
	case *row:
		for _, o := range v.origins {
			it.escaped(o.fact, source.Escape{Span: it.span(at), Why: why})
		}
	case *queryset:
		it.escaped(v.fact, source.Escape{Span: it.span(at), Why: why, Queryset: true})
		if v.home != nil && v.plain {
			it.escapeIn(v.home, at, why, depth+1)
		}
	case *managerValue:
		if v.row != nil {
			it.escapeIn(v.row, at, why, depth+1)
		}
	case *page:
		it.escapeIn(v.rows, at, why, depth+1)
	case *sequence:
		for _, x := range v.elts {
			it.escapeIn(x, at, why, depth+1)
		}
		it.escapeIn(v.elem, at, why, depth+1)
	case *dict:
		for _, k := range v.keys {
			it.escapeIn(v.values[k], at, why, depth+1)
		}
		it.escapeIn(v.elem, at, why, depth+1)
	case *instance:
		for _, name := range sortedKeys(v.attrs) {
			it.escapeIn(v.attrs[name], at, why, depth+2)
		}
	case *bound:
		it.escapeIn(v.self, at, why, depth+2)
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (it *interp) escaped(q *queryFact, e source.Escape) {
	if it.use(q) == nil {
		return
	}
	for _, old := range q.Escapes {
		if old.Span == e.Span && old.Queryset == e.Queryset {
			return
		}
	}
	if len(q.Escapes) >= maxEscapes {
		it.lose("source_facts")
		return
	}
	q.Escapes = append(q.Escapes, e)
}

// A fetchOf is what is to be recorded of a place that runs SQL.
type fetchOf struct {
	op       source.Op
	method   string
	at       syntax.Node
	row      *row   // from which it starts
	via      string // accessor that it follows from row
	query    *queryset
	model    *schema.Model
	lazy     bool // once for each row, however often it is written
	kept     bool // once for each queryset: its result is kept
	covered  bool
	filtered bool
	fields   []string
	args     []string
	deps     loopSet
}

// fetch records a place that runs SQL. It returns nil where nothing is
// recorded.
func (it *interp) fetch(o fetchOf) *fetchFact {
	if it.muted > 0 || it.writing > 0 || o.at == nil {
		return nil
	}
	f := &fetchFact{Fetch: source.Fetch{
		Span: it.span(o.at), Function: it.frame.name, Op: o.op, Method: o.method, Model: label(o.model),
		Covered: o.covered, Filtered: o.filtered, Fields: o.fields, Args: o.args, Entries: it.entries(),
	}}
	n := len(it.loops)
	hops := len(it.hops)
	if n > 0 {
		hops = it.loops[n-1].hops
	}
	if o.row != nil {
		if len(o.row.origins) > 0 {
			first := o.row.origins[0]
			f.Of = it.use(first.fact)
			f.Path = slices.Clone(first.path)
		}
		if o.via != "" {
			f.Path = append(f.Path, o.via)
		}
		if o.lazy || o.via == "" {
			o.deps |= o.row.deps
		}
		hops = min(o.row.hops, len(it.hops))
	}
	switch {
	case o.lazy && o.row != nil:
		n = it.shared(o.row.loops)
	case o.kept && o.query != nil:
		n = it.shared(o.query.loops)
	}
	if q := o.query; q != nil {
		f.Query = it.use(q.fact)
		f.Ordered, f.Sliced = q.orders(), q.fact.Sliced
		f.Filtered = f.Filtered || len(q.fact.Filters) > 0
		o.deps |= q.asked
	}
	it.around(f, n, o.deps)
	if hops < len(it.hops) {
		f.Via = slices.Clone(it.hops[hops:])
	}
	return it.rec.add(f)
}

// orders reports whether a call of the chain, not the model, gives the order.
func (q *queryset) orders() bool {
	return slices.ContainsFunc(q.fact.Calls, func(c source.Call) bool { return c.Name == "order_by" || c.Name == "reverse" })
}

// around fills in the loops that a fetch stands in.
func (it *interp) around(f *fetchFact, n int, deps loopSet) {
	for _, l := range it.loops[:n] {
		f.Loops = append(f.Loops, l.Loop)
	}
	if n == 0 {
		return
	}
	inner := it.loops[n-1]
	f.Varies = deps&inner.bit() != 0
	f.Conditional = len(it.branch) > inner.arms
}

func (rec *record) add(f *fetchFact) *fetchFact {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d-%d %s %s of %p %s query %p", f.Span.Path, f.Span.Start, f.Span.End, f.Op, f.Method, f.Of,
		strings.Join(f.Path, "."), f.Query)
	for _, l := range f.Loops {
		fmt.Fprintf(&b, " in %s:%d", l.Span.Path, l.Span.Start)
	}
	f.key = b.String()
	if old := rec.byKey[f.key]; old != nil {
		old.Covered = old.Covered && f.Covered
		old.Conditional = old.Conditional && f.Conditional
		old.Varies = old.Varies || f.Varies
		return old
	}
	rec.byKey[f.key] = f
	rec.fetches = append(rec.fetches, f)
	return f
}

// finish settles what only the whole root shows: fetches for a key alone.
func (rec *record) finish() {
	for _, l := range rec.lazies {
		l.fetch.OnlyKey = !l.fetch.Covered
	}
	for _, l := range rec.lazies {
		if len(l.notes) == 0 || l.keys < l.uses { // without a note it is only asked for: if book.author
			l.fetch.OnlyKey = false
		}
	}
	for _, l := range rec.lazies {
		if !l.fetch.OnlyKey {
			continue
		}
		for _, n := range l.notes {
			n.Query = l.fetch.Of
			rec.note(n)
		}
	}
}

// enter adds an entry from which all of the root is reached.
func (rec *record) enter(entry string) {
	one := []string{entry}
	for _, q := range rec.queries {
		q.Entries = joinSorted(q.Entries, one)
	}
	for _, f := range rec.fetches {
		f.Entries = joinSorted(f.Entries, one)
	}
	for i := range rec.notes {
		rec.notes[i].Entries = joinSorted(rec.notes[i].Entries, one)
	}
}

func label(m *schema.Model) string {
	if m == nil {
		return ""
	}
	return m.Label()
}

func compareNotes(a, b source.Note) int {
	return cmp.Or(source.Compare(a.Span, b.Span), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}
