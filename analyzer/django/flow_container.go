package django

import (
	"maps"
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// listCall is a method of a list, tuple, set or iterator.
func (it *interp) listCall(s *sequence, name string, c *call) value {
	arg, _ := c.arg(0, "")
	switch name {
	case "append", "add", "appendleft", "put":
		it.push(s, arg)
		return none
	case "insert":
		x, _ := c.arg(1, "")
		it.push(s, x)
		return none
	case "extend", "update", "extendleft", "union", "intersection", "difference":
		if name == "update" || name == "extend" || name == "extendleft" {
			it.extend(s, arg, c.place(0))
			return none
		}
		out := &sequence{kind: s.kind, elem: it.elements(s), deps: s.deps}
		it.extend(out, arg, c.place(0))
		return out
	case "pop", "popleft", "get", "__next__":
		return it.taken(it.elements(s), s.deps)
	case "copy", "__iter__":
		return &sequence{kind: s.kind, elts: slices.Clone(s.elts), elem: s.elem, deps: s.deps}
	case "sort":
		it.keyed(c, s, c.at)
		return none
	case "remove", "clear", "reverse", "discard":
		s.literal = false
		return none
	case "index", "count":
		return unknown(s.deps)
	}
	return unknown(s.deps | c.deps())
}

// push adds an element whose place is not told apart.
func (it *interp) push(s *sequence, v value) {
	for n := 0; s.same != nil && n < maxContainers; n++ {
		it.pushOne(s, v)
		s = s.same
	}
	it.pushOne(s, v)
}

func (it *interp) pushOne(s *sequence, v value) {
	s.literal = false
	if s.elem == nil && len(s.elts) == 0 {
		s.elem = v
		if v == nil {
			s.elem = unknown(0)
		}
		return
	}
	s.elem = it.join(s.elem, v)
}

// extend adds all of v.
func (it *interp) extend(s *sequence, v value, n syntax.Node) {
	for _, x := range each(v) {
		switch x := x.(type) {
		case *queryset:
			it.ask(x, source.Iterate, n)
			it.push(s, it.cachedItem(x))
		case *sequence:
			if x != s {
				it.push(s, it.elements(x))
			}
			s.deps |= x.deps
		default:
			s.literal = false
			it.push(s, it.elementOf(x))
		}
	}
}

func (it *interp) dictCall(d *dict, name string, c *call) value {
	key, _ := c.arg(0, "")
	switch name {
	case "get", "pop", "__getitem__":
		v := it.dictItem(d, []value{key})
		if def, ok := c.arg(1, "default"); ok {
			return it.join(v, def)
		}
		return v
	case "setdefault":
		def, _ := c.arg(1, "default")
		if v, ok := d.values[asConstant(key)]; ok {
			return v
		}
		it.store(d, key, def)
		return it.dictItem(d, []value{key})
	case "items":
		return it.items(d)
	case "values":
		return &sequence{kind: syntax.ListSeq, elem: it.dictValues(d), deps: d.deps, literal: false}
	case "keys":
		return &sequence{kind: syntax.ListSeq, elem: d.key, deps: d.deps}
	case "update":
		it.merge(d, key, c.place(0))
		for _, k := range c.keywords {
			it.store(d, constant{textConstant, k.name}, k.value)
		}
		return none
	case "copy":
		again := *d
		again.keys, again.values = slices.Clone(d.keys), maps.Clone(d.values)
		return &again
	case "popitem":
		return &sequence{kind: syntax.TupleSeq, elts: []value{d.key, it.taken(it.dictValues(d), d.deps)}}
	}
	return unknown(d.deps | c.deps())
}

func (it *interp) items(d *dict) value {
	pair := &sequence{kind: syntax.TupleSeq, elts: []value{it.dictKey(d), it.dictValues(d)}}
	out := &sequence{kind: syntax.ListSeq, deps: d.deps}
	if d.literal && d.elem == nil {
		out.literal = true
		for _, k := range d.keys {
			out.elts = append(out.elts, &sequence{kind: syntax.TupleSeq, elts: []value{k, d.values[k]}})
		}
		return out
	}
	out.elem = pair
	return out
}

func (it *interp) dictKey(d *dict) value { return d.key }

func (it *interp) dictValues(d *dict) value {
	v := d.elem
	for i, k := range d.keys {
		if i == 0 && d.elem == nil {
			v = d.values[k]
			continue
		}
		v = it.join(v, d.values[k])
	}
	return v
}

func asConstant(v value) constant {
	c, _ := v.(constant)
	return c
}

// store is d[key] = v.
func (it *interp) store(d *dict, key, v value) {
	for n := 0; d.same != nil && n < maxContainers; n++ {
		it.storeOne(d, key, v)
		d = d.same
	}
	it.storeOne(d, key, v)
}

func (it *interp) storeOne(d *dict, key, v value) {
	if c, ok := key.(constant); ok && len(d.keys) < maxElements {
		if d.values == nil {
			d.values = map[constant]value{}
		}
		old, known := d.values[c]
		if !known {
			d.keys = append(d.keys, c)
		}
		if known && (len(it.branch) > 0 || len(it.loops) > 0) {
			v = it.join(old, v)
		}
		d.values[c] = v
		return
	}
	d.literal = false
	if d.elem == nil {
		d.elem, d.key = v, key
		if v == nil {
			d.elem = unknown(0)
		}
		return
	}
	d.elem = it.join(d.elem, v)
	d.key = it.join(d.key, key)
}

// merge is d.update(v).
func (it *interp) merge(d *dict, v value, at syntax.Node) {
	for _, x := range each(v) {
		other, ok := x.(*dict)
		if !ok {
			d.literal = false
			for _, q := range pick[*queryset](x) {
				it.ask(q, source.Iterate, at)
			}
			continue
		}
		if other == d {
			continue
		}
		for _, k := range other.keys {
			it.store(d, k, other.values[k])
		}
		if other.elem != nil {
			it.store(d, other.key, other.elem)
		}
	}
}

func (it *interp) dictItem(d *dict, index []value) value {
	if len(index) == 1 {
		if c, ok := index[0].(constant); ok {
			if v, ok := d.values[c]; ok {
				return v
			}
			if d.elem == nil {
				return unknown(d.deps)
			}
		}
	}
	v := it.dictValues(d)
	return it.taken(v, d.deps|dependsAll(index, len(index)))
}

func (it *interp) listItem(s *sequence, slice bool, index []value) value {
	if slice {
		return &sequence{kind: s.kind, elem: it.elements(s), deps: s.deps}
	}
	if c, ok := index[0].(constant); ok && s.elem == nil {
		for i, v := range s.elts {
			if itoa(i) == c.text {
				return v
			}
		}
	}
	return it.taken(it.elements(s), s.deps|dependsAll(index, len(index)))
}

// assignItem is x[i] = v.
func (it *interp) assignItem(t *syntax.Subscript, v value) {
	x := it.eval(t.X)
	var index []value
	for _, i := range t.Index {
		index = append(index, it.eval(i))
	}
	var key value
	if len(index) == 1 {
		key = index[0]
	}
	for _, c := range each(x) {
		switch c := c.(type) {
		case *dict:
			it.store(c, key, v)
		case *sequence:
			it.push(c, v)
		case *instance:
			if c.class == nil && c.base == "collections.defaultdict" {
				continue
			}
			it.escape(v, t, "stored on an object that is not known")
		case *row:
		default:
			it.escape(v, t, "stored on an object that is not known")
		}
	}
}

// textCall is a method of a string.
func (it *interp) textCall(s constant, name string, c *call) value {
	switch name {
	case "join":
		for _, v := range c.args {
			if q, ok := v.(*queryset); ok {
				it.ask(q, source.Iterate, c.place(0))
			}
		}
	case "format", "format_map":
		for _, v := range c.all() {
			it.strAll(v, c.at)
		}
	}
	return unknown(c.deps())
}

// contained is x in v.
func (it *interp) contained(v value, at syntax.Node) {
	for _, q := range pick[*queryset](v) {
		it.ask(q, source.In, at)
	}
}

// truth asks a value whether it is true: a queryset is evaluated for that.
func (it *interp) truth(v value, at syntax.Node) {
	kind := source.Bool
	if it.mayBeOther(v, at) {
		kind = source.Maybe
	}
	for _, x := range each(v) {
		switch x := x.(type) {
		case *queryset:
			it.ask(x, kind, at)
		case *row:
			it.keyOnly(x)
		case *instance:
			if x.class == nil {
				continue
			}
			if def, k := x.class.method("__bool__"); def != nil {
				it.call(it.boundTo(def, k, x), &call{at: at})
			}
		}
	}
}

// mayBeOther reports whether what is tested may be something else than a
// queryset, None above all: one of several values, or a parameter, which other
// callers may leave out.
func (it *interp) mayBeOther(v value, at syntax.Node) bool {
	if slices.ContainsFunc(each(v), func(x value) bool { _, ok := x.(*queryset); return !ok }) {
		return true
	}
	n, ok := at.(*syntax.Name)
	if !ok || it.frame.fn == nil || it.frame.fn.def == nil {
		return false
	}
	return slices.ContainsFunc(it.frame.fn.def.Params, func(p syntax.Param) bool { return p.Name == n.ID && p.Default != nil })
}

// str is str(v): a row's __str__ runs.
func (it *interp) str(v value, at syntax.Node) value {
	it.strIn(v, at, 0)
	return unknown(depends(v))
}

// strAll is str of what a tuple, list or dict holds.
func (it *interp) strAll(v value, at syntax.Node) { it.strHeld(v, at, 0) }

// strIn is str(v) inside of depth containers: one may hold itself.
func (it *interp) strIn(v value, at syntax.Node, depth int) {
	if depth > maxContainers {
		return
	}
	for _, x := range each(v) {
		switch x := x.(type) {
		case *row:
			if def, k := methodIn(it.classOfModel(x.model), "__str__"); def != nil {
				it.call(it.boundTo(def, k, x), &call{at: at})
				continue
			}
			it.touch(x, "pk", at, false)
		case *instance:
			if def, k := methodIn(x.class, "__str__"); def != nil {
				it.call(it.boundTo(def, k, x), &call{at: at})
			}
		case *queryset:
			it.ask(x, source.Iterate, at)
			it.strHeld(it.cachedItem(x), at, depth)
		case *sequence:
			it.strHeld(x, at, depth)
		}
	}
}

func (it *interp) strHeld(v value, at syntax.Node, depth int) {
	switch v := v.(type) {
	case *sequence:
		for _, x := range v.elts {
			if _, nested := x.(*sequence); !nested {
				it.strIn(x, at, depth+1)
			}
		}
		if _, nested := v.elem.(*sequence); !nested && v.elem != nil {
			it.strIn(v.elem, at, depth+1)
		}
	case *dict:
		it.strIn(it.dictValues(v), at, depth+1)
	default:
		it.strIn(v, at, depth+1)
	}
}
