package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/suppress"
)

// unused-suppression: a comment silences a rule that finds nothing there.
//
// Silent on rules that only a log shows, since the next log may, on rules that
// were not asked for, in files that were not followed or not understood, and
// on a comment that names this rule too.
var unusedSuppression = &Rule{
	Code: "QP901", Name: "unused-suppression", Severity: finding.Note,
	Summary:  "a comment silences a rule that finds nothing there",
	Doc:      page("unused_suppression.md"),
	comments: true,
}

// UnusedSuppression is the finding about a comment of whose Rules those of the
// index unused have silenced nothing. Number gives it its fingerprint.
func UnusedSuppression(c *suppress.Comment, unused []int) finding.Finding {
	f := unusedSuppression.about(c)
	f.Confidence = finding.Proven
	var names []string
	for _, i := range unused {
		name := c.Rules[i].Text
		for _, r := range Match(name) {
			if r.FromLog() && f.Confidence == finding.Proven {
				f.Confidence = finding.Likely
				f.Notes = []string{"the source shows none; where a log does, name " + unusedSuppression.Code + " in the comment too"}
			}
		}
		names = append(names, name)
	}
	list := brief(strings.Join(names, ", "))
	edit, title := c.Without(unused), "delete the comment"
	if edit.Text != "" {
		title = "take " + list + " out of the comment"
	}
	f.Subject = directive(c, names)
	f.Message = fmt.Sprintf("the comment silences nothing: %s finds nothing here", list)
	f.Rewrites = []finding.Rewrite{{Title: title, Safe: true, Edits: []finding.Edit{edit}}}
	return f
}

// about starts a finding about a comment.
func (r *Rule) about(c *suppress.Comment) finding.Finding {
	return finding.Finding{
		Key: finding.Key{Rule: r.Name, Place: c.Span.Path}, Code: r.Code, Severity: r.Severity,
		Evidence: []finding.Evidence{finding.Inferred}, Location: c.Span,
	}
}

// directive is a comment without its reason: "ignore[QP101]".
func directive(c *suppress.Comment, names []string) string {
	if c.Noqa {
		return "noqa: " + brief(strings.Join(names, ","))
	}
	if len(names) == 0 {
		return "ignore"
	}
	return "ignore[" + brief(strings.Join(names, ", ")) + "]"
}

// Number gives findings about comments their fingerprints, in order of place:
// those of one key in one file are told apart by numbers.
func Number(found []finding.Finding) {
	slices.SortStableFunc(found, func(a, b finding.Finding) int { return source.Compare(a.Location, b.Location) })
	times := map[finding.Key]int{}
	for i := range found {
		enumerate(&found[i], times)
	}
}
