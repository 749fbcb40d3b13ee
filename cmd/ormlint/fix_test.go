package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// standIn is an analyzer of one file that finds what the tests put there:
//
//	join X    a safe edit: the word becomes joined
//	risk X    an unsafe one
//	maybe X   a safe one of a finding that is only possible
//	plain X   none
//	pair X    two findings that change the same word: joined, then done
func standIn(meanwhile func()) func(context.Context, analyzer.Config) (*finding.Report, error) {
	return func(_ context.Context, c analyzer.Config) (*finding.Report, error) {
		b, err := os.ReadFile(filepath.Join(c.Source, "app", "views.py"))
		if err != nil {
			return nil, err
		}
		r := &finding.Report{Run: finding.Run{Source: &finding.Source{
			Root: c.Source, Prefix: "src/", Files: 1,
			Text: func(string) []byte { return b },
		}}}
		text := string(b)
		for _, word := range []string{"join", "risk", "maybe", "plain", "pair", "half"} {
			i := strings.Index(text, word+" ")
			if i < 0 {
				continue
			}
			s := source.Span{Path: "src/app/views.py", Start: i, End: i + len(word), Line: 1 + strings.Count(text[:i], "\n"), Column: 1, EndColumn: 2}
			f := finding.Finding{
				Key: finding.Key{Rule: "n-plus-one", Subject: word}, Code: "QP101", Confidence: finding.Likely, Severity: finding.Warning,
				Location: s, Rewrites: []finding.Rewrite{{Title: "no edits"}},
			}
			edit := func(now string, safe bool) finding.Rewrite {
				return finding.Rewrite{Title: "make it " + now, Safe: safe, Edits: []finding.Edit{{Span: s, Text: now}}}
			}
			switch word {
			case "join", "half":
				f.Rewrites = append(f.Rewrites, edit("joined", true))
			case "risk":
				f.Rewrites = append(f.Rewrites, edit("risked", false))
			case "maybe":
				f.Confidence = finding.Possible
				f.Rewrites = append(f.Rewrites, edit("been", true))
			case "pair":
				other := f
				other.Subject = "other"
				other.Rewrites = []finding.Rewrite{edit("done", true)}
				f.Rewrites = []finding.Rewrite{edit("half", true)}
				r.Findings = append(r.Findings, other)
				f, r.Findings[len(r.Findings)-1] = other, f
			}
			r.Findings = append(r.Findings, f)
		}
		if meanwhile != nil {
			meanwhile()
		}
		return r, nil
	}
}

// project makes a source folder with the text in src/app/views.py.
func project(t *testing.T, text string) (root, path string) {
	t.Helper()
	root = filepath.Join(t.TempDir(), "src")
	path = filepath.Join(root, "app", "views.py")
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	old := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	return root, path
}

func content(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFix(t *testing.T) {
	const text = "join 1\r\nrisk 2\nmaybe 3\nplain 4"
	tests := []struct {
		name   string
		text   string
		args   []string
		want   string // of the file
		stdout string
	}{
		{
			"safe", text, nil, "joined 1\r\nrisk 2\nmaybe 3\nplain 4",
			"fixed 1 finding in 1 file\n  src/app/views.py:1 QP101 join: make it joined\nleft as they are\n" +
				"  src/app/views.py:2 QP101 risk: results may change: --unsafe-fixes takes it\n" +
				"  src/app/views.py:3 QP101 maybe: only possible: --unsafe-fixes takes it\n" +
				"  src/app/views.py:4 QP101 plain: no edit is known\n",
		},
		{
			"all", text,
			[]string{"--unsafe-fixes"},
			"joined 1\r\nrisked 2\nbeen 3\nplain 4",
			"fixed 3 findings in 1 file\n  src/app/views.py:1 QP101 join: make it joined\n  src/app/views.py:2 QP101 risk: make it risked\n" +
				"  src/app/views.py:3 QP101 maybe: make it been\nleft as they are\n  src/app/views.py:4 QP101 plain: no edit is known\n",
		},
		{
			"again for what was in the way", "pair 1\n", nil, "joined 1\n",
			"fixed 2 findings in 1 file\n  src/app/views.py:1 QP101 pair: make it half\n  src/app/views.py:1 QP101 half: make it joined\n",
		},
		{"nothing", "x\n", nil, "x\n", "nothing changed\n"},
		{"dry", "join 1\n", []string{"--dry-run"}, "join 1\n", "--- a/src/app/views.py\n+++ b/src/app/views.py\n@@ -1 +1 @@\n-join 1\n+joined 1\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			root, path := project(t, tt.text)
			args := append([]string{"fix", "--source", root}, tt.args...)
			r := runApp(t, t.Context(), standIn(nil), nil, args...)
			if got := content(t, path); got != tt.want {
				t.Errorf("file: got %q, want %q", got, tt.want)
			}
			if r.stdout != tt.stdout || r.code != exitClean {
				t.Errorf("code %d, stdout\n%s\nwant\n%s\nstderr %s", r.code, r.stdout, tt.stdout, r.stderr)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("mode: %v, %v", info.Mode(), err)
			}
			if left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			before := content(t, path)
			runApp(t, t.Context(), standIn(nil), nil, args...)
			if got := content(t, path); got != before {
				t.Errorf("a second time: got %q, want %q", got, before)
			}
		})
	}
}

// A file that changes between reading and writing stays as it is.
func TestFixRefuses(t *testing.T) {
	root, path := project(t, "join 1\n")
	change := func() {
		if err := os.WriteFile(path, []byte("join 1\nmore\n"), 0o640); err != nil {
			t.Error(err)
		}
	}
	r := runApp(t, t.Context(), standIn(change), nil, "fix", "--source", root)
	if got := content(t, path); got != "join 1\nmore\n" || r.code != exitUsage ||
		!strings.Contains(r.stderr, "src/app/views.py: it was changed since it was read") || !strings.Contains(r.stdout, "nothing changed\n") {
		t.Errorf("file %q, run %+v", got, r)
	}
	gone := func() { os.Remove(path) }
	r = runApp(t, t.Context(), standIn(gone), nil, "fix", "--source", root)
	if r.code != exitUsage || !strings.Contains(r.stderr, "src/app/views.py: no such file or directory") {
		t.Errorf("run %+v", r)
	}
}

// A link stays a link; the file it leads to is changed.
func TestFixFollowsLinks(t *testing.T) {
	root, path := project(t, "join 1\n")
	real := filepath.Join(root, "real.py")
	if err := os.Rename(path, real); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, path); err != nil {
		t.Skip(err)
	}
	runApp(t, t.Context(), standIn(nil), nil, "fix", "--source", root)
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("no link any more: %v", err)
	}
	if got := content(t, real); got != "joined 1\n" {
		t.Errorf("got %q", got)
	}
}

func TestDiffFlag(t *testing.T) {
	root, path := project(t, "join 1\nrisk 2\nplain 3\n")
	r := runApp(t, t.Context(), standIn(nil), nil, "check", "--source", root, "--diff")
	if r.code != exitFindings || r.stderr != "ormlint: not in the diff: 1 without an edit, 1 with edits that may change results (--unsafe-fixes)\n" {
		t.Errorf("run %+v", r)
	}
	r = runApp(t, t.Context(), standIn(nil), nil, "check", "--source", root, "--diff", "--unsafe-fixes")
	cmd := exec.Command("git", "apply")
	cmd.Dir = filepath.Dir(root)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(filepath.Dir(root)))
	cmd.Stdin = strings.NewReader(r.stdout)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, r.stdout)
	}
	if got, want := content(t, path), "joined 1\nrisked 2\nplain 3\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r = runApp(t, t.Context(), standIn(nil), nil, "check", "--source", root, "--diff", "--format", "json")
	if r.code != exitUsage || r.stdout != "" {
		t.Errorf("run %+v", r)
	}
}

func TestFixWithoutSource(t *testing.T) {
	t.Chdir(t.TempDir())
	r := runApp(t, t.Context(), standIn(nil), nil, "fix")
	if r.code != exitUsage || !strings.Contains(r.stderr, "ormlint: no source to change\n") {
		t.Errorf("run %+v", r)
	}
}
