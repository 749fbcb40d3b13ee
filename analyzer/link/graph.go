// Package link finds out how the tables of a log are related, and which
// relation connects a statement with the one whose rows it was run for.
//
// What it knows comes, in this order of trust, from the models in the source,
// from a schema file, from joins and prefetches seen in the log, and from the
// names that Django gives.
package link

import (
	"sort"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A Source is where a relation is known from, the most trusted last.
type Source uint8

// The sources.
const (
	Guess Source = iota + 1 // a name that only suggests it: owner, parent
	Naming
	Prefetch
	Join
	Schema
	Models
)

// String is for a sentence: "known from …".
func (s Source) String() string {
	switch s {
	case Models:
		return "the models"
	case Schema:
		return "the schema file"
	case Join:
		return "a join in the log"
	case Prefetch:
		return "a prefetch in the log"
	}
	if s == Guess {
		return "no more than the column's name"
	}
	return "Django's naming of tables and columns"
}

// An Edge is a foreign key.
type Edge struct {
	Table, Column string
	Target, Key   string
	Unique        bool // the column is unique: a one-to-one
	Source        Source
	// Field is the foreign key's name and Accessor the way back, where models
	// tell; an empty Accessor then is related_name="+".
	Field, Accessor string
}

// name is Django's name for the foreign key.
func (e Edge) name() string {
	if e.Field != "" {
		return e.Field
	}
	return field(e.Column)
}

// A Graph is what is known of the tables.
type Graph struct {
	schema   *schema.Schema
	models   *schema.Models
	edges    map[string][]Edge // by Table
	columns  map[string][]string
	keys     map[string]string // key columns learned from joins, by table
	apps     map[string]string
	sides    map[string][]side    // many-to-many relations of the models, by the table of pairs
	generics map[string][]generic // of the models, by the owner's table
}

// New builds the graph from a schema and models (either may be nil), the
// shapes of a log and the prefetches counted in it.
func New(s *schema.Schema, models *schema.Models, set *sqlshape.Set, prefetches map[[2]sqlshape.ID]int64) *Graph {
	g := &Graph{
		schema: s, models: models, edges: map[string][]Edge{}, columns: map[string][]string{}, keys: map[string]string{},
		sides: map[string][]side{}, generics: map[string][]generic{},
	}
	g.fromSchema()
	g.fromModels()
	for id := sqlshape.ID(1); int(id) <= set.Len(); id++ {
		g.learnColumns(set.Shape(id))
	}
	g.apps = longApps(g.tables())
	for id := sqlshape.ID(1); int(id) <= set.Len(); id++ {
		for _, j := range set.Shape(id).Joins {
			g.learnJoin(j)
		}
	}
	pairs := make([][2]sqlshape.ID, 0, len(prefetches))
	for p := range prefetches {
		pairs = append(pairs, p)
	}
	sort.Slice(pairs, func(i, j int) bool {
		return pairs[i][0] < pairs[j][0] || pairs[i][0] == pairs[j][0] && pairs[i][1] < pairs[j][1]
	})
	for _, p := range pairs {
		g.learnPrefetch(set.Shape(p[0]), set.Shape(p[1]))
	}
	return g
}

func (g *Graph) fromSchema() {
	for _, name := range g.schema.Names() {
		t := g.schema.Table(name)
		for _, c := range t.Columns {
			g.columns[name] = append(g.columns[name], c.Name)
		}
		for _, f := range t.Foreign {
			target := g.schema.Table(f.Table)
			if len(f.Columns) != 1 {
				continue
			}
			e := Edge{Table: name, Column: f.Columns[0], Target: f.Table, Unique: t.IsUnique(f.Columns[0]), Source: Schema}
			if len(f.References) == 1 {
				e.Key = f.References[0]
			} else if target != nil && len(target.PrimaryKey) == 1 {
				e.Key = target.PrimaryKey[0]
			}
			g.edges[name] = append(g.edges[name], e)
		}
	}
}

// learnColumns notes which columns a table is seen to have, in the order of
// first sight; Django lists a model's columns in the order of its fields.
func (g *Graph) learnColumns(s *sqlshape.Shape) {
	for _, t := range s.Tables {
		if g.schema.Table(t.Name) == nil && !g.modelled(t.Name) {
			g.columns[t.Name] = append(g.columns[t.Name], g.newColumns(t.Name, s)...)
		}
	}
}

func (g *Graph) newColumns(table string, s *sqlshape.Shape) []string {
	var fresh []string
	add := func(c sqlshape.Column) {
		if c.Table == table && !contains(g.columns[table], c.Name) && !contains(fresh, c.Name) {
			fresh = append(fresh, c.Name)
		}
	}
	for _, c := range s.Columns {
		add(c)
	}
	for _, p := range s.Where {
		add(p.Column)
	}
	return fresh
}

func (g *Graph) tables() []string {
	list := make([]string, 0, len(g.columns))
	for t := range g.columns {
		list = append(list, t)
	}
	sort.Strings(list)
	return list
}

// learnJoin takes the foreign key out of a join: the side that is named as
// one, while the other side is a key.
func (g *Graph) learnJoin(j sqlshape.Join) {
	if j.Left.Table == "" || j.Right.Table == "" {
		return
	}
	from, to := j.Left, j.Right
	if rank(from.Name) < rank(to.Name) {
		from, to = to, from
	}
	if rank(from.Name) == rank(to.Name) { // names do not tell; keys may
		if g.Key(from.Table) == from.Name {
			from, to = to, from
		}
		if g.Key(from.Table) == from.Name || g.Key(to.Table) != to.Name {
			return
		}
	}
	g.keep(Edge{Table: from.Table, Column: from.Name, Target: to.Table, Key: to.Name, Source: Join})
	if _, ok := g.keys[to.Table]; !ok {
		g.keys[to.Table] = to.Name
	}
}

// rank orders column names by how much they look like a foreign key.
func rank(column string) int {
	switch {
	case column == "id":
		return 0
	case strings.HasSuffix(column, "_ptr_id"):
		return 2
	case isForeignName(column):
		return 3
	}
	return 1
}

// learnPrefetch takes "WHERE c.x IN (…)" right after a SELECT of table t as a
// foreign key from c.x to t, where the name at least does not speak against it.
func (g *Graph) learnPrefetch(batch, before *sqlshape.Shape) {
	if len(batch.Tables) == 0 || len(before.Tables) == 0 {
		return
	}
	target := before.Tables[0].Name
	for _, p := range batch.Where {
		if p.List < sqlshape.ManyItems || !isForeignName(p.Column.Name) || p.Column.Table == target {
			continue
		}
		if g.namesTable(p.Column.Name, target) > 0 || g.isUser(target) && isUserName(p.Column.Name) && !g.namesAny(p.Column.Name) {
			g.keep(Edge{Table: p.Column.Table, Column: p.Column.Name, Target: target, Key: g.Key(target), Source: Prefetch})
		}
	}
}

// keep adds an edge unless a better source has one for the column already.
func (g *Graph) keep(e Edge) {
	if e.Source < Schema && (g.schema.Table(e.Table) != nil || g.modelled(e.Table)) {
		return
	}
	list := g.edges[e.Table]
	for i := range list {
		if list[i].Column == e.Column && (list[i].Source >= e.Source || list[i].Target == e.Target) {
			return
		}
	}
	g.edges[e.Table] = append(list, e)
}

// namesAny reports whether the column's name fits any known table.
func (g *Graph) namesAny(column string) bool {
	for t := range g.columns {
		if g.namesTable(column, t) == 2 {
			return true
		}
	}
	return false
}

// Key returns the primary key's column of a table: "" when it is composite.
func (g *Graph) Key(table string) string {
	if t := g.schema.Table(table); t != nil {
		if len(t.PrimaryKey) == 1 {
			return t.PrimaryKey[0]
		}
		return ""
	}
	if m := g.model(table); m != nil && len(m.PrimaryKey) > 0 {
		return keyColumn(m, "")
	}
	if contains(g.columns[table], "id") {
		return "id"
	}
	for _, c := range g.columns[table] {
		if strings.HasSuffix(c, "_ptr_id") {
			return c
		}
	}
	if k, ok := g.keys[table]; ok {
		return k
	}
	if cs := g.columns[table]; len(cs) > 0 && !isForeignName(cs[0]) {
		return cs[0]
	}
	return "id"
}

// IsUnique reports whether at most one row of table has a given value in col,
// as far as is known.
func (g *Graph) IsUnique(table, col string) bool {
	if t := g.schema.Table(table); t != nil {
		return t.IsUnique(col)
	}
	if m := g.model(table); m != nil {
		for _, f := range m.Fields {
			if f.Column == col && f.Unique && (f.Model == nil || f.Model.Table == table) {
				return true
			}
		}
	}
	return g.Key(table) == col
}

// Columns returns the columns that table is known to have, and whether they
// are all of them.
func (g *Graph) Columns(table string) ([]string, bool) {
	return g.columns[table], g.schema.Table(table) != nil || g.modelled(table)
}

// Type returns the type of a column, "" when no schema tells it.
func (g *Graph) Type(table, column string) string {
	if t := g.schema.Table(table); t != nil {
		if c := t.Column(column); c != nil {
			return c.Type
		}
	}
	return ""
}

// foreign returns the edges from table to target, from the most trusted
// source that has any.
func (g *Graph) foreign(table, target string) []Edge {
	var found []Edge
	for _, e := range g.edges[table] {
		if e.Target == target {
			found = append(found, e)
		}
	}
	if len(found) > 0 || g.schema.Table(table) != nil || g.modelled(table) {
		return found
	}
	best := 0
	for _, c := range g.columns[table] {
		n := g.namesTable(c, target)
		if n == 0 || n < best || g.taken(table, c, target) {
			continue
		}
		if n > best {
			found, best = nil, n
		}
		found = append(found, Edge{Table: table, Column: c, Target: target, Key: g.Key(target), Source: Naming})
	}
	if len(found) > 0 || !g.isUser(target) && table != target {
		return found
	}
	// A name that fits no table at all (created_by) points to accounts, or, if
	// it is one of those, back to the same table (parent).
	for _, c := range g.columns[table] {
		if table == target && !isSelfName(c) {
			continue
		}
		if table != target && !isUserName(c) {
			continue
		}
		if isForeignName(c) && !g.taken(table, c, target) && !g.namesAny(c) {
			found = append(found, Edge{Table: table, Column: c, Target: target, Key: g.Key(target), Source: Guess})
		}
	}
	return found
}

// taken reports whether the column is known to point elsewhere.
func (g *Graph) taken(table, column, target string) bool {
	for _, e := range g.edges[table] {
		if e.Column == column && e.Target != target {
			return true
		}
	}
	return false
}
