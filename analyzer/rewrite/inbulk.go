package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A lookup is a get() by a unique column whose value a loop gives.
type lookup struct {
	field  *schema.Field
	pk     bool
	value  source.Argument
	maybe  bool     // filter(…).first(): None where there is no row
	rows   string   // the queryset without that condition
	reads  []string // variables that rows reads
	varied int      // conditions whose values the loop gives
}

// InBulk fetches all rows of a loop by their keys before it.
func InBulk(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b := anyLoop(f)
	m := code.Models.Model(f.Model)
	if b == nil || m == nil || b.Async && !f.Site.Await.Known() || b.Kind == "while" || b.Clauses != 1 || f.Site.Name == "" || code.writes(f, b, f.Model) {
		return finding.Rewrite{}, false
	}
	c := code.change(f.Span.Path)
	if !c.ok {
		return finding.Rewrite{}, false
	}
	l, ok := c.lookup(f.Site, b, m)
	q := over(f, b)
	if !ok || f.Site.Try && !l.maybe || !b.Again && (q == nil || q.Iterator) {
		return finding.Rewrite{}, false
	}
	place, ok := hoist(f.Site, append(append(c.namesIn(b.Iter), l.reads...), f.Site.Name))
	if !ok {
		// the keys come from an outer loop: before this one, then
		if place, ok = hoistAt(f.Site, c.namesIn(b.Iter), len(f.Site.Blocks)-1); !ok || meet(append(l.reads, f.Site.Name), b.Binds) {
			return finding.Rewrite{}, false
		}
	}
	var lines []string
	iter := c.slice(b.Iter)
	if !b.Again {
		iter = c.iterName(b, &lines, q)
	}
	keys := iter
	if value := c.slice(l.value.Span); value != c.slice(b.Target) {
		keys = "[" + value + " " + forWord(b) + " " + c.slice(b.Target) + " in " + iter + "]"
	} else if b.Async {
		keys = "[" + value + " async for " + value + " in " + iter + "]"
	}
	name := c.fresh(f.Span.Start, plural(snake(m.Name)), plural(snake(m.Name))+"_by_"+l.field.Name, plural(snake(m.Name))+"_by_key")
	call := l.rows + ".in_bulk(" + keys
	if f.Site.Await.Known() {
		call = "await " + l.rows + ".ain_bulk(" + keys
	}
	if !l.pk {
		call += ", field_name=" + c.quote(l.field.Name)
	}
	call += ")"
	key := c.slice(l.value.Span)
	switch keyForm(l.field, b.Items, code.sameKey(c, l, b, q, m)) {
	case "as is":
		lines = append(lines, c.wrapCall(name+" = ", call, place.anchor)...)
	case "int":
		key = "int(" + key + ")"
		lines = append(lines, c.wrapCall(name+" = ", call, place.anchor)...)
	default:
		// keys of another type than the column's find nothing in a dict
		row := c.fresh(f.Span.Start, snake(m.Name), "row")
		if f.Site.Await.Known() {
			call = "(" + call + ")"
		}
		lines = append(lines, c.display(name+" = {", []string{"str(key): " + row, "for key, " + row + " in " + call + ".items()"}, "}", place.anchor)...)
		key = "str(" + key + ")"
	}
	c.put(place.anchor, lines...)
	title := "fetch all rows before the loop; a key without a row is a KeyError then, not DoesNotExist"
	access := name + "[" + key + "]"
	if l.maybe {
		title, access = "fetch all rows before the loop", name+".get("+key+")"
	}
	if f.Site.Await.Known() {
		c.replace(f.Site.Await, access)
	} else {
		c.replace(f.Site.Whole, access)
	}
	return c.done(title, l.maybe, b.Anchor)
}

// lookup reads get(sku=sku) or filter(sku=sku).first() and what stands before.
func (c *change) lookup(s *source.Site, b *source.Block, m *schema.Model) (lookup, bool) {
	l := lookup{rows: c.slice(s.Root)}
	n := len(s.Calls)
	switch {
	case n > 0 && plainName(s.Calls[n-1].Name) == "get":
	case n > 1 && plainName(s.Calls[n-1].Name) == "first" && s.Calls[n-1].NoArgs:
		l.maybe = true
		n--
	default:
		return l, false
	}
	for i, k := range s.Calls[:n] {
		last := i == n-1
		if !last && !slices.Contains(steps, k.Name) || last && plainName(k.Name) != "get" && k.Name != "filter" {
			return l, false
		}
		if !l.read(c, b, m, k) {
			return l, false
		}
	}
	return l, l.varied == 1 && !meet([]string{s.Name}, b.Binds)
}

// read takes one call of the chain apart.
func (l *lookup) read(c *change, b *source.Block, m *schema.Model, k source.Call) bool {
	var rest []string
	for _, a := range k.Arguments {
		if !meet(a.Names, b.Binds) {
			text := c.slice(a.Span)
			if a.Name != "" {
				text = a.Name + "=" + text
			}
			rest, l.reads = append(rest, a.Star+text), append(l.reads, a.Names...)
			continue
		}
		l.varied++
		for _, n := range a.Names {
			if slices.Contains(b.Binds, n) && !slices.Contains(b.Targets, n) {
				return false // worked out inside of the loop
			}
		}
		l.field, l.value = m.Field(strings.TrimSuffix(a.Name, "__exact")), a
		if a.Star != "" || plainName(k.Name) != "get" && k.Name != "filter" || l.field == nil || l.field.Relation != nil || l.field.Column == "" {
			return false
		}
		l.pk = slices.Equal(m.PrimaryKey, []string{l.field.Name})
		if !l.pk && !l.field.Unique {
			return false
		}
	}
	name := plainName(k.Name)
	if name == "get" {
		name = "filter"
	}
	if len(rest) > 0 || name != "filter" && !(name == "all" && k.NoArgs) {
		l.rows += "." + name + "(" + strings.Join(rest, ", ") + ")"
	}
	return true
}

// keyForm says how a value becomes a key of in_bulk's result: "as is", "int",
// or "" when its type is not known.
func keyForm(f *schema.Field, items string, same bool) string {
	number := strings.HasSuffix(f.Type, "AutoField") || strings.HasSuffix(f.Type, "IntegerField")
	text := slices.Contains([]string{"CharField", "SlugField", "EmailField", "TextField", "URLField"}, f.Type)
	switch {
	case same, number && items == "int", text && items == "str":
		return "as is"
	case number && items == "str":
		return "int"
	}
	return ""
}

// sameKey reports whether the value is the row's own foreign key to the model:
// loan.book_id. Values are items of the loop otherwise.
func (code Code) sameKey(c *change, l lookup, b *source.Block, q *source.Query, m *schema.Model) bool {
	value := c.slice(l.value.Span)
	if len(b.Targets) != 1 || q == nil || code.Models.Model(q.Model) == nil {
		return false
	}
	if q.Raw && value == b.Targets[0] && len(q.Values) == 1 { // values_list("id", flat=True)
		f := code.Models.Model(q.Model).Field(q.Values[0])
		return f == l.field || f != nil && l.pk && f.Relation != nil && f.Relation.Target == m && f.Relation.ToField == ""
	}
	attr, ok := strings.CutPrefix(value, b.Targets[0]+".")
	if !ok || q.Raw {
		return false
	}
	f := code.Models.Model(q.Model).Field(attr)
	return f != nil && f.Relation != nil && f.Relation.Target == m && attr != f.Name && l.pk && f.Relation.ToField == ""
}

// wrapCall writes an assignment of a call, its arguments in a line of their
// own where one line is too long.
func (c *change) wrapCall(head, call string, at source.Span) []string {
	i := strings.LastIndex(call, "in_bulk(") + len("in_bulk(")
	return c.display(head+call[:i], []string{strings.TrimSuffix(call[i:], ")")}, ")", at)
}

// forWord is how a comprehension goes over what the loop goes over.
func forWord(b *source.Block) string {
	if b.Async {
		return "async for"
	}
	return "for"
}
