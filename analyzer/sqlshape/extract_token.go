package sqlshape

import "strings"

// The kinds of tokens of a masked text.
type tokenKind uint8

const (
	tkEnd   tokenKind = iota
	tkWord            // unquoted word, lower-cased: a keyword or a name
	tkName            // quoted name, quotes taken off
	tkValue           // literal, or a kept number
	tkMore            // "…": more of the same
	tkNote            // "(1000+)"
	tkOp              // operator
	tkPunct           // ( ) [ ] , . ;
)

// A token is one token; text[lo:hi] is where it stands.
type token struct {
	kind   tokenKind
	s      string
	lo, hi int
	match  int // of a bracket: the index of the other one, or the number of tokens
}

func (t token) is(word string) bool   { return t.kind == tkWord && t.s == word }
func (t token) sym(s string) bool     { return t.s == s && (t.kind == tkPunct || t.kind == tkOp) }
func (t token) isName() bool          { return t.kind == tkName || t.kind == tkWord && !reserved[t.s] }
func (t token) in(set wordSet) bool   { return t.kind == tkWord && set[t.s] }
func (t token) isWildcard() bool      { return t.kind == tkValue && strings.HasPrefix(t.s, "'%") }
func (t token) number() (int64, bool) { return plainNumber([]byte(t.s)) }

type wordSet map[string]bool

func words(s string) wordSet {
	set := wordSet{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// reserved are the keywords that are no names unless quoted.
var reserved = words(`all and any array as asc asymmetric between both by case cast check collate column
	constraint create cross current_date current_role current_time current_timestamp current_user default
	delete desc distinct do else end except exists false fetch for from full grant group having ilike in inner insert
	intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull
	null offset on only or order outer over partition returning right select session_user set similar some symmetric
	table then to trailing true union unique update using values when where window with regexp rlike glob div mod escape
	interval rows row`)

// typeWords come before a literal as its type: DATE ?, INTERVAL ?.
var typeWords = words(`date time timestamp timestamptz interval zone bit point uuid json jsonb numeric money inet cidr
	box circle line path polygon text bytea`)

// tokens splits a masked text. Deep nesting costs no stack.
func tokens(text string) []token {
	toks := make([]token, 0, len(text)/5+4)
	var open []int
	for i := 0; i < len(text); {
		t := token{lo: i, match: -1}
		i = t.read(text, i, toks)
		if t.kind == tkEnd {
			continue
		}
		t.hi = i
		if t.kind == tkPunct {
			switch t.s {
			case "(", "[":
				open = append(open, len(toks))
			case ")", "]":
				if len(open) > 0 {
					k := open[len(open)-1]
					open = open[:len(open)-1]
					toks[k].match, t.match = len(toks), k
				}
			}
		}
		toks = append(toks, t)
	}
	for _, k := range open { // cut text
		toks[k].match = len(toks)
	}
	return toks
}

// read reads the token at text[i:] and returns the offset after it; the kind
// stays tkEnd for white space.
func (t *token) read(text string, i int, before []token) int {
	c := text[i]
	switch class[c] {
	case cSpace:
		return i + 1
	case cIdent, cDollar:
		return t.word(text, i)
	case cDouble, cBacktick:
		j := i + 1
		for j < len(text) && (text[j] != c || j+1 < len(text) && text[j+1] == c) {
			if text[j] == c {
				j++
			}
			j++
		}
		t.kind, t.s = tkName, text[i+1:min(j, len(text))]
		if strings.IndexByte(t.s, c) >= 0 {
			t.s = strings.ReplaceAll(t.s, string(c)+string(c), string(c))
		}
		return min(j+1, len(text))
	case cSingle:
		j := strings.IndexByte(text[i+1:], '\'')
		if j < 0 {
			j = len(text) - i - 2
		}
		t.kind, t.s = tkValue, text[i:i+j+2]
		return i + j + 2
	case cDigit:
		j := i
		for j < len(text) && (identByte[text[j]] || text[j] == '.') {
			j++
		}
		t.kind, t.s = tkValue, text[i:j]
		return j
	case cOpen, cClose, cComma, cDot:
		if c == '(' && strings.HasPrefix(text[i:], hugeNote[1:]) && len(before) > 0 {
			if k := before[len(before)-1].kind; k == tkMore || k == tkValue {
				t.kind, t.s = tkNote, hugeNote[1:]
				return i + len(hugeNote) - 1
			}
		}
		t.kind, t.s = tkPunct, text[i:i+1]
		return i + 1
	case cQuestion:
		if !afterOperand(before) {
			t.kind, t.s = tkValue, "?"
			return i + 1
		}
		j := i + 1
		if j < len(text) && (text[j] == '|' || text[j] == '&') {
			j++
		}
		t.kind, t.s = tkOp, text[i:j]
		return j
	}
	if c == ';' {
		t.kind, t.s = tkPunct, ";"
		return i + 1
	}
	j := i
	for j < len(text) && strings.IndexByte("+-*/<>=~!@#%^&|:", text[j]) >= 0 {
		j++
		if text[i:j] == "::" || text[i:j] == "*" {
			break
		}
	}
	j = max(j, i+1)
	t.kind, t.s = tkOp, text[i:j]
	return j
}

func (t *token) word(text string, i int) int {
	if strings.HasPrefix(text[i:], ellipsis) {
		t.kind, t.s = tkMore, ellipsis
		return i + len(ellipsis)
	}
	j := i + 1
	for j < len(text) && identByte[text[j]] {
		j++
	}
	t.kind, t.s = tkWord, lower(text[i:j])
	return j
}

// lower folds ASCII only, as PostgreSQL does.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] |= 0x20
				}
			}
			return string(b)
		}
	}
	return s
}

// afterOperand reports whether an operator comes next, so that "?" is one.
func afterOperand(before []token) bool {
	if len(before) == 0 {
		return false
	}
	switch t := before[len(before)-1]; t.kind {
	case tkName:
		return true
	case tkValue:
		return true
	case tkWord:
		return !reserved[t.s] && !typeWords[t.s] && !operandWord(t.s)
	case tkPunct:
		operator := t.match > 0 && before[t.match-1].is("operator") // OPERATOR(pg_catalog.=) ?
		return t.s == ")" && !operator || t.s == "]"
	}
	return false
}

func operandWord(s string) bool {
	if len(s) >= len(operandWords) {
		return false
	}
	for _, w := range operandWords[len(s)] {
		if w == s {
			return true
		}
	}
	return false
}
