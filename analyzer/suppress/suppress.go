// Package suppress reads the comments that silence findings:
//
//	# ormlint: ignore[QP101] the list has three rows
//	# noqa: QP101
//	{# ormlint: ignore[n-plus-one] the list has three rows #}
//
// It tells what each says and which lines it is about. What the names mean, and
// which findings there are, is for others to know.
package suppress

import (
	"bytes"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/template"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A Comment is one directive to silence findings.
type Comment struct {
	// Span is the directive, from its "#" or "{#": a comment may hold others
	// in front of it and behind.
	Span source.Span
	Noqa bool // # noqa, which needs no reason
	// Rules are what stands between the brackets or behind noqa. Of noqa only
	// codes of ormlint count; a noqa with none at all is Bare, and one with
	// none but others' is no Comment.
	Rules  []Name
	Bare   bool
	Reason string // as written; "" where there is none
	// Wrong says what its form lacks, as a sentence without an end; such a
	// comment silences nothing. "" where it is right.
	Wrong string
	// Near are the lines that it is about, and Wide those of the statement
	// around it for where nothing is found in Near; zero where there are none.
	Near, Wide Lines

	text  []byte
	whole [2]int // what goes when the directive goes
	list  [2]int // the names with what is between them
	other []string
}

// A Name is one code, name or beginning of codes in a comment.
type Name struct {
	Text string
	Span source.Span
}

// Lines are the lines of a file from First to Last, both 1-based.
type Lines struct{ First, Last int }

// Touch reports whether a span has a part on the lines. Its path is not looked
// at.
func (l Lines) Touch(s source.Span) bool {
	return l.First > 0 && s.Line > 0 && s.Line <= l.Last && l.First <= max(s.EndLine, s.Line)
}

// fileMax is the largest file whose comments are read; generated code is
// larger.
const fileMax = 4 << 20

// stackMax is how many comments may stand between one and the line that it is
// about.
const stackMax = 100

// Mentions reports whether a file may hold directives that name rules of
// ormlint. It reads no syntax and is quick.
func Mentions(text []byte) bool {
	if bytes.Contains(text, []byte("ormlint")) {
		return true
	}
	for _, code := range []string{"QP", "qp", "Qp", "qP"} { // far quicker than the pattern
		if bytes.Contains(text, []byte(code)) {
			return len(text) <= fileMax && namesCode.Match(text)
		}
	}
	return false
}

// Read lists the directives of a file by its order. Python is told by the path;
// all else is a Django template.
func Read(path string, text []byte) []Comment {
	if len(text) > fileMax || !bytes.Contains(text, []byte("ormlint")) && !anyNoqa.Match(text) {
		return nil
	}
	f := open(path, text)
	if strings.HasSuffix(path, ".py") {
		return f.python()
	}
	return f.template()
}

// A file is one whose comments are read.
type file struct {
	path   string
	text   []byte
	starts []int // of lines
}

func open(path string, text []byte) *file {
	f := &file{path: path, text: text, starts: []int{0}}
	for i, c := range text {
		if c == '\n' {
			f.starts = append(f.starts, i+1)
		}
	}
	return f
}

// lineOf is the line of an offset.
func (f *file) lineOf(at int) int {
	n, _ := slices.BinarySearch(f.starts, at+1)
	return n
}

func (f *file) span(start, end int) source.Span {
	s := source.Span{Path: f.path, Start: start, End: end}
	s.Line, s.Column = f.lineOf(start), f.column(start)
	s.EndLine, s.EndColumn = f.lineOf(end), f.column(end)
	return s
}

// column counts the characters before an offset on its line, from 1.
func (f *file) column(at int) int {
	start := f.starts[f.lineOf(at)-1]
	return 1 + len([]rune(string(bytes.TrimPrefix(f.text[start:at], []byte("\ufeff")))))
}

func (f *file) python() []Comment {
	var found []Comment
	for _, c := range rewrite.Comments(f.text) {
		for _, d := range f.directives(c.Start, c.End) {
			line := f.lineOf(c.Start)
			d.Near = Lines{line, line}
			if c.First >= 0 {
				d.Wide = Lines{f.lineOf(c.First), f.lineOf(c.Last)}
			}
			switch {
			case c.Alone && d.Noqa: // as flake8 has it: noqa is about its line
				d.Wide = Lines{}
			case c.Alone && c.Below < 0:
				d.Near = d.Wide
			case c.Alone && c.Inside:
				d.Near = Lines{f.lineOf(c.Below), f.lineOf(c.Below)}
			case d.Noqa && d.Wide.Last != line:
				d.Wide = Lines{}
			case line == d.Wide.First || line == d.Wide.Last || c.Alone:
				d.Near = d.Wide
			}
			d.whole = f.whole(d, c.Start, c.End, c.Alone)
			found = append(found, d)
		}
	}
	return found
}

// template reads the comments of a Django template, whose statements are lines.
func (f *file) template() []Comment {
	comments := template.Comments(f.text)
	var found []Comment
	for i, r := range comments {
		d, ok := f.directive(r.Start, r.Start+2, r.End-2)
		if !ok {
			continue
		}
		d.Span = f.span(r.Start, r.End)
		line := d.Span.Line
		alone := len(blankLine(f.text, r.Start, r.End)) > 0
		d.Near = Lines{line, line}
		if alone && !d.Noqa {
			d.Near = f.belowComments(comments[i:])
		}
		d.whole = f.whole(d, r.Start, r.End, alone)
		found = append(found, d)
	}
	return found
}

// belowComments is the line below the first of the comments and those that
// follow it directly, each alone on its line; zero where that is empty.
func (f *file) belowComments(comments []template.Range) Lines {
	for i, r := range comments[:min(len(comments), stackMax)] {
		end := bytes.IndexByte(f.text[r.End:], '\n')
		if end < 0 {
			return Lines{}
		}
		next := r.End + end + 1
		if i+1 < len(comments) && len(bytes.TrimSpace(f.text[next:max(next, comments[i+1].Start)])) == 0 &&
			f.lineOf(comments[i+1].Start) == f.lineOf(next) && len(blankLine(f.text, comments[i+1].Start, comments[i+1].End)) > 0 {
			continue
		}
		row, _, _ := bytes.Cut(f.text[next:], []byte{'\n'})
		if len(bytes.TrimSpace(row)) == 0 {
			return Lines{}
		}
		n := f.lineOf(next)
		return Lines{n, n}
	}
	return Lines{}
}

// blankLine is the whole line, with its end, of what stands from start to end
// where nothing else is on it; empty otherwise.
func blankLine(text []byte, start, end int) []byte {
	from := bytes.LastIndexByte(text[:start], '\n') + 1
	to := len(text)
	if n := bytes.IndexByte(text[end:], '\n'); n >= 0 {
		to = end + n + 1
	}
	if len(bytes.Trim(text[from:start], " \t\f\ufeff")) > 0 || len(bytes.TrimSpace(text[end:to])) > 0 {
		return nil
	}
	return text[from:to]
}

// whole is what goes with a directive of the comment from start to end: its
// line where it is alone there, else the blanks in front of it.
func (f *file) whole(d Comment, start, end int, alone bool) [2]int {
	from, to := d.Span.Start, d.Span.End
	all := len(bytes.TrimSpace(f.text[start:from])) == 0 && len(bytes.TrimSpace(f.text[to:end])) == 0
	if all && alone {
		from = bytes.LastIndexByte(f.text[:start], '\n') + 1
		if from == 0 && bytes.HasPrefix(f.text, []byte("\ufeff")) {
			from = len("\ufeff")
		}
		if n := bytes.IndexByte(f.text[end:], '\n'); n >= 0 {
			return [2]int{from, end + n + 1}
		}
		return [2]int{from, len(f.text)}
	}
	if len(bytes.TrimSpace(f.text[to:end])) > 0 { // another directive follows, with its own "#"
		for to < end && (f.text[to] == ' ' || f.text[to] == '\t') {
			to++
		}
		return [2]int{from, to}
	}
	rest := f.text[end:]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	if len(bytes.TrimSpace(rest)) == 0 { // at the end of its line
		for from > 0 && (f.text[from-1] == ' ' || f.text[from-1] == '\t') {
			from--
		}
		to = end + len(bytes.TrimRight(rest, "\r"))
	}
	return [2]int{from, to}
}
