package rules

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// isOneRow reports whether a write touches one row at a time, as save(),
// create() and delete() make it. Batches (several VALUES rows, CASE WHEN,
// lists behind IN) are not that.
func isOneRow(s *sqlshape.Shape) bool {
	switch s.Kind {
	case sqlshape.Insert: // without VALUES it is INSERT … SELECT, as UNNEST batches are (Django 5.2)
		return s.Values == sqlshape.OneItem && len(s.Columns) > 0
	case sqlshape.Update:
		return !s.Partial && hasEquality(s) && !s.Subquery
	case sqlshape.Delete:
		return !s.Partial && hasEquality(s)
	}
	return false
}

// hasEquality reports whether the WHERE compares a column with one value and
// no column with a longer list.
func hasEquality(s *sqlshape.Shape) bool {
	eq := false
	for _, p := range s.Where {
		if p.List >= sqlshape.ManyItems {
			return false
		}
		eq = eq || p.Op == "=" || p.Op == "IN"
	}
	return eq
}

// loopsOf calls f with each group of one-row writes of that kind that repeats
// often enough and that nothing has accounted for.
func (s *scene) loopsOf(k sqlshape.Kind, f func(i int, g *work.Group, sh *sqlshape.Shape, t trusted)) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.N < s.d.minCalls || s.taken[i] || s.trait(g)&isRowWrite == 0 {
			continue
		}
		sh := s.shape(g)
		if sh.Kind != k {
			continue
		}
		if t, ok := s.trust(g); ok {
			f(i, g, sh, t)
		}
	}
}

// detectInserts enters rows that are inserted one at a time. What save() runs
// besides belongs to the same loop: the parent's row in multi-table
// inheritance, and the UPDATE that is tried first where objects bring their key.
func detectInserts(s *scene) {
	s.loopsOf(sqlshape.Insert, func(i int, g *work.Group, sh *sqlshape.Shape, t trusted) {
		if s.insertsParent(i, g) {
			return // told with the child's table, which comes later
		}
		sum := *g
		for j := range s.Groups {
			o := &s.Groups[j]
			if j != i && o.N >= s.d.minCalls && (isChild(sh) && s.nextTo(o, i) && s.shape(o).Kind == sqlshape.Insert || s.triesUpdate(o, i, sh)) {
				sum.N += o.N
				sum.Took += o.Took
				s.taken[j] = true
			}
		}
		s.add(profile.Case{Rule: uint8(patInsertLoop), Child: g.Shape}, &sum, t, 1)
		s.taken[i] = true
	})
}

// isChild reports whether an INSERT is into a child's table of multi-table
// inheritance: its key is the link to the parent's row.
func isChild(s *sqlshape.Shape) bool {
	return len(s.Columns) > 0 && strings.HasSuffix(s.Columns[0].Name, "_ptr_id")
}

// insertsParent reports whether the next statement after this loop's is, round
// after round, an INSERT into a child's table.
func (s *scene) insertsParent(i int, g *work.Group) bool {
	for j := range s.Groups {
		if c := &s.Groups[j]; j != i && c.N >= s.d.minCalls && s.shape(c).Kind == sqlshape.Insert && isChild(s.shape(c)) && s.nextTo(g, j) {
			return true
		}
	}
	return false
}

// triesUpdate reports whether o is an UPDATE of the table that group i inserts
// into, and comes right before it: save() of an object that has its key
// already but no row.
func (s *scene) triesUpdate(o *work.Group, i int, insert *sqlshape.Shape) bool {
	u := s.shape(o)
	return u.Kind == sqlshape.Update && isOneRow(u) && u.Tables[0].Name == insert.Tables[0].Name && s.nextTo(o, i)
}

// nextTo reports whether most steps of g are followed by a step of group i.
func (s *scene) nextTo(g *work.Group, i int) bool {
	hits := int32(0)
	for k := g.First; k >= 0; k = s.Steps[k].Next {
		if s.nextGroup(k) == int32(i) {
			hits++
		}
	}
	return hits*2 > g.N
}

func detectUpdates(s *scene) {
	s.loopsOf(sqlshape.Update, func(i int, g *work.Group, _ *sqlshape.Shape, t trusted) {
		if g.Distinct < 2 {
			return
		}
		s.add(profile.Case{Rule: uint8(patUpdateLoop), Child: g.Shape}, g, t, 1)
		s.taken[i] = true
	})
}

// detectM2MAdd enters rows that are added to a many-to-many relation one at a
// time: INSERTs of two foreign keys and nothing else.
func detectM2MAdd(s *scene) {
	s.loopsOf(sqlshape.Insert, func(i int, g *work.Group, sh *sqlshape.Shape, t trusted) {
		if !isPairs(sh) {
			return
		}
		s.add(profile.Case{Rule: uint8(patM2MAdd), Child: g.Shape}, g, t, 1)
		s.taken[i] = true
		// Without ON CONFLICT (a signal listens) add() asks first which pairs exist.
		for j := range s.Groups {
			q := s.shape(&s.Groups[j])
			if s.Groups[j].N >= s.d.minCalls && q.Kind == sqlshape.Select && len(q.Tables) == 1 && q.Tables[0].Name == sh.Tables[0].Name {
				s.taken[j] = true
			}
		}
	})
}

// isPairs reports whether a statement inserts into the table that Django makes
// for a many-to-many field: two foreign keys, and either ON CONFLICT DO NOTHING
// or the table's name (model_field) says so. A model of two foreign keys has
// neither.
func isPairs(s *sqlshape.Shape) bool {
	if len(s.Columns) != 2 || len(s.Tables) == 0 {
		return false
	}
	from, ok := strings.CutSuffix(s.Columns[0].Name, "_id")
	if !ok || !strings.HasSuffix(s.Columns[1].Name, "_id") {
		return false
	}
	return s.OnConflict == "nothing" || strings.Contains(s.Tables[0].Name, "_"+from+"_")
}

// detectDeletes enters delete() on one object after another. For each object
// Django also looks for, and deletes, the rows that point at it: those loops
// belong to the one on the object's own table, the last of them.
func detectDeletes(s *scene) {
	var main *work.Group
	var trust trusted
	var at []int
	var all work.Group
	s.loopsOf(sqlshape.Delete, func(i int, g *work.Group, _ *sqlshape.Shape, t trusted) {
		if g.Distinct < 2 {
			return
		}
		if main == nil || g.First > main.First {
			main, trust = g, t
		}
		at = append(at, i)
		all.N += g.N
		all.Took += g.Took
	})
	if main == nil {
		return
	}
	for _, i := range at {
		s.taken[i] = true
	}
	for i := range s.Groups {
		g := &s.Groups[i]
		if !s.taken[i] && g.N >= s.d.minCalls && s.trait(g)&isRead != 0 && looksForOne(s.shape(g)) {
			all.N += g.N
			all.Took += g.Took
			s.taken[i] = true
		}
	}
	sum := *main
	sum.N, sum.Took = all.N, all.Took
	s.add(profile.Case{Rule: uint8(patDeleteLoop), Child: main.Shape}, &sum, trust, 1)
}

// looksForOne reports whether a SELECT has one value behind IN, as Django's
// Collector writes it for one object.
func looksForOne(s *sqlshape.Shape) bool {
	for _, p := range s.Where {
		if p.Op == "IN" && p.List == sqlshape.OneItem {
			return true
		}
	}
	return false
}

// detectGetOrCreate enters lookups that are followed by an INSERT into, or
// behind FOR UPDATE an UPDATE of, the same table, round after round.
func detectGetOrCreate(s *scene) {
	for i := range s.Groups {
		g := &s.Groups[i]
		if g.N < s.d.minCalls || s.taken[i] || g.Distinct < 2 || s.trait(g)&(isRead|isProbe) != isRead {
			continue
		}
		get := s.shape(g)
		if get.Limit != sqlshape.GetLimit || len(get.Tables) == 0 {
			continue
		}
		writes := s.writesAfter(g, get)
		if len(writes) == 0 {
			continue
		}
		t, ok := s.trust(g)
		if !ok {
			continue
		}
		sum := *g
		for _, k := range writes {
			sum.N += s.Groups[k].N
			sum.Took += s.Groups[k].Took
			s.taken[k] = true
		}
		s.taken[i] = true
		variant := uint8(0)
		if get.ForUpdate {
			variant = 1
		}
		s.add(profile.Case{Rule: uint8(patGetOrCreate), Child: g.Shape, Parent: s.Groups[writes[0]].Shape, Variant: variant}, &sum, t, 2)
	}
}

// createMin is how many of the lookups must be followed by a write: where all
// rows but a few exist, get_or_create is still what runs.
const createMin = 2

// writesAfter returns the groups of writes to get's table that come right
// after steps of g. UPDATEs count behind FOR UPDATE only (update_or_create):
// get() and save() in a loop are two other patterns.
func (s *scene) writesAfter(g *work.Group, get *sqlshape.Shape) []int32 {
	after := map[int32]int{}
	for i := g.First; i >= 0; i = s.Steps[i].Next {
		k := s.nextGroup(i)
		if k < 0 {
			continue
		}
		w := s.shape(&s.Groups[k])
		if len(w.Tables) == 0 || w.Tables[0].Name != get.Tables[0].Name {
			continue
		}
		if w.Kind == sqlshape.Insert || w.Kind == sqlshape.Update && get.ForUpdate {
			after[k]++
		}
	}
	var found []int32
	for i := range s.Groups {
		if after[int32(i)] >= createMin {
			found = append(found, int32(i))
		}
	}
	return found
}

// nextGroup returns the group of the step after i, past transaction control.
func (s *scene) nextGroup(i int32) int32 {
	for j := i + 1; j < int32(len(s.Steps)); j++ {
		if k := s.groupOf(j); k >= 0 {
			return k
		}
	}
	return -1
}
