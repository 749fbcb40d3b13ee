package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// block describes the i-th node above the expression when it is a loop in
// which the expression runs.
func (st *stand) block(n syntax.Node, i int) (source.Block, bool) {
	switch n := n.(type) {
	case *syntax.For:
		if !st.within(n.Body) {
			return source.Block{}, false
		}
		b := source.Block{
			Kind: "for", Span: st.m.span(n), Head: st.m.spanOf(n.Start, n.Iter.Pos().End), Async: n.Async, Else: len(n.Else) > 0,
			Anchor: st.m.span(n), Clauses: 1,
		}
		b.Binds, b.Assigned = boundBy(n.Target, n.Body)
		st.over(&b, n.Target, n.Iter)
		st.leaves(&b, n.Body)
		return b, true
	case *syntax.While:
		if !st.within(n.Body) {
			return source.Block{}, false
		}
		b := source.Block{
			Kind: "while", Span: st.m.span(n), Head: st.m.spanOf(n.Start, n.Test.Pos().End), Else: len(n.Else) > 0,
			Anchor: st.m.span(n),
		}
		b.Binds, b.Assigned = boundBy(nil, n.Body)
		st.leaves(&b, n.Body)
		return b, true
	case *syntax.Comprehension:
		return st.comprehension(n, i)
	}
	return source.Block{}, false
}

func (st *stand) comprehension(n *syntax.Comprehension, i int) (source.Block, bool) {
	first := n.Clauses[0]
	if nodeHolds(first.Iter, st.x) {
		return source.Block{}, false
	}
	b := source.Block{
		Kind: "comprehension", Span: st.m.span(n), Head: st.m.spanOf(first.Start, first.Iter.Pos().End),
		Anchor: st.anchor(i), Clauses: len(n.Clauses), Body: []source.Span{st.m.span(n.Elt)},
	}
	switch n.Kind {
	case syntax.ListSeq:
		b.Makes = "list"
	case syntax.SetSeq:
		b.Makes = "set"
	case syntax.DictSeq:
		b.Makes = "dict"
	case syntax.GeneratorSeq:
		b.Makes = "generator"
	}
	st.over(&b, first.Target, first.Iter)
	for _, c := range n.Clauses {
		b.Filtered = b.Filtered || len(c.Ifs) > 0
		b.Async = b.Async || c.Async
	}
	b.Binds, b.Assigned = boundBy(nil, []syntax.Stmt{&syntax.ExprStmt{X: n}})
	return b, true
}

// over fills in what the loop goes over.
func (st *stand) over(b *source.Block, target, iter syntax.Expr) {
	b.Target, b.Iter = st.m.span(target), st.m.span(iter)
	b.Targets, _ = targetNames(target)
	b.Again, b.Items = st.repeats(iter, 0)
	if n, ok := iter.(*syntax.Name); ok {
		b.IterName = n.ID
		for _, u := range st.find(n.ID, st.body) {
			if u.Span != b.Iter && !u.Write {
				b.IterReads++
			}
		}
	}
}

// within reports whether the expression stands in the statements.
func (st *stand) within(body []syntax.Stmt) bool {
	return len(body) > 0 && st.x.Pos().Start >= body[0].Pos().Start && st.x.Pos().End <= body[len(body)-1].Pos().End
}

func nodeHolds(n, x syntax.Node) bool {
	return n.Pos().Start <= x.Pos().Start && n.Pos().End >= x.Pos().End
}

// anchor is the statement around the i-th node, when code put before it runs
// once before that node, and the node whenever that code has run.
func (st *stand) anchor(i int) source.Span {
	for _, n := range slices.Backward(st.above[:i]) {
		switch n := n.(type) {
		case *syntax.Conditional:
			return source.Span{}
		case *syntax.Binary:
			if n.Op == "and" || n.Op == "or" {
				return source.Span{}
			}
		case *syntax.While, *syntax.FunctionDef, *syntax.BadStmt:
			return source.Span{}
		case *syntax.If:
			if strings.HasPrefix(st.m.file().Source(n), "elif") {
				return source.Span{}
			}
			return st.m.span(n)
		case syntax.Stmt:
			return st.m.span(n)
		}
	}
	return source.Span{}
}

// leaves fills in the statements of the body and what leaves it.
func (st *stand) leaves(b *source.Block, body []syntax.Stmt) {
	for _, s := range body {
		b.Body = append(b.Body, st.m.span(s))
	}
	var inLoop []syntax.Range // of loops inside: break and continue are theirs
	syntax.WalkBody(body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda:
			return false
		case *syntax.For:
			inLoop = appendBody(inLoop, n.Body)
		case *syntax.While:
			inLoop = appendBody(inLoop, n.Body)
		case *syntax.Return:
			b.Return = true
		case *syntax.Raise:
			b.Raise = true
		case *syntax.Yield:
			b.Yield = true
		case *syntax.Simple:
			if slices.ContainsFunc(inLoop, func(r syntax.Range) bool { return nodeHolds(r, n) }) {
				return true
			}
			b.Break = b.Break || n.Keyword == "break"
			b.Continue = b.Continue || n.Keyword == "continue"
		}
		return true
	})
}

func appendBody(list []syntax.Range, body []syntax.Stmt) []syntax.Range {
	if len(body) == 0 {
		return list
	}
	return append(list, syntax.Range{Start: body[0].Pos().Start, End: body[len(body)-1].Pos().End})
}

// resolveDepth is how many names are followed to tell what a loop goes over.
const resolveDepth = 4

// repeats tells whether going over x a second time gives the same items, and
// their type when it is plain.
func (st *stand) repeats(x syntax.Expr, depth int) (again bool, items string) {
	switch x := x.(type) {
	case *syntax.Sequence:
		return true, plainType(x.Elts)
	case *syntax.Dict:
		return true, plainType(x.Keys)
	case *syntax.Comprehension:
		elt := x.Elt
		if x.Key != nil {
			elt = x.Key
		}
		return x.Kind != syntax.GeneratorSeq, plainType([]syntax.Expr{elt})
	case *syntax.Subscript:
		switch i := oneIndex(x).(type) {
		case *syntax.Slice:
			return st.repeats(x.X, depth)
		case *syntax.String: // data["ids"]: the same object both times
			return !i.Formatted, ""
		}
	case *syntax.Call:
		return st.callRepeats(x, depth)
	case *syntax.Name:
		return st.nameRepeats(x.ID, depth)
	}
	return false, ""
}

func (st *stand) callRepeats(x *syntax.Call, depth int) (again bool, items string) {
	switch f := x.Func.(type) {
	case *syntax.Attribute:
		switch f.Attr {
		case "split", "rsplit", "splitlines", "getlist":
			return true, "str"
		case "keys", "values", "items":
			return len(x.Args) == 0, ""
		}
	case *syntax.Name:
		switch f.ID {
		case "range":
			return true, "int"
		case "list", "tuple", "set", "frozenset", "sorted":
			if len(x.Args) == 0 {
				return true, ""
			}
			_, items := st.repeats(x.Args[0].Value, depth)
			// sortedNames(map(int, …)) is a new list each time, of what may be used up
			again := true
			if n, ok := x.Args[0].Value.(*syntax.Name); ok {
				again, _ = st.repeats(n, depth)
			}
			return again, items
		case "enumerate", "reversed":
			if len(x.Args) > 0 {
				again, _ := st.repeats(x.Args[0].Value, depth)
				return again, ""
			}
		}
	}
	return false, ""
}

// nameRepeats follows a name to its only value.
func (st *stand) nameRepeats(name string, depth int) (again bool, items string) {
	if depth >= resolveDepth {
		return false, ""
	}
	value, bound := onlyValue(st.body, name)
	if !bound {
		value, _ = onlyValue(st.m.file().Body, name)
	}
	if value == nil {
		return false, ""
	}
	if s, ok := value.(*syntax.Subscript); ok { // ids = list(x)[0] and the like
		if _, slice := oneIndex(s).(*syntax.Slice); !slice {
			if _, key := oneIndex(s).(*syntax.String); !key {
				return false, ""
			}
		}
	}
	if c, ok := value.(*syntax.Call); ok { // names of iterators are used up
		if f, ok := c.Func.(*syntax.Name); ok && (f.ID == "enumerate" || f.ID == "reversed") {
			return false, ""
		}
		if f, ok := c.Func.(*syntax.Name); ok && slices.Contains([]string{"list", "tuple", "set", "frozenset", "sorted"}, f.ID) {
			_, items := st.callRepeats(c, depth+1)
			return true, items // the value is there, whatever it was made from
		}
	}
	return st.repeats(value, depth+1)
}

// onlyValue is what the statements assign to name; nil when that is not one
// plain assignment. bound reports whether they bind it at all.
func onlyValue(body []syntax.Stmt, name string) (value syntax.Expr, bound bool) {
	count := 0
	syntax.WalkBody(body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef, *syntax.ClassDef:
			return false
		case *syntax.Assign:
			if len(n.Targets) == 1 && isNameOf(n.Targets[0], name) && n.Op == "=" {
				value = n.Value
				count++
			}
		}
		return true
	})
	all, _ := boundBy(nil, body)
	if count != 1 || rebinds(body, name) > 1 {
		return nil, slices.Contains(all, name)
	}
	return value, true
}

func isNameOf(x syntax.Expr, name string) bool {
	n, ok := x.(*syntax.Name)
	return ok && n.ID == name
}

// plainType is the type that all the expressions have as plain literals.
func plainType(list []syntax.Expr) string {
	kind := ""
	for _, x := range list {
		k := ""
		switch x := x.(type) {
		case *syntax.String:
			if !x.Bytes {
				k = "str"
			}
		case *syntax.Number:
			if strings.Trim(x.Text, "0123456789_") == "" {
				k = "int"
			}
		}
		if k == "" || kind != "" && k != kind {
			return ""
		}
		kind = k
	}
	return kind
}
