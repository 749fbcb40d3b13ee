package sqllog

import (
	"context"
	"errors"
	"io"
	"os"
	"runtime"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// Options say how to read. The zero value serves.
type Options struct {
	Format  string // one of Formats; "": detect
	Prefix  string // log_line_prefix verbatim; "": detect
	Workers int    // 0: GOMAXPROCS
	// BlockBytes is what one worker takes at a time (0: 512 KiB) and LineBytes
	// where an entry is cut (0: 10 MiB). Memory is bounded by a few of either
	// per worker.
	BlockBytes, LineBytes int
	// Progress is told the raw (compressed) bytes consumed so far, now and
	// then, from one goroutine. It may be nil.
	Progress func(bytes int64)
}

const (
	defaultBlock = 512 << 10
	defaultLine  = 10 << 20
	sniffBytes   = 1 << 20
)

// Read reads one input and hands its Events to sink, in slices that are valid
// until sink returns. Events of a session come in the order of execution, all
// of them in the order of the entries that completed them, whatever the number
// of workers. An *InputError tells why there is nothing, or not all; the
// Summary then tells what was read before. An error of sink ends reading.
func Read(ctx context.Context, in Input, set *sqlshape.Set, names *Names, o Options, sink func([]Event) error) (Summary, error) {
	sum := Summary{Path: in.Path}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.BlockBytes <= 0 {
		o.BlockBytes = defaultBlock
	}
	if o.LineBytes <= 0 {
		o.LineBytes = defaultLine
	}
	f, err := in.Open()
	if err != nil {
		return sum, openError(in.Path, err)
	}
	defer f.Close()
	src, err := newSource(f)
	if err != nil {
		return sum, &InputError{Path: in.Path, Problem: "cannot be decompressed: " + err.Error(), Expected: expected}
	}
	defer src.stop()
	defer context.AfterFunc(ctx, src.stop)()
	form, bad := src.sniff(o)
	if bad != nil {
		bad.Path = in.Path
		if broken := src.failure(); broken != nil {
			bad.Problem = "broken " + src.packing + " data: " + broken.Error()
		}
		return sum, bad
	}
	sum.Format, sum.Chain = form.name, form.label
	if src.packing != "" {
		sum.Chain = src.packing + " → " + sum.Chain
	}
	if err := src.read(ctx, set, names, form, o, &sum, sink); err != nil {
		return sum, err
	}
	if broken := src.failure(); broken != nil {
		return sum, &InputError{Path: in.Path, Problem: "broken " + src.packing + " data, read up to there: " + broken.Error(), Detected: sum.Chain, Hint: "get the whole file again"}
	}
	if sum.Statements == 0 {
		bad := noStatements(form, &sum, o, src.bare)
		bad.Samples = src.samples
		return sum, bad
	}
	return sum, nil
}

// openError names what is wrong with a path.
func openError(path string, err error) *InputError {
	e := &InputError{Path: path, Problem: "cannot be read", Expected: expected}
	switch {
	case errors.Is(err, os.ErrNotExist):
		e.Problem = "no such file"
	case errors.Is(err, os.ErrPermission):
		e.Problem = "permission denied"
	}
	var pe *os.PathError
	if e.Problem == "cannot be read" && errors.As(err, &pe) {
		e.Problem += ": " + pe.Err.Error()
	}
	return e
}

// noStatements says which setting makes a log tell statements.
func noStatements(f *format, sum *Summary, o Options, bare bool) *InputError {
	e := &InputError{Path: sum.Path, Problem: "no statements in it", Detected: sum.Chain, Empty: true}
	if f.sql == sqlshape.Django {
		e.Expected = "lines such as (0.003) SELECT …; args=(…)"
		e.Hint = "log django.db.backends at level DEBUG with DEBUG = True"
		return e
	}
	e.Expected = "entries such as LOG:  duration: 0.2 ms  statement: SELECT …"
	switch {
	case bare:
		e.Problem = "durations without statements in it"
		e.Hint = "log_duration writes no text: set log_min_duration_statement = 0 in postgresql.conf and reload"
	case sum.Entries == 0 && o.Prefix != "":
		e.Problem = "no line fits the given log_line_prefix"
		e.Hint = "leave --log-line-prefix away, or give it as it stands in postgresql.conf"
	default:
		e.Hint = "set log_min_duration_statement = 0 in postgresql.conf (it is probably -1) and reload; messages must be English (lc_messages = 'C')"
	}
	return e
}

// A source is an opened input, decompressed.
type source struct {
	io.ReaderAt
	size    int64 // -1: not known
	packing string
	stream  *stream  // nil: a file that is read in place
	raw     *counter // of stream
	samples []string
	bare    bool // there were durations without text
}

func newSource(f io.Reader) (*source, error) {
	if file, ok := f.(*os.File); ok {
		fi, err := file.Stat()
		if err == nil && fi.Mode().IsRegular() {
			head := make([]byte, 6)
			n, _ := file.ReadAt(head, 0)
			if packed(head[:n]) == nil {
				return &source{ReaderAt: file, size: fi.Size()}, nil
			}
		}
	}
	raw := &counter{r: f}
	r, packing, err := unpack(raw)
	if err != nil {
		return nil, err
	}
	s := newStream(r)
	return &source{ReaderAt: s, size: -1, packing: packing, stream: s, raw: raw}, nil
}

func (s *source) stop() {
	if s.stream != nil {
		s.stream.stop()
	}
}

func (s *source) failure() error {
	if s.stream != nil {
		return s.stream.failure()
	}
	return nil
}

// sniff reads the start, and of a file some places more, and finds the format.
func (s *source) sniff(o Options) (*format, *InputError) {
	head := make([]byte, sniffBytes)
	n, err := s.ReadAt(head, 0)
	head = head[:n]
	if n == 0 {
		if err != nil && err != io.EOF {
			return nil, &InputError{Problem: "cannot be read: " + err.Error(), Expected: expected}
		}
		return nil, &InputError{Problem: "empty", Expected: expected, Empty: true}
	}
	samples := [][]byte{head}
	for k := int64(1); k <= 4 && s.size > 2*sniffBytes; k++ {
		b := make([]byte, 64<<10)
		n, _ := s.ReadAt(b, max(0, s.size*k/4-int64(len(b))))
		if b = b[:n]; n > 0 {
			samples = append(samples, b[max(0, firstLine(b, 1, '\t')):])
		}
	}
	s.samples = sampleLines(head)
	return sniff(samples, o)
}

// read runs the pipeline.
func (s *source) read(ctx context.Context, set *sqlshape.Set, names *Names, f *format, o Options, sum *Summary, sink func([]Event) error) error {
	st := &stitcher{set: set, names: names, sink: sink, sum: sum, sessions: newSessions(), plans: f.plans}
	r := &run{
		src: s.ReaderAt, size: s.size, block: int64(o.BlockBytes), dialect: f.dialect,
		worker:   func() *worker { return newWorker(set, f.sql, f, o.LineBytes) },
		progress: o.Progress,
		broken:   func() bool { return s.failure() != nil },
	}
	if s.stream != nil {
		r.release = s.stream.release
	}
	block := int64(0)
	r.raw = func() int64 {
		if s.raw != nil {
			return s.raw.n.Load()
		}
		return min(block, s.size)
	}
	err := r.each(ctx, o.Workers, func(out *result) error {
		block += out.bytes
		for _, p := range out.problems {
			if len(sum.Problems) < problemsMax {
				sum.Problems = append(sum.Problems, SyntaxError{Path: sum.Path, Line: st.lines + int64(p.line) + 1, Msg: p.msg})
			}
		}
		sum.Bytes += out.bytes
		sum.Lines += out.lines
		sum.Entries += out.entries
		sum.Skipped += out.skipped
		sum.Cut += out.cut
		return st.feed(out)
	})
	if err != nil {
		return err
	}
	s.bare = st.bareSeen
	return st.finish()
}
