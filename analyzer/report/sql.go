package report

import (
	"strconv"
	"strings"
)

const (
	// listMax is the longest comma list that is shown whole; of a longer one
	// listHead items are.
	listMax  = 4
	listHead = 2
	// nestMax is the nesting of parentheses down to which lists are shortened;
	// deeper text stays as it is, so that hostile nesting costs nothing.
	nestMax = 16
)

// elide shortens the long comma lists of a masked statement:
// SELECT "a", "b", … 18 more FROM "t".
func elide(sql string) string {
	e := elider{stack: make([]level, 1, nestMax+1)}
	deep := 0 // parentheses open beyond nestMax
	for len(sql) > 0 {
		n := tokenLen(sql)
		tok := sql[:n]
		sql = sql[n:]
		top := &e.stack[len(e.stack)-1]
		switch {
		case deep > 0 || (tok == "(" && len(e.stack) > nestMax):
			top.item = append(top.item, tok...)
			switch tok {
			case "(":
				deep++
			case ")":
				deep--
			}
		case tok == "(":
			top.item = append(top.item, '(')
			e.stack = append(e.stack, level{})
		case tok == ")" && len(e.stack) > 1:
			e.pop()
		case tok == ",":
			top.items = append(top.items, string(top.item))
			top.item = top.item[:0]
		case startsClause(tok):
			top.flush()
			top.out = append(top.out, tok...)
		default:
			top.item = append(top.item, tok...)
		}
	}
	for len(e.stack) > 1 { // a truncated statement
		e.pop()
		top := &e.stack[len(e.stack)-1]
		top.item = top.item[:len(top.item)-1] // the parenthesis that is not there
	}
	e.stack[0].flush()
	return string(e.stack[0].out)
}

type elider struct{ stack []level }

// A level is what stands between one pair of parentheses.
type level struct {
	out   []byte   // finished
	items []string // of the comma list that is being read
	item  []byte   // its last item
}

// pop ends the innermost level and appends it to the one around it.
func (e *elider) pop() {
	in := &e.stack[len(e.stack)-1]
	in.flush()
	out := &e.stack[len(e.stack)-2]
	out.item = append(append(out.item, in.out...), ')')
	e.stack = e.stack[:len(e.stack)-1]
}

// flush moves the comma list to out, shortened.
func (l *level) flush() {
	n := len(l.items) + 1
	switch {
	case n > listMax:
		l.out = append(l.out, strings.Join(l.items[:listHead], ",")...)
		l.out = append(l.out, ", … "+strconv.Itoa(n-listHead)+" more"...)
		if len(l.item) > 0 && l.item[len(l.item)-1] == ' ' {
			l.out = append(l.out, ' ')
		}
	case n > 1:
		l.out = append(l.out, strings.Join(l.items, ",")...)
		l.out = append(append(l.out, ','), l.item...)
	default:
		l.out = append(l.out, l.item...)
	}
	l.items, l.item = l.items[:0], l.item[:0]
}

// startsClause tells whether a comma list ends before the word tok.
func startsClause(tok string) bool {
	if len(tok) < 2 || len(tok) > len("RETURNING") {
		return false
	}
	switch strings.ToUpper(tok) {
	case "SELECT", "FROM", "WHERE", "SET", "VALUES", "BY", "HAVING", "ORDER", "GROUP", "LIMIT", "OFFSET",
		"RETURNING", "UNION", "JOIN", "WITH", "FOR":
		return true
	}
	return false
}

// tokenLen is the length of the first token: a quoted name or string, a word,
// or one byte.
func tokenLen(s string) int {
	switch c := s[0]; {
	case c == '"' || c == '\'':
		for i := 1; i < len(s); i++ {
			if s[i] == c {
				return i + 1 // a doubled quote is two tokens: nothing is lost
			}
		}
		return len(s)
	case wordByte(c):
		i := 1
		for i < len(s) && wordByte(s[i]) {
			i++
		}
		return i
	}
	return 1
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
