package report

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

func TestElide(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"short list", `SELECT a, b, c, d FROM t`, `SELECT a, b, c, d FROM t`},
		{"long list", `SELECT a, b, c, d, e FROM t`, `SELECT a, b, … 3 more FROM t`},
		{"qualified", `SELECT "t"."a", "t"."b", "t"."c", "t"."d", "t"."e" FROM "t"`, `SELECT "t"."a", "t"."b", … 3 more FROM "t"`},
		{"commas in names", `SELECT "a, b", "c""d, e", 'f, g', h FROM t`, `SELECT "a, b", "c""d, e", 'f, g', h FROM t`},
		{"insert", `INSERT INTO t (a, b, c, d, e) VALUES (?, ?, ?, ?, ?) RETURNING a`, `INSERT INTO t (a, b, … 3 more) VALUES (?, ?, … 3 more) RETURNING a`},
		{"update", `UPDATE t SET a = ?, b = ?, c = ?, d = ?, e = ? WHERE id = ?`, `UPDATE t SET a = ?, b = ?, … 3 more WHERE id = ?`},
		{"order by", `SELECT a FROM t ORDER BY a, b, c, d, e LIMIT 5`, `SELECT a FROM t ORDER BY a, b, … 3 more LIMIT 5`},
		{"calls are one item", `SELECT f(a, b), g(c, (d, e)), h FROM t`, `SELECT f(a, b), g(c, (d, e)), h FROM t`},
		{"subquery", `SELECT (SELECT a, b, c, d, e FROM u), x FROM t`, `SELECT (SELECT a, b, … 3 more FROM u), x FROM t`},
		{"lower case", `select a, b, c, d, e from t`, `select a, b, … 3 more from t`},
		{"open parenthesis", `SELECT f(g(a, b`, `SELECT f(g(a, b`},
		{"stray parenthesis", `SELECT a) FROM t`, `SELECT a) FROM t`},
		{"open quote", `SELECT "a, b`, `SELECT "a, b`},
		{"empty", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := elide(tt.in); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
}

// Nesting at the limit is looked into, beyond it text stays as it is, and
// hostile nesting takes no time.
func TestElideNesting(t *testing.T) {
	const list = "a, b, c, d, e"
	nest := func(n int, s string) string { return strings.Repeat("(", n) + s + strings.Repeat(")", n) }
	if got, want := elide(nest(nestMax, list)), nest(nestMax, "a, b, … 3 more"); got != want {
		t.Errorf("at the limit: got %q, want %q", got, want)
	}
	if got, want := elide(nest(nestMax+1, list)), nest(nestMax+1, list); got != want {
		t.Errorf("beyond the limit: got %q, want %q", got, want)
	}
	deep := nest(100_000, list)
	if got := elide(deep); got != deep {
		t.Errorf("deep nesting: got %d bytes, want %d", len(got), len(deep))
	}
}

func FuzzElide(f *testing.F) {
	f.Add("SELECT a, b, c, d, e FROM t WHERE (x, y) IN ((?, ?), (?, ?))")
	f.Add(`"',((((`)
	f.Fuzz(func(t *testing.T, s string) {
		got := elide(s)
		if strings.Count(s, ",") < listMax && got != s {
			t.Fatalf("elide(%q) = %q", s, got)
		}
		if len(got) > 2*len(s)+20 {
			t.Fatalf("elide(%q) grew to %q", s, got)
		}
	})
}

func TestWrap(t *testing.T) {
	tests := []struct {
		in    string
		width int
		want  []string
	}{
		{"", 10, []string{""}},
		{"one two three", 7, []string{"one two", "three"}},
		{"one  two", 20, []string{"one  two"}},
		{"abcdefghijkl", 5, []string{"abcde", "fghij", "kl"}},
		{"x abcdefghijkl y", 5, []string{"x", "abcde", "fghij", "kl y"}},
		{"日本語日本語", 5, []string{"日本", "語日", "本語"}},
		{"日本", 1, []string{"日", "本"}},
	}
	for _, tt := range tests {
		if got := wrap(tt.in, tt.width); !slices.Equal(got, tt.want) {
			t.Errorf("wrap(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestShorten(t *testing.T) {
	tests := []struct {
		in    string
		width int
		want  string
	}{
		{"short", 5, "short"},
		{"a long path", 7, "a l…ath"},
		{"日本語日本語", 7, "日…本語"[:len("日…")] + "語"},
		{"abcdef", 3, "abc"},
	}
	for _, tt := range tests {
		got := shorten(tt.in, tt.width)
		if got != tt.want || cells(got) > tt.width {
			t.Errorf("shorten(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestBreakCode(t *testing.T) {
	tests := []struct {
		name, in string
		width    int
		want     string
	}{
		{"fits", `A.objects.all()`, 15, `A.objects.all()`},
		{"after the bracket", `A.objects.only("a", "b")`, 20, "A.objects.only(\n    \"a\", \"b\")"},
		{"between arguments", `f("aaaaaaaa", "bbbbbbbb", "cccccccc")`, 27, "f(\"aaaaaaaa\", \"bbbbbbbb\",\n    \"cccccccc\")"},
		{"inside open brackets", "f(\n    a, b, c,\n)", 10, "f(\n    a, b,\n    c,\n)"},
		{"not in strings", `f("a, b, c, d, e, f")`, 12, "f(\n    \"a, b, c, d, e, f\")"},
		{"nothing to break", `a_very_long_name.and_more`, 10, `a_very_long_name.and_more`},
		{"outermost first", `f(g(1, 2, 3), h(4, 5, 6))`, 22, "f(g(1, 2, 3),\n    h(4, 5, 6))"},
		{"comment", `x = 1  # a, (b, c), d and more`, 12, `x = 1  # a, (b, c), d and more`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(breakCode(tt.in, tt.width), "\n"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func TestNumbers(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 7: "7", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1234: "-1,234", -12: "-12"} {
		if got := count(n); got != want {
			t.Errorf("count(%d) = %q, want %q", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		-1: "0 ms", 0: "0 ms", 1: "<1 µs", 1500: "2 µs", 99_400: "99 µs", 99_600: "0.1 ms",
		9_940 * time.Microsecond: "9.9 ms", 9_960 * time.Microsecond: "10 ms", 340 * time.Millisecond: "340 ms",
		999_600 * time.Microsecond: "1.0 s", 1200 * time.Millisecond: "1.2 s", 99_940 * time.Millisecond: "99.9 s",
		99_960 * time.Millisecond: "1 min 40 s", 245 * time.Second: "4 min 05 s", time.Hour - 1: "1 h 00 min",
		200 * time.Minute: "3 h 20 min", 24*time.Hour - 1: "1 d 0 h", 52 * time.Hour: "2 d 4 h", 50000 * time.Hour: "2,083 d 8 h",
	} {
		if got := span(d); got != want {
			t.Errorf("span(%d) = %q, want %q", d, got, want)
		}
	}
	for f, want := range map[float64]string{-1: "0%", 0: "0%", 0.0001: "<1%", 0.014: "1%", 0.41: "41%", 0.994: "99%", 0.9999: ">99%", 1: "100%", 1.1: "100%"} {
		if got := percent(f); got != want {
			t.Errorf("percent(%v) = %q, want %q", f, got, want)
		}
	}
}

// Two findings about one statement cannot save its time twice.
func TestSavedTogether(t *testing.T) {
	f := func(sql string, saved time.Duration) finding.Finding {
		return finding.Finding{Child: finding.Statement{SQL: sql}, Cost: finding.Cost{Saved: saved}}
	}
	r := &finding.Report{
		Run:      finding.Run{Took: 100},
		Shapes:   []finding.Shape{{SQL: "a", Took: 50}, {SQL: "b", Took: 20}},
		Findings: []finding.Finding{f("a", 40), f("a", 30), f("b", 5)},
	}
	if got := savedTogether(r); got != 55 {
		t.Errorf("got %d, want 55", got)
	}
}

func TestFor(t *testing.T) {
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	env := func(vars map[string]string) func(string) string { return func(k string) string { return vars[k] } }
	tests := []struct {
		mode string
		vars map[string]string
		want Options
	}{
		{"auto", nil, Options{Width: 80}}, // a file is no terminal
		{"never", nil, Options{Width: 80}},
		{"always", map[string]string{"NO_COLOR": "1"}, Options{Width: 80, Color: true}},
		{"auto", map[string]string{"COLUMNS": "101"}, Options{Width: 101}},
		{"auto", map[string]string{"COLUMNS": "many"}, Options{Width: 80}},
	}
	for _, tt := range tests {
		if got := For(file, tt.mode, env(tt.vars)); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("For(%s, %v) = %+v, want %+v", tt.mode, tt.vars, got, tt.want)
		}
	}
	for width, want := range map[int]int{0: WidthDefault, 1: WidthMin, 60: 60, 90: 90, 500: WidthMax} {
		if got := (Options{Width: width}).width(); got != want {
			t.Errorf("width of %d = %d, want %d", width, got, want)
		}
	}
}

type brokenWriter struct{}

var errBroken = errors.New("broken")

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestPrinters(t *testing.T) {
	for _, p := range Printers() {
		if got, ok := Find(p.Name); !ok || got.About != p.About || p.About == "" {
			t.Errorf("Find(%q) = %v, %v", p.Name, got, ok)
		}
		if err := p.Print(brokenWriter{}, sampleReport(), Options{}); !errors.Is(err, errBroken) {
			t.Errorf("%s: got error %v, want that of the writer", p.Name, err)
		}
	}
	if _, ok := Find("nope"); ok {
		t.Error("found a printer called nope")
	}
}

func TestCatalogueAndPage(t *testing.T) {
	rules := []Rule{
		{Code: "QP101", Name: "n-plus-one", Severity: finding.Warning, Summary: "A query runs once for each row of an earlier one, where one query for all rows would do"},
		{Code: "QP404", Name: "get-or-create-in-loop", Severity: finding.Note, Summary: "Rows are looked up and made one at a time"},
		{Code: "QP501", Name: "slow-query", Severity: finding.Error, Summary: "Slow"},
	}
	page, err := os.ReadFile("testdata/page.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{60, 100} {
		for _, color := range []bool{false, true} {
			o := Options{Width: width, Color: color}
			var b bytes.Buffer
			if err := Catalogue(&b, rules, o); err != nil {
				t.Fatal(err)
			}
			golden(t, fmt.Sprintf("catalogue_%d_%v.golden", width, color), b.Bytes())
			b.Reset()
			if err := Page(&b, string(page), o); err != nil {
				t.Fatal(err)
			}
			golden(t, fmt.Sprintf("page_%d_%v.golden", width, color), b.Bytes())
		}
	}
}
