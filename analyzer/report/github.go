package report

import (
	"bytes"
	"io"
	"strconv"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// GitHub writes workflow commands that become annotations of the lines in a
// pull request: the most expensive findings within GitHub's limits, the last
// one telling how many there is no room for.
//
// Columns count characters, ends are exclusive: GitHub's documents name no
// unit ("column numbers start at 1"), its pages mark whole lines, and code
// points are what it takes columns of SARIF to be. They are left out for more
// than one line, since GitHub refuses them then.
func GitHub(w io.Writer, r *finding.Report, o Options) error {
	var b bytes.Buffer
	left := ration{finding.Note: annotationsMax, finding.Warning: annotationsMax, finding.Error: annotationsMax}
	if bad := unread(r); len(bad) > 0 {
		left[finding.Warning]--
		b.WriteString(githubCommand("warning", [][2]string{{"title", "ormlint"}}, notRead(bad)))
	}
	shown := left.choose(r.Findings, o, levelOf)
	if len(shown) < len(r.Findings) { // a notice has to say so
		left[finding.Note]--
		shown = left.choose(r.Findings, o, levelOf)
	}
	for _, f := range shown {
		b.WriteString(githubFinding(f))
	}
	if rest := len(r.Findings) - len(shown); rest > 0 {
		b.WriteString(githubCommand("notice", [][2]string{{"title", "ormlint"}},
			counted(int64(rest), "more finding", "more findings")+": GitHub shows "+strconv.Itoa(annotationsMax)+" of a level, the job summary has more (--output markdown=PATH)"))
	}
	_, err := w.Write(b.Bytes())
	return err
}

func githubFinding(f *finding.Finding) string {
	name := map[finding.Severity]string{finding.Error: "error", finding.Warning: "warning"}[levelOf(f)]
	if name == "" {
		name = "notice"
	}
	var props [][2]string
	if s := f.Location; s.Known() {
		props = append(props, [2]string{"file", Clean(s.Path)})
		if s.Line > 0 {
			props = append(props, [2]string{"line", strconv.Itoa(s.Line)})
			oneLine := s.EndLine <= s.Line && s.Column > 0
			if oneLine {
				props = append(props, [2]string{"col", strconv.Itoa(s.Column)})
			}
			props = append(props, [2]string{"endLine", strconv.Itoa(max(s.EndLine, s.Line))})
			if oneLine {
				props = append(props, [2]string{"endColumn", strconv.Itoa(max(s.EndColumn, s.Column))})
			}
		}
	}
	props = append(props, [2]string{"title", annotationTitle(f)})
	return githubCommand(name, props, annotation(f))
}

func githubCommand(name string, props [][2]string, message string) string {
	s, sep := "::"+name, " "
	for _, p := range props {
		s += sep + p[0] + "=" + githubProperty.Replace(p[1])
		sep = ","
	}
	return s + "::" + githubData.Replace(message) + "\n"
}
