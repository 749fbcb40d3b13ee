package sqlshape

import (
	"encoding/binary"
	"math/bits"
)

// The hash is our own multiply-fold: it needs no module, and unlike
// hash/maphash it has the same value on every machine and Go version, so that
// results of several machines can be merged.
const (
	k0 = 0xa0761d6478bd642f
	k1 = 0xe7037ed1a0b428db
	k2 = 0x8ebc6af09c88c6e3
)

func mix(a, b uint64) uint64 {
	hi, lo := bits.Mul64(a^k0, b^k1)
	return hi ^ lo
}

func hash(b []byte) uint64 {
	h := uint64(len(b)) * k2
	if len(b) >= 48 {
		h1, h2 := h+k0, h+k1 // lanes must differ, or texts with swapped blocks collide
		for len(b) >= 48 {
			h = mix(load64(b)^h, load64(b[8:]))
			h1 = mix(load64(b[16:])^h1, load64(b[24:]))
			h2 = mix(load64(b[32:])^h2, load64(b[40:]))
			b = b[48:]
		}
		h ^= h1 ^ bits.RotateLeft64(h2, 31)
	}
	for len(b) >= 16 {
		h = mix(load64(b)^h, load64(b[8:]))
		b = b[16:]
	}
	var x, y uint64
	switch n := len(b); {
	case n >= 8:
		x, y = load64(b), load64(b[n-8:])
	case n >= 4:
		x, y = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		x = uint64(b[0])<<16 | uint64(b[n>>1])<<8 | uint64(b[n-1])
	}
	return mix(x^h, y^k2) // not k1: mix would cancel it, and y may be 0
}

// MixArgs folds one more parameter value into args. Values compare as bytes,
// so a caller must write equal values alike: as the log has them, unquoted or
// always quoted.
func MixArgs(args uint64, literal []byte) uint64 {
	var x uint64
	n := len(literal)
	switch {
	case n >= 16:
		x = hash(literal)
	case n >= 8:
		x = load64(literal) ^ bits.RotateLeft64(load64(literal[n-8:]), 29)
	case n >= 4:
		x = uint64(binary.LittleEndian.Uint32(literal)) | uint64(binary.LittleEndian.Uint32(literal[n-4:]))<<32
	case n > 0:
		x = uint64(literal[0])<<16 | uint64(literal[n>>1])<<8 | uint64(literal[n-1])
	}
	return mix(args^k1, x^uint64(n)*k2)
}
