package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// A fieldKind is what a field class does.
type fieldKind uint8

const (
	noField fieldKind = iota
	plainField
	foreignKey
	oneToOne
	manyToMany
	genericKey
	genericRelation
	foreignObject // relation over several columns, with none of its own
	compositeKey
)

// An operand is an expression with the place to look its names up in.
type operand struct {
	expr   syntax.Expr
	module *module
	local  *scope
}

// A fieldDef is one field as a class body declares it.
type fieldDef struct {
	name   string
	typ    string // class name
	kind   fieldKind
	args   []operand
	named  map[string]operand
	class  *class // whose body it stands in
	stmt   syntax.Node
	order  [2]int // when it came to be: class, place in its body
	auto   bool   // made by Django: id, place_ptr
	parent *draft // place_ptr: what it points to
	// inherited: a generic relation of a concrete parent, which leads back to
	// that parent alone.
	inherited bool
}

// relational tells kinds with a target.
func (f *fieldDef) relational() bool {
	return f.kind >= foreignKey && f.kind != genericKey && f.kind != compositeKey
}

// private tells kinds that Django keeps apart from columns.
func (f *fieldDef) private() bool {
	return f.kind == genericKey || f.kind == genericRelation
}

// fieldRoots are the classes outside of the source whose kind no name tells.
var fieldRoots = map[string]fieldKind{
	"ForeignKey": foreignKey, "TreeForeignKey": foreignKey, "ParentalKey": foreignKey, "SingleReference": foreignKey,
	"OneToOneField": oneToOne, "AutoOneToOneField": oneToOne,
	"ManyToManyField": manyToMany, "ParentalManyToManyField": manyToMany, "TreeManyToManyField": manyToMany,
	"SortedManyToManyField": manyToMany, "TaggableManager": manyToMany, "ClusterTaggableManager": manyToMany, "GenericForeignKey": genericKey, "GenericRelation": genericRelation,
	"ForeignObject": foreignObject, "CompositePrimaryKey": compositeKey,
}

// notColumns are classes that are named like fields but give no column.
var notColumns = map[string]bool{
	"ImageSpecField": true, "ManyToManyRel": true, "ManyToOneRel": true, "AutoSlugFieldDescriptor": true,
	"TranslatedField": true, "VirtualField": true, "TranslationField": true,
}

// otherPackages are where names that end in "Field" belong to something else.
var otherPackages = []string{"django.forms", "rest_framework", "django_filters", "wtforms", "marshmallow", "graphene", "import_export", "crispy_forms", "dataclasses", "pydantic", "haystack", "django_elasticsearch_dsl", "ninja", "strawberry", "factory", "attr", "attrs", "django.contrib.admin"}

// externalKind tells what kind of field a class outside of the source is.
func externalKind(path string) fieldKind {
	name := lastName(path)
	for _, other := range otherPackages {
		if strings.HasPrefix(path, other+".") {
			return noField
		}
	}
	if k, ok := fieldRoots[name]; ok {
		return k
	}
	switch {
	case notColumns[name] || name == "" || name[0] >= 'a' && name[0] <= 'z':
		return noField
	case strings.HasSuffix(name, "OneToOneField"):
		return oneToOne
	case strings.HasSuffix(name, "ManyToManyField"):
		return manyToMany
	case strings.HasSuffix(name, "ForeignKey") || strings.HasSuffix(name, "ForeignKeyField"):
		return foreignKey
	case strings.HasSuffix(name, "Field"):
		return plainField
	}
	return noField
}

// classKind tells what kind of field a class of the source is.
func classKind(c *class) fieldKind {
	best := noField
	for _, k := range c.mro() {
		// An installed package's own class, or one of the project's that
		// extends it.
		if kind, ok := fieldRoots[k.name]; ok && !k.module.analyse {
			return kind
		}
	}
	for _, e := range c.external() {
		if k := externalKind(e); k > best || best == noField {
			best = k
		}
	}
	return best
}

// fieldOf reads one assignment of a class body; nil when it makes no field.
func (p *Project) fieldOf(c *class, name string, value syntax.Expr) *fieldDef {
	f := &fieldDef{name: name, class: c, named: map[string]operand{}}
	call, ok := value.(*syntax.Call)
	if !ok {
		return nil
	}
	if !p.fill(f, c.module, c.scope(), call, 0) {
		return nil
	}
	return f
}

// fill reads a call that makes a field: of a field class, or of a function that
// returns one.
func (p *Project) fill(f *fieldDef, m *module, local *scope, call *syntax.Call, depth int) bool {
	s := p.resolveExprIn(m, local, call.Func)
	if s.kind == valueSymbol { // CharField = partial(models.CharField, max_length=9)
		if inner, ok := s.value.(*syntax.Call); ok && lastName(dottedOf(inner.Func)) == "partial" && len(inner.Args) > 0 && depth < maxHops {
			made := &syntax.Call{Range: inner.Range, Func: inner.Args[0].Value, Args: inner.Args[1:]}
			if !p.fill(f, s.module, nil, made, depth+1) {
				return false
			}
			f.take(m, local, call.Args)
			return true
		}
		return false
	}
	switch s.kind {
	case externalSymbol:
		f.kind, f.typ = externalKind(s.path), lastName(s.path)
	case classSymbol:
		f.kind, f.typ = classKind(s.class), s.class.name
		f.take(m, local, call.Args)
		p.fieldDefaults(f, s.class)
		return f.kind != noField
	case functionSymbol:
		return p.fillFromFunction(f, s, m, local, call, depth)
	}
	f.take(m, local, call.Args)
	return f.kind != noField
}

// take adds a call's arguments; later ones win.
func (f *fieldDef) take(m *module, local *scope, args []syntax.Arg) {
	for _, a := range args {
		switch {
		case a.Star != "":
		case a.Name != "":
			f.named[a.Name] = operand{a.Value, m, local}
		default:
			f.args = append(f.args, operand{a.Value, m, local})
		}
	}
}

// fillFromFunction reads a function whose only return makes a field.
func (p *Project) fillFromFunction(f *fieldDef, s symbol, m *module, local *scope, call *syntax.Call, depth int) bool {
	if depth > 3 || len(s.def.Body) == 0 {
		return false
	}
	last, ok := s.def.Body[len(s.def.Body)-1].(*syntax.Return)
	if !ok {
		return false
	}
	inner, ok := last.Value.(*syntax.Call)
	if !ok || !p.fill(f, s.module, nil, inner, depth+1) {
		return false
	}
	// Its parameters stand for the caller's arguments.
	given := fieldDef{named: map[string]operand{}}
	given.take(m, local, call.Args)
	for i, param := range s.def.Params {
		if i < len(given.args) && param.Star == "" {
			given.named[param.Name] = given.args[i]
		}
	}
	for i, a := range f.args {
		if n, ok := a.expr.(*syntax.Name); ok && given.named[n.ID].expr != nil {
			f.args[i] = given.named[n.ID]
		}
	}
	for k, a := range f.named {
		if n, ok := a.expr.(*syntax.Name); ok && given.named[n.ID].expr != nil {
			f.named[k] = given.named[n.ID]
		}
	}
	for k, a := range given.named {
		if _, known := f.named[k]; !known && passesKeywords(inner) {
			f.named[k] = a
		}
	}
	return true
}

// passesKeywords tells a call with **kwargs.
func passesKeywords(call *syntax.Call) bool {
	return slices.ContainsFunc(call.Args, func(a syntax.Arg) bool { return a.Star == "**" })
}

// fieldDefaults applies what a field class of the source sets in its __init__:
// kwargs["null"] = True, kwargs.setdefault(…), super().__init__(null=True, …).
func (p *Project) fieldDefaults(f *fieldDef, c *class) {
	def, owner := c.method("__init__")
	if def == nil {
		return
	}
	syntax.WalkBody(def.Body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			for _, t := range n.Targets {
				if key := kwargsKey(t); key != "" && n.Value != nil {
					f.named[key] = operand{n.Value, owner.module, owner.scope()}
				}
			}
		case *syntax.Call:
			fieldCallDefaults(f, owner, n)
		}
		return true
	})
}

// fieldCallDefaults reads kwargs.setdefault("null", True), kwargs.update(…) and
// super().__init__(…).
func fieldCallDefaults(f *fieldDef, owner *class, call *syntax.Call) {
	attr, ok := call.Func.(*syntax.Attribute)
	if !ok {
		return
	}
	switch attr.Attr {
	case "setdefault":
		if len(call.Args) == 2 {
			if s, ok := call.Args[0].Value.(*syntax.String); ok {
				if _, given := f.named[s.Value]; !given {
					f.named[s.Value] = operand{call.Args[1].Value, owner.module, owner.scope()}
				}
			}
		}
	case "update", "__init__":
		for _, a := range call.Args {
			if a.Name == "" || a.Star != "" {
				continue
			}
			fieldDefault(f, owner, a.Name, a.Value)
		}
	}
}

// fieldDefault enters what a field class passes to its base: a value of its
// own, what it was given, or the default of that.
func fieldDefault(f *fieldDef, owner *class, name string, value syntax.Expr) {
	given := ""
	switch x := value.(type) {
	case *syntax.Name:
		def, _ := owner.method("__init__")
		for _, param := range def.Params {
			if param.Name == x.ID {
				given, value = x.ID, param.Default
			}
		}
	case *syntax.Call: // kwargs.pop("unique", True)
		if fn := dottedOf(x.Func); (fn == "kwargs.pop" || fn == "kwargs.get") && len(x.Args) > 0 {
			if s, ok := x.Args[0].Value.(*syntax.String); ok {
				given, value = s.Value, nil
				if len(x.Args) > 1 {
					value = x.Args[1].Value
				}
			}
		}
	}
	if given != "" {
		if a, ok := f.named[given]; ok {
			f.named[name] = a
			return
		}
	}
	if value != nil {
		f.named[name] = operand{value, owner.module, owner.scope()}
	}
}

// kwargsKey returns "null" of kwargs["null"].
func kwargsKey(e syntax.Expr) string {
	sub, ok := e.(*syntax.Subscript)
	if !ok || len(sub.Index) != 1 || dottedOf(sub.X) != "kwargs" {
		return ""
	}
	if s, ok := sub.Index[0].(*syntax.String); ok {
		return s.Value
	}
	return ""
}

// text works out a string: a literal, a name for one, AUTH_USER_MODEL.
func (p *Project) text(a operand) (string, bool) {
	return p.textOf(a, 0)
}

func (p *Project) textOf(a operand, depth int) (string, bool) {
	if depth > maxHops || a.expr == nil {
		return "", false
	}
	switch x := a.expr.(type) {
	case *syntax.String:
		return x.Value, !x.Formatted && !x.Bytes
	case *syntax.Name, *syntax.Attribute:
		dotted := dottedOf(x)
		if dotted == "" {
			return "", false
		}
		s := p.resolveIn(a.module, a.local, dotted, 0)
		if s.kind == valueSymbol {
			return p.textOf(operand{s.value, s.module, nil}, depth+1)
		}
		if strings.HasSuffix(s.path, ".AUTH_USER_MODEL") || lastName(dotted) == "AUTH_USER_MODEL" {
			return p.setting.userModel, true
		}
	case *syntax.Binary:
		l, okL := p.textOf(operand{x.X, a.module, a.local}, depth+1)
		r, okR := p.textOf(operand{x.Y, a.module, a.local}, depth+1)
		return l + r, okL && okR && x.Op == "+"
	case *syntax.Call: // getattr(settings, "AUTH_USER_MODEL", "auth.User"), _("name")
		return p.calledText(a, x, depth)
	}
	return "", false
}

func (p *Project) calledText(a operand, x *syntax.Call, depth int) (string, bool) {
	if lastName(dottedOf(x.Func)) == "get_model_name" { // of swapper
		label := labelArgument(x)
		return label, strings.Count(label, ".") == 1
	}
	if lastName(dottedOf(x.Func)) != "getattr" || len(x.Args) < 2 {
		return "", false
	}
	name, ok := x.Args[1].Value.(*syntax.String)
	if !ok {
		return "", false
	}
	if name.Value == "AUTH_USER_MODEL" {
		return p.setting.userModel, true
	}
	if len(x.Args) > 2 {
		return p.textOf(operand{x.Args[2].Value, a.module, a.local}, depth+1)
	}
	return "", false
}

// truth works out whether an argument is True; what cannot be told is not.
func (p *Project) truth(a operand) bool {
	for range maxHops {
		switch x := a.expr.(type) {
		case *syntax.Constant:
			return x.Text == "True"
		case *syntax.Number:
			return x.Text != "0"
		case *syntax.Compare: // "app" in settings.INSTALLED_APPS
			return p.comparesInstalled(x)
		case *syntax.Name, *syntax.Attribute:
			s := p.resolveIn(a.module, a.local, dottedOf(x), 0)
			if s.kind != valueSymbol {
				return false
			}
			a = operand{s.value, s.module, nil}
		default:
			return false
		}
	}
	return false
}

// comparesInstalled works out "app" in settings.INSTALLED_APPS, and not in.
func (p *Project) comparesInstalled(x *syntax.Compare) bool {
	app, ok := x.X.(*syntax.String)
	if !ok || len(x.Ops) != 1 || lastName(dottedOf(x.Ys[0])) != "INSTALLED_APPS" {
		return false
	}
	in := slices.Contains(p.setting.installed, app.Value)
	return in == (x.Ops[0] == "in")
}

// isNone tells a literal None.
func isNone(e syntax.Expr) bool {
	k, ok := e.(*syntax.Constant)
	return ok && k.Text == "None"
}
