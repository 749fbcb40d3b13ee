package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Replace puts text in the place of a span.
func Replace(title string, span source.Span, text string, safe bool) (finding.Rewrite, bool) {
	if !span.Known() || text == "" {
		return finding.Rewrite{}, false
	}
	return finding.Rewrite{Title: title, Code: text, Safe: safe, Edits: []finding.Edit{{Span: span, Text: text}}}, true
}

// CountRows lets the database count: len(qs) becomes qs.count(). It is right
// where nothing else reads the rows.
func CountRows(text Text, q *source.Query, e source.Eval) (finding.Rewrite, bool) {
	f := open(text, e.Span.Path)
	if f == nil || q == nil || q.Dynamic {
		return finding.Rewrite{}, false
	}
	start, end, ok := f.operand(e.Span, "len")
	if from, to := start, end; !ok || !f.wrapped(&from, &to, "len") {
		return finding.Rewrite{}, false
	}
	return f.asked("count the rows in the database", "len", start, end, ".count()"), true
}

// ExistsRows asks the database whether there is a row: "if qs:" becomes "if
// qs.exists():". It is right where nothing else reads the rows.
func ExistsRows(text Text, q *source.Query, e source.Eval) (finding.Rewrite, bool) {
	f := open(text, e.Span.Path)
	if f == nil || q == nil || q.Dynamic {
		return finding.Rewrite{}, false
	}
	start, end, ok := f.operand(e.Span, "bool")
	if !ok || !f.truth(start, end) {
		return finding.Rewrite{}, false
	}
	return f.asked("ask whether there is a row", "bool", start, end, ".exists()"), true
}

// truth reports whether the expression from start to end stands where only its
// truth counts: "x = qs or other" takes the rows themselves.
func (f *file) truth(start, end int) bool {
	if from, to := start, end; f.wrapped(&from, &to, "bool") {
		return true
	}
	before, after := f.before(start), f.next(f.at(end))
	switch f.str(before) {
	case "not", "if", "elif", "while", "assert":
		return true
	case "and", "or":
	default:
		return false
	}
	lo, _, ok := f.statement(start)
	head := f.at(lo)
	return ok && slices.Contains([]string{"if", "elif", "while"}, f.str(head)) && f.toks[before].depth == f.toks[head].depth &&
		slices.Contains([]string{":", "and", "or"}, f.str(after))
}

// asked replaces what stands around the operand (a call of function) and puts
// a call behind it.
func (f *file) asked(title, function string, start, end int, call string) finding.Rewrite {
	from, to := start, end
	f.wrapped(&from, &to, function)
	var edits []finding.Edit
	if from < start {
		edits = append(edits, f.edit(from, start, ""))
	}
	edits = append(edits, f.edit(end, to, call))
	lo, hi := f.whole(f.span(from, to))
	return finding.Rewrite{Title: title, Code: f.render(lo, hi, edits), Safe: true, Edits: edits}
}

// operand finds the queryset in the span of an Eval, which may hold the call
// of a builtin function or "not" around it. ok is false unless it is a name or
// a chain, to which a call can be added as it stands.
func (f *file) operand(s source.Span, function string) (start, end int, ok bool) {
	if !f.holds(s) || !f.starts(s.Start) || !f.ends(s.End) {
		return 0, 0, false
	}
	first, last := f.at(s.Start), f.before(s.End)
	for first < last && f.str(first) == "not" {
		first++
	}
	if f.str(first) == function && f.str(first+1) == "(" && f.close(first+1) == last {
		first, last = first+2, last-1
	}
	if first > last || !f.isChain(first, last) {
		return 0, 0, false
	}
	return f.toks[first].start, f.toks[last].end, true
}

// isChain reports whether the tokens first to last are a name or parentheses
// with trailers and nothing else.
func (f *file) isChain(first, last int) bool {
	if f.str(first) == "await" || slices.Contains(keywords, f.str(first)) {
		return false
	}
	end := f.primary(f.toks[first].start)
	for end >= 0 && end < f.toks[last].end {
		i := f.next(f.at(end))
		if i > last {
			return false
		}
		t, after := f.trailer(i)
		if after < 0 {
			return false
		}
		end = t.end
	}
	return end == f.toks[last].end
}

// keywords are the words that no expression of names begins with.
var keywords = []string{"not", "lambda", "yield", "if", "else", "and", "or", "in", "is", "None", "True", "False", "for"}

// wrapped widens start and end to the call of a function around them; it
// reports whether there is one.
func (f *file) wrapped(start, end *int, function string) bool {
	open := f.before(*start)
	if open < 1 || f.str(open) != "(" || f.str(open-1) != function || open > 1 && f.str(open-2) == "." {
		return false
	}
	close := f.close(open)
	if close < 0 || f.next(f.at(*end)) != close {
		return false
	}
	*start, *end = f.toks[open-1].start, f.toks[close].end
	return true
}

// FetchOnce asks the rows that are fetched anyhow: qs.count() becomes len(qs)
// and qs.exists() the queryset itself, which keeps its rows for the loop. Only
// for a queryset that has a name: each other expression is a new one.
func FetchOnce(text Text, q *source.Query, ask, fetch source.Eval) (finding.Rewrite, bool) {
	f := open(text, ask.Span.Path)
	if f == nil || q == nil || q.Iterator || !f.holds(ask.Span) || !f.starts(ask.Span.Start) {
		return finding.Rewrite{}, false
	}
	first := f.at(ask.Span.Start)
	last := first // of the name: "books", "self.books"
	for f.str(last+1) == "." && f.str(last+3) == "." {
		last += 2
	}
	call, after := trailer{}, -1
	if f.toks[first].kind == nameToken && last+1 < len(f.toks) {
		call, after = f.trailer(last + 1)
	}
	name := string(f.text[f.toks[first].start:f.toks[last].end])
	if after < 0 || call.open < 0 || call.close != call.open+1 || strings.HasSuffix(name, ".objects") {
		return finding.Rewrite{}, false
	}
	now := "len(" + name + ")"
	switch call.name {
	case "count":
	case "exists":
		now = "bool(" + name + ")"
		before, next := f.str(first-1), f.str(after)
		if before == "not" || slices.Contains([]string{"if", "elif", "while"}, before) && next == ":" {
			now = name
		}
	default:
		return finding.Rewrite{}, false
	}
	same := f.sameRows(name, fetch)
	if !same && strings.HasSuffix(fetch.Span.Path, ".py") {
		return finding.Rewrite{}, false
	}
	edits := []finding.Edit{f.edit(f.toks[first].start, call.end, now)}
	lo, hi := f.whole(f.span(f.toks[first].start, call.end))
	return finding.Rewrite{Title: "fetch once and ask the rows", Code: f.render(lo, hi, edits), Safe: same, Edits: edits}, true
}

// sameRows reports whether the Eval reads the rows of the queryset of that
// name, not of a new one made from it.
func (f *file) sameRows(name string, e source.Eval) bool {
	if !f.holds(e.Span) || !f.starts(e.Span.Start) || !f.ends(e.Span.End) {
		return false
	}
	first, last := f.at(e.Span.Start), f.before(e.Span.End)
	if first+1 < last && f.str(first+1) == "(" && f.close(first+1) == last && slices.Contains([]string{"list", "tuple", "set", "sorted", "len", "enumerate"}, f.str(first)) {
		first, last = first+2, last-1
	}
	return string(f.text[f.toks[first].start:f.toks[last].end]) == name
}

// UpdateFields lets a save() write only some columns.
func UpdateFields(text Text, fetch *source.Fetch, fields []string) (finding.Rewrite, bool) {
	f := open(text, fetch.Span.Path)
	if f == nil || len(fields) == 0 || !f.holds(fetch.Span) || !f.ends(fetch.Span.End) {
		return finding.Rewrite{}, false
	}
	last := f.before(fetch.Span.End)
	open := f.open(last)
	if open < 2 || f.str(open-1) != "save" && f.str(open-1) != "asave" || f.str(open-2) != "." {
		return finding.Rewrite{}, false
	}
	args := f.items(open, last)
	for _, a := range args {
		if a.keyword == "update_fields" || a.keyword == "" {
			return finding.Rewrite{}, false
		}
	}
	item := "update_fields=[" + strings.Join(f.quoteAll(fields), ", ") + "]"
	edits := []finding.Edit{f.insert(f.toks[open].end, item)}
	if len(args) > 0 {
		edits = f.appendItems(args[len(args)-1].end, []string{item})
	}
	lo, hi := f.whole(fetch.Span)
	return finding.Rewrite{Title: "write only what has changed", Code: f.render(lo, hi, edits), Edits: edits}, true
}

// open is the bracket that the one at token i closes, -1 when it closes none.
func (f *file) open(i int) int {
	if i < 0 || f.toks[i].kind != opToken || !strings.Contains(")]}", f.str(i)) {
		return -1
	}
	for j := i - 1; j >= 0; j-- {
		if f.toks[j].kind == opToken && f.toks[j].depth == f.toks[i].depth && strings.Contains("([{", f.str(j)) {
			return j
		}
	}
	return -1
}

// FetchPeers lets Django (6.1 and later) fetch a relation for all rows of the
// queryset when it is read on one of them.
func FetchPeers(text Text, q *source.Query) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil || q.Raw || c.call("fetch_mode") != nil {
		return finding.Rewrite{}, false
	}
	local, edits, ok := c.use(q.Span.Start, "django.db.models", "FETCH_PEERS")
	if !ok {
		return finding.Rewrite{}, false
	}
	edits = ordered(append(edits, c.add(".fetch_mode("+local[0]+")")))
	return finding.Rewrite{Title: "fetch for all rows when one is asked", Code: c.code(edits), Safe: true, Edits: edits}, true
}

// OnlyAdd names a column in the only() of q, or takes it out of its defer().
func OnlyAdd(text Text, q *source.Query, field string) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil {
		return finding.Rewrite{}, false
	}
	var edits []finding.Edit
	if t := c.call("only"); t != nil && len(q.Only) > 0 {
		args := c.args(t)
		if len(args) == 0 || slices.ContainsFunc(args, func(a arg) bool { return a.keyword != "" || a.literal && a.value == field }) {
			return finding.Rewrite{}, false
		}
		edits = c.appendItems(args[len(args)-1].end, []string{c.quote(field)})
	}
	if slices.Contains(q.Defer, field) {
		t := c.call("defer")
		if t == nil {
			return finding.Rewrite{}, false
		}
		i := slices.IndexFunc(c.args(t), func(a arg) bool { return a.literal && a.value == field })
		if i < 0 {
			return finding.Rewrite{}, false
		}
		if len(c.args(t)) == 1 {
			edits = append(edits, c.dropCall(t))
		} else {
			edits = append(edits, c.dropArg(t, i)...)
		}
	}
	if len(edits) == 0 {
		return finding.Rewrite{}, false
	}
	return finding.Rewrite{Title: "fetch " + field + " with the row", Code: c.code(edits), Safe: true, Edits: ordered(edits)}, true
}

// DropOnly takes only() and defer() out of q's chain, so that whole rows are
// fetched.
func DropOnly(text Text, q *source.Query) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil {
		return finding.Rewrite{}, false
	}
	var edits []finding.Edit
	for i := range c.parts[:c.keep] {
		if t := &c.parts[i]; (t.name == "only" || t.name == "defer") && t.open >= 0 {
			edits = append(edits, c.dropCall(t))
		}
	}
	if len(edits) != 1 { // two in a row would each need to know of the other
		return finding.Rewrite{}, false
	}
	return finding.Rewrite{Title: "fetch whole rows", Code: c.code(edits), Safe: true, Edits: edits}, true
}

// DropEager takes a path out of select_related or prefetch_related, and the
// call when it has no other.
func DropEager(text Text, q *source.Query, e source.Eager) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil {
		return finding.Rewrite{}, false
	}
	name := "prefetch_related"
	if e.Join {
		name = "select_related"
	}
	for i := range c.parts[:c.keep] {
		t := &c.parts[i]
		if t.name != name || t.open < 0 || e.Span.Path != c.path || e.Span.Start < t.start || e.Span.End > t.end {
			continue
		}
		args := c.args(t)
		n := slices.IndexFunc(args, func(a arg) bool { return a.start == e.Span.Start && a.end == e.Span.End })
		if n < 0 && (len(args) > 0 || e.Path != "") {
			return finding.Rewrite{}, false
		}
		var edits []finding.Edit
		if len(args) <= 1 {
			edits = append(edits, c.dropCall(t))
		} else {
			edits = c.dropArg(t, n)
		}
		return finding.Rewrite{Title: "leave out " + strings.TrimSpace(e.Path+" that nothing reads"), Code: c.code(edits), Safe: true, Edits: edits}, true
	}
	return finding.Rewrite{}, false
}

// dropCall takes a call out of the chain with the line break before it. A
// manager that would be left alone gets all(): it is no queryset.
func (c *chain) dropCall(t *trailer) finding.Edit {
	i := slices.IndexFunc(c.parts, func(p trailer) bool { return p.start == t.start })
	alone := i == 0 && (len(c.parts) == 1 || c.parts[1].open < 0 || !slices.Contains(steps, c.parts[1].name) && !slices.Contains(stops, c.parts[1].name) || c.parts[1].name == "[]")
	if alone {
		return c.edit(t.start, t.end, ".all()")
	}
	if c.lineStart(t.start)+len(c.indent(t.start)) != t.start {
		return c.edit(t.start, t.end, "")
	}
	last := c.toks[c.before(t.start)]
	if last.kind != commentToken {
		return c.edit(last.end, t.end, "")
	}
	// the comment before it stays, and so does the line's end behind that
	if rest := strings.TrimSpace(string(c.text[t.end:c.lineEnd(t.end)])); rest != "" && rest[0] != '#' {
		return c.edit(t.start, t.end, "")
	}
	return c.edit(c.lineStart(t.start), min(c.lineEnd(t.end)+len(c.newline()), len(c.text)), "")
}

// dropArg takes one of several arguments out of a call, with its line where it
// has one.
func (c *chain) dropArg(t *trailer, n int) []finding.Edit {
	args := c.args(t)
	a := args[n]
	if len(args) == 1 {
		return []finding.Edit{c.dropCall(t)}
	}
	if n == len(args)-1 {
		from := args[n-1].end
		if comma := c.next(c.at(a.end)); c.str(comma) == "," && c.ownLine(c.before(a.end)) {
			// the comma behind it serves the one before; a comment goes with it
			end := c.toks[comma].end
			if next := comma + 1; next < len(c.toks) && c.toks[next].kind == commentToken && c.toks[next].start < c.lineEnd(end) {
				end = c.toks[next].end
			}
			return []finding.Edit{c.edit(c.lineStart(a.start)-len(c.newline()), end, "")}
		}
		return []finding.Edit{c.edit(from, a.end, "")}
	}
	next := args[n+1].start
	if c.ownLine(c.before(a.end)) && c.lineStart(next)+len(c.indent(next)) == next {
		// from line to line: comments above the next one stay
		comma := c.next(c.at(a.end))
		end := min(c.lineEnd(c.toks[comma].end)+len(c.newline()), len(c.text))
		return []finding.Edit{c.edit(c.lineStart(a.start), end, "")}
	}
	return []finding.Edit{c.edit(a.start, next, "")}
}
