package rewrite

import (
	"path"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// PrefetchTo fetches once, for all rows of q, what the loop asks a related
// manager for: author.book_set.filter(active=True) becomes author.active_books,
// a list that Prefetch(…, to_attr="active_books") fills. path is the way from
// q's rows to the manager.
func PrefetchTo(text Text, models *schema.Models, fetch *source.Fetch, q *source.Query, path string) (finding.Rewrite, bool) {
	c := chainOf(text, q)
	if c == nil || q.Raw || fetch.Varies || !listed(fetch) {
		return finding.Rewrite{}, false
	}
	a, ok := accessOf(text, fetch)
	model := models.Model(fetch.Query.Model)
	if !ok || model == nil {
		return finding.Rewrite{}, false
	}
	if a.path != c.path || !c.available(a.names, fetch, q) {
		return finding.Rewrite{}, false
	}
	local, edits, ok := c.use(q.Span.Start, "django.db.models", "Prefetch")
	name, more, ok2 := c.useModel(q.Span.Start, model)
	attr := c.freeAttr(a, model, models.Model(q.Model))
	if !ok || !ok2 || attr == "" {
		return finding.Rewrite{}, false
	}
	manager := model.DefaultManager
	if manager == "" {
		manager = "objects"
	}
	object := local[0] + "(" + c.quote(path) + ", queryset=" + name + "." + manager + a.chain + ", to_attr=" + c.quote(attr) + ")"
	edits = append(append(edits, more...), a.edit(a.accessor, a.end, attr))
	eager, ok := c.addPrefetch(path, object)
	if !ok {
		return finding.Rewrite{}, false
	}
	edits = ordered(append(edits, eager...))
	return finding.Rewrite{
		Title: "fetch them for all rows at once, into a list", Safe: true, Edits: edits,
		Code: c.code(eager) + "\n" + a.render(a.start, a.end, edits),
	}, true
}

// listed reports whether only a list's worth is asked of the fetch's queryset.
func listed(f *source.Fetch) bool {
	if f.Op != source.All || f.Query == nil || len(f.Query.Escapes) > 0 || len(f.Via) > 0 || f.Query.Raw || f.Query.Combined {
		return false
	}
	return !slices.ContainsFunc(f.Query.Evals, func(e source.Eval) bool {
		return e.Kind != source.Iterate && e.Kind != source.Len && e.Kind != source.Bool && e.Kind != source.Maybe
	})
}

// An access is a related manager with calls on it.
type access struct {
	*file
	start, accessor, end int      // of "author", "book_set" and the last call
	names                []string // variables that the arguments read
	chain                string   // the calls in one line
	flag                 string   // of filter(active=True) alone
	related              string   // "book_set"
}

// accessOf reads the fetch's expression.
func accessOf(text Text, fetch *source.Fetch) (access, bool) {
	c := chainOf(text, fetch.Query)
	if c == nil || c.keep == 0 || c.keep != len(c.parts) {
		return access{}, false
	}
	last := c.before(c.root)
	if c.str(last-1) != "." || c.toks[last].kind != nameToken || c.toks[last-2].kind != nameToken {
		return access{}, false
	}
	a := access{file: c.file, start: fetch.Query.Root.Start, accessor: c.toks[last].start, end: c.parts[c.keep-1].end, related: c.str(last)}
	for i := range c.parts {
		t := &c.parts[i]
		if t.open < 0 || !slices.Contains([]string{"filter", "exclude", "order_by", "all", "distinct", "select_related", "prefetch_related"}, t.name) {
			return a, false
		}
		for _, arg := range c.args(t) {
			if t.name == "filter" && len(c.parts) == 1 && len(c.args(t)) == 1 && strings.HasSuffix(string(c.text[arg.start:arg.end]), "True") && !strings.Contains(arg.keyword, "__") {
				a.flag = arg.keyword
			}
		}
	}
	first, end := c.at(c.root), c.at(a.end)
	for i := first; i < end; i++ {
		switch t := c.toks[i]; {
		case t.kind == commentToken:
			return a, false
		case t.kind == stringToken && strings.ContainsAny(c.str(i), "\n{"):
			return a, false
		case t.kind == nameToken && c.str(i-1) != "." && !(c.str(i+1) == "=" && t.depth > 0) && !slices.Contains(keywords, c.str(i)):
			a.names = append(a.names, c.str(i))
		}
		if i > first && strings.ContainsAny(string(c.text[c.toks[i-1].end:c.toks[i].start]), " \n\\") && !glued(c.str(i-1), c.str(i)) {
			a.chain += " "
		}
		a.chain += c.str(i)
	}
	a.chain = strings.NewReplacer(",)", ")", ", )", ")").Replace(a.chain)
	if a.chain == ".all()" {
		return a, false // a plain prefetch serves it
	}
	return a, true
}

// glued reports whether two tokens that stood on different lines need no space
// between them.
func glued(before, after string) bool {
	return strings.ContainsAny(before, "([{.") || strings.ContainsAny(after, ")]}.")
}

// available reports whether the names that the loop's arguments read mean the
// same where the queryset is built: they are the function's own from before
// it, or the module's, and the loop does not bind them.
func (c *chain) available(names []string, fetch *source.Fetch, q *source.Query) bool {
	lo, hi := c.function(q.Span.Start)
	if len(names) > 0 && (fetch.Span.Start < lo || fetch.Span.Start >= hi) {
		return false
	}
	for _, name := range names {
		all := c.uses(0, len(c.text), name)
		known := false
		for _, u := range all {
			at := c.at(u.start)
			bound := c.str(at+1) == "=" || c.str(at-1) == "for" || c.str(at-1) == "as"
			if u.start > q.Span.Start && u.start < hi && bound {
				return false
			}
			known = known || u.start < q.Span.Start
		}
		if !known {
			return false
		}
	}
	return true
}

// freeAttr is a name for the list that neither the file nor the models use.
func (c *chain) freeAttr(a access, to, from *schema.Model) string {
	many := a.related
	if s, ok := strings.CutSuffix(many, "_set"); ok {
		many = s + "s"
	}
	lead := "chosen_"
	switch {
	case a.flag != "" && a.flag != "pk":
		lead = strings.TrimPrefix(a.flag, "is_") + "_"
	case strings.HasPrefix(a.chain, ".order_by("):
		lead = "ordered_"
	}
	name := lead + many
	for range 3 {
		if !c.usesAttr(name) && (from == nil || from.Field(name) == nil) && to.Field(name) == nil {
			return name
		}
		name = "prefetched_" + name
	}
	return ""
}

// usesAttr reports whether the file has the name anywhere, strings included.
func (f *file) usesAttr(name string) bool { return strings.Contains(string(f.text), name) }

// addPrefetch puts a Prefetch object into q's prefetch_related, in the place of
// the plain path when nothing else uses that.
func (c *chain) addPrefetch(path, object string) ([]finding.Edit, bool) {
	t := c.call("prefetch_related")
	if t == nil {
		return []finding.Edit{c.add(".prefetch_related(" + object + ")")}, true
	}
	args := c.args(t)
	if len(args) == 0 {
		return nil, false
	}
	for _, a := range args {
		if string(c.text[a.start:a.end]) == "None" || a.keyword != "" {
			return nil, false
		}
		if !a.literal || a.value != path {
			continue
		}
		unused := slices.ContainsFunc(c.q.Eager, func(e source.Eager) bool { return !e.Join && e.Path == path && !e.Used && e.Span.Start == a.start })
		if unused {
			return []finding.Edit{c.edit(a.start, a.end, object)}, true
		}
	}
	return c.appendItems(args[len(args)-1].end, []string{object}), true
}

// useModel makes a model's class available at offset: by the name that the
// file has for it, or by an import from its module.
func (f *file) useModel(offset int, m *schema.Model) (name string, edits []finding.Edit, ok bool) {
	lines := f.importLines(offset)
	var same *importLine
	for i := range lines {
		l := &lines[i]
		full := f.resolve(l.module)
		fits := suffixed(full, m.Module)
		for _, n := range l.names {
			if n.name == m.Name && (fits || suffixed(full, packageOf(m.Module))) {
				return n.as, nil, true
			}
		}
		if fits && !l.star && len(l.names) > 0 && same == nil {
			same = l
		}
	}
	if f.defines(m.Name) && suffixed(dotted(f.path), m.Module) {
		lo, _ := f.function(offset)
		return m.Name, nil, lo > 0
	}
	if f.taken(m.Name) || m.Module == "" || suffixed(dotted(f.path), m.Module) {
		return "", nil, false
	}
	if same != nil {
		return m.Name, f.extend(same, []string{m.Name}), true
	}
	return f.importModel(lines, offset, m)
}

func (f *file) importModel(lines []importLine, offset int, m *schema.Model) (string, []finding.Edit, bool) {
	at, text := f.place(lines, offset, "from "+m.Module+" import "+m.Name)
	if at > offset {
		return "", nil, false
	}
	return m.Name, []finding.Edit{f.insert(at, text)}, true
}

// defines reports whether the file has a class of that name at its left margin.
func (f *file) defines(class string) bool {
	for i := range f.toks {
		if f.str(i) == class && f.str(i-1) == "class" && f.lineStart(f.toks[i-1].start) == f.toks[i-1].start {
			return true
		}
	}
	return false
}

// resolve is the dotted name of an import's module seen from the source root.
func (f *file) resolve(module string) string {
	rest := strings.TrimLeft(module, ".")
	up := len(module) - len(rest)
	if up == 0 {
		return module
	}
	dir := f.path
	for range up {
		dir = path.Dir(dir)
	}
	return strings.Trim(dotted(dir+"/x")+"."+rest, ".")
}

// dotted is the module name of a path; of "a/x", a for the folder itself.
func dotted(p string) string {
	p = strings.TrimSuffix(strings.TrimSuffix(p, ".py"), "/x")
	return strings.Trim(strings.ReplaceAll(strings.TrimSuffix(p, "/__init__"), "/", "."), ".")
}

// suffixed reports whether module is full, or its end: the source root may lie
// above the one that Python knows.
func suffixed(full, module string) bool {
	return module != "" && full != "" && (full == module || strings.HasSuffix(full, "."+module))
}

// packageOf is the package that re-exports what stands in a module below it.
func packageOf(module string) string {
	if i := strings.LastIndexByte(module, '.'); i > 0 {
		return module[:i]
	}
	return ""
}
