package report

import (
	"strings"

	"github.com/rivo/uniseg"
)

// cells is the number of terminal columns that s takes.
func cells(s string) int { return uniseg.StringWidth(s) }

// wrap breaks s at spaces into lines of at most width columns; a word that is
// longer is broken anywhere. It returns at least one line.
func wrap(s string, width int) []string {
	var lines []string
	line, used := "", 0
	for word := range strings.SplitSeq(s, " ") {
		n := cells(word)
		if used > 0 && used+1+n <= width {
			line += " " + word // double spaces come here as empty words
			used += 1 + n
			continue
		}
		if used > 0 {
			lines = append(lines, strings.TrimRight(line, " "))
		}
		for n > width {
			head, rest := cut(word, width)
			if rest == "" {
				break // one character, wider than the line
			}
			lines = append(lines, head)
			word = rest
			n = cells(word)
		}
		line, used = word, n
	}
	return append(lines, strings.TrimRight(line, " "))
}

// wrapFacts joins short facts with dots and breaks lines between them; a fact
// that is wider than a line is wrapped by itself.
func wrapFacts(facts []string, width int) []string {
	var lines []string
	line := ""
	for _, fact := range facts {
		switch {
		case line == "":
			line = fact
		case cells(line)+3+cells(fact) <= width:
			line += " · " + fact
		default:
			lines = append(lines, wrap(line, width)...)
			line = fact
		}
	}
	return append(lines, wrap(line, width)...)
}

// cut splits s after at most width columns, never inside a character, and
// takes at least one character.
func cut(s string, width int) (head, rest string) {
	state, used, i := -1, 0, 0
	for i < len(s) {
		cluster, _, w, next := uniseg.FirstGraphemeClusterInString(s[i:], state)
		if i > 0 && used+w > width {
			break
		}
		used += w
		i += len(cluster)
		state = next
	}
	return s[:i], s[i:]
}

// tail is the longest end of s that takes at most width columns.
func tail(s string, width int) string {
	n := cells(s)
	for n > width {
		cluster, _, w, _ := uniseg.FirstGraphemeClusterInString(s, -1)
		s = s[len(cluster):]
		n -= w
	}
	return s
}

// shorten leaves out the middle of s when it takes more than width columns.
func shorten(s string, width int) string {
	if cells(s) <= width {
		return s
	}
	if width < 4 {
		head, _ := cut(s, max(width, 1))
		return head
	}
	back := (width - 1) / 2
	head, _ := cut(s, width-1-back)
	return head + "…" + tail(s, back)
}

// shortenWords is like shorten for text that will be wrapped: it leaves out
// whole words of the middle so that about room columns remain.
func shortenWords(s string, room int) string {
	if len(s) <= room { // no more bytes than columns: surely fits
		return s
	}
	if cells(s) <= room {
		return s
	}
	back := room * 3 / 10
	head, _ := cut(s, room-back-3)
	end := tail(s, back)
	if i := strings.LastIndexByte(head, ' '); i > len(head)/2 {
		head = head[:i]
	}
	if i := strings.IndexByte(end, ' '); i >= 0 && i < len(end)/2 {
		end = end[i+1:]
	}
	return head + " … " + end
}
