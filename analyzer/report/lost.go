package report

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// lost words the counters: "units closed early 3, steps dropped 1,200". Lines
// not understood stand with their input already.
func lost(l finding.Lost) string {
	sums := map[string]int64{}
	for name, n := range l {
		switch name {
		case "lines_not_understood":
			continue
		case "source_calls", "source_nesting": // the same to people
			name = "source_steps"
		}
		sums[name] += n
	}
	var parts []string
	for name, n := range sums {
		if n != 0 {
			parts = append(parts, lostWords(name, n))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// lostWords says for people what a counter counts; most names do already.
func lostWords(name string, n int64) string {
	switch name {
	case "source_unions":
		return counted(n, "time", "times") + " a name in the source had too many possible values"
	case "source_steps":
		return counted(n, "place", "places") + " in the source too deep or too long to follow"
	case "source_facts":
		return counted(n, "queryset or read", "querysets or reads") + " in the source"
	case "source_routes":
		return counted(n, "URL", "URLs") + " of the source"
	case "source_cancelled":
		return counted(n, "file", "files") + " not followed before the end"
	}
	return Clean(strings.ReplaceAll(name, "_", " ")) + " " + count(n)
}
