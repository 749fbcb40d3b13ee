package sqllog

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A problem is a SyntaxError that does not know its line in the file yet.
type problem struct {
	line uint32 // from the block's start
	msg  string
}

// problemsMax is how many problems a block and a Summary keep.
const problemsMax = 5

// A result is what parsing one block came to. Results are pooled.
type result struct {
	recs     []record
	shapes   []*sqlshape.Shape // the worker's new shapes, in order of their indexes
	names    []string          // the worker's new names
	reset    bool              // the worker's names start over
	tables   *tables
	from, to int64 // where the first entry starts and the first one not parsed; -1: not known
	lines    int64 // newlines in the block
	bytes    int64 // of the block
	entries  int64
	skipped  int64
	cut      int64
	problems []problem
	end      bool // the block lies beyond the end of the input
	err      error
}

func (r *result) clear() {
	*r = result{recs: r.recs[:0], shapes: r.shapes[:0], names: r.names[:0], problems: r.problems[:0]}
}

// tables turn a worker's indexes into the run's. They belong to the stitcher.
type tables struct {
	shapes []*sqlshape.Shape
	ids    []shapeID
	names  []string
	nids   []nameID
}

// A nameID is what a worker's name stands for in the run.
type nameID struct {
	name   NameID
	site   SiteID
	listed bool
}

// A shapeID is a shape's number and what the stitcher needs of it.
type shapeID struct {
	id     sqlshape.ID
	kind   sqlshape.Kind
	listed bool
}

// A worker parses blocks. Each goroutine has one.
type worker struct {
	scan      *sqlshape.Scanner
	tables    *tables
	known     uint32 // shapes already handed over
	lineBytes int
	crlf      bool
	ansi      bool
	clock     clock
	memo      memo
	prefixes  prefixMemo
	out       *result
	lines     uint32 // newlines since the block's start
	cutLine   bool   // the entry at hand is cut at lineBytes
	text      []byte // scratch: an entry as plain text
	win       []byte // scratch: the bytes of a block
	tail      []byte // the last csv record's columns after the message, when they say nothing
}

func newWorker(set *sqlshape.Set, d sqlshape.Dialect, f *format, lineBytes int) *worker {
	return &worker{scan: sqlshape.NewScanner(set, d), tables: &tables{}, lineBytes: lineBytes, crlf: f.crlf, ansi: f.ansi}
}

// start begins a block.
func (w *worker) start(out *result) {
	w.out, w.lines = out, 0
	out.tables = w.tables
	if w.memo.full() {
		w.memo.clear()
		out.reset = true
	}
}

// statement scans a statement in plain text into r.
func (w *worker) statement(r *record, sql []byte) sqlshape.Statement {
	st := w.scan.Scan(sql, sqlshape.Plain)
	w.fill(r, &st)
	return st
}

// fill copies what a scan found into r.
func (w *worker) fill(r *record, st *sqlshape.Statement) {
	r.shape, r.args = st.Index, st.Args
	for w.known <= st.Index {
		w.out.shapes = append(w.out.shapes, w.scan.Shape(w.known))
		w.known++
	}
	if len(st.Comment) > 0 {
		n := w.memo.look(st.Comment)
		r.unit, r.name = n.unit, n.name
		if n.fresh != "" {
			w.out.names = append(w.out.names, n.fresh)
		}
	}
}

// skip counts something that was not understood.
func (w *worker) skip(msg string) {
	w.out.skipped++
	if len(w.out.problems) < problemsMax {
		w.out.problems = append(w.out.problems, problem{line: w.lines, msg: msg})
	}
}

// unfold takes the tab after each newline of a stderr entry away. In a file
// whose lines all end in CRLF the CR goes too.
func (w *worker) unfold(b []byte) []byte {
	t := w.text[:0]
	for {
		k := bytes.IndexByte(b, '\n')
		if k < 0 {
			break
		}
		e := k
		if w.crlf && e > 0 && b[e-1] == '\r' {
			e--
		}
		t = append(append(t, b[:e]...), '\n')
		b = b[k+1:]
		if len(b) > 0 && b[0] == '\t' {
			b = b[1:]
		}
	}
	w.text = append(t, b...)
	return w.text
}

// explicitExecute says whether a statement is an EXECUTE of SQL, behind which
// a DETAIL tells the prepared text.
func explicitExecute(sql []byte) bool {
	return len(sql) > 8 && (sql[0]|0x20) == 'e' && isSpace(sql[7]) && bytes.EqualFold(sql[:7], []byte("EXECUTE"))
}
