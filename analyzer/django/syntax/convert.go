package syntax

import (
	"bytes"
	"strings"
)

// A converter makes our tree from the grammar's nodes.
type converter struct {
	text   []byte
	nodes  []raw
	names  map[string]string // one copy of each word
	errors []Error
	depth  int
	// holes are the broken parts that repair blanked, by where they begin.
	holes map[int]hole
}

// A hole is a part of the text that would break what follows it.
type hole struct {
	Range
	body []Stmt
}

func (c *converter) module() []Stmt {
	if len(c.nodes) == 0 {
		return nil
	}
	if c.kind(0) == kError {
		return []Stmt{c.unread(0)}
	}
	return c.statements(0)
}

func (c *converter) pos(i int) Range {
	return Range{int(c.nodes[i].start), int(c.nodes[i].end)}
}

func (c *converter) kind(i int) kind { return c.nodes[i].kind }

// kids returns the children of node i that the grammar understood, and notes
// those that it did not.
func (c *converter) kids(i int) []int {
	return c.children(i, true)
}

func (c *converter) children(i int, skipErrors bool) []int {
	n := c.nodes[i]
	count := 0
	for k := uint32(i) + 1; k < n.after; k = c.nodes[k].after {
		count++
	}
	if count == 0 {
		return nil
	}
	list := make([]int, 0, count)
	for k := uint32(i) + 1; k < n.after; k = c.nodes[k].after {
		switch child := &c.nodes[k]; {
		case child.kind == kError && skipErrors:
			c.fail(int(k), notPython)
			continue
		case child.missing && child.kind > firstToken:
			c.fail(int(k), "something is missing")
		}
		list = append(list, int(k))
	}
	return list
}

// items returns the children that are no tokens.
func (c *converter) items(i int) []int {
	list := c.kids(i)
	n := 0
	for _, k := range list {
		if c.kind(k) < firstToken {
			list[n] = k
			n++
		}
	}
	return list[:n]
}

func (c *converter) fail(i int, msg string) {
	if len(c.errors) < errorsMax {
		c.errors = append(c.errors, Error{c.pos(i), msg, true})
	}
}

// word returns the text of node i; equal words share their memory.
func (c *converter) word(i int) string {
	n := c.nodes[i]
	b := c.text[n.start:n.end]
	if s, ok := c.names[string(b)]; ok {
		return s
	}
	s := string(b)
	c.names[s] = s
	return s
}

// dotted returns the text of a dotted name, which may have space in it.
func (c *converter) dotted(i int) string {
	w := c.word(i)
	if strings.ContainsAny(w, " \t\r\n\f\\") {
		return strings.Join(strings.FieldsFunc(w, func(r rune) bool { return strings.ContainsRune(" \t\r\n\f\\", r) }), "")
	}
	return w
}

// statements converts the children of a module, a block or an error.
func (c *converter) statements(i int) []Stmt {
	var list []Stmt
	for _, k := range c.children(i, false) {
		if c.kind(k) >= firstToken {
			continue
		}
		if h, ok := c.holes[int(c.nodes[k].start)]; ok {
			list = append(list, &BadStmt{Range: h.Range, Body: h.body})
			continue
		}
		if s := c.statement(k); s != nil {
			list = append(list, s)
		}
	}
	return list
}

func (c *converter) statement(i int) Stmt {
	if c.depth++; c.depth > depthMax {
		c.depth--
		c.fail(i, "nested too deeply")
		return &BadStmt{Range: c.pos(i)}
	}
	defer func() { c.depth-- }()
	switch c.kind(i) {
	case kExpressionStatement:
		return c.expressionStatement(i)
	case kFunction:
		return c.function(i, nil)
	case kClass:
		return c.class(i, nil)
	case kDecorated:
		return c.decorated(i)
	case kIf, kFor, kWhile, kTry, kWith, kMatch:
		return c.compound(i)
	case kImport, kFutureImport, kImportFrom:
		return c.importing(i)
	case kError:
		return c.unread(i)
	}
	return c.simple(i)
}

func (c *converter) simple(i int) Stmt {
	at := c.pos(i)
	switch c.kind(i) {
	case kReturn:
		return &Return{at, c.only(c.items(i))}
	case kRaise:
		return c.raise(i)
	case kAssert:
		list := c.exprs(c.items(i))
		s := &Assert{Range: at}
		if len(list) > 0 {
			s.Test = list[0]
		} else {
			s.Test = &BadExpr{Range: at}
		}
		if len(list) > 1 {
			s.Msg = list[1]
		}
		return s
	case kDelete:
		list := c.items(i)
		if len(list) == 1 && c.kind(list[0]) == kExpressionList {
			list = c.items(list[0])
		}
		return &Delete{at, c.exprs(list)}
	case kPass, kBreak, kContinue:
		return &Simple{Range: at, Keyword: c.word(i)}
	case kGlobal, kNonlocal:
		s := &Simple{Range: at, Keyword: "global"}
		if c.kind(i) == kNonlocal {
			s.Keyword = "nonlocal"
		}
		for _, k := range c.items(i) {
			s.Names = append(s.Names, c.word(k))
		}
		return s
	case kTypeAlias:
		return &Simple{Range: at, Keyword: "type"}
	case kPrint, kExec:
		c.fail(i, "a statement of Python 2")
		return &BadStmt{at, c.asStatements(c.items(i))}
	case kBlock, kModule:
		return &BadStmt{at, c.statements(i)}
	}
	return &ExprStmt{at, c.expr(i)}
}

// unread is text that the grammar could not read: what it found in it is kept.
func (c *converter) unread(i int) Stmt {
	c.fail(i, notPython)
	var list []int
	for _, k := range c.children(i, false) {
		if c.kind(k) < firstToken {
			list = append(list, k)
		}
	}
	return &BadStmt{c.pos(i), c.asStatements(list)}
}

// asStatements makes statements of parts that stand alone.
func (c *converter) asStatements(list []int) []Stmt {
	var out []Stmt
	for _, k := range list {
		switch s := c.statement(k).(type) {
		case *ExprStmt:
			if _, bad := s.X.(*BadExpr); !bad {
				out = append(out, s)
			}
		case nil:
		default:
			out = append(out, s)
		}
	}
	return out
}

func (c *converter) raise(i int) Stmt {
	s := &Raise{Range: c.pos(i)}
	from := false
	for _, k := range c.kids(i) {
		switch {
		case c.kind(k) == tFrom:
			from = true
		case c.kind(k) >= firstToken:
		case from:
			s.From = c.expr(k)
		default:
			s.X = c.expr(k)
		}
	}
	return s
}

func (c *converter) expressionStatement(i int) Stmt {
	kids := c.kids(i)
	if len(kids) == 1 {
		switch c.kind(kids[0]) {
		case kAssignment, kAugmented:
			return c.assign(kids[0])
		}
		return &ExprStmt{c.pos(i), c.expr(kids[0])}
	}
	list := c.items(i)
	if len(list) == 0 {
		return nil
	}
	return &ExprStmt{c.pos(i), &Sequence{c.pos(i), TupleSeq, c.exprs(list)}}
}

func (c *converter) assign(i int) Stmt {
	s := &Assign{Range: c.pos(i), Op: "="}
	for depth := 0; ; depth++ {
		next := -1
		value := false
		for n, k := range c.kids(i) {
			switch kk := c.kind(k); {
			case n == 0:
				s.Targets = append(s.Targets, c.expr(k))
			case kk == tEqual:
				value = true
			case kk == tColon:
			case kk > firstToken:
				s.Op, value = string(c.text[c.nodes[k].start:c.nodes[k].end]), true
			case !value:
				s.Annotation = c.expr(k)
			case kk == kAssignment:
				next = k
			default:
				s.Value = c.expr(k)
			}
		}
		if next < 0 {
			return s
		}
		i = next
	}
}

func (c *converter) importing(i int) Stmt {
	if c.kind(i) == kImport {
		return &Import{c.pos(i), c.aliases(c.items(i))}
	}
	s := &ImportFrom{Range: c.pos(i)}
	list := c.items(i)
	if c.kind(i) == kFutureImport {
		s.Module = "__future__"
		s.Names = c.aliases(list)
		return s
	}
	if len(list) == 0 {
		return s
	}
	if c.kind(list[0]) == kRelativeImport {
		for _, k := range c.items(list[0]) {
			if c.kind(k) == kImportPrefix {
				s.Level = bytes.Count(c.text[c.nodes[k].start:c.nodes[k].end], []byte("."))
			} else {
				s.Module = c.dotted(k)
			}
		}
	} else {
		s.Module = c.dotted(list[0])
	}
	list = list[1:]
	if len(list) == 1 && c.kind(list[0]) == kWildcardImport {
		s.Star = true
		return s
	}
	s.Names = c.aliases(list)
	return s
}

func (c *converter) aliases(list []int) []Alias {
	out := make([]Alias, 0, len(list))
	for _, k := range list {
		a := Alias{Range: c.pos(k)}
		if c.kind(k) == kAliasedImport {
			for n, part := range c.items(k) {
				if n == 0 {
					a.Name = c.dotted(part)
				} else {
					a.As = c.word(part)
				}
			}
		} else {
			a.Name = c.dotted(k)
		}
		out = append(out, a)
	}
	return out
}

// notPython is the message for what the grammar could not read.
const notPython = "not Python"
