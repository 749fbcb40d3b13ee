// Package source holds what is known of an application's source: where it
// builds queries, what it does with their rows, and where it runs SQL in loops.
// Plain data, the same for every language and ORM.
package source

import "cmp"

// A Span is a part of a file. The zero Span is nowhere.
type Span struct {
	Path string // relative to the source root, with slashes
	// Line and Column are 1-based; columns count characters (code points).
	// The end is exclusive.
	Line, Column, EndLine, EndColumn int
	Start, End                       int // byte offsets
}

// Known reports whether the span is anywhere.
func (s Span) Known() bool { return s.Path != "" }

// Compare orders spans by path, then start, then end.
func Compare(a, b Span) int {
	return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// Within reports whether s lies inside o.
func (s Span) Within(o Span) bool {
	return s.Path == o.Path && s.Start >= o.Start && s.End <= o.End
}
