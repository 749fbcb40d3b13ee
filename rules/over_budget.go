package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sample"
	"github.com/ormlint/ormlint/analyzer/work"
)

// over-budget: a unit of an endpoint ran more queries or moved more rows than
// its budget, or its units take longer on average than noise explains.
//
// Silent without a budget, on units whose endpoint was not kept, and on times
// of fewer than budgetUnits units. Only possible where the endpoint has no
// name, or where the unit may be several requests.
var overBudget = &Rule{
	Code: "QP601", Name: "over-budget", Severity: finding.Warning,
	Summary: "an endpoint runs more queries, moves more rows or takes longer than its budget",
	Doc:     page("over_budget.md"),
	measure: measureBudget,
}

// budgetUnits is how many units a mean needs: with two, t is 12.7 and the
// bounds say nothing.
const budgetUnits = 3

// A breach is one limit of a budget that was broken.
type breach struct {
	said  string // follows the endpoint's name
	sure  finding.Confidence
	worst profile.Worst
	units int64
	took  time.Duration // beyond the limit
}

func measureBudget(s *Spot, b *Budget, inputs []string) (finding.Finding, bool) {
	var broken []breach
	for _, check := range []func(*Spot, *Budget) (breach, bool){queriesOver, tookOver, rowsOver} {
		if x, ok := check(s, b); ok {
			broken = append(broken, x)
		}
	}
	if len(broken) == 0 {
		return finding.Finding{}, false
	}
	f := finding.Finding{
		Key:      finding.Key{Subject: s.Name},
		Evidence: []finding.Evidence{finding.Observed}, Relation: finding.Relation{Kind: "budget"}, Endpoints: []string{s.Name},
		Rewrites: []finding.Rewrite{{
			Title: "see what it runs, and what the other findings of this endpoint say",
			Code:  "with CaptureQueriesContext(connection) as queries:\n    …\npprint(queries.captured_queries)",
			Safe:  true,
		}},
	}
	var said []string
	for _, x := range broken {
		said = append(said, x.said)
		f.Confidence = max(f.Confidence, x.sure)
		f.Cost.Units = max(f.Cost.Units, x.units)
		f.Cost.Took = max(f.Cost.Took, x.took) // not the sum: it is the same time seen from several sides
	}
	if b.Queries > 0 && s.Stats.MaxQueries > b.Queries {
		f.Cost.Calls, f.Cost.MaxCalls = s.Stats.OverQueries.Beyond, s.Stats.MaxQueries
	}
	f.Message = s.Name + " " + strings.Join(said, ", and it ")
	f.Notes = budgetNotes(s, f.Confidence)
	f.Examples = []finding.Example{exampleOf(s.Name, broken[0].worst, inputs)}
	return f, true
}

func exampleOf(name string, w profile.Worst, inputs []string) finding.Example {
	x := finding.Example{Unit: name, Calls: w.Queries, Line: int64(w.Line)}
	if int(w.Input) < len(inputs) {
		x.Input = inputs[w.Input]
	}
	if w.Start != 0 {
		x.Start, x.End = time.Unix(0, w.Start).UTC(), time.Unix(0, w.End).UTC()
	}
	return x
}

// budgetNotes say what the cost is and what speaks against the finding.
func budgetNotes(s *Spot, sure finding.Confidence) []string {
	notes := []string{"its cost is what lies beyond the budget"}
	switch {
	case !s.Named:
		notes = append(notes, "the log does not name the endpoint, its first statement does")
	case sure == finding.Possible:
		notes = append(notes, "no id in the log says where a "+finding.UnitNoun(s.Name)+" ends: this may be several")
	}
	return notes
}

// trusted is how sure it is that the worst unit is one request of that
// endpoint.
func (s *Spot) trusted(w profile.Worst) finding.Confidence {
	switch {
	case !s.Named:
		return finding.Possible
	case w.Bound == work.ByID:
		return finding.Proven
	case w.Single:
		return finding.Likely
	}
	return finding.Possible
}

func queriesOver(s *Spot, b *Budget) (breach, bool) {
	st := s.Stats
	if b.Queries == 0 || st.MaxQueries <= b.Queries {
		return breach{}, false
	}
	return breach{
		said: fmt.Sprintf("ran %s queries in one %s, %s over its budget of %s%s", number(st.MaxQueries), finding.UnitNoun(s.Name),
			number(st.MaxQueries-b.Queries), number(b.Queries), s.share(st.OverQueries)),
		sure: s.trusted(st.ByQueries), worst: st.ByQueries, units: st.OverQueries.Units, took: time.Duration(st.OverQueries.Took),
	}, true
}

func rowsOver(s *Spot, b *Budget) (breach, bool) {
	st := s.Stats
	if b.Rows == 0 || !st.RowsKnown || st.MaxRows <= b.Rows {
		return breach{}, false
	}
	return breach{
		said: fmt.Sprintf("read or wrote %s rows in one %s, %s over its budget of %s%s", number(st.MaxRows), finding.UnitNoun(s.Name),
			number(st.MaxRows-b.Rows), number(b.Rows), s.share(st.OverRows)),
		sure: s.trusted(st.ByRows), worst: st.ByRows, units: st.OverRows.Units, took: time.Duration(st.OverRows.Took),
	}, true
}

// share says how many of the units are over a limit, where there are others.
func (s *Spot) share(o profile.Over) string {
	if s.Stats.Units < 2 {
		return ""
	}
	return fmt.Sprintf(" (%s of %s are over it)", number(o.Units), number(s.Stats.Units))
}

// tookOver compares the lower bound of the mean with the budget, so that what
// is still within noise breaks nothing.
func tookOver(s *Spot, b *Budget) (breach, bool) {
	st := s.Stats
	if b.Took == 0 || st.Units < budgetUnits {
		return breach{}, false
	}
	low, _ := sample.Bounds(sample.Sample{N: st.Units, Mean: st.Mean(), StdDev: st.Spread()})
	if low <= float64(b.Took) {
		return breach{}, false
	}
	over := st.Mean() - float64(b.Took)
	noun := finding.UnitNoun(s.Name)
	return breach{
		said: fmt.Sprintf("took %s in one %s on average, %s over its budget of %s (mean of %s, at least %s beyond noise)",
			millis(st.Mean()), noun, millis(over), millis(float64(b.Took)), number(st.Units), millis(low)),
		sure:  min(s.trusted(st.ByTook), finding.Likely), // another machine is slower too
		worst: st.ByTook, units: st.Units, took: time.Duration(over * float64(st.Units)),
	}, true
}

// millis writes nanoseconds as milliseconds with at least two digits.
func millis(ns float64) string {
	ms := ns / float64(time.Millisecond)
	digits := 0
	if ms < 10 {
		digits = 1
	}
	return strconv.FormatFloat(ms, 'f', digits, 64) + " ms"
}
