package sqlshape

import (
	"encoding/binary"
	"math/bits"
)

// Byte classes of the scanner's main switch.
const (
	cOther uint8 = iota
	cSpace       // white space and control characters, which no SQL outside quotes has
	cIdent
	cDigit
	cSingle
	cDouble
	cBacktick
	cDollar
	cPercent
	cQuestion
	cColon
	cSign
	cSlash
	cOpen
	cClose
	cComma
	cDot
)

// class and identByte are filled once and never written again.
var (
	class     = classes()
	identByte = identBytes()
)

func classes() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_', c >= 0x80:
			t[c] = cIdent
		case c >= '0' && c <= '9':
			t[c] = cDigit
		case c <= ' ', c == 0x7f:
			t[c] = cSpace
		}
	}
	t['\''], t['"'], t['`'], t['$'] = cSingle, cDouble, cBacktick, cDollar
	t['%'], t['?'], t[':'], t['/'] = cPercent, cQuestion, cColon, cSlash
	t['-'], t['+'] = cSign, cSign
	t['('], t['['], t[')'], t[']'] = cOpen, cOpen, cClose, cClose
	t[','], t['.'] = cComma, cDot
	return t
}

func identBytes() (t [256]bool) {
	for c, k := range class {
		t[c] = k == cIdent || k == cDigit
	}
	t['$'] = true
	return t
}

const (
	lo8 = 0x0101010101010101
	hi8 = 0x8080808080808080
)

// zeroByte has the high bit set in the lowest zero byte of x, and perhaps in
// bytes above it.
func zeroByte(x uint64) uint64 { return (x - lo8) &^ x & hi8 }

// firstZero is the index of the byte that zeroByte's mask m marks first.
func firstZero(m uint64) int { return bits.TrailingZeros64(m) >> 3 }

func load64(b []byte) uint64 { return binary.LittleEndian.Uint64(b) }

// word packs the lower-cased first k ≤ 8 bytes of s[i:] into an integer, so
// that keywords compare in one instruction.
func word(s []byte, i, k int) uint64 {
	if i+8 <= len(s) {
		return (load64(s[i:]) | 0x20*lo8) & wordMask[k&15]
	}
	var w uint64
	for x := k - 1; x >= 0; x-- {
		w = w<<8 | uint64(s[i+x]|0x20)
	}
	return w
}

// wordMask[k] keeps the low k bytes; the array has 16 elements to spare the
// bounds check.
var wordMask = [16]uint64{0, 1<<8 - 1, 1<<16 - 1, 1<<24 - 1, 1<<32 - 1, 1<<40 - 1, 1<<48 - 1, 1<<56 - 1, 1<<64 - 1}
