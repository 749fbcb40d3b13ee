package report

import (
	"cmp"
	"encoding/xml"
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Checkstyle writes the findings by file as Checkstyle's XML, which many CI
// plugins read: the file with the most expensive finding first. Columns count
// characters. A finding whose queryset is not known stands under the log.
func Checkstyle(w io.Writer, r *finding.Report, _ Options) error {
	doc := checkstyle{Version: "5.0"} // the version of the format that tools write
	index := map[string]int{}
	for i := range r.Findings {
		f := &r.Findings[i]
		at := anchorOf(f)
		n, ok := index[at.path]
		if !ok {
			n = len(doc.Files)
			index[at.path] = n
			doc.Files = append(doc.Files, checkstyleFile{Name: cmp.Or(Clean(at.path), "-")})
		}
		doc.Files[n].Errors = append(doc.Files[n].Errors, checkstyleError{
			Line: at.line, Column: at.column, Severity: checkstyleSeverity(f), Message: sentence(f), Source: Clean(f.Code),
		})
	}
	return writeXML(w, doc)
}

type (
	checkstyle struct {
		XMLName xml.Name         `xml:"checkstyle"`
		Version string           `xml:"version,attr"`
		Files   []checkstyleFile `xml:"file"`
	}
	checkstyleFile struct {
		Name   string            `xml:"name,attr"`
		Errors []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr,omitempty"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"`
	}
)

func checkstyleSeverity(f *finding.Finding) string {
	if l := levelOf(f); l > finding.Note {
		return l.String()
	}
	return "info"
}
