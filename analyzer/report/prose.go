package report

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
)

// plainWord are words that mean nothing in Markdown on any platform: no
// emphasis, link, mention, reference, emoji or list mark can be made of them.
// A number after a hyphen may be an issue (GH-26, JIRA-7), and seven or more
// hex digits a commit: both are left out, as is a dot between letters.
var (
	plainWord = regexp.MustCompile(`^(\pL[\pL\pM]*([-'’]\pL[\pL\pM]*)*|\d{1,3}(,\d{3})*(\.\d{1,3})?|\d{1,6}|→|·|…)$`)
	hexWord   = regexp.MustCompile(`^[0-9a-fA-F]{7,}$`)
)

// prose writes a sentence that holds names from outside as Markdown: words
// that could mean something there are set as code, which nothing reads. Names
// of tables and fields look right that way.
func prose(s string) string {
	words := strings.Fields(Clean(s))
	for i, w := range words {
		core := strings.TrimLeft(w, `("'`)
		lead := w[:len(w)-len(core)]
		rest := strings.TrimRight(core, `)"',.;:?`)
		for len(rest) < len(core) && core[len(rest)] == ')' && strings.Count(rest, "(") > strings.Count(rest, ")") {
			rest = core[:len(rest)+1] // save()
		}
		tail := core[len(rest):]
		switch {
		case rest == "":
			words[i] = markdownCode(w)
		case plainWord.MatchString(rest) && !hexWord.MatchString(rest) && (i > 0 || tail == "" || !digits(rest) || lead != ""):
			words[i] = lead + rest + tail
		default:
			words[i] = lead + markdownCode(rest) + tail
		}
	}
	return strings.Join(words, " ")
}

// digits tells of "1" in "1." and "1)", which begin a list.
func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return !unicode.IsDigit(r) }) < 0
}

// markdownCode sets s as code, in a table too. Code ends at a back-tick, a
// table's cell at a bar, and a backslash before one of them counts there: text
// with any of these becomes HTML in which every mark is a character reference.
func markdownCode(s string) string {
	s = strings.TrimSpace(Clean(s))
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|\\"):
		return htmlCode(s)
	}
	return "`" + s + "`"
}

// htmlCode sets s as code where Markdown is not read, or must not be.
func htmlCode(s string) string { return "<code>" + references(s) + "</code>" }

// references writes every character but letters, digits and spaces as an HTML
// character reference: no Markdown and no HTML is left in it.
func references(s string) string {
	var b strings.Builder
	for _, r := range Clean(s) {
		if r < 0x80 && r != ' ' && !('0' <= r && r <= '9') && !('a' <= r && r <= 'z') && !('A' <= r && r <= 'Z') {
			fmt.Fprintf(&b, "&#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

var backquotes = regexp.MustCompile("`+")

// fenced sets cleaned lines as a block of code, between fences longer than any
// run of back-ticks in them. Bots that read comments look for /command and
// @bot at the start of lines, in code too, so none starts like that.
func fenced(language string, lines []string) string {
	n := 2
	for i, l := range lines {
		if strings.HasPrefix(l, "/") || strings.HasPrefix(l, "@") && !strings.HasPrefix(l, "@@ ") {
			lines[i] = " " + l
		}
		for _, run := range backquotes.FindAllString(l, -1) {
			n = max(n, len(run))
		}
	}
	fence := strings.Repeat("`", n+1)
	return fence + language + "\n" + strings.Join(lines, "\n") + "\n" + fence + "\n"
}
