package rewrite_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

var hunkHead = regexp.MustCompile(`^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@$`)

// Each hunk of a diff begins where its head says, in the old file and in the
// new: git apply forgives a wrong head, and then may patch a look-alike.
func TestHunksSayWhereTheyAre(t *testing.T) {
	var text strings.Builder
	var starts []int
	for n := range 120 {
		starts = append(starts, text.Len())
		fmt.Fprintf(&text, "line %d\n", n%7) // alike, so that a wrong place may fit too
	}
	old := text.String()
	// Changes three lines apart share a hunk, those thirty apart do not.
	var edits []finding.Edit
	for k, n := range []int{0, 4, 9, 40, 45, 90, 93, 119} {
		at := starts[n]
		edits = append(edits, finding.Edit{Span: source.Span{Path: "a.py", Start: at, End: at}, Text: strings.Repeat("new\n", k%3+1)})
	}
	now, err := rewrite.Apply([]byte(old), edits)
	if err != nil {
		t.Fatal(err)
	}
	diff, err := rewrite.Diff(func(string) []byte { return []byte(old) }, edits)
	if err != nil {
		t.Fatal(err)
	}
	before, after := strings.Split(old, "\n"), strings.Split(string(now), "\n")
	from, to, hunks := 0, 0, 0
	for line := range strings.SplitSeq(strings.TrimSuffix(diff, "\n"), "\n") {
		if m := hunkHead.FindStringSubmatch(line); m != nil {
			from, _ = strconv.Atoi(m[1])
			to, _ = strconv.Atoi(m[2])
			hunks++
			continue
		}
		if hunks == 0 {
			continue // the names
		}
		if line[0] != '+' {
			if before[from-1] != line[1:] {
				t.Errorf("hunk %d, old line %d is %q, not %q", hunks, from, before[from-1], line[1:])
			}
			from++
		}
		if line[0] != '-' {
			if after[to-1] != line[1:] {
				t.Errorf("hunk %d, new line %d is %q, not %q", hunks, to, after[to-1], line[1:])
			}
			to++
		}
	}
	if hunks != 4 {
		t.Errorf("%d hunks\n%s", hunks, diff)
	}
}
