package rewrite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// inTemplate reports whether the fetch is a tag's or a variable's.
func inTemplate(f *source.Fetch) bool {
	return f.Site == nil && len(f.Loops) > 0 && f.Loops[len(f.Loops)-1].Kind == "template" && !strings.HasSuffix(f.Span.Path, ".py")
}

// inMethod reports whether the fetch stands in a method that a serializer or
// the list of an admin class calls for each row: get_track_count(self, album).
func inMethod(f *source.Fetch) bool {
	if f.Site == nil || len(f.Site.Blocks)+len(f.Site.Names) > 0 || len(f.Loops) == 0 || f.Of == nil || f.Span.Path != f.Of.Span.Path ||
		len(f.Via) == 0 || f.Via[len(f.Via)-1].Function != f.Function {
		return false
	}
	kind := f.Loops[len(f.Loops)-1].Kind
	return kind == "serializer" || kind == "admin" && f.Of.Made == source.ByList
}

// templateAnnotation reads {{ author.book_set.count }}.
func (code Code) templateAnnotation(f *source.Fetch, q *source.Query) (annotation, bool) {
	a := annotation{f: f, of: q, path: f.Path, access: []source.Span{f.Span}}
	text := code.Text(f.Span.Path)
	if len(f.Path) == 0 || f.Span.End > len(text) {
		return a, false
	}
	parts := strings.Split(string(text[f.Span.Start:f.Span.End]), ".")
	last := parts[len(parts)-1]
	if parts = parts[:len(parts)-1]; len(parts) > 0 && parts[len(parts)-1] == "all" {
		parts = parts[:len(parts)-1]
	}
	if len(parts) < 2 || !slices.Equal(parts[1:], f.Path) || !identifier(parts[0]) || !a.relate(code.Models.Model(q.Model)) {
		return a, false
	}
	a.row, a.last = parts[0], source.Call{Name: last, NoArgs: true}
	return a, a.named()
}

// annotations reads what a fetch asks of its row: one thing, or several in one
// aggregate().
func (code Code) annotations(c *change, f *source.Fetch, q *source.Query) ([]annotation, bool) {
	if inTemplate(f) {
		a, ok := code.templateAnnotation(f, q)
		return []annotation{a}, ok
	}
	a, ok := code.asked(c, f, q)
	if !ok {
		return nil, false
	}
	a.last.Name = plainName(a.last.Name)
	if a.last.Name == "aggregate" {
		return a.aggregates(c)
	}
	a.access = []source.Span{f.Site.Whole}
	if f.Site.Await.Known() {
		a.access[0] = f.Site.Await
	}
	return []annotation{a}, a.named()
}

// asked reads the related rows and the calls of a fetch.
func (code Code) asked(c *change, f *source.Fetch, q *source.Query) (annotation, bool) {
	s := f.Site
	a := annotation{f: f, of: q, path: f.Path, row: s.Name}
	m := code.Models.Model(q.Model)
	if m == nil || len(s.Calls) == 0 {
		return a, false
	}
	n := len(s.Calls) - 1
	a.last = s.Calls[n]
	if len(f.Path) == 0 || c.slice(s.Root) != s.Name+"."+strings.Join(f.Path, ".") {
		if !a.byFilter(c, code.Models.Model(f.Model), m) {
			return a, false
		}
	} else if !a.relate(m) {
		return a, false
	}
	for _, k := range s.Calls[:n] {
		if k.Name == "all" && k.NoArgs {
			continue
		}
		a.calls = append(a.calls, k)
		if !outside(c, s, q, k, a.without) {
			return a, false
		}
	}
	return a, true
}

// relate follows the path from the parent's model to the related rows.
func (a *annotation) relate(m *schema.Model) bool {
	related, lookup, ok := follow(m, a.path)
	if !ok || !related.Relation.Many {
		return false
	}
	a.target, a.lookup = related.Relation.Target, lookup
	r := related.Relation
	if r.Inverse == nil || len(a.path) != 1 {
		return true
	}
	switch r.Kind {
	case "reverse_fk", "reverse_one_to_one":
		a.back, a.key = r.Inverse.Name, toField(r.Inverse)
	case "m2m":
		a.back, a.key = queryName(r.Inverse), "pk"
	}
	return true
}

func toField(f *schema.Field) string {
	if f.Relation == nil || f.Relation.ToField == "" {
		return "pk"
	}
	return f.Relation.ToField
}

// byFilter reads rows of another model that a condition ties to the loop's
// row: Track.objects.filter(album=album).
func (a *annotation) byFilter(c *change, target, m *schema.Model) bool {
	s, b := a.f.Site, anyLoop(a.f)
	if target == nil || b == nil || len(s.Calls) < 2 || s.Calls[0].Name != "filter" || len(b.Targets) != 1 || c.slice(s.Root) != s.Name+"."+manager(target) {
		return false
	}
	row := b.Targets[0]
	for _, arg := range s.Calls[0].Arguments {
		value := c.slice(arg.Span)
		f := target.Field(arg.Name)
		if f == nil || f.Relation == nil || f.Relation.Target != m || f.Column == "" || arg.Star != "" {
			continue
		}
		if value == row || toField(f) == "pk" && (value == row+".pk" || slices.Equal(m.PrimaryKey, []string{"id"}) && value == row+".id") {
			a.row, a.target, a.back, a.key, a.without = row, target, f.Name, toField(f), arg.Span
			a.path = []string{snake(target.Name)}
			if inverse := f.Relation.Inverse; inverse != nil {
				a.path, a.lookup = []string{inverse.Name}, queryName(inverse)
			}
			return over(a.f, b) == a.of
		}
	}
	return false
}

// thing is one of what the relation leads to: "book" of author.book_set.
func (a *annotation) thing() string {
	return singular(strings.TrimSuffix(a.path[len(a.path)-1], "_set"))
}

// named gives count() and exists() their names.
func (a *annotation) named() bool {
	thing := a.thing()
	switch a.last.Name {
	case "count":
		a.names = []string{thing + "_count", "number_of_" + plural(thing)}
	case "exists":
		a.names = []string{"has_" + thing, "has_any_" + thing}
	}
	return len(a.names) > 0 && a.last.NoArgs
}

var aggregateCall = regexp.MustCompile(`^((?:\w+\.)*)(Max|Min|Sum|Avg|Count|StdDev|Variance)\(\s*["']([a-z_][a-z0-9_]*)["']\s*,?\s*\)$`)

// aggregates reads aggregate(last=Max("published"))["last"], or the dict with a
// name and what is taken from it.
func (a annotation) aggregates(c *change) ([]annotation, bool) {
	s := a.f.Site
	access := map[string][]source.Span{}
	switch {
	case s.Key != "":
		access[s.Key] = []source.Span{s.Taken}
	case s.Form == source.Assigned && anyLoop(a.f) != nil && len(s.Targets) == 1 && s.Beyond == 0 && direct(anyLoop(a.f), s.Stmt):
		a.drop = s.Stmt
		for _, u := range s.Uses {
			key, whole, ok := c.keyed(u)
			if !ok || u.Span.Start < s.Stmt.End {
				return nil, false
			}
			access[key] = append(access[key], whole)
		}
	}
	var list []annotation
	for _, arg := range a.last.Arguments {
		one, key, ok := a.aggregate(c, arg)
		if !ok {
			return nil, false
		}
		if one.access = access[key]; len(one.access) > 0 {
			list = append(list, one)
			delete(access, key)
		}
	}
	return list, len(list) > 0 && len(access) == 0
}

// keyed reads what a use of a dict takes from it: total["total"].
func (c *change) keyed(u source.Use) (key string, whole source.Span, ok bool) {
	i := c.at(u.Span.End)
	if u.Attr != "" || u.Write || c.str(i) != "[" || c.str(i+2) != "]" {
		return "", source.Span{}, false
	}
	key, ok = plainString(c.str(i + 1))
	return key, c.span(u.Span.Start, c.toks[i+2].end), ok
}

// aggregate reads one function of aggregate().
func (a annotation) aggregate(c *change, arg source.Argument) (annotation, string, bool) {
	m := aggregateCall.FindStringSubmatch(c.slice(arg.Span))
	if m == nil || arg.Star != "" {
		return a, "", false
	}
	a.pick = &pick{function: m[1] + m[2], name: m[2], column: m[3]}
	described := a.thing() + "_" + m[3] + "_" + strings.ToLower(m[2])
	key := arg.Name
	if key == "" {
		key = m[3] + "__" + strings.ToLower(m[2])
		a.names = []string{described}
	} else {
		a.names = []string{key, described}
	}
	column := a.target.Field(m[3])
	return a, key, column != nil && column.Relation == nil && column.Column != ""
}
