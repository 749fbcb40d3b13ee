package sqllog

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

func foldParams(args uint64, params []byte) uint64 { return sqlshape.MixArgs(args, params) }

// hashedKey marks session keys that are hashes, not a start and a pid.
const hashedKey = 1 << 63

// readHead reads what a formatter writes before the SQL, and "(0.003) ".
func readHead(line []byte, c *clock, h *djangoHead) bool {
	line = line[:min(len(line), headBytes)]
	open := tookAt(line, &h.took, &h.sql)
	if open < 0 {
		return false
	}
	*h = djangoHead{took: h.took, sql: h.sql}
	p := headParser{c: c, h: h, b: line[:open]}
	p.run()
	if p.process != 0 || p.thread != 0 {
		h.key = mix(p.process, p.thread)
	}
	h.key |= hashedKey
	return true
}

// tookAt finds "(0.003) ", three digits after the point, and gives the offset
// of its parenthesis.
func tookAt(line []byte, took *int64, sql *int) int {
	for i := 0; i < len(line); i++ {
		k := bytes.IndexByte(line[i:], '(')
		if k < 0 {
			return -1
		}
		i += k
		j, s := number(line, i+1)
		if j == i+1 || j+5 > len(line) || line[j] != '.' {
			continue
		}
		e, ms := number(line, j+1)
		if e != j+4 || e >= len(line) || line[e] != ')' || s > 1e7 {
			continue
		}
		*took = s*second + ms*1e6
		e++
		for e < len(line) && line[e] == 0x1b { // the colour ends here
			n := e + 1
			for n < len(line) && line[n] != 'm' {
				n++
			}
			e = min(n+1, len(line))
		}
		if e < len(line) && line[e] != ' ' {
			continue
		}
		*sql = min(e+1, len(line))
		return i
	}
	return -1
}

// A headParser walks the words of a formatter's prefix.
type headParser struct {
	c               *clock
	h               *djangoHead
	b               []byte
	process, thread uint64
	pyLine          bool // the last word was a file name: a line number follows
}

// sign folds a separator or a class into the shape of the prefix.
func (p *headParser) sign(c byte) { p.h.sign = mix(p.h.sign, uint64(c)+1) }

func (p *headParser) run() {
	var key []byte
	last := byte(0)
	for i := 0; i < len(p.b); {
		if n := p.stamp(p.b[i:]); n > 0 {
			p.sign('T')
			i, last = i+n, 'T'
			continue
		}
		c := p.b[i]
		switch {
		case c == 0x1b:
			for i++; i < len(p.b) && p.b[i] != 'm'; i++ {
			}
			i++
			continue
		case headSeparator(c):
			if c != ' ' || last != ' ' {
				p.sign(c)
			}
			if c != '=' && c != ':' && c != ' ' {
				key = nil
			}
			last = c
			i++
			continue
		}
		e := i
		for e < len(p.b) && !headSeparator(p.b[e]) && p.b[e] != 0x1b {
			e++
		}
		w := p.b[i:e]
		p.sign('W')
		p.word(key, w, last)
		key, last = w, 'W'
		i = e
	}
}

func headSeparator(c byte) bool { return bytes.IndexByte([]byte(" \t[](){}<>|,=:;\"'#@/"), c) >= 0 }

// stamp reads the first timestamp: asctime, ISO 8601, or 22/Nov/2026 07:05:28.
func (p *headParser) stamp(b []byte) int {
	if len(b) < 19 || !digit(b[0]) {
		return 0
	}
	at, n, _, _ := p.c.stamp(b, true)
	if n == 0 {
		at, n = slashStamp(b)
	}
	if n > 0 && p.h.at == 0 {
		p.h.at = at
	}
	return n
}

func slashStamp(b []byte) (int64, int) {
	if len(b) < 20 || b[2] != '/' || b[6] != '/' || b[14] != ':' || b[17] != ':' {
		return 0, 0
	}
	m := bytes.Index([]byte("JanFebMarAprMayJunJulAugSepOctNovDec"), b[3:6])
	_, day := number(b, 0)
	e, year := number(b, 7)
	if m < 0 || m%3 != 0 || e != 11 {
		return 0, 0
	}
	_, hh := number(b, 12)
	_, mm := number(b, 15)
	_, ss := number(b, 18)
	return civil(year, int64(m/3+1), day)*dayNS + (hh*3600+mm*60+ss)*second, 20
}

// threadDigits: Python's thread ids are addresses, process ids are short.
const threadDigits = 9

// word takes what a word tells: process, thread, or request id.
func (p *headParser) word(key, w []byte, before byte) {
	j, v := number(w, 0)
	isNumber := j == len(w)
	named := func(names ...string) bool {
		for _, n := range names {
			if bytes.EqualFold(key, []byte(n)) {
				return true
			}
		}
		return false
	}
	valued := before == '=' || before == ':'
	switch {
	case valued && named("request_id", "req_id", "trace_id", "correlation_id", "request-id", "rid"):
		if len(w) > 1 && !bytes.EqualFold(w, []byte("none")) {
			p.h.unit = unitHash(w)
		}
	case valued && named("pid", "process", "proc"):
		p.process = mix(p.process, hashBytes(1, w))
	case valued && named("tid", "thread", "threadname", "thread_id"):
		p.thread = mix(p.thread, hashBytes(2, w))
	case isNumber && len(w) >= threadDigits:
		p.thread = mix(p.thread, uint64(v))
	case isNumber && !p.pyLine && before != ':':
		p.process = mix(p.process, uint64(v)+1)
	case bytes.Contains(w, []byte("Thread")) || bytes.HasPrefix(w, []byte("Dummy-")):
		p.thread = mix(p.thread, hashBytes(2, w))
	case requestID(w):
		p.h.unit = unitHash(w)
	}
	p.pyLine = bytes.HasSuffix(w, []byte(".py")) || bytes.Equal(w, []byte("utils"))
}

// requestID says whether a word is a UUID or a long hex number.
func requestID(w []byte) bool {
	if len(w) < 16 || len(w) > 64 {
		return false
	}
	letters := false
	for i, c := range w {
		switch {
		case digit(c):
		case (c|0x20) >= 'a' && (c|0x20) <= 'f':
			letters = true
		case c == '-' && len(w) == 36 && (i == 8 || i == 13 || i == 18 || i == 23):
		default:
			return false
		}
	}
	return letters
}
