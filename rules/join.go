package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// An observed is a finding from the log with what it was explained from.
type observed struct {
	finding.Finding
	ledger        *profile.Ledger
	child, parent *sqlshape.Shape // parent nil when there is none
	ids           [2]sqlshape.ID  // of child and parent
	loop          *loop           // nil for what is no read loop
}

// A joiner brings findings of the log and of the source together. A finding
// of the log is cut by endpoint and place in the code, each part is looked up
// in the source, and parts with the same answer are one finding again.
type joiner struct {
	*docket
	witnesses []witness
	joined    map[int]bool // witnesses that the log knows of too
	perhaps   map[int]bool // witnesses that are one of several candidates
	fits      map[fitKey]bool
}

type fitKey struct {
	shape *sqlshape.Shape
	query *source.Query
}

// join returns the findings of both sides, unranked.
func (d *docket) join(seen []observed) []finding.Finding {
	j := &joiner{docket: d, witnesses: inspect(d.project, d.options), joined: map[int]bool{}, perhaps: map[int]bool{}, fits: map[fitKey]bool{}}
	var found []finding.Finding
	var ties []tie
	for i := range seen {
		fs, verdicts := j.explain(&seen[i])
		for k, v := range verdicts {
			if v.basis == link.ByShape && len(v.witnesses) == 1 {
				ties = append(ties, tie{len(found) + k, &seen[i], v.witnesses[0]})
			}
		}
		found = append(found, fs...)
	}
	for _, t := range ties {
		j.shared(&found[t.at], &t)
	}
	return append(found, j.rest()...)
}

// A tie is a finding of the log that its statements alone tie to a witness.
type tie struct {
	at      int // among the findings
	seen    *observed
	witness int
}

// shared notes where else the source runs the finding's statement in a loop
// that the log did not show apart: two lists of one page, or requests without
// a mark between them, look like one loop.
func (j *joiner) shared(f *finding.Finding, t *tie) {
	if p := t.seen.parent; p != nil && p.Limit > 0 && f.Cost.MaxCalls <= p.Limit {
		return // a query a row at most: there is no room for others
	}
	own := &j.witnesses[t.witness]
	var places []string
	for i := range j.witnesses {
		w := &j.witnesses[i]
		if i == t.witness || j.joined[i] || j.perhaps[i] || w.Code != own.Code || plainSubject(w.Subject) != plainSubject(own.Subject) || w.Place == own.Place {
			continue
		}
		if slices.ContainsFunc(w.fetches, func(x *source.Fetch) bool { _, ok := j.project.FetchBasis(t.seen.child, x, "", nil); return ok }) {
			places = append(places, w.Place)
		}
	}
	slices.Sort(places)
	switch places = slices.Compact(places); {
	case len(places) == 1:
		f.Notes = append(slices.Clone(f.Notes), "the statement runs in a loop of "+places[0]+" too, whose queries may be among these")
	case len(places) > 1:
		f.Notes = append(slices.Clone(f.Notes), fmt.Sprintf("the statement runs in loops of %d more places, whose queries may be among these", len(places)))
	}
}

// A verdict is what the source says of one part of a log's finding.
type verdict struct {
	witnesses []int           // equally good
	queries   []*source.Query // where no witness is: what can have made the statement
	fetches   []*source.Fetch // where no witness and no query is: what can run it
	basis     link.Basis
}

func (v *verdict) key() string { return fmt.Sprint(v.witnesses, v.queries, v.fetches) }

// A part is the share of a log's finding that has one verdict.
type part struct {
	verdict
	tallies []profile.PlaceTally
}

// explain cuts a finding of the log into the parts that the source tells
// apart, each with its verdict.
func (j *joiner) explain(o *observed) ([]finding.Finding, []verdict) {
	at := map[string]int{}
	var parts []part
	for _, t := range o.ledger.Places {
		v := j.judge(o, t)
		k := v.key()
		i, ok := at[k]
		if !ok {
			i = len(parts)
			at[k] = i
			parts = append(parts, part{verdict: v})
		}
		parts[i].basis = min(parts[i].basis, v.basis)
		parts[i].tallies = append(parts[i].tallies, t)
	}
	if len(parts) == 0 {
		return []finding.Finding{o.Finding}, nil
	}
	var found []finding.Finding
	var verdicts []verdict
	for i := range parts {
		f := o.Finding
		if len(parts) > 1 {
			f = j.share(o, parts[i].tallies)
		}
		j.locate(&f, o, &parts[i].verdict)
		found, verdicts = append(found, f), append(verdicts, parts[i].verdict)
	}
	return found, verdicts
}

// share is the finding for some of the places that it was seen at.
func (j *joiner) share(o *observed, tallies []profile.PlaceTally) finding.Finding {
	f, led := o.Finding, profile.Ledger{Places: tallies}
	var wasted, saved, most int64
	for _, t := range tallies {
		led.Units += t.Units
		led.Calls += t.Calls
		led.Took += t.Took
		wasted += t.Wasted
		saved += t.SavedTook
		most = max(most, t.MaxCalls)
	}
	scale := func(whole, share, of int64) int64 {
		if of == 0 {
			return 0
		}
		return int64(float64(whole) * (float64(share) / float64(of)))
	}
	c, l := &f.Cost, o.ledger
	c.Units = scale(c.Units, led.Units, l.Units)
	c.MaxCalls = scale(c.MaxCalls, most, l.MaxCalls)
	c.Wasted = scale(c.Wasted, wasted, l.Wasted)
	c.Saved = time.Duration(scale(int64(c.Saved), saved, l.SavedTook))
	c.Calls = scale(c.Calls, led.Calls, l.Calls)
	c.Took = time.Duration(scale(int64(c.Took), led.Took, l.Took))
	for _, e := range o.ledger.Examples {
		if slices.ContainsFunc(tallies, func(t profile.PlaceTally) bool { return t.Place == e.Place }) {
			led.Examples = append(led.Examples, e)
		}
	}
	f.Endpoints, f.Examples = j.endpoints(&led), j.docket.examples(&led)
	return f
}

// judge looks one part up in the source.
func (j *joiner) judge(o *observed, t profile.PlaceTally) verdict {
	endpoint := j.names.Text(t.Name)
	if s := j.names.Site(t.Site); s.Path == "" && len(j.project.Entries(s.Function)) > 0 {
		endpoint = s.Function // the view itself, which no route has to lead to
	}
	own, above := j.sites(o.ids[0], t), j.sites(o.ids[1], profile.PlaceTally{})
	v := j.judgeWitnesses(o, endpoint, own, above)
	if len(v.witnesses) > 0 {
		return v
	}
	shape, sites := o.child, own
	if o.loop != nil {
		shape, sites = nil, above
		if !o.loop.nested {
			shape = o.parent
		}
	}
	if shape != nil && !isWriteShape(shape) {
		for _, c := range j.project.Match(shape, endpoint, sites) {
			v.queries, v.basis = append(v.queries, c.Query), c.Basis
		}
	}
	if len(v.queries) == 0 {
		v.fetches, v.basis = j.judgeFetches(o, endpoint, own)
	}
	return v
}

func isWriteShape(s *sqlshape.Shape) bool { return len(s.Writes) > 0 }

// sites are the places in the code that the log tells of a statement: the one
// of the tally, else all.
func (j *joiner) sites(id sqlshape.ID, t profile.PlaceTally) []link.Site {
	if s := j.names.Site(t.Site); s.Path != "" {
		return []link.Site{j.project.Site(s.Path, s.Line, s.Function)}
	}
	return j.siteOf[id]
}

// A rating says how well a witness fits a part of a log's finding.
type rating struct {
	basis   link.Basis
	subject bool // it is the same code and subject
	fits    bool // the query makes the statement
}

func (a rating) compare(b rating) int {
	n := func(x bool) int {
		if x {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.basis, b.basis), cmp.Compare(n(a.subject), n(b.subject)), cmp.Compare(n(a.fits), n(b.fits)))
}

// judgeWitnesses finds the witnesses that fit best, all that are equal.
func (j *joiner) judgeWitnesses(o *observed, endpoint string, own, above []link.Site) verdict {
	var best rating
	var v verdict
	for i := range j.witnesses {
		w := &j.witnesses[i]
		if !mayBe(o.Code, w.Code) {
			continue
		}
		r, ok := j.rate(o, w, endpoint, own, above)
		if !ok {
			continue
		}
		switch c := r.compare(best); {
		case c > 0:
			best, v.witnesses = r, []int{i}
		case c == 0:
			v.witnesses = append(v.witnesses, i)
		}
	}
	v.basis = best.basis
	return v
}

// mayBe reports whether a log's finding of one rule and a source's of another
// can be the same: the source knows what a loop's query is for.
func mayBe(log, src string) bool {
	switch {
	case log == src:
		return true
	case log == "QP301":
		return src == "QP107"
	}
	return isReadLoop(log) && isReadLoop(src)
}

func isReadLoop(code string) bool { return strings.HasPrefix(code, "QP10") || code == "QP206" }

// rate compares a witness with a part of a log's finding; false when they
// cannot be the same.
func (j *joiner) rate(o *observed, w *witness, endpoint string, own, above []link.Site) (rating, bool) {
	r := rating{subject: o.Code == w.Code && plainSubject(o.Subject) == plainSubject(w.Subject)}
	known := false // some place of it was compared with the endpoint
	raise := func(b link.Basis, ok bool) {
		if ok {
			r.basis, known = max(r.basis, b), true
		}
	}
	runs := false
	for _, f := range w.fetches {
		b, ok := j.project.FetchBasis(o.child, f, endpoint, own)
		runs = runs || ok
		raise(b, ok)
	}
	switch {
	case w.query != nil && (o.loop != nil || len(w.fetches) == 0):
		shape, sites := o.child, own
		if o.loop != nil {
			shape, sites = o.parent, above
		}
		raise(j.project.QueryBasis(w.query, endpoint, sites))
		r.fits = shape != nil && j.makes(o, shape, w.query)
	case len(w.fetches) > 0 && r.subject:
		f := w.fetches[0]
		raise(j.project.PlaceBasis(f.Entries, f.Function, []source.Span{f.Span}, endpoint, own))
	}
	if !known {
		return r, false
	}
	switch {
	case len(w.fetches) > 0 && !runs && !r.subject:
		return r, false // another statement
	case o.loop == nil && w.query != nil && len(w.fetches) == 0 && !r.fits:
		return r, false
	case o.loop != nil && !r.fits && w.query != nil && o.parent != nil:
		// The rows may come another way than by the statement before the loop: a
		// prefetch, a branch. The view and what it runs then have to tell.
		return r, r.basis > link.ByShape && (r.subject || runs)
	}
	return r, true
}

// makes reports whether the query, or for a nested loop one further out, makes
// the statement.
func (j *joiner) makes(o *observed, s *sqlshape.Shape, q *source.Query) bool {
	if j.fit(s, q) {
		return true
	}
	if o.loop == nil {
		return false
	}
	for l := o.loop.up; l != nil && l != o.loop; l = l.up {
		if l.parent != nil && j.fit(l.parent, q) {
			return true
		}
	}
	return false
}

func (j *joiner) fit(s *sqlshape.Shape, q *source.Query) bool {
	k := fitKey{s, q}
	ok, known := j.fits[k]
	if !known {
		ok = j.project.Fits(s, q)
		j.fits[k] = ok
	}
	return ok
}

// plainSubject is a subject without what only one of log and source can tell:
// the columns of a filter.
func plainSubject(s string) string {
	s, _, _ = strings.Cut(s, "[")
	return s
}

// judgeFetches finds the places in the endpoint's code that can have run the
// statement: only where the log names the endpoint or the place.
func (j *joiner) judgeFetches(o *observed, endpoint string, own []link.Site) ([]*source.Fetch, link.Basis) {
	var found []*source.Fetch
	best := link.ByEntry
	for _, f := range j.project.Index.Fetches {
		b, ok := j.project.FetchBasis(o.child, f, endpoint, own)
		if !ok || b < best {
			continue
		}
		if b > best {
			best, found = b, nil
		}
		found = append(found, f)
	}
	return found, best
}

// sitesOf are the places in the code of each statement, the most frequent
// first.
func (d *docket) sitesOf() map[sqlshape.ID][]link.Site {
	type row struct {
		profile.ShapeSite
		n int64
	}
	var rows []row
	for s, n := range d.profile.Sites {
		rows = append(rows, row{s, n})
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.Shape, b.Shape), cmp.Compare(b.n, a.n), cmp.Compare(a.Site, b.Site))
	})
	sites := map[sqlshape.ID][]link.Site{}
	for _, r := range rows {
		if s := d.names.Site(r.Site); s.Path != "" && len(sites[r.Shape]) < siteMax {
			sites[r.Shape] = append(sites[r.Shape], d.project.Site(s.Path, s.Line, s.Function))
		}
	}
	return sites
}

// siteMax is how many places in the code are looked up for a statement.
const siteMax = 8
