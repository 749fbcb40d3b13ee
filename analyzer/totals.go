package analyzer

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/rules"
)

// lost counts what limits made the run leave out.
func (w *watch) lost() finding.Lost {
	lost := finding.Lost{}
	add := func(name string, n int64) {
		if n > 0 {
			lost[name] = n
		}
	}
	add("units_closed_early", w.tracker.Lost.ClosedEarly)
	add("steps_not_kept", w.tracker.Lost.Steps)
	add("entries_cut", w.cut)
	add("sessions_closed_early", w.evicted)
	add("names_other", w.names.Lost())
	add("shapes_other", w.set.Others())
	add("cases_not_kept", w.profile.LostCases)
	add("endpoints_other", w.profile.LostPlaces)
	add("code_places_not_kept", w.profile.LostSites)
	for _, in := range w.inputs {
		if in.Skipped > 0 {
			lost["lines_not_understood"] += in.Skipped
		}
	}
	return lost
}

// spots adds up the places that units come from by the names that the report
// has for them, in order of name.
func (w *watch) spots() []rules.Spot {
	places := slices.SortedFunc(maps.Keys(w.profile.Places), func(a, b profile.Place) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.First, b.First))
	})
	at := map[string]int{}
	var out []rules.Spot
	for _, p := range places {
		name := rules.PlaceName(p, w.names, w.set)
		i, ok := at[name]
		if !ok {
			i = len(out)
			at[name] = i
			out = append(out, rules.Spot{Name: name, Stats: &profile.Stats{}})
		}
		out[i].Named = out[i].Named || p.Name != 0
		out[i].Stats.Merge(w.profile.Places[p])
	}
	slices.SortFunc(out, func(a, b rules.Spot) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// endpoints ranks the places that units come from by the time of all their
// statements.
func (w *watch) endpoints(spots []rules.Spot) []finding.Endpoint {
	out := make([]finding.Endpoint, 0, len(spots))
	for _, p := range spots {
		s := p.Stats
		e := finding.Endpoint{
			Name: p.Name, Named: p.Named, Units: s.Units, ExactUnits: s.Exact, Statements: s.Calls, Queries: s.Queries, Took: time.Duration(s.Took),
			Rows: s.Rows, RowsKnown: s.RowsKnown, MaxQueries: s.MaxQueries, MaxRows: s.MaxRows,
			MaxTook: time.Duration(s.MaxTook), Spread: time.Duration(s.Spread()),
		}
		if w.profile.Took > 0 {
			e.Share = float64(e.Took) / float64(w.profile.Took)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b finding.Endpoint) int {
		return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(b.Statements, a.Statements), strings.Compare(a.Name, b.Name))
	})
	return out
}

// shapes ranks the statements by the sum of their execution times.
func (w *watch) shapes() []finding.Shape {
	var list []finding.Shape
	for id, t := range w.profile.Shapes {
		if t.Calls == 0 {
			continue
		}
		list = append(list, finding.Shape{SQL: w.set.Shape(sqlshape.ID(id)).Text, Calls: t.Calls, Took: time.Duration(t.Took)})
	}
	slices.SortFunc(list, func(a, b finding.Shape) int {
		return cmp.Or(cmp.Compare(b.Took, a.Took), cmp.Compare(b.Calls, a.Calls), strings.Compare(a.SQL, b.SQL))
	})
	return list
}
