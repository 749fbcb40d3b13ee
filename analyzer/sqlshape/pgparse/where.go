//go:build cgo

package pgparse

import (
	"reflect"

	pg "github.com/pganalyze/pg_query_go/v5"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// conjuncts appends the parts of a condition between its top-level ANDs.
func conjuncts(n *pg.Node, list []*pg.Node) []*pg.Node {
	if n == nil {
		return list
	}
	b := n.GetBoolExpr()
	if b == nil || b.Boolop != pg.BoolExprType_AND_EXPR {
		return append(list, n)
	}
	for _, a := range b.Args {
		list = conjuncts(a, list)
	}
	return list
}

func (r *reader) where(n *pg.Node, sc *scope) {
	for _, c := range conjuncts(n, nil) {
		if !r.conjunct(c, sc) {
			r.f.Partial = true
		}
	}
}

func (r *reader) add(p sqlshape.Predicate) bool {
	r.f.Where = append(r.f.Where, p)
	return true
}

// conjunct reads one part of WHERE; false: it is none of the known forms.
func (r *reader) conjunct(n *pg.Node, sc *scope) bool {
	if l, right, ok := equalColumns(n, sc); ok && l.Table != right.Table {
		r.f.Joins = append(r.f.Joins, sqlshape.Join{Left: l, Right: right})
		return true
	}
	if e := n.GetAExpr(); e != nil {
		return r.comparison(e, sc)
	}
	if b := n.GetBoolExpr(); b != nil {
		if b.Boolop == pg.BoolExprType_NOT_EXPR {
			if col, ok := sc.column(b.Args[0]); ok {
				return r.add(sqlshape.Predicate{Column: col, Op: "IS FALSE"})
			}
		}
		return false
	}
	if t := n.GetNullTest(); t != nil {
		op := "IS NULL"
		if t.Nulltesttype == pg.NullTestType_IS_NOT_NULL {
			op = "IS NOT NULL"
		}
		return r.test(t.Arg, op, sc)
	}
	if t := n.GetBooleanTest(); t != nil {
		op := map[pg.BoolTestType]string{
			pg.BoolTestType_IS_TRUE: "IS TRUE", pg.BoolTestType_IS_NOT_TRUE: "IS NOT TRUE",
			pg.BoolTestType_IS_FALSE: "IS FALSE", pg.BoolTestType_IS_NOT_FALSE: "IS NOT FALSE",
		}[t.Booltesttype]
		return op != "" && r.test(t.Arg, op, sc)
	}
	return r.test(n, "IS TRUE", sc)
}

func (r *reader) test(arg *pg.Node, op string, sc *scope) bool {
	col, fn, ok := operand(arg, sc)
	return ok && r.add(sqlshape.Predicate{Column: col, Op: op, Function: fn})
}

func equalColumns(n *pg.Node, sc *scope) (left, right sqlshape.Column, ok bool) {
	e := n.GetAExpr()
	if e == nil || e.Kind != pg.A_Expr_Kind_AEXPR_OP || lastName(e.Name) != "=" {
		return left, right, false
	}
	left, ok1 := sc.column(e.Lexpr)
	right, ok2 := sc.column(e.Rexpr)
	return left, right, ok1 && ok2 && left.Table != "" && right.Table != ""
}

// uncast takes casts and collations off.
func uncast(n *pg.Node) *pg.Node {
	for {
		switch {
		case n.GetTypeCast() != nil:
			n = n.GetTypeCast().Arg
		case n.GetCollateClause() != nil:
			n = n.GetCollateClause().Arg
		default:
			return n
		}
	}
}

// operand reads a column with casts or a function around it.
func operand(n *pg.Node, sc *scope) (sqlshape.Column, string, bool) {
	n = uncast(n)
	if col, ok := sc.column(n); ok {
		return col, "", true
	}
	fn, args := "", []*pg.Node(nil)
	if call := n.GetFuncCall(); call != nil && call.Over == nil {
		fn, args = upper(call.Funcname), call.Args
	} else if c := n.GetCoalesceExpr(); c != nil {
		fn, args = "COALESCE", c.Args
	} else if m := n.GetMinMaxExpr(); m != nil {
		fn, args = "GREATEST", m.Args
		if m.Op == pg.MinMaxOp_IS_LEAST {
			fn = "LEAST"
		}
	}
	var found sqlshape.Column
	count := 0
	for _, a := range args {
		a = uncast(a)
		if col, ok := sc.column(a); ok {
			found = col
			count++
		} else if a.GetAConst() == nil && a.GetParamRef() == nil {
			return found, fn, false
		}
	}
	return found, fn, count == 1
}

// comparisons are the operators that compare with a value, and what a
// predicate calls them.
var comparisons = map[string]string{
	"=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
	"~": "~", "~*": "~*", "!~": "!~", "!~*": "!~*", "@@": "@@", "@>": "@>", "<@": "<@", "&&": "&&",
	"?": "?", "?|": "?|", "?&": "?&", "~~": "LIKE", "~~*": "ILIKE", "!~~": "NOT LIKE", "!~~*": "NOT ILIKE",
}

var flips = map[string]string{
	"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "@>": "<@", "<@": "@>", "&&": "&&",
}

func (r *reader) comparison(e *pg.A_Expr, sc *scope) bool {
	op := comparisons[lastName(e.Name)]
	switch e.Kind {
	case pg.A_Expr_Kind_AEXPR_IN:
		op = "IN"
		if lastName(e.Name) == "<>" {
			op = "NOT IN"
		}
	case pg.A_Expr_Kind_AEXPR_BETWEEN, pg.A_Expr_Kind_AEXPR_BETWEEN_SYM:
		op = "BETWEEN"
	case pg.A_Expr_Kind_AEXPR_NOT_BETWEEN, pg.A_Expr_Kind_AEXPR_NOT_BETWEEN_SYM:
		op = "NOT BETWEEN"
	case pg.A_Expr_Kind_AEXPR_OP_ANY:
		if op == "=" {
			op = "IN"
		}
	case pg.A_Expr_Kind_AEXPR_OP_ALL:
		if op == "<>" {
			op = "NOT IN"
		}
	case pg.A_Expr_Kind_AEXPR_OP, pg.A_Expr_Kind_AEXPR_LIKE, pg.A_Expr_Kind_AEXPR_ILIKE:
	default:
		return false
	}
	if op == "" {
		return false
	}
	if row := e.Lexpr.GetRowExpr(); row != nil {
		return r.rowComparison(row, e, op, sc)
	}
	col, fn, ok := operand(e.Lexpr, sc)
	if !ok {
		return r.reversed(e, op, sc)
	}
	if !values(e.Rexpr) {
		return false
	}
	return r.add(sqlshape.Predicate{
		Column: col, Op: op, Function: fn, List: sizeOf(e),
		Wildcard: (op == "LIKE" || op == "ILIKE" || op == "NOT LIKE" || op == "NOT ILIKE") && wildcard(e.Rexpr),
	})
}

func (r *reader) reversed(e *pg.A_Expr, op string, sc *scope) bool {
	flipped, known := flips[op]
	col, fn, ok := operand(e.Rexpr, sc)
	if !known || !ok || e.Kind != pg.A_Expr_Kind_AEXPR_OP || !values(e.Lexpr) {
		return false
	}
	return r.add(sqlshape.Predicate{Column: col, Op: flipped, Function: fn})
}

// rowComparison reads (a, b) = (?, ?) and (a, b) IN ((?, ?), …).
func (r *reader) rowComparison(row *pg.RowExpr, e *pg.A_Expr, op string, sc *scope) bool {
	if op != "=" && op != "IN" || !values(e.Rexpr) {
		return false
	}
	var cols []sqlshape.Column
	for _, a := range row.Args {
		col, ok := sc.column(a)
		if !ok {
			return false
		}
		cols = append(cols, col)
	}
	for _, c := range cols {
		r.add(sqlshape.Predicate{Column: c, Op: op, List: sizeOf(e)})
	}
	return true
}

// sizeOf is the size class of what a comparison has on its right.
func sizeOf(e *pg.A_Expr) sqlshape.List {
	switch e.Kind {
	case pg.A_Expr_Kind_AEXPR_IN:
		return listClass(e.Rexpr.GetList().GetItems())
	case pg.A_Expr_Kind_AEXPR_OP_ANY, pg.A_Expr_Kind_AEXPR_OP_ALL:
		if a := uncast(e.Rexpr).GetAArrayExpr(); a != nil {
			return listClass(a.Elements)
		}
		return sqlshape.ManyItems // an array in one parameter
	}
	return sqlshape.NoList
}

// wildcard reports whether a pattern starts with a wildcard.
func wildcard(n *pg.Node) bool {
	found := false
	walk(n, func(m any) bool {
		if c, ok := m.(*pg.A_Const); ok && c.GetSval().GetSval() == "%…" {
			found = true
		}
		return !found
	})
	return found
}

// values reports whether an expression reads no column and no table.
func values(n *pg.Node) bool {
	plain := n != nil
	walk(n, func(m any) bool {
		switch m.(type) {
		case *pg.ColumnRef, *pg.SubLink, *pg.CaseExpr:
			plain = false
		}
		return plain
	})
	return plain
}

func readsColumn(n *pg.Node) bool {
	found := false
	walk(n, func(m any) bool {
		if _, ok := m.(*pg.ColumnRef); ok {
			found = true
		}
		return !found
	})
	return found
}

// walk calls f for each message of a tree, top down; f says whether to go on
// below it. Reflection is fast enough: each shape is parsed once.
func walk(root any, f func(any) bool) { walkValue(reflect.ValueOf(root), f) }

func walkValue(v reflect.Value, f func(any) bool) {
	switch v.Kind() {
	case reflect.Interface:
		walkValue(v.Elem(), f)
	case reflect.Slice:
		for i := range v.Len() {
			walkValue(v.Index(i), f)
		}
	case reflect.Pointer:
		if v.IsNil() || v.Elem().Kind() != reflect.Struct || !f(v.Interface()) {
			return
		}
		s := v.Elem()
		for i := range s.NumField() {
			if s.Type().Field(i).IsExported() {
				walkValue(s.Field(i), f)
			}
		}
	}
}
