package django

import (
	"path"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// A draft is a model class on its way: what Django's metaclass has put together
// before relations are resolved. Abstract classes are drafts too.
type draft struct {
	class     *class
	app       string
	autoField string // class of the key that Django adds
	abstract  bool
	proxy     bool
	managed   bool
	swappable string
	partial   bool
	meta      *class // the Meta that counts, own or inherited; nil: none
	ordering  *draft // whose Meta.ordering counts when meta has none
	fields    []*fieldDef
	parents   []parent
	model     *schema.Model // of a concrete one
	made      map[*fieldDef]*schema.Field
}

// A parent is a concrete model that another extends; link is the field that
// points to it, nil for a proxy's.
type parent struct {
	draft *draft
	link  *fieldDef
}

func (d *draft) label() string { return d.app + "." + d.class.name }

// concrete is the model whose table holds the rows.
func (d *draft) concrete() *draft {
	for d.proxy && len(d.parents) > 0 {
		d = d.parents[0].draft
	}
	return d
}

// isModel reports whether a class is a model class, abstract or not.
func (p *Project) isModel(c *class) bool {
	if c.def == nil {
		return false
	}
	for _, e := range c.external() {
		if rootBases[e] {
			return true
		}
	}
	return p.looksLikeModel(c)
}

// looksLikeModel tells classes that cannot be read whole, because a base is
// outside of the source, but that declare Django's fields or extend something
// that is named like a model.
func (p *Project) looksLikeModel(c *class) bool {
	strange := c.lineage().unknown
	for _, e := range c.external() {
		if strings.HasPrefix(e, "builtins.") || strings.HasPrefix(e, "django.") || strings.HasPrefix(e, "typing.") || strings.HasPrefix(e, "abc.") {
			continue
		}
		top, _, _ := strings.Cut(e, ".")
		if slices.Contains(otherPackages, top) || slices.Contains([]string{"enum", "dataclasses", "collections", "unittest"}, top) {
			continue
		}
		if isModelsFile(c.module.path) && namedLikeModel(e) {
			return true
		}
		strange = true
	}
	if !strange {
		return false
	}
	for _, k := range c.mro() {
		if p.declaresDjangoField(k) {
			return true
		}
	}
	return false
}

// namedLikeModel tells "wagtail.models.Page" and "x.base.TimeStampedModel".
func namedLikeModel(dotted string) bool {
	for part := range strings.SplitSeq(parentName(dotted), ".") {
		if part == "models" || part == "abstract_models" {
			return !strings.HasSuffix(dotted, "Manager") && !strings.HasSuffix(dotted, "QuerySet") && !strings.HasSuffix(dotted, "Mixin")
		}
	}
	return strings.HasSuffix(dotted, "Model")
}

// declaresDjangoField reports whether the class body makes a field of Django's.
func (p *Project) declaresDjangoField(c *class) bool {
	s := c.scope()
	for _, name := range s.order {
		for _, b := range s.names[name] {
			call, ok := b.value.(*syntax.Call)
			if !ok {
				continue
			}
			x := p.resolveExprIn(c.module, s, call.Func)
			if x.kind == externalSymbol && strings.HasPrefix(x.path, "django.db.models.") && externalKind(x.path) != noField {
				return true
			}
		}
	}
	return false
}

// draftOf returns the draft of a model class, nil for any other.
func (p *Project) draftOf(c *class) *draft {
	if d, known := p.registry.drafts[c]; known || p.registry.sealed {
		return d
	}
	p.registry.drafts[c] = nil // a class that inherits from itself is none
	if !p.isModel(c) {
		return nil
	}
	d := &draft{class: c, managed: true, made: map[*fieldDef]*schema.Field{}}
	p.inheritsUnknown(d)
	p.readMeta(d)
	p.ownFields(d)
	p.inherit(d)
	if !d.abstract {
		p.addKey(d)
		p.addTreeFields(d)
	}
	p.registry.drafts[c] = d
	return d
}

// inheritsUnknown marks a draft whose bases are not all known.
func (p *Project) inheritsUnknown(d *draft) {
	var missing []string
	for _, e := range d.class.external() {
		if rootBases[e] || strings.HasPrefix(e, "builtins.") || strings.HasPrefix(e, "typing.") || strings.HasPrefix(e, "abc.") ||
			strings.HasPrefix(e, "django.") && !strings.HasPrefix(e, "django.contrib.") {
			continue
		}
		if harmlessBase(e) {
			continue
		}
		missing = append(missing, e)
	}
	if len(missing) == 0 && !d.class.lineage().unknown {
		return
	}
	d.partial = true
	why := "a base class that cannot be told"
	if len(missing) > 0 {
		why = "no source of its base " + missing[0]
	}
	p.unknown(d.class, why)
}

// harmlessBase tells bases outside of the source that add no field.
func harmlessBase(dotted string) bool {
	name := lastName(dotted)
	return name == "Generic" || name == "Protocol" || strings.HasSuffix(name, "Mixin") && !namedLikeModel(dotted)
}

// readMeta finds the Meta that counts and what it says of the class's kind.
func (p *Project) readMeta(d *draft) {
	if x, ok := d.class.own("Meta"); ok && x.kind == boundClass {
		d.meta = p.nested(d.class, x)
		d.abstract = p.metaAbstract(d.meta)
	} else if ok && x.kind == boundValue && x.value != nil {
		if s := x.symbol(p, 0); s.kind == classSymbol {
			d.meta, d.abstract = s.class, p.metaAbstract(s.class)
		}
	} else {
		d.meta = p.inheritedMeta(d.class)
	}
	for _, k := range d.class.mro()[1:] {
		if base := p.draftOf(k); base != nil {
			if !base.abstract {
				d.ordering = base
			}
			break
		}
	}
	d.app, d.autoField = p.labelOf(d.class.module)
	if a, ok := p.metaText(d.meta, "app_label"); ok {
		d.app = a
	}
	d.proxy = p.truth(p.metaValue(d.meta, "proxy"))
	if v := p.metaValue(d.meta, "managed"); v.expr != nil {
		d.managed = p.truth(v)
	}
	d.swappable, _ = p.metaText(d.meta, "swappable")
	if d.abstract {
		d.proxy = false
	}
}

// nested returns the class of a class statement inside another.
func (p *Project) nested(outer *class, x member) *class {
	k := p.classOf(x.class.module, x.stmt.(*syntax.ClassDef))
	if k.outer == nil {
		k.outer = outer
	}
	return k
}

// metaAbstract reads abstract of the Meta itself: Django takes it away from the
// Meta of an abstract class before others inherit it.
func (p *Project) metaAbstract(meta *class) bool {
	for _, k := range meta.mro() {
		if x, ok := k.own("abstract"); ok && x.value != nil {
			return (k == meta || !indented(k)) && p.truth(operand{x.value, k.module, k.scope()})
		}
	}
	return false
}

// indented tells classes inside others by where their statement begins.
func indented(c *class) bool {
	if c.def == nil {
		return false
	}
	_, column := c.module.file().Line(c.def.Start)
	return column > 1
}

// inheritedMeta is the Meta of the nearest abstract base, or of a mixin.
func (p *Project) inheritedMeta(c *class) *class {
	for _, k := range c.mro()[1:] {
		base := p.draftOf(k)
		if base != nil && !base.abstract {
			continue // Django takes the Meta off concrete classes
		}
		if x, ok := k.own("Meta"); ok && x.kind == boundClass {
			return p.nested(k, x)
		}
	}
	return nil
}

// ownFields reads the fields that the class body declares.
func (p *Project) ownFields(d *draft) {
	c := d.class
	s := c.scope()
	for i, name := range s.order {
		x, ok := c.own(name)
		if !ok || x.kind != boundValue || x.value == nil {
			continue
		}
		f := p.fieldOf(c, name, x.value)
		if f == nil {
			continue
		}
		f.stmt = x.stmt
		f.order = [2]int{p.registry.sequence[c], i}
		if f.typ == "MoneyField" { // django-money keeps the currency before it
			d.fields = append(d.fields, &fieldDef{
				name: name + "_currency", typ: "CurrencyField", kind: plainField, class: c, stmt: x.stmt,
				named: map[string]operand{}, order: f.order,
			})
		}
		d.fields = append(d.fields, f)
	}
	for _, stmt := range c.def.Body {
		switch stmt.(type) {
		case *syntax.For, *syntax.While, *syntax.BadStmt:
			d.partial = true
		}
	}
}

// inherit does what ModelBase.__new__ does with a class's bases: copies the
// fields of abstract ones, links to concrete ones.
func (p *Project) inherit(d *draft) {
	c := d.class
	direct := map[*class]bool{}
	for _, b := range c.lineage().bases {
		if b.kind == classSymbol && p.draftOf(b.class) != nil {
			direct[b.class] = true
		}
	}
	own := map[string]bool{} // names of the class's own fields
	for _, f := range d.fields {
		own[f.name] = true
	}
	taken := map[string]bool{}
	var autos []*fieldDef
	for _, k := range c.mro() {
		base := p.registry.drafts[k]
		if !direct[k] || base == nil {
			for _, n := range k.scope().order {
				taken[n] = true
			}
			continue
		}
		if base.abstract {
			p.inheritAbstract(d, base, own, taken)
		} else {
			autos = append(autos, p.inheritConcrete(d, base, own, taken)...)
		}
		p.inheritPrivate(d, base, own)
	}
	// What Django makes itself sorts before all, the latest first.
	slices.Reverse(autos)
	d.fields = append(autos, d.fields...)
	slices.SortStableFunc(d.fields, func(a, b *fieldDef) int {
		if a.auto != b.auto {
			if a.auto {
				return -1
			}
			return 1
		}
		if a.auto {
			return 0
		}
		return slices.Compare(a.order[:], b.order[:])
	})
}

func (p *Project) inheritAbstract(d, base *draft, own, taken map[string]bool) {
	d.partial = d.partial || base.partial
	for _, f := range base.fields {
		if f.private() || own[f.name] || taken[f.name] {
			continue
		}
		taken[f.name] = true
		d.fields = append(d.fields, f)
	}
	for _, up := range base.parents {
		if !slices.ContainsFunc(d.parents, func(x parent) bool { return x.draft == up.draft }) {
			d.parents = append(d.parents, up)
		}
	}
}

func (p *Project) inheritConcrete(d, base *draft, own, taken map[string]bool) []*fieldDef {
	d.partial = d.partial || base.partial
	for _, f := range base.fields {
		if !f.private() {
			taken[f.name] = true
		}
	}
	to := base.concrete()
	if slices.ContainsFunc(d.parents, func(x parent) bool { return x.draft == to }) {
		return nil
	}
	if link := p.parentLink(d, to); link != nil {
		d.parents = append(d.parents, parent{to, link})
		return nil
	}
	if d.proxy {
		d.parents = append(d.parents, parent{to, nil})
		return nil
	}
	link := &fieldDef{
		name: strings.ToLower(to.class.name) + "_ptr", typ: "OneToOneField", kind: oneToOne, class: d.class,
		auto: true, parent: to, named: map[string]operand{},
	}
	d.parents = append(d.parents, parent{to, link})
	if own[link.name] || taken[link.name] {
		return nil
	}
	return []*fieldDef{link}
}

// parentLink finds the field that a class declares to be the link to a parent.
func (p *Project) parentLink(d, to *draft) *fieldDef {
	for _, f := range p.linkCandidates(d) {
		if f.kind == oneToOne && p.truth(f.named["parent_link"]) && p.targetClass(d, f) == to.class {
			f.parent = to
			return f
		}
	}
	return nil
}

// linkCandidates are the fields of the class and of its abstract bases.
func (p *Project) linkCandidates(d *draft) []*fieldDef {
	list := slices.Clone(d.fields)
	for _, b := range d.class.lineage().bases {
		if b.kind != classSymbol {
			continue
		}
		if base := p.registry.drafts[b.class]; base != nil && base.abstract {
			list = append(list, base.fields...)
		}
	}
	return list
}

func (p *Project) inheritPrivate(d, base *draft, own map[string]bool) {
	for _, f := range base.fields {
		if !f.private() || own[f.name] {
			continue
		}
		own[f.name] = true
		if !base.abstract && !f.inherited {
			copied := *f
			copied.inherited = true
			f = &copied
		}
		d.fields = append(d.fields, f)
	}
}

// addKey adds the primary key that Django makes when a class has none.
func (p *Project) addKey(d *draft) {
	if d.proxy || len(d.parents) > 0 {
		return
	}
	for _, f := range d.fields {
		if f.kind == compositeKey || p.truth(f.named["primary_key"]) {
			return
		}
	}
	id := &fieldDef{name: "id", typ: p.keyType(d), kind: plainField, class: d.class, auto: true, named: map[string]operand{}}
	d.fields = append([]*fieldDef{id}, d.fields...)
}

// addTreeFields adds the columns that django-mptt's metaclass gives its models.
func (p *Project) addTreeFields(d *draft) {
	if d.proxy || len(d.parents) > 0 || !d.class.inherits("mptt.models.MPTTModel") {
		return
	}
	for i, name := range []string{"lft", "rght", "tree_id", "level"} {
		if !slices.ContainsFunc(d.fields, func(f *fieldDef) bool { return f.name == name }) {
			d.fields = append(d.fields, &fieldDef{
				name: name, typ: "PositiveIntegerField", kind: plainField, class: d.class, named: map[string]operand{}, order: [2]int{1 << 30, i},
			})
		}
	}
}

// overridesSave reports whether a class or a base of it in the source defines
// save() or delete().
func (d *draft) overridesSave() bool {
	for _, name := range []string{"save", "delete"} {
		if def, _ := d.class.method(name); def != nil {
			return true
		}
	}
	return false
}

// installedParts returns the files of an installed app's models package.
func (p *Project) installedParts(m *module) []*module {
	var list []*module
	for _, name := range p.siblings(m) {
		if x := p.module(joinName(m.name, strings.TrimSuffix(path.Base(name), ".py"))); x != nil {
			list = append(list, x)
		}
	}
	return list
}
