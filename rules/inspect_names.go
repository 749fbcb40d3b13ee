package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// label names a queryset as docket.subject names its statement: the model and
// the columns it filters on.
func (in *inspector) label(q *source.Query, model string) string {
	if q == nil {
		return model
	}
	return withColumns(model, in.columns(q))
}

func withColumns(label string, cols []string) string {
	if len(cols) == 0 {
		return label
	}
	cols = slices.Clone(cols)
	slices.Sort(cols)
	return label + "[" + strings.Join(slices.Compact(cols), ",") + "]"
}

// columns are the columns that a queryset's SQL compares.
func (in *inspector) columns(q *source.Query) []string {
	var cols []string
	if q.From != nil {
		if fields := in.follow(q.From.Model, q.Path); len(fields) > 0 {
			cols = append(cols, managerColumn(fields[len(fields)-1]))
		}
	}
	for _, f := range q.Filters {
		cols = append(cols, in.column(q.Model, f.Path))
	}
	return slices.DeleteFunc(cols, func(c string) bool { return c == "" })
}

// managerColumn is the column by which a related manager finds its rows.
func managerColumn(f *schema.Field) string {
	r := f.Relation
	switch {
	case r.Kind == link.ManyToMany:
		return r.SourceColumn
	case r.Inverse != nil:
		return r.Inverse.Column
	}
	return ""
}

// column is the column that a lookup path ends at, "" when it is not known.
// Django leaves the last join out where the foreign key's column will do.
func (in *inspector) column(label, path string) string {
	m := in.model(label)
	var before, f *schema.Field
	for name := range strings.SplitSeq(path, "__") {
		if m == nil {
			return ""
		}
		before = f
		if f = m.Lookup(name); f == nil {
			return ""
		}
		m = nil
		if f.Relation != nil {
			m = f.Relation.Target
		}
	}
	if before != nil && before.Column != "" && f.Model != nil && slices.Contains(f.Model.PrimaryKey, f.Name) {
		return before.Column
	}
	if f.Column == "" && f.Relation != nil && f.Relation.Inverse != nil {
		return f.Relation.Inverse.Column
	}
	return f.Column
}

// keyColumn is the column of a model's primary key.
func keyColumn(m *schema.Model) string {
	if m == nil || len(m.PrimaryKey) != 1 {
		return ""
	}
	if f := m.Field(m.PrimaryKey[0]); f != nil {
		return f.Column
	}
	return ""
}

// className is the class of a label: "Book" of "library.Book".
func className(label string) string { return label[strings.LastIndexByte(label, '.')+1:] }

// table is the table of a label, "" when the model is not known.
func (in *inspector) table(label string) string {
	if m := in.model(label); m != nil {
		return m.Table
	}
	return ""
}

// targetOf is the label of the model that a relation leads to, "" when there
// are several or it is not known.
func targetOf(f *schema.Field) string {
	if f.Relation == nil || f.Relation.Target == nil {
		return ""
	}
	return f.Relation.Target.Label()
}

// arrowOf shows the models along a path: "Book → Author → Country".
func arrowOf(owner string, fields []*schema.Field) string {
	names := []string{className(owner)}
	for _, f := range fields {
		if t := targetOf(f); t != "" {
			names = append(names, className(t))
		} else {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " → ")
}

// many reports whether a path gives several rows for one, or rows of several
// models: select_related cannot follow it.
func many(fields []*schema.Field) bool {
	return slices.ContainsFunc(fields, func(f *schema.Field) bool {
		return f.Relation.Many || f.Relation.Kind == link.GenericFK || f.Relation.Target == nil
	})
}

// joinable is the path as select_related takes it: by query names, which
// related_query_name sets for reverse relations.
func joinable(fields []*schema.Field) string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
		if f.Query != "" {
			names[i] = f.Query
		}
	}
	return strings.Join(names, "__")
}

// rootText is how a queryset begins in the code: "Book.objects".
func (in *inspector) rootText(q *source.Query) string {
	if q.Made != "" {
		return className(q.Model) + "." + orText(q.Manager, "objects")
	}
	if t := in.text(q.Root); strings.Contains(t, ".") && !strings.Contains(t, "\n") {
		return t
	}
	return className(q.Model) + ".objects"
}

// text is what stands at a span, "" where the file's bytes are not known.
func (in *inspector) text(s source.Span) string {
	if in.Text == nil || !s.Known() {
		return ""
	}
	b := in.Text(s.Path)
	if s.Start < 0 || s.End > len(b) || s.Start > s.End {
		return ""
	}
	return string(b[s.Start:s.End])
}

// atLeast reports whether the project's Django is known to be that new.
func (in *inspector) atLeast(major, minor int) bool {
	if in.Models == nil {
		return false
	}
	a, rest, _ := strings.Cut(in.Models.Version, ".")
	b, _, _ := strings.Cut(rest, ".")
	x, err := strconv.Atoi(a)
	if err != nil {
		return false
	}
	y, err := strconv.Atoi(b)
	return x > major || err == nil && x == major && y >= minor
}

// quoteAll writes names as Python strings.
func quoteAll(names []string) string {
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(list, ", ")
}
