package rules

import (
	"time"

	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// A scene is one unit as the detectors see it.
type scene struct {
	*work.Unit
	d       *Detector
	repeats bool   // some group has two steps or more
	traits  trait  // of any group
	taken   []bool // by group: a detector has accounted for it
	sure    []bool // by group: it is a loop beyond doubt about requests
	slots   []groupSlot
	round   uint32
	idles   []int64 // see idle; empty until asked for
	list    []profile.Candidate
}

// groupSlot finds the group of a shape; valid in one round.
type groupSlot struct {
	round uint32
	group int32
}

func (s *scene) begin(u *work.Unit) {
	s.Unit = u
	s.repeats, s.traits = false, 0
	s.idles = s.idles[:0]
	s.taken = append(s.taken[:0], make([]bool, len(u.Groups))...)
	s.sure = append(s.sure[:0], s.taken...)
	s.round++
	for i := range u.Groups {
		g := &u.Groups[i]
		for int(g.Shape) >= len(s.slots) {
			s.slots = append(s.slots, groupSlot{})
		}
		s.slots[g.Shape] = groupSlot{s.round, int32(i)}
		s.repeats = s.repeats || g.N > 1
		s.traits |= s.trait(g)
	}
}

// groupOf returns the index of the group that a step belongs to, -1 for
// transaction control and the like.
func (s *scene) groupOf(step int32) int32 {
	id := s.Steps[step].Shape
	if int(id) < len(s.slots) && s.slots[id].round == s.round {
		return s.slots[id].group
	}
	return -1
}

func (s *scene) trait(g *work.Group) trait { return s.d.trait(g.Shape) }

func (s *scene) shape(g *work.Group) *sqlshape.Shape { return s.d.set.Shape(g.Shape) }

// watch enters a group for the rules that watch its shape.
func (s *scene) watch(i int) {
	g := &s.Groups[i]
	bits := s.trait(g) / watched0
	if bits == 0 && g.MaxTook < s.d.slow {
		return
	}
	if bits != 0 {
		s.d.watch(g.Shape, bits, s.sighting(g))
	}
	if g.MaxTook >= s.d.slow {
		s.addSlow(g)
	}
}

// sighting is a group as it goes into the Profile.
func (s *scene) sighting(g *work.Group) profile.Sighting {
	first, last := &s.Steps[g.First], &s.Steps[g.Last]
	e := profile.Example{Line: first.Line, Bound: s.Bound, Start: first.At}
	if last.At != 0 {
		e.End = last.At + max(last.Took, 0)
	}
	return profile.Sighting{
		Calls: int64(g.N), Took: g.Took, Distinct: int64(g.Distinct),
		MaxTook: g.MaxTook, MaxRows: g.MaxRows, Site: first.Site, Example: e,
	}
}

// add enters a loop of n calls of which keep would be left after the rewrite.
func (s *scene) add(c profile.Case, g *work.Group, t trusted, keep int32) {
	v := s.sighting(g)
	v.Wasted = int64(g.N - min(keep, g.N))
	if g.N > 0 {
		v.SavedTook = int64(float64(g.Took) * float64(v.Wasted) / float64(g.N))
	}
	v.Trust, v.Anchored, v.Mates = t.trust, t.anchored, t.mates
	v.Reruns = t.reruns
	s.d.profile.Add(c, v)
}

// trusted says how sure it is that a group is one loop.
type trusted struct {
	trust    profile.Trust
	anchored bool
	mates    bool // other statements repeat at the same rate
	reruns   bool // so does what ran before the loop
}

// looseMax is the idle time up to which rounds after one statement, or on a
// connection of their own, are still taken for a loop, though only a possible
// one.
const looseMax = 5 * denseMax

// denseMax is the idle time between two rounds up to which they are taken for
// one loop where nothing else says so. Python between two queries of a loop
// takes some 0.3 to 5 ms, a request around a query more than the latter.
const denseMax = int64(10 * time.Millisecond)

// sessionMax is how long a connection that serves one request lives at most.
const sessionMax = int64(30 * time.Second)

// trust says whether the steps of a group are one loop of one unit of work.
func (s *scene) trust(g *work.Group) (trusted, bool) {
	anchored := s.anchored(g)
	switch {
	case s.Bound == work.ByID:
		return trusted{trust: profile.Certain, anchored: anchored}, true
	case s.Bound == work.ByMarker:
		return trusted{trust: profile.Strong, anchored: anchored}, true
	case s.oneTransaction(g):
		return trusted{trust: profile.Strong, anchored: anchored}, true
	}
	if s.manyTransactions(g) {
		return trusted{}, false
	}
	own := s.Bound == work.BySession && s.End()-s.Start() < sessionMax
	if own && anchored { // slow Python between the rounds is then no doubt
		return trusted{trust: profile.Fair, anchored: true, mates: !s.alone(g)}, true
	}
	switch dense := s.dense(g, denseMax); {
	case dense && (anchored || own && s.alone(g)):
		return trusted{trust: profile.Fair, anchored: anchored, mates: !s.alone(g)}, true
	case dense && own, dense && g.N >= 2*s.d.minCalls, (own || anchored) && s.dense(g, looseMax):
		return trusted{trust: profile.Loose, anchored: anchored}, true
	}
	return trusted{}, false
}

// anchored reports whether some statement before the group ran at most once
// for minCalls of its steps: what a loop goes over, or at least stands after.
// Requests that repeat on a kept connection repeat all their statements.
func (s *scene) anchored(g *work.Group) bool {
	for i := range s.Groups {
		a := &s.Groups[i]
		if a.First >= g.First {
			return false
		}
		if a.N*s.d.minCalls <= g.N {
			return true
		}
	}
	return false
}

// manyTransactions reports whether the steps lie in about as many transactions
// as there are steps, and those hold more than a row's few statements: they are
// requests (ATOMIC_REQUESTS), each with one such query.
func (s *scene) manyTransactions(g *work.Group) bool {
	hits, inside, size, begun, hit := int32(0), int32(0), int32(0), false, false
	for i := max(g.First-1, 0); i < int32(len(s.Steps)); i++ {
		switch s.d.set.Shape(s.Steps[i].Shape).Kind {
		case sqlshape.Begin:
			begun, hit, size = true, false, 0
			continue
		case sqlshape.Commit, sqlshape.Rollback:
			if begun && hit {
				hits++
				inside += size
			}
			begun = false
			continue
		}
		if begun {
			size++
			hit = hit || s.Steps[i].Shape == g.Shape
		}
	}
	return hits >= s.d.minCalls && hits*5 >= g.N*4 && inside >= 4*hits
}

// alone reports whether no other statement of the unit repeats as a loop's
// does. Where several do at one rate, requests on a kept connection may be what
// repeats.
func (s *scene) alone(g *work.Group) bool {
	for i := range s.Groups {
		if o := &s.Groups[i]; o.Shape != g.Shape && o.N >= s.d.minCalls {
			return false
		}
	}
	return true
}

// dense reports whether the rounds of the group follow each other closely:
// half of them or more within most nanoseconds. Time spent in other statements between
// two rounds does not count.
func (s *scene) dense(g *work.Group, most int64) bool {
	if s.Steps[g.First].At == 0 {
		return true // no clock in this log
	}
	idle := s.idle()
	close, rounds := 0, 0
	for i := g.First; s.Steps[i].Next >= 0; i = s.Steps[i].Next {
		rounds++
		if idle[s.Steps[i].Next]-idle[i] <= most {
			close++
		}
	}
	return close*2 >= rounds
}

// idle is, for each step, the time from the unit's start until it began in
// which no statement ran.
func (s *scene) idle() []int64 {
	if len(s.idles) == len(s.Steps) {
		return s.idles
	}
	s.idles = append(s.idles[:0], 0)
	for i := 1; i < len(s.Steps); i++ {
		a, b := &s.Steps[i-1], &s.Steps[i]
		gap := max(0, b.At-a.At-max(a.Took, 0))
		s.idles = append(s.idles, s.idles[i-1]+gap)
	}
	return s.idles
}

// oneTransaction reports whether all steps of the group ran between one BEGIN
// and its end.
func (s *scene) oneTransaction(g *work.Group) bool {
	begun := false
	for i := g.First - 1; i >= 0 && !begun; i-- {
		switch s.d.set.Shape(s.Steps[i].Shape).Kind {
		case sqlshape.Begin:
			begun = true
		case sqlshape.Commit, sqlshape.Rollback:
			return false
		}
	}
	if !begun {
		return false
	}
	for i := g.First; i < g.Last; i++ {
		switch s.d.set.Shape(s.Steps[i].Shape).Kind {
		case sqlshape.Commit, sqlshape.Rollback:
			return false
		}
	}
	return true
}
