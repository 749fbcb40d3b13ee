package rules

import (
	"math"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/work"
)

func TestWeigh(t *testing.T) {
	chosen := map[string]finding.Severity{"QP101": finding.Error, "QP103": finding.Note, "QP201": finding.Warning}
	for _, c := range []struct {
		code      string
		has, want finding.Severity
	}{
		{"QP101", finding.Warning, finding.Error},
		{"QP101", finding.Note, finding.Note}, // in a management command
		{"QP103", finding.Warning, finding.Note},
		{"QP103", finding.Note, finding.Note},
		{"QP201", finding.Note, finding.Warning}, // a note by itself
		{"QP102", finding.Warning, finding.Warning},
	} {
		found := Weigh([]finding.Finding{{Code: c.code, Severity: c.has}}, chosen)
		if got := found[0].Severity; got != c.want {
			t.Errorf("%s, %v: got %v, want %v", c.code, c.has, got, c.want)
		}
	}
}

func TestOptionsFilled(t *testing.T) {
	d := Options{MinCalls: -1}.filled()
	if d.MinCalls != DefaultMinCalls || d.Thresholds != DefaultThresholds() {
		t.Errorf("got %+v", d)
	}
	steps := int64(work.DefaultLimits().UnitSteps)
	if o := (Options{MinCalls: math.MaxInt}).filled(); int64(o.MinCalls) <= steps || int64(o.MinCalls)*steps > math.MaxInt32 {
		t.Errorf("%d calls of %d steps", o.MinCalls, steps)
	}
	own := Thresholds{1, 2, 3, 4, 5}
	if o := (Options{MinCalls: 9, Thresholds: own}).filled(); o.MinCalls != 9 || o.Thresholds != own {
		t.Errorf("got %+v", o)
	}
}
