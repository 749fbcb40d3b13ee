package sqlshape

import "bytes"

// skipQuoted returns the offset after the string whose quote q opens at
// s[i], len(s) when it does not close. A doubled quote stands for one; a
// backslash escapes when the string form says so.
func skipQuoted(s []byte, i int, q byte, backslash bool) int {
	i++
	n := len(s)
	pat := uint64(q) * lo8
	for {
		for i+8 <= n {
			x := load64(s[i:])
			m := zeroByte(x ^ pat)
			if backslash {
				m |= zeroByte(x ^ '\\'*lo8)
			}
			if m != 0 {
				i += firstZero(m)
				break
			}
			i += 8
		}
		for i < n && s[i] != q && (!backslash || s[i] != '\\') {
			i++
		}
		switch {
		case i >= n:
			return n
		case s[i] == '\\':
			i = min(i+2, n)
		case i+1 < n && s[i+1] == q:
			i += 2
		default:
			return i + 1
		}
	}
}

// skipString is skipQuoted for an SQL string, with what the standard allows
// after it: white space with a line break, then more of the same string.
func skipString(s []byte, i int, backslash bool) int {
	i = skipQuoted(s, i, '\'', backslash)
	for i < len(s) && class[s[i]] == cSpace {
		j, line := i, false
		for j < len(s) && class[s[j]] == cSpace {
			line = line || s[j] == '\n' || s[j] == '\r'
			j++
		}
		if !line || j >= len(s) || s[j] != '\'' {
			break
		}
		i = skipQuoted(s, j, '\'', backslash)
	}
	return i
}

// prefixed returns the length of a string prefix (E'…', B'…', X'…', N'…',
// U&'…') at s[i:] and whether backslashes escape in it; 0: there is none.
func prefixed(s []byte, i int) (k int, backslash bool) {
	if i+1 >= len(s) {
		return 0, false
	}
	c := s[i] | 0x20
	if s[i+1] == '\'' && (c == 'e' || c == 'b' || c == 'x' || c == 'n') {
		return 1, c == 'e'
	}
	if c == 'u' && s[i+1] == '&' && i+2 < len(s) && s[i+2] == '\'' {
		return 2, false
	}
	return 0, false
}

// skipNumber returns the offset after the number at s[i:], junk that sticks
// to it included: 1, 1.5, 1e-5, 0x1F, 1_000.
func skipNumber(s []byte, i int) int {
	lo, n := i, len(s)
	for i < n {
		d := s[i]
		if !identByte[d] && d != '.' {
			break
		}
		if d|0x20 == 'e' && i+1 < n && (s[i+1] == '-' || s[i+1] == '+') && s[min(lo+1, n-1)]|0x20 != 'x' {
			i++
		}
		i++
	}
	return i
}

// skipDollar returns the offset after the dollar-quoted string at s[i:],
// len(s) when it does not close, -1 when s[i:] does not open one.
func skipDollar(s []byte, i int) int {
	j := i + 1
	for j < len(s) && s[j] != '$' {
		if c := class[s[j]]; c != cIdent && c != cDigit {
			return -1
		}
		j++
	}
	if j >= len(s) {
		return -1
	}
	tag := s[i : j+1]
	k := bytes.Index(s[j+1:], tag)
	if k < 0 {
		return len(s)
	}
	return j + 1 + k + len(tag)
}

// skipComment returns the offset after the comment that "/*" opens at s[i];
// comments nest, as in PostgreSQL.
func skipComment(s []byte, i int) int {
	i += 2
	open := i // a "/" here closes nothing: "/*/"
	for depth := 1; i < len(s); {
		k := bytes.IndexByte(s[i:], '/')
		if k < 0 {
			return len(s)
		}
		i += k
		switch {
		case i > open && s[i-1] == '*':
			depth--
			i++
			open = i
			if depth == 0 {
				return i
			}
		case i+1 < len(s) && s[i+1] == '*':
			depth++
			i += 2
			open = i
		default:
			i++
		}
	}
	return len(s)
}

// skipLine returns the offset after the line break that ends a "--" comment.
func skipLine(s []byte, i int) int {
	for k := i; k < len(s); k++ {
		if s[k] == '\n' || s[k] == '\r' {
			return k + 1
		}
	}
	return len(s)
}

// skipCasts skips every "::type" at s[i:].
func skipCasts(s []byte, i int) int {
	for i+1 < len(s) && s[i] == ':' && s[i+1] == ':' {
		i = skipType(s, i+2)
	}
	return i
}

// skipType returns the offset after the type name at s[i:].
func skipType(s []byte, i int) int {
	n, lo := len(s), i
	for i < n && (identByte[s[i]] || s[i] == '.' || s[i] == '"') {
		if s[i] == '"' {
			i = skipQuoted(s, i, '"', false)
			continue
		}
		i++
	}
	if i < n && s[i] == ' ' {
		i = skipTypeWords(s, lo, i)
	}
	if i < n && s[i] == '(' { // varchar(10)
		j := i + 1
		for j < n && (class[s[j]] == cDigit || s[j] == ',' || s[j] == ' ' || s[j] == '?') {
			j++
		}
		if j < n && s[j] == ')' {
			i = j + 1
		}
	}
	for i+1 < n && s[i] == '[' && s[i+1] == ']' {
		i += 2
	}
	return i
}

// skipTypeWords skips the further words of the few types that have some.
func skipTypeWords(s []byte, lo, i int) int {
	var more []string
	switch t := s[lo:i]; {
	case foldEqual(t, "double"):
		more = []string{" precision"}
	case foldEqual(t, "character"), foldEqual(t, "bit"):
		more = []string{" varying"}
	case foldEqual(t, "timestamp"), foldEqual(t, "time"):
		more = []string{" with time zone", " without time zone"}
	}
	for _, m := range more {
		if e := i + len(m); e <= len(s) && foldEqual(s[i:e], m) && (e == len(s) || !identByte[s[e]]) {
			return e
		}
	}
	return i
}

// foldEqual compares with a lower-case ASCII text, whatever the case of b.
func foldEqual(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range b {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// skipFormat returns the offset after a "%s" or "%(name)s" placeholder at
// s[i:], -1 when there is none.
func skipFormat(s []byte, i int) int {
	if i+1 >= len(s) {
		return -1
	}
	if s[i+1] == 's' {
		return i + 2
	}
	const nameMax = 64 // a bound, or many "%(" cost quadratic time
	if s[i+1] == '(' {
		k := bytes.IndexByte(s[i:min(len(s), i+nameMax)], ')')
		if k > 0 && i+k+1 < len(s) && s[i+k+1] == 's' {
			return i + k + 2
		}
	}
	return -1
}
