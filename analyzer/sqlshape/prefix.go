package sqlshape

import "bytes"

// The prefix cache exploits that generated SQL has a long head without
// literals (the column list, FROM, joins) and a short tail. It maps the bytes
// before the first literal, as they stand in the log, to the scan state there:
// a hit costs one comparison in place of unescaping and scanning. Since the
// state at an offset depends only on the bytes before it, a hit gives exactly
// what a full scan gives; two rules keep that true. A head ends where the token
// before it ends whatever follows, and a hit needs the start of a literal (for
// a statement without literals: its end, or comments) as the next byte.
const (
	headMin     = 32 // heads below this length are scanned as fast as compared
	headLong    = 72 // heads from this length on have buckets by more of their bytes
	headMax     = 64 << 10
	headWays    = 8
	headBuckets = 1024 // a power of two; the heads of one table share a bucket
	// headBytes bounds what one cache keeps; above it the cache starts anew.
	headBytes = 8 << 20
)

// A window of headWindow look-ups with less than a quarter of hits turns the
// cache off for headPause statements: heads do not repeat here, and looking
// for them costs as much as scanning.
const (
	headWindow = 8 << 10
	headPause  = 64 << 10
)

type headEntry struct {
	raw   []byte
	state state
	enc   Encoding
	whole bool // a statement without literals: state.hash is its final hash
	tries uint8
	tails [tailWays]tail
}

type headCache struct {
	buckets [headBuckets][headWays]*headEntry
	bytes   int
	lookups int // in this window
	hits    int
	pause   int
}

// short returns the bucket for heads of headMin bytes or more.
func (h *headCache) short(b []byte) *[headWays]*headEntry {
	x := mix(load64(b[8:]), load64(b[16:])^load64(b[24:])*k2)
	return &h.buckets[x%headBuckets]
}

// long returns the bucket for heads of headLong bytes or more.
func (h *headCache) long(b []byte) *[headWays]*headEntry {
	x := mix(load64(b[8:])^load64(b[24:]), load64(b[40:])^load64(b[56:])*k2^load64(b[48:]))
	return &h.buckets[x%headBuckets]
}

// open reports whether the next look-up is worth its time.
func (h *headCache) open() bool {
	if h.pause > 0 {
		h.pause--
		return false
	}
	if h.lookups >= headWindow {
		few := h.hits < h.lookups/4
		h.lookups, h.hits = 0, 0
		if few {
			h.pause = headPause
			h.reset()
			return false
		}
	}
	h.lookups++
	return true
}

func (h *headCache) reset() {
	clear(h.buckets[:])
	h.bytes = 0
}

// find returns the entry whose head b starts with, or nil. b has headMin bytes
// or more.
func (h *headCache) find(b []byte, enc Encoding, d Dialect) *headEntry {
	if len(b) >= headLong {
		if e := h.findIn(h.long(b), b, enc, d); e != nil {
			return e
		}
	}
	return h.findIn(h.short(b), b, enc, d)
}

func (h *headCache) findIn(bk *[headWays]*headEntry, b []byte, enc Encoding, d Dialect) *headEntry {
	for k, e := range bk {
		if e == nil {
			return nil
		}
		n := len(e.raw)
		if n > len(b) || e.enc != enc || !bytes.Equal(b[:n], e.raw) {
			continue
		}
		if e.whole {
			if !endsHead(b, n, enc) {
				continue
			}
		} else if !literalAt(b, n, d) {
			continue
		}
		if k > 0 { // the ones in use move to the front
			bk[k], bk[k-1] = bk[k-1], bk[k]
		}
		h.hits++
		return e
	}
	return nil
}

// insert puts e in the middle of its bucket, so that one-off statements do
// not push out the heads in use.
func (h *headCache) insert(e *headEntry) {
	if h.bytes += len(e.raw); h.bytes > headBytes {
		h.reset()
		h.bytes = len(e.raw)
	}
	bk := h.short(e.raw)
	if len(e.raw) >= headLong {
		bk = h.long(e.raw)
	}
	for k := range bk {
		if bk[k] == nil {
			bk[k] = e
			return
		}
	}
	h.bytes -= len(bk[headWays-1].raw)
	copy(bk[headWays/2+1:], bk[headWays/2:headWays-1])
	bk[headWays/2] = e
}

// literalAt reports whether a literal starts at b[i], by its first bytes.
func literalAt(b []byte, i int, d Dialect) bool {
	if i+1 >= len(b) {
		return false
	}
	switch c := b[i]; c {
	case '\'':
		return true
	case '$':
		return class[b[i+1]] == cDigit
	case '%':
		return d == Django && b[i+1] == 's'
	default:
		return class[c] == cDigit
	}
}

// endsHead reports whether the statement may end at b[i], comments apart.
func endsHead(b []byte, i int, enc Encoding) bool {
	if i >= len(b) {
		return true
	}
	switch b[i] {
	case ' ', ';', '\n', '\r', '\t':
		return true
	case '"':
		return enc != Plain
	case '/', '-':
		return i+1 < len(b) && (b[i+1] == '*' || b[i+1] == '-')
	}
	return false
}

// trailer reports whether s is only blanks, semicolons and comments, and
// returns the last tag-like comment.
func trailer(s []byte) (comment []byte, ok bool) {
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case class[c] == cSpace, c == ';':
			i++
		case c == '/' && i+1 < len(s) && s[i+1] == '*':
			j := skipComment(s, i)
			if in := s[i+2 : max(i+2, j-2)]; tagLike(in) {
				comment = in
			}
			i = j
		case c == '-' && i+1 < len(s) && s[i+1] == '-':
			j := skipLine(s, i+2)
			if in := s[i+2 : j]; tagLike(in) {
				comment = in
			}
			i = j
		default:
			return nil, false
		}
	}
	return comment, true
}

// remember keeps the head of a statement that was scanned from text (raw,
// decoded) when it can serve.
func (s *Scanner) remember(raw, text []byte, enc Encoding, p *pass, st *state) {
	if p.early {
		return
	}
	at, whole := p.first, p.first < 0
	if whole {
		if openName(text) {
			return // what follows goes on in the name, comments too
		}
		at = p.trail
		for at > 0 && (class[text[at-1]] == cSpace || text[at-1] == ';') {
			at--
		}
		*st = state{hash: p.hash}
	} else if st.base == 0 || at == 0 || identByte[text[at-1]] || signByte(text[at-1]) {
		return // the token before the literal could go on into it
	}
	if at > headMax {
		return
	}
	if enc != Plain {
		at = rawOffset(raw, at, enc)
	}
	if at < headMin || !whole && !literalAt(raw, at, s.m.dialect) {
		return
	}
	s.heads.insert(&headEntry{raw: bytes.Clone(raw[:at]), state: *st, enc: enc, whole: whole})
}

// openName reports whether a statement may end inside of a quoted name: a log
// may have cut it there.
func openName(text []byte) bool {
	return bytes.Count(text, []byte{'"'})%2 == 1 || bytes.Count(text, []byte{'`'})%2 == 1
}

func signByte(c byte) bool { return c == '-' || c == '+' || c == '.' || c == '&' || c == '\'' }
