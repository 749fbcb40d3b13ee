package compare

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// An entry is a finding of one side on the way to its partner.
type entry struct {
	*finding.Finding
	places  int // findings that it stands for
	matched bool
}

// A book is the findings of one side.
type book struct {
	report         *finding.Report
	active, silent []*entry // silent: suppressed
}

// findings matches those of both sides: by key; where only one side has source
// by rule and subject; and last those that moved.
func findings(base, head *finding.Report, ends []finding.EndpointDelta) []finding.FindingDelta {
	key := func(f *finding.Finding) string { return f.Fingerprint }
	if uneven(base, head) {
		key = aboutKey
	}
	b, h := bookOf(base, key), bookOf(head, key)
	m := &matcher{base: base, head: head, ends: ends}
	m.pair(b.active, h.active, key)
	m.silenced(b, h, key)
	m.movedPlace(b.active, h.active)
	for _, e := range h.active {
		if !e.matched {
			m.only(e, finding.New, head, base, "base")
		}
	}
	for _, e := range b.active {
		if !e.matched {
			m.only(e, finding.Fixed, base, head, "head")
		}
	}
	rank := map[finding.Change]int{}
	for i, c := range finding.Changes() {
		rank[c] = i
	}
	slices.SortStableFunc(m.out, func(a, b finding.FindingDelta) int {
		return cmp.Or(cmp.Compare(rank[a.Change], rank[b.Change]), -cmpBool(a.Regressed, b.Regressed), cmp.Compare(b.Cost.Took, a.Cost.Took),
			cmp.Compare(b.Cost.Calls, a.Cost.Calls), strings.Compare(a.Fingerprint, b.Fingerprint))
	})
	return m.out
}

// aboutKey is what stays of a key without its place. A log alone guesses the
// model's name from the table's, so case does not count.
func aboutKey(f *finding.Finding) string {
	return f.Rule + "\x00" + strings.ToLower(strings.ReplaceAll(f.Subject, "_", ""))
}

// bookOf makes one entry of the findings that share a key.
func bookOf(r *finding.Report, key func(*finding.Finding) string) *book {
	fold := func(list []finding.Finding) []*entry {
		at := map[string]*entry{}
		var out []*entry
		for i := range list {
			f := &list[i]
			k := key(f)
			e := at[k]
			if e == nil {
				e = &entry{Finding: f, places: 1}
				at[k] = e
				out = append(out, e)
				continue
			}
			e.Finding, e.places = sum(e.Finding, f), e.places+1
		}
		return out
	}
	return &book{r, fold(r.Findings), fold(r.Suppressed)}
}

// sum is a with what b cost.
func sum(a, b *finding.Finding) *finding.Finding {
	f := *a
	f.Cost.Units += b.Cost.Units
	f.Cost.Calls += b.Cost.Calls
	f.Cost.Wasted += b.Cost.Wasted
	f.Cost.Took += b.Cost.Took
	f.Cost.Saved += b.Cost.Saved
	f.Cost.MaxCalls = max(f.Cost.MaxCalls, b.Cost.MaxCalls)
	f.Severity, f.Confidence = max(f.Severity, b.Severity), max(f.Confidence, b.Confidence)
	f.Endpoints = slices.Clone(f.Endpoints)
	for _, name := range b.Endpoints {
		if !slices.Contains(f.Endpoints, name) {
			f.Endpoints = append(f.Endpoints, name)
		}
	}
	return &f
}

// A matcher collects the pairs.
type matcher struct {
	base, head *finding.Report
	ends       []finding.EndpointDelta
	out        []finding.FindingDelta
}

func (m *matcher) pair(base, head []*entry, key func(*finding.Finding) string) {
	at := map[string]*entry{}
	for _, e := range base {
		at[key(e.Finding)] = e
	}
	for _, h := range head {
		if b := at[key(h.Finding)]; b != nil {
			m.both(b, h, "")
		}
	}
}

// silenced takes out what is suppressed on a side: known before and so not
// new, or silenced now and so not fixed.
func (m *matcher) silenced(b, h *book, key func(*finding.Finding) string) {
	take := func(open, silent []*entry, add func(e, s *entry)) {
		at := map[string]*entry{}
		for _, e := range silent {
			at[key(e.Finding)] = e
		}
		for _, e := range open {
			if s := at[key(e.Finding)]; s != nil && !e.matched {
				e.matched = true
				add(e, s)
			}
		}
	}
	take(h.active, b.silent, func(e, s *entry) {
		m.out = append(m.out, finding.FindingDelta{
			Finding: *e.Finding, Was: s.Finding, Change: finding.Same, BaseCalls: s.CallsPerUnit(), HeadCalls: e.CallsPerUnit(),
			Note: "suppressed in the base, not in the head",
		})
	})
	take(b.active, h.silent, func(e, s *entry) {
		m.out = append(m.out, finding.FindingDelta{
			Finding: *s.Finding, Was: e.Finding, Change: finding.Suppressed, BaseCalls: e.CallsPerUnit(), HeadCalls: s.CallsPerUnit(),
		})
	})
}

// movedPlace pairs what is the only one left of its rule and subject on both
// sides: code that was moved or renamed brings nothing new.
func (m *matcher) movedPlace(base, head []*entry) {
	left := func(list []*entry) map[string][]*entry {
		by := map[string][]*entry{}
		for _, e := range list {
			if !e.matched && e.Place != "" {
				k := e.Rule + "\x00" + e.Subject
				by[k] = append(by[k], e)
			}
		}
		return by
	}
	was := left(base)
	for k, now := range left(head) {
		if len(now) == 1 && len(was[k]) == 1 {
			m.both(was[k][0], now[0], "moved here from "+was[k][0].Place)
		}
	}
}

// both adds a finding that both sides have.
func (m *matcher) both(b, h *entry, note string) {
	b.matched, h.matched = true, true
	d := finding.FindingDelta{
		Finding: *h.Finding, Was: b.Finding, Change: finding.Same, BaseCalls: b.CallsPerUnit(), HeadCalls: h.CallsPerUnit(), Note: note,
	}
	// The worst unit has to agree: where requests of two endpoints mix in
	// another proportion, means move and nothing else does.
	switch {
	case b.Cost.Units == 0 || h.Cost.Units == 0: // not measured on both sides
	case rises(d.BaseCalls, d.HeadCalls) && h.Cost.MaxCalls > b.Cost.MaxCalls:
		d.Change = finding.Worse
	case m.slower(b.Finding, h.Finding):
		d.Change = finding.Worse
		d.Note = join(note, "its endpoint takes longer, and so does it")
	case rises(d.HeadCalls, d.BaseCalls) && h.Cost.MaxCalls < b.Cost.MaxCalls:
		d.Change = finding.Better
	}
	d.Regressed = d.Change == finding.Worse && fails(&d.Finding)
	m.out = append(m.out, d)
}

// slower reports whether the finding's own time rose in an endpoint that got
// slower beyond noise. How a finding's time spreads is not known, so it alone
// says nothing.
func (m *matcher) slower(b, h *finding.Finding) bool {
	was, now := micros(b.Cost.Took)/float64(b.Cost.Units), micros(h.Cost.Took)/float64(h.Cost.Units)
	if now-was <= timeRise || now-was <= riseShare*was {
		return false
	}
	return slices.ContainsFunc(m.ends, func(e finding.EndpointDelta) bool {
		return e.Time.Regressed && slices.Contains(h.Endpoints, e.Name)
	})
}

// only adds a finding that the side own has and the other, called name, has
// not.
func (m *matcher) only(e *entry, change finding.Change, own, other *finding.Report, name string) {
	d := finding.FindingDelta{Finding: *e.Finding, Change: change}
	if change == finding.New {
		d.HeadCalls = e.CallsPerUnit()
	} else {
		d.Was, d.BaseCalls = e.Finding, e.CallsPerUnit()
	}
	ran := slices.ContainsFunc(other.Endpoints, func(x finding.Endpoint) bool { return slices.Contains(e.Endpoints, x.Name) })
	blind := unseen(own, other, e.Finding)
	switch {
	case blind != "":
		d.Change, d.Note = finding.Unseen, "the "+name+" "+blind
	case slices.Contains(e.Evidence, finding.Observed) && len(e.Endpoints) > 0 && !ran:
		d.Note = "none of its endpoints ran in the " + name
		if change == finding.Fixed {
			d.Change = finding.Unseen
		}
	}
	d.Regressed = d.Change == finding.New && fails(&d.Finding)
	m.out = append(m.out, d)
}

// unseen says why other could not have shown a finding of own: it lacks the log
// or the source that it was seen in. "" when it could.
func unseen(own, other *finding.Report, f *finding.Finding) string {
	if slices.Contains(f.Evidence, finding.Observed) && other.Run.Statements > 0 {
		return ""
	}
	switch {
	case !slices.Contains(f.Evidence, finding.Inferred):
		return "has no log, which alone shows it"
	case other.Run.Source == nil:
		return "was read without source, which alone shows it"
	case other.Run.Statements > 0 && own.Run.Statements == 0:
		return "has a log, and with one only the source that it is about is looked at"
	}
	return ""
}

// fails: notes and what is only possible fail no run.
func fails(f *finding.Finding) bool {
	return f.Severity >= finding.Warning && f.Confidence >= finding.Likely
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "; " + b
}
