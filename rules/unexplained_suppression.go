package rules

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/spelling"
	"github.com/ormlint/ormlint/analyzer/suppress"
)

// unexplained-suppression: a comment that is to silence something and does
// not: it gives no reason, names no rule or one that there is not, or is
// written another way.
//
// Silent on noqa without a reason, and on noqa without codes.
var unexplainedSuppression = &Rule{
	Code: "QP902", Name: "unexplained-suppression", Severity: finding.Warning,
	Summary:  "a comment gives no reason or no rule, so that it silences nothing",
	Doc:      page("unexplained_suppression.md"),
	comments: true,
}

// UnexplainedSuppression is the finding about a comment that cannot do what it
// is for; false where nothing is wrong with it. Number gives it its
// fingerprint.
func UnexplainedSuppression(c *suppress.Comment) (finding.Finding, bool) {
	var wrong, names []string
	if c.Wrong != "" {
		wrong = append(wrong, c.Wrong)
	}
	for _, n := range c.Rules {
		names = append(names, brief(n.Text))
		if len(Match(n.Text)) > 0 || len(wrong) > wrongMax {
			continue
		}
		s := "no rule is called " + brief(n.Text)
		if near := spelling.Nearest(n.Text, Names()); near != "" {
			s += ", did you mean " + near
		}
		wrong = append(wrong, s)
	}
	if c.Wrong == "" && !c.Noqa && c.Reason == "" {
		wrong = append(wrong, "it gives no reason, so it silences nothing: write why behind the bracket")
	}
	if len(wrong) == 0 {
		return finding.Finding{}, false
	}
	f := unexplainedSuppression.about(c)
	f.Confidence = finding.Proven
	f.Subject = directive(c, names)
	f.Message = strings.Join(wrong, "; ")
	rw := finding.Rewrite{Title: "say which rule, and why it may stay", Code: "# ormlint: ignore[QP101] the list has three rows"}
	if c.Wrong == "" && c.Reason != "" {
		rw = finding.Rewrite{Title: "name a rule: ormlint rules lists them", Code: rw.Code}
	}
	f.Rewrites = []finding.Rewrite{rw}
	return f, true
}

// wrongMax is how many wrong names of a comment are told, and briefMax how many
// characters of what it says are shown.
const (
	wrongMax = 3
	briefMax = 60
)

func brief(name string) string {
	if r := []rune(name); len(r) > briefMax {
		return string(r[:briefMax]) + "…"
	}
	return name
}
