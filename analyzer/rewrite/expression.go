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
		names := c.imports(a.of.Span.Start, expressions, "Exists", "OuterRef")
		return names[0] + "(" + c.children(a, names[1]) + ")"
	case crowded && len(a.calls) == 0 && a.pick == nil && c.onlyCounts(a):
		// COUNT(DISTINCT …) stays right beside other joins
		return c.imports(a.of.Span.Start, expressions, "Count")[0] + "(" + c.quote(column) + ", distinct=True)"
	case crowded || !simple || a.lookup == "":
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
		names = c.imports(a.of.Span.Start, expressions, wanted...)
	}
	if conditions == "" {
		return names[0] + "(" + c.quote(column) + ")"
	}
	return names[0] + "(" + c.quote(column) + ", filter=" + names[1] + "(" + conditions + "))"
}

// onlyCounts reports whether all that crowds the query are other counts, which
// get distinct=True too: not conditions, which would leave rows out.
func (c *change) onlyCounts(a annotation) bool {
	q := a.of
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
			if arg.Span == a.without {
				continue
			}
			if arg.Name == "" || arg.Star != "" || manyPath(a.target, arg.Name) {
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
	if a.back == "" {
		c.ok = false
		return ""
	}
	text := c.class(a.of.Span.Start, a.target) + "." + manager(a.target) + ".filter(" + a.back + "=" + outer + "(" + c.quote(a.key) + ")"
	calls := a.calls
	if len(calls) > 0 && calls[0].Name == "filter" && !slices.ContainsFunc(calls[0].Arguments, func(g source.Argument) bool { return g.Name == "" }) {
		for _, g := range calls[0].Arguments {
			if g.Span != a.without {
				text += ", " + g.Name + "=" + c.slice(g.Span)
			}
		}
		calls = calls[1:]
	} else if a.without.Known() {
		c.ok = false
	}
	text += ")"
	for _, k := range calls {
		text += c.slice(k.Span)
	}
	return text
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
	if a.back == "" {
		c.ok = false
		return ""
	}
	name, column := "Count", "pk"
	if a.pick != nil {
		name, column = a.pick.name, a.pick.column
	}
	names := c.imports(a.of.Span.Start, expressions, name, "OuterRef", "Subquery")
	value := names[2] + "(" + c.children(a, names[1]) + ".order_by().values(" + c.quote(a.back) + ").annotate(" +
		"value=" + names[0] + "(" + c.quote(column) + ")).values(" + c.quote("value") + "))"
	if name != "Count" {
		return value
	}
	return c.imports(a.of.Span.Start, functions, "Coalesce")[0] + "(" + value + ", 0)"
}
