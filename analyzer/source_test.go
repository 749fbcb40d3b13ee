package analyzer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

const project = "../testdata/django"

// A sourceView is one view of testdata/django/source.json: what the authors of
// the project know of it, written down from the code.
type sourceView struct {
	View     string
	Findings []sourceFinding
	// Allowed are findings that are true too.
	Allowed []sourceFinding
	// Why says why a bad view has no finding from source.
	Why string
}

// A sourceFinding is what has to be reported. Subject holds beginnings of
// subjects and Query beginnings of the text at the location; one of each has
// to fit. Without Query the location is anywhere in the view.
type sourceFinding struct {
	Code    string
	Subject []string
	Query   []string
	Path    string // "" is the view's own file
	Within  string // a function or class in Path, "" is all of it
	Before  string // the first Django version without the pattern
	Why     string
}

type sourceTruth struct {
	Bad, Good []sourceView
	Elsewhere []sourceFinding
}

func readSourceTruth(t *testing.T) sourceTruth {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(project, "source.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth sourceTruth
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth.Bad) < 140 || len(truth.Good) < 170 {
		t.Fatalf("only %d bad and %d good views: was the truth cut?", len(truth.Bad), len(truth.Good))
	}
	return truth
}

// TestSource reads the project alone, without a log, and compares both ways:
// every bad view found at its queryset, nothing else reported.
func TestSource(t *testing.T) {
	truth := readSourceTruth(t)
	r, err := analyzer.Run(context.Background(), analyzer.Config{Source: project, DjangoVersion: "5.2"})
	if err != nil {
		t.Fatal(err)
	}
	left := slices.Clone(r.Findings)
	files := sourceFiles{}
	for _, v := range truth.Bad {
		t.Run(v.View, func(t *testing.T) {
			if len(v.Findings) == 0 && v.Why == "" {
				t.Error("a bad view with neither findings nor a reason")
			}
			for _, want := range v.Findings {
				i := slices.IndexFunc(left, func(f finding.Finding) bool { return files.fits(t, v.View, want, f) == "" })
				if i < 0 {
					t.Errorf("not found: %s %s at %s%s", want.Code, strings.Join(want.Subject, " or "), strings.Join(want.Query, " or "), files.nearest(t, v.View, want, left))
					continue
				}
				left = slices.Delete(left, i, i+1)
			}
		})
	}
	for _, v := range slices.Concat(truth.Bad, truth.Good) {
		left = slices.DeleteFunc(left, func(f finding.Finding) bool { return files.anyOf(t, v.View, v.Allowed, f) })
	}
	left = slices.DeleteFunc(left, func(f finding.Finding) bool { return files.anyOf(t, "", truth.Elsewhere, f) })
	for _, f := range left {
		t.Errorf("reported, but not true: %s", where(f))
	}
}

func where(f finding.Finding) string {
	return fmt.Sprintf("%s %s at %s:%d:%d in %s: %s", f.Code, f.Subject, f.Location.Path, f.Location.Line, f.Location.Column, f.Function, f.Message)
}

// sourceFiles holds the lines of the project's files.
type sourceFiles map[string][]string

func (s sourceFiles) lines(t *testing.T, path string) []string {
	t.Helper()
	if s[path] == nil {
		b, err := os.ReadFile(filepath.Join(project, path))
		if err != nil {
			t.Fatal(err)
		}
		s[path] = strings.Split(string(b), "\n")
	}
	return s[path]
}

func (s sourceFiles) anyOf(t *testing.T, view string, wants []sourceFinding, f finding.Finding) bool {
	return slices.ContainsFunc(wants, func(w sourceFinding) bool { return s.fits(t, view, w, f) == "" })
}

// nearest lists the findings left in the view, for the message.
func (s sourceFiles) nearest(t *testing.T, view string, want sourceFinding, left []finding.Finding) string {
	var b strings.Builder
	want.Code, want.Subject, want.Query = "", nil, nil
	for _, f := range left {
		want.Code = f.Code
		if s.fits(t, view, want, f) == "" {
			b.WriteString("\n\tthere is: " + where(f))
		}
	}
	return b.String()
}

// fits says what speaks against f being what the truth wants of a view, "" when
// nothing does.
func (s sourceFiles) fits(t *testing.T, view string, want sourceFinding, f finding.Finding) string {
	t.Helper()
	if f.Code != want.Code {
		return "another code"
	}
	if len(want.Subject) > 0 && !slices.ContainsFunc(want.Subject, func(p string) bool { return strings.HasPrefix(f.Subject, p) }) {
		return "another subject"
	}
	path, name := want.Path, want.Within
	if path == "" {
		dot := strings.LastIndexByte(view, '.')
		path, name = strings.ReplaceAll(view[:dot], ".", "/")+".py", view[dot+1:]
	}
	if f.Location.Path != path {
		return "another file"
	}
	lines := s.lines(t, path)
	first, last := definition(t, lines, name)
	if f.Location.Line < first || f.Location.Line > last {
		return "another function"
	}
	if len(want.Query) == 0 {
		return ""
	}
	text := string([]rune(lines[f.Location.Line-1])[f.Location.Column-1:])
	if !slices.ContainsFunc(want.Query, func(q string) bool { return strings.HasPrefix(text, q) }) {
		return "another expression"
	}
	return ""
}

// definition is the first and the last line of a function or class with its
// decorator, all lines when name is "".
func definition(t *testing.T, lines []string, name string) (first, last int) {
	t.Helper()
	if name == "" {
		return 1, len(lines)
	}
	head := regexp.MustCompile(`^\s*(async def|def|class) ` + regexp.QuoteMeta(name) + `\b`)
	first = slices.IndexFunc(lines, head.MatchString)
	if first < 0 {
		t.Fatalf("source.json: no %s", name)
	}
	for last = first + 1; last < len(lines); last++ {
		if l := lines[last]; l != "" && !strings.ContainsAny(l[:1], " )]}\t") {
			break
		}
	}
	return first, last
}
