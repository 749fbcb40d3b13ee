package rewrite

import (
	"regexp"
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
	f       *source.Fetch
	row     string // text that stands for the row: "author"
	access  source.Span
	names   []string // for the annotation, the best first
	related *schema.Field
	lookup  string        // of the relation from the row's model: "book", "author__book"
	calls   []source.Call // between the relation and the last call, without all()
	last    source.Call
	pick    *pick // of an aggregate
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
		a, ok := code.annotation(c, f)
		if !ok {
			return finding.Rewrite{}, false
		}
		text := c.expression(a, crowded(code, fs, q))
		name := given[text]
		if name == "" {
			name = code.annotationName(q.Model, taken, a.names)
			given[text], taken = name, append(taken, name)
			calls = append(calls, name+"="+text)
		}
		if f.Site == nil { // a template serves other views too, perhaps
			safe = false
			c.edits = append(c.edits, finding.Edit{Span: a.access, Text: a.row + "." + name})
			continue
		}
		c.replace(a.access, a.row+"."+name)
	}
	return c.annotate(q, calls, safe, "count or look up in the query of the rows")
}

// annotatable opens the file of the fetches' queryset; nil when that cannot
// take annotations, or what is fetched depends on more than its rows.
func annotatable(code Code, fs []*source.Fetch) (*change, *source.Query) {
	if len(fs) == 0 || fs[0].Of == nil {
		return nil, nil
	}
	q := fs[0].Of
	if q.Raw || q.Combined || slices.ContainsFunc(q.Calls, func(k source.Call) bool { return k.Name == "distinct" && !k.NoArgs || k.Name == "raw" }) {
		return nil, nil
	}
	for _, f := range fs {
		if f.Of != q || f.Covered && !f.Defeats {
			return nil, nil
		}
		if !inTemplate(f) {
			if b := loopOf(f); b == nil || f.Span.Path != q.Span.Path || code.writes(f, b, f.Model) {
				return nil, nil
			}
		}
		for _, o := range code.Index.Fetches {
			if o.Span == f.Span && o.Of != q {
				return nil, nil // one line for the rows of several querysets
			}
		}
	}
	c := code.change(q.Span.Path)
	if !c.ok {
		return nil, nil
	}
	return c, q
}

// annotate adds the calls to the queryset's chain.
func (c *change) annotate(q *source.Query, calls []string, safe bool, title string) (finding.Rewrite, bool) {
	ch := chainOf(c.code.Text, q)
	if ch == nil || !c.ok || ch.path != c.path {
		return finding.Rewrite{}, false
	}
	add := ch.add(".annotate(" + strings.Join(calls, ", ") + ")")
	if line := c.lineEnd(add.Span.Start) - c.lineStart(add.Span.Start); !strings.Contains(add.Text, "\n") && line+len(add.Text) > c.width() {
		nl := c.newline() + c.indent(add.Span.Start)
		add.Text = ".annotate("
		for _, call := range calls {
			add.Text += nl + c.step() + call + ","
		}
		add.Text += nl + ")"
	}
	c.edits = append(c.edits, add)
	show := q.Span
	for _, e := range c.edits {
		if e.Span.Path == c.path && !c.importAt(e.Span.Start) && e.Span.End > show.End {
			show.End = e.Span.End
		}
	}
	return c.done(title, safe, show)
}

// inTemplate reports whether the fetch is a tag's or a variable's.
func inTemplate(f *source.Fetch) bool {
	return f.Site == nil && len(f.Loops) > 0 && f.Loops[len(f.Loops)-1].Kind == "template" && !strings.HasSuffix(f.Span.Path, ".py")
}

// templateAnnotation reads {{ author.book_set.count }}.
func (code Code) templateAnnotation(f *source.Fetch) (annotation, bool) {
	a := annotation{f: f, access: f.Span}
	text, m := code.Text(f.Span.Path), code.Models.Model(f.Of.Model)
	if m == nil || len(f.Path) == 0 || f.Span.End > len(text) {
		return a, false
	}
	parts := strings.Split(string(text[f.Span.Start:f.Span.End]), ".")
	last := parts[len(parts)-1]
	if parts = parts[:len(parts)-1]; len(parts) > 0 && parts[len(parts)-1] == "all" {
		parts = parts[:len(parts)-1]
	}
	var ok bool
	if len(parts) < 2 || !slices.Equal(parts[1:], f.Path) || !identifier(parts[0]) {
		return a, false
	}
	if a.related, a.lookup, ok = follow(m, f.Path); !ok || !a.related.Relation.Many {
		return a, false
	}
	a.row, a.last = parts[0], source.Call{Name: last, NoArgs: true}
	return a, a.named()
}

// annotation reads what a fetch asks of its row.
func (code Code) annotation(c *change, f *source.Fetch) (annotation, bool) {
	if inTemplate(f) {
		return code.templateAnnotation(f)
	}
	s := f.Site
	a := annotation{f: f, access: s.Whole}
	m := code.Models.Model(f.Of.Model)
	if m == nil || len(f.Path) == 0 || len(s.Calls) == 0 || c.slice(s.Root) != s.Name+"."+strings.Join(f.Path, ".") {
		return a, false
	}
	var ok bool
	if a.related, a.lookup, ok = follow(m, f.Path); !ok || !a.related.Relation.Many {
		return a, false
	}
	a.row = s.Name
	n := len(s.Calls) - 1
	a.last = s.Calls[n]
	for _, k := range s.Calls[:n] {
		if k.Name == "all" && k.NoArgs {
			continue
		}
		a.calls = append(a.calls, k)
		if !outside(c, s, f.Of, k) {
			return a, false
		}
	}
	if a.last.Name == "aggregate" {
		return a, a.aggregate(c, s, a.thing())
	}
	return a, a.named()
}

// thing is one of what the relation leads to: "book" of author.book_set.
func (a *annotation) thing() string {
	return singular(strings.TrimSuffix(a.f.Path[len(a.f.Path)-1], "_set"))
}

// named gives count() and exists() their names.
func (a *annotation) named() bool {
	thing := a.thing()
	switch a.last.Name {
	case "count":
		a.names = []string{thing + "_count", "number_of_" + plural(thing)}
	case "exists":
		a.names = []string{"has_" + thing, "has_any_" + thing}
	}
	return len(a.names) > 0 && a.last.NoArgs
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
// queryset is built: they read nothing that the loops bind, and nothing that
// is not there yet.
func outside(c *change, s *source.Site, q *source.Query, k source.Call) bool {
	if k.Name == "[]" {
		return false
	}
	for _, a := range k.Arguments {
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

var aggregateCall = regexp.MustCompile(`^((?:\w+\.)*)(Max|Min|Sum|Avg|Count|StdDev|Variance)\(\s*["']([a-z_][a-z0-9_]*)["']\s*,?\s*\)$`)

// aggregate reads aggregate(last=Max("published"))["last"].
func (a *annotation) aggregate(c *change, s *source.Site, thing string) bool {
	if len(a.last.Arguments) != 1 || s.Key == "" {
		return false
	}
	arg := a.last.Arguments[0]
	m := aggregateCall.FindStringSubmatch(c.slice(arg.Span))
	if m == nil || arg.Star != "" {
		return false
	}
	a.pick = &pick{function: m[1] + m[2], name: m[2], column: m[3]}
	described := thing + "_" + m[3] + "_" + strings.ToLower(m[2])
	key := arg.Name
	if key == "" {
		key = m[3] + "__" + strings.ToLower(m[2])
		a.names = []string{described}
	} else {
		a.names = []string{key, described}
	}
	a.access = s.Taken
	column := a.related.Relation.Target.Field(m[3])
	return key == s.Key && column != nil && column.Relation == nil && a.f.Site.Taken.Known()
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
