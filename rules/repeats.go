package rules

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// isVolatileText reports whether a statement may answer differently each time
// it runs though no row has changed.
func isVolatileText(text string) bool {
	low := strings.ToLower(text)
	for _, f := range []string{"nextval(", "random(", "clock_timestamp(", "pg_advisory", "pg_try_advisory", "pg_sleep", "gen_random_uuid(", "pg_notify("} {
		if strings.Contains(low, f) {
			return true
		}
	}
	return false
}

// Variants of patDuplicate: the repeats of a group that is also a read loop
// are dropped when the loop is reported.
const (
	dupPlain uint8 = iota
	dupInLoop
)

// detectDuplicates enters SELECTs that ran more than once in a unit with the
// same arguments while nothing in between wrote to their tables.
//
// Silent where only a kept connection holds the repeats together: there every
// other statement repeats as well, or the rounds lie apart as requests do.
func detectDuplicates(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.N < 2 || g.Distinct == g.N || s.trait(g)&isRead == 0 || s.trait(g)&isVolatile != 0 {
			continue
		}
		n, took := s.copies(g)
		if n == 0 {
			continue
		}
		t, ok := s.dupTrust(g, n)
		if !ok {
			continue
		}
		c := profile.Case{Rule: uint8(patDuplicate), Child: g.Shape}
		if s.taken[i] {
			c.Variant = dupInLoop
		}
		v := s.sighting(g)
		v.Wasted, v.SavedTook = n, took
		v.Trust, v.Anchored = t.trust, t.anchored
		s.d.profile.Add(c, v)
	}
}

// dupTrust is trust for copies: two of them make no loop, so outside of units
// whose bounds are known there must be three, and something that ran less.
func (s *scene) dupTrust(g *work.Group, copies int64) (trusted, bool) {
	switch s.Bound {
	case work.ByID:
		return trusted{trust: profile.Certain}, true
	case work.ByMarker:
		return trusted{trust: profile.Strong}, true
	}
	if copies < 2 {
		return trusted{}, false
	}
	anchored := false
	for i := range s.Groups {
		a := &s.Groups[i]
		if s.sure[i] && a.N*4 >= g.N*3 && a.N*3 <= g.N*4 && s.nextTo(a, int(s.groupOf(g.First))) {
			return trusted{trust: profile.Fair, anchored: true}, true // it takes turns with a loop
		}
		anchored = anchored || a.First < g.First && int64(a.N) <= (copies+1)/2
	}
	switch {
	case anchored && s.dense(g, denseMax):
		return trusted{trust: profile.Fair, anchored: true}, true
	case anchored && g.N >= 2*s.d.minCalls && s.dense(g, looseMax):
		return trusted{trust: profile.Loose, anchored: true}, true
	}
	return trusted{}, false
}

// copies counts the steps of g that repeat an earlier one with nothing written
// to the tables in between, and their time.
func (s *scene) copies(g *work.Group) (n, took int64) {
	writes := s.writesTo(g)
	type seen struct {
		args uint64
		at   int32
	}
	var buf [64]seen
	last := buf[:0]
	for i := g.First; i >= 0; i = s.Steps[i].Next {
		st := &s.Steps[i]
		found := false
		for k := range last {
			if last[k].args != st.Args {
				continue
			}
			found = true
			if !anyBetween(writes, last[k].at, i) {
				n++
				took += max(st.Took, 0)
			}
			last[k].at = i
			break
		}
		if !found && len(last) < cap(last) { // 64 different arguments are enough to tell
			last = append(last, seen{st.Args, i})
		}
	}
	return n, took
}

// writesTo returns the steps, in order, that changed a table which g reads: by
// writing to it, or by a rollback, which takes back what was written.
func (s *scene) writesTo(g *work.Group) []int32 {
	var steps []int32
	for i := g.First; i < g.Last; i++ {
		if sh := s.d.set.Shape(s.Steps[i].Shape); sh.Kind == sqlshape.Rollback || sh.Kind == sqlshape.Savepoint && strings.HasPrefix(sh.Text, "ROLLBACK") {
			steps = append(steps, i)
		}
	}
	reads := s.shape(g).Reads
	for i := range s.Groups {
		w := &s.Groups[i]
		if s.trait(w)&isWrite == 0 || !overlap(s.shape(w).Writes, reads) {
			continue
		}
		for k := w.First; k >= 0; k = s.Steps[k].Next {
			steps = append(steps, k)
		}
	}
	slices.Sort(steps)
	return steps
}

func overlap(a, b []string) bool {
	for _, x := range a {
		if slices.Contains(b, x) {
			return true
		}
	}
	return false
}

func anyBetween(sorted []int32, lo, hi int32) bool {
	k, _ := slices.BinarySearch(sorted, lo)
	return k < len(sorted) && sorted[k] < hi
}

// twiceWindow is how many steps after a COUNT or EXISTS the fetch may come.
const twiceWindow = 40

// detectTwice enters a COUNT or EXISTS and the SELECT that then fetches the
// same rows. A fetch with LIMIT after a COUNT is pagination and stays silent.
func detectTwice(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if s.trait(g)&(isProbe|isRead) != isProbe|isRead || s.taken[i] {
			continue
		}
		probe := s.shape(g)
		if len(probe.Tables) == 0 || probe.Subquery || !probe.Exists && (len(probe.Aggregates) != 1 || probe.Aggregates[0] != "count") {
			continue
		}
		var hit work.Group
		var fetch sqlshape.ID
		for k := g.First; k >= 0; k = s.Steps[k].Next {
			if f := s.fetchAfter(k, probe); f != sqlshape.Other {
				if hit.N == 0 {
					hit, fetch = work.Group{Shape: g.Shape, First: k, Last: k, MaxRows: -1}, f
				}
				hit.N++
				hit.Took += max(s.Steps[k].Took, 0)
				hit.Last = k
			}
		}
		if hit.N == 0 || g.N >= 2 && g.Distinct*2 <= g.N && !probe.Exists {
			continue // counted twice in a row: the admin's changelist, which no code can change
		}
		hit.Distinct = 1
		t := trusted{trust: profile.Fair}
		switch s.Bound {
		case work.ByID:
			t.trust = profile.Certain
		case work.ByMarker:
			t.trust = profile.Strong
		}
		s.add(profile.Case{Rule: uint8(patCountFetch), Child: g.Shape, Parent: fetch}, &hit, t, 0)
	}
}

// fetchAfter finds the SELECT after step k that fetches what probe asked about.
func (s *scene) fetchAfter(k int32, probe *sqlshape.Shape) sqlshape.ID {
	for j := k + 1; j < int32(len(s.Steps)) && j <= k+twiceWindow; j++ {
		n := s.groupOf(j)
		if n < 0 {
			continue
		}
		g := &s.Groups[n]
		if s.trait(g)&isWrite != 0 && overlap(s.shape(g).Writes, probe.Reads) {
			return sqlshape.Other
		}
		if s.trait(g)&(isRead|isProbe) != isRead {
			continue
		}
		f := s.shape(g)
		if len(f.Tables) == 0 || f.Tables[0].Name != probe.Tables[0].Name || f.Filter != probe.Filter || s.Steps[j].Args != s.Steps[k].Args {
			continue
		}
		if f.Offset != sqlshape.Absent || f.Limit != sqlshape.Absent && !probe.Exists {
			continue
		}
		return g.Shape
	}
	return sqlshape.Other
}
