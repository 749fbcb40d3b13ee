package sqlshape

import (
	"bytes"
	"strings"
)

// textMax bounds Shape.Text; what is longer ends in "…".
const textMax = 64 << 10

// A masker masks statements one after the other into its own buffer.
type masker struct {
	dialect Dialect
	out     []byte
	olen    int
	rows    rowState
	// mysql: a back-tick stood in this statement of Django's log, so it is
	// MySQL's, where a backslash escapes in every string.
	mysql bool
}

// roomKept is the largest buffer that is kept from one statement to the next.
const roomKept = 1 << 20

// room returns a buffer for the masked form of n more bytes.
func (m *masker) room(n int) []byte {
	need := n + n/2 + tailLen + 64
	if len(m.out) < need || len(m.out) > roomKept && need <= roomKept {
		m.out = make([]byte, max(need, 4<<10))
	}
	return m.out
}

// capture saves the state before the first literal, when a later scan can
// resume from it: not after SELECT, where a digit may stay, and not when the
// start of the row is too far back.
func (m *masker) capture(head *state, out []byte, depth, rowDepth int32, rowAt int, last, names uint8) {
	t := max(0, len(out)-tailLen)
	head.base = 0
	if m.mysql || last == tSelect || rowDepth > 0 && (m.rows.count > 0 || rowAt < t) {
		return
	}
	*head = state{
		hash: hash(out), depth: depth, rowDepth: rowDepth, rowAt: int32(rowAt - t),
		base: int32(len(out) - t), last: last, names: names,
	}
	copy(head.tail[:], out[t:])
}

// comment notes the comment whose inside is sql[lo:hi]; it reads as a blank.
func (m *masker) comment(p *pass, sql []byte, at, lo, hi int, out []byte, o int, commentAt *int) int {
	if inside := sql[lo:hi]; tagLike(inside) {
		p.comment = inside
	}
	t := o
	for t > 0 && (out[t-1] == ' ' || out[t-1] == ';') {
		t--
	}
	if *commentAt != t {
		p.early = p.early || *commentAt >= 0 && p.first < 0
		*commentAt, p.trail = t, at
	}
	if o > 0 && out[o-1] != ' ' {
		out[o] = ' '
		o++
	}
	return o
}

// tagLike reports whether a comment may hold tags: sqlcommenter's key='value'
// or marginalia's key:value. Optimizer hints do not.
func tagLike(c []byte) bool {
	return len(c) > 2 && c[0] != '+' && (bytes.IndexByte(c, '=') > 0 || bytes.IndexByte(c, ':') > 0)
}

// printed is what each mark prints as.
var printed = [markEnd]string{
	markLit: "?", markMany: "?, …", markHuge: "?, … (1000+)", markWild: "'%…'", markDeep: "? (1000+)",
	markRows: ", …", markHugeRows: ", … (1000+)",
	markNull: "NULL", markTrue: "TRUE", markFalse: "FALSE", markDefault: "DEFAULT",
}

// render prints masked bytes as Shape.Text.
func render(out []byte) string {
	var b strings.Builder
	b.Grow(min(len(out)+16, textMax+64))
	var quote byte // the quote of the name that c stands in: what it holds are neither marks nor quotes
	for _, c := range out {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			b.WriteByte(c)
		case c < markEnd && c != 0:
			b.WriteString(printed[c])
		default:
			if c == '"' || c == '`' {
				quote = c
			}
			b.WriteByte(c)
		}
		if b.Len() > textMax {
			return cut(b.String())
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}

// cut shortens a text at a blank, so that what is left masks to itself.
func cut(s string) string {
	s = strings.ToValidUTF8(s[:textMax-8], "")
	if k := strings.LastIndexByte(s, ' '); k > len(s)/2 {
		s = s[:k]
	}
	return s + " " + ellipsis
}

// Mask returns the masked text of a statement, as in Shape.Text. It reads
// PostgreSQL's SQL and Django's placeholders; text that is masked already
// comes back as it is. A Scanner does the same much faster.
func Mask(sql string) string {
	m := masker{dialect: Django}
	m.run([]byte(sql), 0, nil, nil)
	return render(m.out[:m.olen])
}
