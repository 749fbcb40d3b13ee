package suppress

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"

	"github.com/ormlint/ormlint/analyzer/finding"
)

var (
	anyNoqa = regexp.MustCompile(`(?i:noqa)`)
	// namesCode is a noqa that may name codes of ormlint.
	namesCode = regexp.MustCompile(`(?i:noqa[^\n]*\bqp[0-9])`)
	// noqaHead is flake8's: any case, and blanks around the colon.
	noqaHead = regexp.MustCompile(`^#[ \t]*(?i:noqa)\b[ \t]*(:?)`)
	noqaCode = regexp.MustCompile(`^[ \t,]*([A-Za-z]+[0-9]+)\b`)
	ownCode  = regexp.MustCompile(`^(?i:qp)[0-9]+$`)
	ownHead  = regexp.MustCompile(`^#[ \t]*ormlint[ \t]*:[ \t]*`)
	// noColon is what was meant to be a directive.
	noColon = regexp.MustCompile(`^#[ \t]*ormlint[ \t]+ignore[ \t]*\[`)
	word    = regexp.MustCompile(`^[A-Za-z][A-Za-z_-]*`)
)

// verbMax is less than the longest word that a message repeats.
const verbMax = 20

// form is how a directive is to be written.
const form = "write ormlint: ignore[RULE] and why"

// directives are those of a Python comment. One begins at the comment's own "#"
// or at another one behind white space: "# type: ignore  # noqa: QP101".
func (f *file) directives(start, end int) []Comment {
	var found []Comment
	for from := start; from < end; {
		to := end
		for i := from + 1; i < end; i++ {
			if f.text[i] == '#' && isBlank(f.text[i-1]) && startsAny(f.text[i:end]) {
				to = i
				break
			}
		}
		stop := from + len(bytes.TrimRight(f.text[from:to], " \t\r"))
		if d, ok := f.directive(from, from+1, stop); ok {
			d.Span = f.span(from, stop)
			found = append(found, d)
		}
		from = to
	}
	return found
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// startsAny reports whether a comment of its own begins here: of ormlint, or a
// well-known one of another tool that is written behind a reason.
func startsAny(s []byte) bool {
	if ownHead.Match(s) || noColon.Match(s) || noqaHead.Match(s) {
		return true
	}
	s = bytes.TrimLeft(s, "# \t")
	for _, p := range []string{"type:", "pragma:", "pylint:", "nosec", "fmt:", "isort:", "mypy:", "pyright:", "ruff:"} {
		if bytes.HasPrefix(s, []byte(p)) {
			return true
		}
	}
	return false
}

// directive reads what stands from body to end, behind the mark at start. ok is
// false where that is no directive. The caller fills in Span.
func (f *file) directive(start, body, end int) (d Comment, ok bool) {
	text := f.text[start:end]
	if body-start == 2 { // "{#": as if it were Python's, with the same length
		text = append([]byte(" #"), f.text[body:end]...)
	}
	lead := len(text) - len(bytes.TrimLeft(text, " "))
	d.text = f.text
	if m := noqaHead.FindSubmatchIndex(text[lead:]); m != nil {
		return f.noqa(d, start+lead+m[1], end, m[3] > m[2])
	}
	if noColon.Match(text[lead:]) {
		d.Wrong = "a colon is missing behind ormlint: " + form
		return d, true
	}
	m := ownHead.FindIndex(text[lead:])
	if m == nil {
		return d, false
	}
	return f.ignore(d, start+lead+m[1], end), true
}

// noqa reads the codes behind "noqa:". Like flake8 and ruff it ends at what is
// no code.
func (f *file) noqa(d Comment, at, end int, colon bool) (Comment, bool) {
	d.Noqa = true
	if !colon {
		d.Bare = true
		return d, true
	}
	first := -1
	for {
		m := noqaCode.FindSubmatchIndex(f.text[at:end])
		if m == nil {
			break
		}
		from, to := at+m[2], at+m[3]
		if first < 0 {
			first = from
		}
		if code := string(f.text[from:to]); ownCode.MatchString(code) {
			d.Rules = append(d.Rules, Name{code, f.span(from, to)})
		} else {
			d.other = append(d.other, code)
		}
		at = to
	}
	d.list = [2]int{first, at}
	d.Reason = reason(f.text[at:end])
	return d, len(d.Rules) > 0
}

// ignore reads "ignore[RULE, RULE] reason".
func (f *file) ignore(d Comment, at, end int) Comment {
	rest := f.text[at:end]
	verb := string(word.Find(rest))
	if verb != "ignore" {
		d.Wrong = "it says nothing that ormlint knows: " + form
		if len(verb) < verbMax && bytes.HasPrefix(bytes.TrimLeft(rest[len(verb):], " \t"), []byte{'['}) {
			d.Wrong = "it says " + verb + ", not ignore: " + form
		}
		return d
	}
	at += len(verb)
	for at < end && isBlank(f.text[at]) {
		at++
	}
	if at == end || f.text[at] != '[' {
		d.Wrong = "it names no rule: " + form
		return d
	}
	at++
	n := bytes.IndexByte(f.text[at:end], ']')
	if n < 0 {
		d.Wrong = "its bracket does not end: " + form
		return d
	}
	d.list = [2]int{at, at + n}
	for part := range bytes.SplitSeq(f.text[at:at+n], []byte{','}) {
		name := bytes.TrimSpace(part)
		from := at + bytes.Index(part, name)
		if len(name) > 0 {
			d.Rules = append(d.Rules, Name{string(name), f.span(from, from+len(name))})
		}
		at += len(part) + 1
	}
	if len(d.Rules) == 0 {
		d.Wrong = "it names no rule: " + form
		return d
	}
	d.Reason = reason(f.text[d.list[1]+1 : end])
	return d
}

// reason is the text without what stands between it and the codes; "" where it
// has no word.
func reason(b []byte) string {
	s := strings.TrimSpace(strings.TrimLeft(string(b), " \t:,;.–—-"))
	if strings.IndexFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return ""
	}
	return s
}

// Without is the edit that takes names out of the comment, by their index in
// Rules, or the whole of it when none is left.
func (c *Comment) Without(names []int) finding.Edit {
	gone := map[int]bool{}
	for _, n := range names {
		gone[n] = true
	}
	f := open(c.Span.Path, c.text)
	if len(gone) == len(c.Rules) && len(c.other) == 0 {
		return finding.Edit{Span: f.span(c.whole[0], c.whole[1])}
	}
	var left []string
	for i, r := range c.Rules {
		if !gone[i] {
			left = append(left, r.Text)
		}
	}
	left = append(left, c.other...)
	sep := ", "
	if c.Noqa {
		sep = ","
	}
	return finding.Edit{Span: f.span(c.list[0], c.list[1]), Text: strings.Join(left, sep)}
}
