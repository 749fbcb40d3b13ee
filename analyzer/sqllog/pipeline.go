package sqllog

import (
	"bytes"
	"context"
	"io"
	"sync"
	"sync/atomic"
)

// A run reads one input in blocks. Workers take blocks by number; each finds
// the entry starts itself, owns the entries that start in its block, and reads
// past the block's end for the last one. The caller's goroutine takes the
// results in order.
type run struct {
	src      io.ReaderAt
	size     int64 // -1: not known
	block    int64
	dialect  dialect
	inFlight int
	worker   func() *worker
	raw      func() int64    // bytes consumed from outside, for progress
	release  func(off int64) // bytes before off are not needed any more; may be nil
	broken   func() bool     // the input ended too early: its last line is cut
	progress func(raw int64) // may be nil
	slots    []chan *result
	pool     sync.Pool
}

// overlap is how far past its end a block is read at first.
const overlap = 8 << 10

// each calls f for each block's result in order.
func (r *run) each(ctx context.Context, workers int, f func(*result) error) error {
	r.inFlight = 4 * workers
	r.slots = make([]chan *result, r.inFlight)
	for k := range r.slots {
		r.slots[k] = make(chan *result, 1)
	}
	r.pool.New = func() any { return &result{} }
	tickets := make(chan struct{}, r.inFlight)
	stop := make(chan struct{})
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			w := r.worker()
			for {
				select {
				case tickets <- struct{}{}:
				case <-stop:
					return
				}
				k := next.Add(1) - 1
				out := r.pool.Get().(*result)
				out.clear()
				r.parse(w, k, -1, out)
				last := out.end || out.err != nil
				r.slots[k%int64(r.inFlight)] <- out // not ours from here on
				if last {
					return
				}
			}
		})
	}
	err := r.drain(ctx, tickets, f)
	close(stop)
	wg.Wait()
	return err
}

// drain takes the results in order, checks speculation, and hands them on.
func (r *run) drain(ctx context.Context, tickets chan struct{}, f func(*result) error) error {
	var again *worker // parses blocks whose start was guessed wrong
	expect := int64(0)
	for k := int64(0); ; k++ {
		var out *result
		select {
		case out = <-r.slots[k%int64(r.inFlight)]:
		case <-ctx.Done():
			return ctx.Err()
		}
		if out.err != nil || out.end {
			return out.err
		}
		hi := (k + 1) * r.block
		if r.dialect.speculative() && expect >= 0 && out.from != expect && (out.from >= 0 || expect < hi) {
			// The worker's new shapes and names keep their numbers.
			wrong := out
			out = r.pool.Get().(*result)
			out.clear()
			out.tables = &tables{}
			if expect < hi {
				if again == nil {
					again = r.worker()
				}
				r.parse(again, k, expect, out)
			} else {
				out.lines, out.bytes, out.to = wrong.lines, wrong.bytes, expect
			}
			wrong.recs, wrong.entries, wrong.skipped, wrong.cut, wrong.lines, wrong.bytes = wrong.recs[:0], 0, 0, 0, 0, 0
			wrong.problems = wrong.problems[:0]
			if err := f(wrong); err != nil {
				return err
			}
			r.pool.Put(wrong)
			if out.err != nil {
				return out.err
			}
		}
		if out.from >= 0 || expect < 0 || out.to >= 0 {
			expect = out.to
		}
		if err := f(out); err != nil {
			return err
		}
		r.pool.Put(out)
		if r.release != nil {
			r.release(hi - 1)
		}
		if r.progress != nil {
			r.progress(r.raw())
		}
		<-tickets
	}
}

// parse reads block k and parses the entries that start in it. from is where
// the first one starts, -1: to be found.
func (r *run) parse(w *worker, k, from int64, out *result) {
	w.start(out)
	lo := k * r.block
	hi := lo + r.block
	base := max(lo-1, 0) // to see whether lo follows a newline
	out.from, out.to = -1, -1
	b, eof, err := r.window(w, nil, base, hi+min(overlap, r.block))
	if err != nil {
		out.err = err
		return
	}
	if base+int64(len(b)) <= lo && eof {
		out.end = true
		return
	}
	i := 0
	switch {
	case from >= 0:
		i = int(from - base)
	case lo > 0:
		i = r.dialect.first(b, 1)
	}
	top := min(int(hi-base), len(b))
	lead := b[int(lo-base):top]
	out.lines, out.bytes = int64(bytes.Count(lead, newline)), int64(len(lead))
	if i < 0 || i >= top {
		return
	}
	out.from = base + int64(i)
	w.lines = uint32(bytes.Count(b[int(lo-base):i], newline))
	for more := true; more; {
		i, more = r.dialect.parse(w, b, i, top, eof)
		if more {
			size := max(2*(len(b)-i), overlap)
			if b, eof, err = r.window(w, b, base, base+int64(len(b)+size)); err != nil {
				out.err = err
				return
			}
		}
	}
	out.to = base + int64(i)
	if i >= len(b) && !eof {
		out.to = -1 // an entry beyond all limits: nobody knows where it ends
	}
}

// window reads [base, end) into the worker's buffer; have is what it holds
// already.
func (r *run) window(w *worker, have []byte, base, end int64) (b []byte, eof bool, err error) {
	if r.size >= 0 && end >= r.size {
		end, eof = max(r.size, base), true
	}
	n := int(end - base)
	if cap(w.win) < n {
		grown := make([]byte, n+n/8)
		copy(grown, have)
		w.win = grown
	}
	b = w.win[:n]
	got, err := r.src.ReadAt(b[len(have):], base+int64(len(have)))
	if err == io.EOF {
		eof, err = true, nil
		b = b[:len(have)+got]
	}
	if eof && r.broken() {
		b = b[:bytes.LastIndexByte(b, '\n')+1]
	}
	return b, eof, err
}
