package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside safe to show on one line of a terminal: control
// characters (ESC and the C1 range among them), line ends, invalid UTF-8,
// bidirectional overrides, zero-width and other invisible characters become
// Go-like escapes such as \n, \x1b or \u202e. All else stays as it is, so
// Clean(Clean(s)) == Clean(s).
func Clean(s string) string {
	i := strings.IndexFunc(s, hostile)
	if i < 0 && utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	for len(s) > 0 {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case !hostile(r):
			b.WriteString(s[:n])
		case r < 0x80:
			fmt.Fprintf(&b, `\x%02x`, r)
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
		s = s[n:]
	}
	return b.String()
}

// hostile tells whether a terminal may act on r, hide it, or show it elsewhere
// than it stands. Private use and unassigned characters count too: a terminal
// may know more about them than we do.
func hostile(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u2800': // blank letters
		return true
	}
	return !unicode.IsGraphic(r)
}
