package sqllog

import (
	"bytes"
	"unicode/utf8"
)

// decodeCSV appends the text of a quoted field, in which quotes are doubled.
func decodeCSV(dst, b []byte) []byte {
	for {
		k := bytes.IndexByte(b, '"')
		if k < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:k+1]...)
		b = b[min(k+2, len(b)):]
	}
}

// decodeJSON appends the text of a JSON string. Bytes that are not UTF-8 and
// escapes that are not JSON stay as they are.
func decodeJSON(dst, b []byte) []byte {
	for {
		k := bytes.IndexByte(b, '\\')
		if k < 0 || k+1 >= len(b) {
			return append(dst, b...)
		}
		dst = append(dst, b[:k]...)
		c := b[k+1]
		b = b[k+2:]
		switch c {
		case 'n':
			dst = append(dst, '\n')
		case 't':
			dst = append(dst, '\t')
		case 'r':
			dst = append(dst, '\r')
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'u':
			var r rune
			r, b = unicodeEscape(b)
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, c)
		}
	}
}

// unicodeEscape reads what follows \u, a surrogate pair included.
func unicodeEscape(b []byte) (rune, []byte) {
	hi, ok := hex4(b)
	if !ok {
		return utf8.RuneError, b
	}
	b = b[4:]
	if hi < 0xd800 || hi > 0xdbff || len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return hi, b
	}
	lo, ok := hex4(b[2:])
	if !ok || lo < 0xdc00 || lo > 0xdfff {
		return utf8.RuneError, b
	}
	return (hi-0xd800)<<10 + (lo - 0xdc00) + 0x10000, b[6:]
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case digit(c):
			r = r<<4 | rune(c-'0')
		case (c|0x20) >= 'a' && (c|0x20) <= 'f':
			r = r<<4 | rune((c|0x20)-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// closeCSV is the offset of the quote that ends the field, or -1.
func closeCSV(b []byte, i int) int {
	for {
		k := bytes.IndexByte(b[i:], '"')
		if k < 0 {
			return -1
		}
		if i += k; i+1 >= len(b) || b[i+1] != '"' {
			return i
		}
		i += 2
	}
}

// closeJSON is the offset of the quote that ends the string that starts at
// from, looked for from i, or -1.
func closeJSON(b []byte, from, i int) int {
	for {
		k := bytes.IndexByte(b[i:], '"')
		if k < 0 {
			return -1
		}
		i += k
		j := i
		for j > from && b[j-1] == '\\' {
			j--
		}
		if (i-j)&1 == 0 {
			return i
		}
		i++
	}
}
