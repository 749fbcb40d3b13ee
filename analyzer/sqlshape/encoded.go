package sqlshape

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"
)

// An Encoding says how a statement is quoted in its log.
type Encoding uint8

// The encodings.
const (
	Plain Encoding = iota // as it is
	JSON                  // inside a JSON string
	CSV                   // inside a quoted CSV field
	encodings
)

// closing returns the offset of the quote that ends the field, len(b) when
// there is none, and whether anything before it is escaped.
func closing(b []byte, enc Encoding) (end int, escaped bool) {
	const q = '"' * lo8
	const bs = '\\' * lo8
	i, n := 0, len(b)
	json := enc == JSON
	clean, quote := 0, -1
	for i < n {
		if i+8 <= n {
			x := load64(b[i:])
			m := zeroByte(x ^ q)
			if json {
				m |= zeroByte(x ^ bs)
			}
			if m == 0 {
				i += 8
				if clean += 8; clean >= cleanRun {
					i, quote = leap(b, i, quote, json)
					clean = 0
				}
				continue
			}
			i += firstZero(m)
			clean = 0
		}
		switch c := b[i]; {
		case c == '\\' && json:
			escaped = true
			i += 2
		case c != '"':
			i++
		case !json && i+1 < n && b[i+1] == '"':
			escaped = true
			i += 2
		default:
			return i, escaped
		}
	}
	return n, escaped
}

// cleanRun is the number of plain bytes after which closing leaps with vector
// code, which only pays over a distance.
const cleanRun = 64

// leap returns the offset of the next byte at or after i that closing must
// look at, and the next quote, which is found once however many escapes stand
// before it.
func leap(b []byte, i, quote int, json bool) (next, nextQuote int) {
	if quote < i {
		k := bytes.IndexByte(b[i:], '"')
		if k < 0 {
			k = len(b) - i
		}
		quote = i + k
	}
	if json {
		if k := bytes.IndexByte(b[i:quote], '\\'); k >= 0 {
			return i + k, quote
		}
	}
	return quote, quote
}

// decode appends the decoded text of src, which holds no closing quote.
func decode(dst, src []byte, enc Encoding) []byte {
	if cap(dst)-len(dst) < len(src)+16 {
		dst = append(make([]byte, 0, len(dst)+len(src)+len(src)/4+64), dst...)
	}
	o, i, n := len(dst), 0, len(src)
	out := dst[:cap(dst)]
	esc := byte('"')
	if enc == JSON {
		esc = '\\'
	}
	pat := uint64(esc) * lo8
	for i < n {
		if i+8 <= n {
			x := load64(src[i:])
			binary.LittleEndian.PutUint64(out[o:], x)
			m := zeroByte(x ^ pat)
			if m == 0 {
				i += 8
				o += 8
				continue
			}
			k := firstZero(m)
			i += k
			o += k
		}
		switch {
		case src[i] != esc:
			out[o] = src[i]
			o++
			i++
		case enc == CSV:
			out[o] = '"'
			o++
			i += 2
		default:
			i, o = unescape(src, i, out, o)
		}
	}
	return out[:o]
}

// unescape decodes the JSON escape at src[i:] to out[o:] and returns the
// offsets after it. It never writes more bytes than it reads.
func unescape(src []byte, i int, out []byte, o int) (int, int) {
	if i+1 >= len(src) {
		return len(src), o
	}
	c := src[i+1]
	i += 2
	switch c {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'u':
		r, ok := hex4(src, i)
		if !ok {
			break
		}
		i += 4
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), false
			if i+1 < len(src) && src[i] == '\\' && src[i+1] == 'u' {
				low, ok = hex4(src, i+2)
			}
			if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
				i += 6
			}
		}
		return i, o + utf8.EncodeRune(out[o:], r)
	}
	out[o] = c
	return i, o + 1
}

func hex4(s []byte, i int) (r rune, ok bool) {
	if i+4 > len(s) {
		return 0, false
	}
	for _, c := range s[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// rawOffset returns the offset in the encoded text b of decoded offset want,
// -1 when that lies inside an escape.
func rawOffset(b []byte, want int, enc Encoding) int {
	var buf [8]byte
	i := 0
	for o := 0; o < want; {
		switch {
		case i >= len(b):
			return -1
		case enc == JSON && b[i] == '\\':
			j, k := unescape(b, i, buf[:], 0)
			o += k
			i = j
			if o > want {
				return -1
			}
		case enc == CSV && b[i] == '"':
			i += 2
			o++
		default:
			i++
			o++
		}
	}
	return i
}
