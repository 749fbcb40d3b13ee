package template

import (
	"bytes"
	"slices"
	"strings"
)

// What Parse takes on.
const (
	bytesMax  = 2 << 20
	depthMax  = 100 // blocks inside each other
	errorsMax = 100
)

// Parse reads a template. It never fails.
func Parse(path string, text []byte) *Template {
	t := &Template{Path: path, Text: text, lines: []int{0}}
	for i, c := range text {
		if c == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	if len(text) > bytesMax {
		t.Errors = append(t.Errors, Error{Range{0, len(text)}, "larger than 2 MiB"})
		return t
	}
	p := parser{t: t, tokens: tokenize(text)}
	for p.at < len(p.tokens) {
		t.Nodes = append(t.Nodes, p.nodes(0)...)
		if p.at < len(p.tokens) { // an end without its begin
			p.fail(p.tokens[p.at].Range, "nothing to end here")
			p.at++
		}
	}
	return t
}

// A token is {{ … }} or {% … %}.
type token struct {
	Range        // with the braces
	tag   bool   // {% %}
	word  string // first word of a tag
}

// Comments lists the {# … #} of a template, with their braces.
func Comments(text []byte) []Range {
	_, comments := scan(text)
	return comments
}

func tokenize(text []byte) []token {
	list, _ := scan(text)
	return list
}

func scan(text []byte) (list []token, comments []Range) {
	for i := 0; ; {
		open := bytes.IndexByte(text[i:], '{')
		if open < 0 || i+open+1 >= len(text) {
			return list, comments
		}
		i += open
		closing := ""
		switch text[i+1] {
		case '%':
			closing = "%}"
		case '{':
			closing = "}}"
		case '#':
			closing = "#}"
		default:
			i++
			continue
		}
		// As Django's own pattern, a tag ends on its line.
		end := bytes.IndexByte(text[i:], '\n')
		if end < 0 {
			end = len(text) - i
		}
		n := bytes.Index(text[min(i+2, len(text)):i+max(end, 2)], []byte(closing))
		if n < 0 {
			i++
			continue
		}
		tok := token{Range: Range{i, i + 2 + n + 2}, tag: closing == "%}"}
		i = tok.End
		if closing == "#}" {
			comments = append(comments, tok.Range)
			continue
		}
		if tok.tag {
			tok.word, _, _ = strings.Cut(strings.TrimSpace(string(text[tok.Start+2:tok.End-2])), " ")
			if tok.word == "comment" || tok.word == "verbatim" {
				i = pastRaw(text, tok)
				continue
			}
		}
		list = append(list, tok)
	}
}

// pastRaw returns where {% comment %} or {% verbatim name %} is over.
func pastRaw(text []byte, open token) int {
	words := strings.Fields(string(text[open.Start+2 : open.End-2]))
	want := "end" + open.word
	if open.word == "verbatim" {
		want = strings.Join(append([]string{want}, words[1:]...), " ")
	}
	for i := open.End; ; {
		n := bytes.Index(text[i:], []byte("{%"))
		if n < 0 {
			return len(text)
		}
		i += n + 2
		end := bytes.Index(text[i:], []byte("%}"))
		if end < 0 {
			return len(text)
		}
		if strings.Join(strings.Fields(string(text[i:i+end])), " ") == want {
			return i + end + 2
		}
	}
}

type parser struct {
	t      *Template
	tokens []token
	at     int
}

func (p *parser) fail(r Range, msg string) {
	if len(p.t.Errors) < errorsMax {
		p.t.Errors = append(p.t.Errors, Error{r, msg})
	}
}

// enders end a body or go on with the next part of a block.
var enders = []string{"endfor", "empty", "endif", "else", "elif", "endwith", "endblock", "endifchanged"}

// nodes reads until a tag that ends the block around it.
func (p *parser) nodes(depth int) []Node {
	var list []Node
	for p.at < len(p.tokens) {
		tok := p.tokens[p.at]
		if !tok.tag {
			p.at++
			if x, ok := p.expr(tok.Start+2, tok.End-2); ok {
				list = append(list, &Variable{tok.Range, x})
			}
			continue
		}
		if slices.Contains(enders, tok.word) {
			return list
		}
		if depth > depthMax {
			p.fail(tok.Range, "nested too deeply")
			p.at++
			continue
		}
		if n := p.tag(tok, depth); n != nil {
			list = append(list, n)
		}
	}
	return list
}

// tag reads one tag and, where it has one, its body.
func (p *parser) tag(tok token, depth int) Node {
	p.at++
	words := p.split(tok.Start+2, tok.End-2)
	if len(words) == 0 {
		p.fail(tok.Range, "an empty tag")
		return nil
	}
	words = words[1:]
	switch tok.word {
	case "for":
		return p.loop(tok, words, depth)
	case "if", "ifchanged":
		return p.ifs(tok, words, depth)
	case "with":
		n := &With{Range: tok.Range, Sets: p.sets(words)}
		n.Body = p.body(depth, "endwith")
		return n
	case "block":
		n := &Block{Range: tok.Range}
		if len(words) > 0 {
			n.Name = p.text(words[0])
		}
		n.Body = p.body(depth, "endblock")
		return n
	case "include":
		return p.include(tok, words)
	case "extends":
		if len(words) == 0 {
			p.fail(tok.Range, "extends nothing")
			return nil
		}
		x, _ := p.expr(words[0].Start, words[0].End)
		return &Extends{tok.Range, x}
	case "regroup":
		return p.regroup(tok, words)
	}
	if strings.HasPrefix(tok.word, "end") {
		return nil
	}
	return p.other(tok, words)
}

// body reads a body and its end.
func (p *parser) body(depth int, end string) []Node {
	list := p.nodes(depth + 1)
	p.close(end)
	return list
}

func (p *parser) loop(tok token, words []Range, depth int) Node {
	n := &For{Range: tok.Range}
	in := slices.IndexFunc(words, func(w Range) bool { return p.text(w) == "in" })
	if in < 1 || in+1 >= len(words) {
		p.fail(tok.Range, "for … in is not complete")
	} else {
		names := p.text(Range{words[0].Start, words[in-1].End})
		n.Targets = strings.FieldsFunc(names, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' })
		n.Reversed = p.text(words[len(words)-1]) == "reversed" && len(words) > in+2
		n.Iter, _ = p.expr(words[in+1].Start, words[in+1].End)
	}
	n.Body = p.nodes(depth + 1)
	if p.at < len(p.tokens) && p.tokens[p.at].word == "empty" {
		p.at++
		n.Otherwise = p.nodes(depth + 1)
	}
	p.close("endfor")
	return n
}

// close takes the tag that ends a block.
func (p *parser) close(end string) {
	if p.at < len(p.tokens) && p.tokens[p.at].word == end {
		p.at++
		return
	}
	at := Range{len(p.t.Text), len(p.t.Text)}
	if p.at < len(p.tokens) {
		at = p.tokens[p.at].Range
	}
	p.fail(at, "expected "+end)
}

func (p *parser) ifs(tok token, words []Range, depth int) Node {
	n := &If{Range: tok.Range}
	end := "end" + tok.word
	tests := p.tests(words)
	for {
		body := p.nodes(depth + 1)
		n.Arms = append(n.Arms, Arm{tok.Range, tests, body})
		if p.at >= len(p.tokens) || p.tokens[p.at].word != "elif" && p.tokens[p.at].word != "else" {
			break
		}
		tok = p.tokens[p.at]
		p.at++
		tests = nil
		if tok.word == "elif" {
			if w := p.split(tok.Start+2, tok.End-2); len(w) > 1 {
				tests = p.tests(w[1:])
			}
		}
	}
	p.close(end)
	return n
}

// compares are the operators whose operands are not asked for their truth.
var compares = []string{"==", "!=", "<", ">", "<=", ">=", "in", "is"}

func (p *parser) tests(words []Range) []Test {
	var list []Test
	compared := false
	for i, w := range words {
		switch word := p.text(w); {
		case word == "and" || word == "or":
			compared = false
			continue
		case word == "not":
			continue
		case slices.Contains(compares, word):
			compared = true
			continue
		}
		x, ok := p.expr(w.Start, w.End)
		if !ok {
			continue
		}
		next := ""
		if i+1 < len(words) {
			next = p.text(words[i+1])
		}
		alone := !compared && !slices.Contains(compares, next) && next != "not"
		list = append(list, Test{x, alone})
	}
	return list
}

func (p *parser) include(tok token, words []Range) Node {
	if len(words) == 0 {
		p.fail(tok.Range, "includes nothing")
		return nil
	}
	n := &Include{Range: tok.Range}
	n.Name, _ = p.expr(words[0].Start, words[0].End)
	rest := words[1:]
	if k := len(rest); k > 0 && p.text(rest[k-1]) == "only" {
		n.Only = true
		rest = rest[:k-1]
	}
	if len(rest) > 0 && p.text(rest[0]) == "with" {
		n.Sets = p.sets(rest[1:])
	}
	return n
}

// sets reads a=b c=d, and the older "b as a and d as c".
func (p *parser) sets(words []Range) []Set {
	var list []Set
	for i := 0; i < len(words); i++ {
		w := words[i]
		text := p.text(w)
		if n := strings.IndexByte(text, '='); n > 0 && isName(text[:n]) {
			if x, ok := p.expr(w.Start+n+1, w.End); ok {
				list = append(list, Set{text[:n], x})
			}
			continue
		}
		if i+2 < len(words) && p.text(words[i+1]) == "as" {
			if x, ok := p.expr(w.Start, w.End); ok {
				list = append(list, Set{p.text(words[i+2]), x})
			}
			i += 2
		}
	}
	return list
}

func (p *parser) regroup(tok token, words []Range) Node {
	if len(words) < 5 || p.text(words[1]) != "by" || p.text(words[len(words)-2]) != "as" {
		p.fail(tok.Range, "regroup is not complete")
		return nil
	}
	rows, _ := p.expr(words[0].Start, words[0].End)
	by, _ := p.expr(words[2].Start, words[2].End)
	return &Regroup{tok.Range, rows, by.Path, p.text(words[len(words)-1])}
}

// other keeps what an unknown tag may read.
func (p *parser) other(tok token, words []Range) Node {
	n := &Tag{Range: tok.Range, Name: tok.word}
	if k := len(words); k > 1 && p.text(words[k-2]) == "as" {
		n.As = p.text(words[k-1])
		words = words[:k-2]
	}
	for _, w := range words {
		text := p.text(w)
		start := w.Start
		if i := strings.IndexByte(text, '='); i > 0 && isName(text[:i]) {
			start += i + 1
		}
		if x, ok := p.expr(start, w.End); ok {
			n.Args = append(n.Args, x)
		}
	}
	return n
}

func (p *parser) text(r Range) string { return string(p.t.Text[r.Start:r.End]) }

// split cuts at white space outside of quotes.
func (p *parser) split(start, end int) []Range {
	var list []Range
	text := p.t.Text
	for i := start; i < end; {
		if isSpace(text[i]) {
			i++
			continue
		}
		from := i
		for i < end && !isSpace(text[i]) {
			if text[i] == '"' || text[i] == '\'' {
				i = pastQuote(text, i, end)
				continue
			}
			i++
		}
		list = append(list, Range{from, i})
	}
	return list
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' }

// pastQuote returns where a quoted part ends; without an end it is one sign.
func pastQuote(text []byte, i, end int) int {
	for k := i + 1; k < end; k++ {
		switch text[k] {
		case '\\':
			k++
		case text[i]:
			return k + 1
		}
	}
	return i + 1
}

func isName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c < 0x80 {
			return false
		}
	}
	return s != ""
}
