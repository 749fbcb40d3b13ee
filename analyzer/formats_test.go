package analyzer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

func run(t testing.TB, c analyzer.Config) *finding.Report {
	t.Helper()
	r, err := analyzer.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// digest is what must not depend on the form of the log: all but paths, lines
// and the description of the input.
func digest(r *finding.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d statements, %v, %d units, %d exact\n", r.Run.Statements, r.Run.Took, r.Run.Units, r.Run.ExactUnits)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s %s %v %+v %q\n", f.Code, f.Subject, f.Confidence, f.Cost, f.Endpoints)
	}
	for _, e := range r.Endpoints {
		fmt.Fprintf(&b, "%+v\n", e)
	}
	for _, s := range r.Shapes {
		fmt.Fprintf(&b, "%+v\n", s)
	}
	return b.String()
}

// diff shows the first lines that differ.
func diff(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d\n  %s\n  %s", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// TestFormatsAgree reads what one server run wrote as stderr, csv and json.
func TestFormatsAgree(t *testing.T) {
	var stems []string
	for _, dir := range []string{"settings", "scenarios", "comments"} {
		found, err := filepath.Glob(filepath.Join(logs, dir, "*.log"))
		if err != nil {
			t.Fatal(err)
		}
		stems = append(stems, found...)
	}
	compared := 0
	for _, path := range stems {
		want := digest(run(t, analyzer.Config{Paths: []string{path}}))
		for _, ext := range []string{".csv", ".json"} {
			other := strings.TrimSuffix(path, ".log") + ext
			if _, err := os.Stat(other); err != nil {
				continue
			}
			compared++
			if got := digest(run(t, analyzer.Config{Paths: []string{other}})); got != want {
				t.Errorf("%s differs from %s: %s", other, filepath.Base(path), diff(want, got))
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d pairs compared", compared)
	}
}

// TestPrefixes reads the same traffic under every prefix. Without a process
// id in the prefix sessions cannot be told apart, so there only what was read
// must agree.
func TestPrefixes(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(logs, "prefixes.json"))
	if err != nil {
		t.Fatal(err)
	}
	var prefixes map[string]string
	if err := json.Unmarshal(b, &prefixes); err != nil {
		t.Fatal(err)
	}
	if len(prefixes) < 20 {
		t.Fatalf("only %d prefixes", len(prefixes))
	}
	for _, file := range slices.Sorted(maps.Keys(prefixes)) {
		prefix := prefixes[file]
		for _, given := range []string{"", prefix} {
			r := run(t, analyzer.Config{Paths: []string{filepath.Join(logs, "prefixes", file)}, Prefix: given})
			in := r.Run.Inputs[0]
			lost := in.Skipped > 0 && !(prefix == "%m %a " && given == "") // an application called "web, [1] (blue)" looks like more than %a
			if in.Problem != "" || lost || r.Run.Statements < 20 {
				t.Errorf("%q (%s, given %t): %d statements, %d skipped, %s", prefix, file, given != "", r.Run.Statements, in.Skipped, in.Problem)
				continue
			}
			if prefix == "%m [%p] %a: " && given == "" {
				continue // an application's name that is a log entry: nobody can tell
			}
			if len(r.Findings) == 0 || r.Findings[0].Code != "QP101" {
				t.Errorf("%q (%s, given %t): the loop was not found in %s", prefix, file, given != "", in.Chain)
			}
		}
	}
}

// TestSpread: workers and blocks change nothing.
func TestSpread(t *testing.T) {
	for _, path := range []string{"talk.log", "settings", "comments", "django"} {
		path = filepath.Join(logs, path)
		want := ""
		for _, workers := range []int{1, 2, 5} {
			for _, block := range []int{300, 4096, 1 << 20} {
				r := run(t, analyzer.Config{Paths: []string{path}, Workers: workers, BlockBytes: block})
				b, err := json.Marshal(r)
				if err != nil {
					t.Fatal(err)
				}
				if want == "" {
					want = string(b)
				}
				if string(b) != want {
					t.Errorf("%s: %d workers, blocks of %d: another report", path, workers, block)
				}
			}
		}
	}
}
