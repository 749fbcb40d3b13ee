// Package rewrite turns what is known of a queryset into changes of its source
// text. It knows Python's tokens and brackets, not its grammar, and rewrites
// only forms that it knows for sure: every function returns ok == false for
// the others. Layout, quotes, comments and line ends stay as they are.
package rewrite

import (
	"bytes"
	"slices"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A Text gives the bytes of a file by its path as Spans have it, nil when it
// cannot be read. They must not change while edits are made.
type Text func(path string) []byte

// fileMax is the largest file that is rewritten; generated code is larger.
const fileMax = 4 << 20

// A file is a Python file that is rewritten.
type file struct {
	path string
	text []byte
	toks []token
}

// open reads the Python file of path, nil when there is none that can be
// rewritten.
func open(text Text, path string) *file {
	if text == nil || !strings.HasSuffix(path, ".py") {
		return nil
	}
	b := text(path)
	if len(b) == 0 || len(b) > fileMax || !utf8.Valid(b) || bytes.IndexByte(b, 0) >= 0 {
		return nil
	}
	return &file{path, b, lex(b)}
}

// slice is the text of a span, "" when the span is not of this file.
func (f *file) slice(s source.Span) string {
	if !f.holds(s) {
		return ""
	}
	return string(f.text[s.Start:s.End])
}

func (f *file) holds(s source.Span) bool {
	return s.Path == f.path && 0 <= s.Start && s.Start <= s.End && s.End <= len(f.text)
}

// str is the text of a token.
func (f *file) str(i int) string {
	if i < 0 || i >= len(f.toks) {
		return ""
	}
	return string(f.text[f.toks[i].start:f.toks[i].end])
}

// at is the first token that starts at offset or later.
func (f *file) at(offset int) int {
	return sort.Search(len(f.toks), func(i int) bool { return f.toks[i].start >= offset })
}

// before is the last token that ends at offset or earlier, -1 when none does.
func (f *file) before(offset int) int {
	return sort.Search(len(f.toks), func(i int) bool { return f.toks[i].end > offset }) - 1
}

// starts reports whether a token starts at offset: else it lies in a string, a
// comment or a name.
func (f *file) starts(offset int) bool {
	i := f.at(offset)
	return i < len(f.toks) && f.toks[i].start == offset
}

// ends reports whether a token ends at offset.
func (f *file) ends(offset int) bool {
	i := f.before(offset)
	return i >= 0 && f.toks[i].end == offset
}

// next is the first token from i on that is no comment.
func (f *file) next(i int) int {
	for i < len(f.toks) && f.toks[i].kind == commentToken {
		i++
	}
	return i
}

// close is the bracket that closes the one at token i, -1 when none does.
func (f *file) close(i int) int {
	for j := i + 1; j < len(f.toks); j++ {
		if f.toks[j].kind == opToken && f.toks[j].depth == f.toks[i].depth && strings.Contains(")]}", f.str(j)) {
			return j
		}
	}
	return -1
}

// span makes the Span of a part of the file.
func (f *file) span(start, end int) source.Span {
	s := source.Span{Path: f.path, Start: start, End: end}
	s.Line, s.Column = position(f.text, start)
	s.EndLine, s.EndColumn = position(f.text, end)
	return s
}

// position is the line and the column of an offset as Spans count them.
func position(text []byte, offset int) (line, column int) {
	head := text[:offset]
	start := bytes.LastIndexByte(head, '\n') + 1
	return bytes.Count(head, []byte{'\n'}) + 1, utf8.RuneCount(head[start:]) + 1
}

// edit replaces the bytes start to end.
func (f *file) edit(start, end int, text string) finding.Edit {
	return finding.Edit{Span: f.span(start, end), Text: text}
}

// insert puts text at offset.
func (f *file) insert(offset int, text string) finding.Edit { return f.edit(offset, offset, text) }

// lineStart is the offset of the first byte of the line of offset.
func (f *file) lineStart(offset int) int {
	return bytes.LastIndexByte(f.text[:offset], '\n') + 1
}

// lineEnd is where the line of offset ends, before its line end.
func (f *file) lineEnd(offset int) int { return lineEnd(f.text, offset) }

// indent is the white space that the line of offset begins with.
func (f *file) indent(offset int) string {
	start := f.lineStart(offset)
	i := start
	for i < len(f.text) && (f.text[i] == ' ' || f.text[i] == '\t') {
		i++
	}
	return string(f.text[start:i])
}

// step is one more level of indentation as the file has it.
func (f *file) step() string {
	for i, t := range f.toks {
		if t.kind != lineToken || i+1 == len(f.toks) || f.str(i-1) != ":" {
			continue
		}
		outer, inner := f.indent(f.toks[i-1].start), f.indent(f.toks[i+1].start)
		if f.toks[i+1].kind != commentToken && len(inner) > len(outer) && strings.HasPrefix(inner, outer) {
			return inner[len(outer):]
		}
	}
	return "    "
}

// newline is the file's line end.
func (f *file) newline() string {
	i := bytes.IndexByte(f.text, '\n')
	if i > 0 && f.text[i-1] == '\r' {
		return "\r\n"
	}
	return "\n"
}

// quote writes a string literal with the quotes that the file uses most.
func (f *file) quote(s string) string {
	single, double := 0, 0
	for _, t := range f.toks {
		if t.kind != stringToken {
			continue
		}
		switch f.text[t.end-1] {
		case '\'':
			single++
		case '"':
			if !bytes.HasPrefix(f.text[t.start:t.end], []byte(`"""`)) { // docstrings have double ones always
				double++
			}
		}
	}
	if single > double {
		return "'" + s + "'"
	}
	return `"` + s + `"`
}

// statement is the logical line that holds offset: its first token's start and
// its last token's end, comments left out. ok is false when it is not the only
// statement of its line: "if x: y", "a; b".
func (f *file) statement(offset int) (start, end int, ok bool) {
	i := sort.Search(len(f.toks), func(i int) bool { return f.toks[i].start > offset }) - 1
	if i < 0 || f.toks[i].kind == lineToken && f.toks[i].end <= offset {
		i++
	}
	if i >= len(f.toks) {
		return 0, 0, false
	}
	first, last := i, i
	for first > 0 && f.toks[first-1].kind != lineToken {
		first--
	}
	for last+1 < len(f.toks) && f.toks[last].kind != lineToken {
		last++
	}
	for first < last && f.toks[first].kind == commentToken {
		first++
	}
	for last > first && (f.toks[last].kind == lineToken || f.toks[last].kind == commentToken) {
		last--
	}
	start, end = f.toks[first].start, f.toks[last].end
	if f.lineStart(start)+len(f.indent(start)) != start {
		return 0, 0, false
	}
	return start, end, f.alone(first, last)
}

// compounds are the keywords that begin a statement with a block.
var compounds = []string{"if", "elif", "else", "for", "while", "with", "def", "class", "async", "try", "except", "finally", "match", "case"}

// alone reports whether the tokens first to last hold one simple statement, or
// the head of a compound one.
func (f *file) alone(first, last int) bool {
	compound := slices.Contains(compounds, f.str(first))
	lambdas := 0
	for i := first; i <= last; i++ {
		if f.toks[i].depth > f.toks[first].depth || f.toks[i].kind == commentToken {
			continue
		}
		switch f.str(i) {
		case ";":
			return false
		case "lambda":
			lambdas++
		case ":":
			if lambdas > 0 {
				lambdas--
				continue
			}
			if compound && i != last {
				return false
			}
		}
	}
	return true
}

// enclosed reports whether offset stands inside brackets, where line ends mean
// nothing.
func (f *file) enclosed(offset int) bool {
	i := f.before(offset)
	if i < 0 {
		return false
	}
	depth := f.toks[i].depth
	if f.toks[i].kind == opToken && strings.Contains("([{", f.str(i)) {
		depth++
	}
	return depth > 0
}

// render is the text from start to end with the edits in it made, its lines
// taken back to the left margin.
func (f *file) render(start, end int, edits []finding.Edit) string {
	var inside []finding.Edit
	for _, e := range edits {
		if e.Span.Path == f.path && e.Span.Start >= start && e.Span.End <= end {
			e.Span.Start -= start
			e.Span.End -= start
			inside = append(inside, e)
		}
	}
	out, err := Apply(f.text[start:end], inside)
	if err != nil {
		return ""
	}
	return dedent(string(out), f.indent(start))
}

func dedent(code, indent string) string {
	lines := strings.Split(strings.ReplaceAll(code, "\r\n", "\n"), "\n")
	for i := range lines[1:] {
		lines[i+1] = strings.TrimPrefix(lines[i+1], indent)
	}
	return strings.Join(lines, "\n")
}
