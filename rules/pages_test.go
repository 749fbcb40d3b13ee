package rules_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/rules"
)

var update = flag.Bool("update", false, "rewrite the findings blocks of the pages, and docs/rules.md")

// pageLines is the most lines that a page may have: it is read in a terminal.
const pageLines = 105

// pageSections are the sections of a rule's page, in order.
func pageSections(r *rules.Rule) []string {
	list := []string{"Bad", "Good"}
	if r.FromLog() {
		list = append(list, "From a log")
	}
	if r.FromSource() {
		list = append(list, "From source")
	}
	return append(list, "Silent", "When to allow it")
}

// logged are the rules that see their pattern in a log.
func logged() []*rules.Rule {
	return slices.DeleteFunc(slices.Clone(rules.All()), func(r *rules.Rule) bool { return !r.FromLog() })
}

func pageFile(r *rules.Rule) string { return strings.ReplaceAll(r.Name, "-", "_") + ".md" }

// TestPagesAreWhole checks that rules and pages go together and that each
// page has what a reader expects of it.
func TestPagesAreWhole(t *testing.T) {
	files, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range rules.All() {
		want = append(want, pageFile(r))
	}
	slices.Sort(want)
	if !slices.Equal(files, want) {
		t.Errorf("pages in the folder and rules differ:\n got %v\nwant %v", files, want)
	}
	for _, r := range rules.All() {
		t.Run(r.Name, func(t *testing.T) {
			p := parsePage(t, r.Doc)
			if p.title != r.Name {
				t.Errorf("title is %q", p.title)
			}
			if strings.TrimSpace(p.intro) == "" {
				t.Error("nothing says what it is")
			}
			if !slices.Equal(p.order, pageSections(r)) {
				t.Fatalf("sections are %q", p.order)
			}
			if n := strings.Count(r.Doc, "\n"); n > pageLines {
				t.Errorf("%d lines, %d at most", n, pageLines)
			}
			for _, name := range []string{"Bad", "Good"} {
				s := p.sections[name]
				if s.python == "" || r.FromLog() != (s.capture != "" && s.findings.at != 0) {
					t.Errorf("%s has no python, or capture and findings do not fit the rule", name)
				}
				if name == "Bad" && r.FromSource() && s.source.at == 0 {
					t.Errorf("%s has no source block", name)
				}
			}
			for _, name := range p.order[2:] {
				if strings.TrimSpace(p.sections[name].text) == "" {
					t.Errorf("%q is empty", name)
				}
			}
		})
	}
}

// TestPages runs the log of each page's example, with ids in its comments,
// and compares what ormlint finds with what the page says.
func TestPages(t *testing.T) {
	for _, r := range logged() {
		t.Run(r.Name, func(t *testing.T) {
			doc := r.Doc
			for _, name := range []string{"Good", "Bad"} { // from the end: offsets stay true
				s := parsePage(t, r.Doc).sections[name]
				got := lines(check(t, s.capture, analyzer.Config{Budgets: s.budgets}, byID).Findings)
				if *update {
					doc = doc[:s.findings.at] + join(got) + doc[s.findings.end:]
				} else if !slices.Equal(got, s.findings.lines) {
					t.Errorf("%s:\n got\n%s\nwant\n%s", name, join(got), join(s.findings.lines))
				}
				verdict(t, r, name, got)
			}
			if *update && doc != r.Doc {
				if err := os.WriteFile(pageFile(r), []byte(doc), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestPagesWithoutIDs runs the same logs without comments, with a connection
// for each request, as most logs have them.
func TestPagesWithoutIDs(t *testing.T) {
	for _, r := range logged() {
		t.Run(r.Name, func(t *testing.T) {
			p := parsePage(t, r.Doc)
			for _, name := range []string{"Bad", "Good"} {
				s := p.sections[name]
				verdict(t, r, name, lines(check(t, s.capture, analyzer.Config{Budgets: s.budgets}, byConnection).Findings))
			}
		})
	}
}

// verdict checks the two things that hold for every page: Bad fires the rule,
// Good fires none.
func verdict(t *testing.T, r *rules.Rule, name string, got []string) {
	t.Helper()
	switch {
	case name == "Good" && len(got) > 0:
		t.Errorf("Good is not silent:\n%s", join(got))
	case name == "Bad" && (len(got) == 0 || !strings.HasPrefix(got[0], r.Code+" ")):
		t.Errorf("Bad does not fire %s first:\n%s", r.Code, join(got))
	}
}

// check writes the log of a capture and runs ormlint on it.
func check(t *testing.T, capture string, c analyzer.Config, by ties) *finding.Report {
	t.Helper()
	reqs := parseCapture(t, capture)
	path := filepath.Join(t.TempDir(), "postgresql.log")
	if err := os.WriteFile(path, []byte(writeLog(reqs, by)), 0o644); err != nil {
		t.Fatal(err)
	}
	c.Paths = []string{path}
	rep, err := analyzer.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	units, statements := 0, 0
	for _, u := range reqs {
		units += u.times
		statements += u.times * u.statements()
	}
	if int(rep.Run.Statements) != statements || by != byNothing && int(rep.Run.Units) != units {
		t.Fatalf("read %d statements in %d units, wrote %d in %d", rep.Run.Statements, rep.Run.Units, statements, units)
	}
	if by == byID && int(rep.Run.ExactUnits) != units {
		t.Fatalf("%d of %d units are exact", rep.Run.ExactUnits, units)
	}
	return rep
}

// statements is how many statements one occurrence of the unit runs.
func (u *request) statements() int {
	n, times := 0, 1
	for _, r := range u.runs {
		if !r.turns {
			times = r.times
		}
		if r.sql != nothing {
			n += times
		}
	}
	return n
}

func lines(found []finding.Finding) []string {
	list := make([]string, 0, len(found))
	for _, f := range found {
		list = append(list, fmt.Sprintf("%s %s: %s", f.Code, f.Subject, f.Message))
	}
	return list
}

func join(lines []string) string {
	var b strings.Builder
	for _, l := range lines {
		b.WriteString(l + "\n")
	}
	return b.String()
}

var (
	qualified = regexp.MustCompile(`"(\w+)"\."(\w+)"`)
	created   = regexp.MustCompile(`(?s)CREATE TABLE (?:public\.)?"?(\w+)"? \((.*?)\n\);`)
	columnDef = regexp.MustCompile(`(?m)^    "?(\w+)"? `)
	quoted    = regexp.MustCompile(`"([^"]*)"`)
	word      = regexp.MustCompile(`[A-Za-z_]\w*`)
)

// projectColumns are the columns of the Django project in testdata, by table,
// as pg_dump wrote them.
func projectColumns(tb testing.TB) map[string][]string {
	tb.Helper()
	sql, err := os.ReadFile("../testdata/logs/schema.sql")
	if err != nil {
		tb.Fatal(err)
	}
	cols := map[string][]string{}
	for _, m := range created.FindAllStringSubmatch(string(sql), -1) {
		for _, c := range columnDef.FindAllStringSubmatch(m[2], -1) {
			cols[m[1]] = append(cols[m[1]], c[1])
		}
	}
	return cols
}

// TestPagesFitTheProject checks that the captures name tables and columns that
// the real project has, so that their SQL is what its Django would write.
func TestPagesFitTheProject(t *testing.T) {
	cols := projectColumns(t)
	if len(cols["library_book"]) < 5 {
		t.Fatalf("the schema file was not understood: %v", cols)
	}
	for _, r := range rules.All() {
		p := parsePage(t, r.Doc)
		for _, name := range []string{"Bad", "Good"} {
			for _, m := range qualified.FindAllStringSubmatch(p.sections[name].capture, -1) {
				if !slices.Contains(cols[m[1]], m[2]) {
					t.Errorf("%s, %s: the project has no %s.%s", r.Name, name, m[1], m[2])
				}
			}
		}
	}
}

// TestRewritesFitTheExample checks that what the first finding of each page
// proposes names only fields that the example's tables or code show: advice
// that raises FieldError is worse than none.
func TestRewritesFitTheExample(t *testing.T) {
	known := []string{"pk", "id", "gin_trgm_ops", "in"}
	for _, r := range logged() {
		t.Run(r.Name, func(t *testing.T) {
			p := parsePage(t, r.Doc)
			fields := slices.Clone(known)
			for _, name := range []string{"Bad", "Good"} {
				s := p.sections[name]
				for _, m := range qualified.FindAllStringSubmatch(s.capture, -1) {
					model := m[1][strings.IndexByte(m[1], '_')+1:]
					fields = append(fields, m[2], strings.TrimSuffix(m[2], "_id"), model, model+"_set")
				}
				fields = append(fields, word.FindAllString(s.python, -1)...)
			}
			bad := p.sections["Bad"]
			found := check(t, bad.capture, analyzer.Config{Budgets: bad.budgets}, byID).Findings
			if len(found) == 0 || len(found[0].Rewrites) == 0 {
				t.Fatal("no finding, or none with a rewrite")
			}
			for _, rw := range found[0].Rewrites {
				if strings.Contains(rw.Code, "SESSION_") || strings.Contains(rw.Code, "Index(") {
					continue // names a setting or an index, not a field
				}
				for _, m := range quoted.FindAllStringSubmatch(rw.Code, -1) {
					for part := range strings.SplitSeq(strings.TrimPrefix(m[1], "-"), "__") {
						if part != "…" && !slices.Contains(fields, part) {
							t.Errorf("%s\nnames %q, which the example does not have", rw.Code, part)
						}
					}
				}
			}
		})
	}
}
