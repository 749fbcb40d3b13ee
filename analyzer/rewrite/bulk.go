package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A batch is a write in a loop that is to be done once, behind it.
type batch struct {
	*change
	f     *source.Fetch
	s     *source.Site
	m     *schema.Model
	inner *source.Block // the innermost loop
	outer *source.Block // behind which the write goes
	safe  bool
	why   []string // what is different
}

// batchOf looks whether the write of a fetch can wait for the end of its loop.
func (code Code) batchOf(f *source.Fetch) (*batch, bool) {
	b := &batch{change: code.change(f.Span.Path), f: f, s: f.Site, m: code.Models.Model(f.Model), inner: loopOf(f), safe: true}
	if !b.ok || b.inner == nil || b.s.Try || len(b.s.Calls) == 0 {
		return nil, false
	}
	if b.inner.Kind != "for" {
		return b, b.inner.Kind == "comprehension"
	}
	for i := len(b.s.Blocks) - 1; i >= 0; i-- {
		k := &b.s.Blocks[i]
		if k.Kind != "for" || k.Async || k.Return || k.Yield || k.Else || code.reads(f, k, f.Model) {
			break
		}
		b.outer = k
	}
	if b.outer == nil {
		return nil, false
	}
	if b.outer.Raise {
		b.different("an error in the loop leaves nothing written")
	}
	if slices.ContainsFunc(f.Loops, func(l source.Loop) bool { return l.Over != nil && l.Over.Iterator }) {
		b.different("all of them are held in memory at once")
	}
	return b, true
}

// different notes why the result of the rewrite may be another one.
func (b *batch) different(why string) {
	b.safe = false
	b.why = append(b.why, why)
}

// bypasses notes what of the model a bulk write passes by.
func (b *batch) bypasses(method string, signals ...string) {
	if b.m.SaveOverride {
		b.different(b.m.Name + "." + method + "() is not called")
	}
	for _, s := range b.m.Signals {
		if slices.Contains(signals, s) {
			b.different(s + " is not sent")
			return
		}
	}
}

func (b *batch) finish(title string) (finding.Rewrite, bool) {
	if len(b.why) > 0 {
		title += "; " + strings.Join(b.why, ", ")
	}
	show := b.inner.Span
	if b.outer != nil {
		show = b.outer.Span
	}
	return b.done(title, b.safe, show)
}

// unused reports whether nothing reads the value of the statement.
func (b *batch) unused() bool {
	return b.s.Form == source.Alone || b.s.Form == source.Assigned && len(b.s.Uses) == 0 && b.s.Beyond == 0 && b.s.Taken == b.s.Whole
}

// lone reports whether the innermost loop does nothing else, in two lines
// without comments: a comprehension says the same.
func (b *batch) lone() bool {
	if b.outer != b.inner || len(b.inner.Body) != 1 || b.inner.Body[0] != b.s.Stmt || b.leaks() {
		return false
	}
	for i := b.at(b.inner.Span.Start); i < len(b.toks) && b.toks[i].start <= b.lineEnd(b.inner.Span.End); i++ {
		if b.toks[i].kind == commentToken {
			return false
		}
	}
	return true
}

// leaks reports whether the function reads the loop's variables behind it,
// where a comprehension has none.
func (b *batch) leaks() bool {
	for i := b.at(b.inner.Span.End); i < len(b.toks); i++ {
		t := b.toks[i]
		if t.kind != nameToken {
			continue
		}
		if b.lineStart(t.start) == t.start || slices.Contains([]string{"def", "class"}, b.str(i)) {
			return false
		}
		if slices.Contains(b.inner.Targets, b.str(i)) && b.str(i-1) != "." && !b.bound(i) {
			return true
		}
	}
	return false
}

// bound reports whether the name at token i is given a value there, or in the
// comprehension that it stands in.
func (b *batch) bound(i int) bool {
	if b.str(i-1) == "for" || b.str(i+1) == "=" {
		return true
	}
	name := b.str(i)
	for j := i + 1; j < len(b.toks) && b.toks[j].depth >= b.toks[i].depth && b.toks[j].depth > 0; j++ {
		if b.str(j) == "for" && b.str(j+1) == name {
			return true
		}
	}
	return false
}

// comprehension replaces the loop by head + "[element for … in …]", rest and
// the closing parenthesis.
func (b *batch) comprehension(head, element string, rest ...string) {
	loop := "for " + b.slice(b.inner.Target) + " in " + b.slice(b.inner.Iter)
	indent, step := len(b.indent(b.inner.Span.Start)), b.step()
	list := "[" + element + " " + loop + "]"
	nl := b.newline() + b.indent(b.inner.Span.Start)
	text := head + strings.Join(append([]string{list}, rest...), ", ") + ")"
	switch {
	case indent+len(text) <= b.width():
	case len(rest) == 0 && indent+len(step)+len(list) <= b.width():
		text = head + nl + step + list + nl + ")"
	case len(rest) == 0:
		text = head + "[" + nl + step + element + nl + step + loop + nl + "])"
	default: // a line for each argument
		if indent+len(step)+len(list)+1 > b.width() {
			list = "[" + nl + step + step + element + nl + step + step + loop + nl + step + "]"
		}
		text = head
		for _, r := range append([]string{list}, rest...) {
			text += nl + step + r + ","
		}
		text += nl + ")"
	}
	b.replace(b.inner.Span, text)
}

// collect makes the loop gather something under a name instead of writing:
// name = [] before it, name.append(element) in it, and after behind it.
func (b *batch) collect(name, element, after string) {
	b.put(b.outer.Anchor, name+" = []")
	b.replace(b.s.Stmt, name+".append("+element+")")
	b.follow(b.outer.Span, after)
}

// BulkCreate inserts the rows of a loop in one statement.
func BulkCreate(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b, ok := code.batchOf(f)
	if !ok || b.m == nil || len(b.m.Parents) > 0 || f.Op != source.Insert {
		return finding.Rewrite{}, false // bulk_create refuses inherited tables
	}
	b.bypasses("save", "pre_save", "post_save")
	class := b.class(f.Span.Start, b.m)
	rows := class + "." + manager(b.m)
	last := b.s.Calls[len(b.s.Calls)-1]
	element := b.s.Name
	switch {
	case last.Name == "create":
		if element, ok = b.instance(class, &rows); !ok {
			return finding.Rewrite{}, false
		}
	case last.Name != "save" || !last.NoArgs || len(b.s.Calls) != 1 || !slices.Contains(b.inner.Assigned, element) || b.usedAfter():
		return finding.Rewrite{}, false
	}
	title := "insert all rows in one statement"
	if b.inner.Kind == "comprehension" {
		if b.inner.Makes != "list" || b.inner.Body[0] != b.s.Whole || last.Name != "create" {
			return finding.Rewrite{}, false
		}
		b.replace(b.s.Whole, element)
		b.edits = append(b.edits, b.insert(b.inner.Span.Start, rows+".bulk_create("), b.insert(b.inner.Span.End, ")"))
		return b.finish(title)
	}
	if !b.unused() {
		return finding.Rewrite{}, false
	}
	if last.Name == "create" && b.lone() && !strings.Contains(element, "\n") {
		b.comprehension(rows+".bulk_create(", element)
		return b.finish(title)
	}
	base := plural(snake(b.m.Name))
	name := b.fresh(b.s.Whole.Start, base, "new_"+base)
	b.collect(name, element, rows+".bulk_create("+name+")")
	return b.finish(title)
}

// usedAfter reports whether the loop does more with the instance once it is
// saved: it may want its key.
func (b *batch) usedAfter() bool {
	for i := b.at(b.s.Stmt.End); i < len(b.toks) && b.toks[i].start < b.outer.Span.End; i++ {
		if b.toks[i].kind == nameToken && b.str(i) == b.s.Name && b.str(i-1) != "." {
			return true
		}
	}
	return false
}

// instance writes create(…) as a call of the class.
func (b *batch) instance(class string, rows *string) (string, bool) {
	if len(b.s.Calls) != 1 || slices.ContainsFunc(b.s.Calls[0].Arguments, func(a source.Argument) bool { return a.Name == "" && a.Star != "**" }) {
		return "", false
	}
	args := b.slice(b.s.Calls[0].Args)
	root := b.slice(b.s.Root)
	owner, attr, _ := strings.Cut(root, ".")
	if owner == class && !strings.Contains(attr, ".") {
		*rows = root
		return class + "(" + args + ")", true
	}
	if b.f.Of == nil || len(b.f.Path) != 1 || root != b.s.Name+"."+b.f.Path[0] {
		return "", false
	}
	m := b.code.Models.Model(b.f.Of.Model)
	if m == nil {
		return "", false
	}
	// author.book_set.create(…) knows its author
	f := m.Field(b.f.Path[0])
	if f == nil || f.Relation == nil || f.Relation.Kind != "reverse_fk" || f.Relation.Inverse == nil {
		return "", false
	}
	first := f.Relation.Inverse.Name + "=" + b.s.Name
	rest := strings.TrimLeft(args, " \t\r\n")
	switch lead := args[:len(args)-len(rest)]; {
	case rest == "":
	case strings.Contains(lead, "\n"): // each argument has a line
		first = lead + first + ","
	default:
		first += ", "
	}
	return class + "(" + first + args + ")", true
}
