package sqlshape

// A scope resolves the aliases of one query's FROM.
type scope struct {
	top    bool              // its facts are the statement's
	tables []string          // real tables, by what the query calls them
	real   map[string]string // alias or name → real name; "" is no table
	opaque bool              // something else than tables is in FROM
	out    map[string]bool   // names that the select list gives to expressions
}

func newScope(top bool) *scope { return &scope{top: top, real: map[string]string{}} }

func (sc *scope) add(t Table) {
	name := t.Name
	if t.Alias != "" {
		name = t.Alias
	}
	sc.tables = append(sc.tables, name)
	sc.real[name] = t.Name
}

// hide adds something that is no table: a subquery, function or CTE.
func (sc *scope) hide(alias string) {
	sc.opaque = true
	if alias != "" {
		sc.real[alias] = ""
	}
}

// column resolves a qualified or bare name.
func (sc *scope) column(table, name string) Column {
	if table != "" {
		if real, ok := sc.real[table]; ok {
			return Column{real, name}
		}
		return Column{"", name} // of an outer query, or unknown
	}
	if len(sc.tables) == 1 && !sc.opaque {
		return Column{sc.real[sc.tables[0]], name}
	}
	return Column{"", name}
}

// clauses are the token ranges of a query's parts; from is the index of the
// keyword, 0 when absent (SELECT itself is at 0 or later, never a clause).
type clauses struct {
	list, from, where, group, having, order, limit, offset, fetch, lock, setOp, returning int
	hi                                                                                    int
}

// end returns where the clause that starts at lo ends.
func (c *clauses) end(lo int) int {
	hi := c.hi
	for _, k := range [...]int{c.from, c.where, c.group, c.having, c.order, c.limit, c.offset, c.fetch, c.lock, c.setOp, c.returning} {
		if k > lo && k < hi {
			hi = k
		}
	}
	return hi
}

// split finds the clauses of the query or statement in toks[lo:hi], whose
// first keyword is at lo.
func (x *extractor) split(lo, hi int) clauses {
	c := clauses{list: lo, hi: hi}
	for i := lo + 1; i < hi; i++ {
		t := x.toks[i]
		if t.match > i {
			i = t.match
			continue
		}
		if t.kind != tkWord || x.at(i-1).sym(".") {
			continue
		}
		if next := x.at(i + 1); next.sym("(") && t.in(functionLike) {
			continue
		}
		switch t.s {
		case "from":
			if c.from == 0 && !(x.at(i-1).is("distinct") && i-1 > lo && (x.at(i-2).is("is") || x.at(i-2).is("not"))) {
				c.from = i
			}
		case "where":
			set(&c.where, i)
		case "group":
			set(&c.group, i)
		case "having":
			set(&c.having, i)
		case "window": // ends what is before it, and holds nothing for us
			set(&c.having, i)
		case "order":
			c.order = i
		case "limit":
			c.limit = i
		case "offset":
			c.offset = i
		case "fetch":
			c.fetch = i
		case "for":
			if n := x.at(i + 1); n.is("update") || n.is("share") || n.is("no") || n.is("key") {
				c.lock = i
			}
		case "union", "intersect", "except", "minus":
			set(&c.setOp, i)
		case "returning":
			set(&c.returning, i)
		}
	}
	return c
}

// functionLike are clause words that name functions when a bracket follows;
// Django 3.2 still writes ORDER BY and the like with words between.
var functionLike = words("window")

func set(k *int, i int) {
	if *k == 0 {
		*k = i
	}
}

// queryTop reads the facts of the query in toks[lo:hi] into x.f.
func (x *extractor) queryTop(lo, hi int) {
	sc := newScope(true)
	x.selectIn(lo, hi, sc)
}

// nested reads the query in toks[lo:hi] for the tables it touches only.
func (x *extractor) nested(lo, hi int) {
	if x.steps++; x.steps > groupsMax || x.depth >= queryMax {
		return
	}
	x.depth++
	keep := x.f
	x.f = &Facts{Limit: Absent, Offset: Absent}
	first := x.at(lo)
	switch {
	case first.is("insert"), first.is("update"), first.is("delete"), first.is("with"):
		x.statement(lo, hi)
	case x.isQuery(lo):
		x.selectIn(lo, hi, newScope(false))
	default:
		x.nestedIn(lo, hi)
	}
	x.f = keep
	x.depth--
}

// isQuery reports whether a query starts at toks[i], brackets before it aside.
func (x *extractor) isQuery(i int) bool {
	for n := 0; x.at(i).sym("(") && n < queryMax; n++ {
		i++
	}
	t := x.at(i)
	return t.is("select") || t.is("with") || t.is("values")
}

// nestedIn looks for queries in the brackets of toks[lo:hi].
func (x *extractor) nestedIn(lo, hi int) {
	for i := lo; i < hi; i++ {
		t := x.toks[i]
		if !t.sym("(") && !t.sym("[") {
			continue
		}
		if n := x.at(i + 1); n.is("select") || n.is("with") || n.is("values") && t.sym("(") {
			x.nested(i+1, min(t.match, hi))
			i = min(t.match, hi)
		}
	}
}

// selectIn reads one query: of a set operation the leftmost, with the order
// and limit of the whole.
func (x *extractor) selectIn(lo, hi int, sc *scope) {
	f := x.f
	if t := x.at(lo); t.sym("(") {
		end := min(t.match, hi)
		x.selectIn(lo+1, end, sc)
		if end+1 < hi {
			c := x.split(end, hi)
			f.SetOp = f.SetOp || c.setOp > 0
			x.nestedIn(end+1, hi)
			if c.setOp > 0 { // the left side's own limits are inside its brackets
				f.Order, f.Ordered, f.Limit, f.Offset = nil, false, Absent, Absent
				x.rest(c.setOp+1, hi)
			}
			x.tail(&c, sc)
		}
		return
	}
	if x.at(lo).is("with") {
		f.Recursive = true
		lo = x.with(lo+1, hi)
	}
	c := x.split(lo, hi)
	left := c
	if c.setOp > 0 {
		f.SetOp = true
		left.hi = c.setOp
		left = x.split(lo, c.setOp)
		x.rest(c.setOp+1, hi)
	}
	if left.from > 0 {
		x.from(left.from+1, left.end(left.from), sc)
	}
	x.list(lo, &left, sc)
	if left.where > 0 {
		end := left.end(left.where)
		f.Filter = x.span(left.where+1, end)
		x.where(left.where+1, end, sc)
		x.nestedIn(left.where+1, end)
	}
	f.Grouped = left.group > 0 || left.having > 0 && x.at(left.having).is("having")
	if f.Grouped {
		f.Aggregates = nil
		x.nestedIn(max(left.group, 0), left.hi)
	}
	if c.setOp > 0 {
		c.order, c.limit, c.offset, c.fetch = after(c.order, c.setOp), after(c.limit, c.setOp), after(c.offset, c.setOp), after(c.fetch, c.setOp)
	}
	x.tail(&c, sc)
	f.Exists = f.Exists && (f.Limit == 1 || x.existsCall(lo))
}

func after(k, lo int) int {
	if k < lo {
		return 0
	}
	return k
}

// rest reads the right sides of a set operation for their tables.
func (x *extractor) rest(lo, hi int) {
	for i := lo; i < hi; i++ {
		t := x.toks[i]
		switch {
		case t.is("select"):
			end := x.setOperator(i, hi)
			x.nested(i, end)
			i = end
		case t.sym("("):
			x.nested(i+1, min(t.match, hi))
			i = t.match
		}
	}
}

// setOperator returns the index of the next UNION and the like, or hi.
func (x *extractor) setOperator(lo, hi int) int {
	for i := lo; i < hi; i++ {
		t := x.toks[i]
		if t.match > i {
			i = t.match
		} else if t.is("union") || t.is("intersect") || t.is("except") || t.is("minus") {
			return i
		}
	}
	return hi
}

// span returns the masked text of toks[lo:hi].
func (x *extractor) span(lo, hi int) string {
	if lo >= hi || lo >= len(x.toks) {
		return ""
	}
	return x.text[x.toks[lo].lo:x.toks[hi-1].hi]
}

// tail reads ORDER BY, LIMIT, OFFSET, FETCH and the lock.
func (x *extractor) tail(c *clauses, sc *scope) {
	f := x.f
	if c.order > 0 {
		f.Ordered = true
		end := c.end(c.order)
		x.order(c.order+2, end, sc)
		x.nestedIn(c.order, end)
	}
	if c.limit > 0 {
		f.Limit = x.limit(c.limit + 1)
		if x.at(c.limit + 2).sym(",") { // MySQL's LIMIT offset, count
			f.Offset, f.Limit = Masked, x.limit(c.limit+3)
		}
	}
	if c.fetch > 0 {
		f.Limit = Masked
		if n := x.at(c.fetch + 2); n.is("row") || n.is("rows") {
			f.Limit = 1
		}
	}
	if c.offset > 0 {
		f.Offset = Masked
		if x.at(c.offset+2).kind == tkNote {
			f.Offset = Deep
		}
	}
	f.ForUpdate = f.ForUpdate || c.lock > 0
}

func (x *extractor) limit(i int) int64 {
	switch t := x.at(i); {
	case t.is("all"), t.is("null"):
		return Absent
	case t.kind == tkValue:
		if n, ok := t.number(); ok {
			return n
		}
	}
	return Masked
}

// order reads the columns of ORDER BY.
func (x *extractor) order(lo, hi int, sc *scope) {
	x.items(lo, hi, func(a, b int) {
		if t := x.at(a); (t.is("random") || t.is("rand") || t.is("newid")) && x.at(a+1).sym("(") && x.at(a+1).match == a+2 {
			x.f.Random = true
		}
		col, n, ok := x.columnAt(a, b, sc)
		if !ok || n < b && x.at(n).kind != tkWord || n < b && !x.at(n).is("asc") && !x.at(n).is("desc") && !x.at(n).is("nulls") && !x.at(n).is("using") {
			return
		}
		if n == a+1 && sc.out[x.at(a).s] {
			return
		}
		x.f.Order = append(x.f.Order, col)
	})
}

// items calls f for each part of toks[lo:hi] between commas.
func (x *extractor) items(lo, hi int, f func(a, b int)) {
	a := lo
	for i := lo; i < hi; i++ {
		switch t := x.toks[i]; {
		case t.match > i:
			i = t.match
		case t.sym(","):
			f(a, i)
			a = i + 1
		}
	}
	if a < hi {
		f(a, hi)
	}
}

// columnAt reads a plain column at toks[lo:hi] and returns the index after it.
func (x *extractor) columnAt(lo, hi int, sc *scope) (Column, int, bool) {
	if lo >= hi || !x.at(lo).isName() {
		return Column{}, lo, false
	}
	i, table, name := lo+1, "", x.at(lo).s
	for i+1 < hi && x.at(i).sym(".") && (x.at(i+1).kind == tkName || x.at(i+1).kind == tkWord) {
		table, name = name, x.at(i+1).s
		i += 2
	}
	if i < hi && (x.at(i).sym("(") || x.at(i).sym("[") || x.at(i).sym(".")) {
		return Column{}, lo, false
	}
	return sc.column(table, name), i, true
}

// list reads the select list.
func (x *extractor) list(lo int, c *clauses, sc *scope) {
	f := x.f
	if x.at(lo).is("values") {
		return
	}
	i, hi := lo+1, c.end(lo)
	if x.at(i).is("all") {
		i++
	}
	if x.at(i).is("distinct") {
		f.Distinct = true
		i++
		if x.at(i).is("on") && x.at(i+1).sym("(") {
			i = x.at(i+1).match + 1
		}
	}
	aggregates := true
	sc.out = map[string]bool{}
	x.items(i, hi, func(a, b int) {
		f.Outputs++
		name := x.output(a, b, sc)
		if name == "" {
			aggregates = false
			return
		}
		f.Aggregates = append(f.Aggregates, name)
	})
	if !aggregates {
		f.Aggregates = nil
	}
	x.nestedIn(i, hi)
	if f.Outputs == 1 {
		f.Exists = x.constantOne(i) || x.existsCall(lo)
	}
}

// existsCall reports SELECT EXISTS(…).
func (x *extractor) existsCall(lo int) bool {
	return x.at(lo+1).is("exists") && x.at(lo+2).sym("(")
}

// constantOne reports "1" or, as older Django writes it, "(1)".
func (x *extractor) constantOne(i int) bool {
	if t := x.at(i); t.sym("(") && t.match == i+2 {
		i++
	}
	t := x.at(i)
	_, ok := t.number()
	return t.kind == tkValue && (ok || t.s == "?")
}

// output reads one item of the select list; it returns the aggregate's name
// when the item is one.
func (x *extractor) output(a, b int, sc *scope) string {
	f := x.f
	if x.at(b-1).sym("*") && (b == a+1 || x.at(b-2).sym(".")) {
		f.Star = true
		return ""
	}
	if col, n, ok := x.columnAt(a, b, sc); ok && x.isAlias(n, b) {
		f.Columns = append(f.Columns, col)
		return ""
	}
	if end := x.at(a).match; x.at(a).sym("(") && x.isAlias(end+1, b) { // ("t"."c") AS "_prefetch_related_val_c"
		if col, n, ok := x.columnAt(a+1, end, sc); ok && n == end {
			f.Columns = append(f.Columns, col)
			return ""
		}
	}
	if x.at(b-1).kind == tkName || x.at(b-2).is("as") {
		sc.out[x.at(b-1).s] = true
	}
	return x.aggregate(a, b)
}

// isAlias reports whether toks[n:b] is nothing or an output name.
func (x *extractor) isAlias(n, b int) bool {
	if n < b && x.at(n).is("as") {
		n++
	}
	return n == b || n+1 == b && (x.at(n).kind == tkName || x.at(n).kind == tkWord)
}

var aggregates = words(`count sum avg min max stddev stddev_pop stddev_samp variance var_pop var_samp array_agg
	string_agg bool_and bool_or every bit_and bit_or bit_xor json_agg jsonb_agg json_object_agg jsonb_object_agg
	xmlagg corr covar_pop covar_samp group_concat percentile_cont percentile_disc mode`)

// IsAggregate reports whether a lower-case name is that of an aggregate function.
func IsAggregate(name string) bool { return aggregates[name] }

// aggregate returns the name of the aggregate call that toks[a:b] is, alone
// or in COALESCE (Sum(…, default=0)); "" when it is none.
func (x *extractor) aggregate(a, b int) string {
	t, open := x.at(a), x.at(a+1)
	if t.kind != tkWord || !open.sym("(") {
		return ""
	}
	for i := open.match + 1; i < b; i++ {
		if m := x.at(i).match; m > i {
			i = m
			continue
		}
		if x.at(i).is("over") || x.at(i).kind == tkOp && !x.at(i).sym("::") {
			return ""
		}
	}
	if t.s == "coalesce" {
		end := open.match
		for i := a + 2; i < open.match; i++ {
			if m := x.at(i).match; m > i {
				i = m
			} else if x.at(i).sym(",") {
				end = i
				break
			}
		}
		return x.aggregate(a+2, end)
	}
	if aggregates[t.s] {
		return t.s
	}
	return ""
}
