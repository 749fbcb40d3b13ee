package link

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// filtered: each condition of the queryset stands in the WHERE, and nothing
// else does.
func (x *fit) filtered() bool {
	explained := make([]bool, len(x.s.Where))
	for _, f := range x.q.Filters {
		t, c, ok := columnAt(x.model, f.Path)
		if !ok {
			x.explainAll(explained, f.Path)
			continue
		}
		hit := false
		for i, w := range x.s.Where {
			if w.Column.Name != c || w.Column.Table != t && w.Column.Table != "" {
				continue
			}
			if f.Exclude || fitsLookup(w, f.Lookup) {
				explained[i], hit = true, true
			}
		}
		switch {
		case hit:
			x.score += 2
		case !f.Exclude && !x.s.Partial && !x.s.Subquery && !isTest(f):
			return false
		}
	}
	x.explainRelated(explained)
	if x.q.Dynamic || x.s.Subquery {
		return true
	}
	return !slices.Contains(explained, false)
}

// isTest reports whether a condition may make no plain comparison: a boolean
// column stands alone, and an empty list makes no query.
func isTest(f source.Filter) bool { return f.Literal && f.Lookup == "exact" }

// explainAll: a path that cannot be followed may have made any condition on a
// column of its last name.
func (x *fit) explainAll(explained []bool, path string) {
	for i, w := range x.s.Where {
		if strings.HasSuffix(path, strings.TrimSuffix(w.Column.Name, "_id")) {
			explained[i] = true
		}
	}
}

// explainRelated: a related manager compares the foreign key of the relation
// that it stands for, and get() by key or refresh a key.
func (x *fit) explainRelated(explained []bool) {
	related := x.q.From != nil || len(x.q.Path) > 0
	for i, w := range x.s.Where {
		switch {
		case explained[i]:
		case related && (w.Op == "=" || w.Op == "IN") && w.Function == "":
			explained[i] = true
			related = false // one column ties a row to its parent
		case w.Op == "IS NOT NULL":
			explained[i] = true // exclude() of a nullable column adds it
		}
	}
}

// fitsLookup reports whether a lookup can make a comparison; of rare ones it is
// not known what they make.
func fitsLookup(w sqlshape.Predicate, lookup string) bool {
	switch lookup {
	case "exact", "":
		// A boolean column stands alone, which counts as IS TRUE.
		return w.Op == "=" || strings.HasPrefix(w.Op, "IS") || w.Op == "IN" && w.List == sqlshape.OneItem
	case "in":
		return w.Op == "IN" || w.Op == "="
	case "gt":
		return w.Op == ">"
	case "gte":
		return w.Op == ">="
	case "lt":
		return w.Op == "<"
	case "lte":
		return w.Op == "<="
	case "isnull":
		return strings.HasPrefix(w.Op, "IS")
	case "range":
		return w.Op == "BETWEEN"
	case "contains", "startswith", "endswith", "icontains", "istartswith", "iendswith":
		return strings.HasSuffix(w.Op, "LIKE")
	}
	return true
}

// ordered: the ORDER BY is the queryset's, or the key's for first() and last().
func (x *fit) ordered() bool {
	if x.probe || x.q.Dynamic || x.s.Subquery {
		return true
	}
	one := x.hasEval(source.One)
	var want []sqlshape.Column
	for _, o := range x.q.Ordering {
		t, c, ok := columnAt(x.model, strings.TrimPrefix(o, "-"))
		if !ok {
			return x.s.Ordered // an annotation, an expression, "?"
		}
		want = append(want, sqlshape.Column{Table: t, Name: c})
	}
	if len(want) == 0 {
		return !x.s.Ordered || one || x.leaves()
	}
	if !x.s.Ordered {
		return one && x.s.Limit == sqlshape.GetLimit // get() clears it
	}
	if len(x.s.Order) == 0 {
		return true
	}
	if len(x.s.Order) != len(want) {
		return one && len(x.s.Order) == 1 // latest("date")
	}
	for i, c := range x.s.Order {
		if c.Name != want[i].Name || c.Table != "" && c.Table != want[i].Table || x.turned(c.Name, i) {
			return one
		}
	}
	x.score += len(want)
	return true
}

// turned reports whether a column is ordered the other way round. The facts do
// not hold the direction; Django always writes it.
func (x *fit) turned(column string, i int) bool {
	own, other := " ASC", " DESC"
	if strings.HasPrefix(x.q.Ordering[i], "-") {
		own, other = other, own
	}
	at := strings.LastIndex(x.s.Text, " ORDER BY ")
	if at < 0 {
		return false
	}
	order := x.s.Text[at:]
	return strings.Contains(order, `"`+column+`"`+other) && !strings.Contains(order, `"`+column+`"`+own)
}

func (x *fit) hasEval(k source.EvalKind) bool {
	return slices.ContainsFunc(x.q.Evals, func(e source.Eval) bool { return e.Kind == k })
}

// limited: LIMIT and OFFSET come from a slice, from get(), first() and exists().
func (x *fit) limited() bool {
	limit := x.s.Limit
	one := x.hasEval(source.One)
	free := x.q.Dynamic || x.leaves()
	switch {
	case x.probe || x.s.Subquery:
		return true
	case limit == sqlshape.Absent:
		return !x.q.Sliced || free
	case x.q.Sliced && x.q.Limit > 0 && limit > 0:
		if int64(x.q.Limit) == limit {
			x.score += 2
			return true
		}
		return free || one && (limit == 1 || limit == sqlshape.GetLimit)
	case x.q.Sliced:
		return true
	case one:
		return limit == 1 || limit == sqlshape.GetLimit || limit == sqlshape.Masked
	}
	return free || len(x.q.Evals) == 0
}

// columnAt follows a lookup path from a model and gives the column that it
// ends in, as Django's SQL names it: the key of a foreign key's target is the
// foreign key's own column.
func columnAt(m *schema.Model, path string) (table, column string, ok bool) {
	parts := strings.Split(path, "__")
	for i, part := range parts {
		f := m.Lookup(part)
		if f == nil {
			return "", "", false
		}
		last := i == len(parts)-1
		if f.Relation == nil {
			return owner(m, f), f.Column, last && f.Column != ""
		}
		target := concrete(f.Relation.Target)
		if last {
			return relationColumn(m, f, target)
		}
		if target == nil {
			return "", "", false
		}
		if f.Column != "" && i == len(parts)-2 && isKey(target, f.Relation.ToField, parts[i+1]) {
			return owner(m, f), f.Column, true
		}
		m = target
	}
	return "", "", false
}

// relationColumn is the column that filter(relation=…) compares.
func relationColumn(m *schema.Model, f *schema.Field, target *schema.Model) (table, column string, ok bool) {
	switch {
	case f.Column != "":
		return owner(m, f), f.Column, true
	case f.Relation.TargetColumn != "":
		return f.Relation.ThroughTable, f.Relation.TargetColumn, f.Relation.ThroughTable != ""
	case target != nil:
		c := keyColumn(target, "")
		return target.Table, c, c != ""
	}
	return "", "", false
}

// isKey reports whether a name is the field that a foreign key points at.
func isKey(m *schema.Model, toField, name string) bool {
	if toField != "" {
		return name == toField
	}
	return name == "pk" || len(m.PrimaryKey) == 1 && m.PrimaryKey[0] == name
}

// owner is the table that holds a field's column.
func owner(m *schema.Model, f *schema.Field) string {
	if f.Model != nil {
		return f.Model.Table
	}
	return m.Table
}

// tablesAlong are the tables that a select_related path joins.
func tablesAlong(m *schema.Model, path string) ([]string, bool) {
	var tables []string
	for _, part := range strings.Split(path, "__") {
		f := m.Lookup(part)
		if f == nil || f.Relation == nil {
			return nil, false
		}
		m = concrete(f.Relation.Target)
		if m == nil {
			return nil, false
		}
		tables = append(tables, m.Table)
		tables = append(tables, parentTables(m)...)
	}
	return tables, true
}

// parentTables are those of multi-table inheritance, which every query of the
// model joins.
func parentTables(m *schema.Model) []string {
	var tables []string
	for _, p := range m.Parents {
		tables = append(tables, p.Table)
		tables = append(tables, parentTables(p)...)
	}
	return tables
}
