package django

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// Kinds of relations, as package link names them too.
const (
	kindForeign         = "forward_fk"
	kindOneToOne        = "one_to_one"
	kindReverse         = "reverse_fk"
	kindReverseOne      = "reverse_one_to_one"
	kindMany            = "m2m"
	kindGeneric         = "generic_fk"
	kindGenericRelation = "generic_relation"
	kindChild           = "mti_child"
	kindParent          = "mti_parent"
	// kindReverseGeneric is a GenericRelation's related_query_name at the other
	// end: a name in lookups, no accessor.
	kindReverseGeneric = "reverse_generic"
)

// nameLength is PostgreSQL's limit of identifiers, to which Django cuts the
// names that it makes.
const nameLength = 63

// shortName cuts a name as Django does: its head and a hash of it all.
func shortName(name string) string {
	if len(name) <= nameLength {
		return name
	}
	sum := md5.Sum([]byte(name))
	return name[:nameLength-4] + hex.EncodeToString(sum[:])[:4]
}

// table returns the table of a model's rows.
func (p *Project) table(d *draft) string {
	d = d.concrete()
	if t, ok := p.metaText(d.meta, "db_table"); ok && t != "" {
		return t
	}
	return shortName(d.app + "_" + strings.ToLower(d.class.name))
}

// wideTypes hold values that are big as a rule; so do types ending in wideEnds.
var wideTypes = map[string]bool{
	"TextField": true, "JSONField": true, "BinaryField": true, "ArrayField": true, "HStoreField": true,
	"SearchVectorField": true, "GeometryField": true, "PolygonField": true, "MultiPolygonField": true,
	"LineStringField": true, "MultiLineStringField": true, "GeometryCollectionField": true, "RasterField": true,
	"StreamField": true, "RichTextField": true, "RichTextUploadingField": true, "HTMLField": true, "MarkdownxField": true,
	"MarkdownField": true, "MartorField": true, "CITextField": true, "QuillField": true, "CKEditor5Field": true,
	"EncryptedTextField": true, "EncryptedJSONField": true, "TextJSONField": true, "PickledObjectField": true,
}

// isWide tells field classes with big values, a class of the source by what it
// extends.
func isWide(f *fieldDef) bool {
	if wideTypes[f.typ] {
		return true
	}
	return strings.HasSuffix(f.typ, "TextField") || strings.HasSuffix(f.typ, "JSONField") || strings.HasSuffix(f.typ, "JsonField")
}

// columns makes the fields that a model adds to its parents'.
func (p *Project) columns(d *draft) {
	m := d.model
	m.Table = p.table(d)
	m.PrimaryKey = p.keyNames(d)
	for _, f := range d.fields {
		x := &schema.Field{Name: f.name, Type: f.typ, Model: m, Wide: isWide(f)}
		x.Span = fieldSpan(f.class.module, f.stmt)
		key := p.truth(f.named["primary_key"]) || f.auto && f.name == "id"
		x.Null = p.truth(f.named["null"]) || f.kind == genericRelation
		if f.kind == manyToMany || key {
			x.Null = false
		}
		x.Unique = p.truth(f.named["unique"]) || key || f.kind == oneToOne
		for _, auto := range []string{"auto_now", "auto_now_add"} {
			if p.truth(f.named[auto]) {
				x.Auto = auto
				break
			}
		}
		x.Column = p.column(f)
		d.made[f] = x
	}
}

func (p *Project) column(f *fieldDef) string {
	switch f.kind {
	case plainField, foreignKey, oneToOne:
	default:
		return ""
	}
	if c, ok := p.text(f.named["db_column"]); ok {
		return c
	}
	if f.kind == plainField {
		return f.name
	}
	return f.name + "_id"
}

// target returns the argument that names a relation's other end.
func (f *fieldDef) target() operand {
	if a, ok := f.named["to"]; ok {
		return a
	}
	if len(f.args) > 0 {
		return f.args[0]
	}
	return operand{}
}

// targetClass returns the class that a relation of d leads to, nil when it
// cannot be told.
func (p *Project) targetClass(d *draft, f *fieldDef) *class {
	if f.parent != nil {
		return f.parent.class
	}
	a := f.target()
	if a.expr == nil {
		return nil
	}
	return p.modelArgument(d, a)
}

// modelArgument resolves what names a model: a class, "app.Model", "Model",
// "self", settings.AUTH_USER_MODEL.
func (p *Project) modelArgument(d *draft, a operand) *class {
	if label, ok := p.text(a); ok {
		switch {
		case label == "self":
			return d.class
		case strings.Contains(label, "."):
			return p.classByLabel(label).class
		}
		if s := p.classByLabel(d.app + "." + label); s.class != nil {
			return s.class
		}
		return nil
	}
	s := p.resolveExprIn(a.module, a.local, a.expr)
	if s.kind == classSymbol {
		return s.class
	}
	return nil
}

// relations resolves the targets of a model's own fields.
func (p *Project) relations(d *draft) {
	for _, f := range d.fields {
		x := d.made[f]
		switch f.kind {
		case foreignKey, oneToOne, foreignObject, manyToMany, genericRelation:
			p.relate(d, f, x)
		case genericKey:
			x.Relation = &schema.Relation{Kind: kindGeneric, TypeField: "content_type", IDField: "object_id"}
			p.genericNames(f, x.Relation, 0, "ct_field", "fk_field")
		}
	}
}

// genericNames reads the names of a content type's and an id's field.
func (p *Project) genericNames(f *fieldDef, r *schema.Relation, first int, typeName, idName string) {
	if len(f.args) > first && f.kind == genericKey {
		if s, ok := p.text(f.args[first]); ok {
			r.TypeField = s
		}
		if len(f.args) > first+1 {
			if s, ok := p.text(f.args[first+1]); ok {
				r.IDField = s
			}
		}
	}
	if s, ok := p.text(f.named[typeName]); ok {
		r.TypeField = s
	}
	if s, ok := p.text(f.named[idName]); ok {
		r.IDField = s
	}
}

func (p *Project) relate(d *draft, f *fieldDef, x *schema.Field) {
	r := &schema.Relation{Kind: kindForeign}
	x.Relation = r
	if c := p.targetClass(d, f); c != nil {
		r.Target = p.modelOf(c)
	}
	if to, ok := p.text(f.named["to_field"]); ok && (r.Target == nil || !slices.Equal(r.Target.PrimaryKey, []string{to})) {
		r.ToField = to
	}
	switch f.kind {
	case oneToOne:
		r.Kind = kindOneToOne
		if f.parent != nil {
			r.Kind = kindParent
		}
	case manyToMany:
		r.Kind, r.Many, r.ToField = kindMany, true, ""
		if strings.HasSuffix(f.typ, "TaggableManager") {
			p.relateTags(d, f, x)
			return
		}
		if _, given := f.named["through"]; given && !isNone(f.named["through"].expr) {
			if c := p.modelArgument(d, f.named["through"]); c != nil {
				r.Through = p.modelOf(c)
			}
			if r.Through != nil {
				r.ThroughTable = r.Through.Table
				if r.ThroughTable == "" { // its turn comes later
					r.ThroughTable = p.table(p.registry.drafts[p.classFor(r.Through)])
				}
			}
			return
		}
		p.makeThrough(d, f, r)
	case genericRelation:
		r.Kind, r.Many = kindGenericRelation, true
		r.TypeField, r.IDField = "content_type", "object_id"
		p.genericNames(f, r, 0, "content_type_field", "object_id_field")
		if len(f.args) > 1 {
			if s, ok := p.text(f.args[1]); ok {
				r.IDField = s
			}
		}
	}
}

// relateTags does what TaggableManager(through=…) of django-taggit means: its
// through model is given or taggit's own, which points to rows of any model.
func (p *Project) relateTags(d *draft, f *fieldDef, x *schema.Field) {
	x.Null = true
	c := p.classByLabel("taggit.TaggedItem").class
	if a, ok := f.named["through"]; ok && !isNone(a.expr) {
		c = p.modelArgument(d, a)
	}
	if c == nil || p.modelOf(c) == nil {
		return
	}
	r := x.Relation
	r.Through = p.modelOf(c)
	r.ThroughTable = p.table(p.registry.drafts[c])
	for k, through := range p.registry.drafts[c].made {
		if k.name == "tag" && through.Relation == nil { // its turn comes later
			p.relate(p.registry.drafts[c], k, through)
		}
		switch k.name {
		case "tag":
			r.Target, r.TargetColumn = through.Relation.Target, through.Column
		case "object_id", "content_object":
			if through.Column != "" {
				r.SourceColumn = through.Column
			}
		}
	}
}

// targetName is the lower case name of an m2m's target, known even when the
// target is not.
func (p *Project) targetName(d *draft, f *fieldDef, r *schema.Relation) string {
	if r.Target != nil {
		return strings.ToLower(r.Target.Name)
	}
	a := f.target()
	if s, ok := p.text(a); ok {
		if s == "self" {
			s = d.class.name
		}
		return strings.ToLower(lastName(s))
	}
	if a.expr != nil {
		return strings.ToLower(lastName(dottedOf(a.expr)))
	}
	return ""
}

// makeThrough makes the model that Django keeps an m2m's pairs in.
func (p *Project) makeThrough(d *draft, f *fieldDef, r *schema.Relation) {
	table, ok := p.text(f.named["db_table"])
	if !ok {
		table = shortName(strings.Trim(p.table(d), `"`) + "_" + f.name)
	}
	from, to := strings.ToLower(d.class.name), p.targetName(d, f, r)
	if from == to {
		from, to = "from_"+from, "to_"+to
	}
	m := &schema.Model{
		App: d.app, Name: d.class.name + "_" + f.name, Module: d.class.module.name, Table: table,
		Managed: d.managed || r.Target != nil && r.Target.Managed, PrimaryKey: []string{"id"},
		Unique: [][]string{{from, to}}, DefaultManager: "objects", AutoCreated: true,
		Indexes: [][]string{{from}, {to}},
	}
	key := p.keyType(d)
	m.Fields = []*schema.Field{
		{Name: "id", Column: "id", Type: key, Unique: true, Model: m},
		{Name: from, Column: from + "_id", Type: "ForeignKey", Model: m, Relation: &schema.Relation{Kind: kindForeign, Target: d.model}},
		{Name: to, Column: to + "_id", Type: "ForeignKey", Model: m, Relation: &schema.Relation{Kind: kindForeign, Target: r.Target}},
	}
	r.Through, r.ThroughTable, r.SourceColumn, r.TargetColumn = m, table, from+"_id", to+"_id"
	if p.Models.ByLabel[m.Label()] == nil {
		p.Models.ByLabel[m.Label()] = m
	}
}

// keyType is the class of the key that Django adds to models of d's app.
func (p *Project) keyType(d *draft) string {
	switch {
	case !d.class.module.analyse && strings.HasPrefix(d.class.module.name, "django.contrib."):
		return "AutoField"
	case d.autoField != "":
		return d.autoField
	case p.setting.autoField != "":
		return lastName(p.setting.autoField)
	case p.atLeast(6, 0):
		return "BigAutoField"
	}
	return "AutoField"
}

// throughColumns finds the columns of m2m fields whose through model the source
// declares.
func (p *Project) throughColumns(d *draft) {
	for _, f := range d.fields {
		r := d.made[f].Relation
		if f.kind != manyToMany || r.Through == nil || r.SourceColumn != "" {
			continue
		}
		names := p.texts(f.named["through_fields"])
		for _, x := range r.Through.Fields {
			if x.Relation == nil || x.Column == "" || x.Relation.Target == nil {
				continue
			}
			to := x.Relation.Target
			named := len(names) == 2
			switch {
			case to == d.model && r.SourceColumn == "" && (!named || x.Name == names[0]):
				r.SourceColumn = x.Column
			case to == r.Target && r.TargetColumn == "" && (!named || x.Name == names[1]):
				r.TargetColumn = x.Column
			}
		}
	}
}

// fieldList gives a model all its fields in Django's order: the parents', then
// its own columns, its m2m, its generic ones.
func (p *Project) fieldList(d *draft) {
	m := d.model
	if m.Fields != nil {
		return
	}
	m.Fields = []*schema.Field{}
	seen := map[*schema.Field]bool{}
	for _, up := range d.parents {
		base := up.draft.model
		if base == nil {
			continue
		}
		p.fieldList(up.draft)
		for _, x := range base.Fields {
			if !seen[x] && !privateKind(x) {
				seen[x] = true
				m.Fields = append(m.Fields, x)
			}
		}
		if d.proxy {
			m.Proxy, m.Parents = base, base.Parents
			m.Table, m.PrimaryKey = base.Table, base.PrimaryKey
			continue
		}
		m.Parents = append(m.Parents, base)
	}
	if !d.proxy {
		for _, up := range d.parents {
			if up.draft.model != nil {
				for _, far := range up.draft.model.Parents {
					m.Parents = appendModel(m.Parents, far)
				}
			}
		}
	}
	for pass := range 3 {
		for _, f := range d.fields {
			if passOf(f) == pass {
				m.Fields = append(m.Fields, d.made[f])
			}
		}
	}
	if v := p.metaValue(d.meta, "order_with_respect_to"); v.expr != nil && !isNone(v.expr) && !d.proxy {
		p.addOrder(m)
	}
}

// addOrder adds the column of order_with_respect_to after the last column.
func (p *Project) addOrder(m *schema.Model) {
	at := 0
	for i, x := range m.Fields {
		if x.Name == "_order" {
			return
		}
		if x.Column != "" {
			at = i + 1
		}
	}
	x := &schema.Field{Name: "_order", Column: "_order", Type: "OrderWrt", Model: m}
	m.Fields = append(m.Fields[:at:at], append([]*schema.Field{x}, m.Fields[at:]...)...)
}

// passOf orders fields as Options.get_fields does.
func passOf(f *fieldDef) int {
	switch {
	case f.private():
		return 2
	case f.kind == manyToMany:
		return 1
	}
	return 0
}

// privateKind tells the fields that every class has its own of.
func privateKind(x *schema.Field) bool {
	return x.Relation != nil && (x.Relation.Kind == kindGeneric || x.Relation.Kind == kindGenericRelation)
}

func appendModel(list []*schema.Model, m *schema.Model) []*schema.Model {
	for _, x := range list {
		if x == m {
			return list
		}
	}
	return append(list, m)
}

// lateFields reads Book.add_to_class("x", models.CharField()) at module level.
func (p *Project) lateFields(modules []*module) {
	for _, m := range modules {
		if !bytes.Contains(m.text, []byte(".add_to_class(")) {
			continue
		}
		for i, s := range m.file().Body {
			x, ok := s.(*syntax.ExprStmt)
			if !ok {
				continue
			}
			call, ok := x.X.(*syntax.Call)
			if !ok || len(call.Args) != 2 || lastName(dottedOf(call.Func)) != "add_to_class" {
				continue
			}
			p.lateField(m, call, i)
		}
	}
}

func (p *Project) lateField(m *module, call *syntax.Call, i int) {
	owner := p.resolve(m, parentName(dottedOf(call.Func)))
	name, ok := p.text(operand{call.Args[0].Value, m, nil})
	value, isCall := call.Args[1].Value.(*syntax.Call)
	if owner.kind != classSymbol || !ok || !isCall {
		return
	}
	d := p.registry.drafts[owner.class]
	f := &fieldDef{name: name, class: owner.class, stmt: call, named: map[string]operand{}, order: [2]int{1 << 30, i}}
	if d == nil || !p.fill(f, m, nil, value, 0) {
		return
	}
	f.stmt = nil // it may stand in another file than the class
	d.fields = append(d.fields, f)
}
