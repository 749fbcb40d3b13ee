package report

import (
	"bytes"
	"io"
	"strconv"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Azure writes logging commands that become issues of an Azure Pipelines run:
// the most expensive findings of each type, as many as the agent keeps, those
// that fail a run before notes. There is no type for notes: they are warnings.
// Columns count characters.
func Azure(w io.Writer, r *finding.Report, o Options) error {
	var b bytes.Buffer
	left := ration{finding.Warning: annotationsMax, finding.Error: annotationsMax}
	if bad := unread(r); len(bad) > 0 {
		left[finding.Warning]--
		b.WriteString("##vso[task.logissue type=warning;]" + azureData.Replace(notRead(bad)) + "\n")
	}
	shown := left.choose(r.Findings, o, azureLevel)
	for _, f := range shown {
		b.WriteString(azureFinding(f))
	}
	if rest := len(r.Findings) - len(shown); rest > 0 {
		b.WriteString(counted(int64(rest), "more finding", "more findings") + ": Azure shows " + strconv.Itoa(annotationsMax) + " of a type, the run's summary has more (--output markdown=PATH)\n")
	}
	_, err := w.Write(b.Bytes())
	return err
}

func azureLevel(f *finding.Finding) finding.Severity { return max(levelOf(f), finding.Warning) }

func azureFinding(f *finding.Finding) string {
	s := "##vso[task.logissue type=" + azureLevel(f).String() + ";"
	if p := f.Location; p.Known() {
		s += "sourcepath=" + azureData.Replace(Clean(p.Path)) + ";"
		if p.Line > 0 {
			s += "linenumber=" + strconv.Itoa(p.Line) + ";columnnumber=" + strconv.Itoa(p.Column) + ";"
		}
	}
	return s + "code=" + azureData.Replace(Clean(f.Code)) + ";]" + azureData.Replace(annotation(f)) + "\n"
}
