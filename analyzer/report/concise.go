package report

import (
	"bytes"
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Concise writes a line a finding, as compilers and linters do, so that
// editors and grep can read it: path:line:column: code [*] message (cost).
// Columns count characters. A finding whose queryset is not known has the
// log's place, without a column. The last line sums up.
func Concise(w io.Writer, r *finding.Report, o Options) error {
	var b bytes.Buffer
	for i := range r.Findings {
		b.WriteString(headline(&r.Findings[i]) + "\n")
	}
	if !o.Quiet {
		b.WriteString(summary(r) + "\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}
