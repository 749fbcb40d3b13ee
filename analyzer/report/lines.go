package report

import (
	"bytes"
	"unicode/utf8"
)

// texts keeps the files that a printer looks into, each cut into lines once.
// One run of one printer uses it.
type texts struct {
	source Source
	files  map[string]*textFile
}

// A textFile is a file with the offsets at which its lines begin. As in a Span a
// line ends at "\n", "\r" or "\r\n"; what follows the last line end is a line
// too, though an empty one for tools that count line ends.
type textFile struct {
	bytes  []byte
	starts []int
	hashes []string // of lines, for code scanning; made when asked for
}

func textsOf(s Source) *texts { return &texts{source: s, files: map[string]*textFile{}} }

// file is nil when there is no text of that path.
func (t *texts) file(path string) *textFile {
	if t.source == nil || path == "" {
		return nil
	}
	f, ok := t.files[path]
	if !ok {
		if b := t.source(path); b != nil {
			f = &textFile{bytes: b, starts: lineStarts(b)}
		}
		t.files[path] = f
	}
	return f
}

func lineStarts(b []byte) []int {
	starts := []int{0}
	for i, c := range b {
		if c == '\n' || c == '\r' && (i+1 == len(b) || b[i+1] != '\n') {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// offset is where a place stands in bytes; false when the file has no such
// place, because it is another one than was analysed.
func (f *textFile) offset(line, column int) (int, bool) {
	if line < 1 || line > len(f.starts) || column < 1 {
		return 0, false
	}
	at, end := f.starts[line-1], len(f.bytes)
	if line < len(f.starts) {
		end = f.starts[line]
	}
	for ; column > 1; column-- {
		if at == end {
			return 0, false
		}
		_, n := utf8.DecodeRune(f.bytes[at:end])
		at += n
	}
	return at, true
}

// last is the number of the last line that is more than what follows a line
// end.
func (f *textFile) last() int {
	if n := len(f.starts); n > 1 && f.starts[n-1] == len(f.bytes) {
		return n - 1
	}
	return len(f.starts)
}

// end is where a line's text ends, before its line end.
func (f *textFile) end(line int) int {
	if line >= len(f.starts) {
		return len(f.bytes)
	}
	end := f.starts[line] - 1
	if f.bytes[end] == '\n' && end > f.starts[line-1] && f.bytes[end-1] == '\r' {
		end--
	}
	return end
}

// mixed tells whether a line ends at a lone "\r", which Python takes for a line
// end and diffs do not.
func (f *textFile) mixed() bool { return bytes.Count(f.bytes, []byte{'\n'}) != len(f.starts)-1 }

// bom tells whether the file begins with a byte order mark.
func (f *textFile) bom() bool { return bytes.HasPrefix(f.bytes, []byte("\ufeff")) }
