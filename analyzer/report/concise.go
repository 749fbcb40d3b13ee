package report

import (
	"bytes"
	"io"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Concise writes a line a finding, as compilers and linters do, so that
// editors and grep can read it: path:line:column: code [*] message (cost),
// where [*] marks what ormlint fix changes. Columns count characters. A finding whose queryset is not known has the
// log's place, without a column. The last line sums up.
func Concise(w io.Writer, r *finding.Report, o Options) error {
	var b bytes.Buffer
	for i := range r.Findings {
		f := &r.Findings[i]
		mark := ""
		if safeEdit(f) != nil {
			mark = "[*] "
		}
		b.WriteString(anchorOf(f).String() + ": " + Clean(f.Code) + " " + mark + Clean(f.Message) + " (" + price(f) + ")\n")
	}
	if !o.Quiet {
		b.WriteString(summary(r))
		if bad := unread(r); len(bad) > 0 {
			b.WriteString(" · " + notRead(bad))
		}
		b.WriteString("\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}
