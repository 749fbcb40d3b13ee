package sqllog

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"io"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// zstdWindow bounds the memory a zstd frame may ask for.
const zstdWindow = 128 << 20

// A packing is a compression format, known by its magic bytes: names lie.
type packing struct {
	name  string
	magic []byte
	open  func(io.Reader) (io.Reader, error)
}

func packings() []packing {
	return []packing{
		{"gzip", []byte{0x1f, 0x8b}, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
		{"zstd", []byte{0x28, 0xb5, 0x2f, 0xfd}, func(r io.Reader) (io.Reader, error) {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(zstdWindow))
			if err != nil {
				return nil, err
			}
			return d.IOReadCloser(), nil
		}},
		{"bzip2", []byte("BZh"), func(r io.Reader) (io.Reader, error) { return bzip2.NewReader(r), nil }},
		{"xz", []byte{0xfd, '7', 'z', 'X', 'Z', 0}, func(r io.Reader) (io.Reader, error) { return xz.NewReader(r) }},
	}
}

// unpack peeks at r and takes the compression off, if there is one; name is
// "" when there is none.
func unpack(r io.Reader) (out io.Reader, name string, err error) {
	br := bufio.NewReaderSize(r, 64<<10)
	head, err := br.Peek(6)
	if len(head) == 0 && err != nil && err != io.EOF {
		return nil, "", err
	}
	if p := packed(head); p != nil {
		out, err = p.open(br)
		return out, p.name, err
	}
	return br, "", nil
}

// packed is the packing that head starts with, nil for none.
func packed(head []byte) *packing {
	for _, p := range packings() {
		if bytes.HasPrefix(head, p.magic) && (p.name != "bzip2" || len(head) > 3 && head[3] >= '1' && head[3] <= '9') {
			return &p
		}
	}
	return nil
}

// A counter counts the raw bytes that were read.
type counter struct {
	r io.Reader
	n atomic.Int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}
