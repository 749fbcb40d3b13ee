package rules

import "strings"

// Nearest is the code or name that word was probably meant to be, "" when none
// is near. It forgives case, one slip in a short word and two in a longer one.
func Nearest(word string) string {
	word = strings.ToLower(word)
	best, bestSlips := "", 1+min(len(word)/6, 1)+1
	for _, r := range all {
		for _, name := range []string{r.Code, r.Name} {
			if n := slips(word, strings.ToLower(name)); n < bestSlips {
				best, bestSlips = name, n
			}
		}
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
