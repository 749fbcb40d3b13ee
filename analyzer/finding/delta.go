package finding

import "time"

// A Delta is what changed from one report, the base, to another, the head.
// docs/diff.md says what counts as a change and what as a regression.
type Delta struct {
	Base, Head Side
	// Endpoints are those of both sides: first those whose queries changed, then
	// those whose time did, the largest rise first; then the others, the
	// costliest in head first.
	Endpoints []EndpointDelta
	Findings  []FindingDelta // in the order of the Changes below, then by Cost.Took
	// Alpha is the p below which a difference of times counts: 0.05 divided by
	// the number of endpoints whose times were compared.
	Alpha float64
	Notes []string // what could not be compared, and why
}

// A Side is one of the two reports.
type Side struct {
	Name       string // its path, as given
	Statements int64
	Units      int64
	Took       time.Duration
	Source     bool // the application's source was read
	Lost       Lost
}

// An EndpointDelta is one endpoint on both sides, per unit of work.
type EndpointDelta struct {
	Name                string
	Base, Head          *Endpoint // nil: no unit of it ran there
	Queries, Time, Rows Shift     // Time in nanoseconds
}

// Regressed reports whether a run with --fail-on-regression fails on it.
func (e *EndpointDelta) Regressed() bool { return e.Queries.Regressed || e.Time.Regressed }

// A Shift is the mean of one figure on both sides. All is 0 where a side does
// not have it.
type Shift struct {
	Known                  bool // both sides have it
	Base, Head             float64
	BaseSpread, HeadSpread float64 // standard deviations of times, 0 for others
	// P is how likely noise alone makes such a difference of times; 1 for
	// others, and where Tested is false: a side has too few units.
	P         float64
	Tested    bool
	Changed   bool // beyond rounding, and for times beyond noise
	Regressed bool
}

// By is how much more head has.
func (s *Shift) By() float64 { return s.Head - s.Base }

// A Change is what became of a finding.
type Change string

// The changes. Unseen findings are on one side only because the other could
// not have shown them: their endpoints did not run, or it has no log or no
// source.
const (
	New        Change = "new"
	Worse      Change = "worse" // more calls in a unit, or slower beyond noise
	Fixed      Change = "fixed"
	Better     Change = "better"
	Suppressed Change = "suppressed" // silenced in head, not in base
	Unseen     Change = "unseen"
	Same       Change = "same"
)

// Changes lists them in the order in which a Delta has them.
func Changes() []Change {
	return []Change{New, Worse, Fixed, Better, Suppressed, Unseen, Same}
}

// A FindingDelta is one finding on both sides.
type FindingDelta struct {
	Finding // of head; of base where head has none
	Change  Change
	Was     *Finding // of base; nil: only head has it
	// Calls per unit of work in which it was seen, 0 where it was not measured.
	BaseCalls, HeadCalls float64
	Note                 string // what else is to be said: where it moved from, why it is unseen
	Regressed            bool   // a run with --fail-on-regression fails on it
}

// CallsPerUnit is how often its statement ran in a unit in which the finding
// was seen, 0 where no log tells.
func (f *Finding) CallsPerUnit() float64 { return mean(f.Cost.Calls, f.Cost.Units) }

// QueriesPerUnit, RowsPerUnit and TookPerUnit are means over the units; the
// last is in nanoseconds.
func (e *Endpoint) QueriesPerUnit() float64 { return mean(e.Queries, e.Units) }

// RowsPerUnit is 0 where the log does not tell rows.
func (e *Endpoint) RowsPerUnit() float64 { return mean(e.Rows, e.Units) }

// TookPerUnit is in nanoseconds.
func (e *Endpoint) TookPerUnit() float64 { return mean(int64(e.Took), e.Units) }

func mean(sum, n int64) float64 {
	if n <= 0 {
		return 0
	}
	return float64(sum) / float64(n)
}
