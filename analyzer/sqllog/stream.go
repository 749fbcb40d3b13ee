package sqllog

import (
	"io"
	"sync"
)

// A stream lets workers read a pipe or a decompressor as if it were a file, so
// that one way of reading serves both. One goroutine reads ahead; chunks stay
// until they are released.
type stream struct {
	src io.Reader

	mu     sync.Mutex
	cond   sync.Cond
	chunks [][]byte // chunks[0] starts at base
	free   [][]byte
	base   int64 // a multiple of chunkBytes
	end    int64 // bytes read so far
	want   int64 // the furthest byte asked for
	eof    bool
	closed bool
	err    error // other than io.EOF; reading ended there
}

const (
	chunkBytes = 256 << 10
	// aheadBytes is how far the reader runs ahead of what was asked for.
	aheadBytes = 1 << 20
)

func newStream(src io.Reader) *stream {
	s := &stream{src: src}
	s.cond.L = &s.mu
	go s.fill()
	return s
}

// fill reads until the end, an error or stop.
func (s *stream) fill() {
	for {
		s.mu.Lock()
		for !s.closed && s.end > s.want+aheadBytes {
			s.cond.Wait()
		}
		if s.closed {
			s.mu.Unlock()
			return
		}
		var c []byte
		if n := len(s.free); n > 0 {
			c, s.free = s.free[n-1], s.free[:n-1]
		}
		s.mu.Unlock()
		if c == nil {
			c = make([]byte, chunkBytes)
		}
		n, err := 0, error(nil)
		for n < len(c) && err == nil {
			var m int
			m, err = s.src.Read(c[n:])
			n += m
		}
		s.mu.Lock()
		s.chunks = append(s.chunks, c)
		s.end += int64(n)
		if err != nil {
			s.eof = true
			if err != io.EOF {
				s.err = err
			}
		}
		s.cond.Broadcast()
		done := s.eof
		s.mu.Unlock()
		if done {
			return
		}
	}
}

// ReadAt waits for the bytes; it gives io.EOF with fewer at the end.
func (s *stream) ReadAt(p []byte, off int64) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := off + int64(len(p))
	if end > s.want {
		s.want = end
		s.cond.Broadcast()
	}
	for s.end < end && !s.eof && !s.closed {
		s.cond.Wait()
	}
	n := 0
	for n < len(p) && off+int64(n) < s.end {
		at := off + int64(n) - s.base
		c := s.chunks[at/chunkBytes]
		c = c[at%chunkBytes : min(int64(chunkBytes), s.end-s.base-at/chunkBytes*chunkBytes)]
		n += copy(p[n:], c)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// release says that nobody will read before off.
func (s *stream) release(off int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.base+chunkBytes <= off && len(s.chunks) > 0 {
		if len(s.free) < 8 {
			s.free = append(s.free, s.chunks[0])
		}
		s.chunks[0] = nil
		s.chunks = s.chunks[1:]
		s.base += chunkBytes
	}
}

// stop ends the reading goroutine once its current Read returns.
func (s *stream) stop() {
	s.mu.Lock()
	s.closed = true
	s.cond.Broadcast()
	s.mu.Unlock()
}

// failure is the error that ended the stream early, nil at its true end.
func (s *stream) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
