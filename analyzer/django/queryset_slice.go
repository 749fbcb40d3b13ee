package django

import (
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// subscript is x[i].
func (it *interp) subscript(e *syntax.Subscript) value {
	x := it.eval(e.X)
	var index []value
	for _, i := range e.Index {
		index = append(index, it.eval(i))
	}
	var out value
	for k, v := range each(x) {
		r := it.subscripted(v, e, index)
		if k == 0 {
			out = r
			continue
		}
		out = it.join(out, r)
	}
	return out
}

func (it *interp) subscripted(x value, e *syntax.Subscript, index []value) value {
	var s *syntax.Slice
	if len(e.Index) == 1 {
		s, _ = e.Index[0].(*syntax.Slice)
	}
	switch v := x.(type) {
	case *queryset:
		if s != nil {
			return it.sliced(v, e, s, depends(index[0]))
		}
		return it.indexed(v, e)
	case *managerValue:
		return nil
	case *page:
		return it.elementOf(v.rows)
	case *sequence:
		return it.listItem(v, s != nil, index)
	case *dict:
		return it.dictItem(v, index)
	case constant:
		return nil
	case external, *class:
		return v // Generic[…]
	case *row, *instance:
		return unknown(depends(v))
	}
	return unknown(depends(x) | dependsAll(index, len(index)))
}

// sliced is qs[a:b].
func (it *interp) sliced(q *queryset, e *syntax.Subscript, s *syntax.Slice, deps loopSet) value {
	if q.filled && within(q.fills, it.branch) {
		// From the cache.
		it.evaluated(q, source.Iterate, e)
		return &sequence{kind: syntax.ListSeq, elem: it.cachedItem(q), deps: q.deps}
	}
	m := it.frame.module
	d := it.derive(q, &source.Call{Name: "[]", Span: m.spanOf(e.Lbrack, e.End), Literal: isNumber(s.Lo) && isNumber(s.Hi)})
	it.lengthen(d, e)
	if q.served {
		d.defeats = true
	}
	d.served, d.plain = false, false
	d.deps |= deps
	d.asked |= deps
	lo, hi := number(s.Lo), number(s.Hi)
	f := d.fact
	if lo >= 0 {
		f.Offset += lo
	}
	f.Limit = 0
	if hi > 0 && lo >= 0 {
		f.Limit = max(hi-lo, 0)
	}
	f.Sliced = f.Sliced || s.Lo != nil || s.Hi != nil
	if s.Step != nil {
		it.ask(d, source.Iterate, e)
		return &sequence{kind: syntax.ListSeq, elem: it.cachedItem(d), deps: d.deps}
	}
	return d
}

func isNumber(e syntax.Expr) bool {
	_, ok := e.(*syntax.Number)
	return e == nil || ok
}

// number returns the value of a literal, 0 when absent, -1 when not known.
func number(e syntax.Expr) int {
	if e == nil {
		return 0
	}
	n, ok := e.(*syntax.Number)
	if !ok {
		return -1
	}
	i, err := strconv.Atoi(strings.ReplaceAll(n.Text, "_", ""))
	if err != nil {
		return -1
	}
	return i
}

// indexed is qs[i]: one row, out of the cache when there is one.
func (it *interp) indexed(q *queryset, e *syntax.Subscript) value {
	var at syntax.Node
	if e != nil {
		at = e
	}
	if q.filled && within(q.fills, it.branch) {
		if at != nil {
			it.evaluated(q, source.One, at)
		}
		return it.cachedItem(q)
	}
	if at != nil {
		it.evaluated(q, source.One, at)
		if f := it.fetch(it.of(q, fetchOf{op: source.First, method: "[]", at: at})); f != nil {
			f.Defeats = q.defeats
		}
	}
	d := *q
	d.plain = false
	return it.one(&d, 0)
}

func (it *interp) inBulk(q *queryset, c *call) value {
	d := it.derive(q, nil)
	d.deps |= c.deps()
	d.asked |= c.deps()
	it.evaluated(d, source.Iterate, c.at)
	it.fetch(it.of(d, fetchOf{op: source.Fetched, method: "in_bulk", at: c.at, filtered: true}))
	elem := it.one(d, 0)
	if r, ok := elem.(*row); ok {
		r.many = true
	}
	return &dict{elem: elem, deps: d.deps}
}

func (it *interp) raw(q *queryset, c *call) value {
	d := it.derive(q, nil)
	d.fact.Dynamic = true
	d.deps |= c.deps()
	d.asked |= c.deps()
	return d
}
