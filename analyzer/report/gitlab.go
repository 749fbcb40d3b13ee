package report

import (
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// GitLab writes a Code Quality report: an array with an element a finding.
// GitLab wants a place for each. Where the queryset is not known it is the
// log's, whose file is named without its folder when it lies outside: paths
// must be relative. Of two elements with one fingerprint GitLab keeps the
// last, so they are made to differ.
func GitLab(w io.Writer, r *finding.Report, _ Options) error {
	issues := make([]gitlabIssue, 0, len(r.Findings))
	seen := names{}
	for i := range r.Findings {
		f := &r.Findings[i]
		at := anchorOf(f)
		issue := gitlabIssue{
			// The code stands here too because check_name is not shown.
			Description: sentence(f),
			CheckName:   Clean(f.Rule),
			Fingerprint: seen.unique(Clean(f.Fingerprint)),
			Severity:    gitlabSeverity(f),
			Location:    gitlabLocation{Path: relative(at.path), Lines: gitlabLines{Begin: max(at.line, 1)}},
		}
		if at.inSource {
			issue.Location.Lines.End = max(f.Location.EndLine, issue.Location.Lines.Begin)
		}
		issues = append(issues, issue)
	}
	_, err := w.Write(jsonBytes(issues, "  "))
	return err
}

type (
	gitlabIssue struct {
		Description string         `json:"description"`
		CheckName   string         `json:"check_name"`
		Fingerprint string         `json:"fingerprint"`
		Severity    string         `json:"severity"`
		Location    gitlabLocation `json:"location"`
	}
	gitlabLocation struct {
		Path  string      `json:"path"`
		Lines gitlabLines `json:"lines"`
	}
	gitlabLines struct {
		Begin int `json:"begin"`
		End   int `json:"end,omitempty"` // the last line of it
	}
)

// gitlabSeverity leaves "blocker" to others: a slow query stops no release.
func gitlabSeverity(f *finding.Finding) string {
	sure := f.Confidence >= finding.Likely
	switch {
	case f.Severity >= finding.Error && sure:
		return "critical"
	case f.Severity >= finding.Error, f.Severity == finding.Warning && sure:
		return "major"
	case f.Severity == finding.Warning:
		return "minor"
	}
	return "info"
}

// relative is a path as review platforms take it: with slashes, below the
// repository, without ./ in front; cleaned.
func relative(p string) string {
	outside := filepath.IsAbs(p)
	p = path.Clean(filepath.ToSlash(p))
	if outside || path.IsAbs(p) || p == ".." || strings.HasPrefix(p, "../") {
		p = path.Base(p)
	}
	if p == "." || p == "/" || p == ".." {
		return "-"
	}
	return Clean(p)
}
