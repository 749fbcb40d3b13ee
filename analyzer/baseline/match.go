package baseline

import (
	"regexp"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Match pairs findings with entries: of has for each of found the index of its
// entry in known, or -1; left are the entries without a finding.
//
// The numbers behind places only count how many of a kind a function has: when
// the first of two is mended the second gets its number. So what is left of
// both sides and differs by the number alone goes together too, in order.
func Match(known []finding.Known, found []finding.Key) (of []int, left []finding.Known) {
	at := map[finding.Key]int{}
	for n, k := range known {
		if _, twice := at[k.Key]; !twice {
			at[k.Key] = n
		}
	}
	taken := make([]bool, len(known))
	of = make([]int, len(found))
	for i, k := range found {
		of[i] = -1
		if n, ok := at[k]; ok {
			of[i], taken[n] = n, true
		}
	}
	free := map[finding.Key][]int{}
	for n, k := range known {
		if at[k.Key] != n {
			taken[n] = true // a second entry of one key says nothing more
		}
		if !taken[n] {
			free[unnumbered(k.Key)] = append(free[unnumbered(k.Key)], n)
		}
	}
	for i, k := range found {
		base := unnumbered(k)
		if list := free[base]; of[i] < 0 && len(list) > 0 {
			of[i], taken[list[0]], free[base] = list[0], true, list[1:]
		}
	}
	for n, k := range known {
		if !taken[n] {
			left = append(left, k)
		}
	}
	return of, left
}

// number is what stands behind the place of a second finding of one key.
var number = regexp.MustCompile(`#[0-9]+$`)

func unnumbered(k finding.Key) finding.Key {
	k.Place = number.ReplaceAllString(k.Place, "")
	return k
}
