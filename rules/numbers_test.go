package rules

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
)

// TestPagesStateTheThresholds keeps the numbers in the pages those of the code.
func TestPagesStateTheThresholds(t *testing.T) {
	words := map[int]string{2: "two", 3: "three", 5: "five", 10: "ten"}
	limits := DefaultThresholds()
	ms := func(ns int64) string { return fmt.Sprintf("%d ms", time.Duration(ns).Milliseconds()) }
	loop := words[DefaultMinCalls] + " times or more (`--min-calls`)"
	get := fmt.Sprintf("`LIMIT %d`", sqlshape.GetLimit)
	for _, c := range []struct {
		rule    *Rule
		phrases []string
	}{
		{nPlusOne, []string{loop, "at most once for every " + words[DefaultMinCalls] + " rounds", "more than " + ms(looseMax) + " apart"}},
		{nPlusOneAggregate, []string{loop}},
		{getInLoop, []string{loop, get, "fewer than " + words[DefaultMinCalls] + ", and fewer than half"}},
		{deferredInLoop, []string{loop, "fewer than " + words[DefaultMinCalls] + " rows"}},
		{latestInLoop, []string{loop, fmt.Sprintf("not the %d of `get()`", sqlshape.GetLimit)}},
		{queryInLoop, []string{loop, "fewer than " + words[DefaultMinCalls] + ", and fewer than half"}},
		{wideSelect, []string{fmt.Sprintf("%d columns or more", limits.WideSelectColumns), fmt.Sprintf("counts as %d", heavyWeight), get}},
		{unboundedSelect, []string{fmt.Sprintf("%d ms or more", limits.UnboundedMS), number(int64(limits.UnboundedRows)) + " rows or more", fmt.Sprintf("quicker than %d ms", limits.UnboundedMS)}},
		{countThenFetch, []string{fmt.Sprintf("the next %d statements", twiceWindow)}},
		{duplicateQuery, []string{"at most " + ms(denseMax) + " of idle time"}},
		{sessionInDatabase, []string{words[sessionMin] + " units of work or more", "fewer than " + words[sessionMin] + " units"}},
		{insertInLoop, []string{loop}},
		{updateInLoop, []string{loop}},
		{deleteInLoop, []string{loop}},
		{getOrCreateInLoop, []string{loop, get, "after at least " + words[createMin] + " of them", "fewer than " + words[createMin] + " of the lookups"}},
		{wideUpdate, []string{"sets " + words[limits.WideUpdateColumns] + " columns or more"}},
		{m2mAddInLoop, []string{loop}},
		{slowQuery, []string{fmt.Sprintf("%d ms or more", limits.SlowQueryMS)}},
		{deepOffset, []string{"`OFFSET` of " + number(sqlshape.DeepOffset) + " or more"}},
		{hugeInList, []string{number(sqlshape.HugeList) + " values or more"}},
	} {
		text := strings.ToLower(strings.Join(strings.Fields(c.rule.Doc), " "))
		for _, p := range c.phrases {
			if !strings.Contains(text, strings.ToLower(p)) {
				t.Errorf("the page of %s does not say %q", c.rule.Name, p)
			}
		}
	}
}

// TestCostPageStatesTheLimits does the same for docs/cost.md.
func TestCostPageStatesTheLimits(t *testing.T) {
	b, err := os.ReadFile("../docs/cost.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(b)), " ")
	units, cases := work.DefaultLimits(), profile.DefaultLimits()
	for _, p := range []string{
		number(int64(units.OpenUnits)) + " open units",
		number(int64(units.Steps)) + " statements in them",
		number(int64(units.UnitSteps)) + " statements in one unit",
		number(sqlshape.DefaultLimit) + " distinct statements",
		number(int64(cases.Cases)) + " patterns seen",
		number(int64(cases.Places)) + " endpoints",
		number(lookback) + " statements before it",
		fmt.Sprintf("at most %d ms in which nothing ran", time.Duration(denseMax).Milliseconds()),
		fmt.Sprintf("rounds within %d ms", time.Duration(looseMax).Milliseconds()),
		fmt.Sprintf("a unit of less than %.0f seconds", time.Duration(sessionMax).Seconds()),
	} {
		if !strings.Contains(text, p) {
			t.Errorf("docs/cost.md does not say %q", p)
		}
	}
}

// TestCostPageListsTheCounters compares the table of counters in docs/cost.md
// with the names that the analyzer gives them.
func TestCostPageListsTheCounters(t *testing.T) {
	names := func(path, pattern string) string {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var list []string
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(b), -1) {
			list = append(list, m[1])
		}
		slices.Sort(list)
		return strings.Join(slices.Compact(list), " ")
	}
	code := names("../analyzer/totals.go", `(?:add\(|lost\[)"([a-z_]+)"`)
	page := names("../docs/cost.md", "(?m)^\\| `([a-z]+_[a-z_]+)` \\|")
	if code != page {
		t.Errorf("counters differ:\ncode %s\npage %s", code, page)
	}
}
