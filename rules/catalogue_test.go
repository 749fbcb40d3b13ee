package rules_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/rules"
)

// summaryMax keeps a summary on one line of a table.
const summaryMax = 80

func TestCatalogue(t *testing.T) {
	var codes, names []string
	code, name := regexp.MustCompile(`^QP[1-9]\d\d$`), regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	for _, r := range rules.All() {
		codes, names = append(codes, r.Code), append(names, r.Name)
		if !code.MatchString(r.Code) || !name.MatchString(r.Name) {
			t.Errorf("%s %s: not a code and a name", r.Code, r.Name)
		}
		if n := len([]rune(r.Summary)); n == 0 || n > summaryMax || strings.ContainsAny(r.Summary, "\n|") {
			t.Errorf("%s: its summary of %d characters does not fit a line of a table", r.Code, n)
		}
		if r.Severity < finding.Note || r.Severity > finding.Error {
			t.Errorf("%s has no severity", r.Code)
		}
	}
	if !slices.IsSorted(codes) {
		t.Errorf("codes are not in order: %v", codes)
	}
	slices.Sort(names)
	if len(slices.Compact(codes)) != len(rules.All()) || len(slices.Compact(names)) != len(rules.All()) {
		t.Error("a code or a name is there twice")
	}
}

func TestFindAndMatch(t *testing.T) {
	for _, r := range rules.All() {
		for _, s := range []string{r.Code, r.Name, strings.ToLower(r.Code), strings.ToUpper(r.Name)} {
			if got := rules.Find(s); got != r {
				t.Errorf("Find(%q) = %v", s, got)
			}
			if got := rules.Match(s); len(got) != 1 || got[0] != r {
				t.Errorf("Match(%q) = %d rules", s, len(got))
			}
		}
	}
	for _, s := range []string{"", "QP999", "n-plus", "Q", "P101"} {
		if rules.Find(s) != nil || len(rules.Match(s)) != 0 {
			t.Errorf("%q means a rule", s)
		}
	}
	first := rules.Match("qp1")
	if len(first) < 2 || len(first) >= len(rules.All()) {
		t.Fatalf("QP1 means %d rules", len(first))
	}
	for _, r := range first {
		if !strings.HasPrefix(r.Code, "QP1") {
			t.Errorf("QP1 means %s", r.Code)
		}
	}
	if all := rules.Match("QP"); len(all) != len(rules.All()) {
		t.Errorf("QP means %d rules", len(all))
	}
	if n := rules.Names(); len(n) != 2*len(rules.All()) || !slices.IsSorted(n) {
		t.Errorf("Names gives %v", n)
	}
}
