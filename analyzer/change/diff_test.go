package change

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/source"
)

// show lists what changed: "a.py 3-4 gone behind 7".
func show(c *Changes) string {
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(c.files)) {
		l := c.files[path]
		fmt.Fprintf(&b, "%s", path)
		if l.all {
			b.WriteString(" all")
		}
		for _, x := range l.changed {
			fmt.Fprintf(&b, " %d-%d", x.first, x.last)
		}
		for _, n := range l.gone {
			fmt.Fprintf(&b, " gone behind %d", n)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestParse(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"changed and added", "diff --git a/a.py b/a.py\nindex 1..2 100644\n--- a/a.py\n+++ b/a.py\n@@ -3 +3,2 @@ def f():\n-x\n+y\n+z\n@@ -9,0 +11 @@\n+w\n", "a.py 3-4 11-11\n"},
		{"taken out", "--- a/a.py\n+++ b/a.py\n@@ -8,2 +7,0 @@\n-x\n-y\n", "a.py gone behind 7\n"},
		{"lines that look like heads", "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n--- a/b.py\n-@@ -1 +9 @@\n+++ b/b.py\n+@@ -1 +9 @@\n@@ -5 +5 @@\n-x\n\\ No newline at end of file\n+y\n\\ No newline at end of file\n--- a/c.py\n+++ b/c.py\n@@ -1 +1 @@\n-a\n+b\n", "a.py 1-2 5-5\nc.py 1-1\n"},
		{"a file that is gone", "--- a/a.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x\n+y\n", "b.py 1-1\n"},
		{"renamed", "diff --git a/a.py b/b.py\nsimilarity index 100%\nrename from a.py\nrename to b.py\n", ""},
		{"spaces", "+++ b/a b.py\t\n@@ -0,0 +1 @@\n+x\n", "a b.py 1-1\n"},
		{"quotes", `+++ "b/a\"\\\303\274\t.py"` + "\n@@ -0,0 +1 @@\n+x\n", "a\"\\ü\t.py 1-1\n"},
		{"letters", "+++ b/ü/b/c.py\n@@ -0,0 +1 @@\n+x\n", "ü/b/c.py 1-1\n"},
		{"binary", "Binary files a/a.png and b/a.png differ\n", ""},
		{"ends too early", "+++ b/a.py\n@@ -1,9 +1,9 @@\n-x\n", "a.py 1-9\n"},
		{"nothing", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &Changes{files: map[string]*lines{}}
			if err := c.parse(tt.in); err != nil {
				t.Fatal(err)
			}
			if got := show(c); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for in, want := range map[string]string{
		"+++ b/a.py\n@@ -1 +x @@\n":                  "line 2 of the diff: not the head of a hunk",
		"+++ b/a.py\n@@ 1\n":                         "line 2 of the diff: not the head of a hunk",
		"+++ b/a.py\n@@ -1,-2 +1 @@\n":               "line 2 of the diff: not the head of a hunk",
		"+++ c/a.py\n":                               "line 1 of the diff: a path without b/",
		"+++ \"b/a\\x.py\"\n":                        "line 1 of the diff: a path whose quotes are broken",
		"+++ \"b/a\\77\"\n":                          "line 1 of the diff: a path whose quotes are broken",
		"+++ \"b/a\\\"\n":                            "line 1 of the diff: a path whose quotes are broken",
		"x\n@@ -1 +1\n":                              "line 2 of the diff: not the head of a hunk",
		"+++ b/a\n@@ -1 +1 @@\n-a\n+b\n@@ -1 +1 x\n": "line 5 of the diff: not the head of a hunk",
	} {
		c := &Changes{files: map[string]*lines{}}
		if err := c.parse(in); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", in, err, want)
		}
	}
}

// TestTouch: a queryset of lines 3 to 5 of a statement that ends on line 6.
func TestTouch(t *testing.T) {
	const text = "a\nbooks = list(\n  Book\n  .objects\n  .all()\n)\nb\n"
	start := strings.Index(text, "Book\n")
	span := source.Span{Path: "a.py", Line: 3, EndLine: 5, Start: start, End: strings.Index(text, ")\n)") + 1}
	one := source.Span{Path: "a.py", Line: 7, EndLine: 7, Start: len(text) - 2, End: len(text) - 1}
	tests := []struct {
		name string
		hunk string
		span source.Span
		want bool
	}{
		{"its first line", "-3 +3", span, true},
		{"its last line", "-5 +5", span, true},
		{"around it", "-1,9 +1,9", span, true},
		{"above", "-2 +2", span, false},
		{"below", "-6 +6", span, false},
		{"a line taken out of it", "-4 +3,0", span, true},
		{"its last line taken out", "-6 +5,0", span, true},
		{"a line above taken out", "-3 +2,0", span, false},
		{"a line below the statement taken out", "-7 +6,0", span, false},
		{"one line, another behind it taken out", "-8 +7,0", one, false},
		{"one line", "-7 +7", one, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &Changes{files: map[string]*lines{}}
			if err := c.parse("+++ b/a.py\n@@ " + tt.hunk + " @@\n"); err != nil {
				t.Fatal(err)
			}
			if got := c.Touch(tt.span, []byte(text)); got != tt.want {
				t.Errorf("got %v", got)
			}
			other := tt.span
			other.Path = "b.py"
			if c.Touch(other, []byte(text)) {
				t.Error("another file changed too")
			}
		})
	}
}

// FuzzParse: no diff makes it panic.
func FuzzParse(f *testing.F) {
	f.Add("+++ b/a.py\n@@ -1,2 +3 @@\n-x\n-y\n+z\n")
	f.Add("+++ \"b/\\303\\274\"\n@@ -1 +0,0 @@\n")
	f.Fuzz(func(t *testing.T, s string) {
		c := &Changes{files: map[string]*lines{}}
		if c.parse(s) == nil {
			show(c)
		}
	})
}
