package syntax

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"
)

// What Parse takes on. A file beyond a limit has an Error and no Body.
const (
	bytesMax = 4 << 20 // of a file; what people write is far below, data in Python form is above
	// depthMax is how deep statements and expressions nest. Python stops at
	// 200 parentheses and 100 indents; a chain of 600 "+" nests 600 deep.
	depthMax = 1000
	// indentsMax is how many widths of indentation a file may have: the
	// grammar's scanner writes past its buffer beyond 511.
	indentsMax = 400
	// The grammar takes half a microsecond a byte, and among errors the
	// square of it: a file gets ten times as much and a second.
	microsByte = 5
	microsMin  = 1_000_000
	// errorsMax is how many errors of a file are kept.
	errorsMax = 200
)

// An outcome is how far the grammar came.
type outcome uint8

const (
	parsed  outcome = iota // all of it is Python
	broken                 // there are errors
	stopped                // it took too many steps, or memory ran out
	absent                 // the build has no parser
)

// Parse reads a Python file. It never fails: what is wrong is in Errors. The
// File keeps text, which must not change after.
func Parse(path string, text []byte) *File {
	f := &File{Path: path, Text: text, lines: lineStarts(text)}
	if len(text) > bytesMax {
		return f.refuse("larger than 4 MiB")
	}
	code, complaint := cleaned(text)
	if complaint.Msg != "" {
		f.Errors = append(f.Errors, complaint)
	}
	if indentWidths(code) > indentsMax {
		return f.refuse("more indentation than can be read")
	}
	result := f.read(code)
	switch result {
	case absent:
		return f.refuse("this build has no Python parser (built without cgo)")
	case stopped, broken:
		if !f.repair(code) && result == stopped {
			return f.refuse("takes too long to parse")
		}
	}
	slices.SortStableFunc(f.Errors, func(a, b Error) int { return cmp.Compare(a.Start, b.Start) })
	return f
}

// refuse is a file of which nothing is known.
func (f *File) refuse(why string) *File {
	f.Body, f.Comments = nil, nil
	f.Errors = append(f.Errors, Error{Range: Range{0, len(f.Text)}, Msg: why})
	return f
}

func budget(size int) uint64 { return uint64(microsMin + microsByte*size) }

// read fills Body, Comments and Errors from code, which has the text's length.
func (f *File) read(code []byte) outcome {
	result, _ := parse(code, 0, budget(len(code)), func(nodes []raw, comments []Range) {
		c := converter{text: f.Text, nodes: nodes, names: map[string]string{}}
		f.Body = c.module()
		f.Comments = comments
		f.Errors = append(f.Errors, c.errors...)
	})
	return result
}

// cleaned returns text as the grammar wants it, byte for byte at the same
// place: lines end at "\n", no NUL, valid UTF-8. It is text itself when
// nothing had to change. The Error, if any, says what is no Python.
func cleaned(text []byte) ([]byte, Error) {
	var wrong Error
	valid := utf8.Valid(text)
	if valid && bytes.IndexByte(text, 0) < 0 && !loneReturn(text) {
		return text, wrong
	}
	code := bytes.Clone(text)
	for i := 0; i < len(code); {
		r, size := utf8.DecodeRune(code[i:])
		switch {
		case r == 0:
			code[i] = ' '
			wrong = first(wrong, i, "a NUL byte")
		case r == '\r' && (i+1 == len(code) || code[i+1] != '\n'):
			code[i] = '\n'
		case r == utf8.RuneError && size == 1:
			// Latin-1 and its kin are letters in comments and strings.
			code[i] = 'x'
			wrong = first(wrong, i, "not UTF-8")
		}
		i += size
	}
	return code, wrong
}

func first(e Error, at int, msg string) Error {
	if e.Msg != "" {
		return e
	}
	return Error{Range: Range{at, at + 1}, Msg: msg}
}

func loneReturn(text []byte) bool {
	for i := 0; ; i++ {
		at := bytes.IndexByte(text[i:], '\r')
		if at < 0 {
			return false
		}
		i += at
		if i+1 == len(text) || text[i+1] != '\n' {
			return true
		}
	}
}

// indentWidths counts the widths of white space that lines of code begin with,
// measured as the grammar's scanner does. Each level it remembers has another
// width, so it never remembers more.
func indentWidths(code []byte) int {
	seen := map[int]bool{}
	for i := 0; i < len(code); i++ {
		width := 0
	indent:
		for ; i < len(code); i++ {
			switch code[i] {
			case ' ':
				width++
			case '\t':
				width += 8
			case '\r', '\f', '\n':
				width = 0
			case '\\':
				// A continued line adds to the width.
				if !bytes.HasPrefix(code[i+1:], []byte("\n")) && !bytes.HasPrefix(code[i+1:], []byte("\r\n")) {
					break indent
				}
				i = bytes.IndexByte(code[i:], '\n') + i
			default:
				break indent
			}
		}
		seen[width] = true
		end := bytes.IndexByte(code[min(i, len(code)):], '\n')
		if end < 0 {
			break
		}
		i += end
	}
	return len(seen)
}
