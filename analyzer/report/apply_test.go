package report

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// What a consumer reads of SARIF and rdjson, written from the standards and
// not from the printers.
type (
	sarifLog struct {
		Schema  string `json:"$schema"`
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct {
					Name, Version, SemanticVersion string
					Rules                          []struct {
						ID, Name                                string
						ShortDescription, FullDescription, Help struct{ Text, Markdown string }
						DefaultConfiguration                    struct{ Level string }
						Properties                              map[string]any
					}
				}
			}
			ColumnKind        string
			AutomationDetails struct{ ID string }
			Invocations       []struct {
				ExecutionSuccessful        bool
				ToolExecutionNotifications []struct {
					Level   string
					Message struct{ Text string }
				}
			}
			Results    []sarifRes
			Properties struct{ Findings, Omitted, Suppressed int }
		}
	}
	sarifRes struct {
		RuleID    string
		RuleIndex int
		Level     string
		Message   struct{ Text string }
		Locations []sarifLoc

		RelatedLocations    []sarifLoc
		PartialFingerprints map[string]string
		CodeFlows           []struct {
			ThreadFlows []struct {
				Locations []struct{ Location sarifLoc }
			}
		}
		Fixes []struct {
			Description     struct{ Text string }
			ArtifactChanges []struct {
				ArtifactLocation struct{ URI string }
				Replacements     []struct {
					DeletedRegion   sarifReg
					InsertedContent struct{ Text string }
				}
			}
		}
		Rank         *float64
		Suppressions []struct{ Kind, Status, Justification string }
		Properties   map[string]any
	}
	sarifLoc struct {
		ID               *int
		Message          struct{ Text string }
		PhysicalLocation struct {
			ArtifactLocation struct{ URI string }
			Region           sarifReg
		}
	}
	sarifReg struct{ StartLine, StartColumn, EndLine, EndColumn int }
	rdDiag   struct {
		Message     string
		Location    rdLoc
		Severity    string
		Suggestions []struct {
			Range rdReg
			Text  string
		}
		RelatedLocations []struct{ Location rdLoc } `json:"related_locations"`
	}
	rdLoc struct {
		Path  string
		Range rdReg
	}
	rdReg struct{ Start, End struct{ Line, Column int } }
)

// linesWithEnds cuts a text into lines that keep their ends.
func linesWithEnds(s string) []string { return strings.SplitAfter(s, "\n") }

// sarifOffset is a place of a text without its byte order mark, in bytes:
// columns count code points.
func sarifOffset(t testing.TB, text string, line, column int) int {
	lines := linesWithEnds(text)
	if line > len(lines) {
		t.Fatalf("no line %d", line)
	}
	at := len(strings.Join(lines[:line-1], ""))
	for range column - 1 {
		_, n := utf8.DecodeRuneInString(text[at:])
		at += n
	}
	return at
}

// sarifApply makes a fix; files are by path.
func sarifApply(t testing.TB, res sarifRes, fix int, files func(string) []byte) map[string]string {
	out := map[string]string{}
	for _, c := range res.Fixes[fix].ArtifactChanges {
		path, err := url.PathUnescape(c.ArtifactLocation.URI)
		if err != nil {
			t.Fatal(err)
		}
		text, mark := strings.CutPrefix(string(files(path)), "\ufeff")
		old := text
		shift := 0
		for _, r := range c.Replacements {
			from := sarifOffset(t, old, r.DeletedRegion.StartLine, r.DeletedRegion.StartColumn)
			to := sarifOffset(t, old, r.DeletedRegion.EndLine, r.DeletedRegion.EndColumn)
			text = text[:from+shift] + r.InsertedContent.Text + text[to+shift:]
			shift = len(text) - len(old)
			if r.DeletedRegion.StartLine > r.DeletedRegion.EndLine || to < from {
				t.Errorf("a region that ends before it starts: %+v", r.DeletedRegion)
			}
		}
		if mark {
			text = "\ufeff" + text
		}
		out[path] = text
	}
	return out
}

// applied makes the edits of a rewrite by their byte offsets.
func applied(edits []finding.Edit, files func(string) []byte) map[string]string {
	out := map[string]string{}
	shift := map[string]int{}
	for _, e := range edits {
		p := e.Span.Path
		text, ok := out[p]
		if !ok {
			text = string(files(p))
		}
		out[p] = text[:e.Span.Start+shift[p]] + e.Text + text[e.Span.End+shift[p]:]
		shift[p] += len(e.Text) - (e.Span.End - e.Span.Start)
	}
	return out
}

// inOrder are the findings of machineReport whose edits are in order, as all
// of ormlint's are.
func inOrder(f *finding.Finding) bool {
	for _, rw := range f.Rewrites {
		for i := 1; i < len(rw.Edits); i++ {
			if rw.Edits[i].Span.Path == rw.Edits[i-1].Span.Path && rw.Edits[i].Span.Start < rw.Edits[i-1].Span.End {
				return false
			}
		}
	}
	return true
}

func TestSARIFFixes(t *testing.T) {
	r, text := machineReport(t)
	var log sarifLog
	decode(t, printed(t, "sarif", r, Options{Source: text}), &log)
	byPrint := map[string]*finding.Finding{}
	for i := range r.Findings {
		byPrint[r.Findings[i].Fingerprint] = &r.Findings[i]
	}
	made := 0
	for _, res := range log.Runs[0].Results {
		f := byPrint[res.PartialFingerprints["ormlintFinding/v1"]]
		n := 0
		for _, rw := range f.Rewrites {
			if len(rw.Edits) == 0 {
				continue
			}
			n++
			if !inOrder(f) {
				continue
			}
			made++
			same(t, f.Subject, sarifApply(t, res, n-1, text), applied(rw.Edits, text))
			if said := res.Fixes[n-1].Description.Text; strings.Contains(said, "review it") == rw.Safe {
				t.Errorf("%s: %q, safe %v", f.Subject, said, rw.Safe)
			}
		}
		if n != len(res.Fixes) {
			t.Errorf("%s: %d fixes, want %d", f.Subject, len(res.Fixes), n)
		}
	}
	if made < 6 {
		t.Errorf("only %d fixes made", made)
	}
}

func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d files changed, want %d", what, len(got), len(want))
	}
	for path := range want {
		if got[path] != want[path] {
			t.Errorf("%s: %s is\n%q\nwant\n%q", what, path, got[path], want[path])
		}
	}
}

// suggested makes the first suggestion of a diagnostic as reviewdog's reviews
// do: whole lines, with the last one's line end left.
func suggested(t testing.TB, d rdDiag, files func(string) []byte) map[string]string {
	s := d.Suggestions[0]
	first, last := s.Range.Start, s.Range.End
	if first.Column != 0 || last.Column != 0 || len(d.Suggestions) != 1 {
		t.Fatalf("not one suggestion of whole lines: %+v", d.Suggestions)
	}
	if at := d.Location.Range; at.Start.Line != first.Line || at.End.Line != last.Line {
		t.Errorf("the suggestion is at lines %d-%d, the comment at %d-%d", first.Line, last.Line, at.Start.Line, at.End.Line)
	}
	if s.Text == "" {
		t.Error("a suggestion without text removes the lines")
	}
	lines := linesWithEnds(string(files(d.Location.Path)))
	if last.Line > len(lines) || last.Line == len(lines) && lines[last.Line-1] == "" {
		t.Fatalf("no line %d", last.Line)
	}
	body := strings.TrimRight(lines[last.Line-1], "\r\n")
	out := strings.Join(lines[:first.Line-1], "") + s.Text + lines[last.Line-1][len(body):] + strings.Join(lines[last.Line:], "")
	return map[string]string{d.Location.Path: out}
}

func TestSuggestions(t *testing.T) {
	r, text := machineReport(t)
	lines := values("rdjsonl", printed(t, "rdjsonl", r, Options{Source: text}))
	made := 0
	for i, line := range lines {
		var d rdDiag
		decode(t, line, &d)
		f := &r.Findings[i]
		checkBytes(t, d.Location, text)
		for _, rel := range d.RelatedLocations {
			checkBytes(t, rel.Location, text)
		}
		if len(d.Suggestions) == 0 {
			continue
		}
		got := suggested(t, d, text)
		if !inOrder(f) {
			continue
		}
		made++
		same(t, f.Subject, got, applied(f.Rewrites[0].Edits, text))
	}
	if made != 4 {
		t.Errorf("%d suggestions made, want 4", made)
	}
}

// checkBytes wants columns to be at the boundaries of characters.
func checkBytes(t testing.TB, at rdLoc, files func(string) []byte) {
	t.Helper()
	lines := linesWithEnds(string(files(at.Path)))
	for _, p := range []struct{ Line, Column int }{at.Range.Start, at.Range.End} {
		if p.Column == 0 {
			continue
		}
		if line := lines[p.Line-1]; p.Column-1 > len(line) || !utf8.ValidString(line[:p.Column-1]) {
			t.Errorf("%s: column %d cuts %q", at.Path, p.Column, line)
		}
	}
}

// What cannot be one suggestion is none; the lines around are taken in where
// they have to be.
func TestSuggest(t *testing.T) {
	const path = "a.py"
	edit := func(all, old, text string) finding.Edit {
		return finding.Edit{Span: mark(t, path, all, old), Text: text}
	}
	far := "import a\n" + strings.Repeat("\n", suggestionLines-2) + "x\n"
	tests := []struct {
		name, text, at string
		edits          []finding.Edit
		want           string // first-last: text
	}{
		{"nothing to do", "a\nb\n", "a", nil, ""},
		{"the line of the place comes along", "a\nb\nc\n", "a", []finding.Edit{edit("a\nb\nc\n", "c", "d")}, `1-3 "a\nb\nd"`},
		{"a line above the place", "a\nb\nc\n", "c", []finding.Edit{edit("a\nb\nc\n", "a", "d")}, `1-3 "d\nb\nc"`},
		{"a whole line goes", "a\nb\nc\n", "b", []finding.Edit{edit("a\nb\nc\n", "b\n", "")}, `2-3 "c"`},
		{"the text of a line goes", "a\nb\nc\n", "b", []finding.Edit{edit("a\nb\nc\n", "b", "")}, `1-2 "a\n"`},
		{"the last line goes", "a\nb\n", "b", []finding.Edit{edit("a\nb\n", "b\n", "")}, `1-2 "a"`},
		{"the last line end goes", "a\nb\n", "b", []finding.Edit{edit("a\nb\n", "b\n", "c")}, ""},
		{"the whole file goes", "a\n", "a", []finding.Edit{edit("a\n", "a\n", "")}, ""},
		{"CRLF", "a\r\nb\r\n", "b", []finding.Edit{edit("a\r\nb\r\n", "a\r\nb\r\n", "c\r\nd\r\n")}, `1-2 "c\r\nd"`},
		{"a lone CR", "a\rb\n", "b", []finding.Edit{edit("a\rb\n", "b", "c")}, ""},
		{"as many lines as may be", far, "x", []finding.Edit{edit(far, "a", "b")}, fmt.Sprintf("1-%d %q", suggestionLines, "import b\n"+strings.Repeat("\n", suggestionLines-2)+"x")},
		{"one more", "\n" + far, "x", []finding.Edit{{Span: mark(t, path, "\n"+far, "\nimport"), Text: "import"}}, ""},
		{"out of order", "ab\n", "a", []finding.Edit{edit("ab\n", "b", "2"), edit("ab\n", "a", "1")}, `1-1 "12"`},
		{"overlapping", "ab\n", "a", []finding.Edit{edit("ab\n", "ab", "2"), edit("ab\n", "a", "1")}, ""},
		{"another file than was analysed", "a\n", "a", []finding.Edit{edit("a\nlonger\n", "longer", "x")}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			at := mark(t, path, tt.text, tt.at)
			if tt.at == "b" && strings.Contains(tt.text, "\r") && !strings.Contains(tt.text, "\r\n") {
				at.Line, at.EndLine, at.Column, at.EndColumn = 2, 2, 1, 2 // mark knows no lone CR
			}
			f := &finding.Finding{Location: at, Rewrites: []finding.Rewrite{{Title: "none"}, {Edits: tt.edits}}}
			got := ""
			if s, ok := suggest(textsOf(func(string) []byte { return []byte(tt.text) }), f, at); ok {
				got = fmt.Sprintf("%d-%d %q", s.first, s.last, s.text)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// FuzzEdits makes two edits of any text through each format.
func FuzzEdits(f *testing.F) {
	f.Add("a\nb\n", 0, 1, 2, 3, "x", "")
	f.Add(oddFile, 10, 20, 60, 61, "é\r\n", "\n")
	f.Add("a", 1, 1, 1, 1, "\n", "\n")
	f.Add("\n\n", 0, 1, 1, 2, "", "")
	f.Fuzz(func(t *testing.T, text string, a, b, c, d int, one, two string) {
		if !utf8.ValidString(text) || !utf8.ValidString(one) || !utf8.ValidString(two) || strings.Count(text, "\r") != strings.Count(text, "\r\n") {
			t.Skip()
		}
		runes := []rune(text)
		cut := []int{a, b, c, d}
		for i := range cut {
			cut[i] = len(string(runes[:min(max(cut[i], 0), len(runes))]))
		}
		slices.Sort(cut)
		for _, n := range cut {
			if n > 0 && n < len(text) && text[n-1] == '\r' && text[n] == '\n' {
				t.Skip() // no rewrite cuts a line end in two
			}
		}
		start := 0 // a reader may not see the mark, so nothing is put before it
		if strings.HasPrefix(text, "\ufeff") {
			start = len("\ufeff")
		}
		if cut[0] < start || strings.Contains(text[start:], "\ufeff") {
			t.Skip()
		}
		edits := []finding.Edit{{Span: spanAt(text, cut[0], cut[1]), Text: one}, {Span: spanAt(text, cut[2], cut[3]), Text: two}}
		files := func(string) []byte { return []byte(text) }
		want := applied(edits, files)
		r := &finding.Report{Findings: []finding.Finding{{
			Code: "QP101", Fingerprint: "0", Location: edits[0].Span, Rewrites: []finding.Rewrite{{Title: "t", Edits: edits}},
		}}}
		var log sarifLog
		decode(t, printed(t, "sarif", r, Options{Source: files}), &log)
		same(t, "sarif", sarifApply(t, log.Runs[0].Results[0], 0, files), want)
		var diag rdDiag
		decode(t, printed(t, "rdjsonl", r, Options{Source: files}), &diag)
		if len(diag.Suggestions) > 0 {
			same(t, "rdjsonl", suggested(t, diag, files), want)
		}
	})
}

// spanAt is the Span between two offsets of a file a.py.
func spanAt(text string, from, to int) source.Span {
	pos := func(n int) (line, column int) {
		head := text[:n]
		return strings.Count(head, "\n") + 1, utf8.RuneCountInString(head[strings.LastIndexByte(head, '\n')+1:]) + 1
	}
	s := source.Span{Path: "a.py", Start: from, End: to}
	s.Line, s.Column = pos(from)
	s.EndLine, s.EndColumn = pos(to)
	return s
}
