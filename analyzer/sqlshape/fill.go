package sqlshape

import "strings"

// A Filling says what a parser is given for the marks of a masked text.
type Filling struct {
	Value string // a literal
	Text  string // a literal after a type name, which must be a string
	More  string // the "…" of a list
	Huge  string // the "… (1000+)" of a list
	Deep  string // the "? (1000+)" of an OFFSET
}

// lengthTypes take a number in brackets that must not be a parameter.
var lengthTypes = words("varchar char character varying bit varbit numeric decimal float timestamp timestamptz time interval")

// countWords come before a number that must not be a parameter.
var countWords = words("fetch move forward backward absolute relative first next")

// Fill replaces the marks of a masked text, so that a parser takes it. The
// jsonb operators "?", "?|" and "?&" stay.
func Fill(masked string, with Filling) string {
	toks := tokens(masked)
	var b strings.Builder
	b.Grow(len(masked) + len(masked)/4)
	at := 0
	for k, t := range toks {
		if t.lo < at {
			continue
		}
		with, ok := with.mark(toks, k)
		if !ok {
			continue
		}
		b.WriteString(masked[at:t.lo])
		b.WriteString(with)
		at = t.hi
		if k+1 < len(toks) && toks[k+1].kind == tkNote {
			at = toks[k+1].hi
		}
	}
	b.WriteString(masked[at:])
	return b.String()
}

// mark returns what stands for token k; ok is false when it stays.
func (f Filling) mark(toks []token, k int) (string, bool) {
	t := toks[k]
	var prev, prev2 token
	if k > 0 {
		prev = toks[k-1]
	}
	if k > 1 {
		prev2 = toks[k-2]
	}
	note := k+1 < len(toks) && toks[k+1].kind == tkNote
	switch {
	case t.s == "?" && prev.kind == tkWord && prev.hi == t.lo, t.s == "?" && k+1 < len(toks) && toks[k+1].kind == tkWord && toks[k+1].lo == t.hi:
		return "0", true // digits of a name
	case t.kind == tkMore:
		more := f.More
		if note {
			more = f.Huge
		}
		if prev2.sym(")") {
			more = "(" + more + ")"
		}
		return more, true
	case t.kind != tkValue || t.s != "?":
		return "", false
	case note:
		return f.Deep, true
	case prev.in(typeWords):
		return f.Text, true
	case prev.sym("(") && prev2.in(lengthTypes), prev.in(countWords):
		return "1", true
	}
	return f.Value, true
}
