package report

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// sarifRules are the descriptors of the whole catalogue, and where each code
// stands: all of them, not only those that occur, so that a clean run is told
// from one that does not know a rule, and an alert that is gone keeps its help.
// A code that the catalogue does not have, as in a report of another version,
// comes behind.
func sarifRules(r *finding.Report, catalogue []Rule) ([]sRule, map[string]int) {
	out, index := []sRule{}, map[string]int{}
	for _, rule := range catalogue {
		index[rule.Code] = len(out)
		out = append(out, sarifRule(rule))
	}
	var more []Rule
	for _, fs := range [][]finding.Finding{r.Findings, r.Suppressed} {
		for i := range fs {
			f := &fs[i]
			if _, ok := index[f.Code]; !ok {
				index[f.Code] = 0
				more = append(more, Rule{Code: f.Code, Name: f.Rule, Severity: f.Severity})
			}
		}
	}
	slices.SortFunc(more, func(a, b Rule) int { return strings.Compare(a.Code, b.Code) })
	for _, rule := range more {
		index[rule.Code] = len(out)
		out = append(out, sarifRule(rule))
	}
	return out, index
}

func sarifRule(r Rule) sRule {
	summary := first(r.Summary, r.Name, r.Code)
	out := sRule{
		ID:               r.Code,
		Name:             pascal(first(r.Name, r.Code)),
		ShortDescription: sText{Text: descriptionOf(summary)},
		FullDescription:  sText{Text: descriptionOf(first(opening(r.Doc), summary))},
		Help:             sText{Text: descriptionOf(summary) + " ormlint explain " + r.Code + " shows the rule's page.", Markdown: r.Doc},
		Default:          sConfiguration{r.Severity.String()},
		Properties:       sRuleProperties{Tags: []string{"performance", "database", "orm"}},
	}
	// Precision is of the rule, not of a finding: notes are advice that depends
	// on what the log cannot show.
	switch r.Severity {
	case finding.Error:
		out.Properties.Precision, out.Properties.ProblemSeverity = "high", "error"
	case finding.Warning:
		out.Properties.Precision, out.Properties.ProblemSeverity = "high", "warning"
	default:
		out.Properties.Precision, out.Properties.ProblemSeverity = "medium", "recommendation"
	}
	return out
}

// first is the first of the texts that says something: GitHub takes empty text
// for none.
func first(texts ...string) string {
	for _, s := range texts {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return "unnamed"
}

// descriptionOf is a description with a full stop, within GitHub's limit.
func descriptionOf(s string) string {
	return kept(strings.TrimRight(Clean(s), "."), sarifTextMax-1) + "."
}

// opening is the first paragraph of a rule's page, on one line.
func opening(doc string) string {
	for part := range strings.SplitSeq(doc, "\n\n") {
		if part = strings.TrimSpace(part); part != "" && !strings.HasPrefix(part, "#") {
			return strings.Join(strings.Fields(part), " ")
		}
	}
	return ""
}

// pascal is a rule's name as SARIF2012 wants it, without two capitals in a row:
// n-plus-one is NplusOne, m2m-add-in-loop is M2mAddInLoop.
func pascal(name string) string {
	var b strings.Builder
	up := true
	for _, r := range Clean(name) {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			up = up || utf8.RuneCountInString(b.String()) != 1
		case up:
			b.WriteRune(unicode.ToUpper(r))
			up = false
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return kept(first(b.String(), "Unnamed"), sarifNameMax)
}
