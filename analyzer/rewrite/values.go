package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Only fetches no other columns of the rows than fields. Rows stay instances,
// and a column that is read all the same is fetched then, so results stay the
// same. fields must hold the columns that prefetches start from; what
// select_related joins is kept, whole where fields names none of its columns.
func Only(text Text, q *source.Query, fields []string) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil || q.Raw || len(fields) == 0 || len(q.Only)+len(q.Defer) > 0 || c.call("only") != nil || c.call("defer") != nil {
		return finding.Rewrite{}, false
	}
	fields = slices.Clone(fields)
	for _, e := range q.Eager {
		if e.Path == "" {
			return finding.Rewrite{}, false
		}
		for path := e.Path; e.Join && path != ""; path = parent(path) {
			named := slices.ContainsFunc(fields, func(f string) bool { return f == path || strings.HasPrefix(f, path+"__") })
			if !named {
				fields = append(fields, path)
			}
		}
	}
	edit := c.add(".only(" + strings.Join(c.quoteAll(fields), ", ") + ")")
	edits := []finding.Edit{edit}
	return finding.Rewrite{Title: "fetch only " + strings.Join(fields, ", "), Code: c.code(edits), Safe: true, Edits: edits}, true
}

func parent(path string) string {
	if i := strings.LastIndex(path, "__"); i >= 0 {
		return path[:i]
	}
	return ""
}

// rowsSafe reports whether rows that are no instances can take the place of
// q's: nothing is followed from them, nothing is written to them, and the
// chain has nothing that would mean something else for them.
func rowsSafe(q *source.Query, fields []string) bool {
	if q.Raw || q.Dynamic || q.Distinct || q.Annotated || len(q.Eager)+len(q.Escapes)+len(q.Only)+len(q.Defer) > 0 || len(fields) == 0 {
		return false
	}
	for _, r := range q.Reads {
		if len(r.Path) > 0 || r.Write || !slices.Contains(fields, r.Field) {
			return false
		}
	}
	return true
}

// ValuesList fetches plain values in the place of instances: with flat, the
// values of the one column, whose reads become the loop's variable; else named
// tuples, so that the reads stay as they are. Every read of the rows has to be
// known, and no field may be one whose attribute is not the column's value
// (files, images).
func ValuesList(text Text, q *source.Query, fields []string, flat bool) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil || !rowsSafe(q, fields) || !c.hasMethod() {
		return finding.Rewrite{}, false
	}
	args := strings.Join(c.quoteAll(fields), ", ")
	if !flat {
		if slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, "_") }) {
			return finding.Rewrite{}, false // no name of a tuple's field
		}
		edits := []finding.Edit{c.add(".values_list(" + args + ", named=True)")}
		return finding.Rewrite{Title: "fetch named tuples of " + strings.Join(fields, ", "), Code: c.code(edits), Edits: edits}, true
	}
	if len(fields) != 1 {
		return finding.Rewrite{}, false
	}
	renames, ok := c.bareRows(q, fields[0])
	if !ok {
		return finding.Rewrite{}, false
	}
	edits := ordered(append(renames, c.add(".values_list("+args+", flat=True)")))
	return finding.Rewrite{Title: "fetch the values of " + fields[0] + " alone", Code: c.code(edits), Safe: true, Edits: edits}, true
}

// hasMethod reports whether something may go on from the chain's place that
// instances are needed for: calls that stand further on are only Django's that
// rows of any kind have.
func (c *chain) hasMethod() bool {
	for _, t := range c.parts[c.keep:] {
		switch t.name {
		case "[]", "iterator", "aiterator", "first", "afirst", "last", "alast":
		default:
			return false
		}
	}
	return !slices.ContainsFunc(c.q.Evals, func(e source.Eval) bool { return e.Kind == source.In || e.Kind == source.Nested })
}

// bareRows renames the variable of each loop over q's rows to the field's name
// and its reads with it: "for book in books: book.title" becomes "for title in
// books: title".
func (c *chain) bareRows(q *source.Query, field string) ([]finding.Edit, bool) {
	var edits []finding.Edit
	seen := 0
	for _, e := range q.Evals {
		switch e.Kind {
		case source.Count, source.Exists, source.Len, source.Bool, source.Maybe:
			continue
		case source.Iterate:
		default:
			return nil, false
		}
		more, reads, ok := c.bareLoop(e, field)
		if !ok {
			return nil, false
		}
		edits = append(edits, more...)
		seen += reads
	}
	return edits, seen > 0 && seen == len(q.Reads)
}

// bareLoop does so for one loop; reads counts those that it has.
func (c *chain) bareLoop(e source.Eval, field string) (edits []finding.Edit, reads int, ok bool) {
	v, from, to, ok := c.loop(e.Span)
	if !ok {
		return nil, 0, false
	}
	variable, name := c.str(v), field
	if field == "pk" || field == "id" || slices.Contains(builtins, field) {
		name = variable + "_" + field
	}
	lo, hi := from, to // the scope of a comprehension's variable
	if c.toks[v].depth == 0 {
		lo, hi = c.function(c.toks[v].start)
	}
	for _, u := range c.uses(lo, hi, variable, name) {
		inside := u.start >= from && u.start < to
		end := u.end + len("."+field)
		switch {
		case u.start == c.toks[v].start:
			edits = append(edits, c.edit(u.start, u.end, name))
		case u.name == variable && inside && c.isRead(u, end, field):
			edits = append(edits, c.edit(u.start, end, name))
			reads++
		default:
			return nil, 0, false
		}
	}
	return edits, reads, reads > 0
}

// isRead reports whether one of q's reads is variable.field from u on.
func (c *chain) isRead(u use, end int, field string) bool {
	return end <= len(c.text) && string(c.text[u.end:end]) == "."+field &&
		slices.ContainsFunc(c.q.Reads, func(r source.Read) bool { return r.Field == field && c.holds(r.Span) && r.Span.End == end })
}

// A use is one appearance of a variable.
type use struct {
	name       string
	start, end int
}

// uses are the appearances of names as variables between two offsets, those in
// the fields of f-strings too. Attributes and keywords are none.
func (f *file) uses(lo, hi int, names ...string) []use {
	var out []use
	for i := f.at(lo); i < len(f.toks) && f.toks[i].start < hi; i++ {
		t := f.toks[i]
		switch {
		case t.kind == stringToken:
			out = append(out, f.fieldUses(i, names)...)
		case t.kind != nameToken || !slices.Contains(names, f.str(i)) || f.str(i-1) == ".":
		case t.depth > 0 && f.str(i+1) == "=" && (f.str(i-1) == "(" || f.str(i-1) == ","): // a keyword
		default:
			out = append(out, use{f.str(i), t.start, t.end})
		}
	}
	return out
}

// fieldUses are those of an f-string. What is in braces is taken for code,
// escaped ones too: a use too many only means that nothing is rewritten.
func (f *file) fieldUses(i int, names []string) []use {
	s := f.str(i)
	if !strings.ContainsAny(s[:stringStart([]byte(s))-1], "fFtT") {
		return nil
	}
	var out []use
	depth := 0
	for at := 0; at < len(s); {
		c := s[at]
		switch {
		case c == '{':
			depth++
		case c == '}':
			depth--
		case depth > 0 && isName([]byte(s[at:])):
			end := nameEnd([]byte(s), at)
			if slices.Contains(names, s[at:end]) && s[at-1] != '.' {
				out = append(out, use{s[at:end], f.toks[i].start + at, f.toks[i].start + end})
			}
			at = end
			continue
		}
		at++
	}
	return out
}

// builtins are names of Python that fields often have.
var builtins = []string{"type", "format", "hash", "filter", "map", "min", "max", "sum", "object", "range", "input", "list", "dict", "set", "str", "int", "bytes", "next", "open", "len", "print", "all", "any", "sorted", "zip", "iter", "property", "super", "vars", "dir", "help", "license", "copyright", "float", "bool", "tuple", "slice", "round", "pow", "abs", "bin", "chr", "ord", "hex", "oct", "repr", "eval", "exec", "exit", "quit", "compile", "complex", "callable", "delattr", "getattr", "setattr", "hasattr", "isinstance", "issubclass", "locals", "globals", "memoryview", "enumerate", "reversed", "staticmethod", "classmethod", "frozenset", "bytearray", "ascii", "divmod", "credits"}

// loop finds the loop that goes over the expression at span: the token of its
// one variable and the bytes in which that is bound by it.
func (f *file) loop(s source.Span) (variable, from, to int, ok bool) {
	if !f.holds(s) || !f.starts(s.Start) {
		return 0, 0, 0, false
	}
	in := f.before(s.Start)
	for in > 0 && f.str(in) == "(" { // an iterable in parentheses
		in--
	}
	if in < 2 || f.str(in) != "in" || f.toks[in-1].kind != nameToken || f.str(in-2) != "for" || in > 2 && f.str(in-3) == "async" {
		return 0, 0, 0, false
	}
	v := in - 1
	if depth := f.toks[v].depth; depth > 0 { // a comprehension: all of its brackets
		open := v
		for open > 0 && !(f.toks[open].kind == opToken && f.toks[open].depth == depth-1 && strings.Contains("([{", f.str(open))) {
			open--
		}
		close := f.close(open)
		return v, f.toks[open].start, f.toks[max(close, 0)].end, close > 0
	}
	lo, hi, alone := f.statement(f.toks[v].start)
	if !alone || f.str(f.at(lo)) != "for" {
		return 0, 0, 0, false
	}
	return v, lo, f.block(hi), true
}

// block is where the block ends whose head ends at offset.
func (f *file) block(offset int) int {
	head := f.indent(f.lineStartOf(offset))
	i := f.before(offset) + 1
	for ; i < len(f.toks); i++ {
		if f.toks[i].kind != lineToken || i+1 == len(f.toks) {
			continue
		}
		next := f.next(i + 1)
		if next == len(f.toks) {
			return len(f.text)
		}
		if inner := f.indent(f.toks[next].start); len(inner) <= len(head) {
			return f.toks[i].start
		}
	}
	return len(f.text)
}

// lineStartOf is the start of the statement that ends at offset.
func (f *file) lineStartOf(offset int) int {
	start, _, _ := f.statement(offset - 1)
	return start
}

// function is the extent of the innermost def around offset, decorators left
// out; of the whole file outside of one.
func (f *file) function(offset int) (start, end int) {
	indent := len(f.indent(f.firstOf(offset)))
	for i := f.at(f.firstOf(offset)); i > 0; i-- {
		if f.toks[i-1].kind != lineToken {
			continue
		}
		first := f.next(i)
		if first >= len(f.toks) || len(f.indent(f.toks[first].start)) >= indent {
			continue
		}
		indent = len(f.indent(f.toks[first].start))
		if f.str(first) == "def" || f.str(first) == "async" && f.str(first+1) == "def" {
			_, hi, ok := f.statement(f.toks[first].start)
			if !ok {
				break
			}
			return f.toks[first].start, f.block(hi)
		}
	}
	return 0, len(f.text)
}

// firstOf is the start of the statement around offset.
func (f *file) firstOf(offset int) int {
	start, _, _ := f.statement(offset)
	return start
}
