//go:build cgo

// Package pgparse reads the facts of a statement, and the tables of a schema,
// with PostgreSQL's own parser, libpg_query. It is the only package that uses
// cgo; without it (nocgo.go) the lexical extractor serves.
//
// libpg_query 16 (v5) has sharp edges, all handled here: it cuts text at a NUL
// byte, its error messages quote the whole statement, long chains of operators
// overflow its C stack, and its Normalize corrupts memory (never call it).
package pgparse

import (
	"errors"
	"sort"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

var (
	errSyntax = errors.New("not PostgreSQL's SQL")
	errSize   = errors.New("too long or too deeply nested to parse")
)

// The numbers that stand for marks, whichever way they are written: as
// parameters, strings or integers. LIMIT keeps numbers up to 1000, so none of
// these is one of a statement.
const (
	markValue = 1_000_001 + iota
	markMore
	markHuge
	markDeep
)

// fillings are tried in order: the grammar takes a parameter nearly anywhere,
// else a string, else a number.
var fillings = [...]sqlshape.Filling{
	{Value: "$1000001", Text: "'1000001'", More: "$1000002", Huge: "$1000003", Deep: "$1000004"},
	{Value: "'1000001'", Text: "'1000001'", More: "'1000002'", Huge: "'1000003'", Deep: "'1000004'"},
	{Value: "1000001", Text: "'1000001'", More: "1000002", Huge: "1000003", Deep: "1000004"},
}

// Parse returns the facts of a masked statement. An error means that
// PostgreSQL's grammar does not know it, or that it is not safe to try; its
// text holds nothing of the statement.
func Parse(sql string) (sqlshape.Facts, error) {
	if !sqlshape.Parsable(sql) {
		return sqlshape.Facts{}, errSize
	}
	sql = strings.ReplaceAll(sql, "\x00", " ")
	for _, f := range fillings {
		tree, err := pg.Parse(sqlshape.Fill(sql, f))
		if err != nil {
			continue
		}
		if len(tree.Stmts) == 0 {
			return sqlshape.Facts{}, errSyntax
		}
		return facts(tree, sql), nil
	}
	return sqlshape.Facts{}, errSyntax
}

// A reader turns one parse tree into facts.
type reader struct {
	f      *sqlshape.Facts
	ctes   map[string]bool
	writes map[*pg.RangeVar]bool
}

// facts reads the first statement. What a tree does not have (the text of the
// WHERE) or is the same anyway (utilities) comes from the lexical extractor.
func facts(tree *pg.ParseResult, sql string) sqlshape.Facts {
	lexical := sqlshape.Extract(sql)
	f := sqlshape.Facts{Parsed: true, Multi: len(tree.Stmts) > 1, Limit: sqlshape.Absent, Offset: sqlshape.Absent}
	r := &reader{f: &f, ctes: map[string]bool{}, writes: map[*pg.RangeVar]bool{}}
	stmt := tree.Stmts[0].Stmt
	if !r.statement(stmt) {
		f = lexical
		f.Parsed = true
		if f.Kind == sqlshape.Unparsed {
			f.Kind = sqlshape.Utility
		}
		return f
	}
	if f.Kind == sqlshape.Declare {
		f.Cursor = lexical.Cursor
	}
	f.Filter = lexical.Filter
	r.tables(stmt)
	return f
}

// statement reports false for statements that hold no query.
func (r *reader) statement(n *pg.Node) bool {
	switch s := n.GetNode().(type) {
	case *pg.Node_SelectStmt:
		r.f.Kind = sqlshape.Select
		r.query(s.SelectStmt, newScope())
		if isSetting(s.SelectStmt) {
			r.f.Kind = sqlshape.Setting
		}
	case *pg.Node_InsertStmt:
		r.insert(s.InsertStmt)
	case *pg.Node_UpdateStmt:
		r.update(s.UpdateStmt)
	case *pg.Node_DeleteStmt:
		r.delete(s.DeleteStmt)
	case *pg.Node_MergeStmt:
		r.f.Kind = sqlshape.Update
		sc := newScope()
		r.target(s.MergeStmt.Relation, sc)
		r.from(s.MergeStmt.SourceRelation, false, sc)
	case *pg.Node_DeclareCursorStmt:
		r.statement(s.DeclareCursorStmt.Query)
		r.f.Kind = sqlshape.Declare
	default:
		return false
	}
	return true
}

// isSetting reports SELECT set_config(…).
func isSetting(s *pg.SelectStmt) bool {
	if len(s.TargetList) == 0 {
		return false
	}
	call := s.TargetList[0].GetResTarget().GetVal().GetFuncCall()
	return call != nil && lastName(call.Funcname) == "set_config"
}

// tables collects every table read and written, subqueries included.
func (r *reader) tables(n *pg.Node) {
	walk(n, func(m any) bool {
		switch m := m.(type) {
		case *pg.CommonTableExpr:
			r.ctes[m.Ctename] = true
		case *pg.InsertStmt:
			r.writes[m.Relation] = true
		case *pg.UpdateStmt:
			r.writes[m.Relation] = true
		case *pg.DeleteStmt:
			r.writes[m.Relation] = true
		case *pg.MergeStmt:
			r.writes[m.Relation] = true
		}
		return true
	})
	reads, writes := map[string]bool{}, map[string]bool{}
	walk(n, func(m any) bool {
		switch m := m.(type) {
		case *pg.LockingClause: // FOR UPDATE OF names aliases
			return false
		case *pg.RangeVar:
			switch {
			case r.writes[m]:
				writes[m.Relname] = true
			case m.Schemaname != "" || !r.ctes[m.Relname]:
				reads[m.Relname] = true
			}
		}
		return true
	})
	r.f.Reads, r.f.Writes = sorted(reads), sorted(writes)
}

func sorted(set map[string]bool) []string {
	if len(set) == 0 {
		return nil
	}
	names := make([]string, 0, len(set))
	for n := range set {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// target adds the table that is written.
func (r *reader) target(v *pg.RangeVar, sc *scope) {
	if v == nil {
		return
	}
	t := table(v)
	sc.add(t)
	r.f.Tables = append(r.f.Tables, t)
}

func table(v *pg.RangeVar) sqlshape.Table {
	return sqlshape.Table{Schema: v.Schemaname, Name: v.Relname, Alias: v.GetAlias().GetAliasname()}
}

// with notes the names of common table expressions, which are no tables.
func (r *reader) with(w *pg.WithClause) {
	if w == nil {
		return
	}
	r.f.Recursive = true
	for _, n := range w.Ctes {
		if c := n.GetCommonTableExpr(); c != nil {
			r.ctes[c.Ctename] = true
		}
	}
}
