package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A loopSource is what a loop goes over.
type loopSource struct {
	over    *source.Query
	path    []string
	literal bool
	item    func() value // made inside the loop
	deps    loopSet
}

// iterated evaluates what a loop goes over.
func (it *interp) iterated(v value, n syntax.Node) loopSource {
	switch v := v.(type) {
	case *queryset:
		return it.overQueryset(v, n)
	case *page:
		return it.iterated(v.rows, n)
	case *sequence:
		return it.overSequence(v)
	case *dict:
		s := loopSource{literal: v.literal && v.elem == nil, deps: v.deps, item: func() value { return v.key }}
		return s
	case constant:
		return loopSource{literal: true, item: func() value { return nil }}
	case *instance:
		return it.overInstance(v, n)
	case union:
		return it.overUnion(v, n)
	}
	return loopSource{deps: depends(v), item: func() value { return nil }}
}

func (it *interp) overUnion(u union, n syntax.Node) loopSource {
	var parts []loopSource
	out := loopSource{literal: true}
	for _, x := range u {
		if x == value(none) {
			continue
		}
		p := it.iterated(x, n)
		out.literal = out.literal && p.literal
		out.deps |= p.deps
		if out.over == nil {
			out.over, out.path = p.over, p.path
		}
		parts = append(parts, p)
	}
	out.item = func() value {
		var v value
		for i, p := range parts {
			if i == 0 {
				v = p.item()
				continue
			}
			v = it.join(v, p.item())
		}
		return v
	}
	return out
}

func (it *interp) overInstance(v *instance, n syntax.Node) loopSource {
	if v.class != nil {
		if def, k := v.class.method("__iter__"); def != nil && it.running[def] == 0 {
			return it.iterated(it.call(it.boundTo(def, k, v), &call{at: n}), n)
		}
	}
	if x, ok := it.frameworkIterated(v, n); ok {
		return it.iterated(x, n)
	}
	return loopSource{deps: v.deps, item: func() value { return nil }}
}

func (it *interp) overQueryset(q *queryset, n syntax.Node) loopSource {
	it.ask(q, source.Iterate, n)
	s := loopSource{deps: q.deps}
	if list := it.originsOf(q); len(list) > 0 {
		s.over, s.path = it.use(list[0].fact), list[0].path
	}
	s.item = func() value { return it.cachedItem(q) }
	return s
}

// cachedItem is one of the rows of an evaluated queryset. All names of them
// share what they have loaded.
func (it *interp) cachedItem(q *queryset) value {
	if q.fact.Raw {
		return it.rawItem(q, q.deps)
	}
	v := it.one(q, 0)
	r, ok := v.(*row)
	if !ok {
		return v
	}
	r.many = true
	if q.fact.Iterator {
		return r
	}
	if q.state == nil {
		q.state = r.state
	}
	r.state = q.state
	return r
}

// rawItem is one of the results of values() and values_list().
func (it *interp) rawItem(q *queryset, deps loopSet) value {
	switch {
	case q.flat:
		return unknown(deps)
	case q.dicts:
		return &dict{deps: deps, literal: true}
	}
	s := &sequence{kind: syntax.TupleSeq, deps: deps}
	for range q.fact.Values {
		s.elts = append(s.elts, unknown(deps))
	}
	return s
}

func (it *interp) overSequence(s *sequence) loopSource {
	out := loopSource{deps: s.deps}
	out.literal = s.literal && s.elem == nil
	elem := it.elements(s)
	for _, v := range each(elem) {
		if r, ok := firstRowIn(v, 0); ok && len(r.origins) > 0 && r.many {
			out.over, out.path = it.use(r.origins[0].fact), r.origins[0].path
			break
		}
	}
	out.item = func() value { return elem }
	return out
}

// firstRowIn finds a row in what a loop gives: enumerate() and zip() give tuples.
func firstRowIn(v value, depth int) (*row, bool) {
	switch v := v.(type) {
	case *row:
		return v, true
	case *sequence:
		if depth > 1 {
			return nil, false
		}
		for _, x := range v.elts {
			if r, ok := firstRowIn(x, depth+1); ok {
				return r, true
			}
		}
	case *dict:
		for _, k := range v.keys {
			if r, ok := v.values[k].(*row); ok {
				return r, true
			}
		}
	}
	return nil, false
}

// item is what a loop's variable holds: a value that depends on the loop.
func (it *interp) item(src loopSource, l *loop) value {
	return it.inLoop(src.item(), l.bit()|src.deps, 0)
}

// inLoop gives rows the running loops, and everything the dependence on them.
func (it *interp) inLoop(v value, deps loopSet, depth int) value {
	switch v := v.(type) {
	case *row:
		again := *v
		again.loops, again.hops, again.deps = slices.Clone(it.loops), len(it.hops), v.deps|deps
		return &again
	case *sequence:
		return it.sequenceInLoop(v, deps, depth)
	case *dict:
		if depth > maxContainers {
			return v
		}
		again := *v
		again.deps |= deps
		again.same = v
		if v.elem != nil {
			again.elem = it.inLoop(v.elem, deps, depth+1)
		}
		again.values = make(map[constant]value, len(v.values))
		for k, x := range v.values {
			again.values[k] = it.inLoop(x, deps, depth+1)
		}
		return &again
	case *instance:
		again := *v
		again.deps |= deps
		return &again
	case union:
		var u union
		for _, x := range v {
			u = append(u, it.inLoop(x, deps, depth+1))
		}
		return u
	case nil, constant, *opaque:
		return unknown(depends(v) | deps)
	}
	return v
}

// sequenceInLoop copies a list with its rows; what is put into the copy goes
// into the list as well.
func (it *interp) sequenceInLoop(v *sequence, deps loopSet, depth int) value {
	if depth > maxContainers {
		return v
	}
	again := &sequence{kind: v.kind, literal: v.literal, deps: v.deps | deps, same: v}
	for _, x := range v.elts {
		again.elts = append(again.elts, it.inLoop(x, deps, depth+1))
	}
	if v.elem != nil {
		again.elem = it.inLoop(v.elem, deps, depth+1)
	}
	return again
}

// taken is an element taken out of a container: one of several rows, of which
// this is the place where one is in hand.
func (it *interp) taken(v value, deps loopSet) value {
	if len(it.loops) == 0 && deps == 0 {
		return v
	}
	return it.inLoop(v, deps, 1)
}

// elements joins all that a list may hold.
func (it *interp) elements(s *sequence) value {
	v := s.elem
	for i, x := range s.elts {
		if i == 0 && s.elem == nil {
			v = x
			continue
		}
		v = it.join(v, x)
	}
	return v
}

// elementOf is one of what v holds, with all of it taken.
func (it *interp) elementOf(v value) value {
	switch v := v.(type) {
	case *queryset:
		return it.cachedItem(v)
	case *sequence:
		return it.elements(v)
	case *dict:
		return v.key
	case *page:
		return it.elementOf(v.rows)
	case union:
		var out value
		for i, x := range v {
			e := it.elementOf(x)
			if i == 0 {
				out = e
				continue
			}
			out = it.join(out, e)
		}
		return out
	}
	return unknown(depends(v))
}
