package sqlshape

// insertWords stand between INSERT and the table: SQLite's and MySQL's too.
var insertWords = words("or ignore replace abort fail rollback low_priority delayed high_priority into")

// insert reads INSERT and REPLACE.
func (x *extractor) insert(lo, hi int) {
	f := x.f
	f.Kind = Insert
	i := lo + 1
	if x.at(lo).is("replace") {
		f.OnConflict = "update"
	}
	for ; i < hi && x.at(i).in(insertWords); i++ {
		switch x.at(i).s {
		case "ignore":
			f.OnConflict = "nothing"
		case "replace":
			f.OnConflict = "update"
		}
	}
	sc := newScope(true)
	i = x.target(i, hi, sc)
	if open := x.at(i); i < hi && open.sym("(") && !x.isQuery(i+1) {
		x.items(i+1, min(open.match, hi), func(a, b int) {
			if col, _, ok := x.columnAt(a, b, sc); ok {
				f.Columns = append(f.Columns, col)
			}
		})
		i = open.match + 1
	}
	if x.at(i).is("overriding") {
		i += 3
	}
	i = x.rows(i, hi)
	x.conflict(i, hi)
}

// rows reads what is inserted and returns the index after it.
func (x *extractor) rows(i, hi int) int {
	f := x.f
	switch t := x.at(i); {
	case t.is("default"):
		f.Values = OneItem
		return i + 2
	case t.is("values"), t.is("value"):
		f.Values = OneItem
		for i++; i < hi; i++ {
			switch t := x.at(i); {
			case t.sym("("):
				x.nestedIn(i+1, min(t.match, hi))
				i = t.match
			case t.kind == tkNote:
				f.Values = HugeItems
			case t.sym(","), t.kind == tkMore:
				f.Values = max(f.Values, ManyItems)
			default:
				return i
			}
		}
	case x.isQuery(i):
		end := hi
		for _, w := range [...]string{"returning", "on"} {
			if k := x.findConflict(i, end, w); k >= 0 {
				end = k
			}
		}
		x.nested(i, end)
		return end
	}
	return i
}

// findConflict finds RETURNING, or the ON of ON CONFLICT and ON DUPLICATE.
func (x *extractor) findConflict(lo, hi int, word string) int {
	for i := lo; i < hi; i++ {
		t := x.at(i)
		if t.match > i {
			i = t.match
			continue
		}
		if t.is(word) && (word != "on" || x.at(i+1).is("conflict") || x.at(i+1).is("duplicate")) {
			return i
		}
	}
	return -1
}

// conflict reads ON CONFLICT and RETURNING.
func (x *extractor) conflict(lo, hi int) {
	f := x.f
	for i := lo; i < hi; i++ {
		t := x.at(i)
		switch {
		case t.match > i:
			i = t.match
		case t.is("do") && x.at(i+1).is("nothing"):
			f.OnConflict = "nothing"
		case t.is("do") && x.at(i+1).is("update"), t.is("duplicate") && x.at(i+1).is("key"):
			f.OnConflict = "update"
		case t.is("returning"):
			f.Returning = true
		}
	}
	x.nestedIn(lo, hi)
}

// update reads UPDATE.
func (x *extractor) update(lo, hi int) {
	f := x.f
	f.Kind = Update
	sc := newScope(true)
	c := x.split(lo, hi)
	start := x.find(lo, hi, "set")
	if start < 0 {
		x.target(lo+1, hi, sc)
		return
	}
	i := lo + 1
	for x.at(i).is("or") || x.at(i).is("ignore") || x.at(i).is("low_priority") || x.at(i).is("rollback") || x.at(i).is("replace") {
		i++
	}
	if i = x.target(i, start, sc); i < start { // MySQL's joins
		x.from(i, start, sc)
	}
	end := c.end(start)
	if c.from > start {
		x.from(c.from+1, c.end(c.from), sc)
	}
	x.items(start+1, end, func(a, b int) { x.assignment(a, b, f.Tables) })
	x.nestedIn(start+1, end)
	x.writeTail(&c, sc)
}

// assignment reads one item of SET.
func (x *extractor) assignment(a, b int, tables []Table) {
	f, name := x.f, ""
	if len(tables) > 0 {
		name = tables[0].Name
	}
	eq := a
	for eq < b && !x.at(eq).sym("=") {
		eq++
	}
	if x.readsColumn(eq+1, b) {
		f.Computed = true
	}
	if x.at(a).sym("(") { // (a, b) = (…)
		for k := a + 1; k < x.at(a).match; k++ {
			if x.at(k).isName() {
				f.Columns = append(f.Columns, Column{name, x.at(k).s})
			}
		}
		return
	}
	if t := x.at(eq - 1); eq > a && t.isName() {
		f.Columns = append(f.Columns, Column{name, t.s})
	}
}

// writeTail reads WHERE, LIMIT and RETURNING of UPDATE and DELETE.
func (x *extractor) writeTail(c *clauses, sc *scope) {
	f := x.f
	if c.where > 0 {
		end := c.end(c.where)
		f.Filter = x.span(c.where+1, end)
		x.where(c.where+1, end, sc)
		x.nestedIn(c.where+1, end)
	}
	f.Returning = c.returning > 0
	x.tail(c, sc)
}

// delete reads DELETE.
func (x *extractor) delete(lo, hi int) {
	x.f.Kind = Delete
	sc := newScope(true)
	c := x.split(lo, hi)
	if c.from == 0 {
		x.target(lo+1, hi, sc)
		return
	}
	end := c.end(c.from)
	i := x.target(c.from+1, end, sc)
	if k := x.find(i, end, "using"); k >= 0 {
		x.from(k+1, end, sc)
	}
	x.writeTail(&c, sc)
}

// merge reads MERGE INTO … USING … as an update of its target.
func (x *extractor) merge(lo, hi int) {
	x.f.Kind = Update
	sc := newScope(true)
	i := lo + 1
	if x.at(i).is("into") {
		i++
	}
	i = x.target(i, hi, sc)
	if x.at(i).is("using") {
		end := x.find(i, hi, "when")
		if end < 0 {
			end = hi
		}
		x.from(i+1, end, sc)
	}
	x.nestedIn(i, hi)
}
