// Package report prints a finding.Report: for people (Text), for programs
// (JSON). One file a format; Printers is the list of them.
//
// Whatever comes from a log, a path or a name is hostile here: it passes
// through Clean before it is written for people, and JSON escapes what a
// terminal could take for a command.
package report

import (
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// A Printer writes a report in one format. Print gives the same bytes for the
// same report and options; it returns only errors of the writer.
type Printer struct {
	Name  string // as in --format NAME
	About string // one line for --help
	Print func(w io.Writer, r *finding.Report, o Options) error
}

// Printers lists the formats in the order in which help shows them. A new
// format is a file in this package and a line here.
func Printers() []Printer {
	return []Printer{
		{"text", "for people", Text},
		{"concise", "a line a finding, for editors and grep", Concise},
		{"github", "annotations of GitHub Actions", GitHub},
		{"gitlab", "a Code Quality report of GitLab", GitLab},
		{"checkstyle", "Checkstyle's XML", Checkstyle},
		{"junit", "JUnit's XML, a case an endpoint or test", JUnit},
		{"azure", "issues of Azure Pipelines", Azure},
		{"bitbucket", "a report and annotations for Bitbucket's Code Insights", Bitbucket},
		{"markdown", "a review comment or job summary", Markdown},
		{"agent", "for coding agents", Agent},
		{"json", "for programs, see docs/json.md", func(w io.Writer, r *finding.Report, _ Options) error { return JSON(w, r) }},
		{"jsonl", "as json, an object a line", func(w io.Writer, r *finding.Report, _ Options) error { return JSONL(w, r) }},
		{"sarif", "SARIF 2.1.0, for code scanning", SARIF},
		{"rdjson", "for reviewdog -f=rdjson", RDJSON},
		{"rdjsonl", "for reviewdog -f=rdjsonl", RDJSONL},
	}
}

// Find returns the printer of that name.
func Find(name string) (Printer, bool) {
	for _, p := range Printers() {
		if p.Name == name {
			return p, true
		}
	}
	return Printer{}, false
}
