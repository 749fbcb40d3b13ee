package rewrite

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A kind is what a token is.
type kind uint8

const (
	nameToken    kind = iota + 1 // identifier or keyword
	numberToken                  // as written
	stringToken                  // one literal with prefix and quotes, f-strings whole
	opToken                      // operators and brackets
	commentToken                 // without its line end
	lineToken                    // the end of a logical line
)

// A token is a piece of Python; white space and continued lines are between
// tokens.
type token struct {
	kind       kind
	start, end int
	depth      int // open brackets around it; a bracket has the depth outside of it
}

// lex cuts text into tokens. It never fails: what is no Python becomes
// operators of one byte, and an open string ends with its line or the text.
func lex(text []byte) []token {
	toks := make([]token, 0, len(text)/4)
	depth := 0
	code := false // in the logical line so far
	for i := len(text) - len(bytes.TrimPrefix(text, []byte("\ufeff"))); i < len(text); {
		c := text[i]
		t := token{start: i, depth: depth}
		switch {
		case c == '\n' || c == '\r':
			i++
			if depth > 0 || !code {
				continue
			}
			t.kind = lineToken
			if c == '\r' && i < len(text) && text[i] == '\n' {
				i++
			}
		case c == ' ' || c == '\t' || c == '\f' || c == '\\':
			i++
			if c == '\\' { // a continued line
				i = afterLineEnd(text, i)
			}
			continue
		case c == '#':
			t.kind = commentToken
			i = lineEnd(text, i)
		case stringStart(text[i:]) > 0:
			t.kind = stringToken
			i = stringEnd(text, i, 0)
		case isName(text[i:]):
			t.kind = nameToken
			i = nameEnd(text, i)
		case c >= '0' && c <= '9':
			t.kind = numberToken
			i = numberEnd(text, i)
		default:
			t.kind = opToken
			i = opEnd(text, i)
			switch c {
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				depth = max(depth-1, 0)
				t.depth = depth
			}
		}
		t.end = i
		code = t.kind != lineToken && (code || t.kind != commentToken)
		toks = append(toks, t)
	}
	return toks
}

func afterLineEnd(text []byte, i int) int {
	if i < len(text) && text[i] == '\r' {
		i++
	}
	if i < len(text) && text[i] == '\n' {
		i++
	}
	return i
}

// lineEnd is where the line of offset i ends, before its line end.
func lineEnd(text []byte, i int) int {
	if n := bytes.IndexAny(text[i:], "\r\n"); n >= 0 {
		return i + n
	}
	return len(text)
}

func isName(s []byte) bool {
	c := s[0]
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func nameEnd(text []byte, i int) int {
	for i < len(text) && (isName(text[i:]) || text[i] >= '0' && text[i] <= '9') {
		i++
	}
	return i
}

func numberEnd(text []byte, i int) int {
	for i < len(text) {
		c := text[i]
		exponent := (c == '+' || c == '-') && (text[i-1] == 'e' || text[i-1] == 'E')
		if !isName(text[i:]) && c != '.' && (c < '0' || c > '9') && !exponent {
			break
		}
		i++
	}
	return i
}

// opEnd is where the operator at i ends, the longest that Python has: "//=",
// "!=", "->", "...".
func opEnd(text []byte, i int) int {
	c := text[i]
	next := func(n int) byte {
		if i+n < len(text) {
			return text[i+n]
		}
		return 0
	}
	switch {
	case strings.IndexByte("*/<>", c) >= 0 && next(1) == c:
		i++
		if next(1) == '=' {
			i++
		}
	case c == '.' && next(1) == '.' && next(2) == '.':
		i += 2
	case c == '-' && next(1) == '>':
		i++
	case strings.IndexByte("!=<>:+-*/%&|^@", c) >= 0 && next(1) == '=':
		i++
	}
	return i + 1
}

// stringStart is the length of a string's prefix and first quote, 0 when no
// string begins there.
func stringStart(s []byte) int {
	for i := 0; i < len(s) && i < 4; i++ {
		switch s[i] {
		case '"', '\'':
			return i + 1
		case 'r', 'R', 'b', 'B', 'u', 'U', 'f', 'F', 't', 'T':
			if i == 2 {
				return 0
			}
		default:
			return 0
		}
	}
	return 0
}

// nestMax is how deep f-strings are followed into each other.
const nestMax = 10

// stringEnd is where the string that begins at i ends; nest counts the fields
// of f-strings around it.
func stringEnd(text []byte, i, nest int) int {
	n := stringStart(text[i:])
	formatted := nest < nestMax && bytes.ContainsAny(text[i:i+n-1], "fFtT")
	quote := text[i+n-1 : i+n]
	i += n
	if bytes.HasPrefix(text[i:], []byte{quote[0], quote[0]}) {
		quote = []byte{quote[0], quote[0], quote[0]}
		i += 2
	}
	for i < len(text) {
		switch c := text[i]; {
		case bytes.HasPrefix(text[i:], quote):
			return i + len(quote)
		case c == '\\':
			if i++; i < len(text) && text[i] == '\r' && bytes.HasPrefix(text[i+1:], []byte{'\n'}) {
				i++
			}
			i++
			continue
		case (c == '\n' || c == '\r') && len(quote) == 1:
			return i
		case c == '{' && formatted:
			if i+1 < len(text) && text[i+1] == '{' {
				i++
				break
			}
			i = fieldEnd(text, i+1, quote, nest+1)
			continue
		}
		i++
	}
	return len(text)
}

// fieldEnd is where the replacement field of an f-string ends whose text
// begins at i. Python before 3.12 has no such quotes in it; a field that runs
// into the string's own quote with no string open ends there.
func fieldEnd(text []byte, i int, quote []byte, nest int) int {
	depth := 0
	for i < len(text) {
		switch c := text[i]; {
		case c == '{' || c == '(' || c == '[':
			depth++
		case c == ')' || c == ']':
			depth--
		case c == '}':
			if depth <= 0 {
				return i + 1
			}
			depth--
		case c == '\n' && len(quote) == 1 && depth == 0:
			return i
		case c == '"' || c == '\'':
			// a nested literal; its quote may be the outer one since 3.12
			end := stringEnd(text, i, nest)
			if bytes.IndexByte(text[i:end], '\n') >= 0 && len(quote) == 1 {
				return i
			}
			i = end
			continue
		}
		i++
	}
	return len(text)
}
