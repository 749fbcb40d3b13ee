package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean makes text from outside safe to show on one line of a terminal: control
// characters (ESC and the C1 range among them), line ends, invalid UTF-8,
// bidirectional overrides, zero-width and other invisible characters become
// Go-like escapes such as \n, \x1b or \u202e, and so does the second character of
// what a CI runner takes for a command wherever it stands in a line (##vso[) or
// where a line may begin with it when it is wrapped (::error). All else stays as
// it is, so Clean(Clean(s)) == Clean(s).
func Clean(s string) string {
	if strings.Contains(s, "##") || strings.Contains(s, "::") {
		s = commands.ReplaceAllStringFunc(s, func(c string) string {
			return fmt.Sprintf(`%c\x%02x%s`, c[0], c[1], c[2:])
		})
	}
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

// commands are those of the runners: Azure's agent looks for ##vso[ and GitHub's
// for ##[error] anywhere in a line, TeamCity's for ##teamcity[; ::error is
// GitHub's at the start of a line. The names are those that its runner knows
// (ActionCommandManager), so that SQL's casts stay readable.
var commands = regexp.MustCompile(`(?i)##[a-z]*\[|::(?:add-mask|add-matcher|add-path|debug|echo|endgroup|error|group|internal-set-repo-path|` +
	`notice|remove-matcher|save-state|set-env|set-output|stop-commands|warning)\b`)

// command is the end of the first kind, from its second # on.
var command = regexp.MustCompile(`(?i)^#[a-z]*\[`)

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
