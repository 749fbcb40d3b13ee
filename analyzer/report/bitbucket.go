package report

import (
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Bitbucket's limits: annotations of a report, and lengths in characters. Its
// API answers 400 to a longer summary ("cannot contain more than 450
// characters"); that of details is kept to half of what Bitbucket Server gives
// a message (2,000).
const (
	bitbucketMax     = 1000
	bitbucketSummary = 450
	bitbucketDetails = 1000
)

// Bitbucket writes one JSON document with the report and the annotations that
// Code Insights takes: "report" for the report's own address, "annotations" to
// post in batches of 100. A finding whose queryset is not known has no path,
// so it shows in the overview; its details name the log's place.
func Bitbucket(w io.Writer, r *finding.Report, o Options) error {
	doc := bitbucketDoc{
		Report: bitbucketReport{
			Title: "ormlint", Reporter: "ormlint", Type: "BUG", Result: "PASSED",
			Data: []bitbucketData{
				{"Findings", "NUMBER", int64(len(r.Findings))},
				{"Suppressed", "NUMBER", int64(len(r.Suppressed))},
				{"Statements", "NUMBER", r.Run.Statements},
				{"Database time", "DURATION", r.Run.Took.Milliseconds()},
			},
		},
		Annotations: []bitbucketAnnotation{},
	}
	details := summary(r)
	if bad := unread(r); len(bad) > 0 {
		details += " · " + notRead(bad)
	}
	seen := names{}
	for i := range r.Findings {
		f := &r.Findings[i]
		if o.fails(f) {
			doc.Report.Result = "FAILED"
		}
		if i < bitbucketMax {
			doc.Annotations = append(doc.Annotations, bitbucketFinding(f, o, seen))
		}
	}
	if rest := len(r.Findings) - bitbucketMax; rest > 0 {
		details = counted(int64(rest), "finding", "findings") + " more than Bitbucket takes are left out · " + details
	}
	doc.Report.Details = clip(details, bitbucketDetails)
	_, err := w.Write(jsonBytes(doc, "  "))
	return err
}

type (
	bitbucketDoc struct {
		Report      bitbucketReport       `json:"report"`
		Annotations []bitbucketAnnotation `json:"annotations"`
	}
	bitbucketReport struct {
		Title    string          `json:"title"`
		Details  string          `json:"details"`
		Type     string          `json:"report_type"`
		Reporter string          `json:"reporter"`
		Result   string          `json:"result"`
		Data     []bitbucketData `json:"data"`
	}
	bitbucketData struct {
		Title string `json:"title"`
		Type  string `json:"type"`
		Value int64  `json:"value"` // milliseconds of a DURATION
	}
	bitbucketAnnotation struct {
		ID       string `json:"external_id"`
		Title    string `json:"title"`
		Type     string `json:"annotation_type"`
		Summary  string `json:"summary"`
		Details  string `json:"details"`
		Severity string `json:"severity"`
		Result   string `json:"result"`
		Path     string `json:"path,omitempty"`
		Line     int    `json:"line,omitempty"`
	}
)

func bitbucketFinding(f *finding.Finding, o Options, seen names) bitbucketAnnotation {
	a := bitbucketAnnotation{
		ID:       seen.unique("ormlint-" + brief(f.Fingerprint, 100)),
		Title:    annotationTitle(f),
		Type:     "CODE_SMELL",
		Summary:  clip(sentence(f), bitbucketSummary),
		Details:  clip(annotation(f), bitbucketDetails),
		Severity: map[finding.Severity]string{finding.Error: "HIGH", finding.Warning: "MEDIUM", finding.Note: "LOW"}[levelOf(f)],
		Result:   "PASSED",
	}
	if o.fails(f) {
		a.Result = "FAILED"
	}
	if at := anchorOf(f); at.inSource {
		a.Path, a.Line = relative(at.path), at.line
	}
	return a
}
