package report

import (
	"strconv"
	"unicode/utf16"
)

const (
	// hashBlock is how many characters from a line's start its hash covers.
	hashBlock = 100
	hashBase  = 37
	// hashEOF stands for the end of the file.
	hashEOF = 0xffff
)

// lineHashes gives each line of a text the value that GitHub's upload-sarif
// action computes as primaryLocationLineHash, so that results that are uploaded
// otherwise are the same alerts (github/codeql-action, src/fingerprints.ts): a
// rolling hash over the next 100 UTF-16 units that are neither space nor tab,
// line ends as "\n", then ":" and which of the lines with that hash it is.
// Bytes that are not UTF-8 count as U+FFFD each; there, cut sequences of several
// bytes count once.
func lineHashes(text []byte) []string {
	h := hashing{seen: map[uint64]int{}, drop: 1}
	for range hashBlock {
		h.drop *= hashBase
	}
	newLine, afterCR := true, false
	for _, u := range utf16.Encode([]rune(string(text))) {
		if u == ' ' || u == '\t' || u == '\n' && afterCR {
			afterCR = false
			continue
		}
		if afterCR = u == '\r'; afterCR {
			u = '\n'
		}
		h.add(u, newLine)
		newLine = u == '\n'
	}
	h.add(hashEOF, newLine)
	for range hashBlock {
		h.add(0, false)
	}
	return h.lines
}

// hashing is the state of lineHashes: the block, and at its characters the
// lines that begin there. Arithmetic wraps at 64 bits.
type hashing struct {
	block  [hashBlock]uint16
	begins [hashBlock]bool
	at     int
	value  uint64
	drop   uint64 // hashBase to the power of hashBlock
	seen   map[uint64]int
	lines  []string
}

// add moves the block by a character. The line whose first character leaves it
// is done.
func (h *hashing) add(u uint16, begins bool) {
	if h.begins[h.at] {
		h.seen[h.value]++
		h.lines = append(h.lines, strconv.FormatUint(h.value, 16)+":"+strconv.Itoa(h.seen[h.value]))
	}
	h.begins[h.at] = begins
	old := h.block[h.at]
	h.block[h.at] = u
	h.value = h.value*hashBase + uint64(u) - h.drop*uint64(old)
	h.at = (h.at + 1) % hashBlock
}

// hash is that of a line, "" when the file has no such line.
func (f *textFile) hash(line int) string {
	if f.hashes == nil {
		f.hashes = lineHashes(f.bytes)
	}
	if line < 1 || line > len(f.hashes) {
		return ""
	}
	return f.hashes[line-1]
}
