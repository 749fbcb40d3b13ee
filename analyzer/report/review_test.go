package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

const reviewSource = "from .models import Book\n\n\ndef books(request):\n    names = [book.author.name for book in Book.objects.all()]  # 日本語\n    return names\n"

func reviewFile(path string) []byte {
	if path == "shop/views.py" {
		return []byte(reviewSource)
	}
	return nil
}

// within is the span of a part of reviewSource that lies on one line.
func within(part string) source.Span {
	i := strings.Index(reviewSource, part)
	line := 1 + strings.Count(reviewSource[:i], "\n")
	column := 1 + len([]rune(reviewSource[strings.LastIndexByte(reviewSource[:i], '\n')+1:i]))
	return source.Span{
		Path: "shop/views.py", Line: line, Column: column, EndLine: line, EndColumn: column + len([]rune(part)),
		Start: i, End: i + len(part),
	}
}

// reviewReport is sampleReport read together with a source: a finding with a
// place and an edit, one that only the source shows, several of one place,
// what is suppressed, and what the baseline has too much.
func reviewReport() *finding.Report {
	r := sampleReport()
	query := within("Book.objects.all()")
	end := query
	end.Column, end.Start = query.EndColumn, query.End
	f := &r.Findings[0]
	f.Place, f.Location, f.Function = "shop/views.py:books", query, "books"
	f.Evidence = append(f.Evidence, finding.Inferred)
	f.Related = []finding.Related{{Span: within("book.author"), Message: "each read runs a query"}}
	f.Rewrites[0].Edits = []finding.Edit{{Span: end, Text: `.select_related("author")`}}
	code := finding.Finding{
		Key:  finding.Key{Rule: "unbounded-select", Subject: "shop.Book", Place: "shop/views.py:books"},
		Code: "QP203", Severity: finding.Warning, Evidence: []finding.Evidence{finding.Inferred}, Confidence: finding.Likely,
		Fingerprint: "1111111111111111", Message: "Book is fetched whole, without LIMIT",
		Location: source.Span{Path: "shop/views.py", Line: 5, Column: 43, EndLine: 6, EndColumn: 17, Start: query.Start, End: query.End + 30},
		Function: "books", Endpoints: []string{"shop.views.books"},
	}
	r.Findings = append(r.Findings, code)
	r.Run.Source = &finding.Source{Root: "shop", Prefix: "shop/", Files: 12, Models: 3, Queries: 9}
	r.Findings[1].Examples = []finding.Example{{Unit: "POST /export/", Calls: 500, Input: "app.log", Line: 77}}
	r.Findings[2].Examples = []finding.Example{{Calls: 3, Input: "app.log", Line: 99}}
	silenced := code
	silenced.Code, silenced.Fingerprint = "QP101", "2222222222222222"
	silenced.Suppression = &finding.Suppression{Kind: finding.InSource, Reason: "three rows", Place: within("# 日本語")}
	known := silenced
	known.Fingerprint = "3333333333333333"
	known.Suppression = &finding.Suppression{Kind: finding.InBaseline}
	r.Suppressed = []finding.Finding{silenced, known}
	r.Stale = []finding.Known{{Key: finding.Key{Rule: "n-plus-one", Subject: "shop.Book.author", Place: "shop/old.py:books"}, Code: "QP101", Fingerprint: "4444444444444444"}}
	return r
}

// render prints twice and fails when the bytes differ.
func render(t testing.TB, p Printer, r *finding.Report, o Options) []byte {
	t.Helper()
	var b, again bytes.Buffer
	for _, w := range []*bytes.Buffer{&b, &again} {
		if err := p.Print(w, r, o); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Errorf("%s: printing twice gives different bytes", p.Name)
	}
	return b.Bytes()
}

// printer finds one that must exist.
func printer(t testing.TB, name string) Printer {
	t.Helper()
	p, ok := Find(name)
	if !ok {
		t.Fatalf("no printer %s", name)
	}
	return p
}

var reviewFormats = []string{"concise", "github", "gitlab", "checkstyle", "junit", "azure", "bitbucket", "markdown", "agent"}

func TestReviewFormats(t *testing.T) {
	clean := &finding.Report{Run: finding.Run{
		Inputs: []finding.Input{{Path: "app.log", Format: "django-text", Statements: 3}}, Statements: 3, Units: 1,
	}}
	for _, name := range reviewFormats {
		t.Run(name, func(t *testing.T) {
			p := printer(t, name)
			golden(t, "review."+name+".golden", render(t, p, reviewReport(), Options{Source: reviewFile}))
			golden(t, "clean."+name+".golden", render(t, p, clean, Options{}))
		})
	}
}

// gitlab.schema.json is written after GitLab's own (app/validators/
// json_schemas/codeclimate.json), with its documents' list of severities.
func TestGitLabSchema(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("testdata", "gitlab.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("gitlab.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("gitlab.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	twin := reviewReport()
	twin.Findings = append(twin.Findings, twin.Findings...)
	for _, r := range append(samples(), reviewReport(), twin) {
		out := render(t, printer(t, "gitlab"), r, Options{})
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		var issues []struct{ Fingerprint string }
		if err := json.Unmarshal(out, &issues); err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, i := range issues {
			if seen[i.Fingerprint] {
				t.Errorf("fingerprint %s twice: GitLab keeps one", i.Fingerprint)
			}
			seen[i.Fingerprint] = true
		}
		if len(issues) != len(r.Findings) {
			t.Errorf("%d issues of %d findings", len(issues), len(r.Findings))
		}
	}
	bad, _ := jsonschema.UnmarshalJSON(strings.NewReader(`[{"description":"x","fingerprint":"y","severity":"warning","location":{"path":"./a.py","lines":{"begin":0}}}]`))
	if err := schema.Validate(bad); err == nil {
		t.Error("the schema takes anything")
	}
}

func TestRelative(t *testing.T) {
	for in, want := range map[string]string{
		"app/views.py": "app/views.py", "./app/views.py": "app/views.py", ".hidden/x.log": ".hidden/x.log",
		"/var/log/pg.log": "pg.log", "../logs/pg.log": "pg.log", "a/../../b.log": "b.log", "": "-", "/": "-", "..": "-", "a\nb": `a\nb`,
	} {
		if got := relative(in); got != want {
			t.Errorf("relative(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestAnchor(t *testing.T) {
	at := within("Book.objects.all()")
	for want, f := range map[string]finding.Finding{
		"shop/views.py:5:43": {Location: at, Examples: []finding.Example{{Input: "app.log", Line: 7}}},
		"app.log:7":          {Examples: []finding.Example{{}, {Input: "app.log", Line: 7}}, Related: []finding.Related{{Span: at}}},
		"-":                  {Examples: []finding.Example{{}}},
	} {
		if got := anchorOf(&f).String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestClip(t *testing.T) {
	for _, tt := range []struct {
		in   string
		n    int
		want string
	}{
		{"abc", 3, "abc"},
		{"abcd", 3, "ab…"},
		{"日本語", 3, "日本語"},
		{"日本語x", 3, "日本…"},
		{"👩👩", 4, "👩👩"},
		{"👩👩x", 4, "👩…"},
		{"", 0, ""},
	} {
		if got := clip(tt.in, tt.n); got != tt.want {
			t.Errorf("clip(%q, %d) = %q, want %q", tt.in, tt.n, got, tt.want)
		}
	}
}

func TestProse(t *testing.T) {
	for in, want := range map[string]string{
		"one query per row":               "one query per row",
		"auth_user → core_profile: 3,000": "`auth_user` → `core_profile`: 3,000",
		"(save() and f(g()) are called)":  "(`save()` and `f(g())` are called)",
		"Django's naming (core.user_id).": "Django's naming (`core.user_id`).",
		"1. first 2) second - third":      "`1`. first 2) second `-` third",
		"at 12:13, 1.5 ms":                "at `12:13`, 1.5 ms",
		"@me #12 GH-7 a@b.c deadbeef":     "`@me` `#12` `GH-7` `a@b.c` `deadbeef`",
		"a|b `c` d\\|":                    "<code>a&#124;b</code> <code>&#96;c&#96;</code> <code>d&#92;&#124;</code>",
		"a  b <b>":                        "a b `<b>`",
		"":                                "",
	} {
		if got := prose(in); got != want {
			t.Errorf("prose(%q)\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// A case fails with what fails a run; anything else is its output.
func TestJUnitCases(t *testing.T) {
	r := reviewReport()
	r.Endpoints = []finding.Endpoint{{Name: "test_a", Took: 1500000}, {Name: "test_b"}, {Name: "test_c"}}
	for i := range r.Findings {
		r.Findings[i].Endpoints = nil
	}
	r.Findings[0].Endpoints = []string{"test_a", "test_b"} // warning, proven
	r.Findings[2].Endpoints = []string{"test_b", "test_c"} // note, possible
	got := map[string]string{}
	for _, c := range parseJUnit(t, render(t, printer(t, "junit"), r, Options{})) {
		s := "passed"
		if c.Failure != nil {
			s = "failed"
		}
		if c.Skipped != nil {
			s = "skipped"
		}
		if c.Output != "" {
			s += " with output"
		}
		got[c.Class+" "+c.Name] += fmt.Sprintf("%s in %s;", s, c.Time)
	}
	for name, want := range map[string]string{
		"ormlint.endpoints test_a":         "failed in 0.001500;",
		"ormlint.endpoints test_b":         "failed with output in 0.000000;",
		"ormlint.endpoints test_c":         "passed with output in 0.000000;",
		"ormlint.files app.log":            "failed in 0.000000;",
		"ormlint.files shop/views.py":      "failed in 0.000000;",
		"ormlint.inputs old/broken.log.gz": "skipped in 0.000000;",
		"ormlint.suppressed shop/views.py:5:43: QP101 Book is fetched whole, without LIMIT (not measured)": "skipped in 0.000000;skipped in 0.000000;",
	} {
		if got[name] != want {
			t.Errorf("%s: got %q, want %q", name, got[name], want)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		t.Errorf("more cases: %q", got)
	}
}

type junitRead struct {
	Name    string `xml:"name,attr"`
	Class   string `xml:"classname,attr"`
	Time    string `xml:"time,attr"`
	Output  string `xml:"system-out"`
	Failure *struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	} `xml:"failure"`
	Skipped *struct {
		Message string `xml:"message,attr"`
	} `xml:"skipped"`
}

// parseJUnit reads the cases and checks that the totals are theirs.
func parseJUnit(t *testing.T, b []byte) (cases []junitRead) {
	t.Helper()
	var doc struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Skipped  int `xml:"skipped,attr"`
		Suites   []struct {
			Cases []junitRead `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	failed, skipped := 0, 0
	for _, s := range doc.Suites {
		for _, c := range s.Cases {
			if c.Failure != nil {
				failed++
			}
			if c.Skipped != nil {
				skipped++
			}
			cases = append(cases, c)
		}
	}
	if len(cases) == 0 || doc.Tests != len(cases) || doc.Failures != failed || doc.Skipped != skipped {
		t.Errorf("totals %d, %d, %d of %d cases, %d failed, %d skipped", doc.Tests, doc.Failures, doc.Skipped, len(cases), failed, skipped)
	}
	return cases
}
