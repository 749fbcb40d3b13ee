package profile

import (
	"math"

	"github.com/ormlint/ormlint/analyzer/work"
)

// Stats are what the units of one place came to.
type Stats struct {
	Tally
	Queries    int64 // Calls without transaction control and connection set-up
	Rows       int64 // read and written, as far as the log tells
	RowsKnown  bool
	MaxQueries int64 // of one unit
	MaxRows    int64
	MaxTook    int64
	Exact      int64 // units whose boundary came from an id
	// The units of the three figures above, of equal ones the first.
	ByQueries, ByRows, ByTook Worst
	// OverQueries and OverRows are the units beyond Limit, and what they had
	// too much.
	Limit                 Limit
	OverQueries, OverRows Over

	// Welford's running mean of the units' times and the sum of squares
	// around it: the plain sum of squares loses all digits over a long log.
	mean, squares float64
}

// A Worst is the unit with the most of something.
type Worst struct {
	Input      uint16
	Line       uint32 // of its first statement
	Bound      work.Bound
	Start, End int64 // nanoseconds since 1970 UTC; 0: the log does not say
	Queries    int64
	// Single: its first statement ran once. Requests of one endpoint that the
	// log does not tell apart repeat it.
	Single bool
}

// A Limit is what one unit of a place may come to; 0: anything.
type Limit struct{ Queries, Rows int64 }

// An Over adds up units beyond a Limit.
type Over struct {
	Units  int64
	Beyond int64 // what they had beyond it
	// Took is the part of their time, in nanoseconds, that goes with Beyond, as
	// if each query or row had taken as long as any other of its unit.
	Took int64
}

func (o *Over) add(n, limit, took int64) {
	if limit == 0 || n <= limit {
		return
	}
	o.Units++
	o.Beyond += n - limit
	o.Took += int64(float64(took) * float64(n-limit) / float64(n))
}

func (o *Over) merge(p Over) {
	o.Units += p.Units
	o.Beyond += p.Beyond
	o.Took += p.Took
}

// Mean is the mean of the units' times in nanoseconds.
func (s *Stats) Mean() float64 { return s.mean }

// Spread is the standard deviation of the units' times in nanoseconds, 0 with
// fewer than two.
func (s *Stats) Spread() float64 {
	if s.Units < 2 {
		return 0
	}
	return math.Sqrt(s.squares / float64(s.Units-1))
}

// add counts a unit that came from the given input.
func (s *Stats) add(u *work.Unit, input uint16) {
	var took, rows, queries int64
	calls := int64(len(u.Steps))
	for i := range u.Steps {
		took += max(u.Steps[i].Took, 0)
		if n := u.Steps[i].Rows; n >= 0 {
			rows += int64(n)
			s.RowsKnown = true
		}
	}
	for i := range u.Groups {
		queries += int64(u.Groups[i].N)
		calls += int64(u.Groups[i].Extra)
	}
	s.Units++
	s.Calls += calls
	s.Queries += queries
	s.Took += took
	s.Rows += rows
	if u.Bound == work.ByID {
		s.Exact++
	}
	if queries > s.MaxQueries {
		s.MaxQueries, s.ByQueries = queries, worst(u, input, queries)
	}
	if rows > s.MaxRows {
		s.MaxRows, s.ByRows = rows, worst(u, input, queries)
	}
	if took > s.MaxTook {
		s.MaxTook, s.ByTook = took, worst(u, input, queries)
	}
	s.OverQueries.add(queries, s.Limit.Queries, took)
	s.OverRows.add(rows, s.Limit.Rows, took)
	d := float64(took) - s.mean
	s.mean += d / float64(s.Units)
	s.squares += d * (float64(took) - s.mean)
}

func worst(u *work.Unit, input uint16, queries int64) Worst {
	w := Worst{Input: input, Bound: u.Bound, Start: u.Start(), End: u.End(), Queries: queries}
	if len(u.Steps) > 0 {
		w.Line = u.Steps[0].Line
	}
	w.Single = len(u.Groups) > 0 && u.Groups[0].N == 1
	return w
}

// Merge adds what o holds. Sums of floats depend on their order, so merge in
// one that does not change.
func (s *Stats) Merge(o *Stats) {
	n := float64(s.Units + o.Units)
	if n == 0 {
		return
	}
	d := o.mean - s.mean
	s.squares += o.squares + d*d*float64(s.Units)*float64(o.Units)/n
	s.mean += d * float64(o.Units) / n
	s.Units += o.Units
	s.Calls += o.Calls
	s.Queries += o.Queries
	s.Took += o.Took
	s.Rows += o.Rows
	s.RowsKnown = s.RowsKnown || o.RowsKnown
	s.Exact += o.Exact
	if o.MaxQueries > s.MaxQueries {
		s.MaxQueries, s.ByQueries = o.MaxQueries, o.ByQueries
	}
	if o.MaxRows > s.MaxRows {
		s.MaxRows, s.ByRows = o.MaxRows, o.ByRows
	}
	if o.MaxTook > s.MaxTook {
		s.MaxTook, s.ByTook = o.MaxTook, o.ByTook
	}
	if o.Limit != (Limit{}) {
		s.Limit = o.Limit // places of one name have one
	}
	s.OverQueries.merge(o.OverQueries)
	s.OverRows.merge(o.OverRows)
}
