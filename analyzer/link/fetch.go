package link

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// FetchBasis says what ties a fetch in the source to a statement that an
// endpoint ran; false where it cannot have run it, or is none of the Index.
func (p *Project) FetchBasis(s *sqlshape.Shape, f *source.Fetch, endpoint string, sites []Site) (Basis, bool) {
	if p.Models == nil || p.Index == nil || !p.ran(s, f) {
		return 0, false
	}
	return p.PlaceBasis(f.Entries, f.Function, fetchSpans(f), endpoint, sites)
}

// ran is runs, asked of all fetches of the Index once for each statement.
func (p *Project) ran(s *sqlshape.Shape, f *source.Fetch) bool {
	those, known := p.found.running[s]
	if !known {
		if p.found.running == nil {
			p.found.running = map[*sqlshape.Shape]map[*source.Fetch]bool{}
		}
		those = map[*source.Fetch]bool{}
		for _, x := range p.Index.Fetches {
			if p.runs(s, x) {
				those[x] = true
			}
		}
		p.found.running[s] = those
	}
	return those[f]
}

// PlaceBasis is FetchBasis for a place of any kind, whatever the statement.
func (p *Project) PlaceBasis(reached []string, function string, spans []source.Span, endpoint string, sites []Site) (Basis, bool) {
	return basisOf(reached, function, spans, p.Entries(endpoint), sites)
}

// QueryBasis is the same for a queryset.
func (p *Project) QueryBasis(q *source.Query, endpoint string, sites []Site) (Basis, bool) {
	return p.PlaceBasis(q.Entries, q.Function, querySpans(q), endpoint, sites)
}

// fetchSpans are the places at which a frame stands while f runs: where it is,
// and the calls on the way there.
func fetchSpans(f *source.Fetch) []source.Span {
	spans := []source.Span{f.Span}
	for _, h := range f.Via {
		spans = append(spans, h.Span)
	}
	return spans
}

// runs reports whether a fetch can have run a statement.
func (p *Project) runs(s *sqlshape.Shape, f *source.Fetch) bool {
	if f.Covered {
		return false
	}
	switch s.Kind {
	case sqlshape.Insert:
		return p.writes(s, f, source.Insert, source.GetOrCreate, source.AddRelated)
	case sqlshape.Update:
		return p.writes(s, f, source.Update, source.GetOrCreate)
	case sqlshape.Delete:
		return p.writes(s, f, source.Remove, source.AddRelated)
	case sqlshape.Select, sqlshape.Declare:
	default:
		return f.Op == source.Savepoint && s.Kind == sqlshape.Savepoint
	}
	probe := len(s.Aggregates) > 0 || s.Exists
	switch f.Op {
	case source.CountRows, source.ExistsRows, source.Aggregate:
		return probe && p.reads(s, f)
	case source.Related, source.All, source.Get, source.First, source.Deferred, source.Refresh, source.Fetched, source.GetOrCreate:
		return !probe && p.reads(s, f) && (f.Query == nil || f.Query.Model == "" || f.Query.Dynamic || p.Fits(s, f.Query))
	}
	return false
}

// reads reports whether a SELECT is of the table that a fetch reads, or of the
// pairs that lead there.
func (p *Project) reads(s *sqlshape.Shape, f *source.Fetch) bool {
	t := baseTable(s)
	for _, m := range p.targets(f) {
		if m.Table == t || slices.Contains(parentTables(m), t) {
			return true
		}
	}
	last := p.lastField(f)
	if last == nil {
		return len(p.targets(f)) == 0 && f.Model == ""
	}
	return last.Relation != nil && (last.Relation.ThroughTable == t || last.Relation.Kind == GenericFK)
}

func (p *Project) writes(s *sqlshape.Shape, f *source.Fetch, ops ...source.Op) bool {
	if !slices.Contains(ops, f.Op) || len(s.Writes) == 0 {
		return false
	}
	if last := p.lastField(f); f.Op == source.AddRelated && last != nil && last.Relation != nil && last.Relation.ThroughTable != "" {
		return last.Relation.ThroughTable == s.Writes[0]
	}
	for _, m := range p.targets(f) {
		if m.Table == s.Writes[0] || slices.Contains(parentTables(m), s.Writes[0]) {
			return true
		}
	}
	return false
}

// targets are the models whose rows a fetch reads or writes, as far as known.
func (p *Project) targets(f *source.Fetch) []*schema.Model {
	if m := concrete(p.Models.Model(f.Model)); m != nil {
		return []*schema.Model{m}
	}
	if last := p.lastField(f); last != nil && last.Relation != nil {
		if m := concrete(last.Relation.Target); m != nil {
			return []*schema.Model{m}
		}
	}
	return nil
}

// lastField is what the last step of a fetch's path follows, nil where it has
// none.
func (p *Project) lastField(f *source.Fetch) *schema.Field {
	if f.Of == nil {
		return nil
	}
	m := concrete(p.Models.Model(f.Of.Model))
	var last *schema.Field
	for _, name := range f.Path {
		if m == nil {
			return nil
		}
		if last = m.Field(name); last == nil {
			return nil
		}
		m = nil
		if last.Relation != nil {
			m = concrete(last.Relation.Target)
		}
	}
	return last
}
