package syntax

import (
	"bytes"
	"slices"
)

// chunksMax is how many parts of a broken file are tried alone.
const chunksMax = 2000

// A bracket that nobody closes swallows the rest of a file, and Python's
// indentation says what the writer meant: so a broken file is cut where
// statements begin, each part is parsed alone, and what is broken alone is
// blanked in a second reading of the whole.

// A chunk is the text of one statement with all that is indented under it.
type chunk struct {
	Range
	indent int
}

// repair reads a broken file statement by statement. It reports whether it has
// filled Body.
func (f *File) repair(code []byte) bool {
	chunks := split(code, Range{0, len(code)}, 0)
	if len(chunks) < 2 {
		return false
	}
	if n := chunksMax / 2; len(chunks) > n {
		chunks[n-1].End = chunks[len(chunks)-1].End
		chunks = chunks[:n]
	}
	r := repairer{text: f.Text, code: bytes.Clone(code), holes: map[int]hole{}, left: chunksMax, budget: budget(len(code))}
	var body []Stmt
	for _, k := range chunks {
		body = append(body, r.try(k)...)
	}
	if definitions(body) < definitions(f.Body) {
		return false
	}
	f.Body = body
	f.Errors = append(slices.DeleteFunc(f.Errors, func(e Error) bool { return e.fixable }), r.errors...)
	return true
}

type repairer struct {
	text   []byte
	code   []byte // with blanks where the holes are
	holes  map[int]hole
	errors []Error
	left   int // chunks that may still be tried
	budget uint64
}

// try parses a chunk alone and, when that fails, makes holes of the parts of
// it that are to blame.
func (r *repairer) try(k chunk) []Stmt {
	result, body, errors := r.alone(k)
	if result == parsed {
		return body
	}
	before := len(r.holes)
	for _, part := range split(r.code, k.Range, k.indent+1) {
		r.try(part)
	}
	if len(r.holes) > before {
		if result, body, errors = r.alone(k); result == parsed {
			return body
		}
	}
	h := hole{k.Range, body}
	r.holes[k.Start] = h
	for i := k.Start; i < k.End; i++ {
		if r.code[i] != '\n' && r.code[i] != '\r' {
			r.code[i] = ' '
		}
	}
	r.code[k.Start] = '0'
	if len(errors) == 0 {
		errors = []Error{{Range: k.Range, Msg: notPython}}
	}
	if len(r.errors) < errorsMax {
		r.errors = append(r.errors, errors...)
	}
	return []Stmt{&BadStmt{h.Range, h.body}}
}

// alone parses a chunk; it is stopped when the limits are used up.
func (r *repairer) alone(k chunk) (result outcome, body []Stmt, errors []Error) {
	steps := min(r.budget, budget(k.End-k.Start))
	if r.left--; r.left < 0 || steps == 0 {
		return stopped, nil, nil
	}
	result, used := parse(r.code[:k.End], k.Start, steps, func(nodes []raw, _ []Range) {
		c := converter{text: r.text, nodes: nodes, names: map[string]string{}, holes: r.holes}
		body = c.module()
		errors = c.errors
	})
	r.budget -= min(used, r.budget)
	return result, body, errors
}

// definitions counts functions and classes in blocks that can be reached.
func definitions(body []Stmt) int {
	n := 0
	WalkBody(body, func(node Node) bool {
		switch node.(type) {
		case *FunctionDef, *ClassDef:
			n++
		}
		_, isExpr := node.(Expr)
		return !isExpr
	})
	return n
}

// split cuts a range where the statements of its block begin: those at the
// margin, or with an indent, those under the range's first line.
func split(code []byte, in Range, indent int) []chunk {
	var list []chunk
	lines := lineScanner{code: code, at: in.Start, end: in.End}
	level := -1
	if indent == 0 {
		level = 0
	}
	decorator := false
	for lines.next() {
		if level < 0 && lines.afterColon && lines.indent >= indent && lines.begin > in.Start {
			level = lines.indent
		}
		if lines.indent != level || lines.goesOn || decorator {
			decorator = decorator && lines.word != "def" && lines.word != "class" && lines.word != "async"
			lines.skip()
			continue
		}
		lines.depth = 0
		decorator = lines.word == "@"
		if n := len(list); n > 0 {
			list[n-1].End = lines.begin
		}
		list = append(list, chunk{Range{lines.begin, in.End}, lines.indent})
		lines.skip()
	}
	for i := range list {
		k := &list[i]
		k.End = k.Start + len(bytes.TrimRight(code[k.Start:k.End], " \t\r\n\f"))
	}
	return list
}

// A lineScanner finds the lines that begin outside strings.
type lineScanner struct {
	code       []byte
	at, end    int
	begin      int // first byte of the line that is no space
	indent     int
	word       string // its first word, "@" for a decorator
	goesOn     bool   // it continues the statement before
	depth      int    // open brackets
	afterColon bool   // the line before ended with a colon
	colon      bool
}

// openers are the words that begin a statement whatever bracket is open.
var openers = []string{"def", "class", "async", "@", "import", "from", "try", "with", "while", "return"}

// next moves to the next line that has code, and reads its first word.
func (l *lineScanner) next() bool {
	for l.at < l.end {
		i, width := l.at, 0
		for ; i < l.end && (l.code[i] == ' ' || l.code[i] == '\t'); i++ {
			width++
			if l.code[i] == '\t' {
				width += 7
			}
		}
		if i < l.end && l.code[i] != '\n' && l.code[i] != '\r' && l.code[i] != '#' {
			l.begin, l.indent, l.afterColon = i, width, l.colon
			l.readWord()
			return true
		}
		n := bytes.IndexByte(l.code[i:l.end], '\n')
		if n < 0 {
			break
		}
		l.at = i + n + 1
	}
	l.at = l.end
	return false
}

func (l *lineScanner) readWord() {
	i := l.begin
	for i < l.end && (l.code[i] >= 'a' && l.code[i] <= 'z' || l.code[i] == '_') {
		i++
	}
	l.word = string(l.code[l.begin:i])
	if l.code[l.begin] == '@' {
		l.word = "@"
	}
	switch l.word {
	case "else", "elif", "except", "finally":
		l.goesOn = true
	default:
		l.goesOn = bytes.IndexByte([]byte(")]}"), l.code[l.begin]) >= 0 ||
			l.depth > 0 && !slices.Contains(openers, l.word)
	}
}

// skip moves past the line, and past the strings that begin in it.
func (l *lineScanner) skip() {
	l.colon = false
	i := l.begin
	for i < l.end && l.code[i] != '\n' {
		switch b := l.code[i]; b {
		case '#':
			n := bytes.IndexByte(l.code[i:l.end], '\n')
			if n < 0 {
				n = l.end - i
			}
			i += n
			continue
		case '"', '\'':
			i = l.pastString(i)
			l.colon = false
			continue
		case '(', '[', '{':
			l.depth++
		case ')', ']', '}':
			l.depth = max(0, l.depth-1)
		}
		if b := l.code[i]; b != ' ' && b != '\t' && b != '\r' {
			l.colon = b == ':' && l.depth == 0
		}
		i++
	}
	l.at = min(i+1, l.end)
}

// pastString returns where the string that begins at i ends: at the line's end
// when nothing closes it.
func (l *lineScanner) pastString(i int) int {
	quote := l.code[i : i+1]
	if triple := bytes.Repeat(quote, 3); bytes.HasPrefix(l.code[i:l.end], triple) {
		quote = triple
	}
	for i += len(quote); i < l.end; i++ {
		switch {
		case l.code[i] == '\\':
			i++
		case len(quote) == 1 && l.code[i] == '\n':
			return i
		case bytes.HasPrefix(l.code[i:l.end], quote):
			return i + len(quote)
		}
	}
	return l.end
}
