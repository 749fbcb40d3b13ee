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

	// Welford's running mean of the units' times and the sum of squares
	// around it: the plain sum of squares loses all digits over a long log.
	mean, squares float64
}

// Spread is the standard deviation of the units' times in nanoseconds, 0 with
// fewer than two.
func (s *Stats) Spread() float64 {
	if s.Units < 2 {
		return 0
	}
	return math.Sqrt(s.squares / float64(s.Units-1))
}

// add counts a unit.
func (s *Stats) add(u *work.Unit) {
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
	s.MaxQueries, s.MaxRows, s.MaxTook = max(s.MaxQueries, queries), max(s.MaxRows, rows), max(s.MaxTook, took)
	d := float64(took) - s.mean
	s.mean += d / float64(s.Units)
	s.squares += d * (float64(took) - s.mean)
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
	s.MaxQueries, s.MaxRows, s.MaxTook = max(s.MaxQueries, o.MaxQueries), max(s.MaxRows, o.MaxRows), max(s.MaxTook, o.MaxTook)
}
