package link

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// The kinds of relation, as the JSON report names them.
const (
	ForwardFK       = "forward_fk"
	ReverseFK       = "reverse_fk"
	OneToOne        = "one_to_one"
	ReverseOneToOne = "reverse_one_to_one"
	ManyToMany      = "m2m"
	GenericFK       = "generic_fk"
	GenericRelation = "generic_relation"
	MTIChild        = "mti_child"
	MTIParent       = "mti_parent"
	Deferred        = "deferred"
)

// A Relation leads from the rows of a parent statement to those of a child
// statement that runs once for each of them.
type Relation struct {
	Kind string
	// Fields are Django's names, as lookup paths from the parent's base model.
	// Several: the log cannot tell which of them the code follows.
	Fields []string
	Source Source
	// Many: the accessor gives several rows, so it takes prefetch_related.
	Many bool
	// Named: Fields hold Django's default accessor, and a related_name, which
	// no log shows, would replace it.
	Named bool
	// Filtered: the child has conditions besides the relation's.
	Filtered bool
	// Prefix is the path from the parent's base model to the one that the
	// relation starts from, "" when they are the same. Column is the child's
	// column that is compared with it.
	Prefix string
	Column string
	Owner  string // table of the model that Fields start from: the parent's base table
	Target string // table of the rows that the child reads
}

// Relate finds the relation from the rows of parent to those of child. It is
// false when nothing known connects them.
func (g *Graph) Relate(parent, child *sqlshape.Shape) (Relation, bool) {
	if parent.Kind != sqlshape.Select && parent.Kind != sqlshape.Declare || child.Kind != sqlshape.Select || len(parent.Tables) == 0 || len(child.Tables) == 0 {
		return Relation{}, false
	}
	eq := equalities(child)
	for _, find := range []func(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool){
		g.deferred, g.inherited, g.forward, g.genericReverse, g.reverse, g.manyToMany, g.generic,
	} {
		if r, ok := find(parent, child, eq); ok {
			r.Owner, r.Target = parent.Tables[0].Name, child.Tables[0].Name
			return r, true
		}
	}
	return Relation{}, false
}

// equalities are the columns that child compares with one value each.
func equalities(child *sqlshape.Shape) []sqlshape.Column {
	var eq []sqlshape.Column
	for _, p := range child.Where {
		if p.Function == "" && (p.Op == "=" && p.List == sqlshape.NoList || p.Op == "IN" && p.List == sqlshape.OneItem) {
			eq = append(eq, p.Column)
		}
	}
	return eq
}

// deferred: the same table again, by its key, for columns that the parent left
// out.
func (g *Graph) deferred(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	if len(c.Tables) != 1 || len(eq) != 1 || len(c.Columns) != c.Outputs || len(c.Columns) == 0 || eq[0].Name != g.Key(base) {
		return Relation{}, false
	}
	have := columnsOf(p, base)
	if len(have) == 0 || !contains(have, eq[0].Name) {
		return Relation{}, false
	}
	var missing []string
	for _, col := range c.Columns {
		if col.Name == eq[0].Name {
			continue
		}
		if contains(have, col.Name) {
			return Relation{}, false
		}
		missing = append(missing, col.Name)
	}
	if len(missing) == 0 {
		return Relation{}, false
	}
	prefix, ok := g.path(p, base)
	if !ok {
		return Relation{}, false
	}
	for i := range missing {
		missing[i] = join(prefix, g.FieldName(base, missing[i]))
	}
	return Relation{Kind: Deferred, Fields: missing, Source: Join}, true
}

// inherited: the child table of multi-table inheritance, by its link to the
// parent's row.
func (g *Graph) inherited(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	for _, col := range eq {
		if col.Table != base || !g.isParentLink(base, col.Name) {
			continue
		}
		for _, t := range p.Tables {
			if t.Name == base {
				return Relation{}, false
			}
			es := g.foreign(base, t.Name)
			if prefix, ok := g.path(p, t.Name); ok && len(es) > 0 && es[0].Column == col.Name {
				return Relation{Kind: MTIChild, Fields: []string{join(prefix, g.childName(es[0]))}, Source: es[0].Source, Filtered: len(c.Where) > 1}, true
			}
		}
	}
	return Relation{}, false
}

// forward: the child's row by its key, which a foreign key among the parent's
// columns holds.
func (g *Graph) forward(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	for _, col := range eq {
		if col.Table != base && col.Table != "" {
			continue
		}
		for _, from := range g.sources(p) {
			r := Relation{Kind: ForwardFK, Filtered: len(c.Where) > 1 || c.Partial}
			for _, e := range g.foreign(from.table, base) {
				if e.Key != col.Name && e.Source >= Join || e.Source < Join && col.Name != g.Key(base) {
					continue
				}
				if !p.Star && !contains(columnsOf(p, from.table), e.Column) || g.joined(p, from.table, e.Column) {
					continue
				}
				if e.Unique {
					r.Kind = OneToOne
				}
				r.Fields, r.Source = append(r.Fields, join(from.prefix, e.name())), e.Source
				r.Prefix, r.Column = from.prefix, col.Name
			}
			if len(r.Fields) > 0 {
				return r, true
			}
		}
	}
	return Relation{}, false
}

// joined reports whether the parent already joins along this foreign key and
// reads what is there, as after select_related.
func (g *Graph) joined(p *sqlshape.Shape, table, column string) bool {
	for _, j := range p.Joins {
		from, to := j.Left, j.Right
		if to.Table == table && to.Name == column {
			from, to = to, from
		}
		if from.Table == table && from.Name == column && len(columnsOf(p, to.Table)) > 1 {
			return true
		}
	}
	return false
}

// reverse: the child's rows by a foreign key that points at the parent's.
func (g *Graph) reverse(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	for _, col := range eq {
		if col.Table != base && col.Table != "" {
			continue
		}
		for _, from := range g.sources(p) {
			for _, e := range g.foreign(base, from.table) {
				if e.Column != col.Name {
					continue
				}
				r := Relation{Kind: ReverseFK, Source: e.Source, Many: true, Filtered: len(c.Where) > 1 || c.Partial}
				single := e.Unique || c.Limit == sqlshape.GetLimit && !c.Ordered && !r.Filtered && !g.told(base)
				name, named, ok := g.reverseName(e, single)
				r.Named = named
				switch f, pairs := g.pairs(from.table, base, col.Name); {
				case single:
					r.Kind, r.Many = ReverseOneToOne, false
				case pairs: // count() of a many-to-many reads the pairs only
					r.Kind, r.Named, name, ok = ManyToMany, false, f, true
				}
				if !ok {
					continue
				}
				r.Fields, r.Prefix, r.Column = []string{join(from.prefix, name)}, from.prefix, col.Name
				return r, true
			}
		}
	}
	return Relation{}, false
}

// manyToMany: the child's rows through a table of pairs, by the parent's side.
func (g *Graph) manyToMany(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	for _, col := range eq {
		through := col.Table
		if through == base || through == "" || !joins(c, base, through) {
			continue
		}
		for _, from := range g.sources(p) {
			for _, e := range g.foreign(through, from.table) {
				if e.Column != col.Name {
					continue
				}
				name, named, ok := g.accessor(from.table, base, through, col.Name)
				if !ok {
					continue
				}
				return Relation{Kind: ManyToMany, Prefix: from.prefix, Column: col.Name, Fields: []string{join(from.prefix, name)}, Source: e.Source, Many: true, Named: named, Filtered: len(c.Where) > 1 || c.Partial}, true
			}
		}
	}
	return Relation{}, false
}

// pairs reports whether through is the table that Django makes for a
// many-to-many field of owner, and names the field. column is the one that
// points at owner.
func (g *Graph) pairs(owner, through, column string) (string, bool) {
	if len(g.sides[through]) > 0 {
		o, f, ok := g.Pairs(through, column)
		m := g.model(through)
		return f, ok && o == owner && (m == nil || m.AutoCreated)
	}
	f, ok := strings.CutPrefix(through, owner+"_")
	if !ok || f == "" || g.modelName(owner) == "" || g.modelled(through) {
		return "", false
	}
	for _, c := range g.columns[through] {
		if c != "id" && !isForeignName(c) {
			return "", false
		}
	}
	return f, true
}

// told reports whether the keys of a table are known for sure.
func (g *Graph) told(table string) bool { return g.schema.Table(table) != nil || g.modelled(table) }

// accessor names a many-to-many relation from its table of pairs, which
// Django calls by the model's table and the field. It is false where models
// say that there is no such relation.
func (g *Graph) accessor(owner, target, through, column string) (name string, named, ok bool) {
	if len(g.sides[through]) > 0 {
		for _, s := range g.sides[through] {
			if s.owner == owner && s.column == column && s.target == target {
				return s.field, false, s.field != ""
			}
		}
		return "", false, false
	}
	if f, ok := strings.CutPrefix(through, owner+"_"); ok && f != "" {
		return f, false, true
	}
	return g.modelName(target) + "_set", true, true
}

// isParentLink reports whether a column is what multi-table inheritance joins
// a child's row with its parent's by.
func (g *Graph) isParentLink(table, column string) bool {
	if m := g.model(table); m != nil {
		for _, f := range m.Fields {
			if f.Column == column && f.Relation != nil && f.Relation.Kind == MTIParent {
				return true
			}
		}
	}
	return strings.HasSuffix(column, "_ptr_id")
}

// childName is the accessor from a parent's row to its child's.
func (g *Graph) childName(e Edge) string {
	if e.Source == Models && e.Accessor != "" {
		return e.Accessor
	}
	return g.modelName(e.Table)
}

func joins(s *sqlshape.Shape, a, b string) bool {
	for _, j := range s.Joins {
		if j.Left.Table == a && j.Right.Table == b || j.Left.Table == b && j.Right.Table == a {
			return true
		}
	}
	return false
}

// genericReverse: rows that point back by content type and object id.
func (g *Graph) genericReverse(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	var object bool
	var kind bool
	for _, col := range eq {
		object = object || strings.HasSuffix(col.Name, "object_id")
		kind = kind || strings.HasSuffix(col.Name, "content_type_id")
	}
	if !object || !kind || p.Tables[0].Name == base || strings.HasPrefix(p.Tables[0].Name, "django_") {
		return Relation{}, false
	}
	r := Relation{Kind: GenericRelation, Source: Models, Many: true, Filtered: len(c.Where) > 2 || c.Partial}
	for _, x := range g.generics[p.Tables[0].Name] {
		if x.target == base {
			r.Fields = append(r.Fields, x.field)
		}
	}
	if len(r.Fields) > 0 {
		return r, true
	}
	return Relation{Kind: GenericRelation, Fields: []string{g.modelName(base) + "s"}, Source: Naming, Many: true, Named: true, Filtered: len(c.Where) > 2 || c.Partial}, true
}

// generic: a row by its key, while the parent's rows hold a content type and
// an object id and no foreign key to it.
func (g *Graph) generic(p, c *sqlshape.Shape, eq []sqlshape.Column) (Relation, bool) {
	base := c.Tables[0].Name
	if len(eq) != 1 || eq[0].Name != g.Key(base) && !g.isParentLink(base, eq[0].Name) {
		return Relation{}, false
	}
	for _, t := range p.Tables {
		have := columnsOf(p, t.Name)
		if m := g.model(t.Name); m != nil && !m.Partial {
			if r, ok := g.genericKey(p, t.Name, have); ok {
				return r, true
			}
			continue
		}
		for _, col := range have {
			pre, ok := strings.CutSuffix(col, "content_type_id")
			if !ok || !contains(have, pre+"object_id") {
				continue
			}
			if prefix, ok := g.path(p, t.Name); ok {
				name := pre + "content_object"
				return Relation{Kind: GenericFK, Fields: []string{join(prefix, name)}, Source: Naming, Many: true, Named: true}, true
			}
		}
	}
	return Relation{}, false
}

// genericKey is the generic foreign key that a table's model declares and whose
// columns the statement reads.
func (g *Graph) genericKey(p *sqlshape.Shape, table string, have []string) (Relation, bool) {
	for _, x := range g.generics[table] {
		if x.target != "" || !contains(have, x.object) {
			continue
		}
		if prefix, ok := g.path(p, table); ok {
			return Relation{Kind: GenericFK, Fields: []string{join(prefix, x.field)}, Source: Models, Many: true}, true
		}
	}
	return Relation{}, false
}

// An origin is a table whose rows a statement gives, and the lookup path to it.
type origin struct{ table, prefix string }

// sources lists the tables that a statement reads columns of and that a path
// leads to.
func (g *Graph) sources(p *sqlshape.Shape) []origin {
	var list []origin
	for _, t := range p.Tables {
		if len(columnsOf(p, t.Name)) == 0 && !p.Star {
			continue
		}
		if prefix, ok := g.path(p, t.Name); ok {
			list = append(list, origin{t.Name, prefix})
		}
	}
	return list
}

// columnsOf are the names of table's columns in the select list.
func columnsOf(s *sqlshape.Shape, table string) []string {
	var cols []string
	for _, c := range s.Columns {
		if c.Table == table {
			cols = append(cols, c.Name)
		}
	}
	return cols
}

// path is the lookup path from a statement's base table to one that it joins,
// "" for the base table itself.
func (g *Graph) path(s *sqlshape.Shape, table string) (string, bool) {
	base := s.Tables[0].Name
	if table == base {
		return "", true
	}
	for _, j := range s.Joins {
		from, to := j.Left, j.Right
		if from.Table == table {
			from, to = to, from
		}
		if to.Table != table || from.Table == table {
			continue
		}
		prefix, ok := "", true
		if from.Table != base {
			// One more hop is as far as select_related chains in practice go
			// without schema knowledge; the joins before this one lead there.
			prefix, ok = g.path(&sqlshape.Shape{Facts: sqlshape.Facts{Tables: s.Tables[:1], Joins: before(s.Joins, j)}}, from.Table)
		}
		if !ok {
			continue
		}
		if name, up, ok := g.step(from, to); ok {
			return join(prefix, name), up || name != ""
		}
		if strings.HasSuffix(from.Name, "_ptr_id") {
			return prefix, true // a child inherits its parent's fields and accessors
		}
		if isForeignName(from.Name) || to.Name == g.Key(table) && from.Name != g.Key(from.Table) {
			return join(prefix, field(from.Name)), true
		}
		return join(prefix, g.modelName(table)), true
	}
	return "", false
}

// step names the way along a join that the models know. up: to a parent of
// multi-table inheritance, whose fields the child has without any name.
func (g *Graph) step(from, to sqlshape.Column) (name string, up, ok bool) {
	for _, e := range g.edges[from.Table] {
		if e.Source == Models && e.Column == from.Name && e.Target == to.Table {
			if g.isParentLink(from.Table, from.Name) {
				return "", true, true
			}
			return e.name(), false, true
		}
	}
	for _, e := range g.edges[to.Table] {
		if e.Source == Models && e.Column == to.Name && e.Target == from.Table {
			return e.Accessor, false, true
		}
	}
	return "", false, false
}

// before returns the joins that stand before j, so that paths cannot circle.
func before(js []sqlshape.Join, j sqlshape.Join) []sqlshape.Join {
	for i := range js {
		if js[i] == j {
			return js[:i]
		}
	}
	return nil
}

func join(prefix, name string) string {
	if prefix == "" {
		return name
	}
	if name == "" {
		return prefix
	}
	return prefix + "__" + name
}
