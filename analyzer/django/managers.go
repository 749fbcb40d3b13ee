package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// A manager is an attribute of a model class that queries start from.
type manager struct {
	name string
	// class is the manager's class: in the source, made by from_queryset(), or
	// external ("django.db.models.Manager").
	class symbol
	// queryset is the class of what it returns where as_manager() or
	// from_queryset() say so; unknown otherwise: then get_queryset() tells, or
	// it is Django's.
	queryset symbol
	value    *syntax.Call
	module   *module
}

// managers returns the managers of a model in the order in which Django looks
// for the default one, the one that Django adds included.
func (p *Project) managers(m *schema.Model) []manager {
	c := p.classFor(m)
	if c == nil {
		return nil
	}
	return p.managersOf(c)
}

func (p *Project) managersOf(c *class) []manager {
	var list []manager
	for _, k := range c.mro() {
		if p.draftOf(k) == nil {
			continue
		}
		s := k.scope()
		for _, name := range s.order {
			if slices.ContainsFunc(list, func(m manager) bool { return m.name == name }) {
				continue
			}
			x, ok := k.own(name)
			if !ok || x.kind != boundValue {
				continue
			}
			if m, ok := p.managerOf(k, name, x.value); ok {
				list = append(list, m)
			}
		}
	}
	if len(list) == 0 {
		list = []manager{{name: "objects", class: symbol{kind: externalSymbol, path: "django.db.models.Manager"}}}
	}
	return list
}

// managerOf reads one attribute of a class body.
func (p *Project) managerOf(c *class, name string, value syntax.Expr) (manager, bool) {
	call, ok := value.(*syntax.Call)
	if !ok {
		return manager{}, false
	}
	m := manager{name: name, value: call, module: c.module}
	if attr, ok := call.Func.(*syntax.Attribute); ok && attr.Attr == "as_manager" {
		m.queryset = p.resolveExprIn(c.module, c.scope(), attr.X)
		m.class = symbol{kind: externalSymbol, path: "django.db.models.Manager"}
		return m, m.queryset.kind == classSymbol || m.queryset.kind == externalSymbol
	}
	if inner, ok := call.Func.(*syntax.Call); ok { // Manager.from_queryset(Q)()
		m.class = p.called(c.module, inner, joinName(c.path(), name), 0)
	} else {
		m.class = p.resolveExprIn(c.module, c.scope(), call.Func)
	}
	switch m.class.kind {
	case externalSymbol:
		return m, isManagerName(m.class.path)
	case classSymbol:
		for _, k := range m.class.class.mro() {
			if len(k.made) == 2 {
				m.queryset = k.made[1]
				break
			}
		}
		return m, slices.ContainsFunc(m.class.class.external(), isManagerName)
	}
	return manager{}, false
}

// isManagerName tells manager classes outside of the source by their name.
func isManagerName(dotted string) bool {
	name := lastName(dotted)
	const suffix = "Manager"
	return len(name) >= len(suffix) && name[len(name)-len(suffix):] == suffix && name != "TaggableManager"
}

// defaultManager is the manager that related rows and generic views come from.
func (p *Project) defaultManager(d *draft) string {
	if s, ok := p.metaText(d.meta, "default_manager_name"); ok {
		return s
	}
	return p.managersOf(d.class)[0].name
}
