package syntax

func (c *converter) decorated(i int) Stmt {
	var decorators []Expr
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kDecorator:
			decorators = append(decorators, c.only(c.items(k)))
		case kFunction:
			return c.function(k, decorators)
		case kClass:
			return c.class(k, decorators)
		}
	}
	return &BadStmt{Range: c.pos(i)}
}

func (c *converter) function(i int, decorators []Expr) Stmt {
	s := &FunctionDef{Range: c.pos(i), Decorators: decorators}
	for _, k := range c.kids(i) {
		switch c.kind(k) {
		case tAsync:
			s.Async = true
		case kIdentifier:
			s.Name, s.NamePos = c.word(k), c.pos(k)
		case kParameters:
			s.Params = c.params(k)
		case kType:
			s.Returns = c.expr(k)
		case kBlock:
			s.Body = c.statements(k)
		}
	}
	return s
}

func (c *converter) class(i int, decorators []Expr) Stmt {
	s := &ClassDef{Range: c.pos(i), Decorators: decorators}
	for _, k := range c.kids(i) {
		switch c.kind(k) {
		case kIdentifier:
			s.Name, s.NamePos = c.word(k), c.pos(k)
		case kArgumentList:
			s.Args, _ = c.args(k)
		case kBlock:
			s.Body = c.statements(k)
		}
	}
	return s
}

func (c *converter) params(i int) []Param {
	var list []Param
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kKeywordSeparator, kPositionalSeparator:
			continue
		}
		p := Param{Range: c.pos(k)}
		c.param(k, &p)
		list = append(list, p)
	}
	return list
}

func (c *converter) param(i int, p *Param) {
	switch c.kind(i) {
	case kIdentifier:
		p.Name = c.word(i)
	case kListSplatPattern, kDictSplatPattern:
		p.Star = "*"
		if c.kind(i) == kDictSplatPattern {
			p.Star = "**"
		}
		for _, k := range c.items(i) {
			p.Name = c.word(k)
		}
	case kTypedParameter, kDefaultParameter, kTypedDefaultParameter:
		for n, k := range c.items(i) {
			switch {
			case n == 0:
				c.param(k, p)
			case c.kind(k) == kType:
				p.Annotation = c.expr(k)
			default:
				p.Default = c.expr(k)
			}
		}
	}
}

// heads returns the parts of a compound statement before its block, and its
// blocks and clauses.
func (c *converter) heads(i int) (heads, blocks []int) {
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kBlock, kElif, kElse, kExcept, kFinally:
			blocks = append(blocks, k)
		default:
			heads = append(heads, k)
		}
	}
	return heads, blocks
}

func (c *converter) compound(i int) Stmt {
	switch c.kind(i) {
	case kIf:
		return c.ifs(i)
	case kFor:
		return c.loop(i)
	case kTry:
		return c.try(i)
	case kWith:
		return c.with(i)
	case kMatch:
		return c.match(i)
	}
	heads, blocks := c.heads(i)
	s := &While{Range: c.pos(i), Test: c.only(heads)}
	for _, k := range blocks {
		if c.kind(k) == kElse {
			s.Else = c.suite(k)
		} else {
			s.Body = c.statements(k)
		}
	}
	if s.Test == nil {
		s.Test = &BadExpr{Range: c.pos(i)}
	}
	return s
}

// suite returns the statements of a clause's block.
func (c *converter) suite(i int) []Stmt {
	for _, k := range c.items(i) {
		if c.kind(k) == kBlock {
			return c.statements(k)
		}
	}
	return nil
}

func (c *converter) ifs(i int) Stmt {
	top := &If{Range: c.pos(i)}
	last := top
	heads, blocks := c.heads(i)
	last.Test = c.test(i, heads)
	for _, k := range blocks {
		switch c.kind(k) {
		case kBlock:
			last.Body = c.statements(k)
		case kElif:
			tests, bodies := c.heads(k)
			next := &If{Range: Range{int(c.nodes[k].start), top.End}, Test: c.test(k, tests)}
			for _, b := range bodies {
				next.Body = c.statements(b)
			}
			last.Else = []Stmt{next}
			last = next
		case kElse:
			last.Else = c.suite(k)
		}
	}
	return top
}

func (c *converter) test(i int, heads []int) Expr {
	if x := c.only(heads); x != nil {
		return x
	}
	return &BadExpr{Range: c.pos(i)}
}

func (c *converter) loop(i int) Stmt {
	s := &For{Range: c.pos(i)}
	for _, k := range c.kids(i) {
		switch kk := c.kind(k); {
		case kk == tAsync:
			s.Async = true
		case kk >= firstToken:
		case kk == kBlock:
			s.Body = c.statements(k)
		case kk == kElse:
			s.Else = c.suite(k)
		case s.Target == nil:
			s.Target = c.expr(k)
		default:
			s.Iter = c.expr(k)
		}
	}
	if s.Target == nil {
		s.Target = &BadExpr{Range: s.Range}
	}
	if s.Iter == nil {
		s.Iter = &BadExpr{Range: s.Range}
	}
	return s
}

func (c *converter) try(i int) Stmt {
	s := &Try{Range: c.pos(i)}
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kBlock:
			s.Body = c.statements(k)
		case kExcept:
			s.Handlers = append(s.Handlers, c.handler(k))
		case kElse:
			s.Else = c.suite(k)
		case kFinally:
			s.Finally = c.suite(k)
		}
	}
	return s
}

func (c *converter) handler(i int) Handler {
	h := Handler{Range: c.pos(i)}
	as := false
	var types []Expr
	for _, k := range c.kids(i) {
		switch kk := c.kind(k); {
		case kk == tAs:
			as = true
		case kk >= firstToken:
		case kk == kBlock:
			h.Body = c.statements(k)
		case as:
			h.Name = c.word(k)
		case kk == kAsPattern:
			parts := c.items(k)
			types = append(types, c.expr(parts[0]))
			h.Name = c.word(parts[len(parts)-1])
		default:
			types = append(types, c.expr(k))
		}
	}
	switch len(types) {
	case 0:
	case 1:
		h.Type = types[0]
	default:
		h.Type = &Sequence{Range{types[0].Pos().Start, types[len(types)-1].Pos().End}, TupleSeq, types}
	}
	return h
}

func (c *converter) with(i int) Stmt {
	s := &With{Range: c.pos(i)}
	for _, k := range c.kids(i) {
		switch c.kind(k) {
		case tAsync:
			s.Async = true
		case kWithClause:
			for _, item := range c.items(k) {
				if parts := c.items(item); len(parts) == 1 {
					s.Items = c.withItem(s.Items, parts[0])
				}
			}
		case kBlock:
			s.Body = c.statements(k)
		}
	}
	return s
}

// withItem adds a context manager; the grammar takes (a as b, c as d) for a
// tuple of one.
func (c *converter) withItem(list []WithItem, i int) []WithItem {
	switch c.kind(i) {
	case kAsPattern:
		parts := c.items(i)
		if len(parts) == 2 {
			return append(list, WithItem{c.expr(parts[0]), c.expr(parts[1])})
		}
	case kTuple, kParenthesized:
		parts := c.items(i)
		for _, k := range parts {
			if c.kind(k) == kAsPattern {
				for _, k := range parts {
					list = c.withItem(list, k)
				}
				return list
			}
		}
	}
	return append(list, WithItem{X: c.expr(i)})
}

func (c *converter) match(i int) Stmt {
	s := &Match{Range: c.pos(i)}
	var subjects []int
	for _, k := range c.items(i) {
		if c.kind(k) != kBlock {
			subjects = append(subjects, k)
			continue
		}
		for _, clause := range c.items(k) {
			if c.kind(clause) == kCaseClause {
				s.Cases = append(s.Cases, c.caseClause(clause))
			}
		}
	}
	s.Subject = c.only(subjects)
	if len(subjects) > 1 {
		at := Range{int(c.nodes[subjects[0]].start), int(c.nodes[subjects[len(subjects)-1]].end)}
		s.Subject = &Sequence{at, TupleSeq, c.exprs(subjects)}
	}
	if s.Subject == nil {
		s.Subject = &BadExpr{Range: s.Range}
	}
	return s
}

func (c *converter) caseClause(i int) Case {
	clause := Case{Range: c.pos(i)}
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kBlock:
			clause.Body = c.statements(k)
		case kIfClause:
			clause.Guard = c.only(c.items(k))
		default:
			clause.Names = c.captures(clause.Names, k)
		}
	}
	return clause
}

// captures adds the names that a pattern binds.
func (c *converter) captures(names []string, i int) []string {
	if c.depth++; c.depth > depthMax {
		c.depth--
		c.fail(i, "nested too deeply")
		return names
	}
	defer func() { c.depth-- }()
	list := c.items(i)
	switch c.kind(i) {
	case kIdentifier:
		if w := c.word(i); w != "_" {
			return append(names, w)
		}
		return names
	case kDottedName:
		if len(list) != 1 { // a.b is a value to compare with
			return names
		}
	case kClassPattern, kKeywordPattern:
		if len(list) > 0 { // the class or the attribute
			list = list[1:]
		}
	}
	for _, k := range list {
		names = c.captures(names, k)
	}
	return names
}
