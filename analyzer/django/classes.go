package django

import (
	"bytes"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// A class is one class statement, or what from_queryset() makes. There is one
// for each statement, so pointers compare.
type class struct {
	project *Project
	module  *module
	name    string
	def     *syntax.ClassDef // nil: made by from_queryset()
	outer   *class           // the class that it stands in
	made    []symbol         // bases of one made by from_queryset()

	once    sync.Once
	members scope
	order   atomic.Pointer[lineage]
	asked   atomic.Int32 // lineages of it being worked out
}

// A lineage is a class with all that it inherits from.
type lineage struct {
	bases    []symbol // as written: classSymbol or externalSymbol; others are unknown
	mro      []*class // the class itself first; only those in the source
	external []string // dotted paths of the rest, in order
	unknown  bool     // a base could not be told
}

// A member is an attribute of a class.
type member struct {
	name  string
	class *class // the one that declares it
	binding
}

// A classIndex is the classes met so far.
type classIndex struct{ byDef, byCall sync.Map }

// classOf returns the class of a statement of m.
func (p *Project) classOf(m *module, def *syntax.ClassDef) *class {
	c, _ := p.classes.byDef.LoadOrStore(def, &class{project: p, module: m, name: def.Name, def: def})
	return c.(*class)
}

// fromQueryset returns the class that X.from_queryset(Y) makes: a manager with
// Y's methods. It is nil when Y is not in the source.
func (p *Project) fromQueryset(m *module, call *syntax.Call, path string) *class {
	attr, ok := call.Func.(*syntax.Attribute)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	manager, queryset := p.resolveExpr(m, attr.X), p.resolveExpr(m, call.Args[0].Value)
	if queryset.kind != classSymbol && manager.kind != classSymbol {
		return nil
	}
	c, _ := p.classes.byCall.LoadOrStore(call, &class{
		project: p, module: m, name: lastName(path), made: []symbol{manager, queryset},
	})
	return c.(*class)
}

// path returns the class's dotted path.
func (c *class) path() string {
	if c.outer != nil {
		return joinName(c.outer.path(), c.name)
	}
	return joinName(c.module.name, c.name)
}

// scope returns the names that the class body binds.
func (c *class) scope() *scope {
	c.once.Do(func() {
		if c.def != nil {
			c.members = c.module.scopeOf(c.def.Body)
		}
	})
	return &c.members
}

// own returns the attribute that the class itself declares.
func (c *class) own(name string) (member, bool) {
	list := c.scope().names[name]
	if len(list) == 0 {
		return member{}, false
	}
	best := list[len(list)-1]
	for _, b := range slices.Backward(list) {
		if !b.fallback {
			best = b
			break
		}
	}
	return member{name: name, class: c, binding: best}, true
}

// lookup returns the attribute that the class has or inherits from classes in
// the source.
func (c *class) lookup(name string) (member, bool) {
	for _, k := range c.mro() {
		if x, ok := k.own(name); ok {
			return x, true
		}
	}
	return member{}, false
}

// method returns the method that the class has or inherits, with the class that
// declares it; nil when there is none in the source.
func (c *class) method(name string) (*syntax.FunctionDef, *class) {
	if x, ok := c.lookup(name); ok && x.kind == boundFunction {
		return x.stmt.(*syntax.FunctionDef), x.class
	}
	return nil, nil
}

// symbol returns what the member means.
func (x member) symbol(p *Project, hops int) symbol {
	m, path := x.class.module, joinName(x.class.path(), x.name)
	switch x.kind {
	case boundClass:
		k := p.classOf(m, x.stmt.(*syntax.ClassDef))
		return symbol{kind: classSymbol, path: path, module: m, class: k}
	case boundFunction:
		return symbol{kind: functionSymbol, path: path, module: m, def: x.stmt.(*syntax.FunctionDef)}
	case boundValue:
		if x.value != nil {
			return p.valueSymbol(m, x.class.scope(), x.value, path, hops)
		}
	case boundImport:
		return p.imported(m, x.binding, hops)
	}
	return symbol{}
}

// mro returns the class and what it inherits from in the source, in the order
// that Python looks in.
func (c *class) mro() []*class { return c.lineage().mro }

// external returns the dotted paths of the bases outside of the source, the
// bases' own ones too, nearest first.
func (c *class) external() []string { return c.lineage().external }

// inherits reports whether the class has one of the bases, outside of the source
// or not.
func (c *class) inherits(paths ...string) bool {
	if slices.ContainsFunc(c.external(), func(e string) bool { return slices.Contains(paths, e) }) {
		return true
	}
	return slices.ContainsFunc(c.mro()[1:], func(k *class) bool { return slices.Contains(paths, k.path()) })
}

// maxAsked is how often a lineage may be asked for before it is known: more than
// there are workers.
const maxAsked = 500

func (c *class) lineage() *lineage {
	if l := c.order.Load(); l != nil {
		return l
	}
	// class A(B.x) with class B(A.x): each asks for the other without end.
	if c.asked.Add(1) > maxAsked {
		c.asked.Add(-1)
		return &lineage{mro: []*class{c}, unknown: true}
	}
	l := c.project.lineageOf(c, nil)
	c.asked.Add(-1)
	c.order.Store(l)
	return l
}

// lineageOf works out what c inherits; below holds the classes whose lineage
// asks for it, so that a cycle ends.
func (p *Project) lineageOf(c *class, below []*class) *lineage {
	if l := c.order.Load(); l != nil {
		return l
	}
	l := &lineage{mro: []*class{c}}
	if slices.Contains(below, c) || len(below) > maxHops {
		l.unknown = true
		return l
	}
	below = append(slices.Clip(below), c)
	l.bases = p.basesOf(c)
	var lists [][]*class
	var direct []*class
	for _, b := range l.bases {
		switch b.kind {
		case classSymbol:
			k := p.lineageOf(b.class, below)
			lists = append(lists, slices.Clone(k.mro))
			direct = append(direct, b.class)
			l.unknown = l.unknown || k.unknown
			l.external = append(l.external, k.external...)
		case externalSymbol:
			l.external = append(l.external, b.path)
		default:
			l.unknown = true
		}
	}
	l.external = uniqueStrings(l.external)
	l.mro = append(l.mro, linearize(append(lists, direct))...)
	return l
}

// basesOf resolves a class's bases as written.
func (p *Project) basesOf(c *class) []symbol {
	if c.def == nil {
		return c.made
	}
	var local *scope
	if c.outer != nil {
		local = c.outer.scope()
	}
	var list []symbol
	for _, a := range c.def.Args {
		switch {
		case a.Name != "" || a.Star == "**":
		case a.Star != "":
			list = append(list, symbol{})
		default:
			s := p.resolveExprIn(c.module, local, a.Value)
			if s.kind == classSymbol && s.class == c {
				// class User(User): the base is the name's meaning above.
				s = p.resolveAbove(c)
			}
			list = append(list, s)
		}
	}
	return list
}

// resolveAbove returns what the class's own name meant before its statement:
// the import or the class that it shadows.
func (p *Project) resolveAbove(c *class) symbol {
	for _, b := range slices.Backward(c.module.scope().names[c.name]) {
		if b.stmt == syntax.Stmt(c.def) || b.stmt.Pos().Start > c.def.Start {
			continue
		}
		return p.meaning(c.module, b, c.name, 1)
	}
	return symbol{}
}

// linearize is the merge of Python's C3: the next class is the first head that
// is in no other list's tail. Where classes disagree, which Python refuses, the
// first head is taken.
func linearize(lists [][]*class) []*class {
	var out []*class
	for {
		lists = slices.DeleteFunc(lists, func(l []*class) bool { return len(l) == 0 })
		if len(lists) == 0 {
			return out
		}
		next := lists[0][0]
		for _, l := range lists {
			if !inTail(lists, l[0]) {
				next = l[0]
				break
			}
		}
		out = append(out, next)
		for i, l := range lists {
			lists[i] = slices.DeleteFunc(l, func(c *class) bool { return c == next })
		}
	}
}

func inTail(lists [][]*class, c *class) bool {
	for _, l := range lists {
		if slices.Contains(l[1:], c) {
			return true
		}
	}
	return false
}

func uniqueStrings(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// A classHead is the first line of a class as the raw text shows it: enough to
// tell which files may declare models without parsing them.
type classHead struct {
	name  string
	bases []string // parts of the base names, with what they are imported as
}

// scanClasses finds the class statements of a text.
func scanClasses(text []byte) []classHead {
	var heads []classHead
	for rest := text; ; {
		i := bytes.Index(rest, []byte("class "))
		if i < 0 {
			return heads
		}
		line := rest[bytes.LastIndexByte(rest[:i], '\n')+1 : i]
		rest = rest[i+len("class "):]
		if len(bytes.TrimLeft(line, " \t")) != 0 {
			continue
		}
		if h, ok := scanHead(string(rest[:min(len(rest), maxHeadBytes)])); ok {
			for _, b := range h.bases {
				if original := importedAs(text, b); original != "" {
					h.bases = append(h.bases, original)
				}
			}
			heads = append(heads, h)
		}
	}
}

// importedAs finds "X as name" in a text and returns X.
func importedAs(text []byte, name string) string {
	i := bytes.Index(text, []byte(" as "+name))
	if i < 0 {
		return ""
	}
	start := i
	for start > 0 && isNameByte(text[start-1]) {
		start--
	}
	return string(text[start:i])
}

// maxHeadBytes bounds the parentheses of one class.
const maxHeadBytes = 2000

// scanHead reads "Name(a.B, C):", which may go on over several lines.
func scanHead(text string) (classHead, bool) {
	n := 0
	for n < len(text) && isNameByte(text[n]) {
		n++
	}
	if n == 0 || n == len(text) {
		return classHead{}, false
	}
	h := classHead{name: strings.Clone(text[:n])}
	text = strings.TrimLeft(text[n:], " \t")
	if text == "" || text[0] != '(' {
		return h, true
	}
	depth, word := 0, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if isNameByte(c) {
			continue
		}
		if i > word {
			h.bases = append(h.bases, strings.Clone(text[word:i]))
		}
		word = i + 1
		switch c {
		case '(', '[':
			depth++
		case ')', ']':
			if depth--; depth == 0 {
				return h, true
			}
		}
	}
	return h, true
}

// isNameByte tells the bytes of identifiers; those above ASCII count as such.
func isNameByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
