package rules

import (
	"cmp"
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// Options are what users can set.
type Options struct {
	// MinCalls is the fewest repetitions that make a loop; 0 means
	// DefaultMinCalls.
	MinCalls int
	// Types: a schema tells the types of columns.
	Types bool
	Thresholds
}

// Thresholds are where rules begin to speak; 0 stands for what
// DefaultThresholds has.
type Thresholds struct {
	SlowQueryMS       int // slow-query: a call that takes this long
	UnboundedMS       int // unbounded-select: whole tables whose reads take this long on average
	UnboundedRows     int // or gave this many rows once
	WideSelectColumns int // wide-select: a list of rows with this many columns
	WideUpdateColumns int // wide-update: an UPDATE of this many columns
}

// DefaultMinCalls tells a loop from a few unlucky calls: a page that loads
// three users for three reasons is no N+1.
const DefaultMinCalls = 5

// DefaultThresholds are those without settings. 500 ms is Sentry's for a slow
// query in a request.
func DefaultThresholds() Thresholds {
	return Thresholds{SlowQueryMS: 500, UnboundedMS: 10, UnboundedRows: 1000, WideSelectColumns: 20, WideUpdateColumns: 10}
}

// minCallsMax is above what one unit keeps of its steps (work.DefaultLimits), so
// that with more nothing is a loop; the product of both fits 32 bits.
const minCallsMax = 100_000

// filled has the defaults where o has 0.
func (o Options) filled() Options {
	t, d := &o.Thresholds, DefaultThresholds()
	o.MinCalls = min(cmp.Or(max(o.MinCalls, 0), DefaultMinCalls), minCallsMax)
	t.SlowQueryMS = cmp.Or(t.SlowQueryMS, d.SlowQueryMS)
	t.UnboundedMS = cmp.Or(t.UnboundedMS, d.UnboundedMS)
	t.UnboundedRows = cmp.Or(t.UnboundedRows, d.UnboundedRows)
	t.WideSelectColumns = cmp.Or(t.WideSelectColumns, d.WideSelectColumns)
	t.WideUpdateColumns = cmp.Or(t.WideUpdateColumns, d.WideUpdateColumns)
	return o
}

// reached reports whether a shape that a rule watches has as many columns as
// the rule's threshold says. Columns that hold documents count for more, which
// shows only when a schema is read.
func (o *Options) reached(r *Rule, s *sqlshape.Shape) bool {
	switch r {
	case wideSelect:
		n := baseColumns(s)
		return n >= o.WideSelectColumns || o.Types && n >= o.WideSelectColumns/heavyWeight
	case wideUpdate:
		return len(s.Columns) >= o.WideUpdateColumns
	}
	return true
}

// Weigh gives findings the severity that the user chose for their rule, by
// code, and sorts them anew. What the place has lowered, such as a management
// command, is not raised again.
func Weigh(found []finding.Finding, severities map[string]finding.Severity) []finding.Finding {
	for i := range found {
		f := &found[i]
		chosen, ok := severities[f.Code]
		if !ok {
			continue
		}
		if r := Find(f.Code); f.Severity < r.Severity {
			chosen = min(chosen, f.Severity)
		}
		f.Severity = chosen
	}
	slices.SortStableFunc(found, Order)
	return found
}
