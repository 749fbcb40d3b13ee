package django

import (
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// stmt runs one statement and reports whether it leaves the block.
func (it *interp) stmt(s syntax.Stmt) bool {
	switch s := s.(type) {
	case *syntax.ExprStmt:
		it.exprStmt(s)
	case *syntax.Assign:
		it.assign(s)
	case *syntax.Return:
		it.returns(s)
		return true
	case *syntax.If:
		return it.ifStmt(s)
	case *syntax.For:
		it.forStmt(s)
	case *syntax.While:
		it.whileStmt(s)
	case *syntax.With:
		return it.with(s)
	case *syntax.Try:
		return it.try(s)
	case *syntax.Match:
		return it.match(s)
	case *syntax.FunctionDef:
		it.define(s)
	case *syntax.ClassDef:
		it.set(s.Name, it.p.classOf(it.frame.module, s))
	case *syntax.Import, *syntax.ImportFrom:
		it.importStmt(s)
	case *syntax.Raise:
		it.eval(s.X)
		it.eval(s.From)
		return true
	case *syntax.Assert:
		it.test(s.Test)
		it.eval(s.Msg)
	case *syntax.Delete:
		it.deleteStmt(s)
	case *syntax.Simple:
		return s.Keyword == "break" || s.Keyword == "continue"
	case *syntax.BadStmt:
		it.block(s.Body)
	}
	return false
}

func (it *interp) deleteStmt(s *syntax.Delete) {
	for _, t := range s.Targets {
		if n, ok := t.(*syntax.Name); ok {
			it.frame.env.put(n.ID, nil)
		}
	}
}

// exprStmt runs an expression for what it does. A chain whose value nobody
// takes is a discarded queryset.
func (it *interp) exprStmt(s *syntax.ExprStmt) {
	v := it.eval(s.X)
	c, ok := s.X.(*syntax.Call)
	if !ok {
		return
	}
	attr, ok := c.Func.(*syntax.Attribute)
	if !ok || !chainMethods[attr.Attr] || it.muted > 0 {
		return
	}
	qs, ok := v.(*queryset)
	if !ok || qs.parent == nil {
		return
	}
	it.use(qs.fact)
	it.rec.note(source.Note{
		Kind: source.Discarded, Span: it.span(s.X), Function: it.frame.name, Model: label(qs.model),
		Query: &qs.fact.Query, Name: attr.Attr, Entries: it.entries(),
	})
}

func (it *interp) returns(s *syntax.Return) {
	v := value(none)
	if s.Value != nil {
		v = it.eval(s.Value)
	}
	f := it.frame
	if f.gives {
		v = it.join(f.returns, v)
	}
	f.returns, f.gives = v, true
}

func (it *interp) ifStmt(s *syntax.If) bool {
	narrowed := it.test(s.Test)
	if narrowed == yes {
		return it.block(s.Body)
	}
	if narrowed == no {
		return it.block(s.Else)
	}
	ended := it.choose(
		func() bool { it.narrow(s.Test, true); return it.block(s.Body) },
		func() bool { it.narrow(s.Test, false); return it.block(s.Else) },
	)
	return ended
}

func (it *interp) forStmt(s *syntax.For) {
	v := it.eval(s.Iter)
	m := it.frame.module
	span := m.spanOf(s.Start, s.Iter.Pos().End)
	item := it.enter("for", span, v, s.Iter)
	if leavesAtOnce(s.Body) {
		it.loops = it.loops[:len(it.loops)-1]
		it.loopBody(s.Target, item, s.Body)
	} else {
		it.loopBody(s.Target, item, s.Body)
		it.leave()
	}
	it.block(s.Else)
}

// loopBody runs a loop's body once, and joins with the state of no round.
func (it *interp) loopBody(target syntax.Expr, item value, body []syntax.Stmt) {
	it.carry(body)
	round := it.attempt(func() bool {
		it.bind(target, item)
		it.block(body)
		return false
	})
	it.settle([]arm{{}, round})
}

// carry makes the names that a loop's body assigns depend on the loop: what
// they hold at its beginning comes from the round before.
func (it *interp) carry(body []syntax.Stmt) {
	if len(it.loops) == 0 {
		return
	}
	bit := it.loops[len(it.loops)-1].bit()
	syntax.WalkBody(body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda:
			return false
		case *syntax.Assign:
			for _, t := range n.Targets {
				if name, ok := t.(*syntax.Name); ok {
					it.carryName(name.ID, bit)
				}
			}
		}
		return true
	})
}

func (it *interp) carryName(name string, bit loopSet) {
	old, ok := it.frame.env.vars[name]
	if !ok {
		return
	}
	switch v := old.(type) {
	case nil, *opaque, constant:
		if v != value(none) {
			it.frame.env.put(name, unknown(depends(old)|bit))
		}
	case *instance:
		if v.class == nil {
			again := *v
			again.deps |= bit
			it.frame.env.put(name, &again)
		}
	}
}

// leavesAtOnce reports whether a loop's body ends its first round with break,
// return or raise, so that it is no loop.
func leavesAtOnce(body []syntax.Stmt) bool {
	for _, s := range body {
		leaves := false
		syntax.Walk(s, func(n syntax.Node) bool {
			switch n := n.(type) {
			case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda:
				return false
			case *syntax.Simple:
				leaves = leaves || n.Keyword == "continue"
			}
			return true
		})
		if leaves {
			return false
		}
	}
	if len(body) == 0 {
		return false
	}
	switch last := body[len(body)-1].(type) {
	case *syntax.Return, *syntax.Raise:
		return true
	case *syntax.Simple:
		return last.Keyword == "break"
	}
	return false
}

func (it *interp) whileStmt(s *syntax.While) {
	m := it.frame.module
	l := &loop{number: it.loopNo, arms: len(it.branch), hops: len(it.hops), while: true}
	it.loopNo++
	l.Kind, l.Span = "while", m.spanOf(s.Start, s.Test.Pos().End)
	it.loops = append(it.loops[:len(it.loops):len(it.loops)], l)
	it.test(s.Test)
	it.carry(s.Body)
	round := it.attempt(func() bool { it.block(s.Body); return false })
	it.settle([]arm{{}, round})
	it.leave()
	it.block(s.Else)
}

func (it *interp) with(s *syntax.With) bool {
	for _, item := range s.Items {
		v := it.eval(item.X)
		v = it.entered(v, item.X)
		if item.As != nil {
			it.bind(item.As, v)
		}
	}
	return it.block(s.Body)
}

// try runs the body, and each handler as another way from its beginning.
func (it *interp) try(s *syntax.Try) bool {
	arms := []func() bool{func() bool { return it.block(s.Body) || it.block(s.Else) }}
	for _, h := range s.Handlers {
		arms = append(arms, func() bool {
			it.eval(h.Type)
			if h.Name != "" {
				it.set(h.Name, nil)
			}
			return it.block(h.Body)
		})
	}
	ended := false
	if len(arms) == 1 {
		ended = arms[0]()
	} else {
		ended = it.tryArms(arms)
	}
	return it.block(s.Finally) || ended
}

// tryArms is choose, but the body itself is no branch: it always runs.
func (it *interp) tryArms(arms []func() bool) bool {
	body := it.attempt(arms[0])
	it.settle([]arm{{}, {vars: body.vars}})
	through := func() bool {
		for _, name := range sortedKeys(body.vars) {
			it.frame.env.put(name, body.vars[name])
		}
		return body.ended
	}
	return it.choose(append([]func() bool{through}, arms[1:]...)...)
}

func (it *interp) match(s *syntax.Match) bool {
	subject := it.eval(s.Subject)
	var arms []func() bool
	for _, c := range s.Cases {
		arms = append(arms, func() bool {
			for _, n := range c.Names {
				it.set(n, unknown(depends(subject)))
			}
			it.test(c.Guard)
			return it.block(c.Body)
		})
	}
	arms = append(arms, func() bool { return false })
	return it.choose(arms...)
}

// define binds a nested function.
func (it *interp) define(s *syntax.FunctionDef) {
	name := s.Name
	if it.frame.name != "" {
		name = it.frame.name + "." + s.Name
	}
	fn := &function{module: it.frame.module, def: s, name: name, around: it.frame.env}
	it.frame.defs = append(it.frame.defs, fn)
	it.set(s.Name, it.decorated(fn, s))
}

func (it *interp) importStmt(s syntax.Stmt) {
	sc := it.frame.module.scopeOf([]syntax.Stmt{s})
	for _, name := range sc.order {
		it.set(name, it.symbolValue(it.p.resolveIn(it.frame.module, &sc, name, 0)))
	}
}

func (it *interp) assign(s *syntax.Assign) {
	if s.Value == nil {
		if n, ok := s.Targets[0].(*syntax.Name); ok && s.Annotation != nil {
			it.set(n.ID, it.hinted(s.Annotation, it.frame.module))
		}
		return
	}
	if s.Op != "=" && s.Op != "" {
		it.augmented(s)
		return
	}
	v := it.eval(s.Value)
	if s.Annotation != nil && v == nil {
		v = it.hinted(s.Annotation, it.frame.module)
	}
	for _, t := range s.Targets {
		it.bind(t, v)
	}
}

// augmented is x += y: lists grow, Q objects join, numbers depend on the loop.
func (it *interp) augmented(s *syntax.Assign) {
	y := it.eval(s.Value)
	x := it.eval(s.Targets[0])
	var deps loopSet
	if n := len(it.loops); n > it.frame.base {
		deps = it.loops[n-1].bit()
	}
	switch x := x.(type) {
	case *sequence:
		it.extend(x, y, s.Value)
		return
	case *queryset, *conditions:
		it.bind(s.Targets[0], it.binary(s.Op[:len(s.Op)-1], x, y, s))
		return
	case union:
		for _, v := range x {
			if seq, ok := v.(*sequence); ok {
				it.extend(seq, y, s.Value)
				return
			}
		}
	}
	it.bind(s.Targets[0], unknown(depends(x)|depends(y)|deps))
}

// bind gives a target its value.
func (it *interp) bind(t syntax.Expr, v value) {
	switch t := t.(type) {
	case *syntax.Name:
		it.set(t.ID, v)
	case *syntax.Attribute:
		it.assignAttribute(t, v)
	case *syntax.Subscript:
		it.assignItem(t, v)
	case *syntax.Starred:
		it.bind(t.X, &sequence{kind: syntax.ListSeq, elem: v, deps: depends(v)})
	case *syntax.Sequence:
		it.unpack(t, v)
	}
}

// unpack is a, b = v.
func (it *interp) unpack(t *syntax.Sequence, v value) {
	for i, target := range t.Elts {
		if star, ok := target.(*syntax.Starred); ok {
			it.bind(star.X, &sequence{kind: syntax.ListSeq, elem: it.part(v, -1), deps: depends(v)})
			continue
		}
		it.bind(target, it.part(v, i))
	}
}

// part is what stands at a place of an unpacked value.
func (it *interp) part(v value, i int) value {
	var out value
	for k, x := range each(v) {
		var p value
		switch x := x.(type) {
		case *sequence:
			switch {
			case i >= 0 && i < len(x.elts) && x.elem == nil:
				p = x.elts[i]
			default:
				p = it.elements(x)
			}
		case *queryset:
			p = it.indexed(x, nil)
		default:
			p = unknown(depends(x))
		}
		if k == 0 {
			out = p
			continue
		}
		out = it.join(out, p)
	}
	return out
}
