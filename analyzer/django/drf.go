package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// serializerBases are DRF's classes whose data is made of rows.
var serializerBases = []string{
	"rest_framework.serializers.Serializer", "rest_framework.serializers.ModelSerializer",
	"rest_framework.serializers.HyperlinkedModelSerializer", "rest_framework.serializers.BaseSerializer",
}

func isSerializer(k *class) bool { return k != nil && k.inherits(serializerBases...) }

// serializerMember is serializer.data.
func (it *interp) serializerMember(i *instance, name string, at syntax.Node) (value, bool) {
	switch name {
	case "data":
		if v, ok := given(i, 0, "instance"); ok && v != value(none) {
			it.serialize(i, v, isMany(i), at)
		}
		return unknown(i.deps), true
	case "instance":
		v, _ := given(i, 0, "instance")
		return v, true
	case "context", "initial_data", "validated_data", "errors", "fields":
		return unknown(i.deps), true
	}
	return nil, false
}

// given is one of those that an object was made with.
func given(i *instance, n int, name string) (value, bool) {
	if i.args == nil {
		return nil, false
	}
	return i.args.arg(n, name)
}

func isMany(i *instance) bool {
	v, ok := given(i, -1, "many")
	return ok && v == value(constant{nameConstant, "True"})
}

// serializerMethod is a method of DRF's serializers.
func (it *interp) serializerMethod(i *instance, name string, c *call) (value, bool) {
	switch name {
	case "to_representation":
		v, _ := c.arg(0, "instance")
		it.fields(i, v, c.at)
		return &dict{literal: false, deps: depends(v), values: map[constant]value{}}, true
	case "__init__":
		if i.args == nil {
			i.args = c
		}
		return none, true
	case "is_valid", "save", "get_fields", "validate", "run_validation", "create", "update", "get_extra_kwargs":
		return nil, true
	}
	return nil, false
}

// serialize is what to_representation() reads of a row, or of each.
func (it *interp) serialize(i *instance, v value, many bool, at syntax.Node) {
	if !many {
		it.represent(i, v, at)
		return
	}
	item := it.enter("serializer", it.span(at), it.allOf(v, at), at)
	it.represent(i, item, at)
	it.leave()
}

// allOf is the rows of a manager; what is iterable stays.
func (it *interp) allOf(v value, at syntax.Node) value {
	if m, ok := v.(*managerValue); ok {
		v = it.callMember(m, "all", nil, &call{at: at})
		for _, q := range pick[*queryset](v) {
			unwritten(q)
		}
	}
	return v
}

// represent makes one row's data.
func (it *interp) represent(i *instance, v value, at syntax.Node) {
	if def, k := i.class.method("to_representation"); def != nil {
		if it.running[def] == 0 {
			it.call(it.boundTo(def, k, i), &call{at: at, args: []value{v}})
		}
		return
	}
	it.fields(i, v, at)
}

// fields reads each field of a serializer.
func (it *interp) fields(i *instance, v value, at syntax.Node) {
	hop := source.Hop{Span: it.span(at), Function: className(i.class)}
	it.hopping(hop, i.class, func() {
		names, place, known := it.fieldNames(i, v)
		if !known {
			it.escape(v, place, "serialized with fields that are not known")
		}
		for _, name := range names {
			it.field(i, name, v, place)
		}
	})
}

// fieldNames lists a serializer's fields and where they are named. It is not
// known for those that a call makes.
func (it *interp) fieldNames(i *instance, v value) (names []string, place syntax.Node, known bool) {
	place = &spot{i.class.module.span(&nameSpot{i.class.def.NamePos})}
	declared := it.declared(i)
	meta := it.meta(i.class)
	if meta == nil {
		return declared, place, true
	}
	if x, ok := meta.lookup("depth"); ok && x.value != nil {
		return declared, place, false
	}
	if x, ok := meta.lookup("fields"); ok && x.value != nil {
		place = &spot{x.class.module.span(x.value)}
		if list, ok := it.textList(it.memberValue(x, meta, place)); ok {
			if !slices.Equal(list, []string{"__all__"}) {
				return list, place, true
			}
			return appendNew(declared, it.columnsOf(i, meta, nil)), place, !choosesFields(i)
		}
		return declared, place, false
	}
	if x, ok := meta.lookup("exclude"); ok && x.value != nil {
		place = &spot{x.class.module.span(x.value)}
		if list, ok := it.textList(it.memberValue(x, meta, place)); ok {
			return appendNew(declared, it.columnsOf(i, meta, list)), place, !choosesFields(i)
		}
	}
	return declared, place, false
}

// textList reads a string, or a list of nothing else.
func (it *interp) textList(v value) ([]string, bool) {
	if t, ok := textOf(v); ok {
		return []string{t}, true
	}
	s, ok := v.(*sequence)
	if !ok || s.elem != nil {
		return nil, false
	}
	var list []string
	for _, x := range s.elts {
		t, ok := textOf(x)
		if !ok {
			return nil, false
		}
		list = append(list, t)
	}
	return list, true
}

func appendNew(list, more []string) []string {
	for _, name := range more {
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}

// declared lists the fields that the classes assign.
func (it *interp) declared(i *instance) []string {
	var names []string
	for _, k := range i.class.mro() {
		for _, name := range k.scope().order {
			x, ok := k.own(name)
			if !ok || x.kind != boundValue || x.value == nil || slices.Contains(names, name) {
				continue
			}
			if _, isCall := x.value.(*syntax.Call); isCall {
				names = append(names, name)
			}
		}
	}
	return names
}

func (it *interp) meta(k *class) *class {
	x, ok := k.lookup("Meta")
	if !ok || x.kind != boundClass {
		return nil
	}
	m := it.p.classOf(x.class.module, x.stmt.(*syntax.ClassDef))
	return m
}

// metaModel is Meta.model, nil when it is not known.
func (it *interp) metaModel(meta *class) *schema.Model {
	if meta == nil {
		return nil
	}
	x, ok := meta.lookup("model")
	if !ok || x.value == nil {
		return nil
	}
	for _, k := range pick[*class](it.memberValue(x, meta, &spot{})) {
		return it.p.modelOf(k)
	}
	return nil
}

// choosesFields reports whether a serializer has its own word on which of the
// model's fields it shows.
func choosesFields(i *instance) bool {
	def, _ := i.class.method("get_field_names")
	return def != nil
}

// columnsOf lists the fields that "__all__" means, without those excluded:
// columns and many-to-many fields, no generic relations.
func (it *interp) columnsOf(i *instance, meta *class, without []string) []string {
	m := it.metaModel(meta)
	if m == nil || choosesFields(i) {
		return nil
	}
	var names []string
	for _, f := range m.Fields {
		if !slices.Contains(without, f.Name) && (f.Column != "" || f.Relation != nil && f.Relation.Kind == "m2m") {
			names = append(names, f.Name)
		}
	}
	return names
}

// field reads one field of a row.
func (it *interp) field(i *instance, name string, v value, place syntax.Node) {
	if x, ok := i.class.lookup(name); ok && x.kind == boundValue && x.value != nil {
		if f, ok := it.memberValue(x, i, place).(*instance); ok {
			at := &spot{x.class.module.span(x.value)}
			it.declaredField(i, f, name, v, at)
			return
		}
	}
	for _, r := range pick[*row](v) {
		it.modelField(r, name, place)
	}
	if d, ok := v.(*dict); ok {
		it.dictItem(d, []value{constant{textConstant, name}})
	}
}

// modelField is a field of the model that the serializer does not declare.
func (it *interp) modelField(r *row, name string, at syntax.Node) {
	if r.model != nil {
		if f := r.model.Field(name); f != nil && f.Relation != nil && f.Name == name {
			if f.Relation.Many {
				it.keysOf(it.attrOf(r, name, at), at)
				return
			}
			if f.Column != "" {
				it.read(r, f.Name+"_id", at)
				return
			}
		}
	}
	it.printed(it.evalAttr(r, name, at), at)
}

// printed is the text of a value where it is a row.
func (it *interp) printed(v value, at syntax.Node) {
	for _, r := range pick[*row](v) {
		it.str(r, at)
	}
}

// evalAttr is an attribute, called when it is a method.
func (it *interp) evalAttr(v value, name string, at syntax.Node) value {
	x := it.attrOf(v, name, at)
	switch x.(type) {
	case *bound, *method:
		return it.call(x, &call{at: at})
	}
	return x
}

// keysOf reads the keys of related rows, each a row that is fetched.
func (it *interp) keysOf(v value, at syntax.Node) {
	item := it.enter("serializer", it.span(at), it.allOf(v, at), at)
	it.attrOf(item, "pk", at)
	it.leave()
}

// declaredField is name = Field(…) in a serializer's class.
func (it *interp) declaredField(i, f *instance, name string, v value, at syntax.Node) {
	if w, ok := given(f, -1, "write_only"); ok && w == value(constant{nameConstant, "True"}) {
		return
	}
	kind := lastName(string(f.base))
	if kind == "SerializerMethodField" {
		method := "get_" + name
		if m, ok := given(f, 0, "method_name"); ok {
			if t, ok := textOf(m); ok {
				method = t
			}
		}
		if def, k := i.class.method(method); def != nil {
			it.call(it.boundTo(def, k, i), &call{at: at, args: []value{v}})
		}
		return
	}
	path := []string{name}
	if s, ok := given(f, -1, "source"); ok {
		if t, ok := textOf(s); ok {
			path = splitDots(t)
		}
	}
	last := len(path) - 1
	if path[0] == "*" {
		it.value(f, v, kind, at)
		return
	}
	for n, part := range path {
		if n == last && f.class == nil && keyFields[kind] && it.plainKey(v, part, isMany(f), at) {
			return
		}
		v = it.evalAttr(v, part, at)
	}
	it.value(f, v, kind, at)
}

func splitDots(s string) []string {
	var parts []string
	start := 0
	for i := range len(s) {
		if s[i] == '.' {
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// keyFields show a related row as its key, for which DRF fetches no row.
var keyFields = map[string]bool{"PrimaryKeyRelatedField": true, "HyperlinkedRelatedField": true}

// plainKey reads a foreign key's own column.
func (it *interp) plainKey(v value, name string, many bool, at syntax.Node) bool {
	if many {
		return false
	}
	done := false
	for _, r := range pick[*row](v) {
		if r.model == nil {
			continue
		}
		if f := r.model.Field(name); f != nil && f.Relation != nil && f.Column != "" {
			it.read(r, f.Name+"_id", at)
			done = true
		}
	}
	return done
}

// value is what a field makes of an attribute's value.
func (it *interp) value(f *instance, v value, kind string, at syntax.Node) {
	switch {
	case isSerializer(f.class):
		it.serialize(f, v, isMany(f), at)
	case f.class != nil:
		if def, k := f.class.method("to_representation"); def != nil {
			it.call(it.boundTo(def, k, f), &call{at: at, args: []value{v}})
			return
		}
		it.escape(v, at, "passed to the field "+f.class.name)
	case kind == "ListSerializer" || kind == "ListField":
		it.escape(v, at, "passed to "+kind)
	case isMany(f):
		item := it.enter("serializer", it.span(at), it.allOf(v, at), at)
		it.relatedValue(f, item, kind, at)
		it.leave()
	default:
		it.relatedValue(f, v, kind, at)
	}
}

func (it *interp) relatedValue(f *instance, v value, kind string, at syntax.Node) {
	switch {
	case kind == "SlugRelatedField":
		if s, ok := given(f, 0, "slug_field"); ok {
			if t, ok := textOf(s); ok {
				for _, part := range splitDots(t) {
					v = it.evalAttr(v, part, at)
				}
			}
		}
	case keyFields[kind]:
		it.attrOf(v, "pk", at)
	default:
		it.printed(v, at)
	}
}
