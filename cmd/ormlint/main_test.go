package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"ormlint": main})
}

// TestScripts drives the real command over small logs, as users do.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup:               setup,
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"exits": exits},
	})
}

// setup puts the logs that several scripts read into the script's folder. No
// settings file above that folder counts, since it holds .git.
func setup(e *testscript.Env) error {
	repo, err := filepath.Abs("../..")
	if err != nil {
		return err
	}
	e.Setenv("REPO", repo)
	if err := os.Mkdir(filepath.Join(e.WorkDir, ".git"), 0o777); err != nil {
		return err
	}
	logs, err := filepath.Glob(filepath.Join(repo, "testdata", "script", "*.log"))
	if err != nil {
		return err
	}
	for _, path := range logs {
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(e.WorkDir, filepath.Base(path)), b, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// exits runs a command and compares its exit code: exits 2 ormlint check x.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) {
		got = strconv.Itoa(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}

// A run is one call of app.main with a stand-in for the analyzer, for what
// no log can bring about.
type run struct {
	code           int
	stdout, stderr string
}

func runApp(t *testing.T, ctx context.Context, analyze func(context.Context, analyzer.Config) (*finding.Report, error), env map[string]string, args ...string) run {
	t.Helper()
	dir := t.TempDir()
	open := func(name string) *os.File {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	a := &app{
		stdout: open("stdout"), stderr: open("stderr"),
		getenv: func(k string) string { return env[k] }, run: analyze,
	}
	r := run{code: a.main(ctx, args)}
	read := func(f *os.File) string {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	r.stdout, r.stderr = read(a.stdout), read(a.stderr)
	return r
}

func TestPanicIsInternalError(t *testing.T) {
	analyze := func(context.Context, analyzer.Config) (*finding.Report, error) { panic("shape 7 has no text\x1b[2J") }
	r := runApp(t, t.Context(), analyze, nil, "check", "x")
	want := "ormlint: internal error: shape 7 has no text\\x1b[2J\n" +
		"ormlint: hint: this is a bug in ormlint: please report it with the output of ORMLINT_DEBUG=1\n"
	if r.code != exitInternal || r.stderr != want || r.stdout != "" {
		t.Errorf("got %+v, want code 3 and %q", r, want)
	}
	r = runApp(t, t.Context(), analyze, map[string]string{"ORMLINT_DEBUG": "1"}, "check", "x")
	if r.code != exitInternal || !strings.Contains(r.stderr, "main_test.go") {
		t.Errorf("with ORMLINT_DEBUG: got %+v, want a stack", r)
	}
}

func TestInterrupt(t *testing.T) {
	clean := func(ctx context.Context, _ analyzer.Config) (*finding.Report, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	hung := func(context.Context, analyzer.Config) (*finding.Report, error) { select {} }
	for name, analyze := range map[string]func(context.Context, analyzer.Config) (*finding.Report, error){"clean": clean, "hung": hung} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(20*time.Millisecond, cancel)
			r := runApp(t, ctx, analyze, nil, "check", "x")
			if r.code != exitInterrupted || r.stderr != "ormlint: interrupted\n" || r.stdout != "" {
				t.Errorf("got %+v, want code 130", r)
			}
		})
	}
}

// sample is a report with one finding of the given kind.
func sample(s finding.Severity, c finding.Confidence) *finding.Report {
	return &finding.Report{
		Run:      finding.Run{Statements: 1, Inputs: []finding.Input{{Path: "a.log", Statements: 1}}},
		Findings: []finding.Finding{{Code: "QP101", Severity: s, Confidence: c}},
	}
}

func TestExitCode(t *testing.T) {
	with := func(r *finding.Report, in ...finding.Input) *finding.Report {
		r.Run.Inputs = append(r.Run.Inputs, in...)
		return r
	}
	named := finding.Input{Path: "named.log", Problem: "no such file"}
	found := finding.Input{Path: "folder/found.log", Problem: "binary"}
	void := finding.Input{Path: "named.log", Problem: "empty file", Empty: true}
	tests := []struct {
		name       string
		r          *finding.Report
		failOn     string
		allowEmpty bool
		want       int
	}{
		{"nothing found", &finding.Report{Run: finding.Run{Statements: 1}}, "note", false, exitClean},
		{"warning fails by default", sample(finding.Warning, finding.Likely), "warning", false, exitFindings},
		{"note does not", sample(finding.Note, finding.Proven), "warning", false, exitClean},
		{"note when asked", sample(finding.Note, finding.Proven), "note", false, exitFindings},
		{"possible never", sample(finding.Error, finding.Possible), "note", false, exitClean},
		{"warning is no error", sample(finding.Warning, finding.Proven), "error", false, exitClean},
		{"error", sample(finding.Error, finding.Proven), "error", false, exitFindings},
		{"never", sample(finding.Error, finding.Proven), "never", false, exitClean},
		{"named input unread", with(sample(finding.Error, finding.Proven), named), "never", false, exitUsage},
		{"and allow-empty", with(sample(finding.Error, finding.Proven), named), "never", true, exitUsage},
		{"found input unread", with(sample(finding.Error, finding.Proven), found), "never", false, exitClean},
		{"empty input beside others", with(sample(finding.Error, finding.Proven), void), "never", false, exitClean},
		{"empty input alone", with(&finding.Report{}, void), "never", false, exitUsage},
		{"empty input allowed", with(&finding.Report{}, void), "never", true, exitClean},
		{"nothing read", with(&finding.Report{}, found), "never", false, exitUsage},
	}
	t.Run("stale entries", func(t *testing.T) {
		r := &finding.Report{Run: finding.Run{Statements: 1}, Stale: []finding.Known{{Code: "QP101"}}}
		f := &checkFlags{settingFlags: settingFlags{failOn: "never"}}
		if got := exitCode(r, f); got != exitClean {
			t.Errorf("got %d, want %d", got, exitClean)
		}
		f.StrictBaseline = true
		if got := exitCode(r, f); got != exitFindings {
			t.Errorf("strict: got %d, want %d", got, exitFindings)
		}
	})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := &checkFlags{allowEmpty: tt.allowEmpty}
			f.failOn = tt.failOn
			f.Paths = []string{"a.log", "named.log", "folder"}
			if got := exitCode(tt.r, f); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

// All flags must reach the analyzer.
func TestConfig(t *testing.T) {
	var got analyzer.Config
	analyze := func(_ context.Context, c analyzer.Config) (*finding.Report, error) {
		got = c
		return &finding.Report{}, nil
	}
	runApp(t, t.Context(), analyze, nil, "check", "a", "-", "--input-format", "django", "--log-line-prefix", "%m ", "--schema", "s.sql",
		"--select", "QP1,n-plus-one", "--select", "QP404", "--ignore", "qp2", "--min-calls", "7", "--workers", "3", "--baseline", "b.json", "--strict-baseline", "--new-from-merge-base", "main")
	switch {
	case strings.Join(got.Paths, " ") != "a -", got.Format != "django", got.Prefix != "%m ", got.Schema != "s.sql",
		strings.Join(got.Select, " ") != "QP1 n-plus-one QP404", strings.Join(got.Ignore, " ") != "qp2", got.MinCalls != 7, got.Workers != 3:
		t.Errorf("got %+v", got)
	case got.Baseline != "b.json", !got.StrictBaseline, got.NewSince != "main":
		t.Errorf("got %+v", got)
	case got.Progress != nil:
		t.Error("progress is shown on what is no terminal")
	}
}
