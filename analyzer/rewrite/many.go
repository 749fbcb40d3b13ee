package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// AddMany adds all objects of a loop to a relation at once.
func AddMany(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b, ok := code.batchOf(f)
	if !ok || b.outer == nil || f.Op != source.AddRelated || b.s.Form != source.Alone || len(b.s.Calls) != 1 {
		return finding.Rewrite{}, false
	}
	call := b.s.Calls[0]
	if len(call.Arguments) == 0 || call.Arguments[0].Name != "" || call.Arguments[0].Star != "" || call.Name != "add" && call.Name != "remove" {
		return finding.Rewrite{}, false
	}
	if b.heard() {
		b.different("m2m_changed is sent once for all")
	}
	arg, rest := call.Arguments[0], ""
	for _, a := range call.Arguments[1:] {
		if a.Name != "through_defaults" || meet(a.Names, b.outer.Binds) {
			return finding.Rewrite{}, false
		}
		rest += ", through_defaults=" + b.slice(a.Span)
	}
	root := b.slice(b.s.Root)
	title := "add all at once"
	if call.Name == "remove" {
		title = "remove all at once"
	}
	if !slices.Contains(b.inner.Assigned, b.s.Name) {
		if b.lone() && b.slice(arg.Span) == b.slice(b.inner.Target) {
			b.replace(b.inner.Span, root+"."+call.Name+"(*"+b.starred()+rest+")")
			return b.finish(title)
		}
		if slices.ContainsFunc(b.s.Blocks, func(k source.Block) bool {
			return k.Span.Start >= b.outer.Span.Start && slices.Contains(k.Assigned, b.s.Name)
		}) {
			b.outer = b.inner // each round of an outer loop has its own object
		}
		thing := strings.TrimSuffix(root[strings.LastIndexByte(root, '.')+1:], "_set")
		name := b.fresh(b.s.Whole.Start, plural(singular(thing)), "new_"+plural(singular(thing)))
		b.collect(name, b.slice(arg.Span), root+"."+call.Name+"(*"+name+rest+")")
		return b.finish(title)
	}
	return b.addReverse(arg, rest, title)
}

// heard reports whether something listens to the changes of the relation that
// the loop adds to.
func (b *batch) heard() bool {
	q, path := b.f.Of, b.f.Path
	if q == nil && b.f.Query != nil {
		q, path = b.f.Query.From, b.f.Query.Path
	}
	var m *schema.Model
	if q != nil {
		m = b.code.Models.Model(q.Model)
	}
	var field *schema.Field
	for _, name := range path {
		if m == nil {
			break
		}
		if field = m.Field(name); field == nil || field.Relation == nil {
			break
		}
		m = field.Relation.Target
	}
	if field == nil || field.Relation == nil || field.Relation.Through == nil {
		return false
	}
	return slices.Contains(field.Relation.Through.Signals, "m2m_changed")
}

// starred is what the loop goes over as it can stand behind a star.
func (b *batch) starred() string {
	iter := b.slice(b.inner.Iter)
	if i := b.at(b.inner.Iter.Start); strings.ContainsAny(iter, " ") && !isChain(b.file, i, b.inner.Iter.End) {
		return "(" + iter + ")"
	}
	return iter
}

// isChain reports whether the tokens from i to end are one name with its
// attributes, calls and subscripts.
func isChain(f *file, i, end int) bool {
	for i++; i < len(f.toks) && f.toks[i].start < end; {
		_, after := f.trailer(i)
		if after < 0 {
			return false
		}
		i = f.next(after)
	}
	return true
}

// addReverse turns "for book in books: book.tags.add(tag)" round:
// tag.book_set.add(*books).
func (b *batch) addReverse(arg source.Argument, rest, title string) (finding.Rewrite, bool) {
	if meet(arg.Names, b.inner.Binds) || b.f.Of == nil || len(b.f.Path) != 1 || !b.lone() || b.s.Name != b.slice(b.inner.Target) {
		return finding.Rewrite{}, false
	}
	m := b.code.Models.Model(b.f.Of.Model)
	if m == nil || b.slice(b.s.Root) != b.s.Name+"."+b.f.Path[0] || !identifier(b.slice(arg.Span)) {
		return finding.Rewrite{}, false
	}
	field := m.Field(b.f.Path[0])
	if field == nil || field.Relation == nil || field.Relation.Kind != "m2m" || field.Relation.Inverse == nil {
		return finding.Rewrite{}, false
	}
	text := b.slice(arg.Span) + "." + field.Relation.Inverse.Name + "." + b.s.Calls[0].Name + "(*" + b.starred() + rest + ")"
	b.replace(b.inner.Span, text)
	return b.finish(title)
}

// OneTransaction changes places of a loop and the transaction in it, which is
// all that the loop's body has.
func OneTransaction(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b := loopOf(f)
	if b == nil || b.Kind != "for" || b.Else || b.Yield || len(b.Body) != 1 || b.Body[0] != f.Site.Stmt {
		return finding.Rewrite{}, false
	}
	c := code.change(f.Span.Path)
	if !c.ok || meet(append(slices.Clone(f.Site.Names), f.Site.Name), b.Binds) {
		return finding.Rewrite{}, false
	}
	s := f.Site
	colon := c.before(s.Whole.End) + 1
	head := source.Span{Path: c.path, Start: s.Stmt.Start, End: s.Whole.End}
	if c.str(colon) != ":" || strings.TrimSpace(string(c.text[s.Stmt.Start:s.Whole.Start])) != "with" || strings.Contains(c.slice(b.Head)+c.slice(head), "\n") {
		return finding.Rewrite{}, false
	}
	c.replace(b.Head, c.slice(head))
	c.replace(head, c.slice(b.Head))
	return c.done("one transaction around the loop; an error then undoes all rounds", false, b.Span)
}
