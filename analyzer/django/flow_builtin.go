package django

import (
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

func itoa(i int) string { return strconv.Itoa(i) }

// callExternal calls something outside of the source by its dotted name.
func (it *interp) callExternal(name string, c *call) value {
	if rest, ok := strings.CutPrefix(name, "builtins."); ok {
		return it.builtin(rest, c)
	}
	if v, ok := it.djangoCall(name, c); ok {
		return v
	}
	if v, ok := it.frameworkCall(name, c); ok {
		return v
	}
	if v, ok := it.libraryCall(name, c); ok {
		return v
	}
	if quietModules[topName(name)] {
		return &instance{base: external(name), deps: c.deps()}
	}
	if isClassName(name) {
		for _, v := range c.all() {
			it.escape(v, c.at, "passed to "+lastName(name)+"(), which is not in the source")
		}
		return &instance{base: external(name), args: c, deps: c.deps(), attrs: map[string]value{}}
	}
	return it.unknownCall(lastName(name), 0, c)
}

func topName(dotted string) string {
	top, _, _ := strings.Cut(dotted, ".")
	return top
}

func isClassName(name string) bool {
	last := lastName(name)
	return last != "" && last[0] >= 'A' && last[0] <= 'Z'
}

// quietModules are those of Python itself whose functions keep nothing of what
// they are given and read no attribute of a model's rows.
var quietModules = map[string]bool{
	"datetime": true, "time": true, "math": true, "random": true, "re": true, "os": true, "sys": true, "uuid": true,
	"decimal": true, "hashlib": true, "logging": true, "string": true, "statistics": true, "calendar": true, "zoneinfo": true,
	"pytz": true, "secrets": true, "base64": true, "urllib": true, "warnings": true, "typing": true, "types": true,
	"textwrap": true, "inspect": true, "abc": true, "contextlib": true, "locale": true, "unicodedata": true,
}

// builtin calls one of Python's own functions.
func (it *interp) builtin(name string, c *call) value {
	arg, _ := c.arg(0, "")
	switch name {
	case "list", "tuple", "set", "frozenset", "sorted", "reversed", "iter":
		return it.collected(name, arg, c)
	case "enumerate":
		return it.enumerated(arg, c)
	case "zip":
		return it.zipped(c)
	case "map", "filter":
		return it.mapped(name, c)
	case "len":
		return it.length(arg, c)
	case "bool", "any", "all", "sum", "min", "max", "next":
		return it.reduced(name, arg, c)
	case "dict":
		return it.dictOf(arg, c)
	case "str", "repr", "format", "print", "ascii":
		for _, v := range c.args {
			it.str(v, c.at)
		}
		return unknown(c.deps())
	case "getattr":
		return it.getattr(c)
	case "setattr":
		return it.setattr(c)
	case "vars":
		it.escape(arg, c.at, "its __dict__ is read")
		return nil
	case "range":
		return it.ranged(c)
	case "type":
		return it.typeOf(arg)
	case "hasattr", "isinstance", "issubclass", "id", "hash", "callable", "int", "float", "abs", "round", "divmod", "pow",
		"chr", "ord", "input", "open", "bytes", "object", "slice", "complex", "hex", "oct", "bin", "super", "dir":
		for _, v := range c.args {
			it.keyOnly(v)
		}
		return unknown(c.deps())
	}
	if strings.HasSuffix(name, "Error") || strings.HasSuffix(name, "Exception") || strings.HasSuffix(name, "Warning") {
		for _, v := range c.args {
			it.strAll(v, c.at)
		}
		return nil
	}
	return it.unknownCall(name, 0, c)
}

// collected is list(v) and its like.
func (it *interp) collected(name string, v value, c *call) value {
	out := &sequence{kind: syntax.ListSeq}
	switch name {
	case "tuple":
		out.kind = syntax.TupleSeq
	case "set", "frozenset":
		out.kind = syntax.SetSeq
	}
	if v == nil && len(c.args) == 0 {
		return &sequence{kind: out.kind, literal: false}
	}
	for _, x := range each(v) {
		switch x := x.(type) {
		case *sequence:
			out.deps |= x.deps
			out.literal = x.literal && len(each(v)) == 1
			if len(each(v)) == 1 && name != "sorted" && name != "reversed" {
				out.elts = append(out.elts, x.elts...)
				out.elem = x.elem
				continue
			}
			out.elem = it.join(out.elem, it.elements(x))
		default:
			src := it.iterated(x, c.place(0))
			out.deps |= src.deps
			item := src.item()
			if out.elem == nil {
				out.elem = item
				continue
			}
			out.elem = it.join(out.elem, item)
		}
	}
	if name == "sorted" {
		it.keyed(c, out, c.at)
	}
	if out.deps == 0 {
		out.deps = depends(v)
	}
	return out
}

// keyed calls the key function of sort, sorted, min and max for each element.
func (it *interp) keyed(c *call, s *sequence, at syntax.Node) {
	key, ok := c.arg(-1, "key")
	if !ok || key == value(none) {
		return
	}
	it.mapOver(key, s, at, at)
}

// mapOver calls f with each of the elements of v, and returns what it gives.
func (it *interp) mapOver(f value, v value, at, rows syntax.Node) value {
	item := it.enter("map", it.span(at), v, rows)
	out := it.call(f, &call{at: at, args: []value{item}})
	it.leave()
	return out
}

func (it *interp) enumerated(v value, c *call) value {
	return it.wrapped(v, c.place(0), func(item value) value {
		return &sequence{kind: syntax.TupleSeq, elts: []value{nil, item}}
	})
}

// wrapped is an iterator that gives something made of each element of v.
func (it *interp) wrapped(v value, at syntax.Node, make func(value) value) value {
	src := it.iterated(v, at)
	out := &sequence{kind: syntax.GeneratorSeq, deps: src.deps}
	if s, ok := v.(*sequence); ok && src.literal {
		out.literal = true
		for _, x := range s.elts {
			out.elts = append(out.elts, make(x))
		}
		return out
	}
	out.elem = make(src.item())
	return out
}

func (it *interp) zipped(c *call) value {
	tuple := &sequence{kind: syntax.TupleSeq}
	out := &sequence{kind: syntax.GeneratorSeq, elem: tuple}
	for i, v := range c.args {
		src := it.iterated(v, c.place(i))
		out.deps |= src.deps
		if src.literal && i == 0 {
			out.literal = true
		}
		tuple.elts = append(tuple.elts, src.item())
	}
	if out.literal {
		out.elts, out.elem = []value{tuple}, nil
	}
	return out
}

func (it *interp) mapped(name string, c *call) value {
	if len(c.args) < 2 {
		return nil
	}
	result := it.mapOver(c.args[0], c.args[1], c.at, c.place(1))
	out := &sequence{kind: syntax.GeneratorSeq, elem: result, deps: depends(c.args[1])}
	if name == "filter" {
		out.elem = it.elementOf(c.args[1])
	}
	return out
}

func (it *interp) length(v value, c *call) value {
	for _, x := range each(v) {
		switch x := x.(type) {
		case *queryset:
			it.askAt(x, source.Len, c.at, c.place(0))
		case *page:
			if q, ok := x.rows.(*queryset); ok {
				it.askAt(q, source.Len, c.at, c.place(0))
			}
		}
	}
	return unknown(depends(v))
}

// reduced are the functions that take all of an iterable and give one thing.
func (it *interp) reduced(name string, v value, c *call) value {
	if name == "bool" {
		it.truth(v, c.place(0))
		return unknown(depends(v))
	}
	if len(c.args) == 0 {
		return nil
	}
	var elem value
	if len(c.args) > 1 && (name == "min" || name == "max") {
		elem = v
		for _, x := range c.args[1:] {
			elem = it.join(elem, x)
		}
	} else {
		src := it.iterated(v, c.place(0))
		elem = src.item()
	}
	switch name {
	case "min", "max":
		it.keyed(c, &sequence{kind: syntax.ListSeq, elem: elem}, c.at)
		return it.taken(elem, 0)
	case "next":
		return it.taken(elem, depends(v))
	}
	return unknown(depends(v))
}

func (it *interp) dictOf(v value, c *call) value {
	d := &dict{literal: len(c.args) == 0}
	for _, x := range each(v) {
		switch x := x.(type) {
		case *dict:
			it.merge(d, x, c.place(0))
		case nil:
		default:
			pair := it.iterated(x, c.place(0)).item()
			it.store(d, it.part(pair, 0), it.part(pair, 1))
		}
	}
	for _, k := range c.keywords {
		it.store(d, constant{textConstant, k.name}, k.value)
	}
	return d
}

func (it *interp) getattr(c *call) value {
	v, _ := c.arg(0, "")
	name, ok := c.arg(1, "")
	text, known := textOf(name)
	if !ok || !known {
		it.escape(v, c.at, "an attribute whose name is not known is read")
		return unknown(c.deps())
	}
	var out value
	for i, x := range each(v) {
		a := it.attrOf(x, text, c.at)
		if i == 0 {
			out = a
			continue
		}
		out = it.join(out, a)
	}
	if d, ok := c.arg(2, ""); ok {
		out = it.join(out, d)
	}
	return out
}

func (it *interp) setattr(c *call) value {
	v, _ := c.arg(0, "")
	x, _ := c.arg(2, "")
	name, _ := c.arg(1, "")
	text, known := textOf(name)
	for _, r := range each(v) {
		switch r := r.(type) {
		case *row:
			if known {
				it.touch(r, text, c.at, true)
			}
		case *instance:
			if known && r.attrs != nil {
				r.attrs[text] = x
			}
		default:
			it.escape(x, c.at, "stored on an object that is not known")
		}
	}
	return none
}

func (it *interp) ranged(c *call) value {
	s := &sequence{kind: syntax.ListSeq, deps: c.deps(), elem: nil}
	s.literal = true
	for _, v := range c.args {
		n, ok := v.(constant)
		i, err := strconv.Atoi(n.text)
		if !ok || n.kind != numberConstant || err != nil || i > maxLiteralRange {
			s.literal = false
		}
	}
	return s
}

// maxLiteralRange is the most rounds of range(n) that are "a few fixed values".
const maxLiteralRange = 5

func (it *interp) typeOf(v value) value {
	switch v := v.(type) {
	case *row:
		return it.classOrNil(v.model)
	case *instance:
		if v.class != nil {
			return v.class
		}
		return v.base
	}
	return nil
}
