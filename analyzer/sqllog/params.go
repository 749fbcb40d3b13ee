package sqllog

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// parameters hashes "parameters: $1 = 'x', $2 = NULL" (15) or "Parameters: …"
// (17), decoded to plain text. ok is false for any other DETAIL. cut says that
// the server shortened a value (log_parameter_max_length).
func parameters(b []byte) (hash uint64, cut, ok bool) {
	if len(b) < 14 || (b[0]|0x20) != 'p' || string(b[1:12]) != "arameters: " {
		return 0, false, false
	}
	hash, cut = values(b[12:])
	return hash, cut, true
}

// values hashes "$1 = 'x', $2 = NULL".
func values(b []byte) (hash uint64, cut bool) {
	i := 0
	for i < len(b) && b[i] == '$' {
		eq := bytes.Index(b[i:], []byte(" = "))
		if eq < 0 {
			break
		}
		i += eq + 3
		from := i
		if i < len(b) && b[i] == '\'' {
			i = quoted(b, i)
			if i-from >= 5 && string(b[i-4:i]) == "...'" {
				cut = true
			}
		} else {
			for i < len(b) && b[i] != ',' {
				i++
			}
		}
		hash = sqlshape.MixArgs(hash, b[from:i])
		if i+2 > len(b) || b[i] != ',' {
			break
		}
		i += 2
	}
	return hash, cut
}

// quoted is the offset after the quoted value that starts at i.
func quoted(b []byte, i int) int {
	for i++; i < len(b); i++ {
		k := bytes.IndexByte(b[i:], '\'')
		if k < 0 {
			return len(b)
		}
		i += k
		if i+1 >= len(b) || b[i+1] != '\'' {
			return i + 1
		}
		i++
	}
	return len(b)
}

// preparedText finds the statement in "prepare: PREPARE name (types) AS SQL".
func preparedText(b []byte) []byte {
	if !bytes.HasPrefix(b, []byte("prepare: ")) {
		return nil
	}
	head := b[:min(len(b), 1000)]
	for i := 9; i+4 < len(head); i++ {
		if isSpace(b[i]) && (b[i+1]|0x20) == 'a' && (b[i+2]|0x20) == 's' && isSpace(b[i+3]) {
			return bytes.TrimRight(b[i+4:], "; \n\t")
		}
	}
	return nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }
