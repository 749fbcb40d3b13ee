package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Inspect returns what the source alone shows, in order of file and line.
func Inspect(p *link.Project, o Options) []finding.Finding {
	var found []finding.Finding
	for _, w := range inspect(p, o.filled()) {
		found = append(found, w.Finding)
	}
	return found
}

// inspect lets the rules look at the source. One access is told by one rule:
// sortFetches decides which, and rules about whole querysets come after those
// about loops, to see what these have told.
func inspect(p *link.Project, o Options) []witness {
	if p == nil || p.Index == nil {
		return nil
	}
	in := newInspector(p, o)
	var found []witness
	for _, r := range all {
		if r.inspect == nil {
			continue
		}
		in.rule = r
		found = append(found, r.inspect(in)...)
	}
	found = slices.DeleteFunc(found, in.isInstalled)
	slices.SortStableFunc(found, func(a, b witness) int {
		return cmp.Or(source.Compare(a.Location, b.Location), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Subject, b.Subject))
	})
	return tellApart(found)
}

// isInstalled reports whether a finding is about the code of an installed
// package alone.
func (in *inspector) isInstalled(w witness) bool {
	return in.Index.IsInstalled(w.Location.Path) &&
		!slices.ContainsFunc(w.Related, func(r finding.Related) bool { return !in.Index.IsInstalled(r.Span.Path) })
}

// tellApart merges findings of one place, which may be reached on several
// ways, and gives those of one key at several places of one function numbers.
func tellApart(found []witness) []witness {
	var kept []witness
	times := map[finding.Key]int{}
	for _, w := range found {
		if n := len(kept) - 1; n >= 0 && kept[n].Location == w.Location && kept[n].Code == w.Code && kept[n].Subject == w.Subject {
			kept[n].join(&w)
			continue
		}
		enumerate(&w.Finding, times)
		kept = append(kept, w)
	}
	return kept
}

// enumerate gives a finding its fingerprint, and behind its place a number where times
// has seen its key before.
func enumerate(f *finding.Finding, times map[finding.Key]int) {
	times[f.Key]++
	if n := times[f.Key]; n > 1 {
		f.Place += fmt.Sprintf("#%d", n)
	}
	f.Fingerprint = fingerprint(f.Key)
}

// join adds what another finding about the same place saw.
func (w *witness) join(o *witness) {
	w.Confidence, w.Severity = max(w.Confidence, o.Confidence), max(w.Severity, o.Severity)
	w.fetches = append(w.fetches, o.fetches...)
	for _, r := range o.Related {
		if len(w.Related) < relatedMax && !slices.Contains(w.Related, r) {
			w.Related = append(w.Related, r)
		}
	}
	for _, e := range o.Endpoints {
		if len(w.Endpoints) < endpointMax && !slices.Contains(w.Endpoints, e) {
			w.Endpoints = append(w.Endpoints, e)
		}
	}
	slices.Sort(w.Endpoints)
}

// An inspector is what rules find their witnesses with.
type inspector struct {
	*link.Project
	options Options
	rule    *Rule
	// visits are the fetches that some rule may tell of, by its code.
	visits map[string][]*visit
	// from are the fetches that start from a query's rows, asked those that
	// evaluate the query itself.
	from, asked map[*source.Query][]*source.Fetch
	// looped are queries that a finding about a loop already tells of.
	looped map[*source.Query]bool
	// inserted are the places that insert rows.
	inserted map[source.Span]bool
	commands map[string]bool // dotted paths of what only an operator runs
	// prefetched are the accessors that some queryset of the project prefetches.
	prefetched map[accessor]bool
}

// An accessor is a related manager by its name and the model of its rows.
type accessor struct{ name, model string }

func newInspector(p *link.Project, o Options) *inspector {
	in := &inspector{
		Project: p, options: o, visits: map[string][]*visit{}, looped: map[*source.Query]bool{}, commands: map[string]bool{},
		prefetched: map[accessor]bool{}, inserted: map[source.Span]bool{}, from: map[*source.Query][]*source.Fetch{}, asked: map[*source.Query][]*source.Fetch{},
	}
	if p.Text == nil {
		own := *p
		own.Text = func(string) []byte { return nil }
		in.Project = &own
	}
	for _, q := range p.Index.Queries {
		in.notePrefetched(q)
	}
	for _, r := range p.Index.Routes {
		if r.Kind == "command" {
			in.commands[r.View] = true
		}
	}
	for _, f := range p.Index.Fetches {
		if f.Op == source.Insert {
			in.inserted[f.Span] = true
		}
		if f.Of != nil {
			in.from[f.Of] = append(in.from[f.Of], f)
		}
		if f.Query != nil {
			in.asked[f.Query] = append(in.asked[f.Query], f)
		}
	}
	for _, f := range p.Index.Fetches {
		v := in.visit(f)
		if code := in.sort(v); code != "" {
			in.visits[code] = append(in.visits[code], v)
		}
	}
	in.oneRuleEach()
	return in
}

func (in *inspector) notePrefetched(q *source.Query) {
	for _, e := range q.Eager {
		m := in.model(q.Model)
		if e.Join {
			continue
		}
		for part := range strings.SplitSeq(e.Path, "__") {
			if m == nil {
				break
			}
			f := m.Lookup(part)
			if f == nil || f.Relation == nil || f.Relation.Target == nil {
				break
			}
			m = f.Relation.Target
			in.prefetched[accessor{f.Name, m.Label()}] = true
		}
	}
}

// mayBeThere reports whether a queryset is a related manager's of an object
// from somewhere else, which some queryset of the project prefetches: then its
// rows may be there, and any call but all() would fetch them again.
func (in *inspector) mayBeThere(q *source.Query) bool {
	if q == nil || q.Accessor == "" || q.From != nil && q.From.Function == q.Function {
		return false
	}
	return in.prefetched[accessor{q.Accessor, q.Model}] && !slices.ContainsFunc(q.Calls, func(c source.Call) bool { return c.Name != "all" })
}

// oneRuleEach takes out what a rule about relations tells better: one place may
// be reached with a row that is known and with one that is not.
func (in *inspector) oneRuleEach() {
	told := map[source.Span]bool{}
	for _, code := range []string{"QP101", "QP102", "QP105", "QP106"} {
		for _, v := range in.visits[code] {
			told[v.Span] = true
		}
	}
	for _, code := range []string{"QP103", "QP107"} {
		in.visits[code] = slices.DeleteFunc(in.visits[code], func(v *visit) bool { return told[v.Span] })
		for _, v := range in.visits[code] {
			told[v.Span] = true
		}
	}
}

// mine are the fetches that the current rule tells of, in order of Span.
func (in *inspector) mine() []*visit {
	list := in.visits[in.rule.Code]
	slices.SortStableFunc(list, func(a, b *visit) int { return source.Compare(a.Span, b.Span) })
	return list
}

// group puts visits of one key together, in order of first appearance.
func group(list []*visit, key func(*visit) string) [][]*visit {
	at := map[string]int{}
	var groups [][]*visit
	for _, v := range list {
		k := key(v)
		i, ok := at[k]
		if !ok {
			i = len(groups)
			at[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], v)
	}
	return groups
}

// witness starts a finding of the current rule at a place. vs are the fetches
// it rests on, nil for one about a query alone.
func (in *inspector) witness(subject string, at source.Span, function string, q *source.Query, vs []*visit) witness {
	w := witness{query: q, Finding: finding.Finding{
		Key:        finding.Key{Rule: in.rule.Name, Subject: subject, Place: source.Place(at, function)},
		Code:       in.rule.Code,
		Severity:   in.rule.Severity,
		Evidence:   []finding.Evidence{finding.Inferred},
		Confidence: finding.Likely,
		Location:   at,
		Function:   function,
	}}
	var entries []string
	for _, v := range vs {
		w.fetches = append(w.fetches, v.Fetch)
		entries = append(entries, v.Entries...)
	}
	if q != nil && len(entries) == 0 { // others that reach it do not run what vs run
		entries = append(entries, q.Entries...)
	}
	slices.Sort(entries)
	entries = slices.Compact(entries)
	if in.byOperator(at.Path, entries, vs) {
		w.Severity = finding.Note
		w.Notes = append(w.Notes, "it runs in a management command")
	}
	if n := len(entries); n > endpointMax {
		w.Notes = append(w.Notes, "reached from "+number(int64(n))+" views and tasks; the first of them are listed")
	}
	w.Endpoints = entries[:min(len(entries), endpointMax)]
	return w
}

// byOperator reports whether code runs from the command line only, where
// nobody waits for it.
func (in *inspector) byOperator(path string, entries []string, vs []*visit) bool {
	if isCommand(path) || len(vs) > 0 && !slices.ContainsFunc(vs, func(v *visit) bool { return v.inner() == nil || !isCommand(v.inner().Span.Path) }) {
		return true
	}
	for _, e := range entries {
		if !in.commands[e] {
			return false
		}
	}
	return len(entries) > 0
}

func isCommand(path string) bool { return strings.Contains("/"+path, "/management/commands/") }

// relatedMax is how many places a finding lists.
const relatedMax = 8

// show lists where the fetches of a finding are and how they are reached.
func (w *witness) show(vs []*visit, message string) {
	seen := map[source.Span]bool{w.Location: true}
	add := func(s source.Span, msg string) {
		if s.Known() && !seen[s] && len(w.Related) < relatedMax {
			seen[s] = true
			w.Related = append(w.Related, finding.Related{Span: s, Message: msg})
		}
	}
	for _, v := range vs {
		for _, h := range v.Via {
			add(h.Span, "through "+h.Function)
		}
		add(v.Span, message)
	}
}

// showLoop adds the loop around the fetches.
func (w *witness) showLoop(vs []*visit) {
	for _, v := range vs {
		for _, h := range v.Via {
			w.Related = append(w.Related, finding.Related{Span: h.Span, Message: "called from here: " + h.Function})
		}
		if l := v.inner(); l != nil && l.Span.Known() {
			w.Related = append(w.Related, finding.Related{Span: l.Span, Message: "once for each round of this loop"})
		}
	}
	seen := map[source.Span]bool{}
	w.Related = slices.DeleteFunc(w.Related, func(r finding.Related) bool {
		old := seen[r.Span]
		seen[r.Span] = true
		return old
	})
	w.Related = w.Related[:min(len(w.Related), relatedMax)]
}

// sure is how sure a finding is that rests on q's rows being gone through as
// the visits say. Code that has no complete reading never proves anything.
func (in *inspector) sure(q *source.Query, vs []*visit) finding.Confidence {
	if !slices.ContainsFunc(vs, func(v *visit) bool { return !v.Conditional }) {
		return finding.Possible
	}
	switch {
	case q == nil && !slices.ContainsFunc(vs, func(v *visit) bool { return len(v.Via) < farMin }):
		return finding.Possible
	case q == nil:
		return finding.Likely
	case q.Dynamic, in.mayBeThere(q):
		return finding.Possible
	case slices.ContainsFunc(q.Escapes, func(e source.Escape) bool { return e.Queryset }):
		return finding.Likely
	case in.Models.Model(q.Model) == nil || in.Models.Model(q.Model).Partial:
		return finding.Likely
	}
	return finding.Proven
}

// farMin is how many calls may lead from a loop to what it runs: behind more of
// them each round does a good deal else, and to take one query out of that is a
// bigger change than a finding can ask for.
const farMin = 2

// offer is a rewrite with its edits where package rewrite knows them, else what
// can be said in words.
func offer(words, rw finding.Rewrite, ok bool) finding.Rewrite {
	if ok {
		return rw
	}
	return words
}

// code is what rewrites of loops look at.
func (in *inspector) code() rewrite.Code {
	return rewrite.Code{Text: in.Text, Models: in.Models, Index: in.Index}
}

// model returns the model of a label, nil when it is not known.
func (in *inspector) model(label string) *schema.Model { return in.Models.Model(label) }

// spot is the key of visits that stand at one place: one finding, however many
// loops lead there.
func spot(v *visit) string {
	return v.Span.Path + "\x00" + number(int64(v.Span.Start)) + "\x00" + string(v.Op)
}

// where is a key for a query's place.
func (in *inspector) where(q *source.Query) string {
	return q.Span.Path + "\x00" + number(int64(q.Span.Start)) + "\x00" + number(int64(q.Span.End)) + "\x00" + q.Model + "\x00"
}
