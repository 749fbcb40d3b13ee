package sample

import (
	"math"
	"testing"
)

// The expected values are R's: qt(0.975, df).
func TestQuantile(t *testing.T) {
	for _, tt := range []struct {
		degrees int64
		want    float64
	}{{1, 12.7062}, {2, 4.30265}, {3, 3.18245}, {10, 2.22814}, {30, 2.04227}, {1000, 1.96234}, {5_000_000_000, 1.95997}} {
		if got := quantile(tt.degrees); math.Abs(got-tt.want) > 1e-4 {
			t.Errorf("%d degrees: got %v, want %v", tt.degrees, got, tt.want)
		}
	}
}

// The expected values are those of R's t.test on samples with these figures.
func TestWelch(t *testing.T) {
	tests := []struct {
		name string
		a, b Sample
		want float64
		ok   bool
	}{
		// 27.5 21.0 … and 27.1 22.0 … of the Wikipedia page on Welch's test, example 1
		{"wikipedia", Sample{15, 20.82, math.Sqrt(7.9)}, Sample{15, 22.98, math.Sqrt(3.8)}, 0.0215, true},
		{"far apart", Sample{20, 3, 0.3}, Sample{20, 95, 4}, 0, true},
		{"equal", Sample{9, 3, 1}, Sample{9, 3, 2}, 1, true},
		{"no noise, equal", Sample{3, 5, 0}, Sample{4, 5, 0}, 1, true},
		{"no noise, different", Sample{3, 5, 0}, Sample{4, 6, 0}, 0, true},
		{"one measurement", Sample{1, 5, 0}, Sample{40, 6, 1}, 1, false},
		{"none", Sample{}, Sample{}, 1, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, ok := Welch(tt.a, tt.b)
			if math.Abs(p-tt.want) > 2e-3 || ok != tt.ok {
				t.Errorf("got %v, %v, want %v, %v", p, ok, tt.want, tt.ok)
			}
			if back, _ := Welch(tt.b, tt.a); math.Abs(back-p) > 1e-12 {
				t.Errorf("the other way round it is %v, not %v", back, p)
			}
		})
	}
}

func TestBounds(t *testing.T) {
	low, high := Bounds(Sample{3, 100, 10})
	if math.Abs(low-75.159) > 0.01 || math.Abs(high-124.841) > 0.01 {
		t.Errorf("got %v to %v, want 75.159 to 124.841", low, high)
	}
	if low, high := Bounds(Sample{4, 7, 0}); low != 7 || high != 7 {
		t.Errorf("without noise: got %v to %v", low, high)
	}
	if low, _ := Bounds(Sample{1, 7, 0}); !math.IsInf(low, -1) {
		t.Errorf("one measurement tells nothing: got %v", low)
	}
}
