package django

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A registry is the model classes of a project and what they became.
type registry struct {
	byLabel  map[string]*class // "app.lowername": every class that could be a model
	drafts   map[*class]*draft
	sequence map[*class]int // order in which Python would run the class statements
	byClass  map[*class]*schema.Model
	byModel  map[*schema.Model]*class
	order    []*draft // concrete models, by sequence
	unknown  []string
	sealed   bool // all is there: from now on several goroutines may read it
}

// buildModels fills p.Models: find the files that can declare models, run their
// imports in thought, then do what Django's metaclass does to each class.
func (p *Project) buildModels(ctx context.Context) error {
	p.registry = registry{
		byLabel: map[string]*class{}, drafts: map[*class]*draft{}, sequence: map[*class]int{},
		byClass: map[*class]*schema.Model{}, byModel: map[*schema.Model]*class{},
	}
	modules, names := p.modelModules()
	if err := p.each(ctx, len(modules), func(i int) { modules[i].scope() }); err != nil {
		return err
	}
	run := importer{p: p, names: names, wanted: map[*module]bool{}, seen: map[*module]bool{}}
	for _, m := range modules {
		run.wanted[m] = true
	}
	run.all(modules)
	for _, c := range run.classes {
		p.label(c)
	}
	for _, c := range run.classes {
		if d := p.draftOf(c); d != nil && !d.abstract {
			p.register(d)
		}
	}
	p.lateFields(modules)
	p.finish()
	p.readSignals()
	p.registry.sealed = true
	return ctx.Err()
}

// label enters a class by the label that it has when it is a model.
func (p *Project) label(c *class) {
	app, _ := p.labelOf(c.module)
	if meta, ok := c.own("Meta"); ok && meta.kind == boundClass {
		k := p.classOf(c.module, meta.stmt.(*syntax.ClassDef))
		if x, ok := k.own("app_label"); ok && x.value != nil {
			if s, ok := p.text(operand{x.value, c.module, k.scope()}); ok {
				app = s
			}
		}
	}
	key := labelKey(app + "." + c.name)
	if old := p.registry.byLabel[key]; old == nil || !p.isModel(old) && p.isModel(c) {
		p.registry.byLabel[key] = c
	}
}

// labelKey is how Django compares labels: the model's name without case.
func labelKey(label string) string {
	app, name, ok := strings.Cut(label, ".")
	if !ok {
		return ""
	}
	return app + "." + strings.ToLower(name)
}

// classByLabel returns the class of a model by its label.
func (p *Project) classByLabel(label string) symbol {
	c := p.registry.byLabel[labelKey(label)]
	if c == nil {
		return symbol{}
	}
	return symbol{kind: classSymbol, path: c.path(), module: c.module, class: c}
}

// modelOf returns the model that a class is, nil when it is none: abstract, or
// no model at all.
func (p *Project) modelOf(c *class) *schema.Model { return p.registry.byClass[c] }

// classFor returns the class of a model, nil when it has none in the source:
// the tables that Django makes for many-to-many fields.
func (p *Project) classFor(m *schema.Model) *class { return p.registry.byModel[m] }

// userModel returns the model that AUTH_USER_MODEL names, nil when unknown.
func (p *Project) userModel() *schema.Model {
	s := p.classByLabel(p.setting.userModel)
	if s.class == nil {
		return nil
	}
	return p.modelOf(s.class)
}

// rootBases are classes outside of the source that make a class a model, with
// what a class that only looks like one ends in.
var rootBases = map[string]bool{
	"django.db.models.Model": true,
}

// modelNames are base names that make a file worth parsing, before anything is
// resolved.
var modelNames = []string{"Model", "AbstractUser", "AbstractBaseUser", "PermissionsMixin", "AbstractBaseSession"}

// modelModules returns the modules that may declare models: by the names of
// their classes' bases, and by their own name. Installed apps' come first. The
// names are those of all classes that may be models.
func (p *Project) modelModules() ([]*module, map[string]bool) {
	all := p.installedModules()
	all = append(all, p.modules...)
	known := map[string]bool{}
	for _, n := range modelNames {
		known[n] = true
	}
	chosen := map[*module]bool{}
	for grew := true; grew; {
		grew = false
		for _, m := range all {
			for _, h := range m.heads {
				if known[h.name] || h.name == "Meta" && chosen[m] || !h.derives(known) {
					continue
				}
				chosen[m] = true
				if h.name != "Meta" {
					known[h.name] = true
					grew = true
				}
			}
		}
	}
	folders := map[string]bool{}
	for _, m := range all {
		if chosen[m] || len(m.heads) > 0 && isModelsFile(m.path) {
			chosen[m] = true
			folders[path.Dir(m.path)] = true
		}
	}
	for _, m := range all { // a package's __init__.py says in which order its parts run
		if m.pkg && folders[path.Dir(m.path)] {
			chosen[m] = true
		}
	}
	return slices.DeleteFunc(all, func(m *module) bool { return !chosen[m] }), known
}

// isModelsFile tells models.py and the files of a models package.
func isModelsFile(name string) bool {
	return path.Base(name) == "models.py" || path.Base(path.Dir(name)) == "models"
}

// derives reports whether one of a class's bases is known.
func (h classHead) derives(known map[string]bool) bool {
	return slices.ContainsFunc(h.bases, func(b string) bool { return known[b] })
}

// installedModules returns Django's own models, and with Options.Packages those
// of the installed apps.
func (p *Project) installedModules() []*module {
	var list []*module
	for _, app := range builtinApps {
		if !p.setting.known || slices.Contains(p.setting.installed, "django.contrib."+app) || p.hasApp("django.contrib."+app) {
			if m := p.module("django.contrib." + app + ".models"); m != nil && !m.analyse {
				list = append(list, m)
			}
		}
	}
	for _, a := range p.apps {
		if a.own || !a.installed || strings.HasPrefix(a.name, "django.") {
			continue
		}
		if m := p.module(a.name + ".models"); m != nil {
			list = append(list, m)
			if m.pkg {
				list = append(list, p.installedParts(m)...)
			}
		}
	}
	return list
}

// hasApp reports whether an app of that name is installed, by a config too.
func (p *Project) hasApp(name string) bool {
	return slices.ContainsFunc(p.apps, func(a *app) bool { return a.name == name })
}

// builtinApps are Django's apps with models, in the order of their needs.
var builtinApps = []string{"contenttypes", "auth", "sessions", "admin", "sites", "flatpages", "redirects"}

// An importer runs modules in the order of Python's imports, to know in which
// order their classes, and so their fields, come to be.
type importer struct {
	p       *Project
	names   map[string]bool // of classes that may be models
	wanted  map[*module]bool
	seen    map[*module]bool
	classes []*class
}

func (r *importer) all(modules []*module) {
	for _, a := range r.p.apps {
		if a.installed {
			r.run(r.p.module(a.name + ".models"))
		}
	}
	for _, m := range modules {
		r.run(m)
	}
}

func (r *importer) run(m *module) {
	if m == nil || r.seen[m] || !r.wanted[m] && !r.needed(m) {
		return
	}
	r.seen[m] = true
	r.body(m, m.file().Body)
}

// needed: modules of packages that models come from are read as the project's
// own import them.
func (r *importer) needed(m *module) bool {
	if m.analyse || len(m.heads) == 0 {
		return false
	}
	return bytes.Contains(m.text, []byte("django.db")) || bytes.Contains(m.text, []byte("get_model")) ||
		slices.ContainsFunc(m.heads, func(h classHead) bool { return h.derives(r.names) })
}

func (r *importer) body(m *module, list []syntax.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *syntax.Import:
			for _, a := range s.Names {
				r.run(r.p.moduleFrom(m, a.Name))
			}
		case *syntax.ImportFrom:
			from, ok := m.absolute(s)
			if !ok {
				continue
			}
			r.run(r.p.moduleFrom(m, from))
			for _, a := range s.Names {
				r.run(r.p.moduleFrom(m, joinName(from, a.Name)))
			}
		case *syntax.ClassDef:
			c := r.p.classOf(m, s)
			r.p.registry.sequence[c] = len(r.p.registry.sequence) + 1
			r.classes = append(r.classes, c)
		case *syntax.If:
			r.body(m, s.Body)
			r.body(m, s.Else)
		case *syntax.Try:
			r.body(m, s.Body)
			for _, h := range s.Handlers {
				r.body(m, h.Body)
			}
			r.body(m, s.Else)
		case *syntax.With:
			r.body(m, s.Body)
		case *syntax.BadStmt:
			r.body(m, s.Body)
		}
	}
}

// register makes a concrete draft a model of the project. Of two classes with
// one label, as several projects below one root have them, the first stays.
func (p *Project) register(d *draft) {
	key := labelKey(d.label())
	if winner := p.registry.byLabel[key]; winner != nil && winner != d.class && p.modelOf(winner) != nil {
		p.unknown(d.class, "the label "+d.label()+" is taken by "+winner.module.path)
		return
	}
	if d.swappable != "" && !p.isSwappedIn(d) {
		return // its table is not made
	}
	p.registry.byLabel[key] = d.class
	d.model = &schema.Model{
		App: d.app, Name: d.class.name, Module: d.class.module.name, Managed: d.managed,
		SaveOverride: d.overridesSave(), Partial: d.partial,
	}
	if d.class.module.path != "" {
		d.model.Span = d.class.module.span(d.class.def.NamePos)
	}
	p.registry.byClass[d.class], p.registry.byModel[d.model] = d.model, d.class
	p.registry.order = append(p.registry.order, d)
}

// isSwappedIn reports whether a swappable model is the one that settings name.
func (p *Project) isSwappedIn(d *draft) bool {
	return d.swappable != "AUTH_USER_MODEL" || labelKey(p.setting.userModel) == labelKey(d.label())
}

// unknown records a class that looks like a model.
func (p *Project) unknown(c *class, why string) {
	line := 0
	if c.def != nil {
		line, _ = c.module.file().Line(c.def.Start)
	}
	p.registry.unknown = append(p.registry.unknown, fmt.Sprintf("%s:%d %s: %s", c.module.path, line, c.name, why))
}

// finish turns the drafts into schema.Models: columns first, since relations
// need both ends' keys.
func (p *Project) finish() {
	r := &p.registry
	slices.SortStableFunc(r.order, func(a, b *draft) int { return cmp.Compare(r.sequence[a.class], r.sequence[b.class]) })
	p.Models = &schema.Models{ByLabel: map[string]*schema.Model{}, ByTable: map[string]*schema.Model{}, Framework: "Django", Version: p.Version, AutoPrefetch: p.AutoPrefetch}
	for _, d := range r.order {
		p.Models.ByLabel[d.model.Label()] = d.model
	}
	for _, d := range r.order {
		p.columns(d)
	}
	for _, d := range r.order {
		p.relations(d)
	}
	for _, d := range r.order {
		p.fieldList(d)
	}
	p.reverse()
	for _, d := range r.order {
		p.metaLists(d)
		d.model.DefaultManager = p.defaultManager(d)
	}
	for _, label := range slices.Sorted(maps.Keys(p.Models.ByLabel)) {
		m := p.Models.ByLabel[label]
		if old := p.Models.ByTable[m.Table]; m.Proxy == nil && (old == nil || !old.Managed && m.Managed) {
			p.Models.ByTable[m.Table] = m
		}
	}
	slices.Sort(r.unknown)
	p.Models.Unknown = slices.Compact(r.unknown)
}

// fieldSpan is where a field is declared.
func fieldSpan(m *module, n syntax.Node) source.Span {
	if m.path == "" || n == nil {
		return source.Span{}
	}
	return m.span(n)
}
