package sqllog

import (
	"strings"
)

// An InputError says why an input gave nothing, or not all, and what to do.
// Samples are masked: no literal of the log is in them.
type InputError struct {
	Path     string
	Problem  string // "no such file", "no statements in it" …
	Detected string // "" when nothing was
	Expected string
	Hint     string   // the setting to change
	Samples  []string // up to three lines
	Empty    bool     // read to its end, there is just no statement in it
}

func (e *InputError) Error() string {
	s := e.Path + ": " + e.Problem
	if e.Detected != "" {
		s += " (looks like " + e.Detected + ")"
	}
	return s
}

const (
	samplesMax  = 3
	sampleRunes = 100
)

// sampleLines gives the first lines that are not blank, masked.
func sampleLines(head []byte) []string {
	var out []string
	for _, l := range strings.SplitN(string(head[:min(len(head), 64<<10)]), "\n", 50) {
		if l = maskSample(l); strings.TrimSpace(l) != "" {
			out = append(out, l)
		}
		if len(out) == samplesMax {
			break
		}
	}
	return out
}

// maskSample takes out what could be data: everything from the first quote to
// the last, as a stray apostrophe would turn inside and outside round, digits,
// control characters, and what is beyond the limit.
func maskSample(l string) string {
	cut := len(l) > 4*sampleRunes
	if cut {
		l = l[:4*sampleRunes]
	}
	const quotes = "'\"`"
	if first := strings.IndexAny(l, quotes); first >= 0 {
		last := strings.LastIndexAny(l, quotes)
		if cut || last == first {
			last = len(l)
		}
		l = l[:first+1] + "…" + l[last:]
	}
	var b strings.Builder
	n := 0
	digits := false
	for _, r := range strings.ToValidUTF8(l, "") {
		if n == sampleRunes {
			break
		}
		isDigit := r >= '0' && r <= '9'
		switch {
		case isDigit && digits:
		case isDigit:
			b.WriteByte('0')
			n++
		case r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069:
		default:
			b.WriteRune(r)
			n++
		}
		digits = isDigit
	}
	return b.String()
}
