package template

import "strings"

// expr reads a variable or literal with filters. It is false for what is
// neither.
func (p *parser) expr(start, end int) (Expr, bool) {
	text := p.t.Text
	for start < end && isSpace(text[start]) {
		start++
	}
	for start < end && isSpace(text[end-1]) {
		end--
	}
	if start == end {
		return Expr{}, false
	}
	x := Expr{Range: Range{start, end}}
	parts := p.pipes(start, end)
	if !p.operand(&x, parts[0]) {
		return Expr{}, false
	}
	for _, part := range parts[1:] {
		f := Filter{Range: part}
		name := p.text(part)
		if i := strings.IndexByte(name, ':'); i >= 0 {
			var arg Expr
			if at := (Range{part.Start + i + 1, part.End}); p.operand(&arg, at) {
				arg.Range = at
				f.Arg = &arg
			}
			name = name[:i]
		}
		f.Name = strings.TrimSpace(name)
		x.Filters = append(x.Filters, f)
	}
	return x, true
}

// pipes cuts at "|" outside of quotes.
func (p *parser) pipes(start, end int) []Range {
	var list []Range
	from := start
	for i := start; i < end; {
		switch p.t.Text[i] {
		case '"', '\'':
			i = pastQuote(p.t.Text, i, end)
			continue
		case '|':
			list = append(list, Range{from, i})
			from = i + 1
		}
		i++
	}
	return append(list, Range{from, end})
}

// operand reads a name with dots, a number, a string or _("text").
func (p *parser) operand(x *Expr, at Range) bool {
	text := strings.TrimSpace(p.text(at))
	if inner, ok := strings.CutPrefix(text, "_("); ok {
		text = strings.TrimSuffix(inner, ")")
	}
	if text == "" {
		return false
	}
	if q := text[0]; q == '"' || q == '\'' {
		x.Literal = strings.Trim(text, string(q))
		return true
	}
	if c := text[0]; c >= '0' && c <= '9' || c == '-' || c == '+' {
		x.Literal = text
		return true
	}
	for _, part := range strings.Split(text, ".") {
		if !isName(part) {
			return false
		}
		x.Path = append(x.Path, part)
	}
	return true
}
