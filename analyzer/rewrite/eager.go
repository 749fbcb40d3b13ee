package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Eager makes q fetch related rows: joins with select_related, fetches with
// prefetch_related. What q fetches already is left out, a longer path takes
// the place of a shorter one that it holds, and a call that the chain has is
// extended.
func Eager(text Text, q *source.Query, joins, fetches []string) (finding.Rewrite, bool) {
	if outer, lead := above(q); outer != nil {
		return Eager(text, outer, nil, below(lead, joins, fetches))
	}
	if rw, ok, done := classEager(text, q, joins, fetches); done {
		return rw, ok
	}
	c := chainOf(text, q)
	if c == nil || q.Raw || slices.ContainsFunc(q.Eager, func(e source.Eager) bool { return e.Path == "" }) {
		return finding.Rewrite{}, false
	}
	joins, fetches = missing(q, joins, true), missing(q, fetches, false)
	if len(joins)+len(fetches) == 0 || len(joins) > 0 && c.locks() || c.calls("raw") {
		return finding.Rewrite{}, false
	}
	edits, ok := c.keepColumns(slices.Concat(joins, fetches))
	if !ok {
		return finding.Rewrite{}, false
	}
	call := ""
	for _, k := range []struct {
		name  string
		paths []string
	}{{"select_related", joins}, {"prefetch_related", fetches}} {
		if len(k.paths) == 0 {
			continue
		}
		more, found, ok := c.extendCall(k.name, k.paths)
		if !ok {
			return finding.Rewrite{}, false
		}
		edits = append(edits, more...)
		if !found {
			lead, own := c.lead()
			if call != "" && own {
				call += lead
			}
			call += "." + k.name + "(" + strings.Join(c.quoteAll(k.paths), ", ") + ")"
		}
	}
	if call != "" {
		edits = append(edits, c.add(call))
	}
	if len(fetches) > 0 && q.Iterator {
		chunked, ok := c.chunk()
		if !ok {
			return finding.Rewrite{}, false
		}
		edits = append(edits, chunked...)
	}
	edits = ordered(edits)
	return finding.Rewrite{Title: eagerTitle(joins, fetches), Code: c.code(edits), Safe: true, Edits: edits}, true
}

// above is the query of the rows whose related manager a template goes over,
// {% for book in author.book_set.all %}, and the way from them: nothing can be
// added to the manager there. Nil for any other query.
func above(q *source.Query) (outer *source.Query, lead string) {
	if q == nil || q.From == nil || q.From == q || len(q.Path) == 0 || strings.HasSuffix(q.Span.Path, ".py") {
		return nil, ""
	}
	if slices.ContainsFunc(q.Calls, func(k source.Call) bool { return k.Name != "all" }) {
		return nil, ""
	}
	return q.From, strings.Join(q.Path, "__")
}

// below puts lead in front of all paths.
func below(lead string, paths ...[]string) []string {
	out := slices.Concat(paths...)
	for i := range out {
		out[i] = lead + "__" + out[i]
	}
	return out
}

// calls reports whether the chain has a call of that name, here or elsewhere.
func (c *chain) calls(name string) bool {
	return slices.ContainsFunc(c.parts, func(t trailer) bool { return t.name == name }) ||
		slices.ContainsFunc(c.q.Calls, func(k source.Call) bool { return k.Name == name })
}

// locks reports whether the chain has a select_for_update that would lock what
// is joined too: PostgreSQL refuses that for the nullable side of a join.
func (c *chain) locks() bool {
	if !c.calls("select_for_update") {
		return false
	}
	t := c.call("select_for_update")
	return t == nil || !slices.ContainsFunc(c.args(t), func(a arg) bool { return a.keyword == "of" })
}

func eagerTitle(joins, fetches []string) string {
	var parts []string
	if len(joins) > 0 {
		parts = append(parts, "join "+strings.Join(joins, ", ")+" in the first query")
	}
	if len(fetches) > 0 {
		parts = append(parts, "fetch "+strings.Join(fetches, ", ")+" for all rows at once")
	}
	return strings.Join(parts, ", ")
}

// missing are the paths that q does not fetch yet, without those that others
// hold.
func missing(q *source.Query, paths []string, join bool) []string {
	var out []string
	for _, p := range longest(paths) {
		have := slices.ContainsFunc(q.Eager, func(e source.Eager) bool {
			return e.Join == join && e.ToAttr == "" && (e.Path == p || strings.HasPrefix(e.Path, p+"__"))
		})
		if !have && p != "" {
			out = append(out, p)
		}
	}
	return out
}

// longest drops the paths that others of the list hold, in the order given.
func longest(paths []string) []string {
	var out []string
	for i, p := range paths {
		held := slices.ContainsFunc(paths, func(o string) bool { return strings.HasPrefix(o, p+"__") })
		if !held && !slices.Contains(paths[:i], p) {
			out = append(out, p)
		}
	}
	return out
}

func (f *file) quoteAll(ss []string) []string {
	out := make([]string, len(ss))
	for i, s := range ss {
		out[i] = f.quote(s)
	}
	return out
}

// extendCall adds paths to the chain's call of that name; found is false when
// it has none.
func (c *chain) extendCall(name string, paths []string) (edits []finding.Edit, found, ok bool) {
	t := c.call(name)
	if t == nil {
		return nil, false, true
	}
	args := c.args(t)
	if len(args) == 0 {
		return nil, true, false // select_related() means all; prefetch_related() is odd
	}
	var added []string
	for _, p := range paths {
		if i := slices.IndexFunc(args, func(a arg) bool { return a.literal && strings.HasPrefix(p, a.value+"__") && !a.used }); i >= 0 {
			args[i].used = true
			edits = append(edits, c.edit(args[i].start, args[i].end, c.quote(p)))
			continue
		}
		added = append(added, c.quote(p))
	}
	for _, a := range args {
		if string(c.text[a.start:a.end]) == "None" || a.keyword != "" || a.star == "**" {
			return nil, true, false // None clears what stands before
		}
	}
	if len(added) > 0 {
		edits = append(edits, c.appendItems(args[len(args)-1].end, added)...)
	}
	return edits, true, true
}

// An arg is one argument of a call in the text.
type arg struct {
	start, end int
	keyword    string // "" positional
	star       string // "*", "**"
	literal    bool   // one plain string literal
	value      string // of the literal
	used       bool
}

// args reads the arguments of a call.
func (f *file) args(t *trailer) []arg {
	if t.open < 0 {
		return nil
	}
	return f.items(t.open, t.close)
}

// items reads what commas separate between two brackets.
func (f *file) items(open, close int) []arg {
	var args []arg
	for i := open + 1; i < close; {
		i = f.next(i)
		first, last := i, -1
		for ; i < close && !(f.toks[i].depth == f.toks[open].depth+1 && f.str(i) == ","); i++ {
			if f.toks[i].kind != commentToken {
				last = i
			}
		}
		if last >= first {
			args = append(args, f.arg(first, last))
		}
		i++
	}
	return args
}

func (f *file) arg(first, last int) arg {
	a := arg{start: f.toks[first].start, end: f.toks[last].end}
	switch {
	case f.str(first) == "*" || f.str(first) == "**":
		a.star = f.str(first)
	case f.toks[first].kind == nameToken && first < last && f.str(first+1) == "=":
		a.keyword = f.str(first)
	case first == last && f.toks[first].kind == stringToken:
		a.value, a.literal = plainString(f.str(first))
	}
	return a
}

// plainString is the value of a literal without prefix and escapes.
func plainString(s string) (string, bool) {
	if len(s) < 2 || s[0] != '"' && s[0] != '\'' || s[len(s)-1] != s[0] || strings.ContainsAny(s, "\\\n") {
		return "", false
	}
	s = s[1 : len(s)-1]
	return s, s == "" || s[0] != '"' && s[0] != '\''
}

// keepColumns sees to it that only() and defer() leave the columns that the
// paths start from: select_related refuses a deferred one, and a prefetch
// would fetch it row by row.
func (c *chain) keepColumns(paths []string) ([]finding.Edit, bool) {
	if len(c.q.Only)+len(c.q.Defer) == 0 {
		return nil, true
	}
	for _, p := range paths {
		head, _, _ := strings.Cut(p, "__")
		if slices.Contains(c.q.Defer, head) || slices.Contains(c.q.Defer, head+"_id") {
			return nil, false
		}
	}
	if len(c.q.Only) == 0 {
		return nil, true
	}
	var absent []string
	for _, p := range paths {
		head, _, _ := strings.Cut(p, "__")
		named := slices.ContainsFunc(c.q.Only, func(o string) bool { return o == head || strings.HasPrefix(o, head+"__") })
		if !named && !slices.Contains(absent, head) {
			absent = append(absent, head)
		}
	}
	if len(absent) == 0 {
		return nil, true
	}
	t := c.call("only")
	if t == nil {
		return nil, false
	}
	args := c.args(t)
	if len(args) == 0 || !args[len(args)-1].literal {
		return nil, false
	}
	return c.appendItems(args[len(args)-1].end, c.quoteAll(absent)), true
}

// chunk gives the chain's iterator() a chunk_size, without which Django
// refuses to prefetch there.
func (c *chain) chunk() ([]finding.Edit, bool) {
	for i := range c.parts {
		t := &c.parts[i]
		if t.name != "iterator" && t.name != "aiterator" || t.open < 0 {
			continue
		}
		if args := c.args(t); len(args) > 0 {
			return nil, true
		}
		return []finding.Edit{c.insert(c.toks[t.open].end, "chunk_size=2000")}, true
	}
	return nil, false
}
