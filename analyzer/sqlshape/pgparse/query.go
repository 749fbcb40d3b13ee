//go:build cgo

package pgparse

import (
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A scope resolves the aliases of one FROM.
type scope struct {
	names  []string          // real tables, by what the query calls them
	real   map[string]string // alias or name → real name; "" is no table
	opaque bool              // something else than tables is in FROM
	out    map[string]bool   // names that the select list gives to expressions
}

func newScope() *scope { return &scope{real: map[string]string{}, out: map[string]bool{}} }

func (sc *scope) add(t sqlshape.Table) {
	name := t.Name
	if t.Alias != "" {
		name = t.Alias
	}
	sc.names = append(sc.names, name)
	sc.real[name] = t.Name
}

func (sc *scope) hide(alias string) {
	sc.opaque = true
	if alias != "" {
		sc.real[alias] = ""
	}
}

// column resolves a reference to a plain column.
func (sc *scope) column(n *pg.Node) (sqlshape.Column, bool) {
	ref := n.GetColumnRef()
	if ref == nil {
		return sqlshape.Column{}, false
	}
	var names []string
	for _, f := range ref.Fields {
		s := f.GetString_()
		if s == nil {
			return sqlshape.Column{}, false
		}
		names = append(names, s.Sval)
	}
	k := len(names)
	if k > 1 {
		return sqlshape.Column{Table: sc.real[names[k-2]], Name: names[k-1]}, true
	}
	c := sqlshape.Column{Name: names[0]}
	if len(sc.names) == 1 && !sc.opaque {
		c.Table = sc.real[sc.names[0]]
	}
	return c, true
}

// query reads a SELECT: of a set operation the leftmost one, with the order
// and limit of the whole.
func (r *reader) query(s *pg.SelectStmt, sc *scope) {
	f := r.f
	r.with(s.WithClause)
	left := s
	for left.Op != pg.SetOperation_SETOP_NONE && left.Larg != nil {
		f.SetOp = true
		left = left.Larg
		r.with(left.WithClause)
	}
	for _, n := range left.FromClause {
		r.from(n, false, sc)
	}
	r.list(left, sc)
	r.where(left.WhereClause, sc)
	f.Grouped = len(left.GroupClause) > 0 || left.HavingClause != nil
	if f.Grouped {
		f.Aggregates = nil
	}
	if len(s.SortClause) > 0 {
		f.Ordered = true
		r.order(s.SortClause, sc)
	}
	f.Limit = limit(s.LimitCount)
	if s.LimitOffset != nil {
		f.Offset = sqlshape.Masked
		if markOf(s.LimitOffset) == markDeep {
			f.Offset = sqlshape.Deep
		}
	}
	f.ForUpdate = len(s.LockingClause) > 0
	f.Exists = f.Exists && (f.Limit == 1 || left.TargetList[0].GetResTarget().GetVal().GetSubLink() != nil)
}

// markOf returns the mark that a node is, 0 when it is none.
func markOf(n *pg.Node) int64 {
	n = uncast(n)
	v := int64(n.GetParamRef().GetNumber())
	if c := n.GetAConst(); c != nil {
		v = int64(c.GetIval().GetIval())
		if s := c.GetSval(); s != nil {
			v, _ = strconv.ParseInt(s.Sval, 10, 64)
		}
	}
	if v < markValue || v > markDeep {
		return 0
	}
	return v
}

func limit(n *pg.Node) int64 {
	c := n.GetAConst()
	switch {
	case n == nil, c.GetIsnull():
		return sqlshape.Absent
	case c.GetIval() != nil && markOf(n) == 0:
		return int64(c.GetIval().Ival)
	}
	return sqlshape.Masked
}

// from reads one item of FROM.
func (r *reader) from(n *pg.Node, outer bool, sc *scope) {
	switch t := n.GetNode().(type) {
	case *pg.Node_RangeVar:
		v := table(t.RangeVar)
		if v.Schema == "" && r.ctes[v.Name] {
			sc.hide(v.Name)
			if v.Alias != "" {
				sc.hide(v.Alias)
			}
			return
		}
		sc.add(v)
		r.f.Tables = append(r.f.Tables, v)
	case *pg.Node_JoinExpr:
		r.join(t.JoinExpr, sc)
	case *pg.Node_RangeSubselect:
		r.f.Subquery = true
		sc.hide(t.RangeSubselect.GetAlias().GetAliasname())
	case *pg.Node_RangeFunction:
		sc.hide(t.RangeFunction.GetAlias().GetAliasname())
	case *pg.Node_RangeTableSample:
		r.from(t.RangeTableSample.Relation, outer, sc)
	}
}

func (r *reader) join(j *pg.JoinExpr, sc *scope) {
	outer := j.Jointype != pg.JoinType_JOIN_INNER
	r.from(j.Larg, false, sc)
	before := len(sc.names)
	r.from(j.Rarg, outer, sc)
	if before > 0 && len(sc.names) > before {
		left, right := sc.real[sc.names[before-1]], sc.real[sc.names[len(sc.names)-1]]
		for _, n := range j.UsingClause {
			name := n.GetString_().GetSval()
			r.f.Joins = append(r.f.Joins, sqlshape.Join{
				Left: sqlshape.Column{Table: left, Name: name}, Right: sqlshape.Column{Table: right, Name: name}, Outer: outer,
			})
		}
	}
	for _, c := range conjuncts(j.Quals, nil) {
		if l, right, ok := equalColumns(c, sc); ok {
			r.f.Joins = append(r.f.Joins, sqlshape.Join{Left: l, Right: right, Outer: outer})
		}
	}
}

// list reads the select list.
func (r *reader) list(s *pg.SelectStmt, sc *scope) {
	f := r.f
	f.Distinct = len(s.DistinctClause) > 0
	aggregates := true
	for _, n := range s.TargetList {
		f.Outputs++
		t := n.GetResTarget()
		name := r.output(t, sc)
		aggregates = aggregates && name != ""
		f.Aggregates = append(f.Aggregates, name)
	}
	if !aggregates {
		f.Aggregates = nil
	}
	if f.Outputs != 1 {
		return
	}
	v := s.TargetList[0].GetResTarget().GetVal()
	f.Exists = markOf(v) == markValue && v.GetTypeCast() == nil || v.GetAConst().GetIval() != nil ||
		v.GetSubLink().GetSubLinkType() == pg.SubLinkType_EXISTS_SUBLINK
}

func (r *reader) output(t *pg.ResTarget, sc *scope) (aggregate string) {
	f := r.f
	if ref := t.GetVal().GetColumnRef(); ref != nil {
		if col, ok := sc.column(t.Val); ok {
			f.Columns = append(f.Columns, col)
		} else {
			f.Star = true
		}
		return ""
	}
	if t.GetName() != "" {
		sc.out[t.Name] = true
	}
	return aggregateName(t.GetVal())
}

// aggregateName returns the name of an aggregate call, alone, cast or in
// COALESCE.
func aggregateName(n *pg.Node) string {
	for n.GetTypeCast() != nil {
		n = n.GetTypeCast().Arg
	}
	if c := n.GetCoalesceExpr(); c != nil && len(c.Args) > 0 {
		return aggregateName(c.Args[0])
	}
	call := n.GetFuncCall()
	if call == nil || call.Over != nil {
		return ""
	}
	if name := lastName(call.Funcname); sqlshape.IsAggregate(name) {
		return name
	}
	return ""
}

func lastName(names []*pg.Node) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1].GetString_().GetSval()
}

func (r *reader) order(items []*pg.Node, sc *scope) {
	for _, n := range items {
		key := n.GetSortBy().GetNode()
		if call := key.GetFuncCall(); call != nil && lastName(call.Funcname) == "random" {
			r.f.Random = true
		}
		ref := key.GetColumnRef()
		col, ok := sc.column(key)
		if !ok || len(ref.Fields) == 1 && sc.out[col.Name] {
			continue
		}
		r.f.Order = append(r.f.Order, col)
	}
}

func (r *reader) insert(s *pg.InsertStmt) {
	f := r.f
	f.Kind = sqlshape.Insert
	r.with(s.WithClause)
	sc := newScope()
	r.target(s.Relation, sc)
	for _, n := range s.Cols {
		f.Columns = append(f.Columns, sqlshape.Column{Table: s.Relation.GetRelname(), Name: n.GetResTarget().GetName()})
	}
	f.Returning = len(s.ReturningList) > 0
	switch s.GetOnConflictClause().GetAction() {
	case pg.OnConflictAction_ONCONFLICT_NOTHING:
		f.OnConflict = "nothing"
	case pg.OnConflictAction_ONCONFLICT_UPDATE:
		f.OnConflict = "update"
	}
	sel := s.GetSelectStmt().GetSelectStmt()
	switch {
	case s.SelectStmt == nil:
		f.Values = sqlshape.OneItem // DEFAULT VALUES
	case sel != nil && len(sel.ValuesLists) > 0:
		f.Values = rows(sel.ValuesLists)
	}
}

func rows(lists []*pg.Node) sqlshape.List {
	var items []*pg.Node
	for _, l := range lists {
		if row := l.GetList(); row != nil && len(row.Items) == 1 {
			items = append(items, row.Items[0])
		} else {
			items = append(items, l)
		}
	}
	return listClass(items)
}

func listClass(items []*pg.Node) sqlshape.List {
	list := sqlshape.OneItem
	if len(items) > 1 {
		list = sqlshape.ManyItems
	}
	for _, n := range items {
		switch markOf(n) {
		case markHuge:
			return sqlshape.HugeItems
		case markMore:
			list = sqlshape.ManyItems
		}
	}
	return list
}

func (r *reader) update(s *pg.UpdateStmt) {
	f := r.f
	f.Kind = sqlshape.Update
	r.with(s.WithClause)
	sc := newScope()
	r.target(s.Relation, sc)
	for _, n := range s.FromClause {
		r.from(n, false, sc)
	}
	for _, n := range s.TargetList {
		t := n.GetResTarget()
		f.Columns = append(f.Columns, sqlshape.Column{Table: s.Relation.GetRelname(), Name: t.GetName()})
		f.Computed = f.Computed || readsColumn(t.GetVal())
	}
	r.where(s.WhereClause, sc)
	f.Returning = len(s.ReturningList) > 0
}

func (r *reader) delete(s *pg.DeleteStmt) {
	r.f.Kind = sqlshape.Delete
	r.with(s.WithClause)
	sc := newScope()
	r.target(s.Relation, sc)
	for _, n := range s.UsingClause {
		r.from(n, false, sc)
	}
	r.where(s.WhereClause, sc)
	r.f.Returning = len(s.ReturningList) > 0
}

func upper(names []*pg.Node) string { return strings.ToUpper(lastName(names)) }
