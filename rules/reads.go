package rules

import (
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// candidateMax is how many statements may be kept as possible parents of a
// loop: those nearest before it.
const candidateMax = 8

// lookback is how many steps before a loop are searched for its parent.
const lookback = 20_000

// detectReads enters every SELECT that runs minCalls times or more in one
// unit with arguments that vary, with the statements before it that may have
// fetched the rows it runs for.
//
// Silent when the arguments never vary (that is duplicate-query), on prefetch
// batches, and where nothing says that the repeats belong to one loop: a kept
// connection on which requests with one such query each follow each other.
func detectReads(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.N < s.d.minCalls || g.Distinct < 2 || s.taken[i] || s.trait(g)&(isRead|isPrefetch) != isRead {
			continue
		}
		t, ok := s.trust(g)
		list, parentRuns := s.candidates(g)
		if !ok && !onlyNested(list) {
			continue
		}
		c := profile.Case{Rule: uint8(patLoop), Child: g.Shape, Parents: s.d.profile.List(list)}
		if !ok {
			t = trusted{}
		}
		s.add(c, g, t, max(parentRuns, 1))
		s.taken[i] = true
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

// candidates lists the statements that may have fetched the rows of g's loop,
// the nearest before its first step first, and how often the first that is
// no loop itself ran.
func (s *scene) candidates(g *work.Group) ([]profile.Candidate, int32) {
	list := s.list[:0]
	var runs int32
	for i := g.First - 1; i >= 0 && i >= g.First-lookback && len(list) < candidateMax; i-- {
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
