package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// functions and expressions are where Django keeps what annotations are made of.
const (
	expressions = "django.db.models"
	functions   = "django.db.models.functions"
)

// An annotation is a column that a queryset can work out for each of its rows.
type annotation struct {
	f      *source.Fetch
	of     *source.Query // the rows' queryset
	path   []string      // accessors from them to the related rows
	row    string        // text that stands for the row: "author"
	access []source.Span // what the annotation takes the place of
	drop   source.Span   // the statement that goes with it
	names  []string      // for the annotation, the best first
	// target is the model of the related rows; lookup the relation's name in
	// queries of the parent: "book", "author__book"; "" when no accessor leads
	// there. back is the relation's name in queries of the target, "" unknown,
	// and key the parent's column that it holds.
	target            *schema.Model
	lookup, back, key string
	calls             []source.Call // between the relation and the last call, without all()
	last              source.Call
	without           source.Span // the argument of calls that back stands for
	pick              *pick       // of an aggregate
}

// A pick is an aggregate function with one column: Max("published").
type pick struct{ function, name, column string }

// Annotate counts and aggregates in the query of the parent rows instead of
// once for each row: annotate(Count(…)), Exists(…), Max(…). fs are all places
// that ask of the rows of one queryset.
func Annotate(code Code, fs []*source.Fetch) (finding.Rewrite, bool) {
	c, q := annotatable(code, fs)
	if c == nil {
		return finding.Rewrite{}, false
	}
	given := map[string]string{} // the text of an annotation to its name
	taken := annotated(q)
	var calls []string
	safe := q.Function == fs[0].Function
	for _, f := range fs {
		list, ok := code.annotations(c, f, q)
		if !ok {
			return finding.Rewrite{}, false
		}
		safe = safe && !inTemplate(f) && !inMethod(f) // they serve other views too, perhaps
		for _, a := range list {
			text := c.expression(a, crowded(code, fs, q))
			name := given[text]
			if name == "" {
				name = code.annotationName(q.Model, taken, a.names)
				given[text], taken = name, append(taken, name)
				calls = append(calls, name+"="+text)
			}
			for _, s := range a.access {
				c.edits = append(c.edits, finding.Edit{Span: s, Text: a.row + "." + name})
			}
		}
		if list[0].drop.Known() {
			c.remove(list[0].drop)
		}
	}
	return c.annotate(q, calls, safe, "count or look up in the query of the rows")
}

// rowsOf is the queryset whose rows the fetch asks about: known from the row
// that it starts at, or from the loop around it.
func rowsOf(f *source.Fetch) *source.Query {
	if b := anyLoop(f); f.Of == nil && b != nil {
		return over(f, b)
	}
	return f.Of
}

// annotatable opens the file of the fetches' queryset; nil when that cannot
// take annotations, or what is fetched depends on more than its rows.
func annotatable(code Code, fs []*source.Fetch) (*change, *source.Query) {
	if len(fs) == 0 || rowsOf(fs[0]) == nil {
		return nil, nil
	}
	q := rowsOf(fs[0])
	if q.Raw || q.Combined || slices.ContainsFunc(q.Calls, func(k source.Call) bool { return k.Name == "distinct" && !k.NoArgs || k.Name == "raw" }) {
		return nil, nil
	}
	for _, f := range fs {
		if rowsOf(f) != q || f.Covered && !f.Defeats {
			return nil, nil
		}
		if !inTemplate(f) && !inMethod(f) {
			if b := anyLoop(f); b == nil || f.Span.Path != q.Span.Path || code.writes(f, b, f.Model) {
				return nil, nil
			}
		}
		for _, o := range code.Index.Fetches {
			if o.Span == f.Span && rowsOf(o) != q {
				return nil, nil // one line for the rows of several querysets
			}
		}
	}
	if slices.ContainsFunc(code.Index.Queries, func(o *source.Query) bool {
		return o != q && o.Root == q.Root && (o.Raw || o.Combined) // which an annotation would group otherwise
	}) {
		return nil, nil
	}
	if c := code.change(q.Span.Path); c.ok {
		return c, q
	}
	return nil, nil
}

// annotate adds the calls to the queryset's chain.
func (c *change) annotate(q *source.Query, calls []string, safe bool, title string) (finding.Rewrite, bool) {
	if q.Made == source.ByList {
		return c.annotateList(q, calls, safe, title)
	}
	ch := chainOf(c.code.Text, q)
	if ch == nil || !c.ok || ch.path != c.path {
		return finding.Rewrite{}, false
	}
	c.edits = append(c.edits, c.fit(ch.add(".annotate("+strings.Join(calls, ", ")+")"), calls))
	show := q.Span
	for _, e := range c.edits {
		if e.Span.Path == c.path && !c.importAt(e.Span.Start) && e.Span.End > show.End {
			show.End = e.Span.End
		}
	}
	return c.done(title, safe, show)
}

// annotateList adds the calls to the list of an admin class, which builds its
// queryset by itself.
func (c *change) annotateList(q *source.Query, calls []string, safe bool, title string) (finding.Rewrite, bool) {
	class := c.at(q.Root.Start) - 1
	if !c.ok || c.str(class) != "class" {
		return finding.Rewrite{}, false
	}
	edit, _, ok := c.querysetOf(class, ".annotate("+strings.Join(calls, ", ")+")", calls)
	if !ok {
		return finding.Rewrite{}, false
	}
	c.edits = append(c.edits, edit)
	return c.done(title, safe, edit.Span)
}

// follow walks accessors from a model; lookup is their path in queries.
func follow(m *schema.Model, path []string) (f *schema.Field, lookup string, ok bool) {
	var parts []string
	for _, name := range path {
		if m == nil {
			return nil, "", false
		}
		f = m.Field(name)
		if f == nil || f.Relation == nil {
			return nil, "", false
		}
		parts = append(parts, queryName(f))
		m = f.Relation.Target
	}
	return f, strings.Join(parts, "__"), m != nil
}

func queryName(f *schema.Field) string {
	if f.Query != "" {
		return f.Query
	}
	return f.Name
}

// outside reports whether the arguments of a call mean the same where the
// queryset is built, all but one: they read nothing that the loops bind, and
// nothing that is not there yet.
func outside(c *change, s *source.Site, q *source.Query, k source.Call, but source.Span) bool {
	if k.Name == "[]" {
		return false
	}
	for _, a := range k.Arguments {
		if a.Span == but {
			continue
		}
		for _, name := range a.Names {
			if slices.ContainsFunc(s.Blocks, func(b source.Block) bool { return slices.Contains(b.Binds, name) }) {
				return false
			}
			if !c.seen(name, q.Span.Start) {
				return false
			}
		}
	}
	return true
}

// seen reports whether the file has the name before offset.
func (f *file) seen(name string, offset int) bool {
	for i, t := range f.toks {
		if t.start >= offset {
			return false
		}
		if t.kind == nameToken && f.str(i) == name && f.str(i-1) != "." {
			return true
		}
	}
	return false
}

// crowded reports whether joins for one annotation would multiply the rows of
// another: several relations to many rows, or conditions on one.
func crowded(code Code, fs []*source.Fetch, q *source.Query) bool {
	if q.Annotated || q.Dynamic || slices.ContainsFunc(q.Calls, func(k source.Call) bool { return k.Name == "select_for_update" || k.Name == "extra" }) {
		return true
	}
	m := code.Models.Model(q.Model)
	if slices.ContainsFunc(q.Filters, func(f source.Filter) bool { return manyPath(m, f.Path) }) {
		return true
	}
	if slices.ContainsFunc(q.Ordering, func(o string) bool { return manyPath(m, strings.TrimLeft(o, "-+")) }) {
		return true
	}
	for _, o := range code.Index.Fetches {
		if o.Of == q && (o.Op == source.CountRows || o.Op == source.Aggregate) && !slices.Equal(o.Path, fs[0].Path) {
			return true
		}
	}
	return false
}

// manyPath reports whether a lookup path goes over a relation to many rows.
func manyPath(m *schema.Model, path string) bool {
	for part := range strings.SplitSeq(path, "__") {
		if m == nil {
			return false
		}
		f := m.Lookup(part)
		if f == nil || f.Relation == nil {
			return false
		}
		if f.Relation.Many {
			return true
		}
		m = f.Relation.Target
	}
	return false
}

// annotated are the names that the chain's annotations have already.
func annotated(q *source.Query) []string {
	var names []string
	for _, k := range q.Calls {
		if k.Name == "annotate" || k.Name == "alias" || k.Name == "extra" {
			names = append(names, k.Keywords...)
		}
	}
	return names
}

// modelNames are what every instance has.
var modelNames = []string{
	"pk", "save", "delete", "clean", "full_clean", "objects", "check", "refresh_from_db", "serializable_value", "validate_unique", "adelete",
	"asave", "clean_fields", "from_db", "save_base", "get_deferred_fields", "unique_error_message", "validate_constraints", "id",
}

// annotationName is the first of the names that no field, method or property
// of the model has.
func (code Code) annotationName(label string, taken, names []string) string {
	m := code.Models.Model(label)
	for _, n := range append(slices.Clone(names), names[len(names)-1]+"_here") {
		if !slices.Contains(taken, n) && !slices.Contains(modelNames, n) && !slices.Contains(reserved, n) && !code.attribute(m, n) {
			return n
		}
	}
	return code.annotationName(label, taken, []string{names[0] + "_2", names[0] + "_" + "3", names[0] + "_4"})
}

// attribute reports whether a model has something of that name: a field, or
// what its file defines inside a class.
func (code Code) attribute(m *schema.Model, name string) bool {
	if m.Field(name) != nil || m.Lookup(name) != nil {
		return true
	}
	for _, owner := range append([]*schema.Model{m}, m.Parents...) {
		f := open(code.Text, owner.Span.Path)
		if f == nil {
			continue
		}
		for i, t := range f.toks {
			if t.kind != nameToken || f.str(i) != name {
				continue
			}
			if f.str(i-1) == "def" || t.depth == 0 && (f.str(i+1) == "=" || f.str(i+1) == ":") && f.indent(t.start) != "" {
				return true
			}
		}
	}
	return false
}
