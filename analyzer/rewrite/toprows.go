package rewrite

import (
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

var firstRows = regexp.MustCompile(`^\[:[0-9]+\]$`)

// topRows fetches the first few related rows of all rows at once, into lists:
// a Prefetch may be sliced since Django 4.2.
func topRows(code Code, fs []*source.Fetch) (finding.Rewrite, bool) {
	f := fs[0]
	s := f.Site
	if f.Built != nil {
		s = f.Built
	}
	q := rowsOf(f)
	if s == nil || len(fs) != 1 || len(s.Calls) == 0 || !code.atLeast(4, 2) || code.Models.Model(q.Model) == nil || s.Name == "" {
		return finding.Rewrite{}, false
	}
	g := group{change: code.change(q.Span.Path), f: f, s: s}
	a := annotation{f: f, of: q, path: f.Path}
	root := g.slice(s.Root)
	if len(a.path) == 0 {
		a.path = strings.Split(root, ".")[1:]
	}
	if len(a.path) != 1 || root != s.Name+"."+a.path[0] || !a.relate(code.Models.Model(q.Model)) || !g.plain() {
		return finding.Rewrite{}, false
	}
	rows := ""
	for i, k := range s.Calls {
		switch {
		case k.Name == "all" && k.NoArgs:
			continue
		case i == len(s.Calls)-1:
			if !firstRows.MatchString(g.slice(k.Span)) {
				return finding.Rewrite{}, false
			}
		case !slices.Contains([]string{"filter", "exclude", "order_by", "select_related"}, k.Name) || !outside(g.change, s, q, k, source.Span{}):
			return finding.Rewrite{}, false
		}
		rows += g.slice(k.Span)
	}
	ch := chainOf(code.Text, q)
	many := plural(a.thing())
	name := code.annotationName(q.Model, nil, []string{"top_" + many, "first_" + many})
	object := g.imports(q.Span.Start, expressions, "Prefetch")[0] + "(" + g.quote(a.path[0]) + ", queryset=" +
		g.class(q.Span.Start, a.target) + "." + manager(a.target) + rows + ", to_attr=" + g.quote(name) + ")"
	if ch == nil || ch.path != g.path || q.Iterator {
		return finding.Rewrite{}, false
	}
	eager, ok := ch.addPrefetch(a.path[0], object)
	if !ok {
		return finding.Rewrite{}, false
	}
	for _, e := range eager {
		if e.Span.Start == e.Span.End && strings.HasPrefix(e.Text, ".") {
			e = g.fit(e, []string{object})
		}
		g.edits = append(g.edits, e)
	}
	g.replace(s.Whole, s.Name+"."+name)
	show := q.Span
	show.End = max(show.End, s.Whole.End)
	return g.done("fetch the first rows of each at once, into a list", q.Function == f.Function, show)
}
