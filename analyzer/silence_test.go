package analyzer_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/baseline"
	"github.com/ormlint/ormlint/analyzer/finding"
)

const scenarios = "../testdata/logs/scenarios"

func runOn(t *testing.T, c analyzer.Config) *finding.Report {
	t.Helper()
	if !analyzer.ReadsSource {
		t.Skip("this build cannot read source")
	}
	r, err := analyzer.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestCommentsSilenceTheProject puts a comment above the line of each finding
// of the project: then there is none, and no comment is unused; nor is one when
// a log leads to some of the files only.
func TestCommentsSilenceTheProject(t *testing.T) {
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(project)); err != nil {
		t.Fatal(err)
	}
	before := runOn(t, analyzer.Config{Source: dir})
	codes := map[string]map[int][]string{}
	for _, f := range before.Findings {
		at := f.Location
		if codes[at.Path] == nil {
			codes[at.Path] = map[int][]string{}
		}
		if !slices.Contains(codes[at.Path][at.Line], f.Code) {
			codes[at.Path][at.Line] = append(codes[at.Path][at.Line], f.Code)
		}
	}
	for path, lines := range codes {
		b, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		form := "# ormlint: ignore[%s] known"
		if !strings.HasSuffix(path, ".py") {
			form = "{# ormlint: ignore[%s] known #}"
		}
		text := strings.Split(string(b), "\n")
		for _, n := range slices.Backward(slices.Sorted(maps.Keys(lines))) {
			text = slices.Insert(text, n-1, fmt.Sprintf(form, strings.Join(lines[n], ", ")))
		}
		if err := os.WriteFile(filepath.Join(dir, path), []byte(strings.Join(text, "\n")), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	after := runOn(t, analyzer.Config{Source: dir})
	for _, f := range after.Findings {
		t.Errorf("not silenced: %s", where(f))
	}
	if len(after.Suppressed) != len(before.Findings) || len(before.Findings) < 100 {
		t.Errorf("%d findings are silenced of %d", len(after.Suppressed), len(before.Findings))
	}
	logged := runOn(t, analyzer.Config{Source: dir, Paths: []string{scenarios}})
	for _, f := range logged.Findings {
		if strings.HasPrefix(f.Code, "QP9") {
			t.Errorf("with a log: %s", where(f))
		}
	}
}

// TestBaselineAcrossRuns writes a baseline from one run and reads it in
// another: what both can find is known, and nothing is stale.
func TestBaselineAcrossRuns(t *testing.T) {
	logs, err := filepath.Glob(scenarios + "/*")
	if err != nil || len(logs) < 3 {
		t.Fatalf("%d logs, %v", len(logs), err)
	}
	backwards := slices.Clone(logs)
	slices.Reverse(backwards)
	source := analyzer.Config{Source: project}
	both := analyzer.Config{Source: project, Paths: logs}
	tests := []struct {
		name     string
		from, to analyzer.Config
		same     bool // both find the same
	}{
		{"the source again", source, source, true},
		{"logs and source again", both, both, true},
		{"another order of inputs", both, analyzer.Config{Source: project, Paths: backwards}, true},
		{"each log twice", both, analyzer.Config{Source: project, Paths: append(slices.Clone(logs), logs...)}, true},
		{"one worker, small blocks", both, analyzer.Config{Source: project, Paths: logs, Workers: 1, BlockBytes: 64 << 10}, true},
		{"source, then logs", source, both, false},
		{"logs, then source", both, source, false},
		{"source, then one log", source, analyzer.Config{Source: project, Paths: logs[:1]}, false},
		{"source, then a log alone", source, analyzer.Config{Paths: logs}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var known []finding.Known
			for _, f := range runOn(t, tt.from).Findings {
				known = append(known, baseline.Of(&f))
			}
			tt.to.Baseline = filepath.Join(t.TempDir(), baseline.Name)
			if err := os.WriteFile(tt.to.Baseline, baseline.Format(known), 0o666); err != nil {
				t.Fatal(err)
			}
			r := runOn(t, tt.to)
			for _, k := range r.Stale {
				t.Errorf("stale: %s %s in %s", k.Code, k.Subject, k.Place)
			}
			if tt.same && (len(r.Findings) > 0 || len(r.Suppressed) != len(known)) {
				t.Errorf("%d new, %d known of %d", len(r.Findings), len(r.Suppressed), len(known))
			}
		})
	}
}
