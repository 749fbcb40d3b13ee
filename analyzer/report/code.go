package report

import "strings"

// codeIndent is how far the rest of a broken line of code stands in.
const codeIndent = "    "

// breakCode lays out Python for a width: a line that is wider is broken where
// Python allows it, inside brackets: after the outermost opening bracket when
// the rest fits then, else after a comma. What cannot be broken stays whole,
// so that it can be copied.
func breakCode(code string, width int) []string {
	var out []string
	depth := 0 // of open brackets
	for line := range strings.SplitSeq(strings.TrimRight(code, "\n"), "\n") {
		body := strings.TrimLeft(Clean(line), " ")
		base := strings.Repeat(" ", min(len(line)-len(strings.TrimLeft(line, " ")), width/2))
		start, indent := depth, base
		for len(indent)+cells(body) > width {
			at := codeBreak(body, depth, width-len(indent))
			if at == 0 {
				break
			}
			out = append(out, indent+strings.TrimRight(body[:at], " "))
			depth = scanCode(body[:at], depth, func(int, int) {})
			body = strings.TrimLeft(body[at:], " ")
			if indent = base; depth > start {
				indent += codeIndent
			}
		}
		out = append(out, indent+body)
		depth = scanCode(body, depth, func(int, int) {})
	}
	return out
}

// codeBreak is the offset at which to break a line that starts inside depth
// brackets, 0 if there is none: of the places within room the outermost, and
// of those the last, else the first place after room.
func codeBreak(line string, depth, room int) int {
	best, bestDepth, after := 0, 0, 0
	scanCode(line, depth, func(at, depth int) {
		switch {
		case at >= len(line) || after > 0:
		case cells(line[:at]) > room:
			after = at
		case best == 0 || depth < bestDepth:
			best, bestDepth = at, depth
		case depth == bestDepth:
			opened := strings.IndexByte("([{", line[best-1]) >= 0
			if opened && cells(strings.TrimLeft(line[best:], " "))+len(codeIndent) <= room {
				return // everything else goes on one line
			}
			best = at
		}
	})
	if best == 0 {
		return after
	}
	return best
}

// scanCode reads one line of Python that starts inside depth brackets and
// returns the depth at its end. It calls place with the offset and depth after
// each opening bracket and each comma inside brackets.
func scanCode(line string, depth int, place func(at, depth int)) int {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return depth
		case c == '(' || c == '[' || c == '{':
			depth++
			place(i+1, depth)
		case c == ')' || c == ']' || c == '}':
			depth = max(depth-1, 0)
		case c == ',' && depth > 0:
			place(i+1, depth)
		}
	}
	return depth
}
