package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A trailer is one part of a chain: an attribute with its call, or a
// subscript.
type trailer struct {
	name       string // "filter", "[]"
	start, end int    // from the dot or bracket to the closing one
	open       int    // token of the opening bracket, -1 for an attribute
	close      int    // token of the closing one
}

// stops are the methods after which a chain is no queryset of instances any
// more, or one that takes no further calls.
var stops = []string{
	"[]", "values", "values_list", "dates", "datetimes", "iterator", "aiterator", "get", "aget", "first", "afirst", "last", "alast",
	"latest", "alatest", "earliest", "aearliest", "count", "acount", "exists", "aexists", "aggregate", "aaggregate", "in_bulk", "ain_bulk",
	"update", "aupdate", "delete", "adelete", "create", "acreate", "get_or_create", "aget_or_create", "update_or_create", "aupdate_or_create",
	"bulk_create", "abulk_create", "bulk_update", "abulk_update", "union", "intersection", "difference", "explain", "aexplain", "contains",
	"acontains", "raw", "as_manager", "query", "db", "add", "set", "remove", "clear",
}

// steps are the methods of Django that give a queryset of instances again.
var steps = []string{
	"all", "filter", "exclude", "order_by", "reverse", "distinct", "annotate", "alias", "select_related", "prefetch_related", "only",
	"defer", "using", "select_for_update", "extra", "complex_filter", "none", "get_queryset", "fetch_mode",
}

// A chain is the part of a queryset's expression that stands in one place.
type chain struct {
	*file
	q     *source.Query
	root  int // offset where the root ends
	parts []trailer
	keep  int // of parts: those after which the queryset can go on
}

// chainOf finds the chain of q: from its root where that stands in the same
// file, so that what is added serves every branch, else from the expression
// that the view has. nil when there is none that can be changed.
func chainOf(text Text, q *source.Query) *chain {
	if q == nil || q.Combined || q.Made != "" {
		return nil
	}
	place := q.Span
	rooted := q.Root.Known() && q.Root.Path == q.Span.Path
	if rooted {
		place = q.Root
	}
	f := open(text, place.Path)
	if f == nil || !f.holds(q.Span) || !f.holds(place) || !f.starts(place.Start) {
		return nil
	}
	end := place.End
	if !rooted {
		end = f.primary(place.Start)
	}
	if i := f.at(end); i < len(f.toks) && f.str(i) == "(" && f.toks[i].start == end { // the root is a call
		if i = f.close(i); i < 0 {
			return nil
		}
		end = f.toks[i].end
	}
	if end < 0 || !f.ends(end) || f.bare(place.Start, end, q) {
		return nil
	}
	c := &chain{file: f, q: q, root: end}
	limit := end
	if end <= q.Span.End && place.Start >= q.Span.Start {
		limit = q.Span.End
	}
	c.read(limit)
	if q.Closed && rooted && c.keep == 0 {
		return nil
	}
	return c
}

// bare reports whether the expression is a class, not a queryset: the value of
// "model = Book", the admin class that lists the rows; or a string.
func (f *file) bare(start, end int, q *source.Query) bool {
	first, last := f.at(start), f.before(end)
	if first >= len(f.toks) || last < first || f.toks[first].kind == stringToken {
		return true
	}
	if f.str(first-1) == "class" || f.str(first-1) == "=" && f.str(first-2) == "model" {
		return true
	}
	_, model, _ := strings.Cut(q.Model, ".")
	return f.toks[last].kind == nameToken && f.str(last) == model
}

// primary is where the atom at offset ends: the name, or what its brackets
// hold, with the call right behind a name. -1 when no atom stands there.
func (f *file) primary(offset int) int {
	i := f.at(offset)
	if i < len(f.toks) && f.str(i) == "await" {
		i++
	}
	if i >= len(f.toks) {
		return -1
	}
	switch t := f.toks[i]; {
	case t.kind == nameToken:
		if f.str(i+1) == "(" {
			i = f.close(i + 1)
		}
	case f.str(i) == "(":
		i = f.close(i)
	default:
		return -1
	}
	if i < 0 {
		return -1
	}
	return f.toks[i].end
}

// read collects the trailers after the root. Methods that are neither
// Django's nor known to be part of the chain end it when they stand beyond
// limit.
func (c *chain) read(limit int) {
	open := true
	for i := c.next(c.at(c.root)); i < len(c.toks); {
		t, after := c.trailer(i)
		if after < 0 {
			return
		}
		c.parts = append(c.parts, t)
		known := t.end <= limit || slices.Contains(steps, t.name) ||
			slices.ContainsFunc(c.q.Calls, func(k source.Call) bool { return k.Span.Path == c.path && k.Span.End == t.end })
		open = open && known && !slices.Contains(stops, t.name)
		if open && t.open >= 0 { // an attribute alone may be a manager's name: go on from the next call
			c.keep = len(c.parts)
		}
		i = c.next(after)
	}
}

// trailer reads the one that begins at token i; after is the token behind it,
// -1 when none begins there.
func (f *file) trailer(i int) (t trailer, after int) {
	t = trailer{start: f.toks[i].start, open: -1, close: -1}
	switch f.str(i) {
	case ".":
		n := f.next(i + 1)
		if n >= len(f.toks) || f.toks[n].kind != nameToken {
			return t, -1
		}
		t.name, t.end = f.str(n), f.toks[n].end
		if n+1 >= len(f.toks) || f.str(n+1) != "(" {
			return t, n + 1
		}
		i = n + 1
	case "[":
		t.name = "[]"
	default:
		return t, -1
	}
	end := f.close(i)
	if end < 0 {
		return t, -1
	}
	t.open, t.close, t.end = i, end, f.toks[end].end
	return t, end + 1
}

// call is the last call of that name in the part of the chain that can be
// changed, nil when there is none.
func (c *chain) call(name string) *trailer {
	for i := c.keep - 1; i >= 0; i-- {
		if c.parts[i].name == name && c.parts[i].open >= 0 {
			return &c.parts[i]
		}
	}
	return nil
}

// add is the edit that puts a call, ".annotate(n=Count("books"))", behind the
// last part that keeps the queryset: on a line of its own where the chain has
// one for each call, else on the same line.
func (c *chain) add(call string) finding.Edit {
	at := c.root
	if c.keep > 0 {
		at = c.parts[c.keep-1].end
	}
	lead, own := c.lead()
	if !own {
		return c.insert(at, call)
	}
	// a comment behind the last call stays with it
	if i := c.before(at) + 1; i < len(c.toks) && c.toks[i].kind == commentToken && c.toks[i].start <= c.lineEnd(at) && c.enclosed(at) {
		at = c.toks[i].end
	}
	return c.insert(at, lead+call)
}

// lead is what stands between two calls of a chain that has a line for each;
// own is false for a chain in one line.
func (c *chain) lead() (lead string, own bool) {
	for i := len(c.parts) - 1; i >= 0; i-- {
		t := c.parts[i]
		if t.name == "[]" {
			continue
		}
		line := c.lineStart(t.start)
		if line == 0 || strings.TrimSpace(string(c.text[line:t.start])) != "" {
			continue
		}
		indent := c.indent(t.start)
		switch {
		case c.enclosed(t.start):
			return c.newline() + indent, true
		case line >= 2 && strings.HasSuffix(strings.TrimRight(string(c.text[:line]), "\r\n"), `\`):
			return " \\" + c.newline() + indent, true
		}
	}
	return "", false
}

// code is the queryset's expression after the edits, for people.
func (c *chain) code(edits []finding.Edit) string {
	start, end := c.q.Span.Start, c.q.Span.End
	if c.q.Span.Path != c.path {
		return ""
	}
	for _, e := range edits { // a root elsewhere, or what stands behind the span
		if e.Span.Path == c.path && (e.Span.Start < start || e.Span.End > end) && !c.importAt(e.Span.Start) {
			start, end = c.whole(e.Span)
			break
		}
	}
	return c.render(start, end, edits)
}

// whole is the statement around a span, or the span's lines where it is not
// alone in its line.
func (f *file) whole(s source.Span) (start, end int) {
	if start, end, ok := f.statement(s.Start); ok && end >= s.End {
		return start, end
	}
	return f.lineStart(s.Start) + len(f.indent(s.Start)), f.lineEnd(s.End)
}
