package rewrite

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// BulkDelete deletes the rows of a loop in one statement.
func BulkDelete(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b, ok := code.batchOf(f)
	if !ok || b.outer == nil || b.m == nil || f.Op != source.Remove || b.s.Form != source.Alone || len(b.s.Calls) != 1 {
		return finding.Rewrite{}, false
	}
	if b.s.Calls[0].Name != "delete" || !b.s.Calls[0].NoArgs || b.slice(b.s.Root) != b.s.Name || !slices.Contains(b.inner.Targets, b.s.Name) {
		return finding.Rewrite{}, false
	}
	if b.m.SaveOverride {
		b.different(b.m.Name + ".delete() is not called")
	}
	title := "delete all rows in one statement"
	q := over(f, b.inner)
	if b.lone() && b.deletable(q) {
		b.replace(b.inner.Span, b.slice(b.inner.Iter)+".delete()")
		return b.finish(title)
	}
	rows := b.class(f.Span.Start, b.m) + "." + manager(b.m)
	if b.lone() {
		keys := "[" + b.s.Name + ".pk for " + b.slice(b.inner.Target) + " in " + b.slice(b.inner.Iter) + "]"
		lines := b.display(rows+".filter(", []string{"pk__in=" + keys}, ").delete()", b.inner.Span)
		b.replace(b.inner.Span, lines[0])
		if len(lines) > 1 {
			b.edits = b.edits[:len(b.edits)-1]
			text := lines[0]
			for _, l := range lines[1:] {
				text += b.newline() + b.indent(b.inner.Span.Start) + l
			}
			b.replace(b.inner.Span, text)
		}
		return b.finish(title)
	}
	name := b.fresh(b.s.Whole.Start, snake(b.m.Name)+"_ids", "deleted_ids")
	b.collect(name, b.s.Name+".pk", rows+".filter(pk__in="+name+").delete()")
	return b.finish(title)
}

// deletable reports whether the queryset that the loop goes over can delete
// its rows itself, and nothing wants them afterwards.
func (b *batch) deletable(q *source.Query) bool {
	if q == nil || q.Sliced || q.Distinct || q.Combined || q.Raw || q.Iterator || q.Dynamic {
		return false
	}
	if b.inner.IterName != "" {
		return b.inner.IterReads == 0
	}
	return q.Span == b.inner.Iter
}
