package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/rules"
)

// Every key of a settings file must reach the analyzer, its paths as seen from
// the current folder, and flags must stand above it.
func TestSettingsReachTheAnalyzer(t *testing.T) {
	dir := t.TempDir()
	for _, folder := range []string{".git", "backend", "backend/src", "here"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"db.sql": "", "ormlint.toml": `select = ["QP1"]
ignore = ["QP105"]
min-calls = 12
source = "backend"
source-roots = ["backend/src"]
source-tests = true
django-version = "5.2"
schema = "db.sql"
baseline = "known.json"
strict-baseline = true
severity.n-plus-one = "error"
per-file-ignores."a/*.py" = ["QP101"]
thresholds.slow-query-ms = 7
path-map."/app" = "backend/src"
budgets.x.queries = 3
`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Join(dir, "here"))
	limits := rules.DefaultThresholds()
	limits.SlowQueryMS = 7
	up := func(path string) string { return filepath.Join("..", filepath.FromSlash(path)) }
	file := func() analyzer.Config {
		return analyzer.Config{
			Paths: []string{"x.log"}, Select: []string{"QP1"}, Ignore: []string{"QP105"}, MinCalls: 12,
			Source: up("backend"), SourceRoots: []string{up("backend/src")}, Tests: true, DjangoVersion: "5.2",
			Schema: up("db.sql"), Baseline: up("known.json"), StrictBaseline: true,
			Severities:     map[string]finding.Severity{"QP101": finding.Error},
			PerFileIgnores: []analyzer.FileIgnores{{Folder: "..", Pattern: "a/*.py", Rules: []string{"QP101"}}},
			Thresholds:     limits, PathMap: []analyzer.PathMap{{From: "/app", To: up("backend/src")}},
			Budgets: []rules.Budget{{Pattern: "x", Queries: 3}},
		}
	}
	for _, c := range []struct {
		name   string
		args   []string
		change func(*analyzer.Config)
	}{
		{"the file alone", nil, func(*analyzer.Config) {}},
		{"--select", []string{"--select", "QP2"}, func(c *analyzer.Config) { c.Select, c.Ignore = []string{"QP2"}, nil }},
		{"--ignore", []string{"--ignore", "QP2"}, func(c *analyzer.Config) { c.Ignore = []string{"QP105", "QP2"} }},
		{"both", []string{"--ignore", "QP2", "--select", "QP3"}, func(c *analyzer.Config) { c.Select, c.Ignore = []string{"QP3"}, []string{"QP2"} }},
		{"the others", []string{"--min-calls", "3", "--source", "a", "--source-tests=false", "--django-version", "4.2", "--schema", "b"}, func(c *analyzer.Config) {
			c.MinCalls, c.Source, c.Tests, c.DjangoVersion, c.Schema = 3, "a", false, "4.2", "b"
		}},
		{"--no-config", []string{"--no-config"}, func(c *analyzer.Config) {
			*c = analyzer.Config{Paths: c.Paths, MinCalls: rules.DefaultMinCalls, Thresholds: rules.DefaultThresholds(), Severities: map[string]finding.Severity{}}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got analyzer.Config
			analyze := func(_ context.Context, c analyzer.Config) (*finding.Report, error) {
				got = c
				return &finding.Report{Run: finding.Run{Statements: 1, Took: time.Second}}, nil
			}
			r := runApp(t, t.Context(), analyze, nil, append([]string{"check", "x.log"}, c.args...)...)
			want := file()
			c.change(&want)
			if len(got.Ignore) == 0 {
				got.Ignore = nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("exit %d %s\ngot  %+v\nwant %+v", r.code, r.stderr, got, want)
			}
		})
	}
}
