package link

import (
	"cmp"
	"slices"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A Basis says what ties a statement to a place in the source, the surest
// last.
type Basis uint8

// The bases.
const (
	ByShape    Basis = iota + 1 // the statement is what the queryset makes
	ByEntry                     // and the endpoint's view reaches it
	ByFunction                  // and the log names the function
	ByLine                      // and the log names the line
)

// A Candidate is a queryset that can have made a statement.
type Candidate struct {
	Query *source.Query
	Basis Basis
	// Score counts what of the statement the queryset explains. Scores of one
	// statement are comparable.
	Score int
}

// Match finds the querysets that can have made a statement, as one endpoint
// ran it (its name "" where not known), at sites, where the log tells them.
// All that are equally good are returned, in order of Span: it never picks one
// of several.
func (p *Project) Match(s *sqlshape.Shape, endpoint string, sites []Site) []Candidate {
	if p.Index == nil || p.Models == nil {
		return nil
	}
	entries := p.Entries(endpoint)
	var found []Candidate
	for _, c := range p.fitting(s) {
		basis, ok := basisOf(c.Query.Entries, c.Query.Function, querySpans(c.Query), entries, sites)
		if ok {
			found = append(found, Candidate{Query: c.Query, Basis: basis, Score: c.Score})
		}
	}
	return bestOf(found)
}

// fitting are the querysets that can have made a statement, wherever they are.
func (p *Project) fitting(s *sqlshape.Shape) []Candidate {
	list, known := p.found.fitting[s]
	if known {
		return list
	}
	if p.found.byTable == nil {
		p.found.byTable = map[string][]*source.Query{}
		p.found.fitting = map[*sqlshape.Shape][]Candidate{}
		for _, q := range p.Index.Queries {
			if m := concrete(p.Models.Model(q.Model)); m != nil {
				p.found.byTable[m.Table] = append(p.found.byTable[m.Table], q)
			}
		}
	}
	for _, q := range p.found.byTable[baseTable(s)] {
		if score, ok := p.fits(s, q); ok {
			list = append(list, Candidate{Query: q, Score: score})
		}
	}
	p.found.fitting[s] = list
	return list
}

// bestOf keeps the candidates that no other is better than.
func bestOf(found []Candidate) []Candidate {
	if len(found) == 0 {
		return nil
	}
	better := func(a, b Candidate) int { return cmp.Or(cmp.Compare(a.Basis, b.Basis), cmp.Compare(a.Score, b.Score)) }
	best := slices.MaxFunc(found, better)
	found = slices.DeleteFunc(found, func(c Candidate) bool { return better(c, best) != 0 })
	slices.SortFunc(found, func(a, b Candidate) int { return source.Compare(a.Query.Span, b.Query.Span) })
	return slices.CompactFunc(found, func(a, b Candidate) bool { return a.Query == b.Query })
}

// Fits reports whether a queryset can have made a statement.
func (p *Project) Fits(s *sqlshape.Shape, q *source.Query) bool {
	_, ok := p.fits(s, q)
	return ok
}

// fits compares a statement with what a queryset makes; the score counts what
// agrees. Only what is known on both sides can disagree.
func (p *Project) fits(s *sqlshape.Shape, q *source.Query) (int, bool) {
	m := concrete(p.Models.Model(q.Model))
	if m == nil || m.Table != baseTable(s) || s.Kind != sqlshape.Select && s.Kind != sqlshape.Declare {
		return 0, false
	}
	// iterator() opens a cursor where the server has them; a plain SELECT is
	// surely another's only there, but then it is.
	if q.Iterator != (s.Kind == sqlshape.Declare) && !q.Dynamic {
		return 0, false
	}
	x := fit{s: s, q: q, model: m, probe: len(s.Aggregates) > 0 || s.Exists}
	for _, check := range []func() bool{x.asked, x.listed, x.joined, x.filtered, x.ordered, x.limited, x.flagged} {
		if !check() {
			return 0, false
		}
	}
	return x.score, true
}

// baseTable is the table of the rows that a statement gives.
func baseTable(s *sqlshape.Shape) string {
	if len(s.Tables) > 0 {
		return s.Tables[0].Name
	}
	if len(s.Reads) > 0 { // FROM (SELECT …)
		return s.Reads[0]
	}
	return ""
}

// A fit compares one statement with one queryset.
type fit struct {
	s     *sqlshape.Shape
	q     *source.Query
	model *schema.Model
	probe bool
	score int
}

// asked: COUNT and EXISTS come from count() and exists(), rows from anything
// else that evaluates.
func (x *fit) asked() bool {
	if len(x.q.Evals) == 0 {
		return true
	}
	for _, e := range x.q.Evals {
		switch e.Kind {
		case source.Nested:
		case source.Count, source.Exists:
			if x.probe {
				x.score++
				return true
			}
		default:
			if !x.probe {
				return true
			}
		}
	}
	return x.probe && (x.q.Dynamic || x.q.Annotated) || x.leaves()
}

// leaves reports whether the queryset itself goes out of sight, to where a
// paginator may count or slice it.
func (x *fit) leaves() bool {
	return slices.ContainsFunc(x.q.Escapes, func(e source.Escape) bool { return e.Queryset })
}

// listed: the columns in the select list are those of the model, or what
// only(), defer() or values() left.
func (x *fit) listed() bool {
	if x.probe || x.s.Star || x.s.Subquery || x.q.Dynamic || x.model.Partial {
		return true
	}
	have := columnsOf(x.s, x.model.Table)
	var want []string
	switch {
	case len(x.q.Values) > 0 || len(x.q.Only) > 0:
		names := x.q.Values
		if len(x.q.Only) > 0 {
			names = append(slices.Clone(x.q.Only), x.model.PrimaryKey...)
		}
		for _, n := range names {
			if t, c, ok := columnAt(x.model, n); ok && t == x.model.Table {
				want = append(want, c)
			}
		}
	default:
		want = modelColumns(x.model)
		for _, n := range x.q.Defer {
			if _, c, ok := columnAt(x.model, n); ok {
				want = slices.DeleteFunc(want, func(w string) bool { return w == c })
			}
		}
		if x.q.Raw { // values() of all columns, dates()
			return true
		}
	}
	for _, c := range want {
		if !slices.Contains(have, c) {
			return false
		}
	}
	exact := len(x.q.Only)+len(x.q.Values)+len(x.q.Defer) > 0
	if exact && !x.q.Annotated {
		for _, c := range have {
			if !slices.Contains(want, c) {
				return false
			}
		}
	}
	if exact && len(want) < len(modelColumns(x.model)) {
		x.score += 2
	}
	return true
}

// joined: the tables that select_related names are read, and no others are.
func (x *fit) joined() bool {
	if x.probe || x.s.Subquery || x.s.Star {
		return true
	}
	var reads []string
	for _, t := range x.s.Tables[1:] {
		if len(columnsOf(x.s, t.Name)) > 1 {
			reads = append(reads, t.Name)
		}
	}
	all := false
	told := parentTables(x.model)
	for _, e := range x.q.Eager {
		if !e.Join {
			continue
		}
		if e.Path == "" {
			all = true
			continue
		}
		tables, ok := tablesAlong(x.model, e.Path)
		if !ok {
			all = true
			continue
		}
		for _, t := range tables {
			if !slices.Contains(reads, t) && t != x.model.Table && !x.q.Raw && len(x.q.Only) == 0 {
				return false
			}
			told = append(told, t)
		}
		x.score++
	}
	if all || x.q.Dynamic || x.q.Raw || x.q.Annotated {
		return true
	}
	for _, t := range reads {
		if !slices.Contains(told, t) {
			return false
		}
	}
	return true
}

// flagged: DISTINCT, GROUP BY, UNION and FOR UPDATE stand only where the
// queryset says so.
func (x *fit) flagged() bool {
	if x.s.SetOp != x.q.Combined && !x.q.Dynamic {
		return false
	}
	if x.q.Dynamic || x.s.Subquery {
		return true
	}
	locks := slices.ContainsFunc(x.q.Calls, func(c source.Call) bool { return c.Name == "select_for_update" })
	if x.s.Distinct != x.q.Distinct && !x.probe || x.s.Grouped && !x.q.Annotated && !x.q.Raw {
		return false
	}
	return x.s.ForUpdate == locks
}
