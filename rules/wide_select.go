package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// wide-select: a list fetches all columns of a wide table. From a log alone it
// is possible that the code needs them all, so this is a note.
//
// Silent on reads of one row (by a key, LIMIT 1), on columns of joined tables,
// and on loops, which have a finding of their own.
var wideSelect = &Rule{
	Code: "QP201", Name: "wide-select", Severity: finding.Note,
	Summary: "a list fetches every column of a wide table",
	Doc:     page("wide_select.md"),
	pattern: patWideSelect,
	watch:   mayBeWide,
	explain: explainWide,
	inspect: inspectWide,
}

// heavyWeight is how many columns one counts for that a schema file or a model
// shows to hold documents.
const heavyWeight = 6

func mayBeWide(s *sqlshape.Shape) bool {
	return (s.Kind == sqlshape.Select || s.Kind == sqlshape.Declare) && len(s.Tables) > 0 && s.Limit != 1 && s.Limit != sqlshape.GetLimit
}

// baseColumns counts the columns of the base table in the select list.
func baseColumns(s *sqlshape.Shape) int {
	n := 0
	for _, c := range s.Columns {
		if c.Table == s.Tables[0].Name {
			n++
		}
	}
	return n
}

func explainWide(d *docket, e *evidence) (finding.Finding, bool) {
	if d.looped[e.Child] || d.isByKey(e.child) {
		return finding.Finding{}, false
	}
	table := statement(e.child).Table
	n, weight := baseColumns(e.child), 0
	var heavy []string
	for _, c := range e.child.Columns {
		if c.Table != table {
			continue
		}
		weight++
		if isHeavy(d.graph.Type(table, c.Name)) {
			heavy = append(heavy, c.Name)
			weight += heavyWeight - 1
		}
	}
	if weight < d.options.WideSelectColumns {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(table), e.Ledger, e.child, nil)
	f.Cost.Wasted, f.Cost.Saved = 0, 0
	f.Message = fmt.Sprintf("%s: %d columns are read for each row of a list, "+countsHere, table, n)
	f.Relation = finding.Relation{Kind: "columns"}
	f.Confidence = finding.Possible
	f.Notes = append(f.Notes, "a log does not show which columns the code uses")
	model := d.model(e.child)
	f.Rewrites = []finding.Rewrite{
		{Title: "name the columns that are used", Code: model + `.objects.only("…")`},
		{Title: "fetch plain values", Code: model + `.objects.values_list("…")`},
	}
	if len(heavy) > 0 {
		f.Message += "; " + strings.Join(heavy[:min(len(heavy), 5)], ", ") + " may be large"
		f.Rewrites[0] = finding.Rewrite{Title: "leave the large columns out", Code: fmt.Sprintf("%s.objects.defer(%s)", model, quotedList(heavy))}
	}
	return f, true
}

// isHeavy reports whether a column's type holds documents of any size.
func isHeavy(typ string) bool {
	typ = strings.ToLower(typ)
	switch {
	case typ == "text", typ == "json", typ == "jsonb", typ == "bytea", typ == "xml", typ == "tsvector", strings.HasSuffix(typ, "[]"):
		return true
	}
	return false
}

// inspectWide tells of querysets whose rows are read in full view, and only a
// few of many columns of them.
//
// Silent when rows go out of sight or are saved, on single rows, on what
// only(), defer() and values() have narrowed, and when little would be saved.
func inspectWide(in *inspector) []witness {
	var found []witness
	for _, q := range in.Index.Queries {
		m := in.model(q.Model)
		if m == nil || m.Partial || !in.inFullView(q) || len(q.Only)+len(q.Defer) > 0 || q.Raw || in.looped[q] || isNone(q) || in.isServed(q) || in.mayBeThere(q) {
			continue
		}
		used, ok := in.used(q, m)
		if !ok {
			continue
		}
		total, unread := 0, 0
		var heavy, names []string
		for _, f := range m.Fields {
			if f.Column == "" {
				continue
			}
			weight := 1
			if f.Wide {
				weight = heavyWeight
			}
			total += weight
			if used[f] || slices.Contains(m.PrimaryKey, f.Name) {
				if used[f] {
					names = append(names, f.Name)
				}
				continue
			}
			unread += weight
			if f.Wide {
				heavy = append(heavy, f.Name)
			}
		}
		if total < in.options.WideSelectColumns || unread*2 < total {
			continue
		}
		w := in.witness(q.Model, q.Span, q.Function, q, nil)
		w.Relation = finding.Relation{Kind: "columns"}
		w.Child.Table = m.Table
		w.Message = fmt.Sprintf("%s: %d columns are read for each row of a list, the code uses %s", m.Name, len(m.Fields), orText(strings.Join(names, ", "), "its key only"))
		if len(heavy) > 0 {
			w.Message += "; " + strings.Join(heavy[:min(len(heavy), 5)], ", ") + " may be large"
		}
		w.Confidence = finding.Proven
		w.Rewrites = in.narrow(q, names)
		found = append(found, w)
	}
	return found
}

// narrow writes the queryset that fetches the named columns alone.
func (in *inspector) narrow(q *source.Query, names []string) []finding.Rewrite {
	if len(names) == 0 {
		names = []string{"pk"}
	}
	words := finding.Rewrite{Title: "name the columns that are used", Code: in.rootText(q) + ".only(" + quoteAll(names) + ")"}
	if in.shared(q) { // the edit would stand where other querysets begin too
		return []finding.Rewrite{words}
	}
	rw, ok := rewrite.Only(in.Text, q, names)
	list := []finding.Rewrite{offer(words, rw, ok)}
	var attrs []string // as the code reads them: author_id, pk
	for _, r := range q.Reads {
		if !slices.Contains(attrs, r.Field) {
			attrs = append(attrs, r.Field)
		}
	}
	if len(in.from[q]) > 0 || in.isFile(q, attrs) {
		return list // rows are more than their columns' values
	}
	if len(attrs) == 1 {
		if rw, ok := rewrite.ValuesList(in.Text, q, attrs, true); ok {
			return append([]finding.Rewrite{rw}, list...)
		}
	}
	if rw, ok := rewrite.ValuesList(in.Text, q, attrs, false); ok {
		list = append(list, rw)
	}
	return list
}

// shared reports whether another queryset begins with the same expression.
func (in *inspector) shared(q *source.Query) bool {
	return q.Root.Known() && slices.ContainsFunc(in.Index.Queries, func(o *source.Query) bool { return o != q && o.Root == q.Root })
}

// isFile reports whether one of the attributes is an object made from its
// column, as those of file and image fields are.
func (in *inspector) isFile(q *source.Query, attrs []string) bool {
	m := in.model(q.Model)
	return m == nil || slices.ContainsFunc(attrs, func(a string) bool {
		f := m.Field(a)
		return f == nil || strings.HasSuffix(f.Type, "FileField") || strings.HasSuffix(f.Type, "ImageField")
	})
}

// inFullView reports whether all that is done with a queryset's rows was seen,
// and nothing of it needs more than it reads.
func (in *inspector) inFullView(q *source.Query) bool {
	if q.Dynamic || q.Combined || len(q.Escapes) > 0 {
		return false
	}
	iterated := false
	for _, e := range q.Evals {
		switch e.Kind {
		case source.Iterate:
			iterated = true
		case source.One, source.In, source.Nested:
			return false
		}
	}
	return iterated
}

// used are the fields of the model that the code reads, the columns that its
// relations need with them. It is false when a row is written, or something is
// read that is no field.
func (in *inspector) used(q *source.Query, m *schema.Model) (map[*schema.Field]bool, bool) {
	used := map[*schema.Field]bool{}
	note := func(name string) bool {
		f := m.Field(name)
		if f != nil {
			used[f] = true
			if f.Relation != nil && f.Relation.IDField != "" {
				used[m.Field(f.Relation.TypeField)], used[m.Field(f.Relation.IDField)] = true, true
			}
		}
		return f != nil
	}
	for _, r := range q.Reads {
		name := r.Field
		if len(r.Path) > 0 {
			name = r.Path[0]
		}
		if r.Write || !note(name) {
			return nil, false
		}
	}
	for _, f := range in.from[q] {
		switch f.Op {
		case source.Update, source.Remove, source.AddRelated, source.Refresh, source.Insert:
			return nil, false
		}
		if len(f.Path) > 0 && !note(f.Path[0]) {
			return nil, false
		}
	}
	for _, e := range q.Eager {
		first, _, _ := strings.Cut(e.Path, "__")
		if f := m.Lookup(first); f != nil {
			used[f] = true
		}
	}
	return used, len(q.Reads) > 0
}
