package sqllog

import (
	"bytes"
	"strings"
)

// A token is a piece of a line's prefix: a value of some class, a run of
// blanks, or one separator.
type token struct {
	class byte // 'm' 't' time, 'n' epoch, 'c' session, 'D' digits, 'W' word, ' ' blanks, else the separator itself
	text  []byte
}

// guessPrefix makes a log_line_prefix for lines that no known one fits: what
// most lines have in common, column by column.
func guessPrefix(lines [][]byte) *matcher {
	bySign := map[string][][]token{}
	best := ""
	for _, l := range lines {
		toks := tokens(l[:severityIn(l)])
		sign := signature(toks)
		bySign[sign] = append(bySign[sign], toks)
		if len(bySign[sign]) > len(bySign[best]) {
			best = sign
		}
	}
	rows := bySign[best]
	if len(rows) == 0 || len(rows[0]) == 0 || !strings.ContainsAny(best, "mtncD") {
		return nil
	}
	m, err := compile(template(rows))
	if err != nil {
		return nil
	}
	return m
}

func signature(toks []token) string {
	b := make([]byte, len(toks))
	for i, t := range toks {
		b[i] = t.class
	}
	return string(b)
}

const prefixSeparators = ",:=[](){}<>\"'@|/;-#~*!^&"

// tokens splits a prefix.
func tokens(b []byte) []token {
	var out []token
	var c clock
	add := func(class byte, n int) {
		out = append(out, token{class, b[:n]})
		b = b[n:]
	}
	for len(b) > 0 {
		if _, n, frac, _ := c.stamp(b, false); n > 0 {
			if frac {
				add('m', n)
			} else {
				add('t', n)
			}
			continue
		}
		n := 0
		if b[0] == ' ' {
			for n < len(b) && b[n] == ' ' {
				n++
			}
			add(' ', n)
			continue
		}
		if bytes.HasPrefix(b, []byte("[unknown]")) {
			add('W', len("[unknown]"))
			continue
		}
		if strings.IndexByte(prefixSeparators, b[0]) >= 0 {
			add(b[0], 1)
			continue
		}
		letter := (b[0]|0x20) >= 'a' && (b[0]|0x20) <= 'z'
		for n < len(b) && b[n] != ' ' && (strings.IndexByte(prefixSeparators, b[n]) < 0 || letter && b[n] == '-') {
			n++
		}
		add(wordClass(b[:n]), n)
	}
	return out
}

func wordClass(w []byte) byte {
	j, _ := number(w, 0)
	switch {
	case j == len(w):
		return 'D'
	case j >= 9 && j+4 == len(w) && w[j] == '.':
		return 'n'
	}
	if j, _ := hex(w, 0); j >= 6 && j < len(w)-1 && w[j] == '.' {
		if e, _ := hex(w, j+1); e == len(w) {
			return 'c'
		}
	}
	return 'W'
}

// template writes the prefix of equal rows of tokens.
func template(rows [][]token) string {
	row := rows[0]
	var b strings.Builder
	hasPID := false
	// Where one time has a fraction, another without is the session's start.
	hasTime := strings.ContainsRune(signature(row), 'm')
	key := ""
	for i := 0; i < len(row); i++ {
		pad := ""
		if padded(rows, i-1) || padded(rows, i+1) {
			pad = "1"
		}
		switch t := row[i]; t.class {
		case 'm':
			b.WriteString("%m")
		case 't':
			if hasTime {
				b.WriteString("%s")
			} else {
				b.WriteString("%t")
			}
			hasTime = true
		case 'n':
			b.WriteString("%n")
			hasTime = true
		case 'c':
			b.WriteString("%" + pad + "c")
		case 'D':
			e := digitEscape(rows, i, key, hasPID)
			hasPID = hasPID || strings.HasSuffix(e, "p")
			if e == "v" {
				i += 2
			}
			if len(e) == 1 && e[0] >= 'a' {
				e = "%" + pad + e
			}
			b.WriteString(e)
		case 'W':
			if isKey(row, i) && constant(rows, i) {
				key = strings.ToLower(string(t.text))
				b.Write(bytes.ReplaceAll(t.text, []byte("%"), []byte("%%")))
			} else {
				b.WriteString("%a")
			}
		case ' ':
			if !padded(rows, i) || i > 0 && i+1 < len(row) && row[i-1].class == 'W' && row[i+1].class == 'W' {
				b.WriteByte(' ')
			}
		default:
			b.WriteByte(t.class)
			if t.class == ',' || t.class == ']' || t.class == '|' {
				key = ""
			}
		}
	}
	return b.String()
}

// digitEscape decides what a number is: 'p', 'l', 'v', 'e', 'x', or itself.
func digitEscape(rows [][]token, i int, key string, hasPID bool) string {
	row := rows[0]
	at := func(k int) byte {
		if k < 0 || k >= len(row) {
			return 0
		}
		return row[k].class
	}
	same := constant(rows, i)
	switch {
	case at(i+1) == '/' && at(i+2) == 'D':
		return "v"
	case at(i-1) == '-' && same && string(row[i].text) == "1":
		return "1"
	case at(i+1) == '-' && at(i+2) == 'D' && constant(rows, i+2) && string(row[i+2].text) == "1":
		return "l"
	case strings.Contains(key, "line"):
		return "l"
	case strings.HasSuffix(key, "pid"), strings.HasPrefix(key, "proc"):
		return "p"
	case anyRow(rows, i, "00000"):
		return "e"
	case !hasPID && (key == "" || at(i-1) == '['):
		return "p"
	case at(i-1) == '-' && at(i-2) == 'D':
		return "l"
	}
	return "x"
}

// isKey says whether a word names the value after it.
func isKey(row []token, i int) bool {
	for k := i + 1; k < len(row); k++ {
		switch row[k].class {
		case ' ':
		case '=':
			return true
		case ':':
			return k == i+1 && k+1 < len(row) && row[k+1].class != ' ' && row[k+1].class != '['
		default:
			return false
		}
	}
	return false
}

func constant(rows [][]token, i int) bool {
	for _, r := range rows {
		if !bytes.Equal(r[i].text, rows[0][i].text) {
			return false
		}
	}
	return true
}

func anyRow(rows [][]token, i int, text string) bool {
	for _, r := range rows {
		if string(r[i].text) == text {
			return true
		}
	}
	return false
}

// padded says whether column i is blanks that fill a fixed width.
func padded(rows [][]token, i int) bool {
	if i < 0 || i >= len(rows[0]) || rows[0][i].class != ' ' {
		return false
	}
	for _, r := range rows {
		if len(r[i].text) > 1 {
			return true
		}
	}
	return false
}
