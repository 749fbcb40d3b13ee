package sqllog

import (
	"bytes"
	"errors"
)

// An opKind is one step of matching a log_line_prefix.
type opKind uint8

const (
	opLiteral opKind = iota
	opTime           // %t: no fraction
	opTimeMS         // %m
	opStart          // %s, the session's start
	opEpoch          // %n
	opPID            // %p
	opLineNo         // %l
	opDigits         // %x %P %Q
	opSession        // %c
	opVXID           // %v
	opState          // %e
	opRemote         // %r, which can tell sessions apart where nothing better does
	opText           // %u %d %a %h %L %b %i
	opQuit           // %q
)

// An op is a compiled part of a prefix.
type op struct {
	kind  opKind
	pad   bool   // blanks may stand around the value
	colon bool   // a zone may hold a colon
	lit   []byte // of opLiteral
}

// A matcher finds where a log_line_prefix ends and what it says. It is
// immutable and shared by the workers.
type matcher struct {
	text string // as in postgresql.conf
	ops  []op
	// What the prefix can tell.
	hasTime, hasPID, hasSession, hasStart, hasVXID, hasLineNo, hasRemote bool
	fields                                                               int // typed fields, to choose among matchers
	// direct: the prefix starts with the time and the rest stays the same for
	// all entries of a session. texts is how many fields a match tries ends of.
	direct bool
	texts  int
}

// A prefix holds what was matched.
type prefix struct {
	at    int64
	key   uint64
	lno   uint32
	sev   severity
	state int // where the message starts, its SQLSTATE included
	body  int // where the message starts
	start int64
	pid   uint32
	tries uint16 // ends of text fields tried
	flag  uint8
}

// Bits of prefix.flag.
const (
	keySession = 1 << iota
	keyPID
	keyOther
)

// prefixBytes is how far a line is searched for the end of its prefix.
const prefixBytes = 1000

// triesMax is how many ends of text fields are tried in one line.
const triesMax = 2000

// errPrefix says that a log_line_prefix cannot be compiled.
var errPrefix = errors.New("unknown escape")

// compile translates a log_line_prefix as it stands in postgresql.conf.
func compile(text string) (*matcher, error) {
	m := &matcher{text: text}
	var lit []byte
	flush := func() {
		if len(lit) > 0 {
			m.ops = append(m.ops, op{kind: opLiteral, lit: lit})
			lit = nil
		}
	}
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			lit = append(lit, text[i])
			continue
		}
		i++
		pad := false
		for i < len(text) && (text[i] == '-' || text[i] >= '0' && text[i] <= '9') {
			pad = true
			i++
		}
		if i == len(text) {
			break
		}
		if text[i] == '%' {
			lit = append(lit, '%')
			continue
		}
		flush()
		kind, ok := m.field(text[i])
		if !ok {
			return nil, errPrefix
		}
		m.ops = append(m.ops, op{kind: kind, pad: pad})
	}
	flush()
	m.finish()
	return m, nil
}

// field gives the op of an escape and notes what the prefix can tell.
func (m *matcher) field(c byte) (opKind, bool) {
	m.fields++
	switch c {
	case 't':
		m.hasTime = true
		return opTime, true
	case 'm':
		m.hasTime = true
		return opTimeMS, true
	case 'n':
		m.hasTime = true
		return opEpoch, true
	case 's':
		m.hasStart = true
		return opStart, true
	case 'p':
		m.hasPID = true
		return opPID, true
	case 'c':
		m.hasSession = true
		return opSession, true
	case 'v':
		m.hasVXID = true
		return opVXID, true
	case 'l':
		m.hasLineNo = true
		return opLineNo, true
	case 'x', 'P', 'Q':
		return opDigits, true
	case 'e':
		return opState, true
	case 'q':
		m.fields--
		return opQuit, true
	case 'r':
		m.hasRemote = true
		m.fields--
		return opRemote, true
	case 'u', 'd', 'a', 'h', 'L', 'b', 'i':
		m.fields--
		return opText, true
	}
	return 0, false
}

// finish sets what depends on neighbours. Blanks at the end are optional:
// people who copy a prefix lose them.
func (m *matcher) finish() {
	if n := len(m.ops); n > 0 && m.ops[n-1].kind == opLiteral {
		l := bytes.TrimRight(m.ops[n-1].lit, " ")
		m.ops[n-1].lit = l
		if len(l) == 0 {
			m.ops = m.ops[:n-1]
		}
	}
	m.direct = len(m.ops) > 1 && (m.ops[0].kind == opTime || m.ops[0].kind == opTimeMS) && !m.ops[0].pad
	for i := range m.ops {
		switch o := m.ops[i].kind; {
		case o == opText && i+1 < len(m.ops), o == opRemote && i+1 < len(m.ops):
			m.texts++
		case o == opLineNo, o == opVXID, o == opDigits, o == opEpoch, i > 0 && (o == opTime || o == opTimeMS):
			m.direct = false
		}
		m.ops[i].colon = i+1 == len(m.ops) || m.ops[i+1].kind != opLiteral || m.ops[i+1].lit[0] != ':'
	}
}

// match reads the prefix and the severity at the start of a line. line must
// not go beyond the line's end; p.body is 0 when there is no match.
func (m *matcher) match(line []byte, c *clock, p *prefix) bool {
	if len(line) > prefixBytes {
		line = line[:prefixBytes]
	}
	*p = prefix{}
	if !m.from(line, 0, 0, c, p) {
		return false
	}
	switch {
	case p.flag&keySession != 0:
	case p.flag&keyPID != 0:
		p.key = uint64(p.pid)
		if p.start != 0 {
			p.key |= uint64(p.start/second) << 32
		}
	}
	return true
}

// from matches ops[k:] at line[i:].
func (m *matcher) from(line []byte, i, k int, c *clock, p *prefix) bool {
	for ; k < len(m.ops); k++ {
		o := &m.ops[k]
		if o.pad {
			for i < len(line) && line[i] == ' ' {
				i++
			}
		}
		switch o.kind {
		case opLiteral:
			e := i + len(o.lit)
			if e > len(line) || string(line[i:e]) != string(o.lit) {
				return false
			}
			i = e
		case opPID:
			j, v := number(line, i)
			if j == i {
				return false
			}
			i, p.pid = j, uint32(v)
			p.flag |= keyPID
		case opTime, opTimeMS:
			ns, n, frac, _ := c.stamp(line[i:], o.colon)
			if n == 0 || frac != (o.kind == opTimeMS) {
				return false
			}
			i, p.at = i+n, ns
		case opQuit:
			if m.from(line, i, k+1, c, p) {
				return true
			}
			return severityAt(line, i, p)
		case opText, opRemote:
			return m.textField(line, i, k, c, p)
		default:
			if i = m.rare(o, line, i, c, p); i < 0 {
				return false
			}
		}
		if o.pad {
			i = m.padEnd(line, i, k)
		}
	}
	return severityAt(line, i, p)
}

// padEnd skips the blanks after a padded value, but those of the literal that
// follows.
func (m *matcher) padEnd(line []byte, i, k int) int {
	from := i
	for i < len(line) && line[i] == ' ' {
		i++
	}
	if k+1 < len(m.ops) && m.ops[k+1].kind == opLiteral {
		for _, c := range m.ops[k+1].lit {
			if c != ' ' || i == from {
				break
			}
			i--
		}
	}
	return i
}

// rare matches the fields that most prefixes do not have.
func (m *matcher) rare(o *op, line []byte, i int, c *clock, p *prefix) int {
	switch o.kind {
	case opStart:
		ns, n, _, _ := c.stamp(line[i:], o.colon)
		p.start = ns
		return i + n // empty in processes without a session
	case opEpoch:
		j, v := number(line, i)
		if j-i < 9 || j+4 > len(line) || line[j] != '.' {
			return -1
		}
		e, ms := number(line, j+1)
		if e != j+4 {
			return -1
		}
		p.at = v*second + ms*1e6
		return e
	case opLineNo:
		j, v := number(line, i)
		if j == i {
			return -1
		}
		p.lno = uint32(v)
		return j
	case opDigits:
		if i < len(line) && line[i] == '-' {
			i++
		}
		j, _ := number(line, i)
		return j
	case opSession:
		j, start := hex(line, i)
		if j == i || j >= len(line) || line[j] != '.' {
			return -1
		}
		e, pid := hex(line, j+1)
		if e == j+1 {
			return -1
		}
		p.key = start<<32 | pid&0xffffffff
		p.flag |= keySession
		return e
	case opVXID:
		j, v := number(line, i)
		if j == i {
			return i
		}
		if j >= len(line) || line[j] != '/' {
			return -1
		}
		e, _ := number(line, j+1)
		if !m.hasPID && !m.hasSession {
			p.key, p.flag = uint64(v)+1, p.flag|keyOther
		}
		return e
	case opState:
		if i+5 > len(line) {
			return -1
		}
		for _, ch := range line[i : i+5] {
			if !digit(ch) && (ch < 'A' || ch > 'Z') {
				return -1
			}
		}
		return i + 5
	}
	return -1
}

// textField matches a field of any text: it ends at the first place from which the
// rest of the prefix matches. An application name may hold spaces, commas,
// brackets and "LOG:".
func (m *matcher) textField(line []byte, i, k int, c *clock, p *prefix) bool {
	remote := m.ops[k].kind == opRemote && !m.hasPID && !m.hasSession && !m.hasVXID
	var next []byte
	if k+1 < len(m.ops) && m.ops[k+1].kind == opLiteral {
		next = m.ops[k+1].lit
	} else if k+1 == len(m.ops) {
		return m.lastText(line, i, remote, p)
	}
	for j := i; ; j++ {
		// Several text fields and a line full of their separators would take
		// forever; real prefixes need a handful of tries.
		if p.tries++; p.tries > triesMax {
			return false
		}
		if next != nil {
			n := bytes.Index(line[j:], next)
			if n < 0 {
				return false
			}
			j += n
		} else if j > len(line) {
			return false
		}
		if m.from(line, j, k+1, c, p) {
			if remote {
				p.key, p.flag = hashBytes(0, line[i:j])|hashedKey, p.flag|keyOther
			}
			return true
		}
	}
}

// lastText ends at the first severity.
func (m *matcher) lastText(line []byte, i int, remote bool, p *prefix) bool {
	for j := i; j < len(line); j++ {
		n := bytes.IndexByte(line[j:], ':')
		if n < 0 {
			return false
		}
		j += n
		s := j
		for s > i && (line[s-1] >= 'A' && line[s-1] <= 'Z' || digit(line[s-1])) {
			s--
		}
		// Two blanks, as the server writes them: the name itself may say "LOG: ".
		if s < j && j+2 < len(line) && line[j+1] == ' ' && line[j+2] == ' ' && severityAt(line, s, p) {
			if remote {
				p.key, p.flag = hashBytes(0, line[i:s])|hashedKey, p.flag|keyOther
			}
			return true
		}
	}
	return false
}

// severityAt reads "LOG:  " after optional blanks.
func severityAt(line []byte, i int, p *prefix) bool {
	for i < len(line) && line[i] == ' ' {
		i++
	}
	sev, n := severityWord(line[i:])
	i += n
	if n == 0 || i+1 >= len(line) || line[i] != ':' || line[i+1] != ' ' {
		return false
	}
	for i++; i < len(line) && line[i] == ' '; i++ {
	}
	p.sev = sev
	p.state = i
	p.body = i + sqlstate(line[i:])
	return true
}

func number(b []byte, i int) (int, int64) {
	var v int64
	for i < len(b) && digit(b[i]) && v < 1e17 {
		v = v*10 + int64(b[i]-'0')
		i++
	}
	return i, v
}

func hex(b []byte, i int) (int, uint64) {
	var v uint64
	for n := 0; i < len(b) && n < 16; n++ {
		switch c := b[i]; {
		case digit(c):
			v = v<<4 | uint64(c-'0')
		case c >= 'a' && c <= 'f':
			v = v<<4 | uint64(c-'a'+10)
		default:
			return i, v
		}
		i++
	}
	return i, v
}
