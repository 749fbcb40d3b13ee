package work

import "github.com/ormlint/ormlint/analyzer/sqlshape"

// role returns what the shape means for cutting, looking at each shape once.
func (t *Tracker) role(id sqlshape.ID) role {
	for int(id) >= len(t.roles) {
		next := sqlshape.ID(len(t.roles))
		t.roles = append(t.roles, roleOf(t.set.Shape(next)))
		t.slot = append(t.slot, slot{})
	}
	return t.roles[id]
}

// group fills Groups: one pass over the steps, a table indexed by shape in
// place of a map.
func (t *Tracker) group(u *Unit) {
	t.round++
	for i := range u.Steps {
		s := &u.Steps[i]
		if r := t.roles[s.Shape]; r == noise || r == check {
			continue
		}
		k := &t.slot[s.Shape]
		if k.round != t.round {
			*k = slot{round: t.round, group: int32(len(u.Groups)), last: int32(i)}
			u.Groups = append(u.Groups, Group{
				Shape: s.Shape, N: 1, First: int32(i), Last: int32(i),
				Took: max(s.Took, 0), MaxTook: s.Took, MaxRows: s.Rows, Distinct: 1,
			})
			continue
		}
		g := &u.Groups[k.group]
		u.Steps[k.last].Next = int32(i)
		k.last, g.Last = int32(i), int32(i)
		g.N++
		g.Took += max(s.Took, 0)
		g.MaxTook, g.MaxRows = max(g.MaxTook, s.Took), max(g.MaxRows, s.Rows)
	}
	for i := range u.Groups {
		g := &u.Groups[i]
		if g.N > 1 {
			g.Distinct = t.distinct(u, g)
		}
		if x, ok := u.extra[g.Shape]; ok {
			g.N, g.Extra, g.Took = g.N+x.n, x.n, g.Took+x.took
		}
	}
}

// distinct counts the different Args of a group in an open-addressing table
// that is kept between calls.
func (t *Tracker) distinct(u *Unit, g *Group) int32 {
	size := 8
	for size < int(g.N)*2 {
		size *= 2
	}
	if cap(t.scratch) < size {
		t.scratch = make([]uint64, size)
	}
	table := t.scratch[:size]
	clear(table)
	n, mask := int32(0), uint64(size-1)
	for i := g.First; i >= 0; i = u.Steps[i].Next {
		a := max(u.Steps[i].Args, 1) // 0 marks a free place
		h := (a * 0x9e3779b97f4a7c15) >> 20 & mask
		for table[h] != 0 && table[h] != a {
			h = (h + 1) & mask
		}
		if table[h] == 0 {
			table[h] = a
			n++
		}
	}
	return n
}
