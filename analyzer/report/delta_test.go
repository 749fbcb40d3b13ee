package report

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// sampleDelta has every part that a comparison can have.
func sampleDelta() *finding.Delta {
	e := func(queries int64, took time.Duration, units int64) *finding.Endpoint {
		return &finding.Endpoint{Named: true, Units: units, Queries: queries, Statements: queries, Took: took, Rows: 10 * queries, RowsKnown: true}
	}
	books := finding.EndpointDelta{
		Name: "GET /books/", Base: e(40, 62*time.Millisecond, 20), Head: e(2440, 1900*time.Millisecond, 20),
		Queries: finding.Shift{Known: true, Base: 2, Head: 122, P: 1, Changed: true, Regressed: true},
		Time:    finding.Shift{Known: true, Base: 3.1e6, Head: 95e6, BaseSpread: 2.5e5, HeadSpread: 4e6, P: 1e-9, Tested: true, Changed: true, Regressed: true},
		Rows:    finding.Shift{Known: true, Base: 20, Head: 1220, P: 1, Changed: true},
	}
	authors := finding.EndpointDelta{
		Name: "GET /authors/", Base: e(30, 50*time.Millisecond, 10), Head: e(36, 61*time.Millisecond, 12),
		Queries: finding.Shift{Known: true, Base: 3, Head: 3, P: 1},
		Time:    finding.Shift{Known: true, Base: 5e6, Head: 5.1e6, BaseSpread: 6e5, HeadSpread: 5e5, P: 0.446, Tested: true},
	}
	tiny := finding.EndpointDelta{
		Name: "POST /api/v2/organisations/<uuid:organisation>/members/<int:member>/permissions/", Base: e(7, 3*time.Millisecond, 1), Head: e(6, 3*time.Millisecond, 1),
		Queries: finding.Shift{Known: true, Base: 7, Head: 6, P: 1, Changed: true},
		Time:    finding.Shift{Known: true, Base: 3e6, Head: 3e6, P: 1},
	}
	all := sampleReport().Findings
	added, worse, fixed := all[0], all[1], all[2]
	added.Location, added.Function = source.Span{Path: "app/views.py", Line: 12, Column: 5, EndLine: 12, EndColumn: 30}, "books"
	return &finding.Delta{
		Base:      finding.Side{Name: "base.json", Statements: 1204, Units: 31, Took: 2100 * time.Millisecond},
		Head:      finding.Side{Name: "head.log", Statements: 3310, Units: 34, Took: 4 * time.Second, Source: true, Lost: finding.Lost{"units_closed_early": 2}},
		Endpoints: []finding.EndpointDelta{books, tiny, authors, {Name: "GET /new/", Head: e(4, time.Millisecond, 2)}, {Name: "GET /old/", Base: e(5, 0, 2)}},
		Findings: []finding.FindingDelta{
			{Finding: added, Change: finding.New, HeadCalls: 120, Regressed: true},
			{Finding: worse, Was: &worse, Change: finding.Worse, BaseCalls: 12, HeadCalls: 500, Note: "moved here from app/old.py:save", Regressed: true},
			{Finding: fixed, Was: &fixed, Change: finding.Fixed, BaseCalls: 3},
			{Finding: fixed, Was: &fixed, Change: finding.Better, BaseCalls: 30, HeadCalls: 10},
			{Finding: fixed, Was: &fixed, Change: finding.Suppressed, BaseCalls: 3, HeadCalls: 3},
			{Finding: fixed, Was: &fixed, Change: finding.Unseen, BaseCalls: 3, Note: "none of its endpoints ran in the head"},
			{Finding: fixed, Was: &fixed, Change: finding.Same, BaseCalls: 3, HeadCalls: 3},
		},
		Alpha: 0.05 / 2,
		Notes: []string{"source was read for the head and not for the base: findings are matched by rule and subject, not by place"},
	}
}

// hostileDelta carries what Markdown, HTML, a terminal or a table would trip
// over.
func hostileDelta() *finding.Delta {
	d := sampleDelta()
	evil := "a|b `c` ``d`` <img src=x onerror=alert(1)> @ormlint/team #12 GH-3 ]]> --> </details> [x](http://evil) www.evil.com *b* _i_ ~~s~~ \\| $x$\n# h\n\x1b[31m\u202e</code>"
	d.Base.Name, d.Head.Name, d.Notes = evil, evil, []string{evil}
	for i := range d.Endpoints {
		d.Endpoints[i].Name = evil
	}
	for i := range d.Findings {
		f := &d.Findings[i].Finding
		f.Code, f.Rule, f.Subject, f.Message, f.Endpoints, f.Location.Path, f.Function = evil, evil, evil, evil, []string{evil, evil}, evil, evil
		f.Rewrites = []finding.Rewrite{{Title: evil, Code: evil}}
		d.Findings[i].Note = evil
	}
	return d
}

func TestDelta(t *testing.T) {
	tests := []struct {
		name string
		d    *finding.Delta
		o    Options
	}{
		{"delta_60", sampleDelta(), Options{Width: 60}},
		{"delta", sampleDelta(), Options{}},
		{"delta_120", sampleDelta(), Options{Width: 120}},
		{"delta_top_1", sampleDelta(), Options{Top: 1}},
		{"delta_quiet", sampleDelta(), Options{Quiet: true}},
		{"delta_color", sampleDelta(), Options{Color: true}},
		{"delta_hostile", hostileDelta(), Options{}},
		{"delta_empty", &finding.Delta{Alpha: 0.05}, Options{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			plain := tt.o.Width == 0 && tt.o.Top == 0 && !tt.o.Quiet && !tt.o.Color
			for _, p := range DeltaPrinters() {
				if p.Name != "text" && !plain {
					continue // the options are text's
				}
				var b bytes.Buffer
				if err := p.Print(&b, tt.d, tt.o); err != nil {
					t.Fatal(err)
				}
				switch p.Name {
				case "json":
					checkJSON(t, b.Bytes())
				case "text":
					checkLines(t, b.String(), tt.o)
				}
				golden(t, tt.name+"."+p.Name+".golden", b.Bytes())
			}
		})
	}
}

// checkLines fails when a line of text is too wide, ends in a space, or could
// command a terminal.
func checkLines(t *testing.T, text string, o Options) {
	t.Helper()
	if o.Color {
		return
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if cells(line) > o.width() || strings.HasSuffix(line, " ") || strings.IndexFunc(line, hostile) >= 0 {
			t.Errorf("bad line %q of %d columns", line, cells(line))
		}
	}
}

// What a comment holds of names from outside is text or code: no HTML, no
// link, no mention, no cell or line more.
func TestDeltaMarkdownIsSafe(t *testing.T) {
	var b bytes.Buffer
	if err := DeltaMarkdown(&b, hostileDelta(), Options{}); err != nil {
		t.Fatal(err)
	}
	ours := regexp.MustCompile("`[^`]+`" + `|</?code>|<br>|</?details>|</?summary>|^<!-- ormlint:diff -->`)
	for i, line := range strings.Split(b.String(), "\n") {
		bare := ours.ReplaceAllString(line, "")
		if strings.ContainsAny(bare, "<>`") && !strings.HasPrefix(bare, "> ") || strings.ContainsAny(bare, "@[]") ||
			strings.Contains(bare, "://") || strings.Contains(bare, "www.") || strings.IndexFunc(line, hostile) >= 0 {
			t.Errorf("line %d: %s", i+1, line)
		}
		if strings.HasPrefix(line, "|") && strings.Count(line, "|") != 6 {
			t.Errorf("a row of other than five cells: %s", line)
		}
	}
}

func TestDeltaCode(t *testing.T) {
	for in, want := range map[string]string{
		"GET /books/<int:pk>/": "`GET /books/<int:pk>/`",
		"@team":                "`@team`",
		"a|b":                  "<code>a&#124;b</code>",
		"`x`":                  "<code>&#96;x&#96;</code>",
		`a\`:                   "<code>a&#92;</code>",
		" a":                   "`a`",
		"a\nb":                 "<code>a&#92;nb</code>",
		"日本":                   "`日本`",
	} {
		if got := deltaCode(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
	if got, want := deltaText("fix #12, @me <b>"), "fix `#12`, `@me` `<b>`"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A comment has a limit; what does not fit is told.
func TestDeltaMarkdownIsCapped(t *testing.T) {
	d := sampleDelta()
	one := d.Findings[0]
	d.Findings = nil
	for i := range 5000 {
		f := one
		f.Subject = fmt.Sprintf("library.Book%d.author", i)
		d.Findings = append(d.Findings, f)
	}
	var b bytes.Buffer
	if err := DeltaMarkdown(&b, d, Options{}); err != nil {
		t.Fatal(err)
	}
	if n := b.Len(); n > deltaMax || n < deltaMax-5000 || !strings.HasSuffix(b.String(), deltaEnd) {
		t.Errorf("%d bytes, ending in %q", n, b.String()[n-80:])
	}
}

func TestSummary(t *testing.T) {
	up := func(name string, by float64) finding.EndpointDelta {
		return finding.EndpointDelta{
			Name: name, Base: &finding.Endpoint{Name: name}, Head: &finding.Endpoint{Name: name},
			Queries: finding.Shift{Known: true, Head: by, Changed: true},
		}
	}
	change := func(c finding.Change, n int) []finding.FindingDelta {
		return slices.Repeat([]finding.FindingDelta{{Change: c}}, n)
	}
	slower := up("/slow/", 0)
	slower.Queries.Changed = false
	slower.Time = finding.Shift{Known: true, Head: 3e7, Regressed: true}
	only := finding.FindingDelta{Change: finding.New, HeadCalls: 40, Finding: finding.Finding{Endpoints: []string{"task"}}}
	tests := []struct {
		d    finding.Delta
		want string
	}{
		{finding.Delta{}, "this change adds no pattern"},
		{finding.Delta{Findings: change(finding.New, 2), Endpoints: []finding.EndpointDelta{up("GET /books/", 120)}}, "this change adds 2 patterns: +120 queries per request on GET /books/"},
		{finding.Delta{Findings: change(finding.Fixed, 1), Endpoints: []finding.EndpointDelta{up("task", -1)}}, "this change fixes 1 pattern: -1 query per unit of work on task"},
		{
			finding.Delta{Findings: slices.Concat(change(finding.New, 1), change(finding.Worse, 2), change(finding.Fixed, 3), change(finding.Better, 1))},
			"this change adds 1 pattern, makes 2 worse, fixes 3 and makes 1 better",
		},
		{
			finding.Delta{Endpoints: []finding.EndpointDelta{up("/a/", 5), up("/b/", 2.5), up("/c/", 1), up("/d/", 1), slower}},
			"this change adds no pattern: +5 queries per request on /a/, +2.5 queries per request on /b/, +1 query per request on /c/ and 2 changes more",
		},
		{finding.Delta{Endpoints: []finding.EndpointDelta{slower}}, "this change adds no pattern: /slow/ takes 30 ms longer"},
		{finding.Delta{Findings: []finding.FindingDelta{only}}, "this change adds 1 pattern: 40 queries per unit of work on task, which the base does not have"},
	}
	for _, tt := range tests {
		if got := deltaSummary(&tt.d, Clean); got != tt.want {
			t.Errorf("\n got %s\nwant %s", got, tt.want)
		}
	}
}
