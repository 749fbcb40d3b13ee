package sqllog

import (
	"bytes"
)

// django is the text log of django.db.backends: "(0.003) SQL; args=…" up to
// Django 3.2, with "; alias=default" since 4.0 and BEGIN, COMMIT and ROLLBACK
// since 4.2, behind whatever the formatter writes first. Continuation lines
// are raw, so where an entry ends is known only by reading its SQL from the
// start: entry starts are guessed by their look and checked afterwards.
type django struct {
	heads map[uint64]bool // the shapes of what formatters write first
}

// headBytes is how far a line is searched for "(0.003) ".
const headBytes = 400

// A djangoHead is what stands before the SQL.
type djangoHead struct {
	at, took int64
	key      uint64
	unit     uint64
	sign     uint64 // the shape of the formatter's part
	sql      int    // where the SQL starts
}

// djangoWords are what a statement starts with.
var djangoWords = []string{
	"SELECT", "INSERT", "UPDATE", "DELETE", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "WITH", "SET ", "DECLARE", "FETCH", "CLOSE",
	"CREATE", "ALTER", "DROP", "REPLACE", "EXPLAIN", "PRAGMA", "START", "SHOW", "CALL", "EXEC", "MERGE", "TRUNCATE", "LOCK", "VALUES", "ANALYZE", "COPY", "/*", "--", "(", "\"",
}

// djangoLine says whether a line looks like the start of an entry.
func djangoLine(l []byte) bool {
	var h djangoHead
	var c clock
	if !readHead(l, &c, &h) {
		return false
	}
	sql := bytes.TrimLeft(stripANSI(nil, l[h.sql:min(len(l), h.sql+80)]), " \t\r")
	if len(sql) == 0 {
		return true // the SQL starts on the next line (sqlparse)
	}
	if j, _ := number(sql, 0); j > 0 && bytes.HasPrefix(sql[j:], []byte(" times: ")) {
		sql = sql[j+8:]
	}
	for _, w := range djangoWords {
		if len(sql) >= len(w) && bytes.EqualFold(sql[:len(w)], []byte(w)) {
			return true
		}
	}
	return false
}

// openDjango learns the heads from sample lines.
func openDjango(lines [][]byte) *django {
	d := &django{heads: map[uint64]bool{}}
	var c clock
	for _, l := range lines {
		var h djangoHead
		if djangoLine(l) && readHead(l, &c, &h) {
			d.heads[h.sign] = true
		}
	}
	return d
}

func (d *django) speculative() bool { return true }

// head reads the head of an entry that starts at b[0].
func (d *django) head(b []byte, c *clock, h *djangoHead) bool {
	if e := bytes.IndexByte(b[:min(len(b), headBytes)], '\n'); e >= 0 {
		b = b[:e]
	}
	return readHead(b, c, h) && d.heads[h.sign]
}

func (d *django) first(b []byte, i int) int {
	var c clock
	var h djangoHead
	for i--; ; {
		k := bytes.IndexByte(b[i:], '\n')
		if k < 0 || i+k+1 >= len(b) {
			return -1
		}
		if i += k + 1; d.head(b[i:], &c, &h) {
			return i
		}
	}
}

func (d *django) parse(w *worker, b []byte, i, hi int, eof bool) (int, bool) {
	for i < len(b) {
		var h djangoHead
		isHead := d.head(b[i:], &w.clock, &h)
		if isHead && i >= hi {
			return i, false
		}
		if !isHead {
			// Other loggers' lines. Those after hi are taken too, so that the
			// next block starts at an entry.
			k := bytes.IndexByte(b[i:], '\n')
			if k < 0 && !eof && len(b)-i <= w.lineBytes {
				return i, true
			}
			if k < 0 {
				k = len(b) - i - 1
				w.lines--
			}
			if len(bytes.TrimSpace(b[i:i+k+1])) > 0 {
				w.skip("not an entry of django.db.backends")
			}
			w.lines++
			i += k + 1
			continue
		}
		e, ok := d.end(b, i, h.sql)
		if (!ok || e == len(b)) && !eof && len(b)-i <= w.lineBytes {
			return i, true
		}
		if e-i > w.lineBytes {
			e = d.first(b, i+w.lineBytes)
			if e < 0 && !eof && len(b)-i <= 2*w.lineBytes {
				return i, true
			}
			lost := e < 0 && !eof
			if e < 0 {
				e = len(b)
			}
			w.out.cut++
			d.entry(w, b[i:i+w.lineBytes], &h, recTruncated)
			if lost {
				return len(b), false
			}
		} else {
			d.entry(w, b[i:e], &h, 0)
		}
		w.lines += uint32(bytes.Count(b[i:e], newline))
		i = e
	}
	return i, i < hi && !eof || i >= hi && !eof && i-hi < w.lineBytes
}

// end finds where the entry at i ends. The SQL goes on until "; args=" outside
// of quotes, whatever lines it holds. ok is false when the bytes do not tell:
// then the entry ends before the next line that looks like a start.
func (d *django) end(b []byte, i, sql int) (end int, ok bool) {
	next := d.first(b, i+1)
	stop := next
	if next < 0 {
		stop = len(b)
	}
	args, inside := argsAt(b[:stop], i+sql, false)
	switch {
	case args >= 0:
		return lineEnd(b, args), true
	case next < 0:
		return len(b), false
	case !inside:
		return next, true // a formatter without args
	}
	// A line inside the SQL looks like a start: it stands in a literal, or a
	// quote was escaped with a backslash (MySQL).
	if args, _ = argsAt(b[:stop], i+sql, true); args >= 0 {
		return lineEnd(b, args), true
	}
	if args, _ = argsAt(b, i+sql, false); args >= 0 {
		return lineEnd(b, args), true
	}
	return next, false
}

func lineEnd(b []byte, i int) int {
	k := bytes.IndexByte(b[i:], '\n')
	if k < 0 {
		return len(b)
	}
	return i + k + 1
}

var argsMark = []byte("; args=")

// argsAt is the offset of the first "; args=" outside of quotes and comments,
// or -1; inside says that b ends in one of them.
func argsAt(b []byte, i int, backslash bool) (at int, inside bool) {
	for i < len(b) {
		switch c := b[i]; c {
		case ';':
			if bytes.HasPrefix(b[i:], argsMark) {
				return i, false
			}
		case '\'', '"', '`':
			esc := backslash || c == '\'' && i > 0 && (b[i-1]|0x20) == 'e' && (i < 2 || !wordByte(b[i-2]))
			for i++; i < len(b) && b[i] != c; i++ {
				if esc && b[i] == '\\' {
					i++
				}
			}
			inside = i >= len(b)
		case '-':
			if i+1 < len(b) && b[i+1] == '-' {
				k := bytes.IndexByte(b[i:], '\n')
				if m := bytes.Index(b[i:], argsMark); m >= 0 && (k < 0 || m < k) {
					return i + m, false
				}
				if k < 0 {
					return -1, false
				}
				i += k
			}
		case '/':
			if i+1 < len(b) && b[i+1] == '*' {
				k := bytes.Index(b[i+2:], []byte("*/"))
				if k < 0 {
					return -1, true
				}
				i += k + 3
			}
		}
		i++
	}
	return -1, inside
}

func wordByte(c byte) bool {
	return digit(c) || (c|0x20) >= 'a' && (c|0x20) <= 'z' || c == '_' || c >= 0x80
}

// entry reads one entry.
func (d *django) entry(w *worker, b []byte, h *djangoHead, bits uint8) {
	b = b[h.sql:]
	if w.ansi && bytes.IndexByte(b, 0x1b) >= 0 {
		w.text = stripANSI(w.text[:0], b)
		b = w.text
	}
	w.out.entries++
	r := record{verb: ran, at: h.at, took: h.took, key: h.key, line: w.lines, rows: -1, bits: bits, unit: h.unit}
	w.djangoStatement(&r, b)
}

// djangoStatement reads "SQL; args=…; alias=…" and puts the record out.
func (w *worker) djangoStatement(r *record, b []byte) {
	b = bytes.TrimRight(b, "\r\n ")
	var args []byte
	k, _ := argsAt(b, 0, false)
	if k < 0 {
		k = bytes.LastIndex(b, argsMark)
	}
	if k >= 0 {
		b, args = b[:k], b[k+len(argsMark):]
		if k := bytes.LastIndex(args, []byte("; alias=")); k >= 0 {
			args = args[:k]
		}
	}
	if j, _ := number(b, 0); j > 0 && bytes.HasPrefix(b[j:], []byte(" times: ")) {
		b = b[j+8:]
		r.bits |= recBatch
	}
	unit := r.unit
	st := w.statement(r, b)
	if r.unit == 0 {
		r.unit = unit
	}
	w.foldArgs(r, st.Placeholders, args)
	w.out.recs = append(w.out.recs, *r)
}

// foldArgs joins what stands behind placeholders. A list of tuples is an
// executemany.
func (w *worker) foldArgs(r *record, placeholders bool, args []byte) {
	if len(args) > 1 && args[0] == '[' && (args[1] == '(' || args[1] == '[' || args[1] == '{') {
		r.bits |= recBatch
	}
	if placeholders && len(args) > 0 {
		r.args = foldParams(r.args, args)
	}
}

// stripANSI appends b without terminal control sequences.
func stripANSI(dst, b []byte) []byte {
	for {
		k := bytes.IndexByte(b, 0x1b)
		if k < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:k]...)
		b = b[k+1:]
		if len(b) > 0 && b[0] == '[' {
			n := 1
			for n < len(b) && (b[n] < 0x40 || b[n] > 0x7e) {
				n++
			}
			b = b[min(n+1, len(b)):]
		}
	}
}
