package sqlshape

import "strings"

// bracketsMax bounds how deep a condition is looked into.
const bracketsMax = 200

// conjuncts calls f for each part of the condition in toks[lo:hi] between
// top-level ANDs, brackets taken off.
func (x *extractor) conjuncts(lo, hi, depth int, f func(a, b int)) {
	lo, hi = x.unwrap(lo, hi)
	if depth > bracketsMax || x.has(lo, hi, "or") {
		f(lo, hi)
		return
	}
	a, between := lo, false
	for i := lo; i < hi; i++ {
		t := x.toks[i]
		switch {
		case t.match > i:
			i = t.match
		case t.is("case"):
			i = x.caseEnd(i, hi)
		case t.is("between"):
			between = true
		case t.is("and") && between:
			between = false
		case t.is("and"):
			x.conjuncts(a, i, depth+1, f)
			a = i + 1
		}
	}
	if a > lo && a < hi {
		x.conjuncts(a, hi, depth+1, f)
		return
	}
	if lo < hi {
		f(lo, hi)
	}
}

// caseEnd returns the index of the END of the CASE at i.
func (x *extractor) caseEnd(i, hi int) int {
	for depth := 0; i < hi; i++ {
		switch t := x.toks[i]; {
		case t.is("case"):
			depth++
		case t.is("end"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return hi
}

// unwrap takes brackets off a whole range.
func (x *extractor) unwrap(lo, hi int) (int, int) {
	for lo < hi && x.at(lo).sym("(") && x.at(lo).match == hi-1 && !x.at(lo+1).is("select") && !x.at(lo+1).is("with") {
		lo, hi = lo+1, hi-1
	}
	return lo, hi
}

// has reports whether word stands in toks[lo:hi] outside brackets and CASE.
func (x *extractor) has(lo, hi int, word string) bool { return x.find(lo, hi, word) >= 0 }

func (x *extractor) find(lo, hi int, word string) int {
	for i := lo; i < hi; i++ {
		switch t := x.toks[i]; {
		case t.match > i:
			i = t.match
		case t.is("case") && word != "case":
			i = x.caseEnd(i, hi)
		case t.is(word):
			return i
		}
	}
	return -1
}

// where reads the condition of the statement.
func (x *extractor) where(lo, hi int, sc *scope) {
	if !sc.top {
		return
	}
	x.conjuncts(lo, hi, 0, func(a, b int) {
		if !x.predicate(a, b, sc) {
			x.f.Partial = true
		}
	})
}

// predicate reads one conjunct; false: it is none of the known forms.
func (x *extractor) predicate(lo, hi int, sc *scope) bool {
	if x.has(lo, hi, "or") {
		return false
	}
	if x.at(lo).is("not") {
		a, b := x.unwrap(lo+1, hi)
		if col, n, ok := x.columnAt(a, b, sc); ok && n == b {
			x.add(Predicate{Column: col, Op: "IS FALSE"})
			return true
		}
		return false
	}
	if l, r, ok := x.equalColumns(lo, hi, sc); ok && l.Table != r.Table {
		x.f.Joins = append(x.f.Joins, Join{Left: l, Right: r})
		return true
	}
	if cols, n, ok := x.row(lo, hi, sc); ok {
		return x.rowPredicate(cols, n, hi)
	}
	col, fn, n, ok := x.operand(lo, hi, sc)
	if ok {
		return x.compare(Predicate{Column: col, Function: fn}, n, hi, sc)
	}
	return x.reversed(lo, hi, sc)
}

func (x *extractor) add(p Predicate) { x.f.Where = append(x.f.Where, p) }

// row reads (a, b) of plain columns.
func (x *extractor) row(lo, hi int, sc *scope) (cols []Column, next int, ok bool) {
	open := x.at(lo)
	if !open.sym("(") || open.match >= hi {
		return nil, lo, false
	}
	ok = true
	x.items(lo+1, open.match, func(a, b int) {
		col, n, plain := x.columnAt(a, b, sc)
		ok = ok && plain && n == b
		cols = append(cols, col)
	})
	return cols, open.match + 1, ok && len(cols) > 1
}

// rowPredicate reads what a row of columns is compared with.
func (x *extractor) rowPredicate(cols []Column, n, hi int) bool {
	op, list := "", NoList
	switch t := x.at(n); {
	case t.sym("=") && x.at(n+1).sym("(") && x.values(n+1, hi):
		op = "="
	case t.is("in") && x.at(n+1).sym("(") && !x.isQuery(n+2) && x.values(n+1, hi):
		op, list = "IN", x.listClass(n+1)
	default:
		return false
	}
	for _, c := range cols {
		x.add(Predicate{Column: c, Op: op, List: list})
	}
	return true
}

// operand reads a column, with casts, brackets, a function or AT TIME ZONE
// around it, up to the operator, and returns the operator's index.
func (x *extractor) operand(lo, hi int, sc *scope) (col Column, fn string, next int, ok bool) {
	t, open := x.at(lo), x.at(lo+1)
	switch {
	case t.sym("(") && t.match < hi && t.match > 0:
		a, b := x.unwrap(lo, t.match+1)
		if a == lo { // a subquery
			return col, fn, lo, false
		}
		var n int
		col, fn, n, ok = x.operand(a, b, sc)
		if !ok || n != b {
			return col, fn, lo, false
		}
		next = t.match + 1
	case t.kind == tkWord && open.sym("(") && open.match < hi:
		inner, ok := x.onlyColumn(lo+2, open.match, sc)
		if !ok {
			return col, fn, lo, false
		}
		col, next = inner, open.match+1
		if t.s != "cast" {
			fn = strings.ToUpper(t.s)
		} else if k := x.at(lo + 2); k.kind == tkWord && x.at(lo+3).sym("(") {
			fn = strings.ToUpper(k.s)
		}
	default:
		col, next, ok = x.columnAt(lo, hi, sc)
		if !ok {
			return col, fn, lo, false
		}
	}
	next = x.casts(next, hi)
	if x.at(next).is("collate") {
		next += 2
	}
	if next+3 < hi && x.at(next).is("at") && x.at(next+1).is("time") && x.at(next+3).kind == tkValue {
		if fn != "" {
			return col, fn, lo, false
		}
		return col, "TIMEZONE", x.casts(next+4, hi), true
	}
	return col, fn, next, true
}

// casts skips "::type".
func (x *extractor) casts(i, hi int) int {
	for i < hi && x.at(i).sym("::") {
		i += 2
		for i < hi && x.at(i).sym(".") {
			i += 2
		}
		for _, w := range [...]string{"precision", "varying", "with", "without", "time", "zone"} {
			if i < hi && x.at(i).is(w) {
				i++
			}
		}
		for i < hi && (x.at(i).sym("(") || x.at(i).sym("[")) {
			i = x.at(i).match + 1
		}
	}
	return min(i, hi)
}

// onlyColumn returns the one column of a function's arguments; the others
// are values. Functions within functions do not count.
func (x *extractor) onlyColumn(lo, hi int, sc *scope) (col Column, ok bool) {
	found := 0
	for i := lo; i < hi; i++ {
		t := x.at(i)
		switch {
		case t.sym("::"):
			i = x.casts(i, hi) - 1
		case t.sym("("), t.is("select"), t.is("case"), t.kind == tkOp:
			return col, false
		case t.is("from"), t.is("as") && x.at(lo-2).is("cast"):
			if t.is("as") {
				return col, found == 1
			}
		case t.isName() && x.at(lo-2).is("extract") && i == lo: // EXTRACT(YEAR FROM …)
		case t.isName() && !x.at(i-1).is("zone"):
			c, n, plain := x.columnAt(i, hi, sc)
			if t.kind == tkWord && (t.s == "at" || t.s == "time" || t.s == "zone" || t.s == "year" || t.s == "month") && !x.at(i+1).sym(".") {
				if t.s == "at" {
					return col, false
				}
				continue
			}
			if !plain {
				return col, false
			}
			col, i = c, n-1
			found++
		}
	}
	return col, found == 1
}

// comparisons are the operators that compare with one value.
var comparisons = map[string]string{
	"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
	"~": "~", "~*": "~*", "!~": "!~", "!~*": "!~*", "@@": "@@", "@>": "@>", "<@": "<@", "&&": "&&",
	"?": "?", "?|": "?|", "?&": "?&", "~~": "LIKE", "~~*": "ILIKE",
}

// compare reads the operator at n and what follows.
func (x *extractor) compare(p Predicate, n, hi int, sc *scope) bool {
	if n >= hi {
		p.Op = "IS TRUE" // a boolean column by itself
		x.add(p)
		return true
	}
	t := x.at(n)
	not := ""
	if t.is("not") {
		not = "NOT "
		n++
		t = x.at(n)
	}
	switch {
	case t.kind == tkOp && comparisons[t.s] != "":
		return x.compareValue(p, comparisons[t.s], n+1, hi)
	case t.is("operator") && x.at(n+1).sym("("): // "id" OPERATOR(pg_catalog.=) ?, of foreign-key triggers
		end := x.at(n + 1).match
		op := comparisons[x.at(end-1).s]
		return op != "" && x.compareValue(p, op, end+1, hi)
	case t.is("in") && x.at(n+1).sym("(") && !x.isQuery(n+2):
		p.Op, p.List = not+"IN", x.listClass(n+1)
		if x.at(n+1).match+1 < hi || !x.values(n+1, hi) {
			return false
		}
	case t.is("like"), t.is("ilike"), t.is("regexp"), t.is("glob"), t.is("rlike"):
		if !x.values(n+1, hi) {
			return false
		}
		p.Op, p.Wildcard = not+strings.ToUpper(t.s), x.wildcard(n+1, hi)
	case t.is("between"):
		if !x.values(n+1, hi) {
			return false
		}
		p.Op = not + "BETWEEN"
	case t.is("is"):
		return x.compareIs(p, n+1, hi)
	case t.is("isnull") && n+1 == hi:
		p.Op = "IS NULL"
	case t.is("notnull") && n+1 == hi:
		p.Op = "IS NOT NULL"
	default:
		return false
	}
	x.add(p)
	return true
}

// compareValue reads the right side of a comparison.
func (x *extractor) compareValue(p Predicate, op string, lo, hi int) bool {
	p.Op = op
	if t := x.at(lo); (t.is("any") || t.is("some") || t.is("all")) && x.at(lo+1).sym("(") {
		a, b := x.unwrap(lo+1, hi)
		if x.isQuery(a) || !x.values(a, b) || x.at(lo+1).match+1 < hi {
			return false
		}
		switch {
		case op == "=" && !t.is("all"):
			p.Op = "IN"
		case op == "<>" && t.is("all"):
			p.Op = "NOT IN"
		}
		p.List = ManyItems // an array in one parameter
		a, _ = x.unwrap(a, b)
		if x.at(a).is("array") {
			p.List = x.listClass(a + 1)
		}
		x.add(p)
		return true
	}
	if !x.values(lo, hi) || lo >= hi {
		return false
	}
	if op == "LIKE" || op == "ILIKE" {
		p.Wildcard = x.wildcard(lo, hi)
	}
	x.add(p)
	return true
}

// compareIs reads IS [NOT] NULL, TRUE, FALSE.
func (x *extractor) compareIs(p Predicate, n, hi int) bool {
	p.Op = "IS "
	if x.at(n).is("not") {
		p.Op += "NOT "
		n++
	}
	t := x.at(n)
	if n+1 != hi || !t.is("null") && !t.is("true") && !t.is("false") {
		return false
	}
	p.Op += strings.ToUpper(t.s)
	x.add(p)
	return true
}

// reversed reads value op column.
func (x *extractor) reversed(lo, hi int, sc *scope) bool {
	for i := lo; i < hi; i++ {
		t := x.at(i)
		if t.match > i {
			i = t.match
			continue
		}
		op := comparisons[t.s]
		if t.kind != tkOp || op == "" {
			continue
		}
		if i == lo || !x.values(lo, i) {
			return false
		}
		flipped, ok := flips[op]
		col, fn, n, plain := x.operand(i+1, hi, sc)
		if !ok || !plain || n != hi {
			return false
		}
		x.add(Predicate{Column: col, Op: flipped, Function: fn})
		return true
	}
	return false
}

var flips = map[string]string{
	"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<=", "@>": "<@", "<@": "@>", "&&": "&&",
}

// wildcard reports whether a pattern in toks[lo:hi] starts with a wildcard.
func (x *extractor) wildcard(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		if x.at(i).isWildcard() {
			return true
		}
	}
	return false
}

// listClass is the size class of the list whose bracket is at i.
func (x *extractor) listClass(i int) List {
	list := OneItem
	for k, end := i+1, x.at(i).match; k < end; k++ {
		switch t := x.at(k); {
		case t.kind == tkNote:
			return HugeItems
		case t.kind == tkMore, t.sym(","):
			list = ManyItems
		case t.match > k:
			k = t.match
		}
	}
	return list
}

// constants are words that stand for values.
var constants = words(`null true false default current_timestamp current_date current_time localtime localtimestamp
	current_user session_user current_role and array row as not escape symmetric asymmetric at time zone
	interval collate with without precision varying cast`)

// values reports whether toks[lo:hi] reads no column and no table.
func (x *extractor) values(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		t := x.at(i)
		switch t.kind {
		case tkName:
			if !x.at(i-1).sym("::") && !x.at(i-1).sym(".") && !x.at(i-1).is("collate") && !x.at(i+1).sym("(") {
				return false
			}
		case tkWord:
			if t.is("select") || t.is("case") || t.is("or") {
				return false
			}
			if x.at(i-1).sym("::") || x.at(i-1).is("as") || x.at(i+1).sym("(") || constants[t.s] || typeWords[t.s] && x.at(i+1).kind == tkValue {
				continue
			}
			return false
		}
	}
	return true
}

// readsColumn reports whether an expression reads a column.
func (x *extractor) readsColumn(lo, hi int) bool {
	for i := lo; i < hi; i++ {
		t := x.at(i)
		switch {
		case t.kind == tkName && !x.at(i-1).sym("::") && !x.at(i-1).is("collate") && !x.at(i+1).sym("("),
			t.kind == tkWord && !reserved[t.s] && !constants[t.s] && !typeWords[t.s] && !x.at(i-1).sym("::") &&
				!x.at(i-1).is("as") && !x.at(i-1).sym(".") && !x.at(i+1).sym("("):
			return true
		}
	}
	return false
}
