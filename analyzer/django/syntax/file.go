package syntax

import (
	"sort"
	"unicode/utf8"
)

// Source returns the text of a node.
func (f *File) Source(n Node) string {
	r := n.Pos()
	return string(f.Text[r.Start:r.End])
}

// Line returns the 1-based line and column of an offset. Columns count
// characters (code points).
func (f *File) Line(offset int) (line, column int) {
	i := sort.SearchInts(f.lines, offset+1) - 1
	return i + 1, utf8.RuneCount(f.Text[f.lines[i]:offset]) + 1
}

// lineStarts returns the offset of each line's first byte. Python ends lines
// at "\n", "\r" and "\r\n".
func lineStarts(text []byte) []int {
	starts := []int{0}
	for i, c := range text {
		if c == '\n' || c == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}
