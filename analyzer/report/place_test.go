package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

const viewsPy = `from django.shortcuts import render

def book_list(request):
	books = Book.objects.filter(title="日本語")  # 👩‍👩‍👧
	for book in books:
		print(book.author.name)
	return render(request, "library/book_list.html", {"books": books, "authors": Author.objects.filter(active=True).order_by("name"), "page": 1})

orders = (
    Order.objects.filter(paid=True)
    .order_by("-id")
    .distinct()
    .reverse()
    .all()
)
`

// mark is the Span of the first appearance of text.
func mark(t testing.TB, path, all, text string) source.Span {
	t.Helper()
	i := strings.Index(all, text)
	if i < 0 {
		t.Fatalf("no %q", text)
	}
	s := source.Span{Path: path, Start: i, End: i + len(text)}
	pos := func(n int) (int, int) {
		head := all[:n]
		return strings.Count(head, "\n") + 1, len([]rune(head[strings.LastIndexByte(head, '\n')+1:])) + 1
	}
	s.Line, s.Column = pos(s.Start)
	s.EndLine, s.EndColumn = pos(s.End)
	return s
}

func sourceReport(t testing.TB) (*finding.Report, Source) {
	const path = "library/views.py"
	at := func(text string) source.Span { return mark(t, path, viewsPy, text) }
	end := func(text string) source.Span {
		s := at(text)
		s.Start, s.Line, s.Column = s.End, s.EndLine, s.EndColumn
		return s
	}
	books, authors := at(`Book.objects.filter(title="日本語")`), at(`Author.objects.filter(active=True).order_by("name")`)
	orders := at("Order.objects.filter(paid=True)\n    .order_by(\"-id\")\n    .distinct()\n    .reverse()\n    .all()")
	static := []finding.Evidence{finding.Inferred}
	r := &finding.Report{
		Run: finding.Run{Source: &finding.Source{
			Root: ".", Files: 12, Bytes: 34567, Models: 5, Queries: 9, Fetches: 14, Django: "5.2", DjangoOrigin: "requirements.txt",
			Skipped: []source.Skip{{Span: source.Span{Path: "library/old.py", Line: 3}, Msg: "expected an expression"}},
			Unknown: []string{"library/models.py:9 Box: no app is called crates"}, Lost: finding.Lost{"calls_too_deep": 2},
		}},
		Findings: []finding.Finding{
			{
				Key: finding.Key{Rule: "n-plus-one", Subject: "library.Book.author"}, Code: "QP101", Severity: finding.Warning,
				Evidence: static, Confidence: finding.Proven, Fingerprint: "0123456789abcdef",
				Message: "library.Book.author is fetched for each book", Location: books, Function: "book_list",
				Related: []finding.Related{{Span: at("book.author"), Message: "each read runs the query"}},
				Rewrites: []finding.Rewrite{{
					Title: "join author in the first query", Safe: true, Code: `Book.objects.filter(title="日本語").select_related("author")`,
					Edits: []finding.Edit{{Span: end(`(title="日本語")`), Text: `.select_related("author")`}},
				}},
			},
			{
				Key: finding.Key{Rule: "wide-select", Subject: "library.Author"}, Code: "QP201", Severity: finding.Note,
				Evidence: static, Confidence: finding.Likely, Fingerprint: "fedcba9876543210",
				Message: "library.Author is read with all its columns", Location: authors, Function: "book_list",
				Related: []finding.Related{
					{Span: source.Span{Path: "gone.py", Line: 1, Column: 1, EndLine: 1, EndColumn: 2}, Message: "the file is gone"},
					{Span: at("books:"), Message: "2"},
					{Span: at("print"), Message: "3"},
					{Span: at("page"), Message: "4"},
					{Span: at("all"), Message: "5"},
				},
				Rewrites: []finding.Rewrite{{
					Title: "fetch only name", Safe: true, Code: "…",
					Edits: []finding.Edit{
						{Span: end(`.order_by("name")`), Text: `.only("name")`},
						{Span: end("import render"), Text: "\nfrom django.db.models import Prefetch"},
					},
				}},
			},
			{
				Key: finding.Key{Rule: "unbounded-select", Subject: "library.Order"}, Code: "QP203", Severity: finding.Note,
				Evidence: static, Confidence: finding.Possible, Fingerprint: "00000000deadbeef",
				Message: "library.Order is read without a limit", Location: orders,
				Rewrites: []finding.Rewrite{{
					Title: "fetch a page", Code: "orders.first()",
					Edits: []finding.Edit{{Span: end(".all()"), Text: "\n    [:100]"}, {Span: at("    .distinct()\n"), Text: ""}},
				}},
			},
		},
	}
	return r, func(p string) []byte {
		if p != path {
			return nil
		}
		return []byte(viewsPy)
	}
}

func TestPlaces(t *testing.T) {
	r, src := sourceReport(t)
	tests := []struct {
		name string
		o    Options
	}{
		{"source_60", Options{Width: 60, Source: src}},
		{"source_100", Options{Width: 100, Source: src}},
		{"source_no_lines", Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if err := Text(&b, r, tt.o); err != nil {
				t.Fatal(err)
			}
			golden(t, tt.name+".golden", b.Bytes())
			for line := range strings.SplitSeq(b.String(), "\n") {
				if tt.o.Source != nil && cells(line) > tt.o.Width {
					t.Errorf("%d columns: %q", cells(line), line)
				}
			}
		})
	}
	var b bytes.Buffer
	if err := JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	checkJSON(t, b.Bytes())
	golden(t, "source.json.golden", b.Bytes())
}

func TestFit(t *testing.T) {
	tests := []struct {
		name, line       string
		from, to, margin int
		room             int
		want, caret      string
	}{
		{"fits", "    x = a.b", 8, 11, 4, 20, "x = a.b", "    ^^^"},
		{"tab", "\tx\t= a", 5, 6, 1, 20, "x    = a", "       ^"},
		{"wide", "日本 = 語x", 5, 7, 0, 20, "日本 = 語x", "       ^^^"},
		{"cut behind", "abcdefghijklmnop", 0, 3, 0, 8, "abcdefg…", "^^^"},
		{"cut before", "abcdefghijklmnop", 13, 16, 0, 8, "…jklmnop", "     ^^^"},
		{"cut both", "abcdefghijklmnop", 7, 9, 0, 8, "…fghijk…", "   ^^"},
		{"span too long", "abcdefghijklmnop", 2, 16, 0, 8, "…cdefgh…", " ^^^^^^"},
		{"control", "a\x1b[31m = b", 8, 9, 0, 40, `a\x1b[31m = b`, "           ^"},
		{"beyond the line", "ab", 9, 12, 0, 8, "ab", "  "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			shown, before, marked := fit(tt.line, tt.from, tt.to, tt.margin, tt.room)
			caret := strings.Repeat(" ", before) + strings.Repeat("^", marked)
			if shown != tt.want || caret != tt.caret {
				t.Errorf("got\n%s|\n%s|\nwant\n%s|\n%s|", shown, caret, tt.want, tt.caret)
			}
		})
	}
}

func FuzzPlaces(f *testing.F) {
	f.Add("a = b\n", 1, 5, 6, 4, 5, ".x")
	f.Add("\t日本\x1b\r\n\n", 1, 2, 3, 0, 9, "\n")
	f.Fuzz(func(t *testing.T, text string, line, column, endColumn, start, end int, insert string) {
		s := source.Span{Path: "a.py", Line: line, Column: column, EndLine: line, EndColumn: endColumn, Start: start, End: end}
		r := &finding.Report{Findings: []finding.Finding{{
			Location: s, Related: []finding.Related{{Span: s}},
			Rewrites: []finding.Rewrite{{Title: "t", Edits: []finding.Edit{{Span: s, Text: insert}}}},
		}}}
		var b bytes.Buffer
		if err := Text(&b, r, Options{Width: 60, Source: func(string) []byte { return []byte(text) }}); err != nil {
			t.Fatal(err)
		}
		for l := range strings.SplitSeq(b.String(), "\n") {
			if strings.ContainsFunc(l, hostile) || cells(l) > 60 {
				t.Errorf("bad line %q", l)
			}
		}
	})
}
