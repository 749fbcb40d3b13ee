package syntax

import (
	"fmt"
	"strings"
)

// dump writes a tree as short text, one statement in parentheses.
func dump(n any) string {
	var b strings.Builder
	dumpTo(&b, n)
	return b.String()
}

func dumpStmts(b *strings.Builder, label string, list []Stmt) {
	if len(list) == 0 {
		return
	}
	b.WriteString(" " + label + "{")
	for i, s := range list {
		if i > 0 {
			b.WriteString("; ")
		}
		dumpTo(b, s)
	}
	b.WriteString("}")
}

func dumpExprs(list []Expr) string {
	parts := make([]string, len(list))
	for i, x := range list {
		parts[i] = dump(x)
	}
	return strings.Join(parts, ", ")
}

func dumpArgs(list []Arg) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.Star + dump(a.Value)
		if a.Name != "" {
			parts[i] = a.Name + "=" + parts[i]
		}
	}
	return strings.Join(parts, ", ")
}

func dumpParams(list []Param) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = p.Star + p.Name
		if p.Annotation != nil {
			parts[i] += ":" + dump(p.Annotation)
		}
		if p.Default != nil {
			parts[i] += "=" + dump(p.Default)
		}
	}
	return strings.Join(parts, ", ")
}

func dumpAliases(list []Alias) string {
	parts := make([]string, len(list))
	for i, a := range list {
		parts[i] = a.Name
		if a.As != "" {
			parts[i] += " as " + a.As
		}
	}
	return strings.Join(parts, ", ")
}

func dumpTo(b *strings.Builder, n any) {
	switch n := n.(type) {
	case nil:
		b.WriteString("nil")
	case Stmt:
		dumpStmt(b, n)
	case Expr:
		dumpExpr(b, n)
	}
}

func flag(on bool, word string) string {
	if on {
		return word
	}
	return ""
}

func dumpStmt(b *strings.Builder, s Stmt) {
	switch s := s.(type) {
	case *FunctionDef:
		fmt.Fprintf(b, "%sdef %s(%s)", flag(s.Async, "async "), s.Name, dumpParams(s.Params))
		if s.Returns != nil {
			b.WriteString("->" + dump(s.Returns))
		}
		if len(s.Decorators) > 0 {
			b.WriteString(" @" + dumpExprs(s.Decorators))
		}
		dumpStmts(b, "", s.Body)
	case *ClassDef:
		fmt.Fprintf(b, "class %s(%s)", s.Name, dumpArgs(s.Args))
		if len(s.Decorators) > 0 {
			b.WriteString(" @" + dumpExprs(s.Decorators))
		}
		dumpStmts(b, "", s.Body)
	case *Assign:
		b.WriteString(dumpExprs(s.Targets))
		if s.Annotation != nil {
			b.WriteString(": " + dump(s.Annotation))
		}
		b.WriteString(" " + s.Op + " " + dump(orNil(s.Value)))
	case *Return:
		b.WriteString("return " + dump(orNil(s.Value)))
	case *ExprStmt:
		dumpTo(b, s.X)
	case *Import:
		b.WriteString("import " + dumpAliases(s.Names))
	case *ImportFrom:
		fmt.Fprintf(b, "from %d %s import %s%s", s.Level, s.Module, dumpAliases(s.Names), flag(s.Star, "*"))
	case *Raise:
		fmt.Fprintf(b, "raise %s from %s", dump(orNil(s.X)), dump(orNil(s.From)))
	case *Delete:
		b.WriteString("del " + dumpExprs(s.Targets))
	case *Assert:
		fmt.Fprintf(b, "assert %s, %s", dump(s.Test), dump(orNil(s.Msg)))
	case *Simple:
		b.WriteString(s.Keyword + strings.Join(append([]string{""}, s.Names...), " "))
	case *BadStmt:
		b.WriteString("BAD")
		dumpStmts(b, "", s.Body)
	default:
		dumpBlock(b, s)
	}
}

func orNil(x Expr) any {
	if x == nil {
		return nil
	}
	return x
}

func dumpBlock(b *strings.Builder, s Stmt) {
	switch s := s.(type) {
	case *For:
		fmt.Fprintf(b, "%sfor %s in %s", flag(s.Async, "async "), dump(s.Target), dump(s.Iter))
		dumpStmts(b, "", s.Body)
		dumpStmts(b, "else", s.Else)
	case *While:
		b.WriteString("while " + dump(s.Test))
		dumpStmts(b, "", s.Body)
		dumpStmts(b, "else", s.Else)
	case *If:
		b.WriteString("if " + dump(s.Test))
		dumpStmts(b, "", s.Body)
		dumpStmts(b, "else", s.Else)
	case *With:
		b.WriteString(flag(s.Async, "async ") + "with")
		for _, item := range s.Items {
			b.WriteString(" " + dump(item.X) + " as " + dump(orNil(item.As)))
		}
		dumpStmts(b, "", s.Body)
	case *Try:
		b.WriteString("try")
		dumpStmts(b, "", s.Body)
		for _, h := range s.Handlers {
			fmt.Fprintf(b, " except %s as %q", dump(orNil(h.Type)), h.Name)
			dumpStmts(b, "", h.Body)
		}
		dumpStmts(b, "else", s.Else)
		dumpStmts(b, "finally", s.Finally)
	case *Match:
		b.WriteString("match " + dump(s.Subject))
		for _, c := range s.Cases {
			fmt.Fprintf(b, " case %v if %s", c.Names, dump(orNil(c.Guard)))
			dumpStmts(b, "", c.Body)
		}
	}
}

func dumpExpr(b *strings.Builder, x Expr) {
	switch x := x.(type) {
	case *Name:
		b.WriteString(x.ID)
	case *Attribute:
		b.WriteString(dump(x.X) + "." + x.Attr)
	case *Call:
		fmt.Fprintf(b, "%s(%s%s)", dump(x.Func), dumpArgs(x.Args), flag(x.TrailingComma, ","))
	case *Subscript:
		fmt.Fprintf(b, "%s[%s]", dump(x.X), dumpExprs(x.Index))
	case *Slice:
		fmt.Fprintf(b, "%s:%s:%s", dump(orNil(x.Lo)), dump(orNil(x.Hi)), dump(orNil(x.Step)))
	case *String:
		fmt.Fprintf(b, "%s%s%q", flag(x.Bytes, "b"), flag(x.Formatted, "f"), x.Value)
		if len(x.Parts) > 0 {
			fmt.Fprintf(b, "<%s>", dumpExprs(x.Parts))
		}
	case *Number:
		b.WriteString(x.Text)
	case *Constant:
		b.WriteString(x.Text)
	case *Sequence:
		fmt.Fprintf(b, "%s(%s)", [...]string{"", "list", "tuple", "set"}[x.Kind], dumpExprs(x.Elts))
	case *Dict:
		b.WriteString("dict(")
		for i := range x.Keys {
			fmt.Fprintf(b, "%s:%s,", dump(orNil(x.Keys[i])), dump(x.Values[i]))
		}
		b.WriteString(")")
	default:
		dumpOperator(b, x)
	}
}

func dumpOperator(b *strings.Builder, x Expr) {
	switch x := x.(type) {
	case *Comprehension:
		fmt.Fprintf(b, "comp%d(", x.Kind)
		if x.Key != nil {
			b.WriteString(dump(x.Key) + ":")
		}
		b.WriteString(dump(x.Elt))
		for _, c := range x.Clauses {
			fmt.Fprintf(b, " %sfor %s in %s", flag(c.Async, "async "), dump(c.Target), dump(c.Iter))
			if len(c.Ifs) > 0 {
				b.WriteString(" if " + dumpExprs(c.Ifs))
			}
		}
		b.WriteString(")")
	case *Lambda:
		fmt.Fprintf(b, "lambda(%s: %s)", dumpParams(x.Params), dump(x.Body))
	case *Binary:
		fmt.Fprintf(b, "(%s %s %s)", dump(x.X), x.Op, dump(x.Y))
	case *Compare:
		b.WriteString("(" + dump(x.X))
		for i, op := range x.Ops {
			b.WriteString(" " + op + " " + dump(x.Ys[i]))
		}
		b.WriteString(")")
	case *Unary:
		fmt.Fprintf(b, "(%s %s)", x.Op, dump(x.X))
	case *Conditional:
		fmt.Fprintf(b, "(%s if %s else %s)", dump(x.Body), dump(x.Test), dump(x.Else))
	case *Await:
		b.WriteString("await " + dump(x.X))
	case *Yield:
		fmt.Fprintf(b, "yield%s %s", flag(x.From, " from"), dump(orNil(x.X)))
	case *Starred:
		b.WriteString("*" + dump(x.X))
	case *NamedExpr:
		fmt.Fprintf(b, "(%s := %s)", x.Target.ID, dump(x.Value))
	case *BadExpr:
		fmt.Fprintf(b, "BAD(%s)", dumpExprs(x.Elts))
	}
}
