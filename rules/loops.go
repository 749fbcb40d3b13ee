package rules

import (
	"cmp"
	"slices"

	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A loop is a read loop of which is known, as far as can be, whose rows it
// runs for.
type loop struct {
	profile.Case
	ledger  *profile.Ledger
	child   *sqlshape.Shape
	parent  *sqlshape.Shape // nil: nothing before it could be
	parents sqlshape.ID     // of parent
	related bool
	rel     link.Relation // when related
	nested  bool          // parent is itself the statement of a loop
	up      *loop         // that loop
	down    []*loop       // loops over this one's rows
	merged  bool          // told as part of up's finding
}

// explainLoops resolves all read loops and lets the rules explain them.
func (d *docket) explainLoops() []observed {
	loops := d.resolve()
	d.nest(loops)
	var found []observed
	for _, l := range loops {
		if l.merged {
			d.looped[l.Child] = true
			continue
		}
		for _, r := range all {
			if r.loop == nil {
				continue
			}
			d.rule = r
			if f, ok := r.loop(d, l); ok {
				d.looped[l.Child] = true
				found = append(found, observed{Finding: f, ledger: l.ledger, child: l.child, parent: l.parent, ids: [2]sqlshape.ID{l.Child, l.parents}, loop: l})
				break
			}
		}
	}
	return found
}

// resolve finds the parent of each read loop and drops the loops that nothing
// holds together. A nested loop stands or falls with the loop it is in, so
// this goes on until nothing changes.
func (d *docket) resolve() []*loop {
	var open []*loop
	for c, l := range d.profile.Cases {
		if pattern(c.Rule) == patLoop {
			open = append(open, &loop{Case: c, ledger: l, child: d.set.Shape(c.Child)})
		}
	}
	slices.SortFunc(open, func(a, b *loop) int { return compareCases(a.Case, b.Case) })
	var kept []*loop
	loopOf := map[sqlshape.ID]*loop{}
	most := map[sqlshape.ID]int64{}
	for _, l := range open {
		d.findParent(l)
		most[l.Child] = max(most[l.Child], l.ledger.MaxCalls)
	}
	for _, l := range open {
		d.preferGeneric(l, most)
	}
	for changed := true; changed; {
		changed = false
		rest := open[:0]
		for _, l := range open {
			if !d.stands(l, loopOf) {
				rest = append(rest, l)
				continue
			}
			changed = true
			kept = append(kept, l)
			if o := loopOf[l.Child]; o == nil || o.ledger.Calls < l.ledger.Calls {
				loopOf[l.Child] = l
			}
		}
		open = rest
	}
	for _, l := range kept {
		if l.nested {
			l.up = loopOf[l.parents]
		}
	}
	slices.SortFunc(kept, func(a, b *loop) int { return compareCases(a.Case, b.Case) })
	return kept
}

// findParent picks the nearest statement before the loop that something known
// relates to it.
func (d *docket) findParent(l *loop) {
	for _, c := range d.profile.Candidates(l.Parents) {
		p := d.set.Shape(c.Shape)
		if !c.Nested && d.isOneRowRead(p) || isValues(p) {
			continue // one row explains no loop, and rows of values() follow no relation
		}
		if rel, ok := d.relate(c.Shape, l.Child); ok {
			l.parent, l.parents = p, c.Shape
			l.rel, l.related, l.nested = rel, true, c.Nested
			return
		}
	}
	for _, c := range d.profile.Candidates(l.Parents) {
		if !c.Nested && !d.isOneRowRead(d.set.Shape(c.Shape)) {
			l.parent, l.parents = d.set.Shape(c.Shape), c.Shape
			return
		}
	}
}

// preferGeneric decides between two readings of "comments, then books and
// authors in turns": each comment's own object, or each book's author. The
// first when both kinds of row together are no more than the comments that
// LIMIT let through; a nested loop would have needed more.
func (d *docket) preferGeneric(l *loop, most map[sqlshape.ID]int64) {
	if !l.related || !l.nested || l.rel.Kind != link.ForwardFK {
		return
	}
	for _, c := range d.profile.Candidates(l.Parents) {
		p := d.set.Shape(c.Shape)
		if c.Nested || p.Limit <= 0 || most[l.Child]+most[l.parents] > p.Limit {
			continue
		}
		own, ok := d.relate(c.Shape, l.Child)
		other, also := d.relate(c.Shape, l.parents)
		if ok && also && own.Kind == link.GenericFK && other.Kind == link.GenericFK {
			l.parent, l.parents, l.rel, l.nested = p, c.Shape, own, false
			return
		}
	}
}

// stands reports whether a loop is one as far as is known now.
func (d *docket) stands(l *loop, loopOf map[sqlshape.ID]*loop) bool {
	if l.related && l.nested {
		up := loopOf[l.parents]
		return up != nil && up != l
	}
	if l.ledger.Trust() == profile.None {
		return false
	}
	// Few different arguments in many calls: a relation explains it (40 books
	// by 3 authors), anything else is duplicate-query's.
	if !l.related && l.ledger.MaxDistinct < int64(DefaultMinCalls) && l.ledger.MaxDistinct*2 < l.ledger.MaxCalls {
		return false
	}
	// One argument throughout: rows that share what their foreign key points to.
	if l.ledger.MaxDistinct < 2 && (l.rel.Kind != link.ForwardFK && l.rel.Kind != link.OneToOne || l.rel.Source == link.Guess) {
		return false
	}
	return true
}

// nest hangs loops under the loop whose rows they go over, where both are
// plain relations: the user wants one path a__b for them, not two findings.
func (d *docket) nest(loops []*loop) {
	for _, l := range loops {
		if l.up != nil && d.isPlainRelation(l) && d.isPlainRelation(l.up) && mayNest(l) && !l.up.under(l) {
			l.merged = true
			l.up.down = append(l.up.down, l)
		}
	}
	for _, l := range loops {
		slices.SortFunc(l.down, func(a, b *loop) int {
			return cmp.Or(cmp.Compare(b.ledger.Took, a.ledger.Took), compareCases(a.Case, b.Case))
		})
	}
}

// mayNest reports whether a loop is told with the one above it: not below a
// guess, and not when it runs for less than half of the rows, where the upper
// loop's own rewrite is what the user needs.
func mayNest(l *loop) bool {
	up := l.up.rel
	return (up.Kind != link.GenericRelation || up.Source == link.Models) && up.Source != link.Guess && l.rel.Source != link.Guess &&
		l.ledger.Calls*2 >= l.up.ledger.Calls
}

// under reports whether l hangs somewhere below o: loops of a self-relation
// must not hang under themselves.
func (l *loop) under(o *loop) bool {
	for x := l; x != nil; x = x.up {
		if x == o {
			return true
		}
		if !x.merged {
			return false
		}
	}
	return false
}

// isPlainRelation reports whether a loop is what select_related or
// prefetch_related replaces.
func (d *docket) isPlainRelation(l *loop) bool {
	return l.related && l.rel.Kind != link.Deferred && !isProbeShape(l.child) && !d.isTopN(l.child)
}

// isProbeShape reports whether a statement asks about rows instead of
// fetching them.
func isProbeShape(s *sqlshape.Shape) bool { return len(s.Aggregates) > 0 || s.Exists }

// isTopN reports whether a statement takes the first row or rows of a group.
func (d *docket) isTopN(c *sqlshape.Shape) bool {
	return c.Limit > 0 && c.Limit != sqlshape.GetLimit && !isProbeShape(c) && !d.isByKey(c)
}

// isByKey reports whether a statement fetches at most one row by a key.
func (d *docket) isByKey(c *sqlshape.Shape) bool {
	if len(c.Tables) == 0 || c.Partial && len(c.Where) == 0 {
		return false
	}
	for _, p := range c.Where {
		if p.Op == "=" && p.List == sqlshape.NoList && d.graph.IsUnique(c.Tables[0].Name, p.Column.Name) && p.Column.Table == c.Tables[0].Name {
			return true
		}
	}
	return false
}

// isOneRowRead reports whether a SELECT gives one row at most: get(), first(),
// or a row by its key.
func (d *docket) isOneRowRead(s *sqlshape.Shape) bool {
	return s.Limit == 1 || s.Limit == sqlshape.GetLimit || d.isByKey(s)
}
