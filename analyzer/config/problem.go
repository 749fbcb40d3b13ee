package config

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/ormlint/ormlint/analyzer/spelling"
)

// A Problem is one mistake in a settings file.
type Problem struct {
	Line, Column int    // from 1, columns in characters; 0: the file as a whole
	Msg          string // "min-calls: expected a whole number from 1, found a string"
	Hint         string // "did you mean select", "" when there is none
}

// An Error is all that is wrong with a settings file, in order of place.
type Error struct {
	Path     string // relative to the current folder, or as the user gave it
	Problems []Problem
}

// Error is all problems, each on a line of its own.
func (e *Error) Error() string {
	var lines []string
	for i := range e.Problems {
		lines = append(lines, e.Line(i))
	}
	return strings.Join(lines, "\n")
}

// Line is a problem with its place in front: "ormlint.toml:3:1: unknown key".
func (e *Error) Line(i int) string {
	p := e.Problems[i]
	if p.Line == 0 {
		return e.Path + ": " + p.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.Path, p.Line, p.Column, p.Msg)
}

// problemMax is how many problems of a file are told: whoever has more reads
// none of them.
const problemMax = 50

// A reader turns the values of a file into Settings and collects what is wrong.
type reader struct {
	text     []byte
	folder   string         // of the file, to look for what it names
	lines    map[string]int // File.Lines
	problems []Problem
}

// place is the line and the column, in characters, of an offset.
func (r *reader) place(at int) (line, column int) {
	before := r.text[:min(at, len(r.text))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// bad notes a problem.
func (r *reader) bad(at int, hint, format string, args ...any) {
	line, column := r.place(at)
	r.problems = append(r.problems, Problem{line, column, fmt.Sprintf(format, args...), hint})
}

// expected notes a value of the wrong type.
func (r *reader) expected(name, what string, v *value) {
	r.bad(v.at, "", "%s: expected %s, found %s", name, what, describe(v))
}

// unknown notes a word that is none of those known. some stands for them where
// they are too many for a hint.
func (r *reader) unknown(at int, known []string, some, format string, args ...any) {
	hint := some
	if hint == "" {
		hint = "one of " + strings.Join(known, ", ")
	}
	if word, ok := args[len(args)-1].(string); ok {
		if near := spelling.Nearest(word, known); near != "" {
			hint = "did you mean " + near
		}
	}
	r.bad(at, hint, format, args...)
}

// err returns what was collected, in order of place, nil when that is nothing.
func (r *reader) err(path string) error {
	if len(r.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(r.problems, func(a, b Problem) int {
		if a.Line != b.Line {
			return a.Line - b.Line
		}
		return a.Column - b.Column
	})
	if n := len(r.problems) - problemMax; n > 0 {
		last := r.problems[problemMax]
		last.Msg, last.Hint = fmt.Sprintf("and %d more problems from here on", n), ""
		r.problems = append(r.problems[:problemMax], last)
	}
	return &Error{Path: path, Problems: r.problems}
}

// describe names a value's type for people, and shows numbers.
func describe(v *value) string {
	switch v.kind {
	case unstable.String:
		return "a string"
	case unstable.Bool, unstable.Integer, unstable.Float:
		return v.text[:min(len(v.text), 24)]
	case unstable.Array:
		return "a list"
	case unstable.Table:
		return "a table"
	}
	return "a date or time"
}

// dotted is a key below another as TOML writes it: budgets."GET /".
func dotted(parent, key string) string {
	bare := key != "" && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == ""
	if !bare {
		key = quote(key)
	}
	if parent == "" {
		return key
	}
	return parent + "." + key
}
