package django

import (
	"cmp"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// What bounds the reading of URLs.
const (
	maxRouteDepth = 20     // include() in include()
	maxRoutes     = 20_000 // URLs; further ones are counted as source_routes
)

// A router holds what URLs, tasks and commands run.
type router struct {
	once    sync.Once
	list    []source.Route
	views   map[string]bool // dotted paths
	visited map[string]bool // module and prefix
	open    map[string]bool // modules whose urlpatterns are being read
	lost    int64           // routes beyond maxRoutes
}

// routes are what URLs, tasks and commands run, by pattern and view.
func (p *Project) routes() []source.Route { return p.routed().list }

func (p *Project) routed() *router {
	r := &p.router
	r.once.Do(func() {
		r.views, r.visited, r.open = map[string]bool{}, map[string]bool{}, map[string]bool{}
		for _, name := range p.setting.urls {
			if m := p.module(name); m != nil {
				r.urls(p, m, "", "", 0)
			}
		}
		for _, m := range p.modules {
			if !m.analyse || m.test && !p.options.Tests {
				continue
			}
			if !r.seen(m) && m.scope().names["urlpatterns"] != nil {
				r.urls(p, m, "", "", 0)
			}
			r.jobs(p, m)
		}
		slices.SortFunc(r.list, func(a, b source.Route) int {
			return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Pattern, b.Pattern), cmp.Compare(a.View, b.View), cmp.Compare(a.Name, b.Name))
		})
		r.list = slices.CompactFunc(r.list, func(a, b source.Route) bool {
			return a.Kind == b.Kind && a.Pattern == b.Pattern && a.View == b.View && a.Name == b.Name
		})
	})
	return r
}

func (r *router) seen(m *module) bool {
	for key := range r.visited {
		if strings.HasPrefix(key, m.path+" ") {
			return true
		}
	}
	return false
}

// entryOf returns the dotted path of a function that a route, a task or a
// command runs, "" of others.
func (p *Project) entryOf(m *module, k *class, def *syntax.FunctionDef) string {
	r := p.routed()
	dotted := joinName(m.name, def.Name)
	if k != nil {
		dotted = k.path()
	}
	if !r.views[dotted] {
		return ""
	}
	if k != nil && !handlers[def.Name] {
		return ""
	}
	return dotted
}

// handlers are the methods that a request or a run calls.
var handlers = map[string]bool{
	"get": true, "post": true, "put": true, "patch": true, "delete": true, "head": true, "options": true, "list": true,
	"retrieve": true, "create": true, "update": true, "partial_update": true, "destroy": true, "handle": true, "run": true,
	"form_valid": true,
}

// entryOfClass returns the dotted path of a class-based view with a route, ""
// of others.
func (p *Project) entryOfClass(k *class) string {
	if dotted := k.path(); p.routed().views[dotted] {
		return dotted
	}
	return ""
}

func (r *router) add(p *Project, route source.Route, s symbol) {
	switch {
	case s.kind == classSymbol && s.class.def != nil:
		route.View = s.class.path()
		route.Span = s.class.module.span(&nameSpot{s.class.def.NamePos})
	case s.kind == functionSymbol && s.module != nil:
		route.View, route.Span = s.path, s.module.span(&nameSpot{s.def.NamePos})
	case s.kind == externalSymbol && !strings.HasPrefix(s.path, "builtins."):
		route.View = s.path
	default:
		return
	}
	r.views[route.View] = true
	if len(r.list) == maxRoutes {
		r.lost++
		return
	}
	r.list = append(r.list, route)
}

// urls reads a module's urlpatterns, below a prefix. A module that includes
// itself is read once on each way: its URLs have no end.
func (r *router) urls(p *Project, m *module, prefix, namespace string, depth int) {
	key := m.path + " " + prefix
	if r.visited[key] || r.open[m.path] || depth > maxRouteDepth {
		return
	}
	r.visited[key], r.open[m.path] = true, true
	defer delete(r.open, m.path)
	if b := m.scope().names["app_name"]; len(b) > 0 && b[0].value != nil {
		if s, ok := b[0].value.(*syntax.String); ok && namespace == "" {
			namespace = s.Value
		}
	}
	syntax.WalkBody(m.file().Body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef:
			return false
		case *syntax.Call:
			return !r.path(p, m, n, prefix, namespace, depth)
		}
		return true
	})
}

// path reads path(), re_path() and url(). It is false for other calls.
func (r *router) path(p *Project, m *module, c *syntax.Call, prefix, namespace string, depth int) bool {
	switch p.resolveExpr(m, c.Func).path {
	case "django.urls.path", "django.urls.re_path", "django.conf.urls.url":
	default:
		return false
	}
	if len(c.Args) < 2 {
		return true
	}
	pattern := prefix
	if s, ok := c.Args[0].Value.(*syntax.String); ok {
		pattern += s.Value
	}
	route := source.Route{Pattern: pattern, Kind: "url"}
	var view syntax.Expr
	for i, a := range c.Args[1:] {
		if a.Name == "view" || a.Name == "" && i == 0 {
			view = a.Value
		}
		if s, ok := a.Value.(*syntax.String); ok && a.Name == "name" {
			route.Name = s.Value
			if namespace != "" {
				route.Name = namespace + ":" + s.Value
			}
		}
	}
	r.view(p, m, view, route, namespace, depth)
	return true
}

// view reads what a pattern runs: a view, with decorators around it, or other
// patterns.
func (r *router) view(p *Project, m *module, view syntax.Expr, route source.Route, namespace string, depth int) {
	switch x := view.(type) {
	case *syntax.Call:
		if p.resolveExpr(m, x.Func).path == "django.urls.include" {
			r.include(p, m, x, route.Pattern, depth)
			return
		}
		if a, ok := x.Func.(*syntax.Attribute); ok && a.Attr == "as_view" {
			r.add(p, route, p.resolveExpr(m, a.X))
			return
		}
		for _, a := range x.Args { // login_required(view), cache_page(60)(view)
			r.view(p, m, a.Value, route, namespace, depth)
		}
	case *syntax.Attribute:
		if x.Attr == "urls" {
			r.registered(p, m, x.X, route)
			return
		}
		r.add(p, route, p.resolveExpr(m, x))
	case *syntax.Name:
		r.add(p, route, p.resolveExpr(m, x))
	}
}

func (r *router) include(p *Project, m *module, c *syntax.Call, prefix string, depth int) {
	if len(c.Args) == 0 {
		return
	}
	namespace := "" // without one the module's app_name stands
	for _, a := range c.Args {
		if s, ok := a.Value.(*syntax.String); ok && a.Name == "namespace" {
			namespace = s.Value
		}
	}
	target := c.Args[0].Value
	if t, ok := target.(*syntax.Sequence); ok && len(t.Elts) > 0 {
		target = t.Elts[0]
		if t.Kind == syntax.ListSeq {
			return // its paths are read as if they stood alone
		}
	}
	switch x := target.(type) {
	case *syntax.String:
		if inner := p.moduleFrom(m, x.Value); inner != nil {
			r.urls(p, inner, prefix, namespace, depth+1)
		}
	case *syntax.Attribute:
		if x.Attr == "urls" {
			r.registered(p, m, x.X, source.Route{Pattern: prefix, Kind: "url"})
			return
		}
		if s := p.resolveExpr(m, x); s.kind == moduleSymbol {
			r.urls(p, s.module, prefix, namespace, depth+1)
		}
	case *syntax.Name:
		if s := p.resolveExpr(m, x); s.kind == moduleSymbol {
			r.urls(p, s.module, prefix, namespace, depth+1)
		}
	}
}

// registered adds what is registered with a router of DRF.
func (r *router) registered(p *Project, m *module, router syntax.Expr, route source.Route) {
	name := lastName(dottedOf(router))
	home := m
	if s := p.resolveExpr(m, router); s.kind == valueSymbol && s.module != nil {
		home, name = s.module, lastName(s.path)
	}
	syntax.WalkBody(home.file().Body, func(n syntax.Node) bool {
		c, ok := n.(*syntax.Call)
		if !ok || len(c.Args) < 2 {
			return true
		}
		a, ok := c.Func.(*syntax.Attribute)
		if !ok || a.Attr != "register" || dottedOf(a.X) != name {
			return true
		}
		prefix := ""
		if s, ok := c.Args[0].Value.(*syntax.String); ok {
			prefix = s.Value
		}
		view := p.resolveExpr(home, c.Args[1].Value)
		for _, suffix := range []string{"/", "/<pk>/"} {
			r.add(p, source.Route{Pattern: route.Pattern + prefix + suffix, Kind: "url", Name: route.Name}, view)
		}
		return true
	})
}

// jobs finds a module's tasks and commands.
func (r *router) jobs(p *Project, m *module) {
	for _, s := range m.file().Body {
		switch s := s.(type) {
		case *syntax.FunctionDef:
			if isTask(p, m, s) {
				r.add(p, source.Route{Pattern: joinName(m.name, s.Name), Kind: "task"}, symbol{kind: functionSymbol, path: joinName(m.name, s.Name), module: m, def: s})
			}
		case *syntax.ClassDef:
			if s.Name != "Command" || !strings.Contains(m.path, "management/commands/") {
				continue
			}
			k := p.classOf(m, s)
			name := strings.TrimSuffix(path.Base(m.path), ".py")
			r.add(p, source.Route{Pattern: name, Kind: "command"}, symbol{kind: classSymbol, module: m, class: k})
		}
	}
}

// isTask reports whether a decorator makes a function a background task.
func isTask(p *Project, m *module, def *syntax.FunctionDef) bool {
	for _, d := range def.Decorators {
		if c, ok := d.(*syntax.Call); ok {
			d = c.Func
		}
		dotted := dottedOf(d)
		switch last := lastName(dotted); {
		case last == "shared_task", last == "db_task", last == "actor", last == "periodic_task":
			return true
		case last == "task" && dotted != "task":
			return true
		case last == "task":
			s := p.resolveExpr(m, d).path
			return strings.HasPrefix(s, "celery") || strings.HasPrefix(s, "huey") || strings.HasPrefix(s, "django.tasks")
		}
	}
	return false
}
