package sqlshape

import "bytes"

// A tail is how a statement went on after a known head, where that is simple:
// plain literals, each with a text behind it that has none. A statement with
// the same texts differs in its literals only, so it has the same hash, and its
// scan comes down to comparing the texts. All that would make the masked text
// depend on a literal's value (LIMIT, OFFSET, LIKE, lists, rows, signs, casts)
// makes no tail; such statements are scanned from the head on.
type tail struct {
	text []byte // of all of them; nil: no tail
	ends [tailTexts]uint16
	n    uint8 // ends in use
	hash uint64
}

const (
	tailWays = 2   // tails of one head
	tailMax  = 512 // longer ones are scanned, as those with more literals are
	// tailTexts is how many literals a tail may have.
	tailTexts = 6
	// tailTries is how often a head whose statements go on in other ways
	// looks at one of them; keeping one counts for tailKept tries.
	tailTries = 16
	tailKept  = 8
)

// known looks for a tail of e that s has the form of.
func (e *headEntry) known(s []byte, p *pass) bool {
	for k := range e.tails {
		if t := &e.tails[k]; t.text != nil && t.match(s, p) {
			return true
		}
	}
	return false
}

// match reports whether s, what follows the head, has the form of t, and gives
// its args and comment.
func (t *tail) match(s []byte, p *pass) bool {
	args, i, from := uint64(0), 0, uint16(0)
	for _, to := range t.ends[:t.n] {
		text := t.text[from:to]
		from = to
		j := plainLiteral(s, i)
		if e := j + len(text); j < 0 || e > len(s) || string(s[j:e]) != string(text) {
			return false
		}
		args = MixArgs(args, s[i:j])
		i = j + len(text)
	}
	comment, ok := trailer(s[i:])
	if !ok {
		return false
	}
	p.hash, p.args, p.comment = t.hash, args, comment
	return true
}

// plainLiteral returns the offset after the digits or the string that start at
// s[i:], -1 for anything else and for patterns.
func plainLiteral(s []byte, i int) int {
	if i >= len(s) {
		return -1
	}
	if s[i] == '\'' {
		if wild(s, i+1) {
			return -1
		}
		return skipQuoted(s, i, '\'', false)
	}
	j := i
	for j < len(s) && class[s[j]] == cDigit {
		j++
	}
	if j == i || j < len(s) && (identByte[s[j]] || s[j] == '.') {
		return -1
	}
	return j
}

// learn keeps the form of s, which follows the head e and was scanned as p.
func (e *headEntry) learn(s []byte, p *pass) {
	if e.tries >= tailTries || len(s) > tailMax {
		return
	}
	e.tries++
	if st := &e.state; st.last != tOther || st.rowDepth != 0 || st.names != namesKept || p.placeholders {
		return
	}
	var at [tailTexts][2]int
	n := 0
	for i, more := 0, true; more; n++ {
		j := plainLiteral(s, i)
		if j < 0 || n == tailTexts {
			return
		}
		var ok bool
		if i, more, ok = plainText(s, j); !ok {
			return
		}
		at[n] = [2]int{j, i}
	}
	t := tail{hash: p.hash, n: uint8(n), text: make([]byte, 0, len(s))}
	for k := range n {
		t.text = append(t.text, s[at[k][0]:at[k][1]]...)
		t.ends[k] = uint16(len(t.text))
	}
	if openName(t.text) {
		return
	}
	// The scan itself says whether all literals were seen as such.
	var q pass
	if !t.match(s, &q) || q.args != p.args || !bytes.Equal(q.comment, p.comment) {
		return
	}
	e.tails[int(e.tries)/tailKept%tailWays] = t
	e.tries += tailKept
}

// plainText returns where the text that starts at s[i:] ends: at a literal
// (more) or at the end of the statement, blanks and comments apart.
func plainText(s []byte, i int) (end int, more, ok bool) {
	lo := i
	if i < len(s) && (identByte[s[i]] || s[i] == '.') {
		return 0, false, false
	}
	for i < len(s) {
		switch c := s[i]; {
		case c == '"':
			i = skipQuoted(s, i, '"', false)
			continue
		case c == '\'' || class[c] == cDigit:
			if i-2 < lo || s[i-1] != ' ' || !comparison(s[i-2]) {
				return 0, false, false
			}
			return i, true, true
		case class[c] == cIdent:
			j := i + 1
			for j < len(s) && identByte[s[j]] {
				j++
			}
			if foldEqual(s[i:j], "limit") {
				k := skipSpace(s, j)
				j = skipNumber(s, k)
				if !keptLimit(s[k:j]) {
					return 0, false, false
				}
			} else if foldEqual(s[i:j], "values") {
				return 0, false, false
			}
			i = j
			continue
		case (c == '/' || c == '-') && i+1 < len(s) && (s[i+1] == '*' || s[i+1] == '-'):
			return trimEnd(s, lo, i), false, true
		case c < ' ' || c >= 0x7f || bytes.IndexByte(oddBytes, c) >= 0:
			return 0, false, false
		}
		i++
	}
	return trimEnd(s, lo, i), false, true
}

// oddBytes begin what may read differently with the value of a literal before
// it, or in one dialect only.
var oddBytes = []byte("$%?:[`\\#-+/")

func comparison(c byte) bool { return c == '=' || c == '<' || c == '>' }

func trimEnd(s []byte, lo, hi int) int {
	for hi > lo && (s[hi-1] == ' ' || s[hi-1] == ';') {
		hi--
	}
	return hi
}
