package sqlshape

// joinWords end a table reference and its alias.
var joinWords = words(`join inner left right full cross natural outer on using straight_join set values select
	use force ignore tablesample default where as returning from window partition with`)

// from reads the table references in toks[lo:hi].
func (x *extractor) from(lo, hi int, sc *scope) {
	outer, first := false, true
	prev := "" // the table before a USING
	for i := lo; i < hi; {
		t := x.at(i)
		switch {
		case t.sym(","):
			outer = false
			i++
		case t.is("left"), t.is("right"), t.is("full"):
			outer = true
			i++
		case t.is("inner"), t.is("cross"), t.is("natural"):
			outer = false
			i++
		case t.is("join"), t.is("outer"), t.is("lateral"), t.is("straight_join"):
			i++
		case t.is("on"):
			end := x.joinEnd(i+1, hi)
			x.joinOn(i+1, end, outer, sc)
			outer = false
			i = end
		case t.is("using") && x.at(i+1).sym("("):
			end := x.at(i + 1).match
			x.joinUsing(i+2, min(end, hi), prev, outer, sc)
			outer = false
			i = end + 1
		case t.is("use"), t.is("force"), t.is("ignore"), t.is("tablesample"): // hints
			for i < hi && !x.at(i).sym("(") {
				i++
			}
			i = max(i, x.at(i).match) + 1
		default:
			if len(sc.tables) > 0 {
				prev = sc.tables[len(sc.tables)-1]
			}
			i = x.reference(i, hi, first, sc)
		}
		first = false
	}
}

// reference reads one table, subquery or function with its alias and returns
// the index after it.
func (x *extractor) reference(i, hi int, first bool, sc *scope) int {
	t := x.at(i)
	if t.sym("(") {
		end := min(t.match, hi)
		if !x.isQuery(i + 1) {
			x.from(i+1, end, sc) // brackets around joins
			return end + 1
		}
		x.nested(i+1, end)
		if sc.top {
			x.f.Subquery = true
		}
		alias, next := x.alias(end+1, hi)
		sc.hide(alias)
		return next
	}
	table, next, ok := x.table(i, hi)
	if !ok {
		return i + 1
	}
	if open := x.at(next); next < hi && open.sym("(") { // a function
		x.nestedIn(next, min(open.match, hi))
		alias, after := x.alias(open.match+1, hi)
		sc.hide(alias)
		return after
	}
	table.Alias, next = x.alias(next, hi)
	if table.Schema == "" && x.ctes[table.Name] {
		sc.hide(table.Name)
		if table.Alias != "" {
			sc.hide(table.Alias)
		}
		return next
	}
	sc.add(table)
	x.reads[table.Name] = true
	if sc.top {
		x.f.Tables = append(x.f.Tables, table)
	}
	return next
}

// alias reads [AS] name [(columns)] and returns the index after it.
func (x *extractor) alias(i, hi int) (string, int) {
	if i >= hi {
		return "", i
	}
	t := x.at(i)
	as := t.is("as")
	if as {
		i++
		t = x.at(i)
	}
	if i >= hi || t.kind != tkName && (t.kind != tkWord || joinWords[t.s] && !as || reserved[t.s]) {
		return "", i
	}
	i++
	if open := x.at(i); as && i < hi && open.sym("(") {
		i = open.match + 1
	}
	return t.s, i
}

// joinEnd returns where the condition at toks[lo:] ends.
func (x *extractor) joinEnd(lo, hi int) int {
	for i := lo; i < hi; i++ {
		t := x.toks[i]
		switch {
		case t.match > i:
			i = t.match
		case t.sym(","):
			return i
		case t.is("left") && x.at(i+1).sym("("), t.is("right") && x.at(i+1).sym("("): // functions
		case t.is("join"), t.is("inner"), t.is("left"), t.is("right"), t.is("full"), t.is("cross"), t.is("natural"):
			return i
		}
	}
	return hi
}

// joinOn reads the equalities of a join condition.
func (x *extractor) joinOn(lo, hi int, outer bool, sc *scope) {
	x.conjuncts(lo, hi, 0, func(a, b int) {
		left, right, ok := x.equalColumns(a, b, sc)
		if ok && sc.top {
			x.f.Joins = append(x.f.Joins, Join{left, right, outer})
		}
	})
	x.nestedIn(lo, hi)
}

// joinUsing reads USING (a, b): columns of the table before and this one.
func (x *extractor) joinUsing(lo, hi int, prev string, outer bool, sc *scope) {
	if prev == "" || len(sc.tables) == 0 || !sc.top {
		return
	}
	this := sc.tables[len(sc.tables)-1]
	for i := lo; i < hi; i++ {
		if n := x.at(i); n.isName() {
			x.f.Joins = append(x.f.Joins, Join{Column{sc.real[prev], n.s}, Column{sc.real[this], n.s}, outer})
		}
	}
}

// equalColumns reads column = column of two real tables.
func (x *extractor) equalColumns(lo, hi int, sc *scope) (left, right Column, ok bool) {
	left, n, ok := x.columnAt(lo, hi, sc)
	if !ok || !x.at(n).sym("=") {
		return left, right, false
	}
	right, n, ok = x.columnAt(n+1, hi, sc)
	return left, right, ok && n == hi && left.Table != "" && right.Table != ""
}
