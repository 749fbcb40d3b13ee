package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// compared are the lookups that Python's operators mean too, the mark between
// a column and its value.
var compared = map[string]string{"": "==", "exact": "==", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}

// sortable are the types of fields whose values Python orders as a database
// does. Text is none: collations differ.
var sortable = []string{
	"DateField", "DateTimeField", "TimeField", "DurationField", "DecimalField", "IntegerField", "BigIntegerField", "SmallIntegerField",
	"PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField",
}

// A bound is a condition of a filter() that varies with the loop: the row's
// column, the operator, and the text of the value.
type bound struct{ column, op, value string }

// Between fetches the rows of a queryset whose conditions are bounds that vary
// with a loop, filter(starts__lte=day, ends__gt=day), once before it and
// chooses among them in Python: no IN serves a range. It reads all rows of a
// table where nothing else limits the query, so it is for small ones.
func Between(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	g, m := grouped(code, f)
	if g == nil || f.Op != source.Fetched {
		return finding.Rewrite{}, false
	}
	bounds, query, fixed, ok := g.bounds(m)
	place, free := hoistAt(g.s, fixed, len(g.s.Blocks)-1)
	if !ok || !free || meet(fixed, g.b.Binds) {
		return finding.Rewrite{}, false
	}
	row := g.fresh(g.s.Whole.Start, snake(m.Name), snake(m.Name)+"_row", "row")
	rows := g.fresh(g.s.Whole.Start, plural(snake(m.Name)), "all_"+plural(snake(m.Name)), "rows")
	g.put(place.anchor, rows+" = list("+query+")")
	g.replace(g.s.Whole, "["+row+" for "+row+" in "+rows+" if "+condition(row, bounds)+"]")
	return g.done("fetch the rows once and choose in Python, where the table is small", false, place.anchor)
}

// bounds reads the conditions that vary, and writes the queryset without them;
// fixed are the variables that it reads.
func (g *group) bounds(m *schema.Model) (list []bound, query string, fixed []string, ok bool) {
	query, fixed = g.slice(g.s.Root), []string{g.s.Name}
	ranges, calls := 0, 0
	for _, k := range g.s.Calls {
		if !slices.Contains(movable, k.Name) {
			return nil, "", nil, false
		}
		var rest []string
		for _, a := range k.Arguments {
			if !meet(a.Names, g.b.Binds) {
				fixed = append(fixed, a.Names...)
				rest = append(rest, g.argument(a))
				continue
			}
			b, varies := g.bound(m, a)
			if !varies || k.Name != "filter" {
				return nil, "", nil, false
			}
			if list = append(list, b); b.op != "==" {
				ranges++
			}
		}
		if len(rest) > 0 || len(k.Arguments) == 0 && k.Name != "filter" {
			query += "." + k.Name + "(" + strings.Join(rest, ", ") + ")"
			calls++
		}
	}
	if calls == 0 {
		query += ".all()"
	}
	return list, query, fixed, ranges > 0
}

// argument is an argument as it is written, with its name.
func (g *group) argument(a source.Argument) string {
	if a.Name == "" {
		return a.Star + g.slice(a.Span)
	}
	return a.Name + "=" + g.slice(a.Span)
}

// bound reads starts__lte=order.placed_on. The value has to be a column of the
// row that the loop is at, of the same type, and neither may be NULL.
func (g *group) bound(m *schema.Model, a source.Argument) (bound, bool) {
	name, lookup, _ := strings.Cut(a.Name, "__")
	column, op := m.Field(name), compared[lookup]
	q := over(g.f, g.b)
	if a.Star != "" || op == "" || column == nil || column.Null || column.Relation != nil || !slices.Contains(sortable, column.Type) ||
		q == nil || q.Raw || len(g.b.Targets) != 1 {
		return bound{}, false
	}
	owner, value := g.code.Models.Model(q.Model), g.slice(a.Span)
	attr, ok := strings.CutPrefix(value, g.b.Targets[0]+".")
	if !ok || owner == nil || !sameColumns(owner, owner.Field(attr), column) || owner.Field(attr).Null {
		return bound{}, false
	}
	return bound{name, op, value}, true
}

// condition writes the bounds as Python, two around one value as a chain:
// p.starts <= day < p.ends.
func condition(row string, bounds []bound) string {
	if len(bounds) == 2 && bounds[0].value == bounds[1].value {
		lo, hi := bounds[0], bounds[1]
		if strings.HasPrefix(lo.op, ">") {
			lo, hi = hi, lo
		}
		if strings.HasPrefix(lo.op, "<") && strings.HasPrefix(hi.op, ">") {
			return row + "." + lo.column + " " + lo.op + " " + lo.value + " " + strings.Replace(hi.op, ">", "<", 1) + " " + row + "." + hi.column
		}
	}
	var parts []string
	for _, b := range bounds {
		parts = append(parts, row+"."+b.column+" "+b.op+" "+b.value)
	}
	return strings.Join(parts, " and ")
}
