package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// machineFormats are the printers for programs that this file and its
// neighbours test.
var machineFormats = []string{"sarif", "rdjson", "rdjsonl", "jsonl"}

func testRules() []Rule {
	return []Rule{
		{Code: "QP101", Name: "n-plus-one", Severity: finding.Warning, Summary: "A query runs once for each row of an earlier one", Doc: "# n-plus-one\n\nA list is read with one query,\nand then one more for each row.\n\n## Bad\n"},
		{Code: "QP201", Name: "wide-select", Severity: finding.Note, Summary: "A list fetches every column", Doc: "# wide-select\n\nAll columns are read.\n"},
		{Code: "QP404", Name: "get-or-create-in-loop", Severity: finding.Error, Summary: "Rows are made one at a time."},
		{Code: "QP406", Name: "m2m-add-in-loop", Severity: finding.Warning},
	}
}

// oddFile is a text with all that makes columns hard: a byte order mark, CRLF,
// tabs, wide, combining and astral characters, no line end at its end.
const oddFile = "\ufeffx = Book.objects.all()  # first\r\n" +
	"\tbooks = [\"e\u0301 日本語 👩\u200d👩\u200d👧 𐐀\", Book.objects.all()]  # é\r\n" +
	"\r\n" +
	"for b in books:\r\n" +
	"\tb.author.name\r\n" +
	"last = Author.objects.all()"

// oddPath needs escapes in a URI.
const oddPath = "src dir/100%/a#b?é:日本/views 1.py"

// machineReport has, beside what sourceReport has, everything that SARIF and
// rdjson tell apart.
func machineReport(t testing.TB) (*finding.Report, Source) {
	r, text := sourceReport(t)
	const models = "library/models.py"
	modelsPy := "class Book(Model):\n    title = CharField()\n"
	files := func(p string) []byte {
		switch p {
		case oddPath:
			return []byte(oddFile)
		case models:
			return []byte(modelsPy)
		}
		return text(p)
	}
	odd := func(s string) source.Span { return mark(t, oddPath, oddFile, s) }
	behind := func(s source.Span) source.Span {
		s.Start, s.Line, s.Column = s.End, s.EndLine, s.EndColumn
		return s
	}
	view := func(s string) source.Span { return mark(t, "library/views.py", viewsPy, s) }
	both := []finding.Evidence{finding.Observed, finding.Inferred}
	log := []finding.Evidence{finding.Observed}
	n := 0
	add := func(f finding.Finding) {
		n++
		f.Fingerprint = fmt.Sprintf("%016x", n)
		if f.Severity == 0 {
			f.Severity = finding.Warning
		}
		if f.Confidence == 0 {
			f.Confidence = finding.Proven
		}
		r.Findings = append(r.Findings, f)
	}
	cost := finding.Cost{Units: 212, Calls: 8480, Wasted: 8268, Took: 9300 * time.Millisecond, Saved: 9100 * time.Millisecond, MaxCalls: 100}
	add(finding.Finding{
		Key: finding.Key{Rule: "n-plus-one", Subject: "library.Book.author"}, Code: "QP101", Evidence: both, Cost: cost, Share: 0.41037,
		Message:  "library_book → library_author: one query per row, up to 100 in one unit of work",
		Notes:    []string{"relation known from the models", "units found by {ids} [all]"},
		Location: behind(odd("👧 𐐀\", ")), Function: "book_list",
		Related: []finding.Related{
			{Span: odd("b in books"), Message: "through Book.byline"},
			{Span: odd("b.author"), Message: "called from here: [evil](9) {0}"},
			{Span: odd("b.author.name"), Message: "each read runs the query"},
			{Span: odd("last"), Message: "each read runs the query"},
			{Span: view("print"), Message: "through print"},
		},
		Rewrites: []finding.Rewrite{{
			Title: "join author in the first query", Safe: true, Code: `Book.objects.select_related("author")`,
			Edits: []finding.Edit{{Span: behind(odd("𐐀\", Book.objects")), Text: `.select_related("author")`}},
		}, {
			Title: "write it anew", Code: "…",
			Edits: []finding.Edit{
				{Span: behind(odd("\ufeff")), Text: "import é\r\n"},
				{Span: odd("first"), Text: ""},
				{Span: odd("日本語 👩\u200d👩\u200d👧 𐐀"), Text: "語"},
				{Span: odd("\tb.author.name\r\n"), Text: ""},
				{Span: behind(odd("last = Author.objects.all()")), Text: "\r\n# é"},
			},
		}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "n-plus-one", Subject: "two files"}, Code: "QP101", Evidence: both, Confidence: finding.Likely, Location: odd("Author.objects.all()"),
		Message: "an edit in two files",
		Rewrites: []finding.Rewrite{{Title: "both files", Code: "f(\n    1,\n)", Edits: []finding.Edit{
			{Span: behind(odd("Author.objects.all()")), Text: ".first()"},
			{Span: mark(t, models, modelsPy, "CharField"), Text: "TextField"},
			{Span: behind(mark(t, models, modelsPy, "CharField()\n")), Text: "    n = 1\n"},
		}}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "n-plus-one", Subject: "end of file"}, Code: "QP101", Evidence: both, Confidence: finding.Possible, Location: odd("last = Author.objects.all()"),
		Message:  "the last line, without a line end",
		Rewrites: []finding.Rewrite{{Title: "add a line", Edits: []finding.Edit{{Span: behind(odd("last = Author.objects.all()")), Text: "\r\nmore = 1\r\n"}}}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "n-plus-one", Subject: "last line"}, Code: "QP101", Evidence: both, Location: mark(t, models, modelsPy, "title = CharField()"),
		Message:  "the last line goes",
		Rewrites: []finding.Rewrite{{Title: "drop it", Edits: []finding.Edit{{Span: mark(t, models, modelsPy, "    title = CharField()\n"), Text: ""}}}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "wide-select", Subject: "log"}, Code: "QP201", Severity: finding.Note, Evidence: log, Cost: finding.Cost{Calls: 1, Took: time.Second},
		Message: "a log alone", Examples: []finding.Example{{Input: "-", Line: 3}, {Input: "./logs/app log.gz", Line: 120}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "get-or-create-in-loop", Subject: "elsewhere"}, Code: "QP404", Severity: finding.Error, Evidence: log,
		Message: "a log outside of the folder <b>@everyone</b> `x`", Examples: []finding.Example{{Input: "/var/log/postgresql.log", Line: 1}, {Input: "../x.log", Line: 1}},
	})
	add(finding.Finding{
		Key: finding.Key{Rule: "m2m-add-in-loop", Subject: "candidates"}, Code: "QP406", Evidence: both, Message: "one of two places",
		Examples: []finding.Example{{Input: "-", Line: 1}},
		Related:  []finding.Related{{Span: view("Book.objects"), Message: "may be the queryset, in book_list"}, {Span: view("Order.objects"), Message: "may be the queryset"}},
	})
	r.Suppressed = []finding.Finding{
		silenced(r.Findings[0], finding.InSource, "the list is short", view("Author")),
		silenced(r.Findings[1], finding.InBaseline, "", source.Span{}),
		silenced(r.Findings[2], finding.Unchanged, "", source.Span{}),
	}
	r.Stale = []finding.Known{{Key: finding.Key{Rule: "n-plus-one", Subject: "gone", Place: "a.py:f"}, Code: "QP101", Fingerprint: "00000000000000ff"}}
	r.Endpoints = []finding.Endpoint{{Name: "GET /", Units: 1, Statements: 2, Rows: 3, RowsKnown: true, MaxRows: 3}}
	r.Run.Inputs = []finding.Input{{Path: "a.log", Format: "django", Statements: 1}, {Path: "b {0}.log", Problem: "unexpected end", Hint: "copy it again"}, {Path: "c.log", Problem: "no statement", Empty: true}}
	return r, files
}

// hostileSource carries in each field that comes from source, from a comment or
// a baseline what hostileReport carries in those of a log.
func hostileSource() *finding.Report {
	const evil = "a\x1b[31mb\nc\td\r\x07\u009b2J\u202eexe.\u2066x\u200b\x00\xff</script>\"'\\é日本語\U000e0041\u2028[x](1) {0} @all `${{ x }}` <b> ::error::|~~~"
	at := source.Span{Path: evil + "%00?#", Line: 3, Column: 2, EndLine: 4, EndColumn: 1}
	f := finding.Finding{
		Key: finding.Key{Rule: evil, Subject: evil, Place: evil}, Code: "QP101", Severity: finding.Warning, Confidence: finding.Likely,
		Evidence: []finding.Evidence{finding.Inferred}, Fingerprint: "0123456789abcdef", Message: evil, Notes: []string{evil, evil},
		Location: at, Function: evil, Related: []finding.Related{{Span: at, Message: "through " + evil}, {Span: at, Message: evil}, {Span: at}},
		Rewrites: []finding.Rewrite{{Title: evil, Code: evil, Edits: []finding.Edit{{Span: at, Text: evil}}}},
	}
	r := &finding.Report{Findings: []finding.Finding{f}, Suppressed: []finding.Finding{silenced(f, finding.InSource, evil, at)}}
	r.Run.Source = &finding.Source{Root: evil, Skipped: []source.Skip{{Span: at, Msg: evil}}, Unknown: []string{evil}}
	r.Stale = []finding.Known{{Key: f.Key, Code: f.Code, Fingerprint: f.Fingerprint, Reason: evil}}
	return r
}

func silenced(f finding.Finding, kind finding.SuppressionKind, reason string, place source.Span) finding.Finding {
	f.Suppression = &finding.Suppression{Kind: kind, Reason: reason, Place: place}
	return f
}

// printed is what a format makes of a report, checked to be the same twice.
func printed(t testing.TB, format string, r *finding.Report, o Options) []byte {
	t.Helper()
	p, ok := Find(format)
	if !ok {
		t.Fatalf("no format %s", format)
	}
	var b, again bytes.Buffer
	if err := p.Print(&b, r, o); err != nil {
		t.Fatal(err)
	}
	if err := p.Print(&again, r, o); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("%s: printing twice gives different bytes", format)
	}
	return b.Bytes()
}

// values are the JSON values of an output: one, or one a line.
func values(format string, out []byte) [][]byte {
	if !strings.HasSuffix(format, "l") {
		return [][]byte{out}
	}
	return bytes.SplitAfter(bytes.TrimSuffix(out, []byte{'\n'}), []byte{'\n'})
}

func TestMachineFormats(t *testing.T) {
	machine, text := machineReport(t)
	tests := []struct {
		name string
		r    *finding.Report
		o    Options
	}{
		{"machine", machine, Options{Source: text, Rules: testRules()}},
		{"hostile", hostileReport(), Options{Rules: testRules()[:1]}},
		{"hostile_source", hostileSource(), Options{Source: func(string) []byte { return []byte("x\x00\n\xff\n y\u2028z\nlast") }}},
		{"sample", sampleReport(), Options{}},
		{"empty", &finding.Report{}, Options{}},
	}
	for _, tt := range tests {
		for _, format := range machineFormats {
			t.Run(tt.name+"."+format, func(t *testing.T) {
				out := printed(t, format, tt.r, tt.o)
				for _, v := range values(format, out) {
					if len(v) > 0 {
						checkJSON(t, v)
					}
				}
				golden(t, tt.name+"."+format+".golden", out)
			})
		}
	}
	out := printed(t, "sarif", machine, Options{Source: text, Rules: testRules()})
	golden(t, "machine_suppressed.sarif.golden", out)
}
