// Package compare finds what changed between two reports: endpoints by their
// means per unit of work, findings by what they are about. Sums are never
// compared, since two logs are never equally long.
package compare

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/sample"
)

// What counts as a regression. Counts are exact, so a rise needs only to be
// more than a mean's fraction; times are noise until shown otherwise.
const (
	queriesRise = 1.0                           // queries, calls or rows a unit
	timeRise    = float64(5 * time.Millisecond) // a unit
	riseShare   = 0.10                          // of what it was
	timeUnits   = 3                             // on each side
	alpha       = 0.05                          // for all endpoints together

	// rounding is the difference of means that a table with one decimal does
	// not show.
	rounding = 0.05
)

// Compare returns what changed from base to head. The reports are not changed;
// the Delta shares their findings.
func Compare(base, head *finding.Report) finding.Delta {
	d := finding.Delta{Base: side(base), Head: side(head)}
	d.Endpoints, d.Alpha = endpoints(base, head)
	d.Findings = findings(base, head, d.Endpoints)
	d.Notes = notes(base, head)
	return d
}

func side(r *finding.Report) finding.Side {
	return finding.Side{
		Statements: r.Run.Statements, Units: r.Run.Units, Took: r.Run.Took, Source: r.Run.Source != nil, Lost: r.Run.Lost,
	}
}

// notes tell what makes the sides hard to compare.
func notes(base, head *finding.Report) []string {
	var list []string
	if uneven(base, head) {
		with, without := "head", "base"
		if base.Run.Source != nil {
			with, without = without, with
		}
		list = append(list, "source was read for the "+with+" and not for the "+without+": findings are matched by rule and subject, not by place")
	}
	for _, s := range []struct {
		name string
		r    *finding.Report
	}{{"base", base}, {"head", head}} {
		if s.r.Run.Statements == 0 {
			list = append(list, "the "+s.name+" has no log: nothing is known of its queries and times")
		}
		for i := range s.r.Run.Inputs {
			if in := &s.r.Run.Inputs[i]; in.Problem != "" && !in.Empty {
				list = append(list, "the "+s.name+" is not whole: "+in.Path+": "+in.Problem)
			}
		}
	}
	for _, p := range head.Run.IdleBudgets {
		list = append(list, "no endpoint of the head for the budget "+p)
	}
	return list
}

// uneven: places, and with them keys, are known on one side only.
func uneven(base, head *finding.Report) bool {
	return (base.Run.Source == nil) != (head.Run.Source == nil)
}

// endpoints matches endpoints by name. The second value is the p below which a
// difference of times counts: among many endpoints some differ by chance, so
// the level is divided by their number (Bonferroni), and one run in twenty is
// wrong, not one endpoint in twenty.
func endpoints(base, head *finding.Report) ([]finding.EndpointDelta, float64) {
	at := map[string]int{}
	var list []finding.EndpointDelta
	for i := range head.Endpoints {
		e := &head.Endpoints[i]
		at[e.Name] = len(list)
		list = append(list, finding.EndpointDelta{Name: e.Name, Head: e})
	}
	for i := range base.Endpoints {
		e := &base.Endpoints[i]
		if n, ok := at[e.Name]; ok {
			list[n].Base = e
			continue
		}
		list = append(list, finding.EndpointDelta{Name: e.Name, Base: e})
	}
	tests := 0
	for i := range list {
		shifts(&list[i])
		if list[i].Time.Tested {
			tests++
		}
	}
	level := alpha / float64(max(tests, 1))
	for i := range list {
		e := &list[i]
		t := &e.Time
		t.Changed = t.Tested && t.P < level
		t.Regressed = t.Changed && t.By() > timeRise && t.By() > riseShare*t.Base && named(e)
	}
	slices.SortStableFunc(list, order)
	return list, level
}

// named: the log of both sides tells where its units come from. What is named
// by its first statement may be another endpoint each time.
func named(e *finding.EndpointDelta) bool { return e.Base.Named && e.Head.Named }

func shifts(e *finding.EndpointDelta) {
	b, h := e.Base, e.Head
	if b == nil || h == nil || b.Units == 0 || h.Units == 0 {
		return
	}
	e.Queries = finding.Shift{Known: true, Base: b.QueriesPerUnit(), Head: h.QueriesPerUnit(), P: 1}
	q := &e.Queries
	q.Changed = math.Abs(q.By()) >= rounding
	q.Regressed = rises(q.Base, q.Head) && named(e)
	if b.RowsKnown && h.RowsKnown {
		e.Rows = finding.Shift{Known: true, Base: b.RowsPerUnit(), Head: h.RowsPerUnit(), P: 1}
		e.Rows.Changed = rises(e.Rows.Base, e.Rows.Head) || rises(e.Rows.Head, e.Rows.Base)
	}
	if b.Took == 0 || h.Took == 0 {
		return // a log without times
	}
	e.Time = finding.Shift{
		Known: true, Base: perUnit(b), Head: perUnit(h), BaseSpread: micros(b.Spread), HeadSpread: micros(h.Spread),
		P: 1, Tested: b.Units >= timeUnits && h.Units >= timeUnits,
	}
	if e.Time.Tested {
		e.Time.P, e.Time.Tested = sample.Welch(
			sample.Sample{N: b.Units, Mean: e.Time.Base, StdDev: e.Time.BaseSpread},
			sample.Sample{N: h.Units, Mean: e.Time.Head, StdDev: e.Time.HeadSpread})
	}
}

// perUnit and micros round to the precision of a JSON report, so that a log
// and its report compare alike.
func perUnit(e *finding.Endpoint) float64 { return micros(e.Took) / float64(e.Units) }

func micros(d time.Duration) float64 { return float64(d.Round(time.Microsecond)) }

// rises reports whether counts went up by more than the mix of requests moves
// them.
func rises(from, to float64) bool {
	return to-from >= queriesRise-1e-9 && to-from >= riseShare*from
}

func order(a, b finding.EndpointDelta) int {
	return cmp.Or(
		-cmpBool(a.Queries.Changed, b.Queries.Changed),
		moved(&a.Queries, &b.Queries),
		-cmpBool(a.Time.Changed, b.Time.Changed),
		moved(&a.Time, &b.Time),
		-cmpBool(a.Head != nil && a.Base != nil, b.Head != nil && b.Base != nil),
		cmp.Compare(took(b.Head), took(a.Head)),
		cmp.Compare(took(b.Base), took(a.Base)),
		strings.Compare(a.Name, b.Name),
	)
}

// moved orders changes: rises first, the largest of them, then falls.
func moved(a, b *finding.Shift) int {
	if !a.Changed || !b.Changed {
		return 0
	}
	if up, other := a.By() > 0, b.By() > 0; up != other {
		return -cmpBool(up, other)
	}
	return cmp.Compare(math.Abs(b.By()), math.Abs(a.By()))
}

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func took(e *finding.Endpoint) time.Duration {
	if e == nil {
		return 0
	}
	return e.Took
}
