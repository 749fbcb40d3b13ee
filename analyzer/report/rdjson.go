package report

import (
	"bytes"
	"io"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// rdLineMax is how long a line of rdjsonl may be, in bytes: reviewdog reads
// lines into a buffer of 64 KiB and fails on a longer one.
const rdLineMax = 64<<10 - 1

// rdRelatedMax is how many related places a diagnostic has.
const rdRelatedMax = 20

// The Reviewdog Diagnostic Format (reviewdog, proto/rdf): lines and columns
// begin at 1, columns count bytes of UTF-8, ends are exclusive, and a range
// without columns is whole lines, the last one's line end apart.
type (
	rdResult struct {
		Source      rdSource       `json:"source"`
		Diagnostics []rdDiagnostic `json:"diagnostics"`
	}
	rdDiagnostic struct {
		Message          string         `json:"message"`
		Location         *rdLocation    `json:"location,omitempty"`
		Severity         string         `json:"severity"`
		Source           *rdSource      `json:"source,omitempty"` // rdjson has it once for all
		Code             rdCode         `json:"code"`
		Suggestions      []rdSuggestion `json:"suggestions,omitempty"`
		RelatedLocations []rdRelated    `json:"related_locations,omitempty"`
	}
	rdSource struct {
		Name string `json:"name"`
	}
	rdCode struct {
		Value string `json:"value"`
	}
	rdLocation struct {
		Path  string   `json:"path"`
		Range *rdRange `json:"range,omitempty"`
	}
	rdRange struct {
		Start rdPosition  `json:"start"`
		End   *rdPosition `json:"end,omitempty"`
	}
	rdPosition struct {
		Line   int `json:"line"`
		Column int `json:"column,omitempty"`
	}
	rdSuggestion struct {
		Range rdRange `json:"range"`
		Text  string  `json:"text"`
	}
	rdRelated struct {
		Message  string     `json:"message"`
		Location rdLocation `json:"location"`
	}
)

// RDJSON writes the report for reviewdog, as one DiagnosticResult. Suppressed
// findings are left out: reviewdog would show them.
func RDJSON(w io.Writer, r *finding.Report, o Options) error {
	out := rdResult{Source: rdSource{"ormlint"}, Diagnostics: []rdDiagnostic{}}
	t := textsOf(o.Source)
	for i := range r.Findings {
		out.Diagnostics = append(out.Diagnostics, diagnostic(t, &r.Findings[i]))
	}
	_, err := w.Write(jsonBytes(out, "  "))
	return err
}

// RDJSONL writes the report for reviewdog, a Diagnostic a line. A line that
// would be too long for reviewdog loses its suggestion, then its related places,
// then most of its text.
func RDJSONL(w io.Writer, r *finding.Report, o Options) error {
	var b bytes.Buffer
	t := textsOf(o.Source)
	for i := range r.Findings {
		d := diagnostic(t, &r.Findings[i])
		d.Source = &rdSource{"ormlint"}
		line := jsonBytes(d, "")
		for _, shorten := range []func(){
			func() { d.Suggestions = nil },
			func() { d.RelatedLocations = nil },
			func() { d.Message, d.Code.Value = kept(d.Message, labelMax), kept(d.Code.Value, labelMax) },
			func() { d.Location = nil }, // no file system has such a path
		} {
			if len(line) <= rdLineMax {
				break
			}
			shorten()
			line = jsonBytes(d, "")
		}
		b.Write(line)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func diagnostic(t *texts, f *finding.Finding) rdDiagnostic {
	d := rdDiagnostic{
		Message:  rdMessage(f),
		Severity: rdSeverity(levelOf(f)),
		Code:     rdCode{Clean(f.Code)},
	}
	at, ok := primary(f)
	if ok {
		d.Location = rdPlace(t, at.Span)
	}
	if s, ok := suggest(t, f, at.Span); ok {
		lines := rdRange{rdPosition{Line: s.first}, &rdPosition{Line: s.last}}
		d.Suggestions = []rdSuggestion{{lines, s.text}}
		if s.first != at.Line || s.last != max(at.Line, at.EndLine) {
			d.Location.Range = &lines // the comment has to stand at the suggestion's lines
		}
	}
	for _, p := range f.Related[:min(len(f.Related), rdRelatedMax)] {
		if p.Span.Known() {
			d.RelatedLocations = append(d.RelatedLocations, rdRelated{markdownSafe(kept(Clean(p.Message), labelMax)), *rdPlace(t, p.Span)})
		}
	}
	return d
}

func rdSeverity(s finding.Severity) string {
	switch s {
	case finding.Error:
		return "ERROR"
	case finding.Warning:
		return "WARNING"
	}
	return "INFO"
}

// rdPlace has columns only where the text is there to count bytes in.
func rdPlace(t *texts, s source.Span) *rdLocation {
	out := &rdLocation{Path: s.Path}
	if s.Line < 1 {
		return out
	}
	out.Range = &rdRange{Start: rdPosition{Line: s.Line}}
	if s.EndLine >= s.Line {
		out.Range.End = &rdPosition{Line: s.EndLine}
	}
	file := t.file(s.Path)
	if file == nil || out.Range.End == nil {
		return out
	}
	from, ok1 := file.offset(s.Line, s.Column)
	to, ok2 := file.offset(s.EndLine, s.EndColumn)
	if ok1 && ok2 {
		out.Range.Start.Column = from - file.starts[s.Line-1] + 1
		out.Range.End.Column = to - file.starts[s.EndLine-1] + 1
	}
	return out
}

// rdMessage is what a reviewer reads: cost and pattern, the change, and what
// the finding rests on, each in a paragraph of its own.
func rdMessage(f *finding.Finding) string {
	parts := []string{markdownSafe(claim(f))}
	if rw := offered(f); rw != nil {
		parts = append(parts, "Rewrite: "+markdownSafe(remedy(rw))+codeOf(rw))
	}
	if why := basis(f); why != "" {
		parts = append(parts, "Basis: "+markdownSafe(why))
	}
	return strings.Join(parts, "\n\n")
}

// codeOf is the code of a rewrite as Markdown, behind its title.
func codeOf(rw *finding.Rewrite) string {
	code := strings.TrimSpace(rw.Code)
	switch {
	case code == "":
		return ""
	case !strings.Contains(code, "\n"):
		return ": " + inCode(kept(Clean(code), claimMax))
	}
	lines := strings.Split(kept(code, claimMax), "\n")
	for i := range lines {
		lines[i] = Clean(strings.TrimRight(lines[i], "\r"))
	}
	block := strings.Join(lines, "\n")
	fence := "```"
	for strings.Contains(block, fence) {
		fence += "`"
	}
	return ":\n\n" + fence + "python\n" + block + "\n" + fence
}

// markdownSafe keeps a text that could be more than text to reviewdog's
// readers, who show messages as Markdown, in a code span: markup, links, HTML
// and mentions of people. The words of ormlint itself have none of it.
func markdownSafe(s string) string {
	if !strings.ContainsAny(s, "<>&@`*[]!\\#~|$") {
		return s
	}
	return inCode(s)
}

// inCode is s as a code span of Markdown.
func inCode(s string) string {
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}
