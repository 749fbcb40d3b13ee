package django

import (
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

func (it *interp) params(env *env, f *function, c *call) {
	it.bindParams(env, f, f.def.Params, c)
}

// bindParams gives parameters their arguments, their defaults, or what their
// annotations promise.
func (it *interp) bindParams(env *env, f *function, params []syntax.Param, c *call) {
	used := map[string]bool{}
	next := 0
	for _, p := range params {
		switch p.Star {
		case "*":
			env.vars[p.Name] = it.restArgs(c, next)
			next = len(c.args)
			continue
		case "**":
			env.vars[p.Name] = restKeywords(c, used)
			continue
		}
		v, ok := c.arg(next, "")
		if ok {
			next++
		} else {
			v, ok = c.arg(-1, p.Name)
			used[p.Name] = true
		}
		if !ok && p.Default != nil && !c.open {
			v = it.inModule(f.module, func() value { return it.eval(p.Default) })
		}
		if isBlank(v) && p.Annotation != nil {
			if h := it.hinted(p.Annotation, f.module); h != nil {
				v = it.dependent(h, depends(v))
			}
		}
		env.vars[p.Name] = v
	}
}

// dependent is what an annotation promises of an argument that depends on loops.
func (it *interp) dependent(h value, deps loopSet) value {
	if deps == 0 {
		return h
	}
	return it.inLoop(h, deps, 0)
}

func isBlank(v value) bool {
	_, ok := v.(*opaque)
	return v == nil || ok
}

func (it *interp) restArgs(c *call, from int) value {
	s := &sequence{kind: syntax.TupleSeq, literal: !c.open}
	for i := from; i < len(c.args); i++ {
		if c.open {
			s.elem = it.join(s.elem, c.args[i])
			continue
		}
		s.elts = append(s.elts, c.args[i])
	}
	return s
}

func restKeywords(c *call, used map[string]bool) value {
	d := &dict{literal: !c.open, values: map[constant]value{}}
	for _, k := range c.keywords {
		if used[k.name] {
			continue
		}
		key := constant{textConstant, k.name}
		d.keys = append(d.keys, key)
		d.values[key] = k.value
	}
	return d
}

// inModule evaluates something at the top level of a module.
func (it *interp) inModule(m *module, f func() value) value {
	it.frame = &frame{module: m, env: newEnv(m, nil), base: len(it.loops), outer: it.frame}
	v := f()
	it.frame = it.frame.outer
	return v
}

// cachedFunction reports whether a call's result is kept.
func (it *interp) cachedFunction(f *function) bool {
	if len(it.loops) == 0 {
		return false
	}
	for _, d := range f.def.Decorators {
		if it.decorator(f.module, d) == "functools.lru_cache" || it.decorator(f.module, d) == "functools.cache" {
			return true
		}
	}
	return false
}

// decorator returns the dotted name of a decorator.
func (it *interp) decorator(m *module, d syntax.Expr) string {
	if c, ok := d.(*syntax.Call); ok {
		d = c.Func
	}
	name := dottedOf(d)
	if name == "" {
		return ""
	}
	return it.p.resolve(m, name).path
}

// savepointOf records the transaction that @atomic begins around a function.
func (it *interp) savepointOf(f *function, c *call) {
	if c.at == nil {
		return
	}
	for _, d := range f.def.Decorators {
		if it.decorator(f.module, d) == "django.db.transaction.atomic" {
			it.fetch(fetchOf{op: source.Savepoint, method: "atomic", at: c.at})
		}
	}
}

// decorated is what a name holds after a function's decorators: the function,
// since those that change more than when it runs are rare.
func (it *interp) decorated(fn *function, _ *syntax.FunctionDef) value { return fn }

func (it *interp) escapeAll(c *call, why string) {
	for _, v := range c.all() {
		it.escape(v, c.at, why)
	}
}
