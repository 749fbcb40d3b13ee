// Package spelling guesses what a misspelled name was meant to be.
package spelling

import "strings"

// Nearest is the name that word was probably meant to be, "" when none is
// near. It forgives case, one slip in a short word and two in a longer one, and
// takes the beginning of a word, of three letters or more, that only one has.
func Nearest(word string, names []string) string {
	word = strings.ToLower(word)
	best, bestSlips := "", 1+min(len(word)/6, 1)+1
	for _, name := range names {
		if n := slips(word, strings.ToLower(name)); n < bestSlips {
			best, bestSlips = name, n
		}
	}
	if best != "" || len(word) < 3 {
		return best
	}
	for _, name := range names {
		if !strings.HasPrefix(strings.ToLower(name), word) {
			continue
		}
		if best != "" {
			return ""
		}
		best = name
	}
	return best
}

// slips counts the letters to add, drop, change or swap with their neighbour
// that turn a into b.
func slips(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
