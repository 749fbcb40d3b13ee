package sqlshape

import "encoding/binary"

// copyNames copies the quoted name at s[i:] to out[o:], and whole column
// lists ("t"."a", "t"."b", …), eight bytes at a time. It returns the offsets
// after it. A doubled quote inside a name scans as two names: harmless.
func copyNames(out []byte, o int, s []byte, i int) (int, int) {
	n := len(s)
	for {
		out[o] = '"'
		o++
		i++
		for {
			if i+8 > n {
				for i < n {
					d := s[i]
					out[o] = d
					o++
					i++
					if d == '"' {
						break
					}
				}
				return i, o
			}
			x := load64(s[i:])
			binary.LittleEndian.PutUint64(out[o:], x)
			if m := zeroByte(x ^ '"'*lo8); m != 0 {
				k := firstZero(m) + 1
				i += k
				o += k
				break
			}
			i += 8
			o += 8
		}
		if i+3 > n {
			return i, o
		}
		switch {
		case s[i] == '.' && s[i+1] == '"':
			out[o] = '.'
			o++
			i++
		case s[i] == ',' && s[i+1] == ' ' && s[i+2] == '"':
			out[o], out[o+1] = ',', ' '
			o += 2
			i += 2
		default:
			return i, o
		}
	}
}

// copyQuoted copies a back-ticked name; control characters, which would read
// as marks, become blanks.
func copyQuoted(out, name []byte) int {
	for x, c := range name {
		if c < ' ' {
			c = ' '
		}
		out[x] = c
	}
	return len(name)
}

// nameMode says how the names of a statement that begins with first are
// masked: savepoints and cursors are numbered, so each would be a shape.
func nameMode(first []byte) uint8 {
	if len(first) > 10 {
		return namesKept
	}
	for _, w := range [...]string{"savepoint", "release", "rollback", "fetch", "move", "close", "deallocate"} {
		if foldEqual(first, w) {
			return namesAll
		}
	}
	for _, w := range [...]string{"declare", "prepare", "execute"} {
		if foldEqual(first, w) {
			return namesFirst
		}
	}
	return namesKept
}

// maskName replaces each run of digits in a name by "?" in place. It returns
// the name's new length and the mode for the names that follow.
func maskName(name []byte, mode uint8) (int, uint8) {
	o, inDigits := 0, false
	for _, c := range name {
		digit := class[c] == cDigit
		switch {
		case !digit:
			name[o] = c
			o++
		case !inDigits:
			name[o] = '?'
			o++
		}
		inDigits = digit
	}
	if mode == namesFirst {
		mode = namesKept
	}
	return o, mode
}
