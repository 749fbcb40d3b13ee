package django

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// A relevance says which functions can come upon rows or querysets when none is
// passed to them: those that name a model, a manager or one of Django's
// shortcuts, and those that name one of those. The rest need not be followed,
// which is most of a project.
type relevance struct {
	names map[string]bool
	defs  map[*syntax.FunctionDef]bool // known ones; false: nothing to find
	held  map[string]bool              // names that something in the source holds
	// managers are those of every model: working them out takes long.
	managers map[*schema.Model][]manager
	// Kept answers about functions, *syntax.FunctionDef → map[string]bool, bool.
	assigned, procedures sync.Map
}

// sourceNames give rows or querysets without a model being named.
var sourceNames = []string{
	"objects", "_default_manager", "_base_manager", "get_object_or_404", "get_list_or_404", "aget_object_or_404",
	"get_user_model", "get_model", "get_models", "atomic", "user", "get_queryset", "queryset", "get_object", "object_list",
	"object", "instance", "filter_queryset", "paginate_queryset", "prefetch_related_objects", "model", "model_class",
}

// plainNames are methods of Python's own types, and Django's of objects that
// only come from elsewhere: x.get() says nothing of what x is.
var plainNames = map[string]bool{
	"get": true, "items": true, "keys": true, "values": true, "update": true, "add": true, "append": true, "pop": true,
	"filter": true, "all": true, "join": true, "format": true, "split": true, "strip": true, "save": true, "delete": true,
	"create": true, "count": true, "first": true, "last": true, "exists": true, "copy": true, "extend": true, "insert": true,
	"remove": true, "clear": true, "index": true, "sort": true, "replace": true, "lower": true, "upper": true, "encode": true,
	"decode": true, "read": true, "write": true, "close": true, "open": true, "set": true, "name": true, "id": true,
	"pk": true, "data": true, "value": true, "is_valid": true, "clean": true, "errors": true, "method": true, "path": true,
	"POST": true, "GET": true, "startswith": true, "endswith": true, "setdefault": true, "exclude": true, "order_by": true,
	"run": true, "start": true, "stop": true, "send": true, "call": true, "execute": true, "result": true, "status": true,
	"type": true, "url": true, "title": true, "text": true, "date": true, "label": true, "form": true, "request": true,
	"response": true, "context": true, "render": true, "self": true, "cls": true, "args": true, "kwargs": true,
}

// A mention is a function, or an assignment, with the names that it holds.
type mention struct {
	name  string
	also  string // the class that __init__ makes
	def   *syntax.FunctionDef
	holds []string
}

// relevant works out what can matter in the modules.
func (p *Project) relevant(ctx context.Context, modules []*module) *relevance {
	found := make([][]mention, len(modules))
	if err := p.each(ctx, len(modules), func(i int) { found[i] = mentionsOf(modules[i]) }); err != nil {
		return &relevance{}
	}
	managers := map[*schema.Model][]manager{}
	for _, m := range p.Models.ByLabel {
		managers[m] = p.managers(m)
	}
	r := &relevance{names: p.sources(managers), managers: managers, defs: map[*syntax.FunctionDef]bool{}}
	all := slices.Concat(found...)
	holders := map[string][]int{}
	for i, m := range all {
		if m.def != nil {
			r.defs[m.def] = false
		}
		for _, name := range m.holds {
			holders[name] = append(holders[name], i)
		}
	}
	r.held = make(map[string]bool, len(holders))
	for name := range holders {
		r.held[name] = true
	}
	var queue []string
	for name := range r.names {
		queue = append(queue, name)
	}
	done := make([]bool, len(all))
	for len(queue) > 0 {
		name := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, i := range holders[name] {
			if done[i] {
				continue
			}
			done[i] = true
			if all[i].def != nil {
				r.defs[all[i].def] = true
			}
			for _, n := range []string{all[i].name, all[i].also} {
				if n != "" && !r.names[n] {
					r.names[n] = true
					queue = append(queue, n)
				}
			}
		}
	}
	return r
}

// sources are the names that a function must hold one of.
func (p *Project) sources(managers map[*schema.Model][]manager) map[string]bool {
	names := map[string]bool{}
	for _, n := range sourceNames {
		names[n] = true
	}
	for _, m := range p.Models.ByLabel {
		names[m.Name] = true
		for _, x := range managers[m] {
			names[x.name] = true
		}
	}
	for _, n := range p.frameworkNames() {
		names[n] = true
	}
	return names
}

// managersOf returns the managers of a model.
func (it *interp) managersOf(m *schema.Model) []manager {
	if list, ok := it.relevant.managers[m]; ok {
		return list
	}
	return it.p.managers(m)
}

// of reports whether a function can matter when it is given no rows.
func (r *relevance) of(def *syntax.FunctionDef) bool {
	matters, known := r.defs[def]
	return matters || !known
}

func mentionsOf(m *module) []mention {
	var list []mention
	for _, s := range m.file().Body {
		list = mentionsIn(list, s, "")
	}
	return list
}

func mentionsIn(list []mention, s syntax.Stmt, class string) []mention {
	switch s := s.(type) {
	case *syntax.FunctionDef:
		x := mention{name: s.Name, def: s, holds: namesHeld(s)}
		if strings.HasPrefix(s.Name, "__") {
			x.also = class
		}
		list = append(list, x)
		return nestedMentions(list, s.Body, class)
	case *syntax.ClassDef:
		for _, inner := range s.Body {
			list = mentionsIn(list, inner, s.Name)
		}
	case *syntax.Assign:
		list = assignMention(list, s)
	case *syntax.If:
		list = blockMentions(list, s.Body, class)
		list = blockMentions(list, s.Else, class)
	case *syntax.Try:
		list = blockMentions(list, s.Body, class)
		for _, h := range s.Handlers {
			list = blockMentions(list, h.Body, class)
		}
	case *syntax.With:
		list = blockMentions(list, s.Body, class)
	}
	return list
}

func blockMentions(list []mention, body []syntax.Stmt, class string) []mention {
	for _, s := range body {
		list = mentionsIn(list, s, class)
	}
	return list
}

// nestedMentions enters functions inside functions, and attributes that a
// method gives self.
func nestedMentions(list []mention, body []syntax.Stmt, class string) []mention {
	syntax.WalkBody(body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef:
			list = append(list, mention{name: n.Name, def: n, holds: namesHeld(n)})
		case *syntax.Assign:
			for _, t := range n.Targets {
				if a, ok := t.(*syntax.Attribute); ok && n.Value != nil {
					list = append(list, mention{name: a.Attr, holds: namesHeld(n.Value)})
				}
			}
		}
		return true
	})
	return list
}

func assignMention(list []mention, s *syntax.Assign) []mention {
	if s.Value == nil {
		return list
	}
	for _, t := range s.Targets {
		if n, ok := t.(*syntax.Name); ok {
			list = append(list, mention{name: n.ID, holds: namesHeld(s.Value)})
		}
	}
	return list
}

// namesHeld lists the names in a function or expression that can lead to rows.
func namesHeld(n syntax.Node) []string {
	seen := map[string]bool{}
	var list []string
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			list = append(list, s)
		}
	}
	syntax.Walk(n, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Name:
			add(n.ID)
		case *syntax.Attribute:
			if !plainNames[n.Attr] || onSelf(n.X) {
				add(n.Attr)
			}
		case *syntax.String:
			if len(n.Value) > 0 && n.Value[0] >= 'A' && n.Value[0] <= 'Z' && len(n.Value) < 60 {
				add(n.Value) // an annotation in quotes
			}
		}
		return true
	})
	return list
}

func onSelf(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Name:
		return e.ID == "self" || e.ID == "cls"
	case *syntax.Call:
		n, ok := e.Func.(*syntax.Name)
		return ok && n.ID == "super"
	}
	return false
}

// bears reports whether a value holds rows or querysets, or calls back into
// functions that may.
func (it *interp) bears(v value, depth int) bool {
	if depth > maxContainers {
		return true
	}
	switch v := v.(type) {
	case *row, *queryset, *managerValue, *page, *prefetch, *superOf:
		return true
	case *function:
		return v.lambda != nil || it.relevant.of(v.def)
	case *bound:
		return it.relevant.of(v.fn.def) || it.bears(v.self, depth+1)
	case *method:
		return it.bears(v.self, depth+1)
	case *class:
		return it.p.modelOf(v) != nil
	case *sequence:
		return it.anyBears(v.elts, depth+1) || it.bears(v.elem, depth+1)
	case *dict:
		for _, x := range v.values {
			if it.bears(x, depth+1) {
				return true
			}
		}
		return it.bears(v.elem, depth+1)
	case *instance:
		for _, x := range v.attrs {
			if it.bears(x, depth+2) {
				return true
			}
		}
	case union:
		return it.anyBears(v, depth)
	}
	return false
}

func (it *interp) anyBears(list []value, depth int) bool {
	for _, v := range list {
		if it.bears(v, depth) {
			return true
		}
	}
	return false
}
