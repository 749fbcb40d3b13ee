package sqllog

import "bytes"

// A message is what the words of an entry say, before its statement.
type message struct {
	verb   verb
	portal bool
	took   int64 // < 0: none
	sql    int   // where the statement starts
}

// nameMax is how far the name of a prepared statement and portal is looked for.
const nameMax = 300

// classify reads the start of a LOG message. It works on text that is still
// escaped, as the words it looks for are the same in all encodings.
func classify(b []byte) message {
	if len(b) < 10 {
		return message{took: -1}
	}
	switch b[0] {
	case 'd':
		if string(b[:10]) == "duration: " {
			return duration(b)
		}
		if bytes.HasPrefix(b, []byte("disconnection: ")) {
			return message{verb: ended, took: -1}
		}
	case 's':
		if bytes.HasPrefix(b, []byte("statement: ")) {
			return message{verb: said, took: -1, sql: 11}
		}
	case 'e':
		if m := step(b, 0); m.verb == executed || m.verb == fetched {
			m.verb += saidExecute - executed
			return m
		}
	case 'c':
		if bytes.HasPrefix(b, []byte("connection received: ")) || bytes.HasPrefix(b, []byte("connection authorized: ")) {
			return message{verb: began, took: -1}
		}
	}
	return message{took: -1}
}

// duration reads "duration: 0.226 ms" and what follows.
func duration(b []byte) message {
	i, ms := 10, int64(0)
	for i < len(b) && digit(b[i]) {
		ms = ms*10 + int64(b[i]-'0')
		i++
	}
	took := ms * 1e6
	if i == 10 || ms > 1e12 {
		return message{took: -1}
	}
	if i < len(b) && b[i] == '.' {
		unit := int64(1e5)
		for i++; i < len(b) && digit(b[i]); i++ {
			took += int64(b[i]-'0') * unit
			unit /= 10
		}
	}
	if i+3 > len(b) || string(b[i:i+3]) != " ms" {
		return message{took: -1}
	}
	i += 3
	// Two spaces; copies through other tools sometimes keep one.
	j := i
	for j < len(b) && b[j] == ' ' && j < i+2 {
		j++
	}
	if j == i {
		if i == len(b) || b[i] == '"' || b[i] == '\r' || b[i] == '\n' {
			return message{verb: timed, took: took}
		}
		return message{took: -1}
	}
	if j+11 <= len(b) && string(b[j:j+11]) == "statement: " {
		return message{verb: ran, took: took, sql: j + 11}
	}
	m := step(b, j)
	m.took = took
	return m
}

// step reads "execute NAME/PORTAL: ", the other steps, and "plan:".
func step(b []byte, i int) message {
	m := message{took: -1}
	switch rest := b[i:]; {
	case bytes.HasPrefix(rest, []byte("execute fetch from ")):
		m.verb, i = fetched, i+19
	case bytes.HasPrefix(rest, []byte("execute ")):
		m.verb, i = executed, i+8
	case bytes.HasPrefix(rest, []byte("bind ")):
		m.verb, i = bound, i+5
	case bytes.HasPrefix(rest, []byte("parse ")):
		m.verb, i = parsed, i+6
	case bytes.HasPrefix(rest, []byte("plan:")):
		m.verb, m.sql = planned, i+5
		return m
	default:
		return m
	}
	name := b[i:min(len(b), i+nameMax)]
	k := bytes.Index(name, []byte(": "))
	if k < 0 {
		return message{took: -1}
	}
	m.portal = bytes.IndexByte(name[:k], '/') >= 0
	m.sql = i + k + 2
	return m
}

// A severity is the kind of an entry.
type severity uint8

const (
	sevNone severity = iota
	sevLog
	sevError
	sevOther
	sevDetail
	sevContext
	sevStatement
)

// severityWord reads the severity that b starts with, and its length.
func severityWord(b []byte) (severity, int) {
	if len(b) < 3 {
		return sevNone, 0
	}
	word := ""
	sev := sevOther
	switch b[0] {
	case 'L':
		if b[2] == 'G' {
			word, sev = "LOG", sevLog
		} else {
			word = "LOCATION"
		}
	case 'E':
		word, sev = "ERROR", sevError
	case 'F':
		word, sev = "FATAL", sevError
	case 'P':
		word, sev = "PANIC", sevError
	case 'D':
		if b[2] == 'T' {
			word, sev = "DETAIL", sevDetail
		} else if len(b) > 5 && b[5]-'1' < 5 {
			word = "DEBUG" + string("12345"[b[5]-'1'])
		}
	case 'C':
		word, sev = "CONTEXT", sevContext
	case 'S':
		word, sev = "STATEMENT", sevStatement
	case 'W':
		word = "WARNING"
	case 'N':
		word = "NOTICE"
	case 'I':
		word = "INFO"
	case 'H':
		word = "HINT"
	case 'Q':
		word = "QUERY"
	case 'B':
		word = "BACKTRACE"
	}
	if word == "" || len(b) < len(word) || string(b[:len(word)]) != word {
		return sevNone, 0
	}
	return sev, len(word)
}

// sqlstate skips the code that log_error_verbosity=verbose puts first.
func sqlstate(b []byte) int {
	if len(b) < 7 || b[5] != ':' || b[6] != ' ' {
		return 0
	}
	for _, c := range b[:5] {
		if !digit(c) && (c < 'A' || c > 'Z') {
			return 0
		}
	}
	return 7
}
