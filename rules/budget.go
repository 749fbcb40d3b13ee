package rules

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
)

// A Budget is what one unit of work of some endpoints may come to. 0 is no
// limit.
type Budget struct {
	// Pattern is the endpoint's name, in which * stands for any text, slashes
	// included. "default" is for endpoints that no other pattern matches.
	Pattern string
	Queries int64         // in every unit
	Rows    int64         // in every unit, where the log tells them
	Took    time.Duration // of the units' mean
}

// DefaultBudget is the pattern for all endpoints without a budget of their
// own; "*" means the same.
const DefaultBudget = "default"

// budgetMax is the highest number and the most milliseconds a budget may have:
// what is beyond is a typo, and would overflow a Duration.
const budgetMax = 1_000_000_000

// ParseBudget reads a budget as --budget takes it:
// "GET /books/=queries:12,ms:80,rows:5000". The last = ends the pattern. The
// error says what was expected.
func ParseBudget(s string) (Budget, error) {
	i := strings.LastIndexByte(s, '=')
	if i < 1 {
		return Budget{}, fmt.Errorf("%q is not ENDPOINT=LIMITS", s)
	}
	b := Budget{Pattern: strings.TrimSpace(s[:i])}
	if b.Pattern == "" {
		return Budget{}, fmt.Errorf("%q names no endpoint", s)
	}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(s[i+1:], ",") {
		name, value, ok := strings.Cut(part, ":")
		name = strings.TrimSpace(name)
		if !ok || seen[name] {
			return Budget{}, fmt.Errorf("%q: not LIMIT:NUMBER, or there twice", part)
		}
		seen[name] = true
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(n > 0 && n <= budgetMax) || name != "ms" && n != math.Trunc(n) {
			return Budget{}, fmt.Errorf("%q: a %s budget is a number above 0", part, name)
		}
		switch name {
		case "queries":
			b.Queries = int64(n)
		case "rows":
			b.Rows = int64(n)
		case "ms":
			b.Took = time.Duration(n * float64(time.Millisecond))
		default:
			return Budget{}, fmt.Errorf("%q: no such limit, there are queries, ms and rows", name)
		}
	}
	return b, nil
}

// isDefault: the pattern is asked last, wherever it stands.
func (b *Budget) isDefault() bool { return b.Pattern == DefaultBudget || b.Pattern == "*" }

// budgetOf returns the index of the budget of an endpoint, -1 when it has none:
// the first whose pattern matches, defaults after all others. Units whose
// endpoint was not kept have none.
func budgetOf(name string, budgets []Budget) int {
	if name == otherPlace {
		return -1
	}
	if i := slices.IndexFunc(budgets, func(b Budget) bool { return !b.isDefault() && matchName(b.Pattern, name) }); i >= 0 {
		return i
	}
	return slices.IndexFunc(budgets, func(b Budget) bool { return b.isDefault() })
}

// matchName reports whether * in the pattern can be filled so that it is name.
func matchName(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(name) < len(first)+len(last) || !strings.HasPrefix(name, first) || !strings.HasSuffix(name, last) {
		return false
	}
	name = name[len(first) : len(name)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return true
}

// LimitOf is what the budgets let one unit of an endpoint come to.
func LimitOf(name string, budgets []Budget) profile.Limit {
	i := budgetOf(name, budgets)
	if i < 0 {
		return profile.Limit{}
	}
	return profile.Limit{Queries: budgets[i].Queries, Rows: budgets[i].Rows}
}

// A Spot is an endpoint and what its units came to.
type Spot struct {
	Name  string
	Named bool // the log tells the name, it is no statement
	Stats *profile.Stats
}

// Measure adds the endpoints that broke their budget to findings that are
// ranked already. idle are the patterns, without defaults, that applied to no
// endpoint, in order; none where no unit was seen. total is the time of the
// run, inputs are as for Explain.
func Measure(found []finding.Finding, spots []Spot, budgets []Budget, total time.Duration, inputs []string) (all []finding.Finding, idle []string) {
	if len(spots) == 0 || len(budgets) == 0 {
		return found, nil
	}
	used := make([]bool, len(budgets))
	broken := 0
	for i := range spots {
		n := budgetOf(spots[i].Name, budgets)
		if n < 0 {
			continue
		}
		used[n] = true
		if f, ok := overBudget.measure(&spots[i], &budgets[n], inputs); ok {
			f.Rule, f.Code, f.Severity = overBudget.Name, overBudget.Code, overBudget.Severity
			found = append(found, f)
			broken++
		}
	}
	for i := range budgets {
		if !used[i] && !budgets[i].isDefault() {
			idle = append(idle, budgets[i].Pattern)
		}
	}
	if broken > 0 {
		found = rank(found, total)
	}
	return found, idle
}
