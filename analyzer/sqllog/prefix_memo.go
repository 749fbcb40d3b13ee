package sqllog

import "encoding/binary"

// What stands between the timestamp and the message is the same for all
// entries of a session with most prefixes. A prefixMemo keeps the last ones as
// bytes, so that most entries cost one comparison.
type prefixMemo [memoEntries]prefixEntry

const (
	memoBits    = 8
	memoEntries = 1 << memoBits
	memoText    = 88 // longer ones are not kept
)

type prefixEntry struct {
	n    int // length of text; 0: none
	p    prefix
	text [memoText]byte
}

// matchFast is match with the memo. It gives the same: only matches that did
// not have to try again are kept, as those depend on nothing behind them.
func (m *matcher) matchFast(line []byte, c *clock, p *prefix, memo *prefixMemo) bool {
	if !m.direct {
		return m.match(line, c, p)
	}
	at, n, frac, _ := c.stamp(line, m.ops[0].colon)
	if n == 0 || len(line) < n+24 || frac != (m.ops[0].kind == opTimeMS) {
		return m.match(line, c, p)
	}
	rest := line[n:]
	h := binary.LittleEndian.Uint64(rest)*0x9e3779b97f4a7c15 ^ binary.LittleEndian.Uint64(rest[8:])*0xff51afd7ed558ccd
	e := &memo[h>>(64-memoBits)] // the top bits depend on all bytes
	if e.n > 0 && len(rest) > e.n && string(rest[:e.n]) == string(e.text[:e.n]) && rest[e.n] != ' ' {
		*p = e.p
		p.at = at
		p.body = n + e.n + sqlstate(rest[e.n:])
		return true
	}
	if !m.match(line, c, p) {
		return false
	}
	if end := p.state - n; int(p.tries) == m.texts && end <= memoText {
		e.n = copy(e.text[:], rest[:end])
		e.p = *p
	}
	return true
}
