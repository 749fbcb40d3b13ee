package rewrite

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Code is a project as the rewrites of loops see it.
type Code struct {
	Text   Text
	Models *schema.Models
	Index  *source.Index
}

// Lines that a rewrite makes of several are no longer than the file's longest,
// within these bounds.
const (
	widthMin = 88
	widthMax = 120
)

// width is how long a new line may be.
func (f *file) width() int {
	longest := widthMin
	for start := 0; start < len(f.text); {
		end := f.lineEnd(start)
		longest = max(longest, end-start)
		start = afterLineEnd(f.text, end)
	}
	return min(longest, widthMax)
}

// A change is the rewrite of one file in the making.
type change struct {
	*file
	code  Code
	edits []finding.Edit
	ok    bool     // false: something that it needs cannot be written
	given []string // new names
	// wanted are names to import, by module, for code at importAbove.
	wanted      map[string][]string
	importAbove int
}

func (code Code) change(path string) *change {
	f := open(code.Text, path)
	return &change{file: f, code: code, ok: f != nil}
}

// anyLoop is the innermost loop of a fetch that stands in a loop of its own
// function, nil when there is none.
func anyLoop(f *source.Fetch) *source.Block {
	if f == nil || f.Site == nil || len(f.Via) > 0 || len(f.Site.Blocks) == 0 {
		return nil
	}
	return &f.Site.Blocks[len(f.Site.Blocks)-1]
}

// loopOf is the same for code that is not asynchronous.
func loopOf(f *source.Fetch) *source.Block {
	if b := anyLoop(f); b != nil && !b.Async && !f.Site.Await.Known() {
		return b
	}
	return nil
}

// plainName is a method's name without the "a" of its asynchronous twin.
func plainName(name string) string {
	switch name {
	case "acount", "aexists", "aaggregate", "aget", "afirst", "alast", "alatest", "aearliest":
		return name[1:]
	}
	return name
}

// over is what the index knows of the queryset that block b goes over.
func over(f *source.Fetch, b *source.Block) *source.Query {
	for _, l := range f.Loops {
		if l.Over != nil && len(l.Path) == 0 && l.Span.Path == b.Head.Path && l.Span.Start == b.Head.Start {
			return l.Over
		}
	}
	return nil
}

// direct reports whether the statement stands in the block's body itself, not
// in a branch.
func direct(b *source.Block, stmt source.Span) bool { return slices.Contains(b.Body, stmt) }

func meet(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}

// A before is where code goes that runs once before a loop.
type before struct {
	block  int // of Site.Blocks
	anchor source.Span
}

// hoist finds the outermost loop of the site before which code that reads the
// names can stand. It does not leave a while loop: what polls wants to see
// changes.
func hoist(s *source.Site, names []string) (before, bool) {
	at := -1
	for i, b := range slices.Backward(s.Blocks) {
		if b.Kind == "while" || b.Async && !s.Await.Known() || meet(names, b.Binds) {
			break
		}
		at = i
	}
	return hoistAt(s, names, at)
}

// hoistAt is the place before the block of that number.
func hoistAt(s *source.Site, names []string, at int) (before, bool) {
	if at < 0 || !s.Blocks[at].Anchor.Known() {
		return before{}, false
	}
	anchor := s.Blocks[at].Anchor
	for _, b := range s.Blocks[:at] {
		if anchor.Start <= b.Span.Start && meet(names, b.Binds) { // an outer comprehension's names end with it
			return before{}, false
		}
	}
	return before{at, anchor}, true
}

// put inserts lines before a statement.
func (c *change) put(anchor source.Span, lines ...string) {
	start := anchor.Start
	if !c.holds(anchor) || c.lineStart(start)+len(c.indent(start)) != start {
		c.ok = false
		return
	}
	lead := c.newline() + c.indent(start)
	c.edits = append(c.edits, c.insert(start, strings.Join(lines, lead)+lead))
}

// follow inserts lines behind a statement, at its indentation.
func (c *change) follow(stmt source.Span, lines ...string) {
	end := c.lineEnd(stmt.End)
	rest := strings.TrimSpace(string(c.text[stmt.End:end]))
	if rest != "" && rest[0] != '#' || c.lineStart(stmt.Start)+len(c.indent(stmt.Start)) != stmt.Start {
		c.ok = false
		return
	}
	lead := c.newline() + c.indent(stmt.Start)
	c.edits = append(c.edits, c.insert(end, lead+strings.Join(lines, lead)))
}

// replace changes the text of a span.
func (c *change) replace(s source.Span, text string) {
	if !c.holds(s) {
		c.ok = false
		return
	}
	c.edits = append(c.edits, c.edit(s.Start, s.End, text))
}

// remove takes a statement out with its lines.
func (c *change) remove(stmt source.Span) {
	start, end, ok := c.statement(stmt.Start)
	if !ok || start != stmt.Start || end != stmt.End {
		c.ok = false
		return
	}
	start, end = c.lineStart(start), c.lineEnd(end)
	for end < len(c.text) && (c.text[end] == '\r' || c.text[end] == '\n') {
		end++
		if c.text[end-1] == '\n' {
			break
		}
	}
	c.edits = append(c.edits, c.edit(start, end, ""))
}

// imports gives the local names of several things of one module, in order. The
// statements are written when all that is needed is known.
func (c *change) imports(offset int, module string, names ...string) []string {
	local, _, ok := c.use(offset, module, names...)
	if !ok {
		c.ok = false
		return names
	}
	if c.wanted == nil {
		c.wanted = map[string][]string{}
	}
	for _, n := range names {
		if !slices.Contains(c.wanted[module], n) {
			c.wanted[module] = append(c.wanted[module], n)
		}
	}
	c.importAbove = offset
	return local
}

// writeImports makes the edits for what imports was asked for.
func (c *change) writeImports() {
	for _, module := range slices.Sorted(maps.Keys(c.wanted)) {
		_, edits, ok := c.use(c.importAbove, module, c.wanted[module]...)
		c.ok = c.ok && ok
		c.edits = append(c.edits, edits...)
	}
}

// class gives the name of a model's class at offset, imported where need be.
func (c *change) class(offset int, m *schema.Model) string {
	name, edits, ok := c.useModel(offset, m)
	if !ok {
		c.ok = false
		return m.Name
	}
	c.edits = append(c.edits, edits...)
	return name
}

// done makes the Rewrite; ok is false when a part of it could not be written.
func (c *change) done(title string, safe bool, show source.Span) (finding.Rewrite, bool) {
	c.writeImports()
	if !c.ok || len(c.edits) == 0 {
		return finding.Rewrite{}, false
	}
	edits := ordered(c.edits)
	for i := range edits[1:] {
		if edits[i+1].Span.Path == edits[i].Span.Path && edits[i+1].Span.Start < edits[i].Span.End {
			return finding.Rewrite{}, false
		}
	}
	start, end := c.lineStart(show.Start)+len(c.indent(show.Start)), c.lineEnd(show.End)
	code := strings.Trim(c.render(start, end, edits), "\r\n")
	return finding.Rewrite{Title: title, Code: code, Safe: safe, Edits: edits}, true
}

// fresh is the first of the names that neither the function at offset uses nor
// the module, with a number where all are used.
func (c *change) fresh(offset int, names ...string) string {
	free := func(n string) bool {
		return !c.takenAt(offset, n) && !slices.Contains(reserved, n) && !slices.Contains(c.given, n)
	}
	for i := 2; !slices.ContainsFunc(names, free); i++ {
		names = append(names, fmt.Sprintf("%s_%d", names[0], i))
	}
	name := names[slices.IndexFunc(names, free)]
	c.given = append(c.given, name)
	return name
}

// takenAt reports whether the function at offset uses the name, or a statement
// at the file's left margin. Other functions have variables of their own.
func (f *file) takenAt(offset int, name string) bool {
	lo, hi := f.function(offset)
	margin := true
	for i, t := range f.toks {
		if i == 0 || f.toks[i-1].kind == lineToken {
			margin = f.indent(t.start) == ""
		}
		if t.kind == nameToken && f.str(i) == name && f.str(i-1) != "." && (margin || t.start >= lo && t.start < hi) &&
			!(t.depth > 0 && f.str(i+1) == "=") {
			return true
		}
	}
	return false
}

// reserved are words that are no good as names, though a file may not use them.
var reserved = []string{
	"and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from",
	"global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
	"list", "dict", "set", "str", "int", "id", "type", "object", "objects", "property", "filter", "map", "sum", "max", "min", "iter", "next",
	"sorted", "range", "len", "all", "any", "hash", "vars", "input", "format", "bytes", "float", "bool", "tuple", "print", "open", "help",
}

var capital = regexp.MustCompile(`([a-z0-9])([A-Z])`)

// snake turns a class name into one for variables: OrderItem → order_item.
func snake(s string) string { return strings.ToLower(capital.ReplaceAllString(s, "${1}_${2}")) }

// plural and singular know the regular English forms.
func plural(s string) string {
	switch {
	case strings.HasSuffix(s, "y") && len(s) > 1 && !strings.ContainsRune("aeiou", rune(s[len(s)-2])):
		return s[:len(s)-1] + "ies"
	case strings.HasSuffix(s, "s") || strings.HasSuffix(s, "x") || strings.HasSuffix(s, "ch") || strings.HasSuffix(s, "sh"):
		return s + "es"
	}
	return s + "s"
}

func singular(s string) string {
	switch {
	case strings.HasSuffix(s, "ies") && len(s) > 4:
		return s[:len(s)-3] + "y"
	case strings.HasSuffix(s, "xes") || strings.HasSuffix(s, "sses") || strings.HasSuffix(s, "ches") || strings.HasSuffix(s, "shes"):
		return s[:len(s)-2]
	case strings.HasSuffix(s, "s") && !strings.HasSuffix(s, "ss") && !strings.HasSuffix(s, "us"):
		return s[:len(s)-1]
	}
	return s
}

// inside reports whether a fetch runs in the block's body, in a function that
// the body calls too.
func inside(o *source.Fetch, b *source.Block) bool {
	in := func(s source.Span) bool { return s.Within(b.Span) && !s.Within(b.Head) }
	return in(o.Span) || slices.ContainsFunc(o.Via, func(h source.Hop) bool { return in(h.Span) })
}

// writes lists what the block writes besides f: rows of the model, of any
// model when label is "".
func (code Code) writes(f *source.Fetch, b *source.Block, label string) bool {
	return slices.ContainsFunc(code.Index.Fetches, func(o *source.Fetch) bool {
		if o == f || o.Span == f.Span || !inside(o, b) || label != "" && o.Model != "" && o.Model != label {
			return false
		}
		switch o.Op {
		case source.Insert, source.Update, source.Remove, source.GetOrCreate, source.AddRelated:
			return true
		}
		return false
	})
}

// reads reports whether the block also reads rows of the model.
func (code Code) reads(f *source.Fetch, b *source.Block, label string) bool {
	return slices.ContainsFunc(code.Index.Fetches, func(o *source.Fetch) bool {
		if o == f || o.Span == f.Span || !inside(o, b) || o.Model != label || o.Covered {
			return false
		}
		switch o.Op {
		case source.Related, source.Savepoint, source.Deferred:
			return false
		}
		return true
	})
}

// namesIn are the variables that the text of a span reads.
func (f *file) namesIn(s source.Span) []string {
	if !f.holds(s) {
		return nil
	}
	var names []string
	for i := f.at(s.Start); i < len(f.toks) && f.toks[i].end <= s.End; i++ {
		if f.toks[i].kind == nameToken && f.str(i-1) != "." && !(f.str(i+1) == "=" && f.toks[i].depth > 0) {
			names = append(names, f.str(i))
		}
	}
	return names
}

// iterName is a name for what the loop goes over: its own, else a new one,
// which lines then assign.
func (c *change) iterName(b *source.Block, lines *[]string, q *source.Query) string {
	if b.IterName != "" {
		return b.IterName
	}
	base := "rows"
	if len(b.Targets) == 1 {
		base = plural(b.Targets[0])
	} else if _, name, ok := strings.Cut(q.Model, "."); ok {
		base = plural(snake(name))
	}
	name := c.fresh(b.Span.Start, base, base+"_list", "all_"+base)
	*lines = append(*lines, name+" = "+c.slice(b.Iter))
	c.replace(b.Iter, name)
	return name
}

// fit gives each argument of an added call, ".annotate(a, b)", a line of its
// own where one line would be too long.
func (c *change) fit(e finding.Edit, args []string) finding.Edit {
	line := c.lineEnd(e.Span.Start) - c.lineStart(e.Span.Start)
	head, _, found := strings.Cut(e.Text, args[0])
	if !found || strings.Contains(e.Text, "\n") || line+len(e.Text) <= c.width() {
		return e
	}
	nl := c.newline() + c.indent(e.Span.Start)
	e.Text = head
	for _, a := range args {
		e.Text += nl + c.step() + a + ","
	}
	e.Text += nl + ")"
	return e
}

// display writes a bracketed expression in one line, or each part in one of
// its own where that is too long.
func (c *change) display(open string, parts []string, close string, at source.Span) []string {
	one := open + strings.Join(parts, " ") + close
	if len(c.indent(at.Start))+len(one) <= c.width() && !strings.Contains(one, "\n") {
		return []string{one}
	}
	lines := []string{open}
	for _, p := range parts {
		lines = append(lines, c.step()+p)
	}
	return append(lines, close)
}

// identifier reports whether the whole text is one name.
func identifier(s string) bool {
	return s != "" && nameEnd([]byte(s), 0) == len(s) && (s[0] < '0' || s[0] > '9')
}
