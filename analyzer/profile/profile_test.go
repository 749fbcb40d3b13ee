package profile

import (
	"math"
	"reflect"
	"testing"

	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

func unit(name sqllog.NameID, shapes ...sqlshape.ID) *work.Unit {
	u := &work.Unit{Name: name, Bound: work.ByID}
	for i, s := range shapes {
		u.Steps = append(u.Steps, work.Step{Shape: s, Took: 10, Next: -1})
		u.Groups = append(u.Groups, work.Group{Shape: s, N: 1, First: int32(i), Last: int32(i), Took: 10})
	}
	return u
}

func TestCountAndEnter(t *testing.T) {
	p := New(DefaultLimits())
	p.Count([]sqllog.Event{
		{Shape: 2, Took: 10}, {Shape: 2, Took: -1}, {Shape: sqlshape.Other, Took: 5}, {Flags: sqllog.Closed, Took: 99},
	})
	p.Begin(unit(1, 2), 2)
	p.Begin(unit(0, 2), 2)
	want := []Tally{{Calls: 1, Took: 5}, {}, {Units: 2, Calls: 2, Took: 10}}
	if !reflect.DeepEqual(p.Shapes, want) || p.Calls != 3 || p.Took != 15 || p.Units != 2 || p.Exact != 2 {
		t.Errorf("got %+v, calls %d, took %d, units %d", p.Shapes, p.Calls, p.Took, p.Units)
	}
	if len(p.Places) != 2 || p.Places[Place{Name: 1}].Took != 10 || p.Places[Place{First: 2}].Units != 1 {
		t.Errorf("places %+v", p.Places)
	}
}

// At the limit everything is kept, one more is counted as lost.
func TestLimits(t *testing.T) {
	p := New(Limits{Cases: 2, Places: 2})
	p.Count([]sqllog.Event{{Shape: 9}})
	for i := range sqllog.NameID(3) {
		p.Begin(unit(i+1, 9), 9)
		p.Add(Case{Child: sqlshape.ID(i)}, Sighting{Calls: 1})
	}
	if len(p.Cases) != 2 || p.LostCases != 1 {
		t.Errorf("%d cases, %d lost", len(p.Cases), p.LostCases)
	}
	if p.LostPlaces != 1 || p.Places[Place{}] == nil || p.Places[Place{}].Units != 1 {
		t.Errorf("places %+v, %d lost", p.Places, p.LostPlaces)
	}
}

func TestLists(t *testing.T) {
	p := New(Limits{Cases: 2})
	a := p.List([]Candidate{{Shape: 1}, {Shape: 2, Nested: true}})
	b := p.List([]Candidate{{Shape: 1}, {Shape: 2}})
	if a == b || a == 0 || p.List([]Candidate{{Shape: 1}, {Shape: 2}}) != b {
		t.Errorf("lists %d and %d", a, b)
	}
	if got := p.Candidates(a); len(got) != 2 || !got[1].Nested {
		t.Errorf("got %+v", got)
	}
	if p.List(nil) != 0 || p.Candidates(0) != nil {
		t.Error("an empty list has no number")
	}
	if p.List([]Candidate{{Shape: 3}}) != 0 || p.LostCases != 1 {
		t.Error("beyond the limit a list has no number, and is counted")
	}
}

func TestLedger(t *testing.T) {
	var l Ledger
	for i, calls := range []int64{5, 9, 5, 7} {
		l.add(Sighting{Calls: calls, Took: 10 * calls, MaxRows: -1, Example: Example{Line: uint32(i + 1), Place: Place{Name: 1}}})
	}
	var lines []uint32
	for _, e := range l.Examples {
		lines = append(lines, e.Line)
	}
	if want := []uint32{2, 4, 1}; !reflect.DeepEqual(lines, want) {
		t.Errorf("examples at lines %v, want %v: the most calls first, of equal ones the first", lines, want)
	}
	if l.Units != 4 || l.Calls != 26 || l.Took != 260 || l.MaxCalls != 9 || l.MaxRows != -1 {
		t.Errorf("got %+v", l)
	}
	var sum Ledger
	sum.Merge(&l)
	sum.Merge(&l)
	if sum.Calls != 52 || sum.MaxCalls != 9 || len(sum.Examples) != 3 || sum.Places[0].Calls != 52 {
		t.Errorf("merged %+v", sum)
	}
}

// A ledger tells placeMax endpoints apart; the rest is one.
func TestLedgerPlaces(t *testing.T) {
	var l Ledger
	for i := range placeMax + 2 {
		l.add(Sighting{Calls: 1, Example: Example{Place: Place{Name: sqllog.NameID(i + 1)}}})
	}
	last := l.Places[len(l.Places)-1]
	if len(l.Places) != placeMax+1 || last.Place != (Place{}) || last.Calls != 2 {
		t.Errorf("%d places, the last %+v", len(l.Places), last)
	}
}

// Stats of parts, merged, are those of the whole.
func TestStats(t *testing.T) {
	units := make([]work.Unit, 6)
	for i := range units {
		units[i].Steps = []work.Step{{Took: int64(i*i) * 10, Rows: int32(i)}, {Took: -1, Rows: -1}}
		units[i].Groups = []work.Group{{N: 3, Extra: 2}}
		units[i].Steps[0].Line = uint32(i + 1)
	}
	limit := Limit{Queries: 2, Rows: 4}
	whole, a, b, none := Stats{Limit: limit}, Stats{Limit: limit}, Stats{Limit: limit}, Stats{}
	for i := range units {
		whole.add(&units[i], 0)
		if i < 2 {
			a.add(&units[i], 0)
		} else {
			b.add(&units[i], 0)
		}
	}
	none.Merge(&a)
	none.Merge(&b)
	none.Merge(&Stats{})
	if math.Abs(none.Spread()-whole.Spread()) > 1e-9 || math.Abs(whole.Spread()-97.45084) > 1e-5 {
		t.Errorf("spread %v of the parts, %v of the whole", none.Spread(), whole.Spread())
	}
	none.mean, none.squares = whole.mean, whole.squares
	if none != whole || whole.Calls != 24 || whole.Queries != 18 || whole.Rows != 15 || whole.MaxRows != 5 || whole.MaxTook != 250 || whole.MaxQueries != 3 {
		t.Errorf("%+v, want %+v", none, whole)
	}
	if whole.ByQueries.Line != 1 || whole.ByRows.Line != 6 || whole.ByTook.Line != 6 || whole.ByQueries.Single {
		t.Errorf("the worst units are %+v, %+v, %+v", whole.ByQueries, whole.ByRows, whole.ByTook)
	}
	if q, r := whole.OverQueries, whole.OverRows; q.Units != 6 || q.Beyond != 6 || q.Took != 182 || r != (Over{1, 1, 50}) {
		t.Errorf("over the limits: %+v, %+v", q, r)
	}
}
