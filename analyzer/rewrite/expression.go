package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// expression writes what the annotation is worked out with, and imports it.
func (c *change) expression(a annotation, crowded bool) string {
	conditions, simple := c.conditions(a)
	column := a.lookup
	name, function := "Count", ""
	if a.pick != nil {
		column += "__" + a.pick.column
		name, function = a.pick.name, a.pick.function
	}
	switch {
	case a.last.Name == "exists":
		names := c.imports(a.f.Of.Span.Start, expressions, "Exists", "OuterRef")
		return names[0] + "(" + c.children(a, names[1]) + ")"
	case crowded && len(a.calls) == 0 && a.pick == nil && c.onlyCounts(a):
		// COUNT(DISTINCT …) stays right beside other joins
		return c.imports(a.f.Of.Span.Start, expressions, "Count")[0] + "(" + c.quote(column) + ", distinct=True)"
	case crowded || !simple:
		return c.subAggregate(a)
	}
	wanted := []string{name}
	if conditions != "" {
		wanted = append(wanted, "Q")
	}
	var names []string
	if function != "" && conditions == "" {
		names = []string{function} // imported: the code calls it already
	} else {
		names = c.imports(a.f.Of.Span.Start, expressions, wanted...)
	}
	if conditions == "" {
		return names[0] + "(" + c.quote(column) + ")"
	}
	return names[0] + "(" + c.quote(column) + ", filter=" + names[1] + "(" + conditions + "))"
}

// onlyCounts reports whether all that crowds the query are other counts, which
// get distinct=True too: not conditions, which would leave rows out.
func (c *change) onlyCounts(a annotation) bool {
	q := a.f.Of
	if q.Annotated || q.Dynamic || slices.ContainsFunc(q.Calls, func(k source.Call) bool { return k.Name == "select_for_update" || k.Name == "extra" }) {
		return false
	}
	m := c.code.Models.Model(q.Model)
	if slices.ContainsFunc(q.Filters, func(f source.Filter) bool { return manyPath(m, f.Path) }) {
		return false
	}
	return !slices.ContainsFunc(q.Ordering, func(o string) bool { return manyPath(m, strings.TrimLeft(o, "-+")) })
}

// conditions are those of filter() as Q() in the parent's query has them;
// simple is false when they cannot be said there.
func (c *change) conditions(a annotation) (text string, simple bool) {
	var parts []string
	for _, k := range a.calls {
		if k.Name != "filter" {
			return "", false
		}
		for _, arg := range k.Arguments {
			if arg.Name == "" || arg.Star != "" || manyPath(a.related.Relation.Target, arg.Name) {
				return "", false
			}
			parts = append(parts, a.lookup+"__"+arg.Name+"="+c.slice(arg.Span))
		}
	}
	return strings.Join(parts, ", "), true
}

// children is the queryset of the related rows of one parent, in a subquery:
// Loan.objects.filter(book=OuterRef("pk"), returned=False).
func (c *change) children(a annotation, outer string) string {
	target := a.related.Relation.Target
	back, key, ok := backward(a)
	if !ok {
		c.ok = false
		return ""
	}
	text := c.class(a.f.Of.Span.Start, target) + "." + manager(target) + ".filter(" + back + "=" + outer + "(" + c.quote(key) + ")"
	calls := a.calls
	if len(calls) > 0 && calls[0].Name == "filter" && !slices.ContainsFunc(calls[0].Arguments, func(g source.Argument) bool { return g.Name == "" }) {
		if args := strings.TrimRight(strings.TrimSpace(c.slice(calls[0].Args)), ","); args != "" {
			text += ", " + args
		}
		calls = calls[1:]
	}
	text += ")"
	for _, k := range calls {
		text += c.slice(k.Span)
	}
	return text
}

// backward is the name by which the related rows' queries call the parent, and
// the parent's column that they hold.
func backward(a annotation) (back, key string, ok bool) {
	r := a.related.Relation
	if r.Inverse == nil || len(a.f.Path) != 1 {
		return "", "", false
	}
	switch r.Kind {
	case "reverse_fk", "reverse_one_to_one":
		key = "pk"
		if r.Inverse.Relation != nil && r.Inverse.Relation.ToField != "" {
			key = r.Inverse.Relation.ToField
		}
		return r.Inverse.Name, key, true
	case "m2m":
		return queryName(r.Inverse), "pk", true
	}
	return "", "", false
}

func manager(m *schema.Model) string {
	if m.DefaultManager == "" {
		return "objects"
	}
	return m.DefaultManager
}

// subAggregate works the value out in a subquery, where the parent's query has
// joins of its own.
func (c *change) subAggregate(a annotation) string {
	back, _, ok := backward(a)
	if !ok {
		c.ok = false
		return ""
	}
	name, column := "Count", "pk"
	if a.pick != nil {
		name, column = a.pick.name, a.pick.column
	}
	names := c.imports(a.f.Of.Span.Start, expressions, name, "OuterRef", "Subquery")
	value := names[2] + "(" + c.children(a, names[1]) + ".order_by().values(" + c.quote(back) + ").annotate(" +
		"value=" + names[0] + "(" + c.quote(column) + ")).values(" + c.quote("value") + "))"
	if name != "Count" {
		return value
	}
	return c.imports(a.f.Of.Span.Start, functions, "Coalesce")[0] + "(" + value + ", 0)"
}
