package sqlshape

import "bytes"

// A Dialect says which lexical rules a log's SQL follows.
type Dialect uint8

// The dialects. In both "?" after an operand is a jsonb operator and names may
// stand in double quotes or back-ticks.
const (
	Postgres Dialect = iota
	Django           // also the placeholders %s and %(name)s
)

// A Statement is what a Scanner finds out about one statement.
type Statement struct {
	Index uint32 // the shape's number in this Scanner: Scanner.Shape
	Args  uint64 // hash of the literals in order; two equal statements have equal Args
	// End is the offset of the quote that closes the JSON string or CSV field,
	// len(b) when it does not close and for Plain.
	End int
	// Comment is the inside of the last tag-like comment, decoded; nil when
	// there is none. It is valid until the next Scan and as long as b is.
	Comment []byte
	// Placeholders: the text has $1, %s or the like, so Args tells statements
	// apart only once the parameters are folded in with MixArgs.
	Placeholders bool
}

// A Scanner masks statements without allocating. It belongs to one goroutine.
type Scanner struct {
	set   *Set
	m     masker
	dec   []byte // the decoded statement, or the part after a known head
	lead  []byte // the decoded leading comment
	heads *headCache
	seen  table
	shape []*Shape // by local index; 0 is the shape beyond the limit
}

// NewScanner returns a Scanner that looks its shapes up in set.
func NewScanner(set *Set, d Dialect) *Scanner {
	return &Scanner{
		set: set, m: masker{dialect: d}, heads: new(headCache),
		seen: newTable(1 << 10), shape: []*Shape{otherShape},
	}
}

// Shape returns the shape of a Statement's Index. Any number of Indexes may
// stand for the one shape that is beyond the limit of the Set.
func (s *Scanner) Shape(index uint32) *Shape { return s.shape[index] }

// Scan masks the statement that starts at b[0] and, unless it is Plain, runs
// to the quote that closes the field; b may go on after that.
func (s *Scanner) Scan(b []byte, enc Encoding) Statement {
	var st Statement
	start, lo, hi := 0, 0, 0
	if len(b) > 0 && class[b[0]] != cIdent {
		start, lo, hi = leading(b, enc)
	}
	if start > 0 {
		if lead := b[lo:hi]; tagLike(lead) {
			st.Comment = lead
			if enc != Plain {
				s.lead = decode(s.lead[:0], lead, enc)
				st.Comment = s.lead
			}
		}
		b = b[start:]
	}
	s.scan(b, enc, &st)
	st.End += start
	return st
}

// scan is Scan after blanks and a leading comment.
func (s *Scanner) scan(b []byte, enc Encoding, st *Statement) {
	cached := len(b) >= headMin && s.heads.open()
	if cached {
		if e := s.heads.find(b, enc, s.m.dialect); e != nil && s.resume(b, enc, e, st) {
			return
		}
	}
	text, end := b, len(b)
	if enc != Plain {
		var escaped bool
		end, escaped = closing(b, enc)
		text = b[:end]
		if escaped {
			s.dec = decode(s.buffer(end), text, enc)
			text = s.dec
		}
	}
	st.End = end
	var head *state
	var hs state
	if cached && end >= headMin {
		head = &hs
	}
	p := s.m.run(text, 0, nil, head)
	if head != nil {
		s.remember(b[:end], text, enc, &p, head)
	}
	s.fill(st, &p)
	st.Index = s.index(p.hash, true)
}

// resume scans what follows the known head e. It reports false when the head
// turns out not to be all there is to a statement without literals.
func (s *Scanner) resume(b []byte, enc Encoding, e *headEntry, st *Statement) bool {
	n := len(e.raw)
	tail, end := b[n:], len(b)
	if enc != Plain {
		k, escaped := closing(tail, enc)
		end = n + k
		tail = tail[:k]
		if escaped {
			s.dec = decode(s.buffer(k), tail, enc)
			tail = s.dec
		}
	}
	var p pass
	if e.whole {
		comment, ok := trailer(tail)
		if !ok {
			return false
		}
		p.hash, p.comment = e.state.hash, comment
	} else if !e.known(tail, &p) {
		p = s.m.run(tail, 0, &e.state, nil)
		e.learn(tail, &p)
	}
	st.End = end
	s.fill(st, &p)
	if st.Index = s.index(p.hash, false); st.Index == unseen {
		// New here: its text needs a scan from the start.
		s.full(b[:end], enc, st)
	}
	return true
}

// full scans a whole statement for the sake of its masked text. The comment
// may lie in s.dec, which it leaves alone.
func (s *Scanner) full(raw []byte, enc Encoding, st *Statement) {
	text := raw
	if enc != Plain {
		text = decode(nil, raw, enc)
	}
	p := s.m.run(text, 0, nil, nil)
	st.Index = s.index(p.hash, true)
}

func (s *Scanner) fill(st *Statement, p *pass) {
	st.Args, st.Placeholders = p.args, p.placeholders
	if p.comment != nil {
		st.Comment = p.comment
	}
}

// buffer returns the decoding buffer for n bytes.
func (s *Scanner) buffer(n int) []byte {
	if cap(s.dec) > roomKept && n <= roomKept {
		s.dec = nil
	}
	return s.dec[:0]
}

// unseen is the index of a shape that this Scanner has not met.
const unseen = ^uint32(0)

// index returns the local index of the shape with that hash. The masked text
// of a new one is in s.m, unless the scan was resumed (not full).
func (s *Scanner) index(hash uint64, full bool) uint32 {
	if k, ok := s.seen.get(hash); ok {
		return k
	}
	if !full {
		return unseen
	}
	sh := s.set.add(hash, s.m.out[:s.m.olen])
	if sh == otherShape {
		return 0 // not kept: there may be any number of them
	}
	k := uint32(len(s.shape))
	s.shape = append(s.shape, sh)
	s.seen.put(hash, k)
	return k
}

// leading skips blanks, and one comment with the blanks after it, at the
// start of a statement: a comment that differs with each request would keep
// the prefix cache from knowing the statement. It returns where the statement
// starts and the inside of the comment, lo == hi when there is none.
func leading(b []byte, enc Encoding) (start, lo, hi int) {
	i := blanks(b, 0, enc)
	if i+1 >= len(b) || b[i] != '/' || b[i+1] != '*' {
		return i, i, i
	}
	lo = i + 2
	k := bytes.Index(b[lo:], starSlash)
	if k < 0 {
		return i, i, i
	}
	hi = lo + k
	in := b[lo:hi]
	if bytes.Contains(b[lo:hi+1], slashStar) { // nested
		return i, i, i
	}
	if enc != Plain {
		if end, _ := closing(in, enc); end < len(in) || enc == JSON && oddBackslashes(in) {
			return i, i, i
		}
	}
	return blanks(b, hi+2, enc), lo, hi
}

var (
	starSlash = []byte("*/")
	slashStar = []byte("/*")
)

func oddBackslashes(b []byte) bool {
	k := len(b)
	for k > 0 && b[k-1] == '\\' {
		k--
	}
	return (len(b)-k)&1 == 1
}

// blanks skips white space, escaped or not.
func blanks(b []byte, i int, enc Encoding) int {
	for i < len(b) {
		switch c := b[i]; {
		case c == ' ', c == '\n', c == '\t', c == '\r':
			i++
		case enc == JSON && c == '\\' && i+1 < len(b) && (b[i+1] == 'n' || b[i+1] == 't' || b[i+1] == 'r'):
			i += 2
		default:
			return i
		}
	}
	return i
}

// A table maps hashes to local indexes: open addressing, since the keys are
// hashes already. Index 0 marks a free slot.
type table struct {
	slots []slot
	used  int
}

type slot struct {
	hash  uint64
	index uint32
}

func newTable(size int) table { return table{slots: make([]slot, size)} }

func (t *table) get(hash uint64) (uint32, bool) {
	mask := uint64(len(t.slots) - 1)
	for k := hash & mask; ; k = (k + 1) & mask {
		sl := &t.slots[k]
		if sl.index == 0 {
			return 0, false
		}
		if sl.hash == hash {
			return sl.index, true
		}
	}
}

func (t *table) put(hash uint64, index uint32) {
	if t.used*2 >= len(t.slots) {
		old := t.slots
		*t = newTable(2 * len(old))
		for _, sl := range old {
			if sl.index != 0 {
				t.put(sl.hash, sl.index)
			}
		}
	}
	mask := uint64(len(t.slots) - 1)
	k := hash & mask
	for t.slots[k].index != 0 {
		k = (k + 1) & mask
	}
	t.slots[k] = slot{hash, index}
	t.used++
}
