package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A call is the arguments of a call, evaluated.
type call struct {
	node     *syntax.Call // nil: made by the interpreter
	at       syntax.Node  // where it stands
	args     []value
	exprs    []syntax.Expr // of args; shorter where made by the interpreter
	keywords []namedArg
	open     bool    // *args or **kwargs of unknown length
	spread   loopSet // what those depend on
}

type namedArg struct {
	name  string
	value value
	expr  syntax.Expr
}

// arg returns the positional argument i or the keyword of that name.
func (c *call) arg(i int, name string) (value, bool) {
	if i >= 0 && i < len(c.args) {
		return c.args[i], true
	}
	for _, k := range c.keywords {
		if k.name == name && name != "" {
			return k.value, true
		}
	}
	return nil, false
}

// expr returns the expression of arg.
func (c *call) expr(i int, name string) syntax.Expr {
	if i >= 0 && i < len(c.exprs) {
		return c.exprs[i]
	}
	for _, k := range c.keywords {
		if k.name == name && name != "" {
			return k.expr
		}
	}
	return nil
}

// place returns where a positional argument stands, the whole call where it is
// not written out.
func (c *call) place(i int) syntax.Node {
	if e := c.expr(i, ""); e != nil {
		return e
	}
	return c.at
}

// all returns the values of all arguments.
func (c *call) all() []value {
	list := slices.Clone(c.args)
	for _, k := range c.keywords {
		list = append(list, k.value)
	}
	return list
}

func (c *call) deps() loopSet {
	s := c.spread
	for _, v := range c.args {
		s |= depends(v)
	}
	for _, k := range c.keywords {
		s |= depends(k.value)
	}
	return s
}

// arguments evaluates a call's arguments.
func (it *interp) arguments(e *syntax.Call) *call {
	c := &call{node: e, at: e}
	for _, a := range e.Args {
		v := it.eval(a.Value)
		switch {
		case a.Star == "*":
			it.spread(c, v, a.Value)
		case a.Star == "**":
			it.spreadKeywords(c, v)
		case a.Name != "":
			c.keywords = append(c.keywords, namedArg{a.Name, v, a.Value})
		default:
			c.args = append(c.args, v)
			c.exprs = append(c.exprs, a.Value)
		}
	}
	return c
}

// spread is *v among the arguments: it takes all of v.
func (it *interp) spread(c *call, v value, e syntax.Expr) {
	if s, ok := v.(*sequence); ok && s.elem == nil && s.literal {
		c.args = append(c.args, s.elts...)
		for range s.elts {
			c.exprs = append(c.exprs, e)
		}
		return
	}
	c.open = true
	c.spread |= depends(v)
	if q, ok := v.(*queryset); ok {
		c.args = append(c.args, it.drained(q, e))
		c.exprs = append(c.exprs, e)
		return
	}
	if v == nil {
		return
	}
	c.args = append(c.args, it.elementOf(v))
	c.exprs = append(c.exprs, e)
}

func (it *interp) spreadKeywords(c *call, v value) {
	c.spread |= depends(v)
	d, ok := v.(*dict)
	if !ok {
		c.open = true
		return
	}
	for _, k := range d.keys {
		if k.kind == textConstant {
			c.keywords = append(c.keywords, namedArg{k.text, d.values[k], nil})
		}
	}
	if d.elem != nil || !d.literal {
		c.open = true
	}
}

func (it *interp) callExpr(e *syntax.Call) value {
	if attr, ok := e.Func.(*syntax.Attribute); ok {
		self := it.eval(attr.X)
		return it.callAttr(self, attr, it.arguments(e))
	}
	if n, ok := e.Func.(*syntax.Name); ok && n.ID == "super" {
		if _, local := it.frame.env.lookup("super"); !local {
			return it.super(e)
		}
	}
	fn := it.eval(e.Func)
	return it.call(fn, it.arguments(e))
}

// callAttr is self.name(…), for each thing that self may be.
func (it *interp) callAttr(self value, attr *syntax.Attribute, c *call) value {
	if u, ok := self.(union); ok {
		var out value
		for i, v := range u {
			r := it.callAttr(v, attr, c)
			if i == 0 {
				out = r
				continue
			}
			out = it.join(out, r)
		}
		return out
	}
	return it.callMember(self, attr.Attr, attr, c)
}

// callMember is self.name(…); attr is nil when the source does not write it so.
func (it *interp) callMember(self value, name string, attr *syntax.Attribute, c *call) value {
	switch s := self.(type) {
	case *queryset:
		return it.querysetCall(s, name, attr, c)
	case *managerValue:
		return it.managerCall(s, name, attr, c)
	case *row:
		return it.rowCall(s, name, attr, c)
	case *instance:
		return it.instanceCall(s, name, c)
	case *class:
		return it.classCall(s, name, attr, c)
	case *module:
		return it.call(it.moduleAttr(s, name), c)
	case *superOf:
		return it.superCall(s, name, attr, c)
	case external:
		return it.callExternal(canonical(string(s)+"."+name), c)
	case *sequence:
		return it.listCall(s, name, c)
	case *dict:
		return it.dictCall(s, name, c)
	case *page:
		return it.pageCall(s, name, c)
	case constant:
		return it.textCall(s, name, c)
	case *function, *bound:
		if name == "__wrapped__" {
			return it.call(self, c)
		}
	case *conditions:
		return s
	}
	return it.unknownCall(name, depends(self), c)
}

// call calls a value.
func (it *interp) call(fn value, c *call) value {
	switch f := fn.(type) {
	case union:
		var out value
		for i, v := range f {
			r := it.call(v, c)
			if i == 0 {
				out = r
				continue
			}
			out = it.join(out, r)
		}
		return out
	case *function:
		return it.invoke(f, c)
	case *bound:
		with := *c
		with.args = append([]value{f.self}, c.args...)
		with.exprs = append([]syntax.Expr{nil}, c.exprs...)
		return it.invoke(f.fn, &with)
	case *class:
		return it.construct(f, c)
	case external:
		return it.callExternal(string(f), c)
	case *method:
		return it.callMember(f.self, f.name, f.node, c)
	case *instance:
		if f.base == "operator.attrgetter" {
			return it.getterCall(f, c)
		}
		if f.class != nil {
			if def, k := f.class.method("__call__"); def != nil {
				return it.call(it.boundTo(def, k, f), c)
			}
		}
	}
	return it.unknownCall("", depends(fn), c)
}

// unknownCall is a call of what is not in the source: rows that are passed to
// it go out of sight.
func (it *interp) unknownCall(name string, deps loopSet, c *call) value {
	why := "passed to a call that is not in the source"
	if name != "" {
		why = "passed to " + name + "(), which is not in the source"
	}
	for _, v := range c.all() {
		it.escape(v, c.at, why)
	}
	return unknown(deps | c.deps())
}

// invoke runs a function of the source with arguments.
func (it *interp) invoke(f *function, c *call) value {
	if f.lambda != nil {
		return it.invokeLambda(f, c)
	}
	if !it.anyBears(c.args, 0) && !it.namedBear(c) {
		if !it.relevant.of(f.def) {
			return unknown(c.deps())
		}
		if it.apart(f, c) {
			// As a root of its own it says the same.
			it.linked[f.def] = true
			return unknown(c.deps())
		}
	}
	key, same := it.memo(f, c)
	if same {
		if v, ok := it.results[key]; ok {
			return v
		}
	}
	if c.at != nil && len(it.hops) >= maxDepth || it.running[f.def] > 0 {
		if it.running[f.def] == 0 {
			it.lose("source_calls")
		}
		it.escapeAll(c, "passed to "+f.name+"(), too many calls deep")
		return unknown(c.deps())
	}
	if it.muted == 0 {
		it.reached[f.def] = true
	}
	cached := it.cachedFunction(f)
	if cached {
		it.muted++
		defer func() { it.muted-- }()
	}
	it.savepointOf(f, c)
	env := newEnv(f.module, f.around)
	it.params(env, f, c)
	if c.at != nil {
		it.hops = append(it.hops[:len(it.hops):len(it.hops)], source.Hop{Span: it.span(c.at), Function: f.name})
		defer func(n int) { it.hops = it.hops[:n] }(len(it.hops) - 1)
	}
	fr := it.run(f, env)
	v := fr.returns
	if fr.makes {
		v = &sequence{kind: syntax.GeneratorSeq, elem: fr.yields, deps: c.deps()}
	} else if !fr.gives {
		v = none
	}
	if v == nil {
		v = unknown(c.deps())
	}
	if same && len(it.results) < maxResults {
		it.results[key] = v
	}
	return v
}

// apart reports whether a call does nothing but what the function does as a
// root of its own: it gives nothing back, and changes nothing that it is given.
func (it *interp) apart(f *function, c *call) bool {
	if len(it.loops) > 0 || it.muted > 0 || f.around != nil || f.class != nil || !it.relevant.procedure(f.def) {
		return false
	}
	for _, v := range c.all() {
		switch v.(type) {
		case nil, *opaque, constant, external:
		default:
			return false
		}
	}
	return true
}

func (it *interp) namedBear(c *call) bool {
	for _, k := range c.keywords {
		if it.bears(k.value, 0) {
			return true
		}
	}
	return false
}

// run runs a function's body in a frame of its own.
func (it *interp) run(f *function, names *env) *frame {
	fr := &frame{fn: f, module: f.module, name: f.name, env: names, base: len(it.loops), outer: it.frame}
	it.frame = fr
	it.running[f.def]++
	depth := len(it.branch)
	if !it.block(f.def.Body) && fr.gives {
		fr.returns = it.join(fr.returns, none)
	}
	for _, def := range fr.defs {
		it.callback(def)
	}
	it.branch = it.branch[:depth]
	it.running[f.def]--
	it.frame = fr.outer
	return fr
}

// callback runs a nested function that its own function did not call.
func (it *interp) callback(f *function) {
	if it.reached[f.def] || it.running[f.def] > 0 || it.muted > 0 || len(it.hops) >= maxDepth {
		return
	}
	it.invoke(f, &call{open: true})
}

func (it *interp) invokeLambda(f *function, c *call) value {
	if it.nested > maxNested {
		return nil
	}
	env := newEnv(f.module, f.around)
	it.bindParams(env, f, f.lambda.Params, c)
	fr := &frame{fn: f, module: f.module, name: f.name, env: env, base: len(it.loops), outer: it.frame}
	it.frame = fr
	v := it.eval(f.lambda.Body)
	it.frame = fr.outer
	return v
}
