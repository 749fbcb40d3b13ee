package django

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/django/template"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A Focus limits what is read to what can matter for some tables and views. The
// zero Focus is everything.
type Focus struct {
	Tables []string
	Views  []string // dotted paths, URL patterns or names
}

// A root is a function that nothing need call for it to run.
type root struct {
	id     string // path and offset
	module *module
	def    *syntax.FunctionDef // nil: run is all
	class  *class
	entry  string // dotted path of the view, task or command; "" when it is none
	run    func(it *interp)
}

// A result is what one root gave.
type result struct {
	root    root
	rec     *record
	reached map[*syntax.FunctionDef]bool
	linked  map[*syntax.FunctionDef]bool
}

// Inspect follows the project's querysets. The same project gives the same
// Index whatever the number of workers; a ctx that ends gives what was found
// until then.
func (p *Project) Inspect(ctx context.Context, focus Focus) *source.Index {
	modules := p.focused(ctx, focus)
	relevant := p.relevant(ctx, modules)
	found := make([][]root, len(modules))
	err := p.each(ctx, len(modules), func(i int) { found[i] = p.moduleRoots(modules[i]) })
	roots := append(slices.Concat(found...), p.frameworkRoots()...)
	ix := p.merge(p.runRoots(ctx, roots, relevant))
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		ix.Lost["source_cancelled"]++
	}
	p.describe(ix)
	ix.Followed = p.followed(modules)
	return ix
}

// followed lists the files that the modules' code led through. Reading
// templates is part of following what renders them.
func (p *Project) followed(modules []*module) []string {
	var list []string
	for _, m := range modules {
		if len(m.file().Errors) == 0 {
			list = append(list, m.path)
		}
	}
	p.templates.parsed.Range(func(path, t any) bool {
		if len(t.(*template.Template).Errors) == 0 {
			list = append(list, path.(string))
		}
		return true
	})
	slices.Sort(list)
	return list
}

// runRoots follows first what nothing in the source names, then of the rest what
// that did not come upon: most functions are seen through their callers alone.
func (p *Project) runRoots(ctx context.Context, roots []root, relevant *relevance) []result {
	results := make([]result, len(roots))
	reached := map[*syntax.FunctionDef]bool{}
	for _, first := range []bool{true, false} {
		var turn []int
		for i, r := range roots {
			entry := r.def == nil || r.entry != "" || !relevant.held[r.def.Name]
			if entry == first && (r.def == nil || !reached[r.def]) {
				turn = append(turn, i)
			}
		}
		if p.each(ctx, len(turn), func(i int) { results[turn[i]] = p.runRoot(roots[turn[i]], relevant) }) != nil {
			break
		}
		for _, i := range turn {
			for def := range results[i].reached {
				reached[def] = true
			}
		}
	}
	return slices.DeleteFunc(results, func(r result) bool { return r.rec == nil })
}

// describe fills in what the Index says of the whole.
func (p *Project) describe(ix *source.Index) {
	lost, skipped := p.losses()
	for k, n := range lost {
		ix.Lost[k] += n
	}
	ix.Skipped = append(skipped, p.unparsed()...)
	sortSkips(ix.Skipped)
	for _, m := range p.modules {
		ix.Files++
		ix.Bytes += int64(len(m.text))
	}
	ix.Routes = p.routes()
	if n := p.routed().lost; n > 0 {
		ix.Lost["source_routes"] += n
	}
	fillSites(ix, func(path string) *module { return p.byPath[path] })
}

// focused returns the modules whose functions are followed.
func (p *Project) focused(ctx context.Context, f Focus) []*module {
	list := p.modules
	if len(f.Tables) > 0 {
		words := p.focusWords(f.Tables)
		for _, v := range f.Views {
			if name := lastName(v); name != "" && !strings.ContainsAny(name, "/<") {
				words[name] = true
			}
		}
		near, err := p.mentioning(ctx, words)
		if err != nil {
			return nil
		}
		list = near
	}
	return slices.DeleteFunc(slices.Clone(list), func(m *module) bool { return m.test && !p.options.Tests || !m.analyse })
}

// moduleRoots lists the functions of a module, and the module itself.
func (p *Project) moduleRoots(m *module) []root {
	list := []root{{id: m.path, module: m, run: func(it *interp) { it.moduleBody(m) }}}
	var walk func(body []syntax.Stmt, k *class)
	walk = func(body []syntax.Stmt, k *class) {
		for _, s := range body {
			switch s := s.(type) {
			case *syntax.FunctionDef:
				if !p.writePath(k, s.Name) {
					list = append(list, root{id: m.path + ":" + itoa(s.Start), module: m, def: s, class: k, entry: p.entryOf(m, k, s)})
				}
			case *syntax.ClassDef:
				walk(s.Body, p.classOf(m, s))
			case *syntax.If:
				walk(s.Body, k)
				walk(s.Else, k)
			case *syntax.Try:
				walk(s.Body, k)
				for _, h := range s.Handlers {
					walk(h.Body, k)
				}
				walk(s.Else, k)
			case *syntax.With:
				walk(s.Body, k)
			case *syntax.BadStmt:
				walk(s.Body, k)
			}
		}
	}
	walk(m.file().Body, nil)
	return list
}

// writePath reports whether a method runs when a serializer writes.
func (p *Project) writePath(k *class, name string) bool {
	if k == nil || !isSerializer(k) && !slices.ContainsFunc(k.external(), func(base string) bool { return strings.HasSuffix(base, "Serializer") }) {
		return false // a base of another package is told by its name
	}
	return name == "create" || name == "update" || name == "save" || strings.HasPrefix(name, "validate") || name == "to_internal_value"
}

func (p *Project) newInterp(m *module, entry string) *interp {
	return &interp{
		p: p, entry: entry,
		rec: &record{
			byKey: map[string]*fetchFact{}, reads: map[readKey]int{}, lost: map[lostPlace]bool{},
			user: p.userModel(),
		},
		linked: map[*syntax.FunctionDef]bool{}, results: map[memoKey]value{},
		globals: map[globalName]value{}, reached: map[*syntax.FunctionDef]bool{}, running: map[*syntax.FunctionDef]int{},
		frame: &frame{module: m, env: newEnv(m, nil)},
	}
}

// runRoot follows one root.
func (p *Project) runRoot(r root, relevant *relevance) result {
	it := p.newInterp(r.module, r.entry)
	it.relevant = relevant
	switch {
	case r.run != nil:
		r.run(it)
	case r.def != nil && it.worth(r):
		it.rootFunction(r)
	}
	it.cutShort()
	it.rec.finish()
	return result{root: r, rec: it.rec, reached: it.reached, linked: it.linked}
}

// cutShort says of all querysets that a limit ended the way before all was seen
// that is done with their rows.
func (it *interp) cutShort() {
	deep := slices.ContainsFunc(slices.Collect(maps.Keys(it.rec.lost)), func(p lostPlace) bool { return p.what == "source_nesting" })
	if it.steps < maxSteps && !deep {
		return
	}
	for _, q := range it.rec.queries {
		q.Escapes = append(q.Escapes, source.Escape{Span: q.Span, Why: "what follows is too long or too deep to follow"})
	}
}

// worth reports whether a root can come upon rows at all.
func (it *interp) worth(r root) bool {
	if it.relevant.of(r.def) {
		return true
	}
	return r.class != nil && (it.p.modelOf(r.class) != nil || r.class.inherits("django.db.models.Model"))
}

// moduleBody runs the statements of a module, functions and classes apart.
func (it *interp) moduleBody(m *module) {
	var body []syntax.Stmt
	for _, s := range m.file().Body {
		switch s.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Import, *syntax.ImportFrom:
			continue
		}
		body = append(body, s)
	}
	for _, s := range body {
		it.stmt(s)
	}
}

// rootFunction runs a function of whose arguments only annotations tell.
func (it *interp) rootFunction(r root) {
	f := &function{module: r.module, def: r.def, class: r.class, name: r.def.Name}
	c := &call{open: true}
	if r.class != nil {
		f.name = className(r.class) + "." + r.def.Name
		if kind := it.methodKind(r.module, r.def); kind != "static" {
			c.args = append(c.args, it.selfOf(r.class, kind))
		}
	}
	env := newEnv(f.module, nil)
	it.params(env, f, c)
	fr := it.run(f, env)
	why := "returned from " + f.name + "(), whose callers are not known"
	it.frame = &frame{module: f.module, env: env, name: f.name}
	it.escape(fr.returns, &nameSpot{r.def.NamePos}, why)
	if len(c.args) > 0 {
		if self, ok := c.args[0].(*instance); ok {
			it.escape(self, &nameSpot{r.def.NamePos}, "stored on self in "+f.name+"(), whose readers are not known")
		}
	}
	it.escape(fr.yields, &nameSpot{r.def.NamePos}, "yielded from "+f.name+"(), whose callers are not known")
}

// A nameSpot is the name in a def.
type nameSpot struct{ r syntax.Range }

// Pos returns the name's range.
func (n *nameSpot) Pos() syntax.Range { return n.r }

// selfOf is the first argument of a method of a class.
func (it *interp) selfOf(k *class, kind string) value {
	if kind == "class" {
		return k
	}
	if m := it.p.modelOf(k); m != nil {
		return &row{model: m, state: &rowState{}}
	}
	switch {
	case k.inherits("django.db.models.Model"):
		return &row{state: &rowState{}}
	case k.inherits("django.db.models.QuerySet"):
		return &queryset{class: k, fact: &queryFact{}}
	case k.inherits("django.db.models.Manager"):
		return &managerValue{class: k}
	}
	return &instance{class: k, attrs: map[string]value{}}
}

// kept chooses the roots whose facts count: those that no other root reaches
// with arguments, and of circles the first.
func kept(all []result) []bool {
	calledBy := map[*syntax.FunctionDef][]int{}
	for i, r := range all {
		for def := range r.reached {
			if def != r.root.def {
				calledBy[def] = append(calledBy[def], i)
			}
		}
	}
	keep := make([]bool, len(all))
	covered := map[*syntax.FunctionDef]bool{}
	take := func(i int) {
		keep[i] = true
		for def := range all[i].reached {
			covered[def] = true
		}
	}
	for i, r := range all {
		if r.root.def == nil || r.root.entry != "" || len(calledBy[r.root.def]) == 0 {
			take(i)
		}
	}
	for i, r := range all {
		if !keep[i] && !covered[r.root.def] {
			take(i)
		}
	}
	return keep
}

// spread gives the facts of roots the entries from which they are called.
func spread(all []result) {
	byDef := map[*syntax.FunctionDef]int{}
	for i, r := range all {
		if r.root.def != nil {
			byDef[r.root.def] = i
		}
	}
	for _, r := range all {
		if r.root.entry == "" {
			continue
		}
		seen := map[*syntax.FunctionDef]bool{}
		queue := []result{r}
		for len(queue) > 0 {
			next := queue[len(queue)-1]
			queue = queue[:len(queue)-1]
			for def := range next.linked {
				i, ok := byDef[def]
				if !ok || seen[def] {
					continue
				}
				seen[def] = true
				all[i].rec.enter(r.root.entry)
				queue = append(queue, all[i])
			}
		}
	}
}

// merge joins what the roots gave into one Index.
func (p *Project) merge(all []result) *source.Index {
	ix := &source.Index{Lost: map[string]int64{}}
	for _, site := range p.sites {
		ix.Packages = append(ix.Packages, strings.TrimSuffix(p.shown(site), "/")+"/")
	}
	m := merger{ix: ix, queries: map[string]*source.Query{}, same: map[*source.Query]*source.Query{}, fetches: map[string]*source.Fetch{}, notes: map[noteKey]int{}}
	keep, lost := kept(all), map[lostPlace]bool{}
	spread(all)
	for i, r := range all {
		if keep[i] {
			m.addQueries(r.rec)
		}
	}
	for i, r := range all {
		if !keep[i] {
			continue
		}
		m.addFetches(r.rec)
		maps.Copy(lost, r.rec.lost)
	}
	for place := range lost {
		ix.Lost[place.what]++
	}
	m.sort()
	return ix
}
