package rewrite

import "bytes"

// A Comment is one comment of a Python file and the code that it stands at.
// All numbers are byte offsets.
type Comment struct {
	Start, End int  // from its "#" to before the line end
	Alone      bool // nothing but white space stands in front of it on its line
	Inside     bool // a statement begins before it and goes on behind its line
	// First and Last are where the statement that it stands at begins and ends:
	// the one that it is in or behind, or the one directly below it. Of a block
	// that is the head alone; decorators go with what they decorate. Both are
	// -1 where there is none.
	First, Last int
	// Below is the first code below a comment that is Alone, -1 where an empty
	// line or the end of the file comes before.
	Below int
}

// Comments lists the comments of a Python file. What stands inside a string is
// none.
func Comments(text []byte) []Comment {
	toks := lex(text)
	var found []Comment
	for first := 0; first < len(toks); {
		last := first
		for last < len(toks) && toks[last].kind != lineToken {
			last++
		}
		from, to := statement(text, toks, first, last)
		for i := first; i < last; i++ {
			if toks[i].kind == commentToken {
				found = append(found, comment(text, toks, i, from, to))
			}
		}
		first = last + 1
	}
	return found
}

// statement is where the code of a logical line begins and ends, -1 where it
// has none. One that begins with decorators ends with what they decorate.
func statement(text []byte, toks []token, first, last int) (from, to int) {
	from, to = -1, -1
	for {
		decorator := false
		for i, code := first, false; i < last; i++ {
			if toks[i].kind == commentToken {
				continue
			}
			if !code {
				code, decorator = true, string(text[toks[i].start:toks[i].end]) == "@"
			}
			if from < 0 {
				from = toks[i].start
			}
			to = toks[i].end
		}
		if !decorator || last >= len(toks) {
			return from, to
		}
		first = last + 1
		for last = first; last < len(toks) && toks[last].kind != lineToken; {
			last++
		}
	}
}

// comment describes the comment that is token i of a logical line whose
// statement begins at from and ends at to.
func comment(text []byte, toks []token, i, from, to int) Comment {
	c := Comment{Start: toks[i].start, End: toks[i].end, First: -1, Last: -1, Below: -1}
	start := bytes.LastIndexByte(text[:c.Start], '\n') + 1
	c.Alone = len(bytes.TrimLeft(text[start:c.Start], " \t\f\ufeff")) == 0
	c.Inside = from >= 0 && from < c.Start && to > c.End
	if c.Alone {
		c.Below = codeBelow(text, toks, i)
	}
	if from >= 0 && (from < c.Start || c.Below >= 0) {
		c.First, c.Last = from, to
	}
	return c
}

// stackMax is how many comments may stand between one and the code below it.
const stackMax = 100

// codeBelow is where the code begins that stands directly below comment i, or
// below the comments that follow it without an empty line.
func codeBelow(text []byte, toks []token, i int) int {
	for n := 0; i+1 < len(toks) && n < stackMax; i, n = i+1, n+1 {
		if bytes.Count(text[toks[i].end:toks[i+1].start], []byte{'\n'}) != 1 || toks[i+1].kind == lineToken {
			return -1
		}
		if toks[i+1].kind != commentToken {
			return toks[i+1].start
		}
	}
	return -1
}

// Statement is where the logical line that holds offset at begins and ends; the
// head alone of a block. Both are at where no code is there.
func Statement(text []byte, at int) (first, last int) {
	toks := lex(text)
	for i := 0; i < len(toks); {
		n := i
		for n < len(toks) && toks[n].kind != lineToken {
			n++
		}
		first, last = -1, -1
		for _, t := range toks[i:n] {
			if t.kind == commentToken {
				continue
			}
			if first < 0 {
				first = t.start
			}
			last = t.end
		}
		if first >= 0 && first <= at && at < last {
			return first, last
		}
		i = n + 1
	}
	return at, at
}
