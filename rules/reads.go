package rules

import (
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// candidateMax is how many statements may be kept as possible parents of a
// loop: those nearest before it.
const candidateMax = 16

// lookback is how many steps before a loop are searched for its parent.
const lookback = 20_000

// detectReads enters every SELECT that runs minCalls times or more in one
// unit with arguments that vary, with the statements before it that may have
// fetched the rows it runs for.
//
// Arguments that never vary are duplicate-query's, unless a foreign key of the
// list's rows explains them. Silent on prefetch
// batches, and where nothing says that the repeats belong to one loop: a kept
// connection on which requests with one such query each follow each other.
func detectReads(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.N < s.d.minCalls || s.taken[i] || s.trait(g)&(isRead|isPrefetch) != isRead {
			continue
		}
		t, ok := s.trust(g)
		list, parentRuns := s.candidates(g, s.loopStart(g))
		if !ok && !onlyNested(list) || g.Distinct < 2 && len(list) == 0 {
			continue
		}
		c := profile.Case{Rule: uint8(patLoop), Child: g.Shape, Parents: s.d.profile.List(list)}
		if !ok {
			t = trusted{}
		}
		t.reruns = parentRuns != 1
		s.add(c, g, t, max(parentRuns, 1))
		s.taken[i], s.sure[i] = true, ok
	}
}

// onlyNested reports whether the loop's parents, if any, are loops too: then
// their trust decides.
func onlyNested(list []profile.Candidate) bool {
	for _, c := range list {
		if c.Nested {
			return true
		}
	}
	return false
}

// strayMax is how many steps of a group may come before the loop.
const strayMax = 3

// loopStart is the step with which the loop of a group begins: its first, or
// a later one where the same statement ran before for another reason, as the
// middleware's read of the user does before a list of orders and their users.
func (s *scene) loopStart(g *work.Group) int32 {
	start, at := g.First, g.First
	for n := int32(0); n < strayMax && g.N-n > s.d.minCalls; n++ {
		next := s.Steps[at].Next
		if next < 0 {
			break
		}
		for i := at + 1; i < next; i++ {
			if k := s.groupOf(i); k >= 0 && s.Groups[k].First == i && s.Groups[k].N*s.d.minCalls <= g.N && s.trait(&s.Groups[k])&(isRead|isProbe) == isRead {
				start = next
			}
		}
		at = next
	}
	return start
}

// candidates lists the statements that may have fetched the rows of g's loop,
// the nearest before its first step first, and how often the first that is
// no loop itself ran.
func (s *scene) candidates(g *work.Group, first int32) ([]profile.Candidate, int32) {
	list := s.list[:0]
	var runs int32
	for i := first - 1; i >= 0 && i >= first-lookback && len(list) < candidateMax; i-- {
		k := s.groupOf(i)
		if k < 0 {
			continue
		}
		p := &s.Groups[k]
		if s.trait(p)&(isRead|isProbe) != isRead || listed(list, p.Shape) {
			continue
		}
		switch {
		case p.N*s.d.minCalls <= g.N:
			list = append(list, profile.Candidate{Shape: p.Shape})
			if runs == 0 {
				runs = p.N
			}
		case p.N >= s.d.minCalls:
			list = append(list, profile.Candidate{Shape: p.Shape, Nested: true})
		}
	}
	s.list = list // used again for the next loop
	return list, runs
}

func listed(list []profile.Candidate, id sqlshape.ID) bool {
	for i := range list {
		if list[i].Shape == id {
			return true
		}
	}
	return false
}

// detectPrefetches counts which statement an IN list follows: evidence of how
// tables are related.
func detectPrefetches(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if s.trait(g)&isPrefetch == 0 {
			continue
		}
		for j := g.First - 1; j >= 0; j-- {
			k := s.groupOf(j)
			if k < 0 {
				continue
			}
			if s.trait(&s.Groups[k])&(isRead|isProbe) == isRead {
				s.d.profile.Prefetch(g.Shape, s.Groups[k].Shape)
			}
			break
		}
	}
}
