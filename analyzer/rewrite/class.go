package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// classEager is Eager for a queryset that stands in no expression: that of a
// class whose name is q's Span (Django's admin), or that a view makes of its
// "model = Book". done is false for any other query.
func classEager(text Text, q *source.Query, joins, fetches []string) (rw finding.Rewrite, ok, done bool) {
	if q == nil || q.Span != q.Root || len(q.Calls) > 0 {
		return finding.Rewrite{}, false, false
	}
	f := open(text, q.Span.Path)
	if f == nil || !f.holds(q.Span) || !f.starts(q.Span.Start) {
		return finding.Rewrite{}, false, false
	}
	i := f.at(q.Span.Start)
	joins, fetches = missing(q, joins, true), missing(q, fetches, false)
	switch {
	case f.str(i-1) == "class":
		rw, ok = f.adminEager(i, q, joins, fetches)
		return rw, ok, true
	case f.str(i-1) == "=" && f.str(i-2) == "model":
		rw, ok = f.viewEager(i, joins, fetches)
		return rw, ok, true
	}
	return finding.Rewrite{}, false, false
}

// adminEager names what an admin's list joins in list_select_related. Nothing
// else is joined then, so Django's own joins are named too. Only joins can be
// named there.
func (f *file) adminEager(name int, q *source.Query, joins, fetches []string) (finding.Rewrite, bool) {
	_, head, ok := f.statement(f.toks[name-1].start)
	if !ok || len(fetches) > 0 || len(joins) == 0 {
		return finding.Rewrite{}, false
	}
	var edit []finding.Edit
	body := f.statements(head, f.block(head))
	at := -1 // of body: the statement below which the line goes
	for n, start := range body {
		i := f.at(start)
		switch {
		case f.str(i) == "list_select_related" && f.str(i+1) == "=":
			args := []arg(nil)
			if open := i + 2; f.str(open) == "[" || f.str(open) == "(" {
				args = f.items(open, max(f.close(open), open))
			}
			if len(args) == 0 || slices.ContainsFunc(args, func(a arg) bool { return !a.literal }) {
				return finding.Rewrite{}, false
			}
			edit = f.appendItems(args[len(args)-1].end, f.quoteAll(joins))
			joins = nil
		case f.str(i) == "list_display" && f.str(i+1) == "=":
			at = n
		case f.str(i) == "def" && f.str(i+1) == "get_list_select_related":
			return finding.Rewrite{}, false
		}
	}
	if len(edit) == 0 {
		if at < 0 {
			return finding.Rewrite{}, false
		}
		_, end, ok := f.statement(body[at])
		if !ok {
			return finding.Rewrite{}, false
		}
		all := f.quoteAll(longest(slices.Concat(q.Joined, joins)))
		line := f.newline() + f.indent(body[at]) + "list_select_related = [" + strings.Join(all, ", ") + "]"
		edit = []finding.Edit{f.insert(f.lineEnd(end), line)}
	}
	lo, hi := f.whole(edit[0].Span)
	return finding.Rewrite{
		Title: "join them in the list's query", Safe: true, Edits: edit,
		Code: strings.TrimSpace(strings.TrimPrefix(f.render(min(lo, edit[0].Span.Start), max(hi, edit[0].Span.End), edit), string(f.text[lo:edit[0].Span.Start]))),
	}, true
}

// viewEager gives a class-based view the queryset that it makes of its model,
// with the eager loading: queryset = Book.objects.select_related("author").
func (f *file) viewEager(name int, joins, fetches []string) (finding.Rewrite, bool) {
	start, end, ok := f.statement(f.toks[name].start)
	last := f.before(end)
	if !ok || len(joins)+len(fetches) == 0 || f.str(f.at(start)) != "model" || f.indent(start) == "" || !f.isChain(name, last) || f.str(last) == ")" {
		return finding.Rewrite{}, false
	}
	class := string(f.text[f.toks[name].start:end])
	line := "queryset = " + class + ".objects"
	if len(joins) > 0 {
		line += ".select_related(" + strings.Join(f.quoteAll(joins), ", ") + ")"
	}
	if len(fetches) > 0 {
		line += ".prefetch_related(" + strings.Join(f.quoteAll(fetches), ", ") + ")"
	}
	edits := []finding.Edit{f.insert(f.lineEnd(end), f.newline()+f.indent(start)+line)}
	return finding.Rewrite{Title: eagerTitle(joins, fetches), Code: line, Safe: true, Edits: edits}, true
}

// statements are where the statements of a block begin, those of blocks inside
// of it left out. The block's head ends at offset head.
func (f *file) statements(head, end int) []int {
	var out []int
	indent := ""
	for i := f.before(head) + 1; i < len(f.toks) && f.toks[i].start < end; i++ {
		if f.toks[i].kind != lineToken {
			continue
		}
		next := f.next(i + 1)
		if next == len(f.toks) || f.toks[next].start >= end {
			break
		}
		start := f.toks[next].start
		if len(out) == 0 {
			indent = f.indent(start)
		}
		if f.indent(start) == indent {
			out = append(out, start)
		}
	}
	return out
}
