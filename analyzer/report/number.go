package report

import (
	"strconv"
	"time"
)

// count writes n with thousands separated: 12,345.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	first := 0
	if n < 0 {
		first = 1
	}
	for i := len(s) - 3; i > first; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted writes n and the noun: "1 unit", "12,345 units".
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + many
}

// span writes a duration with about two digits that matter: 85 µs, 3.4 ms,
// 340 ms, 1.2 s, 4 min 05 s, 3 h 20 min, 2 d 4 h.
func span(d time.Duration) string {
	switch {
	case d <= 0:
		return "0 ms"
	case d < 500*time.Nanosecond:
		return "<1 µs"
	case d < 99500*time.Nanosecond:
		return strconv.FormatInt(int64(d.Round(time.Microsecond)/time.Microsecond), 10) + " µs"
	case d < 9950*time.Microsecond:
		return strconv.FormatFloat(float64(d)/1e6, 'f', 1, 64) + " ms"
	case d < 999500*time.Microsecond:
		return strconv.FormatInt(int64(d.Round(time.Millisecond)/time.Millisecond), 10) + " ms"
	case d < 99950*time.Millisecond:
		return strconv.FormatFloat(float64(d)/1e9, 'f', 1, 64) + " s"
	case d < time.Hour-500*time.Millisecond:
		d = d.Round(time.Second)
		return two(d/time.Minute, "min", d%time.Minute/time.Second, "s", 2)
	case d < 24*time.Hour-30*time.Second:
		d = d.Round(time.Minute)
		return two(d/time.Hour, "h", d%time.Hour/time.Minute, "min", 2)
	}
	d = d.Round(time.Hour)
	return two(d/(24*time.Hour), "d", d%(24*time.Hour)/time.Hour, "h", 1)
}

func two(a time.Duration, unitA string, b time.Duration, unitB string, digits int) string {
	low := strconv.FormatInt(int64(b), 10)
	for len(low) < digits {
		low = "0" + low
	}
	return count(int64(a)) + " " + unitA + " " + low + " " + unitB
}

// percent writes a share of 1. It says 0% and 100% only when that is so.
func percent(share float64) string {
	switch {
	case share <= 0:
		return "0%"
	case share < 0.01:
		return "<1%"
	case share >= 1:
		return "100%"
	case share >= 0.995:
		return ">99%"
	}
	return strconv.FormatFloat(share*100, 'f', 0, 64) + "%"
}
