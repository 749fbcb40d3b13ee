package sqllog

import "bytes"

// A dialect knows one log format. It is immutable and shared by the workers.
type dialect interface {
	// first is the offset of the first entry start at or after i (i > 0), or
	// -1. A speculative dialect may be wrong about it.
	first(b []byte, i int) int
	// parse reads the entries of b that start in [i, hi) and gives the offset
	// of the first that does not. more: the bytes do not hold the end of the
	// entry at next, call again with more of them.
	parse(w *worker, b []byte, i, hi int, eof bool) (next int, more bool)
	// speculative: first needs to be checked against where parse ended before.
	speculative() bool
}

// stderr is PostgreSQL's plain text log. Every newline inside a message is
// followed by a tab, so a line that does not start with one is a new entry,
// whatever a literal says.
type stderr struct {
	match  *matcher
	others []*matcher // tried in order where match fails: the prefix changed
}

func (d *stderr) speculative() bool { return false }

func (d *stderr) first(b []byte, i int) int { return firstLine(b, i, '\t') }

// firstLine is the first line start at or after i whose first byte is not c.
func firstLine(b []byte, i int, c byte) int {
	for i--; ; {
		k := bytes.IndexByte(b[i:], '\n')
		if k < 0 || i+k+1 >= len(b) {
			return -1
		}
		i += k + 1
		if b[i] != c {
			return i
		}
	}
}

func (d *stderr) parse(w *worker, b []byte, i, hi int, eof bool) (int, bool) {
	for i < hi {
		e, nl, first := i, uint32(0), 0
		whole := false
		for {
			k := bytes.IndexByte(b[e:], '\n')
			if k < 0 {
				e = len(b)
				whole = eof
				break
			}
			if e += k + 1; nl == 0 {
				first = e - 1
			}
			nl++
			if e == len(b) {
				whole = eof
				break
			}
			if b[e] != '\t' {
				whole = true
				break
			}
		}
		if !whole && len(b)-i <= w.lineBytes {
			return i, true
		}
		if nl == 0 {
			first = e
		}
		d.entry(w, b[i:e], first-i, nl > 1)
		w.lines += nl
		i = e
	}
	return i, false
}

// entry reads one entry; first is the length of its first line.
func (d *stderr) entry(w *worker, b []byte, first int, folded bool) {
	bits := uint8(0)
	if len(b) > w.lineBytes {
		b, bits = b[:w.lineBytes], recTruncated
		w.out.cut++
	}
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
		if w.crlf && n > 1 && b[n-2] == '\r' {
			b = b[:n-2]
		}
	}
	first = min(first, len(b))
	var p prefix
	m := d.match
	if !m.matchFast(b[:first], &w.clock, &p, &w.prefixes) {
		if m = d.another(w, b[:first], &p); m == nil {
			if len(bytes.TrimSpace(b[:first])) > 0 {
				w.skip("not a log entry of the detected prefix")
			}
			return
		}
	}
	w.out.entries++
	body := b[p.body:]
	if folded && p.sev != sevOther {
		body = w.unfold(body)
	}
	if p.flag&keyPID != 0 && p.flag&(keySession|keyOther) == 0 && p.start == 0 {
		bits |= recPidOnly
	}
	r := record{at: p.at, took: -1, key: p.key, lno: p.lno, line: w.lines, shape: noShape, rows: -1, bits: bits}
	w.message(&r, p.sev, body)
}

func (d *stderr) another(w *worker, line []byte, p *prefix) *matcher {
	for _, m := range d.others {
		if m.match(line, &w.clock, p) {
			return m
		}
	}
	return nil
}

// message turns a plain text entry into a record.
func (w *worker) message(r *record, sev severity, body []byte) {
	switch sev {
	case sevLog:
		w.logMessage(r, body)
		return
	case sevError:
		r.verb = failed
	case sevDetail:
		if hash, cut, ok := parameters(body); ok {
			r.verb, r.args = params, hash
			if cut {
				r.bits |= recTruncated
			}
		} else if sql := preparedText(body); sql != nil {
			r.verb = prepared
			w.statement(r, sql)
		} else {
			return
		}
	case sevContext:
		r.verb = inside
	case sevStatement:
		r.verb = blamed
		w.statement(r, body)
	default:
		return
	}
	w.out.recs = append(w.out.recs, *r)
}

func (w *worker) logMessage(r *record, body []byte) {
	m := classify(body)
	if m.verb == other {
		return
	}
	r.verb, r.took = m.verb, m.took
	switch m.verb {
	case began, ended:
		if r.key == 0 {
			return // nobody can tell whose
		}
	case timed:
	case planned:
		p := readPlan(body[m.sql:])
		if p.query == nil {
			return
		}
		w.statement(r, p.query)
		if p.params != nil {
			hash, cut := values(p.params)
			r.args = mix(r.args, hash)
			if cut {
				r.bits |= recTruncated
			}
		}
		r.rows = p.rows
	default:
		sql := body[m.sql:]
		w.statement(r, sql)
		if m.portal {
			r.bits |= recPortal
		}
		if m.verb == executed || m.verb == fetched || m.verb == bound || m.verb == saidExecute || explicitExecute(sql) {
			r.bits |= recDetail
		}
	}
	w.out.recs = append(w.out.recs, *r)
}
