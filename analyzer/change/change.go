// Package change tells which lines of a source differ from the commit that a
// branch began at. It asks git, which has to be installed.
package change

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Changes are the lines below a folder that differ from a commit: in the
// working tree, whether committed or not. Files that git does not know yet, and
// does not ignore, differ as a whole.
type Changes struct {
	Ref   string // as the user names it, "origin/main"
	files map[string]*lines
}

// lines are those of one file that differ.
type lines struct {
	all     bool
	changed []block
	gone    []int // lines were taken out behind this one; 0: before the first
}

// A block is the lines from first to last, 1-based.
type block struct{ first, last int }

// Touch reports whether a line of a span changed, or was taken out of it: of a
// queryset over several lines also its last, which leaves no line behind. The
// span's path is relative to the folder; text is the file's, nil when it is not
// known.
func (c *Changes) Touch(s source.Span, text []byte) bool {
	l := c.files[s.Path]
	if l == nil || s.Line <= 0 {
		return false
	}
	last := max(s.Line, s.EndLine)
	if l.all {
		return true
	}
	for _, b := range l.changed {
		if b.first <= last && s.Line <= b.last {
			return true
		}
	}
	for _, n := range l.gone {
		if s.Line <= n && n <= last && (n < last || n < lastLine(s, text)) {
			return true
		}
	}
	return false
}

// lastLine is the last line of the statement around the span of a Python file,
// the span's own when that is not known.
func lastLine(s source.Span, text []byte) int {
	if !strings.HasSuffix(s.Path, ".py") || s.Start < 0 || s.End < s.Start || s.End > len(text) {
		return max(s.Line, s.EndLine)
	}
	_, end := rewrite.Statement(text, s.Start)
	if end <= s.End {
		return max(s.Line, s.EndLine)
	}
	return s.EndLine + strings.Count(string(text[s.End:end]), "\n")
}
