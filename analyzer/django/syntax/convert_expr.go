package syntax

// only converts the first of list, nil when it is empty.
func (c *converter) only(list []int) Expr {
	if len(list) == 0 {
		return nil
	}
	return c.expr(list[0])
}

func (c *converter) exprs(list []int) []Expr {
	out := make([]Expr, 0, len(list))
	for _, k := range list {
		out = append(out, c.expr(k))
	}
	return out
}

// part converts the nth of list, a BadExpr of node i's place when it is not
// there.
func (c *converter) part(i int, list []int, n int) Expr {
	if n < len(list) {
		return c.expr(list[n])
	}
	return &BadExpr{Range: c.pos(i)}
}

func (c *converter) expr(i int) Expr {
	if c.depth++; c.depth > depthMax {
		c.depth--
		c.fail(i, "nested too deeply")
		return &BadExpr{Range: c.pos(i)}
	}
	defer func() { c.depth-- }()
	if c.nodes[i].missing {
		c.fail(i, "an expression is missing")
		return &BadExpr{Range: c.pos(i)}
	}
	at := c.pos(i)
	switch c.kind(i) {
	case kIdentifier:
		return &Name{at, c.word(i)}
	case kAttribute:
		return c.attribute(i)
	case kCall:
		return c.call(i)
	case kString, kConcatenated:
		return c.str(i)
	case kInteger, kFloat:
		return &Number{at, c.word(i)}
	case kTrue, kFalse, kNone, kEllipsis:
		return &Constant{at, c.word(i)}
	case kParenthesized:
		return c.part(i, c.items(i), 0)
	case kList, kListPattern:
		return &Sequence{at, ListSeq, c.exprs(c.items(i))}
	case kTuple, kTuplePattern, kExpressionList, kPatternList:
		return &Sequence{at, TupleSeq, c.exprs(c.items(i))}
	case kSet:
		return &Sequence{at, SetSeq, c.exprs(c.items(i))}
	case kDictionary:
		return c.dict(i)
	case kSubscript:
		return c.subscript(i)
	}
	return c.operator(i)
}

func (c *converter) operator(i int) Expr {
	at := c.pos(i)
	switch c.kind(i) {
	case kListComp, kSetComp, kDictComp, kGenerator:
		return c.comprehension(i)
	case kBoolean, kBinary, kUnionType, kConstrainedType:
		return c.binary(i)
	case kComparison:
		return c.comparison(i)
	case kUnary, kNot:
		op := "not"
		if kids := c.kids(i); c.kind(i) == kUnary && len(kids) > 0 {
			op = c.word(kids[0])
		}
		return &Unary{at, op, c.part(i, c.items(i), 0)}
	case kConditional:
		list := c.items(i)
		return &Conditional{at, c.part(i, list, 0), c.part(i, list, 1), c.part(i, list, 2)}
	case kLambda:
		return c.lambda(i)
	case kAwait:
		return &Await{at, c.part(i, c.items(i), 0)}
	case kYield:
		kids := c.kids(i)
		from := len(kids) > 1 && c.kind(kids[1]) == tFrom
		return &Yield{at, c.only(c.items(i)), from}
	case kListSplat, kListSplatPattern, kDictSplat, kDictSplatPattern, kSplatType:
		return &Starred{at, c.part(i, c.items(i), 0)}
	case kNamed:
		list := c.items(i)
		if target, ok := c.part(i, list, 0).(*Name); ok {
			return &NamedExpr{at, target, c.part(i, list, 1)}
		}
	case kSlice:
		return c.slice(i)
	}
	return c.typed(i)
}

// typed converts what only annotations have, and what is left.
func (c *converter) typed(i int) Expr {
	list := c.items(i)
	switch c.kind(i) {
	case kType, kAsPatternTarget, kIfClause, kChevron, kInterpolation:
		if len(list) > 0 {
			return c.expr(list[0])
		}
	case kAsPattern:
		return c.part(i, list, 0)
	case kMemberType:
		if len(list) == 2 {
			name := c.pos(list[1])
			return &Attribute{c.pos(i), c.expr(list[0]), c.word(list[1]), name, c.token(i, tDot, name.Start)}
		}
	case kGenericType:
		if len(list) == 2 {
			params := list[1]
			return &Subscript{c.pos(i), c.expr(list[0]), c.exprs(c.items(params)), int(c.nodes[params].start)}
		}
	}
	bad := &BadExpr{Range: c.pos(i)}
	if c.kind(i) < kModule || len(list) == 0 {
		c.fail(i, "not an expression")
	}
	for _, k := range c.children(i, false) {
		if c.kind(k) < firstToken {
			bad.Elts = append(bad.Elts, c.expr(k))
		}
	}
	return bad
}

// token returns where the first token of that kind among the children of i
// begins, or instead when there is none.
func (c *converter) token(i int, t kind, instead int) int {
	n := c.nodes[i]
	for k := uint32(i) + 1; k < n.after; k = c.nodes[k].after {
		if c.nodes[k].kind == t {
			return int(c.nodes[k].start)
		}
	}
	return instead
}

func (c *converter) attribute(i int) Expr {
	list := c.items(i)
	if len(list) < 2 {
		return &BadExpr{c.pos(i), c.exprs(list)}
	}
	name := list[len(list)-1]
	x := &Attribute{Range: c.pos(i), X: c.expr(list[0]), Attr: c.word(name), AttrPos: c.pos(name)}
	x.Dot = c.token(i, tDot, x.AttrPos.Start)
	return x
}

func (c *converter) call(i int) Expr {
	list := c.items(i)
	if len(list) < 2 {
		return &BadExpr{c.pos(i), c.exprs(list)}
	}
	x := &Call{Range: c.pos(i), Func: c.expr(list[0])}
	args := list[len(list)-1]
	at := c.pos(args)
	x.Lparen, x.Rparen = at.Start, max(at.Start, at.End-1)
	if c.kind(args) == kGenerator {
		x.Args = []Arg{{Range: at, Value: c.expr(args)}}
		return x
	}
	x.Args, x.TrailingComma = c.args(args)
	x.Rparen = c.token(args, tRparen, at.End)
	return x
}

// args converts an argument list; trailing: its last argument has a comma.
func (c *converter) args(i int) (list []Arg, trailing bool) {
	kids := c.children(i, false)
	if n := len(kids); n > 0 {
		list = make([]Arg, 0, n/2)
	}
	for _, k := range kids {
		switch c.kind(k) {
		case tComma:
			trailing = true
		case tLparen, tRparen:
		case kKeywordArgument:
			parts := c.items(k)
			a := Arg{Range: c.pos(k), Value: c.part(k, parts, 1)}
			if len(parts) > 0 {
				a.Name = c.word(parts[0])
			}
			list, trailing = append(list, a), false
		case kListSplat, kDictSplat:
			a := Arg{Range: c.pos(k), Star: "*", Value: c.part(k, c.items(k), 0)}
			if c.kind(k) == kDictSplat {
				a.Star = "**"
			}
			list, trailing = append(list, a), false
		default:
			if c.kind(k) < firstToken {
				list, trailing = append(list, Arg{Range: c.pos(k), Value: c.expr(k)}), false
			}
		}
	}
	return list, trailing
}

func (c *converter) subscript(i int) Expr {
	list := c.items(i)
	if len(list) == 0 {
		return &BadExpr{Range: c.pos(i)}
	}
	x := &Subscript{Range: c.pos(i), X: c.expr(list[0]), Index: c.exprs(list[1:])}
	x.Lbrack = c.token(i, tLbrack, x.X.Pos().End)
	return x
}

func (c *converter) slice(i int) Expr {
	x := &Slice{Range: c.pos(i)}
	parts := [...]*Expr{&x.Lo, &x.Hi, &x.Step}
	colons := 0
	for _, k := range c.kids(i) {
		switch {
		case c.kind(k) == tColon:
			colons = min(colons+1, 2)
		case c.kind(k) < firstToken:
			*parts[colons] = c.expr(k)
		}
	}
	return x
}

func (c *converter) dict(i int) Expr {
	x := &Dict{Range: c.pos(i)}
	for _, k := range c.items(i) {
		parts := c.items(k)
		switch c.kind(k) {
		case kPair:
			x.Keys = append(x.Keys, c.part(k, parts, 0))
			x.Values = append(x.Values, c.part(k, parts, 1))
		case kDictSplat:
			x.Keys = append(x.Keys, nil)
			x.Values = append(x.Values, c.part(k, parts, 0))
		}
	}
	return x
}

func (c *converter) comprehension(i int) Expr {
	x := &Comprehension{Range: c.pos(i)}
	switch c.kind(i) {
	case kListComp:
		x.Kind = ListSeq
	case kSetComp:
		x.Kind = SetSeq
	case kDictComp:
		x.Kind = DictSeq
	default:
		x.Kind = GeneratorSeq
	}
	for _, k := range c.items(i) {
		switch c.kind(k) {
		case kForIn:
			x.Clauses = append(x.Clauses, c.clause(k))
		case kIfClause:
			if n := len(x.Clauses); n > 0 {
				last := &x.Clauses[n-1]
				last.Ifs = append(last.Ifs, c.expr(k))
				last.End = c.pos(k).End
			}
		case kPair:
			parts := c.items(k)
			x.Key, x.Elt = c.part(k, parts, 0), c.part(k, parts, 1)
		default:
			x.Elt = c.expr(k)
		}
	}
	if x.Elt == nil {
		x.Elt = &BadExpr{Range: x.Range}
	}
	return x
}

func (c *converter) clause(i int) Clause {
	clause := Clause{Range: c.pos(i)}
	var iters []int
	for _, k := range c.kids(i) {
		switch kk := c.kind(k); {
		case kk == tAsync:
			clause.Async = true
		case kk >= firstToken:
		case clause.Target == nil:
			clause.Target = c.expr(k)
		default:
			iters = append(iters, k)
		}
	}
	if clause.Target == nil {
		clause.Target = &BadExpr{Range: clause.Range}
	}
	clause.Iter = c.part(i, iters, 0)
	return clause
}

func (c *converter) lambda(i int) Expr {
	x := &Lambda{Range: c.pos(i)}
	for _, k := range c.items(i) {
		if c.kind(k) == kLambdaParameters {
			x.Params = c.params(k)
		} else {
			x.Body = c.expr(k)
		}
	}
	if x.Body == nil {
		x.Body = &BadExpr{Range: x.Range}
	}
	return x
}

func (c *converter) binary(i int) Expr {
	x := &Binary{Range: c.pos(i)}
	for _, k := range c.kids(i) {
		switch {
		case c.kind(k) > firstToken:
			x.Op = c.word(k)
		case x.X == nil:
			x.X = c.expr(k)
		default:
			x.Y = c.expr(k)
		}
	}
	if x.X == nil {
		x.X = &BadExpr{Range: x.Range}
	}
	if x.Y == nil {
		x.Y = &BadExpr{Range: x.Range}
	}
	return x
}

func (c *converter) comparison(i int) Expr {
	x := &Compare{Range: c.pos(i)}
	for _, k := range c.kids(i) {
		switch {
		case c.kind(k) > firstToken:
			op := c.word(k)
			// "not in" and "is not" may have any space between them.
			switch {
			case len(op) > 2 && op[0] == 'n':
				op = "not in"
			case len(op) > 2:
				op = "is not"
			}
			x.Ops = append(x.Ops, op)
		case x.X == nil:
			x.X = c.expr(k)
		default:
			x.Ys = append(x.Ys, c.expr(k))
		}
	}
	if x.X == nil {
		x.X = &BadExpr{Range: x.Range}
	}
	for len(x.Ys) < len(x.Ops) {
		x.Ys = append(x.Ys, &BadExpr{Range: x.Range})
	}
	x.Ops = x.Ops[:len(x.Ops):len(x.Ops)]
	return x
}
