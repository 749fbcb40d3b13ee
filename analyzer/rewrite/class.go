package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// classEager is Eager for a queryset that stands in no expression: that of an
// admin class, or that a view makes of its "model = Book". done is false for
// any other query.
func classEager(text Text, q *source.Query, joins, fetches []string) (rw finding.Rewrite, ok, done bool) {
	if q == nil || q.Made == "" {
		return finding.Rewrite{}, false, false
	}
	f := open(text, q.Span.Path)
	if f == nil || q.Span != q.Root && q.Made != source.OfClass || !f.holds(q.Root) || !f.starts(q.Root.Start) {
		return finding.Rewrite{}, false, true
	}
	i := f.at(q.Root.Start)
	joins, fetches = missing(q, joins, true), missing(q, fetches, false)
	switch q.Made {
	case source.ByList:
		rw, ok = f.adminEager(i, q, joins, fetches)
	case source.ByView:
		rw, ok = f.viewEager(i, q, joins, fetches)
	case source.ByInline:
		rw, ok = f.inlineEager(i, joins, fetches)
	case source.OfClass:
		rw, ok = f.argumentEager(i, q, joins, fetches)
	}
	return rw, ok, true
}

// adminEager names what an admin's list joins in list_select_related. Nothing
// else is joined then, so Django's own joins are named too. Only joins can be
// named there: what else there is goes into get_queryset().
func (f *file) adminEager(name int, q *source.Query, joins, fetches []string) (finding.Rewrite, bool) {
	if f.str(name-1) != "class" {
		return finding.Rewrite{}, false
	}
	_, head, ok := f.statement(f.toks[name-1].start)
	if ok && len(fetches) > 0 {
		if len(joins) > 0 {
			for i := name; i < len(f.toks) && f.toks[i].start < f.block(head); i++ {
				if s := f.str(i); s == "list_select_related" || s == "get_list_select_related" {
					return finding.Rewrite{}, false // nothing of it counts beside a select_related
				}
			}
			joins = longest(slices.Concat(q.Joined, joins))
		}
		return f.getQueryset(name-1, joins, fetches)
	}
	if !ok || len(joins) == 0 {
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
func (f *file) viewEager(name int, q *source.Query, joins, fetches []string) (finding.Rewrite, bool) {
	start, end, ok := f.modelLine(name)
	if !ok || len(joins)+len(fetches) == 0 {
		return finding.Rewrite{}, false
	}
	line := "queryset = " + string(f.text[f.toks[name].start:end]) + "." + managerOf(q) + f.loading(joins, fetches)
	edits := []finding.Edit{f.insert(f.lineEnd(end), f.newline()+f.indent(start)+line)}
	return finding.Rewrite{Title: eagerTitle(joins, fetches), Code: line, Safe: true, Edits: edits}, true
}

// inlineEager gives an admin's inlines a get_queryset(), at the end of their
// class: Django asks them for no attribute. One that the class has is not
// there when its rows come from "model = Book".
func (f *file) inlineEager(name int, joins, fetches []string) (finding.Rewrite, bool) {
	start, _, ok := f.modelLine(name)
	if !ok || len(joins)+len(fetches) == 0 {
		return finding.Rewrite{}, false
	}
	class := f.before(start)
	for class > 0 && !(f.str(class) == "class" && f.indent(f.toks[class].start) != f.indent(start)) {
		class--
	}
	if f.str(class) != "class" {
		return finding.Rewrite{}, false
	}
	return f.getQueryset(class, joins, fetches)
}

// getQueryset ends the admin class at token class with a get_queryset() that
// loads more.
func (f *file) getQueryset(class int, joins, fetches []string) (finding.Rewrite, bool) {
	edit, code, ok := f.querysetOf(class, f.loading(joins, fetches), nil)
	if !ok {
		return finding.Rewrite{}, false
	}
	return finding.Rewrite{Title: eagerTitle(joins, fetches), Code: code, Safe: true, Edits: []finding.Edit{edit}}, true
}

// querysetOf ends the admin class at token class with a get_queryset() that
// makes a call on its rows; a call that gets too long has each of args on a
// line of its own. code is the method alone.
func (f *file) querysetOf(class int, call string, args []string) (edit finding.Edit, code string, ok bool) {
	_, head, ok := f.statement(f.toks[class].start)
	if !ok {
		return finding.Edit{}, "", false
	}
	body := f.statements(head, f.block(head))
	if len(body) == 0 || slices.ContainsFunc(body, func(start int) bool {
		i := f.at(start)
		return f.str(i) == "def" && f.str(i+1) == "get_queryset"
	}) {
		return finding.Edit{}, "", false
	}
	last := f.before(f.block(head))
	for last > 0 && (f.toks[last].kind == lineToken || f.toks[last].kind == commentToken) {
		last--
	}
	in, nl := f.indent(body[0]), f.newline()
	step := strings.TrimPrefix(in, f.indent(f.toks[class].start))
	line := "return super().get_queryset(request)" + call
	if name, _, found := strings.Cut(line, strings.Join(args, ", ")); found && len(args) > 0 && len(in+step+line) > f.width() {
		next := nl + in + step
		line = name + next + step + strings.Join(args, ","+next+step) + "," + next + ")"
	}
	code = "def get_queryset(self, request):" + nl + in + step + line
	edit = f.insert(f.lineEnd(f.toks[last].end), nl+nl+in+code)
	return edit, strings.ReplaceAll(code, nl+in, "\n"), true
}

// argumentEager gives get_object_or_404() a queryset where it has a model.
func (f *file) argumentEager(first int, q *source.Query, joins, fetches []string) (finding.Rewrite, bool) {
	end := q.Root.End
	if len(joins)+len(fetches) == 0 || !f.ends(end) || !f.isChain(first, f.before(end)) || f.toks[first].depth == 0 {
		return finding.Rewrite{}, false
	}
	call := "." + managerOf(q) + f.loading(joins, fetches)
	edits := []finding.Edit{f.insert(end, call)}
	return finding.Rewrite{Title: eagerTitle(joins, fetches), Code: string(f.text[q.Root.Start:end]) + call, Safe: true, Edits: edits}, true
}

// modelLine is the statement "model = Book" of a class whose value begins at
// token name, with nothing else on its line.
func (f *file) modelLine(name int) (start, end int, ok bool) {
	if f.str(name-1) != "=" || f.str(name-2) != "model" {
		return 0, 0, false
	}
	start, end, ok = f.statement(f.toks[name].start)
	last := f.before(end)
	return start, end, ok && f.str(f.at(start)) == "model" && f.indent(start) != "" && f.isChain(name, last) && f.str(last) != ")"
}

func (f *file) loading(joins, fetches []string) string {
	call := ""
	if len(joins) > 0 {
		call += ".select_related(" + strings.Join(f.quoteAll(joins), ", ") + ")"
	}
	if len(fetches) > 0 {
		call += ".prefetch_related(" + strings.Join(f.quoteAll(fetches), ", ") + ")"
	}
	return call
}

func managerOf(q *source.Query) string {
	if q.Manager == "" {
		return "objects"
	}
	return q.Manager
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
