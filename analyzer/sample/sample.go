// Package sample does the statistics of times: whether two means differ by
// more than noise, and between what bounds one mean lies. A sample is known
// by its size, mean and standard deviation; single measurements are not kept.
package sample

import (
	"math"

	"github.com/aclements/go-moremath/stats"
)

// A Sample is what a number of measurements came to, in any one unit.
type Sample struct {
	N      int64
	Mean   float64
	StdDev float64 // of the sample: divided by N-1
}

// level is the confidence of Bounds.
const level = 0.95

// Welch returns the probability that two samples of one population differ as
// much as these do: the two-sided p of Welch's t-test, which does not take the
// variances for equal. ok is false with fewer than two measurements on a side.
func Welch(a, b Sample) (p float64, ok bool) {
	if a.N < 2 || b.N < 2 {
		return 1, false
	}
	if a.StdDev == 0 && b.StdDev == 0 {
		if a.Mean == b.Mean {
			return 1, true
		}
		return 0, true // no noise at all, and yet they differ
	}
	r, err := stats.TwoSampleWelchTTest(tested{a}, tested{b}, stats.LocationDiffers)
	if err != nil || math.IsNaN(r.P) {
		return 1, false
	}
	return min(max(r.P, 0), 1), true
}

// Bounds returns the 95 % confidence interval of the mean, mean ± t·s/√n with
// Student's t of n-1 degrees of freedom. With fewer than two measurements it
// is everything.
func Bounds(s Sample) (low, high float64) {
	if s.N < 2 {
		return math.Inf(-1), math.Inf(1)
	}
	half := quantile(s.N-1) * s.StdDev / math.Sqrt(float64(s.N))
	return s.Mean - half, s.Mean + half
}

// manyDegrees is where Student's t is the normal distribution to six digits.
const manyDegrees = 1_000_000

// quantile is what Student's t stays below with the probability that leaves
// half of 1-level on each side.
func quantile(degrees int64) float64 {
	t := stats.TDist{V: float64(min(degrees, manyDegrees))}
	return stats.InvCDF(t)(1 - (1-level)/2)
}

// tested is a Sample as the library wants to see it.
type tested struct{ s Sample }

func (t tested) Weight() float64   { return float64(t.s.N) }
func (t tested) Mean() float64     { return t.s.Mean }
func (t tested) Variance() float64 { return t.s.StdDev * t.s.StdDev }
