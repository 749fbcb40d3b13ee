//go:build cgo

package pgparse

import "bytes"

// A chunk is one statement of a script and the line it starts on.
type chunk struct {
	text string
	line int
}

// split cuts a script at its semicolons. psql's own commands (\restrict,
// \connect) and the rows of COPY … FROM stdin are left out.
func split(ddl []byte) []chunk {
	var list []chunk
	line, start, startLine := 1, -1, 0
	for i := 0; i < len(ddl); {
		c := ddl[i]
		switch {
		case c == '\n':
			line++
			i++
			continue
		case c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == 0:
			i++
			continue
		case start < 0 && c == '\\':
			i = endOfLine(ddl, i)
			continue
		}
		j, ignored := skipToken(ddl, i)
		if start < 0 && !ignored {
			start, startLine = i, line
		}
		line += bytes.Count(ddl[i:j], []byte{'\n'})
		i = j
		if c == ';' && start >= 0 {
			text := string(bytes.ReplaceAll(ddl[start:i], []byte{0}, []byte{' '}))
			list = append(list, chunk{text, startLine})
			if copiesIn(text) {
				j := endOfCopy(ddl, i)
				line += bytes.Count(ddl[i:j], []byte{'\n'})
				i = j
			}
			start = -1
		}
	}
	if start >= 0 {
		list = append(list, chunk{string(ddl[start:]), startLine})
	}
	return list
}

// skipToken returns the offset after the quoted text, comment or byte at s[i].
func skipToken(s []byte, i int) (next int, comment bool) {
	rest := s[i:]
	switch {
	case bytes.HasPrefix(rest, []byte("--")):
		return endOfLine(s, i), true
	case bytes.HasPrefix(rest, []byte("/*")):
		depth, j := 1, i+2
		for j < len(s) && depth > 0 {
			switch {
			case bytes.HasPrefix(s[j:], []byte("/*")):
				depth++
				j += 2
			case bytes.HasPrefix(s[j:], []byte("*/")):
				depth--
				j += 2
			default:
				j++
			}
		}
		return j, true
	case s[i] == '\'' || s[i] == '"':
		escapes := s[i] == '\'' && i > 0 && s[i-1]|0x20 == 'e' && (i < 2 || !letter(s[i-2]))
		for j := i + 1; j < len(s); j++ {
			switch {
			case s[j] == '\\' && escapes:
				j++
			case s[j] == s[i]:
				return j + 1, false
			}
		}
		return len(s), false
	case s[i] == '$' && (i == 0 || !letter(s[i-1])):
		j := i + 1
		for j < len(s) && letter(s[j]) {
			j++
		}
		if j >= len(s) || s[j] != '$' {
			return i + 1, false
		}
		if k := bytes.Index(s[j+1:], s[i:j+1]); k >= 0 {
			return j + 1 + k + j + 1 - i, false
		}
		return len(s), false
	}
	return i + 1, false
}

func letter(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= 0x80
}

func endOfLine(s []byte, i int) int {
	if k := bytes.IndexByte(s[i:], '\n'); k >= 0 {
		return i + k
	}
	return len(s)
}

func copiesIn(text string) bool {
	return len(text) > 4 && bytes.EqualFold([]byte(text[:4]), []byte("COPY")) && bytes.Contains(bytes.ToLower([]byte(text)), []byte("from stdin"))
}

// endOfCopy returns the offset after the "\." line that ends COPY's rows.
func endOfCopy(s []byte, i int) int {
	if k := bytes.Index(s[i:], []byte("\n\\.")); k >= 0 {
		return endOfLine(s, i+k+1)
	}
	return len(s)
}
