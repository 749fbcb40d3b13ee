package sqllog

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// csvlog is PostgreSQL's csv format: 23 columns up to version 12, 24 with 13,
// 26 since 14. Newlines stand raw inside quotes, so an entry start is guessed
// by its look and checked against where the entry before it ended.
type csvlog struct{}

// Columns of csvlog.
const (
	colSession  = 5
	colLine     = 6
	colSeverity = 11
	colMessage  = 13
	colDetail   = 14
	colContext  = 18
	colQuery    = 19
	colsMin     = 14 // a record with fewer is none
)

// csvTail is how near to the end of the window a record is checked to be whole
// before its statement is scanned.
const csvTail = 16 << 10

// csvTailMax bounds the columns after the message that a worker remembers: when
// the next record has the same bytes there, and most have, they are known to
// say nothing.
const csvTailMax = 512

func (csvlog) speculative() bool { return true }

func (csvlog) first(b []byte, i int) int {
	for i--; ; {
		k := bytes.IndexByte(b[i:], '\n')
		if k < 0 || i+k+1 >= len(b) {
			return -1
		}
		if i += k + 1; csvStart(b[i:]) {
			return i
		}
	}
}

// csvStart says whether b looks like the start of a record: a timestamp, then
// columns that are well formed up to the severity.
func csvStart(b []byte) bool {
	var c clock
	_, n, _, _ := c.stamp(b, true)
	if n == 0 || n >= len(b) || b[n] != ',' {
		return false
	}
	i := n + 1
	for col := 1; col <= colSeverity; col++ {
		from := i
		e, quote := csvField(b, i)
		if e < 0 || e >= len(b) {
			return true // the window ends here; what follows will be checked
		}
		if b[e] != ',' {
			return false
		}
		v := b[from:e]
		switch col {
		case 3, colLine:
			if j, _ := number(v, 0); quote || j != len(v) || j == 0 {
				return false
			}
		case colSession:
			if quote || bytes.IndexByte(v, '.') < 1 {
				return false
			}
		case colSeverity:
			return !quote && len(v) > 2
		}
		i = e + 1
	}
	return true
}

// csvField is the offset after the field at i, at a comma or a line's end. It
// is -1 when the field's quote is not closed, and the offset of what is wrong
// when something else follows the quote.
func csvField(b []byte, i int) (int, bool) {
	if i < len(b) && b[i] == '"' {
		k := closeCSV(b, i+1)
		if k < 0 {
			return -1, true
		}
		return k + 1, true
	}
	for i < len(b) && b[i] != ',' && b[i] != '\n' {
		i++
	}
	return i, false
}

func (d csvlog) parse(w *worker, b []byte, i, hi int, eof bool) (int, bool) {
	for i < hi {
		if b[i] == '\n' || b[i] == '\r' {
			if b[i] == '\n' {
				w.lines++
			}
			i++
			continue
		}
		mark := len(w.out.recs)
		e, state := d.record(w, b, i)
		long := len(b)-i > w.lineBytes
		if state == csvCut && eof && !long {
			w.out.recs = w.out.recs[:mark]
			w.skip("record is cut off")
			w.lines += uint32(bytes.Count(b[i:], newline))
			return len(b), false
		}
		if state == csvCut && !long {
			w.out.recs = w.out.recs[:mark]
			return i, true
		}
		if state == csvOK && e-i <= w.lineBytes {
			w.out.entries++
			w.lines += uint32(bytes.Count(b[i:e], newline))
			i = e
			continue
		}
		// Too long or malformed: go on where a record seems to start.
		w.out.recs = w.out.recs[:mark]
		from := i + 1
		if state != csvBad {
			from = i + w.lineBytes
			d.longRecord(w, b[i:from])
		} else {
			w.skip("malformed csv record")
		}
		next := d.first(b, from)
		if next < 0 && !eof && len(b)-from <= w.lineBytes {
			w.rollback(mark, state != csvBad)
			return i, true
		}
		if next < 0 {
			next = len(b)
		}
		w.lines += uint32(bytes.Count(b[i:next], newline))
		i = next
	}
	return i, false
}

var newline = []byte{'\n'}

// rollback undoes a skipped or cut record that will be seen again.
func (w *worker) rollback(mark int, cut bool) {
	w.out.recs = w.out.recs[:mark]
	if cut {
		w.out.cut--
		w.out.entries--
		return
	}
	if int(w.out.skipped) == len(w.out.problems) {
		w.out.problems = w.out.problems[:len(w.out.problems)-1]
	}
	w.out.skipped--
}

// longRecord reads the start of a record that is longer than the limit.
func (d csvlog) longRecord(w *worker, b []byte) {
	mark := len(w.out.recs)
	w.cutLine = true
	d.record(w, b, 0)
	w.cutLine = false
	w.out.entries++
	w.out.cut++
	for k := mark; k < len(w.out.recs); k++ {
		w.out.recs[k].bits |= recTruncated
	}
}

// The outcomes of csvlog.record.
type csvState uint8

const (
	csvOK  csvState = iota
	csvCut          // the bytes end first
	csvBad
)

// record reads the record at i and gives the offset after it.
func (d csvlog) record(w *worker, b []byte, i int) (int, csvState) {
	start := i
	at, n, _, _ := w.clock.stamp(b[i:], true)
	i += n
	if n == 0 || i >= len(b) {
		if len(b)-start < 40 {
			return start, csvCut
		}
		return start, csvBad
	}
	r := record{at: at, took: -1, line: w.lines, shape: noShape, rows: -1}
	sev, main, told := sevNone, -1, false
	tail := -1 // where the columns after the message begin
	for col := 1; ; col++ {
		if col == colMessage+1 {
			if n := len(w.tail); n > 0 && bytes.HasPrefix(b[i:], w.tail) {
				return i + n, csvOK
			}
			tail = i
		}
		if b[i] != ',' {
			if b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n' {
				i++
			}
			if b[i] != '\n' || col < colsMin {
				return start, csvBad
			}
			break
		}
		i++
		from := i
		if col == colMessage && i < len(b) && b[i] == '"' && sev != sevNone {
			main = len(w.out.recs)
			i = d.message(w, &r, sev, b, i+1)
		} else {
			i, _ = csvField(b, i)
		}
		if i < 0 || i >= len(b) {
			return start, csvCut
		}
		switch col {
		case colSession:
			j, s := hex(b, from)
			_, pid := hex(b, min(j+1, len(b)))
			r.key = s<<32 | pid&0xffffffff
		case colLine:
			_, lno := number(b, from)
			r.lno = uint32(lno)
		case colSeverity:
			sev, _ = severityWord(b[from:i])
			if sev == sevNone {
				sev = sevOther
			}
		case colDetail, colContext, colQuery:
			told = told || i > from
			if i-from > 2 && main >= 0 && main < len(w.out.recs) && b[from] == '"' {
				w.secondary(main, col, decodeCSV(w.text[:0], b[from+1:i-1]))
			}
		}
	}
	if !told && tail > 0 && i+1-tail <= csvTailMax {
		w.tail = append(w.tail[:0], b[tail:i+1]...)
	}
	return i + 1, csvOK
}

// message reads the message that starts at i, after its quote, and gives the
// offset after the closing quote, or -1.
func (d csvlog) message(w *worker, r *record, sev severity, b []byte, i int) int {
	if sev == sevLog {
		m := classify(b[i:])
		if m.sql > 0 && m.verb != planned {
			if !w.cutLine && len(b)-i < csvTail && closeCSV(b, i+m.sql) < 0 {
				return -1
			}
			return w.escaped(r, m, b, i, sqlshape.CSV)
		}
		if m.verb == other {
			return after(closeCSV(b, i))
		}
	}
	e := closeCSV(b, i)
	if e < 0 {
		return -1
	}
	if sev == sevLog || sev == sevError {
		w.text = decodeCSV(w.text[:0], b[i:e])
		w.message(r, sev, w.text)
	}
	return e + 1
}

func after(i int) int {
	if i < 0 {
		return -1
	}
	return i + 1
}

// escaped scans the statement of message m inside a field that starts at i and
// gives the offset after the field's closing quote, or -1.
func (w *worker) escaped(r *record, m message, b []byte, i int, enc sqlshape.Encoding) int {
	r.verb, r.took = m.verb, m.took
	st := w.scan.Scan(b[i+m.sql:], enc)
	w.fill(r, &st)
	if m.portal {
		r.bits |= recPortal
	}
	w.out.recs = append(w.out.recs, *r)
	if e := i + m.sql + st.End; e < len(b) {
		return e + 1
	}
	return -1
}

// secondary adds what csv and json keep in the record of the main entry, as
// the entries that stderr has. text is plain.
func (w *worker) secondary(main, col int, text []byte) {
	w.text = text
	m := &w.out.recs[main]
	r := record{at: m.at, took: -1, key: m.key, lno: m.lno, line: m.line, shape: noShape, rows: -1, bits: m.bits & recPidOnly}
	n := len(w.out.recs)
	switch {
	case col == colDetail && m.verb != failed:
		w.message(&r, sevDetail, text)
	case col == colContext && m.verb == planned:
		w.message(&r, sevContext, text)
	case col == colQuery && m.verb == failed:
		w.message(&r, sevStatement, text)
	}
	if len(w.out.recs) > n && col == colDetail {
		w.out.recs[main].bits |= recDetail
	}
}
