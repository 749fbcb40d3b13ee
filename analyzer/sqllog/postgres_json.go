package sqllog

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// jsonlog is PostgreSQL's json format (15 and later): one object a line.
type jsonlog struct{}

func (jsonlog) speculative() bool { return false }

func (jsonlog) first(b []byte, i int) int { return firstLine(b, i, '\n') }

func (d jsonlog) parse(w *worker, b []byte, i, hi int, eof bool) (int, bool) {
	return parseLines(w, b, i, hi, eof, d.line)
}

// parseLines calls line for each line; line gives "" or what is wrong.
func parseLines(w *worker, b []byte, i, hi int, eof bool, line func(*worker, []byte) string) (int, bool) {
	for i < hi {
		e, nl := len(b), uint32(0)
		if k := bytes.IndexByte(b[i:], '\n'); k >= 0 {
			e, nl = i+k, 1
		} else if !eof && len(b)-i <= w.lineBytes {
			return i, true
		}
		l := b[i:e]
		if len(l) > w.lineBytes {
			l = l[:w.lineBytes]
			w.out.cut++
			w.cutLine = true
		}
		if len(l) > 0 && l[len(l)-1] == '\r' {
			l = l[:len(l)-1]
		}
		if len(l) > 0 {
			if msg := line(w, l); msg == "" {
				w.out.entries++
			} else {
				w.skip(msg)
			}
		}
		w.cutLine = false
		w.lines += nl
		i = e + int(nl)
	}
	return i, false
}

const badJSON = "malformed json"

// A jsonEntry is one object on the way to its records. Values are offsets of
// the text inside the quotes.
type jsonEntry struct {
	r                           record
	sev                         severity
	mark                        int // records before this entry
	msg, detail, context, query span
}

type span struct{ from, to int }

// line reads one object. PostgreSQL's order of keys is not relied on, but
// makes the message come after what is needed to read it in place.
func (d jsonlog) line(w *worker, b []byte) string {
	i := 0
	for i < len(b) && isSpace(b[i]) {
		i++
	}
	if i >= len(b) || b[i] != '{' {
		return "not a json object"
	}
	e := jsonEntry{r: record{took: -1, line: w.lines, shape: noShape, rows: -1}, mark: len(w.out.recs)}
	for i++; ; {
		for i < len(b) && (b[i] == ' ' || b[i] == ',') {
			i++
		}
		if i < len(b) && b[i] == '}' {
			return e.finish(w, b)
		}
		if i >= len(b) || b[i] != '"' {
			return w.undo(e.mark, badJSON)
		}
		k := bytes.IndexByte(b[i+1:], '"')
		if k < 0 {
			return w.undo(e.mark, badJSON)
		}
		key := b[i+1 : i+1+k]
		i += k + 2
		for i < len(b) && (b[i] == ' ' || b[i] == ':') {
			i++
		}
		if i >= len(b) {
			return w.undo(e.mark, badJSON)
		}
		next, inPlace := e.statement(w, key, b, i)
		if !inPlace {
			if next = jsonValue(b, i); next > 0 {
				e.field(w, key, b, span{i, next})
			}
		}
		if next < 0 && inPlace && w.cutLine {
			w.out.recs[e.mark].bits |= recTruncated
			return ""
		}
		if next < 0 {
			return w.undo(e.mark, badJSON)
		}
		i = next
	}
}

// statement scans the message at i where it stands, if it is one with a
// statement and all else that its record needs is known.
func (e *jsonEntry) statement(w *worker, key, b []byte, i int) (next int, ok bool) {
	if len(key) != 7 || key[0] != 'm' || b[i] != '"' || e.sev != sevLog || e.r.at == 0 || e.r.key == 0 {
		return 0, false
	}
	m := classify(b[i+1:])
	if m.sql == 0 || m.verb == planned {
		return 0, false
	}
	return w.escaped(&e.r, m, b, i+1, sqlshape.JSON), true
}

// field keeps the value of a key.
func (e *jsonEntry) field(w *worker, key, b []byte, at span) {
	v := b[at.from:at.to]
	text := span{at.from + 1, at.to - 1}
	switch string(key) {
	case "timestamp":
		e.r.at, _, _, _ = w.clock.stamp(unquote(v), true)
	case "session_id":
		v = unquote(v)
		j, s := hex(v, 0)
		_, pid := hex(v, min(j+1, len(v)))
		e.r.key = s<<32 | pid&0xffffffff
	case "line_num":
		_, lno := number(v, 0)
		e.r.lno = uint32(lno)
	case "error_severity":
		if e.sev, _ = severityWord(unquote(v)); e.sev == sevNone {
			e.sev = sevOther
		}
	case "message":
		e.msg = text
	case "detail":
		e.detail = text
	case "context":
		e.context = text
	case "statement":
		e.query = text
	}
}

// finish makes the records that are not made yet.
func (e *jsonEntry) finish(w *worker, b []byte) string {
	if e.sev == sevNone {
		return w.undo(e.mark, "no error_severity")
	}
	if len(w.out.recs) == e.mark && e.msg.to > e.msg.from && (e.sev == sevLog || e.sev == sevError) {
		w.text = decodeJSON(w.text[:0], b[e.msg.from:e.msg.to])
		w.message(&e.r, e.sev, w.text)
		w.dropDetailBit(e.mark)
	}
	if len(w.out.recs) == e.mark {
		return ""
	}
	for k, v := range [...]span{e.detail, e.context, e.query} {
		if v.to > v.from {
			w.secondary(e.mark, [...]int{colDetail, colContext, colQuery}[k], decodeJSON(w.text[:0], b[v.from:v.to]))
		}
	}
	return ""
}

// dropDetailBit clears the promise of a DETAIL, which only stderr needs.
func (w *worker) dropDetailBit(mark int) {
	for k := mark; k < len(w.out.recs); k++ {
		w.out.recs[k].bits &^= recDetail
	}
}

func (w *worker) undo(mark int, msg string) string {
	w.out.recs = w.out.recs[:mark]
	return msg
}

func unquote(v []byte) []byte {
	if len(v) >= 2 && v[0] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

// jsonValue is the offset after the value at i, or -1. Nested values are
// stepped over.
func jsonValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			k := closeJSON(b, i+1, i+1)
			if k < 0 {
				return -1
			}
			i = k + 1
		case '{', '[':
			depth++
			i++
		case '}', ']':
			if depth == 0 {
				return i
			}
			depth--
			i++
		case ',':
			if depth == 0 {
				return i
			}
			i++
			continue
		default:
			i++
			continue
		}
		if depth == 0 {
			return i
		}
	}
	return -1
}
