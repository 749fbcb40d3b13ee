package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// BulkUpdate writes the rows that a loop changes in one statement: update()
// where one plain expression says it for all rows, else bulk_update().
func BulkUpdate(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b, ok := code.batchOf(f)
	if !ok || b.outer == nil || b.m == nil || f.Op != source.Update || b.s.Form != source.Alone {
		return finding.Rewrite{}, false
	}
	if len(b.s.Calls) == 2 && b.s.Calls[1].Name == "update" {
		return b.updateEach()
	}
	if len(b.inner.Body) < 2 {
		return finding.Rewrite{}, false
	}
	if len(b.s.Calls) != 1 || b.s.Calls[0].Name != "save" || b.slice(b.s.Root) != b.s.Name || slices.Contains(modelNames, b.s.Name) {
		return finding.Rewrite{}, false
	}
	fields, ok := b.changed()
	if !ok {
		return finding.Rewrite{}, false
	}
	b.bypasses("save", "pre_save", "post_save")
	if b.s.Calls[0].NoArgs {
		for _, auto := range b.m.Fields {
			if auto.Auto == "auto_now" {
				b.different(auto.Name + " keeps its old time")
			}
		}
	}
	q := over(f, b.inner)
	if text, ok := b.updateCall(q); ok {
		b.replace(b.inner.Span, text)
		return b.finish("change all rows in one statement")
	}
	class := b.class(f.Span.Start, b.m) + "." + manager(b.m)
	names := ", [" + strings.Join(b.quoteAll(fields), ", ") + "])"
	title := "write the changed rows in one statement"
	if b.wholeLoop(q) {
		var lines []string
		list := b.iterName(b.inner, &lines, q)
		if len(lines) > 0 {
			b.put(b.inner.Anchor, lines...)
		}
		b.instead(class + ".bulk_update(" + list + names)
		return b.finish(title)
	}
	base := plural(snake(b.m.Name))
	list := b.fresh(b.s.Whole.Start, "changed_"+base, "changed")
	b.collect(list, b.s.Name, class+".bulk_update("+list+names)
	return b.finish(title)
}

// instead takes the statement out of the loop and puts another one behind it.
func (b *batch) instead(text string) {
	stmt := b.s.Stmt
	if b.inner.Body[len(b.inner.Body)-1] != stmt {
		b.remove(stmt)
		b.follow(b.inner.Span, text)
		return
	}
	if start, end, ok := b.statement(stmt.Start); !ok || start != stmt.Start || end != stmt.End {
		b.ok = false
		return
	}
	b.edits = append(b.edits, b.edit(b.lineStart(stmt.Start), b.lineEnd(stmt.End), b.indent(b.inner.Span.Start)+text))
}

// changed are the fields that the loop assigns, or that save(update_fields=…)
// names.
func (b *batch) changed() ([]string, bool) {
	fields := slices.Clone(b.f.Fields)
	args := b.s.Calls[0].Arguments
	switch {
	case len(args) == 0:
		if b.s.Shared || len(b.s.Sets) == 0 {
			return nil, false // it may be changed where we do not see it
		}
		fields = nil
		for _, set := range b.s.Sets {
			if !slices.Contains(fields, set.Attr) {
				fields = append(fields, set.Attr)
			}
		}
	case len(args) != 1 || args[0].Name != "update_fields" || len(fields) == 0:
		return nil, false
	}
	for i, name := range fields {
		field := b.m.Field(name)
		if field == nil || field.Column == "" || slices.Contains(b.m.PrimaryKey, field.Name) {
			return nil, false
		}
		fields[i] = field.Name
	}
	return fields, true
}

// wholeLoop reports whether every round saves its row, and the rows are there
// again behind the loop.
func (b *batch) wholeLoop(q *source.Query) bool {
	if b.outer != b.inner || !direct(b.inner, b.s.Stmt) || b.inner.Break || b.inner.Continue || !slices.Equal(b.inner.Targets, []string{b.s.Name}) {
		return false
	}
	if slices.ContainsFunc(b.s.Sets, func(s source.Set) bool { return s.Span.Start > b.s.Stmt.Start }) {
		return false // changed again after the save
	}
	if q == nil {
		return b.inner.IterName != "" && b.inner.Again
	}
	return !q.Iterator
}

// updateCall is the loop as one update() of its queryset: for rows that all
// get the same value, or a number added.
func (b *batch) updateCall(q *source.Query) (string, bool) {
	if q == nil || q.Sliced || q.Distinct || q.Combined || q.Raw || q.Iterator || q.Annotated || q.Dynamic || b.inner.IterName != "" || q.Span != b.inner.Iter {
		return "", false
	}
	if b.outer != b.inner || len(b.inner.Body) != 2 || len(b.s.Sets) != 1 || b.inner.Body[0] != b.s.Sets[0].Span || b.inner.Body[1] != b.s.Stmt {
		return "", false
	}
	set := b.s.Sets[0]
	value := b.slice(set.Value)
	field := b.m.Field(set.Attr)
	if field == nil || field.Relation != nil && set.Attr == field.Name || meet(set.Names, b.inner.Binds) || strings.ContainsAny(value, "(\n") {
		return "", false
	}
	switch set.Op {
	case "=":
	case "+=", "-=":
		if len(set.Names) > 0 || !strings.HasSuffix(field.Type, "IntegerField") {
			return "", false
		}
		value = b.imports(b.f.Span.Start, expressions, "F")[0] + "(" + b.quote(field.Name) + ") " + set.Op[:1] + " " + value
	default:
		return "", false
	}
	text := b.slice(b.inner.Iter) + ".update(" + set.Attr + "=" + value + ")"
	return text, len(text)+len(b.indent(b.inner.Span.Start)) <= b.width() || strings.Contains(text, "\n")
}

// updateEach turns filter(pk=pk).update(plays=count) of each round into one
// bulk_update() of instances that have no more than that.
func (b *batch) updateEach() (finding.Rewrite, bool) {
	filter, update := b.s.Calls[0], b.s.Calls[1]
	class := b.class(b.f.Span.Start, b.m)
	if filter.Name != "filter" || len(filter.Arguments) != 1 || b.slice(b.s.Root) != class+"."+manager(b.m) || len(update.Arguments) == 0 {
		return finding.Rewrite{}, false
	}
	key := filter.Arguments[0]
	field := b.m.Field(key.Name)
	if field == nil || field.Relation != nil || !slices.Equal(b.m.PrimaryKey, []string{field.Name}) || !meet(key.Names, b.inner.Binds) {
		return finding.Rewrite{}, false
	}
	var fields []string
	parts := []string{"pk=" + b.slice(key.Span)}
	for _, a := range update.Arguments {
		f := b.m.Field(a.Name)
		if f == nil || a.Star != "" || f.Column == "" || slices.Contains(b.m.PrimaryKey, f.Name) || strings.Contains(b.slice(a.Span), "\n") {
			return finding.Rewrite{}, false
		}
		fields, parts = append(fields, f.Name), append(parts, a.Name+"="+b.slice(a.Span))
	}
	b.different("each key may come once only")
	element := class + "(" + strings.Join(parts, ", ") + ")"
	names := "[" + strings.Join(b.quoteAll(fields), ", ") + "]"
	rows := class + "." + manager(b.m)
	title := "write all rows in one statement"
	if b.lone() {
		b.comprehension(rows+".bulk_update(", element, names)
		return b.finish(title)
	}
	base := plural(snake(b.m.Name))
	list := b.fresh(b.s.Whole.Start, "changed_"+base, "changed")
	b.collect(list, element, rows+".bulk_update("+list+", "+names+")")
	return b.finish(title)
}
