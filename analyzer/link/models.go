package link

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
)

// A side is a many-to-many relation as seen from one of its ends.
type side struct {
	owner, column string // table of the end, and the through table's column that points at it
	target        string
	field         string // accessor on owner, "" when there is none (related_name="+")
}

// A generic is an accessor that leads by content type and object id.
type generic struct {
	field  string
	target string // of a generic relation
	object string // column of the object id: the owner's for a generic key, the target's for a relation
}

// fromModels takes the relations that models declare. Where a schema file
// tells a table's columns, a field whose column is not there is left out: the
// models are of another time than the database.
func (g *Graph) fromModels() {
	if g.models == nil {
		return
	}
	for _, m := range g.modelList() {
		if g.schema.Table(m.Table) == nil {
			g.columns[m.Table] = modelColumns(m)
		}
		for _, f := range m.Fields {
			if f.Relation != nil && (f.Model == nil || f.Model.Table == m.Table) {
				g.fromField(m, f)
			}
		}
		for _, f := range m.Fields {
			if f.Relation != nil {
				g.fromGeneric(m, f)
			}
		}
	}
}

// modelList are the models that own tables, by table.
func (g *Graph) modelList() []*schema.Model {
	list := make([]*schema.Model, 0, len(g.models.ByTable))
	for _, m := range g.models.ByTable {
		list = append(list, m)
	}
	slices.SortFunc(list, func(a, b *schema.Model) int { return strings.Compare(a.Table, b.Table) })
	return list
}

// modelColumns are the columns of a model's own table, in Django's order.
func modelColumns(m *schema.Model) []string {
	var cols []string
	for _, f := range m.Fields {
		if f.Column != "" && (f.Model == nil || f.Model.Table == m.Table) && !slices.Contains(cols, f.Column) {
			cols = append(cols, f.Column)
		}
	}
	return cols
}

func (g *Graph) fromField(m *schema.Model, f *schema.Field) {
	r := f.Relation
	target := concrete(r.Target)
	if target == nil || target.Table == "" {
		return
	}
	accessor := ""
	if r.Inverse != nil {
		accessor = r.Inverse.Name
	}
	if r.Kind == ManyToMany {
		g.fromPairs(m, f, target, accessor)
		return
	}
	if f.Column == "" || g.stale(m.Table, f.Column) {
		return
	}
	e := Edge{
		Table: m.Table, Column: f.Column, Target: target.Table, Key: keyColumn(target, r.ToField),
		Unique: f.Unique || r.Kind == OneToOne || r.Kind == MTIParent, Source: Models, Field: f.Name, Accessor: accessor,
	}
	g.edges[m.Table] = append(slices.DeleteFunc(g.edges[m.Table], func(o Edge) bool { return o.Column == e.Column && o.Target == e.Target }), e)
}

// fromPairs notes both ends of a many-to-many relation and, where no model
// owns the table of pairs, its foreign keys.
func (g *Graph) fromPairs(m *schema.Model, f *schema.Field, target *schema.Model, accessor string) {
	r := f.Relation
	through := r.ThroughTable
	if through == "" && r.Through != nil {
		through = r.Through.Table
	}
	if through == "" || r.SourceColumn == "" || r.TargetColumn == "" {
		return
	}
	g.sides[through] = append(g.sides[through],
		side{owner: m.Table, column: r.SourceColumn, target: target.Table, field: f.Name},
		side{owner: target.Table, column: r.TargetColumn, target: m.Table, field: accessor})
	if g.models.ByTable[through] != nil {
		return
	}
	if g.schema.Table(through) == nil {
		g.columns[through] = []string{"id", r.SourceColumn, r.TargetColumn}
	}
	for _, e := range []Edge{
		{Table: through, Column: r.SourceColumn, Target: m.Table, Key: keyColumn(m, "")},
		{Table: through, Column: r.TargetColumn, Target: target.Table, Key: keyColumn(target, "")},
	} {
		e.Source = Models
		g.edges[through] = append(slices.DeleteFunc(g.edges[through], func(o Edge) bool { return o.Column == e.Column }), e)
	}
}

func (g *Graph) fromGeneric(m *schema.Model, f *schema.Field) {
	r := f.Relation
	switch r.Kind {
	case GenericFK:
		if id := m.Field(r.IDField); id != nil {
			g.generics[m.Table] = append(g.generics[m.Table], generic{field: f.Name, object: id.Column})
		}
	case GenericRelation:
		t := concrete(r.Target)
		if t == nil {
			return
		}
		if id := t.Field(r.IDField); id != nil {
			g.generics[m.Table] = append(g.generics[m.Table], generic{field: f.Name, target: t.Table, object: id.Column})
		}
	}
}

// stale reports whether a schema file denies that a table has a column.
func (g *Graph) stale(table, column string) bool {
	t := g.schema.Table(table)
	return t != nil && t.Column(column) == nil
}

// model returns the model that owns a table, nil when the source does not tell.
func (g *Graph) model(table string) *schema.Model {
	if g.models == nil {
		return nil
	}
	return g.models.ByTable[table]
}

// modelled reports whether the models tell all relations of a table.
func (g *Graph) modelled(table string) bool {
	m := g.model(table)
	return m != nil && !m.Partial || len(g.sides[table]) > 0
}

// concrete is the model that owns the table of m's rows.
func concrete(m *schema.Model) *schema.Model {
	for m != nil && m.Proxy != nil {
		m = m.Proxy
	}
	return m
}

// keyColumn is the column that a foreign key to m is compared with: the
// field's, or the primary key's.
func keyColumn(m *schema.Model, field string) string {
	if field == "" {
		if len(m.PrimaryKey) != 1 {
			return ""
		}
		field = m.PrimaryKey[0]
	}
	for _, f := range m.Fields {
		if f.Name == field {
			return f.Column
		}
	}
	return ""
}

// FieldName is Django's name for a column: the field that has it, or what its
// name says of a foreign key, author_id → author.
func (g *Graph) FieldName(table, column string) string {
	if m := g.model(table); m != nil {
		for _, f := range m.Fields {
			if f.Column == column && (f.Model == nil || f.Model.Table == table) {
				return f.Name
			}
		}
	}
	return field(column)
}

// Pairs names the many-to-many relation whose pairs a table holds, from the
// end that column points at: the end's table and its accessor. It is false
// where no model tells.
func (g *Graph) Pairs(through, column string) (owner, field string, ok bool) {
	for _, s := range g.sides[through] {
		if s.column == column && s.field != "" {
			return s.owner, s.field, true
		}
	}
	return "", "", false
}

// reverseName is the accessor from a foreign key's target back to the rows
// that hold it. ok is false where models say that there is none, named where
// it is only Django's default.
func (g *Graph) reverseName(e Edge, single bool) (name string, named, ok bool) {
	switch {
	case e.Source == Models:
		return e.Accessor, false, e.Accessor != ""
	case single:
		return g.modelName(e.Table), true, true
	}
	return g.modelName(e.Table) + "_set", true, true
}
