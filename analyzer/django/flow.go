package django

import (
	"slices"
	"strconv"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Limits of one root's interpretation, with their counters in Index.Lost.
const (
	maxSteps   = 20_000 // expressions and statements evaluated: source_steps
	maxDepth   = 6      // calls into functions of the source: source_calls
	maxResults = 4_000  // kept results of calls: beyond, calls are run again
	maxNested  = 200    // expressions and blocks inside each other: source_nesting
)

// An interp follows one root (a view, a method, a module's top level) with the
// functions that it calls. It belongs to one goroutine.
type interp struct {
	p        *Project
	rec      *record
	entry    string
	frame    *frame
	loops    []*loop
	hops     []source.Hop
	branch   []string // arms taken, "3.0" for the first arm of the third choice
	choices  int
	order    int
	steps    int
	nested   int
	muted    int // no facts while > 0: the code is only asked for its value
	writing  int // inside a save() or delete() of the source, whose SQL is told already
	relevant *relevance
	globals  map[globalName]value
	loopNo   int
	// reached are the functions that were called with their arguments.
	reached map[*syntax.FunctionDef]bool
	running map[*syntax.FunctionDef]int
	// linked are functions that were called, but whose own root says what they
	// do: the entry counts for them too.
	linked  map[*syntax.FunctionDef]bool
	results map[memoKey]value
}

type globalName struct {
	module *module
	name   string
	class  *class
}

// A frame is one running function.
type frame struct {
	fn      *function
	module  *module
	name    string
	env     *env
	base    int // loops of the callers
	returns value
	yields  value
	gives   bool // has returned something
	makes   bool // has yielded
	outer   *frame
	defs    []*function
}

// An env holds the names of a function.
type env struct {
	vars   map[string]value
	log    []named // what was in them, for taking back
	around *env
	module *module
	class  *class
}

// A loop is one that runs.
type loop struct {
	source.Loop
	number int
	arms   int // len(branch) where its body begins
	hops   int
	while  bool
}

func (l *loop) bit() loopSet { return 1 << (l.number % 64) }

func newEnv(m *module, around *env) *env {
	return &env{vars: map[string]value{}, around: around, module: m}
}

func (e *env) lookup(name string) (value, bool) {
	for ; e != nil; e = e.around {
		if v, ok := e.vars[name]; ok {
			return v, true
		}
	}
	return nil, false
}

// lose notes that a limit left something out in the running function.
func (it *interp) lose(what string) {
	it.rec.lost[lostPlace{what, it.frame.module.path, it.frame.name}] = true
}

// step counts work, and reports whether there is some left.
func (it *interp) step() bool {
	it.steps++
	if it.steps == maxSteps {
		it.lose("source_steps")
	}
	return it.steps < maxSteps
}

// span returns where a node of the running function stands: nowhere for what
// the interpreter calls by itself, a manager's get_queryset().
func (it *interp) span(n syntax.Node) source.Span {
	switch n := n.(type) {
	case nil:
		return source.Span{}
	case *spot:
		return n.span
	}
	return it.frame.module.span(n)
}

// set gives a name its value. In a while loop, what is assigned again depends
// on the loop.
func (it *interp) set(name string, v value) {
	if n := len(it.loops); n > it.frame.base && it.loops[n-1].while {
		v = it.taint(v, it.loops[n-1].bit())
	}
	if old, ok := it.frame.env.vars[name]; ok {
		it.regrown(old, v)
	}
	it.frame.env.put(name, v)
}

// taint adds loops to an unknown value.
func (it *interp) taint(v value, deps loopSet) value {
	switch x := v.(type) {
	case nil:
		return unknown(deps)
	case *opaque:
		return unknown(x.deps | deps)
	case constant:
		if x.kind == numberConstant {
			return unknown(deps)
		}
	}
	return v
}

// regrown marks a queryset that a loop builds up, qs = qs.filter(…), as one
// whose chain cannot be read.
func (it *interp) regrown(old, v value) {
	now, ok := v.(*queryset)
	if !ok || len(it.loops) == it.frame.base {
		return
	}
	for _, before := range pick[*queryset](old) {
		if len(before.loops) >= len(now.loops) {
			continue
		}
		for q := now.parent; q != nil; q = q.parent {
			if q == before {
				now.fact.Dynamic = true
				return
			}
		}
	}
}

// block runs statements. It reports whether they end by leaving: return, raise,
// break or continue.
func (it *interp) block(body []syntax.Stmt) bool {
	if it.nested > maxNested {
		it.lose("source_nesting")
		return false
	}
	it.nested++
	defer func() { it.nested-- }()
	restore := it.onceOnly(body)
	defer restore()
	for _, s := range body {
		if !it.step() {
			return true
		}
		if it.stmt(s) {
			return true
		}
	}
	return false
}

// onceOnly takes the loops off that a block leaves at its end: what stands in
// it runs once at most, however many rows there are.
func (it *interp) onceOnly(body []syntax.Stmt) func() {
	if len(it.loops) == it.frame.base || len(body) == 0 {
		return func() {}
	}
	keep := len(it.loops)
	switch last := body[len(body)-1].(type) {
	case *syntax.Return, *syntax.Raise:
		keep = it.frame.base
	case *syntax.Simple:
		if last.Keyword == "break" {
			keep--
		}
	}
	saved := it.loops
	it.loops = it.loops[:keep:keep]
	return func() { it.loops = saved }
}

// A named is one entry of an env's log: what a name held before.
type named struct {
	name  string
	old   value
	known bool
}

// put gives a name its value, and notes what it held.
func (e *env) put(name string, v value) {
	old, known := e.vars[name]
	e.log = append(e.log, named{name, old, known})
	e.vars[name] = v
}

// An arm is what one way through a choice gave to names.
type arm struct {
	vars  map[string]value
	ended bool
}

// attempt runs one way through a choice, takes its effect on names back, and
// returns it.
func (it *interp) attempt(run func() bool) arm {
	e := it.frame.env
	start := len(e.log)
	a := arm{ended: run()}
	if len(e.log) > start {
		a.vars = make(map[string]value, len(e.log)-start)
		for _, w := range e.log[start:] {
			a.vars[w.name] = e.vars[w.name]
		}
	}
	for i := len(e.log) - 1; i >= start; i-- {
		w := e.log[i]
		if w.known {
			e.vars[w.name] = w.old
		} else {
			delete(e.vars, w.name)
		}
	}
	e.log = e.log[:start]
	return a
}

// choose runs the arms of a choice, each from the same state, and joins what
// they leave. It reports whether all of them leave the block.
func (it *interp) choose(arms ...func() bool) bool {
	it.choices++
	number := strconv.Itoa(it.choices)
	depth := len(it.branch)
	var after []arm
	for i, run := range arms {
		it.branch = append(it.branch[:depth:depth], number+"."+strconv.Itoa(i))
		after = append(after, it.attempt(run))
	}
	it.branch = it.branch[:depth]
	return it.settle(after)
}

// settle gives names what the arms left in them, joined. It reports whether all
// arms leave the block.
func (it *interp) settle(after []arm) bool {
	after = slices.DeleteFunc(after, func(a arm) bool { return a.ended })
	if len(after) == 0 {
		return true
	}
	e := it.frame.env
	done := map[string]bool{}
	for _, a := range after {
		for name := range a.vars {
			if done[name] {
				continue
			}
			done[name] = true
			if v, ok := it.settled(name, after); ok {
				e.put(name, v)
			}
		}
	}
	return false
}

// settled joins what the arms left in one name; an arm that did not touch it
// left what was there before.
func (it *interp) settled(name string, after []arm) (value, bool) {
	var out value
	found := false
	for _, a := range after {
		v, ok := a.vars[name]
		if !ok {
			v, ok = it.frame.env.vars[name]
		}
		switch {
		case !ok:
		case !found:
			out, found = v, true
		default:
			out = it.joinNamed(out, v)
		}
	}
	return out, found
}

// joinNamed joins two values of one name. Querysets that differ in nothing but
// conditions stay one where there would be too many.
func (it *interp) joinNamed(a, b value) value {
	if len(each(a))+len(each(b)) > maxUnion/2 {
		a = it.longest(a, b)
		b = it.longest(b, a)
	}
	return it.join(a, b)
}

// longest drops the querysets of a from which one of b was derived with the
// same rows loaded alike.
func (it *interp) longest(a, b value) value {
	var kept union
	for _, v := range each(a) {
		q, ok := v.(*queryset)
		if !ok || !derivedAlike(q, b) {
			kept = append(kept, v)
		}
	}
	switch len(kept) {
	case 0:
		return b
	case 1:
		return kept[0]
	}
	return kept
}

func derivedAlike(q *queryset, b value) bool {
	for _, other := range pick[*queryset](b) {
		for p := other.parent; p != nil; p = p.parent {
			if p == q && sameLoads(p, other) {
				other.fact.Dynamic = true
				return true
			}
		}
	}
	return false
}

func sameLoads(a, b *queryset) bool {
	return len(a.fact.Eager) == len(b.fact.Eager) && len(a.fact.Only) == len(b.fact.Only) &&
		len(a.fact.Defer) == len(b.fact.Defer) && a.fact.Raw == b.fact.Raw
}

// within reports whether what was done in branch a has been done in branch b.
func within(a, b []string) bool {
	if len(a) > len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// enter starts a loop of a kind over what v gives, and returns what its
// variable holds. The caller must leave.
func (it *interp) enter(kind string, span source.Span, v value, n syntax.Node) value {
	l := &loop{number: it.loopNo, arms: len(it.branch), hops: len(it.hops)}
	it.loopNo++
	l.Kind, l.Span = kind, span
	src := it.iterated(v, n)
	l.Over, l.Path, l.Literal = src.over, src.path, src.literal
	it.loops = append(it.loops[:len(it.loops):len(it.loops)], l)
	return it.item(src, l)
}

// leave ends the innermost loop.
func (it *interp) leave() { it.loops = it.loops[:len(it.loops)-1] }

// shared returns how many of the loops run still.
func (it *interp) shared(loops []*loop) int {
	n := 0
	for n < len(loops) && n < len(it.loops) && loops[n] == it.loops[n] {
		n++
	}
	return n
}
