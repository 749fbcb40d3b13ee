package rewrite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// latestColumns is how many columns of the one related row are worth a
// subquery each; for more of them the rows themselves are fetched.
const latestColumns = 2

// A latest is one fetch of the first or last related row, and what is read of
// it.
type latest struct {
	annotation
	order   []string // "-created"; empty where that of the chain serves, which cannot be read
	fields  []string
	reads   []source.Use // of the name it is assigned to
	guarded bool         // the code asks whether there is a row
}

// Latest reads columns of the first or last related row in the query of the
// parent rows, or all such rows in one query with DISTINCT ON.
func Latest(code Code, fs []*source.Fetch) (finding.Rewrite, bool) {
	c, q := annotatable(code, fs)
	if c == nil {
		return finding.Rewrite{}, false
	}
	if fs[0].Built != nil || fs[0].Op != source.First {
		return topRows(code, fs)
	}
	taken := annotated(q)
	given := map[string]string{}
	var calls []string
	guarded := true
	for _, f := range fs {
		l, ok := code.latest(c, f)
		if !ok {
			return distinctOn(code, fs)
		}
		guarded = guarded && l.guarded
		names := c.imports(f.Span.Start, expressions, "OuterRef", "Subquery")
		rows := c.children(l.annotation, names[0]) + c.orderBy(l.order)
		local := map[string]string{}
		for _, field := range l.fields {
			text := names[1] + "(" + rows + ".values(" + c.quote(field) + ")[:1])"
			if given[text] == "" {
				given[text] = code.annotationName(q.Model, taken, l.columnNames(field))
				taken = append(taken, given[text])
				calls = append(calls, given[text]+"="+text)
			}
			local[field] = l.row + "." + given[text]
		}
		c.readLatest(l, local)
	}
	title := "read the column in the query of the rows"
	if !guarded {
		title += "; where no row is related it is None, no error"
	}
	return c.annotate(q, calls, guarded && q.Function == fs[0].Function, title)
}

// readLatest puts the annotations where the code reads the related row.
func (c *change) readLatest(l latest, local map[string]string) {
	if !l.drop.Known() {
		c.replace(l.access[0], local[l.fields[0]])
		return
	}
	c.remove(l.f.Site.Stmt)
	for _, u := range l.reads {
		switch {
		case u.Attr != "":
			c.replace(u.Span, local[u.Attr])
		case u.Truth:
			c.replace(u.Span, local[l.fields[0]]+" is not None")
		default:
			c.replace(u.Span, local[l.fields[0]])
		}
	}
}

func (l *latest) columnNames(field string) []string {
	if l.drop.Known() {
		return []string{l.f.Site.Targets[0] + "_" + field, l.f.Site.Targets[0] + "_row_" + field}
	}
	thing := singular(strings.TrimSuffix(l.path[0], "_set"))
	return []string{l.last.Name + "_" + field, l.last.Name + "_" + thing + "_" + field}
}

// latest reads one fetch; ok is false when more than a few columns of the row
// are wanted, or the row itself.
func (code Code) latest(c *change, f *source.Fetch) (latest, bool) {
	l, ok := code.latestRow(c, f)
	if !ok || len(l.path) != 1 {
		return l, false
	}
	s := f.Site
	target := l.target
	if s.Attr != "" {
		l.access, l.fields = []source.Span{s.Taken}, []string{s.Attr}
		return l, plainColumn(target, s.Attr)
	}
	b := loopOf(f)
	if s.Form != source.Assigned || len(s.Targets) != 1 || s.Beyond > 0 || !direct(b, s.Stmt) {
		return l, false
	}
	l.drop, l.reads = s.Stmt, s.Uses
	for _, u := range s.Uses {
		switch {
		case u.Write || u.Call || u.Span.Start < s.Stmt.End || u.Attr != "" && !plainColumn(target, u.Attr):
			return l, false
		case u.Attr != "":
			if !slices.Contains(l.fields, u.Attr) {
				l.fields = append(l.fields, u.Attr)
			}
		case !u.Truth && c.str(c.at(u.Span.End)) != "is":
			return l, false
		default:
			l.guarded = true
		}
	}
	if len(l.fields) == 0 || len(l.fields) > latestColumns {
		return l, false
	}
	// a test for the row becomes one for its column: that one must not be null
	slices.SortStableFunc(l.fields, func(a, b string) int { return nullRank(target, a) - nullRank(target, b) })
	return l, !l.guarded || nullRank(target, l.fields[0]) == 0 && (l.last.Name == "first" || l.last.Name == "last")
}

func nullRank(m *schema.Model, field string) int {
	if f := m.Field(field); f == nil || f.Null {
		return 1
	}
	return 0
}

func plainColumn(m *schema.Model, name string) bool {
	f := m.Field(name)
	return f != nil && f.Column != "" && (f.Relation == nil || name == f.Name+"_id") && name != "pk"
}

// latestRow reads which row the fetch wants.
func (code Code) latestRow(c *change, f *source.Fetch) (latest, bool) {
	q := rowsOf(f)
	if f.Site == nil || f.Site.Await.Known() || q == nil {
		return latest{}, false
	}
	a, ok := code.asked(c, f, q)
	l := latest{annotation: a}
	if !ok || slices.ContainsFunc(a.calls, func(k source.Call) bool {
		return !slices.Contains([]string{"filter", "exclude", "order_by"}, k.Name)
	}) {
		return l, false
	}
	order, ok := c.latestOrder(l)
	if !ok {
		return l, false
	}
	if l.order = order; len(order) > 0 {
		l.calls = slices.DeleteFunc(l.calls, func(k source.Call) bool { return k.Name == "order_by" })
	}
	return l, true
}

// latestOrder is the order in which the wanted row is the first; empty when
// that of the chain or of the model is.
func (c *change) latestOrder(l latest) (order []string, ok bool) {
	target := l.target
	var chain []string
	for _, k := range l.calls {
		if k.Name == "order_by" {
			if chain, ok = c.literals(k); !ok {
				return nil, l.last.Name == "first"
			}
		}
	}
	switch l.last.Name {
	case "latest", "earliest":
		if order, ok = c.literals(l.last); l.last.NoArgs {
			order, ok = c.latestBy(target)
		}
		if l.last.Name == "latest" {
			order = flipped(order)
		}
		return order, ok && len(order) > 0
	case "first", "last":
		if !l.last.NoArgs {
			return nil, false
		}
		order = chain
		if len(order) == 0 {
			order = target.Ordering
		}
		if len(order) == 0 {
			order = []string{"pk"}
		}
		if l.last.Name == "last" {
			order = flipped(order)
		}
		return order, !slices.Contains(order, "?")
	}
	return nil, false
}

var latestBy = regexp.MustCompile(`\sget_latest_by\s*=\s*(?:\[|\()?\s*((?:["'][-\w]+["']\s*,?\s*)+)`)

// latestBy reads get_latest_by in the model's class.
func (c *change) latestBy(m *schema.Model) ([]string, bool) {
	text := string(c.code.Text(m.Span.Path))
	if m.Span.End > len(text) {
		return nil, false
	}
	text = text[m.Span.End:]
	if i := strings.Index(text, "\nclass "); i >= 0 {
		text = text[:i]
	}
	found := latestBy.FindStringSubmatch(text)
	if found == nil {
		return nil, false
	}
	return strings.FieldsFunc(found[1], func(r rune) bool { return strings.ContainsRune("\"', \t\r\n", r) }), true
}

// orderBy writes the call, nothing for no names.
func (f *file) orderBy(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return ".order_by(" + strings.Join(f.quoteAll(names), ", ") + ")"
}

// literals are the positional arguments of a call when all are plain strings.
func (c *change) literals(k source.Call) ([]string, bool) {
	var out []string
	for _, a := range k.Arguments {
		s, ok := plainString(c.slice(a.Span))
		if !ok || a.Name != "" || a.Star != "" {
			return nil, false
		}
		out = append(out, s)
	}
	return out, len(out) > 0
}

func flipped(order []string) []string {
	var out []string
	for _, o := range order {
		if rest, desc := strings.CutPrefix(o, "-"); desc {
			out = append(out, rest)
		} else {
			out = append(out, "-"+o)
		}
	}
	return out
}

// distinctOn fetches the one row of each parent in one query, which only
// PostgreSQL can.
func distinctOn(code Code, fs []*source.Fetch) (finding.Rewrite, bool) {
	f := fs[0]
	c, b := code.change(f.Span.Path), loopOf(f)
	if !c.ok || b == nil {
		return finding.Rewrite{}, false
	}
	l, ok := code.latestRow(c, f)
	if !ok || len(fs) != 1 || len(l.path) != 1 || over(f, b) != l.of || l.of.Iterator {
		return finding.Rewrite{}, false
	}
	target, inverse := l.target, l.target.Field(l.back)
	if inverse == nil || inverse.Relation == nil || inverse.Relation.Kind != "forward_fk" || l.key != "pk" || l.without.Known() || !slices.Equal(b.Targets, []string{f.Site.Name}) || len(l.order) == 0 {
		return finding.Rewrite{}, false
	}
	place, ok := hoistAt(f.Site, c.namesIn(b.Iter), len(f.Site.Blocks)-1)
	if !ok {
		return finding.Rewrite{}, false
	}
	var lines []string
	iter := c.iterName(b, &lines, l.of)
	key := inverse.Name + "_id"
	row := c.fresh(f.Span.Start, snake(target.Name), "row")
	rows := c.class(f.Span.Start, target) + "." + manager(target) + ".filter(" + inverse.Name + "__in=" + iter + ")"
	for _, k := range l.calls {
		rows += c.slice(k.Span)
	}
	rows += c.orderBy(append([]string{key}, l.order...)) + ".distinct(" + c.quote(key) + ")"
	name := c.fresh(f.Span.Start, l.last.Name+"_"+plural(snake(target.Name)), l.last.Name+"_rows")
	lines = append(lines, c.display(name+" = {", []string{row + "." + key + ": " + row, "for " + row + " in " + rows}, "}", place.anchor)...)
	c.put(place.anchor, lines...)
	if l.last.Name == "first" || l.last.Name == "last" {
		c.replace(f.Site.Whole, name+".get("+f.Site.Name+".pk)")
	} else {
		c.replace(f.Site.Whole, name+"["+f.Site.Name+".pk]")
	}
	return c.done("fetch the one row of each in one query (DISTINCT ON: PostgreSQL)", false, b.Span)
}
