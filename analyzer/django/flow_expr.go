package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// eval returns the value of an expression; nil gives nil.
func (it *interp) eval(e syntax.Expr) value {
	if e == nil || !it.step() {
		return nil
	}
	if it.nested > maxNested {
		it.lose("source_nesting")
		return nil
	}
	it.nested++
	v := it.expr(e)
	it.nested--
	return v
}

func (it *interp) expr(e syntax.Expr) value {
	switch e := e.(type) {
	case *syntax.Name:
		return it.name(e.ID)
	case *syntax.Attribute:
		return it.attribute(it.eval(e.X), e)
	case *syntax.Call:
		return it.callExpr(e)
	case *syntax.Subscript:
		return it.subscript(e)
	case *syntax.String:
		return it.stringExpr(e)
	case *syntax.Number:
		return constant{numberConstant, e.Text}
	case *syntax.Constant:
		return constant{nameConstant, e.Text}
	case *syntax.Sequence:
		return it.display(e)
	case *syntax.Dict:
		return it.dictExpr(e)
	case *syntax.Comprehension:
		return it.comprehension(e)
	case *syntax.Lambda:
		return &function{module: it.frame.module, lambda: e, name: it.frame.name, around: it.frame.env}
	case *syntax.Binary:
		return it.binaryExpr(e)
	case *syntax.Compare:
		return it.compare(e)
	case *syntax.Unary:
		return it.unary(e)
	case *syntax.Conditional:
		return it.conditionalExpr(e)
	case *syntax.Await:
		return it.eval(e.X)
	case *syntax.Yield:
		return it.yield(e)
	case *syntax.Starred:
		return it.eval(e.X)
	case *syntax.NamedExpr:
		v := it.eval(e.Value)
		it.set(e.Target.ID, v)
		return v
	case *syntax.Slice:
		return unknown(depends(it.eval(e.Lo)) | depends(it.eval(e.Hi)) | depends(it.eval(e.Step)))
	case *syntax.BadExpr:
		for _, x := range e.Elts {
			it.eval(x)
		}
	}
	return nil
}

// name looks a name up as Python does: function, functions around, module,
// built-in names.
func (it *interp) name(id string) value {
	if v, ok := it.frame.env.lookup(id); ok {
		return v
	}
	return it.global(it.frame.module, id)
}

func (it *interp) stringExpr(e *syntax.String) value {
	if !e.Formatted {
		return constant{textConstant, e.Value}
	}
	var deps loopSet
	for _, p := range e.Parts {
		v := it.eval(p)
		it.str(v, p)
		deps |= depends(v)
	}
	return unknown(deps)
}

func (it *interp) display(e *syntax.Sequence) value {
	s := &sequence{kind: e.Kind, literal: true}
	for _, x := range e.Elts {
		if star, ok := x.(*syntax.Starred); ok {
			it.extend(s, it.eval(star.X), star.X)
			s.literal = false
			continue
		}
		s.elts = append(s.elts, it.eval(x))
	}
	if len(s.elts) > maxElements {
		for _, v := range s.elts {
			s.elem = it.join(s.elem, v)
		}
		s.elts = nil
	}
	return s
}

// maxElements is how many places of a list are told apart.
const maxElements = 32

func (it *interp) dictExpr(e *syntax.Dict) value {
	d := &dict{literal: true}
	for i, k := range e.Keys {
		v := it.eval(e.Values[i])
		if k == nil {
			d.literal = false
			it.merge(d, v, e)
			continue
		}
		it.store(d, it.eval(k), v)
	}
	return d
}

func (it *interp) comprehension(e *syntax.Comprehension) value {
	var made value
	it.attempt(func() bool {
		made = it.comprehended(e)
		return false
	})
	return made
}

// comprehended runs a comprehension; its variables are its own.
func (it *interp) comprehended(e *syntax.Comprehension) value {
	depth := len(it.loops)
	for _, c := range e.Clauses {
		v := it.eval(c.Iter)
		span := it.frame.module.spanOf(c.Start, c.Iter.Pos().End)
		item := it.enter("comprehension", span, v, c.Iter)
		it.bind(c.Target, item)
		for _, cond := range c.Ifs {
			it.test(cond)
		}
	}
	out := &sequence{kind: e.Kind}
	var made value
	if e.Kind == syntax.DictSeq {
		key := it.eval(e.Key)
		made = &dict{elem: it.eval(e.Elt), key: key}
	} else {
		out.elem = it.eval(e.Elt)
		made = out
	}
	// What stands in the result depends on the loop; the result itself only
	// on what the loop went over.
	it.loops = it.loops[:depth]
	return made
}

func (it *interp) binaryExpr(e *syntax.Binary) value {
	switch e.Op {
	case "and", "or":
		x := it.eval(e.X)
		it.truth(x, e.X)
		var y value
		it.choose(
			func() bool { y = it.eval(e.Y); return false },
			func() bool { return false },
		)
		if e.Op == "or" {
			x = withoutNone(x)
		}
		return it.join(x, y)
	}
	x := it.eval(e.X)
	y := it.eval(e.Y)
	return it.binary(e.Op, x, y, e)
}

// withoutNone drops None from a union.
func withoutNone(v value) value {
	u, ok := v.(union)
	if !ok {
		return v
	}
	var kept union
	for _, x := range u {
		if x != value(none) {
			kept = append(kept, x)
		}
	}
	if len(kept) == 1 {
		return kept[0]
	}
	return kept
}

func (it *interp) binary(op string, x, y value, n syntax.Node) value {
	switch a := x.(type) {
	case *queryset:
		if b, ok := y.(*queryset); ok && (op == "|" || op == "&" || op == "^") {
			out := it.derive(a, nil)
			out.fact.Dynamic = true
			out.fact.key += op + b.fact.key
			return out
		}
	case *conditions:
		if b, ok := y.(*conditions); ok {
			return &conditions{
				filters: append(a.filters[:len(a.filters):len(a.filters)], b.filters...),
				deps:    a.deps | b.deps, opaque: a.opaque || b.opaque,
			}
		}
		return &conditions{filters: a.filters, deps: a.deps | depends(y), opaque: true}
	case *sequence:
		if op == "+" {
			out := &sequence{kind: a.kind, elem: it.elements(a), deps: a.deps}
			out.literal = false
			it.extend(out, y, n)
			return out
		}
		if op == "*" {
			return &sequence{kind: a.kind, elem: it.elements(a), deps: a.deps}
		}
	case constant:
		if op == "%" && a.kind == textConstant {
			it.strAll(y, n)
		}
		if b, ok := y.(constant); ok && op == "+" && a.kind == textConstant && b.kind == textConstant {
			return constant{textConstant, a.text + b.text}
		}
	case *dict:
		if op == "|" {
			out := &dict{elem: a.elem, key: a.key, deps: a.deps}
			it.merge(out, x, n)
			it.merge(out, y, n)
			return out
		}
	}
	return unknown(depends(x) | depends(y))
}

func (it *interp) compare(e *syntax.Compare) value {
	v := it.eval(e.X)
	deps := depends(v)
	for i, y := range e.Ys {
		w := it.eval(y)
		deps |= depends(w)
		if op := e.Ops[i]; op == "in" || op == "not in" {
			it.contained(w, y)
		}
	}
	return unknown(deps)
}

func (it *interp) unary(e *syntax.Unary) value {
	if e.Op == "not" {
		v := it.eval(e.X)
		it.truth(v, e.X)
		return unknown(depends(v))
	}
	v := it.eval(e.X)
	if c, ok := v.(*conditions); ok && e.Op == "~" {
		out := &conditions{deps: c.deps, opaque: c.opaque}
		for _, f := range c.filters {
			f.Exclude = !f.Exclude
			out.filters = append(out.filters, f)
		}
		return out
	}
	if c, ok := v.(constant); ok && c.kind == numberConstant && e.Op == "-" {
		return constant{numberConstant, "-" + c.text}
	}
	return unknown(depends(v))
}

func (it *interp) conditionalExpr(e *syntax.Conditional) value {
	switch it.test(e.Test) {
	case yes:
		return it.eval(e.Body)
	case no:
		return it.eval(e.Else)
	}
	var a, b value
	it.choose(
		func() bool { it.narrow(e.Test, true); a = it.eval(e.Body); return false },
		func() bool { it.narrow(e.Test, false); b = it.eval(e.Else); return false },
	)
	return it.join(a, b)
}

func (it *interp) yield(e *syntax.Yield) value {
	v := it.eval(e.X)
	if e.From {
		v = it.drained(v, e)
	}
	f := it.frame
	if f.makes {
		v = it.join(f.yields, v)
	}
	f.yields, f.makes = v, true
	return nil
}

// drained is what the elements of v are, all of them taken.
func (it *interp) drained(v value, n syntax.Node) value {
	item := it.enter("for", it.span(n), v, n)
	it.leave()
	return item
}

// A truth is what is known of a condition.
type truthValue uint8

const (
	maybe truthValue = iota
	yes
	no
)

// test evaluates a condition: querysets in it are asked whether they hold rows.
func (it *interp) test(e syntax.Expr) truthValue {
	switch x := e.(type) {
	case nil:
		return maybe
	case *syntax.Unary:
		if x.Op == "not" {
			switch it.test(x.X) {
			case yes:
				return no
			case no:
				return yes
			}
			return maybe
		}
	case *syntax.Compare:
		return it.compared(x)
	case *syntax.Binary:
		if x.Op == "and" || x.Op == "or" {
			it.test(x.X)
			it.choose(
				func() bool { it.narrow(x.X, x.Op == "and"); it.test(x.Y); return false },
				func() bool { return false },
			)
			return maybe
		}
	}
	v := it.eval(e)
	it.truth(v, e)
	if c, ok := v.(constant); ok && c.kind == nameConstant {
		switch c.text {
		case "None":
			return no
		}
	}
	return maybe
}

// compared is a comparison as a condition: "x is None" of a parameter that was
// not given is known.
func (it *interp) compared(x *syntax.Compare) truthValue {
	if len(x.Ops) != 1 || !strings.HasPrefix(x.Ops[0], "is") && x.Ops[0] != "==" && x.Ops[0] != "!=" {
		it.compare(x)
		return maybe
	}
	c, ok := x.Ys[0].(*syntax.Constant)
	if !ok || c.Text != "None" {
		it.compare(x)
		return maybe
	}
	v := it.eval(x.X)
	it.keyOnly(v)
	is := x.Ops[0] == "is" || x.Ops[0] == "=="
	switch v.(type) {
	case constant:
		if v == value(none) == is {
			return yes
		}
		return no
	case *queryset, *managerValue, *class, *function, *sequence, *dict:
		if is {
			return no
		}
		return yes
	}
	return maybe
}

// narrow forgets what a condition rules out: "if x:" leaves no None in x.
func (it *interp) narrow(test syntax.Expr, holds bool) {
	switch t := test.(type) {
	case *syntax.Name:
		if v, ok := it.frame.env.vars[t.ID]; ok && holds {
			it.frame.env.put(t.ID, withoutNone(v))
		}
	case *syntax.Unary:
		if t.Op == "not" {
			it.narrow(t.X, !holds)
		}
	case *syntax.Compare:
		n, ok := t.X.(*syntax.Name)
		if !ok || len(t.Ops) != 1 {
			return
		}
		if c, ok := t.Ys[0].(*syntax.Constant); !ok || c.Text != "None" {
			return
		}
		if holds == (t.Ops[0] == "is not") {
			if v, ok := it.frame.env.vars[n.ID]; ok {
				it.frame.env.put(n.ID, withoutNone(v))
			}
		}
	case *syntax.Binary:
		if t.Op == "and" && holds {
			it.narrow(t.X, true)
			it.narrow(t.Y, true)
		}
	}
}
