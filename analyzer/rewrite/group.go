package rewrite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A group is a queryset that a loop runs again with another value.
type group struct {
	*change
	f      *source.Fetch
	s      *source.Site
	b      *source.Block
	value  source.Argument // that varies
	iter   string          // text or name of what the loop goes over
	keys   string          // its value as the loop's target gives it
	column *schema.Field
}

// Group fetches the rows for all values of a loop at once and hands them out
// by value, in place of a filter(day=day) for each.
func Group(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	g, m := grouped(code, f)
	if g == nil {
		return finding.Rewrite{}, false
	}
	var lines []string
	g.iter = g.slice(g.b.Iter)
	if q := over(g.f, g.b); !g.b.Again {
		if q == nil || q.Iterator {
			return finding.Rewrite{}, false
		}
		g.iter = g.iterName(g.b, &lines, q)
	}
	if !g.condition(m) || !g.source() || !g.sameType() {
		return finding.Rewrite{}, false
	}
	place, ok := hoistAt(g.s, append(g.namesIn(g.b.Iter), g.fixedNames()...), len(g.s.Blocks)-1)
	if !ok || meet(g.fixedNames(), g.b.Binds) {
		return finding.Rewrite{}, false
	}
	row := g.fresh(g.s.Whole.Start, snake(m.Name), snake(m.Name)+"_row", "row")
	name := g.fresh(g.s.Whole.Start, plural(snake(m.Name))+"_by_"+g.thing(), "rows_by_"+g.column.Name)
	value := g.slice(g.value.Span)
	at := g.before(g.value.Span.Start) - 1 // the keyword
	rows := string(g.text[g.s.Whole.Start:g.toks[at].start]) + g.value.Name + "__in=" + g.keys + string(g.text[g.value.Span.End:g.s.Whole.End])
	lines = append(lines, name+" = {}")
	loop := "for " + row + " in " + rows + ":"
	if len(g.indent(place.anchor.Start))+len(loop) > g.width() {
		keys := g.fresh(g.s.Whole.Start, plural(g.thing()), g.thing()+"_keys", "keys")
		lines = append(lines, keys+" = "+g.keys)
		loop = strings.Replace(loop, "__in="+g.keys, "__in="+keys, 1)
	}
	attr := g.value.Name
	lines = append(lines, loop, g.step()+name+".setdefault("+row+"."+attr+", []).append("+row+")")
	g.put(place.anchor, lines...)
	g.replace(g.s.Whole, name+".get("+value+", [])")
	return g.done("fetch the rows for all values in one query", false, place.anchor)
}

// grouped is the queryset of a fetch in a loop, with the model of its rows: nil
// when it cannot run before the loop, or more is done with it than going over
// its rows.
func grouped(code Code, f *source.Fetch) (*group, *schema.Model) {
	g := &group{change: code.change(f.Span.Path), f: f, s: f.Site}
	if f.Built != nil {
		g.s = f.Built
	}
	m := code.Models.Model(f.Model)
	if !g.ok || g.s == nil || m == nil || len(f.Via) > 0 || len(g.s.Blocks) == 0 || f.Op != source.Fetched && f.Op != source.All {
		return nil, nil
	}
	g.b = &g.s.Blocks[len(g.s.Blocks)-1]
	if g.b.Kind == "while" || g.b.Async || g.b.Clauses != 1 || code.writes(f, g.b, f.Model) || !g.plain() || slices.Contains(g.b.Binds, g.s.Name) {
		return nil, nil
	}
	return g, m
}

// movable are the calls of a queryset that mean the same before the loop.
var movable = []string{"filter", "exclude", "order_by", "select_related", "prefetch_related", "all"}

// thing is what the values are called.
func (g *group) thing() string {
	if value := g.slice(g.value.Span); identifier(value) {
		return value
	}
	return g.column.Name
}

// plain reports whether the queryset is only gone over: a list serves as well.
func (g *group) plain() bool {
	if g.s.Form == source.Assigned {
		return len(g.s.Targets) == 1 && g.s.Beyond == 0 && !slices.ContainsFunc(g.s.Uses, func(u source.Use) bool {
			return !u.Iterated && !u.Truth && !(u.Attr == "" && g.inCall(u.Span, "len", "list"))
		})
	}
	before := g.str(g.before(g.s.Whole.Start))
	return g.s.Taken == g.s.Whole && (before == "in" || g.inCall(g.s.Whole, "len", "list", "sorted"))
}

// inCall reports whether the span is the first argument of a call of one of
// the functions.
func (f *file) inCall(s source.Span, functions ...string) bool {
	i := f.before(s.Start)
	return f.str(i) == "(" && slices.Contains(functions, f.str(i-1)) && f.str(i-2) != "."
}

// condition finds the one condition that varies.
func (g *group) condition(m *schema.Model) bool {
	varied := 0
	for _, k := range g.s.Calls {
		if !slices.Contains(movable, k.Name) {
			return false
		}
		for _, a := range k.Arguments {
			if !meet(a.Names, g.b.Binds) {
				continue
			}
			varied++
			g.value = a
			g.column = m.Field(a.Name)
			if a.Star != "" || k.Name != "filter" || g.column == nil || g.column.Column == "" || g.column.Relation != nil && a.Name == g.column.Name {
				return false
			}
		}
	}
	return varied == 1
}

// fixedNames are the variables that the rest of the queryset reads.
func (g *group) fixedNames() []string {
	names := []string{g.s.Name}
	for _, k := range g.s.Calls {
		for _, a := range k.Arguments {
			if a.Span != g.value.Span {
				names = append(names, a.Names...)
			}
		}
	}
	return names
}

// source writes the keys: the loop's items, or what its body works out from
// them in one assignment.
func (g *group) source() bool {
	value, target := g.slice(g.value.Span), g.slice(g.b.Target)
	head := " for " + target + " in " + g.iter + "]"
	inner := slices.DeleteFunc(slices.Clone(g.b.Binds), func(n string) bool { return slices.Contains(g.b.Targets, n) })
	switch {
	case value == target:
		g.keys = g.iter
		return true
	case !meet(g.value.Names, inner):
		g.keys = "[" + value + head
		return true
	}
	found := ""
	for _, s := range g.b.Body {
		i := g.at(s.Start)
		if g.str(i) == value && g.str(i+1) == "=" && s.End < g.s.Whole.Start {
			if found != "" {
				return false
			}
			right := s
			right.Start = g.toks[g.next(i+2)].start
			if meet(g.namesIn(right), inner) {
				return false
			}
			found = g.slice(right)
		}
	}
	g.keys = "[" + found + head
	return found != "" && g.assigned(value) == 1
}

// assigned counts the assignments to a name in the loop.
func (g *group) assigned(name string) int {
	n := 0
	for i := g.at(g.b.Span.Start); i < len(g.toks) && g.toks[i].start < g.b.Span.End; i++ {
		if g.str(i) == name && g.toks[i].depth == 0 && strings.HasSuffix(g.str(i+1), "=") && g.str(i+1) != "==" {
			n++
		}
	}
	return n
}

// plainSum is a number of the row with one added to it, or taken from it.
var plainSum = regexp.MustCompile(`^(\w+)\.(\w+) [-+*] [0-9]+$`)

func isInteger(f *schema.Field) bool {
	return f.Relation == nil && strings.HasSuffix(f.Type, "IntegerField")
}

// sameType reports whether the values are known to be of the column's type: in
// SQL "7" finds 7, in a dict it does not.
func (g *group) sameType() bool {
	value := g.slice(g.value.Span)
	if q := over(g.f, g.b); q != nil && len(g.b.Targets) == 1 && !q.Raw {
		if owner := g.code.Models.Model(q.Model); owner != nil {
			if m := plainSum.FindStringSubmatch(value); m != nil && m[1] == g.b.Targets[0] {
				f := owner.Field(m[2])
				return f != nil && isInteger(f) && isInteger(g.column)
			}
			attr, ok := strings.CutPrefix(value, g.b.Targets[0]+".")
			return ok && sameColumns(owner, owner.Field(attr), g.column)
		}
	}
	if g.keys == g.iter && keyForm(g.column, g.b.Items, false) == "as is" {
		return true
	}
	return g.column.Type == "DateField" && strings.Contains(g.keys, "timedelta(")
}

// sameColumns reports whether a field of owner and a column of another model
// hold values of one type.
func sameColumns(owner *schema.Model, f, column *schema.Field) bool {
	switch {
	case f == nil:
		return false
	case column.Relation == nil:
		return f.Relation == nil && f.Type == column.Type
	case column.Relation.ToField != "":
		return false
	case f.Relation == nil: // the row's own key
		return column.Relation.Target == owner && slices.Equal(owner.PrimaryKey, []string{f.Name})
	}
	return f.Relation.Target == column.Relation.Target && f.Relation.ToField == ""
}
