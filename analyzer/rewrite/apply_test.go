package rewrite_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

func edit(start, end int, text string) finding.Edit {
	return finding.Edit{Span: source.Span{Path: "a.py", Start: start, End: end}, Text: text}
}

func TestApply(t *testing.T) {
	const text = "0123456789"
	tests := []struct {
		name  string
		edits []finding.Edit
		want  string
		err   error
	}{
		{"nothing", nil, text, nil},
		{"unsorted", []finding.Edit{edit(5, 6, "b"), edit(1, 2, "a")}, "0a234b6789", nil},
		{"twice the same", []finding.Edit{edit(1, 1, "a"), edit(1, 1, "a")}, "0a123456789", nil},
		{"two insertions", []finding.Edit{edit(1, 1, "a"), edit(1, 1, "b")}, "0ab123456789", nil},
		{"insertion at a replacement", []finding.Edit{edit(1, 3, "x"), edit(1, 1, "a")}, "0ax3456789", nil},
		{"touching", []finding.Edit{edit(1, 3, "x"), edit(3, 4, "y")}, "0xy456789", nil},
		{"overlap", []finding.Edit{edit(1, 3, "x"), edit(2, 4, "y")}, "", rewrite.ErrOverlap},
		{"inside", []finding.Edit{edit(1, 5, "x"), edit(2, 2, "y")}, "", rewrite.ErrOverlap},
		{"beyond", []finding.Edit{edit(9, 11, "x")}, "", rewrite.ErrRange},
		{"at the end", []finding.Edit{edit(10, 10, "x")}, text + "x", nil},
		{"backwards", []finding.Edit{edit(5, 4, "x")}, "", rewrite.ErrRange},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := rewrite.Apply([]byte(text), tt.edits)
			if !errors.Is(err, tt.err) || string(got) != tt.want {
				t.Errorf("got %q, %v; want %q, %v", got, err, tt.want, tt.err)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	tests := []struct {
		name string
		in   [][]finding.Edit
		want string
		left int
	}{
		{"apart", [][]finding.Edit{{edit(1, 1, "a")}, {edit(2, 2, "b")}}, "0a1b23456789", 0},
		{"joined", [][]finding.Edit{{edit(4, 4, `.select_related("a")`)}, {edit(4, 4, `.select_related("b")`)}}, `0123.select_related("a", "b")456789`, 0},
		{"three", [][]finding.Edit{{edit(4, 4, `.select_related("a")`)}, {edit(4, 4, `.prefetch_related("t")`)}, {edit(4, 4, `.select_related("a__b")`)}}, `0123.select_related("a__b").prefetch_related("t")456789`, 0},
		{"lines", [][]finding.Edit{{edit(4, 4, "\n  .select_related(\"a\")")}, {edit(4, 4, "\n  .select_related(\"b\")\n  .prefetch_related(\"t\")")}}, "0123\n  .select_related(\"a\", \"b\")\n  .prefetch_related(\"t\")456789", 0},
		{"arguments", [][]finding.Edit{{edit(4, 4, `, "a"`)}, {edit(4, 4, `, "b"`)}}, `0123, "a", "b"456789`, 0},
		{"argument lines", [][]finding.Edit{{edit(4, 4, "\n  \"a\",")}, {edit(4, 4, "\n  \"b\",")}}, "0123\n  \"a\",\n  \"b\",456789", 0},
		{"names", [][]finding.Edit{{edit(4, 4, `, Sum`)}, {edit(4, 4, `, Count`)}}, `0123, Count, Sum456789`, 0},
		{"imports", [][]finding.Edit{{edit(0, 0, "from a import B\n")}, {edit(0, 0, "from a import A\n")}, {edit(0, 0, "from b import C\n")}}, "from a import A, B\nfrom b import C\n0123456789", 0},
		{"clash", [][]finding.Edit{{edit(1, 3, "x")}, {edit(2, 4, "y"), edit(7, 8, "z")}}, "0x3456789", 1},
		{"not joinable", [][]finding.Edit{{edit(4, 4, `.annotate(a=1)`)}, {edit(4, 4, `.annotate(b=1)`)}}, `0123.annotate(a=1)456789`, 1},
		{"a refused rewrite joins nothing", [][]finding.Edit{{edit(4, 4, `.select_related("a")`), edit(6, 7, "x")}, {edit(4, 4, `.select_related("b")`), edit(6, 7, "y")}}, `0123.select_related("a")45x789`, 1},
		{"the same", [][]finding.Edit{{edit(1, 3, "x")}, {edit(1, 3, "x")}}, "0x3456789", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var choices []rewrite.Choice
			for _, edits := range tt.in {
				choices = append(choices, rewrite.Choice{Name: "n", Rewrite: finding.Rewrite{Edits: edits}})
			}
			edits, made, left := rewrite.Merge(choices)
			got, err := rewrite.Apply([]byte("0123456789"), edits)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if len(left) != tt.left || len(made) != len(tt.in)-tt.left {
				t.Errorf("made %v, left %v", made, left)
			}
		})
	}
}

// Of one queryset's rewrites only eager loading goes together.
func TestMergeOfOneQueryset(t *testing.T) {
	choice := func(place int, edits ...finding.Edit) rewrite.Choice {
		return rewrite.Choice{Name: "n", Rewrite: finding.Rewrite{Edits: edits}, Place: source.Span{Path: "a.py", Start: place, End: place + 5}}
	}
	only, join, path := edit(9, 9, `.only("a")`), edit(4, 4, `, "b"`), edit(2, 3, `"c__d"`)
	tests := []struct {
		name string
		in   []rewrite.Choice
		left int
	}{
		{"only, join", []rewrite.Choice{choice(1, only), choice(3, join)}, 1},
		{"join, only", []rewrite.Choice{choice(1, join), choice(1, only)}, 1},
		{"of two querysets", []rewrite.Choice{choice(1, join), choice(6, only)}, 0},
		{"joins", []rewrite.Choice{choice(1, join), choice(1, path), choice(1, edit(0, 0, "from a import b\n"), edit(9, 9, `.prefetch_related("x")`))}, 0},
		{"the same", []rewrite.Choice{choice(1, only), choice(1, only)}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, made, left := rewrite.Merge(tt.in); len(left) != tt.left || len(made) != len(tt.in)-tt.left {
				t.Errorf("made %v, left %v", made, left)
			}
		})
	}
}

func TestDiff(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git")
	}
	files := map[string]string{
		"b/last.py": "import os\nx = 1",
		"a.py":      "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\n",
		"crlf.py":   "a\r\nb\r\nc\r\n",
		"ü b.py":    "a\nb\n",
		"q\"t.py":   "a\nb\n",
		"same.py":   "a\n",
	}
	at := func(path string, start, end int, text string) finding.Edit {
		return finding.Edit{Span: source.Span{Path: path, Start: start, End: end}, Text: text}
	}
	edits := []finding.Edit{
		at("b/last.py", 15, 15, "0"), at("a.py", 2, 3, "B\nBB"), at("a.py", 24, 26, ""), at("crlf.py", 3, 4, "B\r\nBB"),
		at("ü b.py", 0, 1, "A"), at("q\"t.py", 0, 1, "A"), at("same.py", 0, 1, "a"),
	}
	text := func(path string) []byte {
		if s, ok := files[path]; ok {
			return []byte(s)
		}
		return nil
	}
	diff, err := rewrite.Diff(text, edits)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for path, s := range files {
		write(t, filepath.Join(dir, path), s)
	}
	write(t, filepath.Join(dir, "x.diff"), diff)
	cmd := exec.Command(git, "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "x.diff")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, diff)
	}
	for path, s := range files {
		want, err := rewrite.Apply([]byte(s), rewrite.Of(path, edits))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != string(want) {
			t.Errorf("%s: got %q, want %q\n%s", path, got, want, diff)
		}
	}
	if _, err := rewrite.Diff(text, []finding.Edit{at("none.py", 0, 0, "x")}); err == nil {
		t.Error("a missing file is no error")
	}
	if _, err := rewrite.Diff(text, []finding.Edit{at("a.py", 0, 99, "x")}); err == nil {
		t.Error("a wrong place is no error")
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
