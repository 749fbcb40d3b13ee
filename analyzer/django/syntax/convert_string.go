package syntax

import (
	"bytes"
	"strconv"
	"strings"
	"unicode/utf8"
)

// str converts a string literal or several in a row.
func (c *converter) str(i int) Expr {
	x := &String{Range: c.pos(i)}
	var value []byte
	if c.kind(i) == kConcatenated {
		for _, k := range c.items(i) {
			if c.kind(k) == kString {
				value = c.literal(x, value, k)
			}
		}
	} else {
		value = c.literal(x, value, i)
	}
	if len(value) > 0 {
		x.Value = string(value)
	}
	return x
}

func (c *converter) literal(x *String, value []byte, i int) []byte {
	raw, isBytes, formatted := false, false, false
	for _, k := range c.items(i) {
		text := c.text[c.nodes[k].start:c.nodes[k].end]
		switch c.kind(k) {
		case kStringStart:
			prefix := strings.ToLower(string(text))
			raw = strings.Contains(prefix, "r")
			isBytes = strings.Contains(prefix, "b")
			formatted = strings.ContainsAny(prefix, "ft")
			x.Bytes = x.Bytes || isBytes
			x.Formatted = x.Formatted || formatted
		case kStringContent:
			value = unescape(value, text, raw, isBytes, formatted)
		case kInterpolation:
			c.interpolation(x, k)
		}
	}
	return value
}

// interpolation adds what stands between braces, and between those of its
// format.
func (c *converter) interpolation(x *String, i int) {
	if c.depth++; c.depth > depthMax {
		c.depth--
		c.fail(i, "nested too deeply")
		return
	}
	defer func() { c.depth-- }()
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kTypeConversion:
		case kFormatSpecifier:
			for _, part := range c.items(k) {
				if c.kind(part) == kFormatExpression || c.kind(part) == kInterpolation {
					c.interpolation(x, part)
				}
			}
		default:
			x.Parts = append(x.Parts, c.expr(k))
		}
	}
}

// unescape adds to value what text means in a literal.
func unescape(value, text []byte, raw, isBytes, formatted bool) []byte {
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch {
		case b == '\r': // Python reads line ends as \n
			value = append(value, '\n')
			if bytes.HasPrefix(text[i+1:], []byte("\n")) {
				i++
			}
		case formatted && (b == '{' || b == '}') && i+1 < len(text) && text[i+1] == b:
			value = append(value, b)
			i++
		case b == '\\' && !raw && i+1 < len(text):
			var n int
			value, n = escape(value, text[i+1:], isBytes)
			i += n
		default:
			value = append(value, b)
		}
	}
	return value
}

// simpleEscapes are what one letter after a backslash means.
const simpleEscapes = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v"

// escape adds what the text after a backslash means and returns how much of it
// that is. What Python does not know stays as it is, backslash and all.
func escape(value, text []byte, isBytes bool) ([]byte, int) {
	b := text[0]
	for i := 0; i < len(simpleEscapes); i += 2 {
		if b == simpleEscapes[i] {
			return append(value, simpleEscapes[i+1]), 1
		}
	}
	switch {
	case b == '\n':
		return value, 1
	case b == '\r':
		if len(text) > 1 && text[1] == '\n' {
			return value, 2
		}
		return value, 1
	case b >= '0' && b <= '7':
		n := 1
		for n < 3 && n < len(text) && text[n] >= '0' && text[n] <= '7' {
			n++
		}
		return character(value, text[:n], 8, isBytes), n
	case b == 'x':
		return hexadecimal(value, text, 2, isBytes)
	case b == 'u' && !isBytes:
		return hexadecimal(value, text, 4, false)
	case b == 'U' && !isBytes:
		return hexadecimal(value, text, 8, false)
	case b == 'N' && !isBytes:
		// The names of characters are a table of a megabyte: which character
		// it is matters to nobody here.
		if end := bytes.IndexByte(text, '}'); end > 0 && len(text) > 1 && text[1] == '{' {
			return utf8.AppendRune(value, utf8.RuneError), end + 1
		}
	}
	return append(value, '\\', b), 1
}

func hexadecimal(value, text []byte, digits int, isBytes bool) ([]byte, int) {
	if len(text) <= digits {
		return append(value, '\\', text[0]), 1
	}
	if _, err := strconv.ParseUint(string(text[1:1+digits]), 16, 32); err != nil {
		return append(value, '\\', text[0]), 1
	}
	return character(value, text[1:1+digits], 16, isBytes), 1 + digits
}

func character(value, digits []byte, base int, isBytes bool) []byte {
	n, err := strconv.ParseUint(string(digits), base, 32)
	switch {
	case err != nil:
		return value
	case isBytes:
		return append(value, byte(n))
	}
	return utf8.AppendRune(value, rune(n))
}
