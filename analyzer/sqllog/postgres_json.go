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
	r := record{took: -1, line: w.lines, shape: noShape, rows: -1}
	sev, main, mark := sevNone, -1, len(w.out.recs)
	var msg, detail, context, query [2]int
	for i++; ; {
		for i < len(b) && (b[i] == ' ' || b[i] == ',') {
			i++
		}
		if i < len(b) && b[i] == '}' {
			break
		}
		if i >= len(b) || b[i] != '"' {
			return w.undo(mark, badJSON)
		}
		k := bytes.IndexByte(b[i+1:], '"')
		if k < 0 {
			return w.undo(mark, badJSON)
		}
		key := b[i+1 : i+1+k]
		i += k + 2
		for i < len(b) && (b[i] == ' ' || b[i] == ':') {
			i++
		}
		if i >= len(b) {
			return w.undo(mark, badJSON)
		}
		from := i + 1
		if len(key) == 7 && key[0] == 'm' && b[i] == '"' && sev == sevLog && r.at != 0 && r.key != 0 {
			if m := classify(b[from:]); m.sql > 0 && m.verb != planned {
				main = mark
				if i = w.escaped(&r, m, b, from, sqlshape.JSON); i < 0 && w.cutLine {
					w.out.recs[main].bits |= recTruncated
					return ""
				}
				if i < 0 {
					return w.undo(mark, badJSON)
				}
				continue
			}
		}
		if i = jsonValue(b, i); i < 0 {
			return w.undo(mark, badJSON)
		}
		switch v := b[from-1 : i]; string(key) {
		case "timestamp":
			r.at, _, _, _ = w.clock.stamp(unquote(v), true)
		case "session_id":
			v = unquote(v)
			j, s := hex(v, 0)
			_, pid := hex(v, min(j+1, len(v)))
			r.key = s<<32 | pid&0xffffffff
		case "line_num":
			_, lno := number(v, 0)
			r.lno = uint32(lno)
		case "error_severity":
			if sev, _ = severityWord(unquote(v)); sev == sevNone {
				sev = sevOther
			}
		case "message":
			msg = [2]int{from, i - 1}
		case "detail":
			detail = [2]int{from, i - 1}
		case "context":
			context = [2]int{from, i - 1}
		case "statement":
			query = [2]int{from, i - 1}
		}
	}
	if sev == sevNone {
		return "no error_severity"
	}
	if main < 0 && msg[1] > msg[0] && (sev == sevLog || sev == sevError) {
		w.text = decodeJSON(w.text[:0], b[msg[0]:msg[1]])
		w.message(&r, sev, w.text)
		w.out.recs = w.dropDetailBit(mark)
	}
	if len(w.out.recs) == mark {
		return ""
	}
	for k, v := range [...][2]int{detail, context, query} {
		if v[1] > v[0] {
			w.secondary(mark, [...]int{colDetail, colContext, colQuery}[k], decodeJSON(w.text[:0], b[v[0]:v[1]]))
		}
	}
	return ""
}

// dropDetailBit clears the promise of a DETAIL, which only stderr needs.
func (w *worker) dropDetailBit(mark int) []record {
	for k := mark; k < len(w.out.recs); k++ {
		w.out.recs[k].bits &^= recDetail
	}
	return w.out.recs
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
