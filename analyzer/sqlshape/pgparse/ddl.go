//go:build cgo

package pgparse

import (
	"fmt"
	"strconv"
	"strings"

	pg "github.com/pganalyze/pg_query_go/v5"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// Schema reads the tables of a pg_dump --schema-only script. A statement that
// does not parse is an error that names its line, and the rest goes on; other
// statements than those about tables and indexes are passed over. Of tables
// with one name in several schemas the one in "public" counts, else the first.
func Schema(ddl []byte) (*schema.Schema, []error) {
	d := &script{tables: map[string]*schema.Table{}}
	var errs []error
	for _, c := range split(ddl) {
		if !aboutTables(c.text) {
			continue
		}
		if err := d.read(c.text); err != nil {
			errs = append(errs, fmt.Errorf("line %d: %w", c.line, err))
		}
	}
	return d.schema(), errs
}

// aboutTables reports CREATE TABLE, CREATE INDEX and ALTER TABLE by the first
// words, so that functions and the like are not even parsed.
func aboutTables(text string) bool {
	w := strings.Fields(text[:min(len(text), 120)])
	if len(w) < 3 {
		return false
	}
	verb := strings.ToUpper(w[0])
	for _, k := range w[1:min(len(w), 5)] {
		switch strings.ToUpper(k) {
		case "TABLE":
			return verb == "CREATE" || verb == "ALTER"
		case "INDEX":
			return verb == "CREATE"
		case "UNIQUE", "UNLOGGED", "FOREIGN", "TEMP", "TEMPORARY", "GLOBAL", "LOCAL":
		default:
			return false
		}
	}
	return false
}

// A script is the state of the schema while it is read.
type script struct {
	tables map[string]*schema.Table // by "schema.name"
	order  []string
}

func (d *script) read(text string) error {
	if !sqlshape.Parsable(text) {
		return errSize
	}
	tree, err := pg.Parse(text)
	if err != nil {
		return errSyntax
	}
	for _, s := range tree.Stmts {
		switch n := s.Stmt.GetNode().(type) {
		case *pg.Node_CreateStmt:
			d.create(n.CreateStmt)
		case *pg.Node_CreateForeignTableStmt:
			d.create(n.CreateForeignTableStmt.BaseStmt)
		case *pg.Node_AlterTableStmt:
			d.alter(n.AlterTableStmt)
		case *pg.Node_IndexStmt:
			d.index(n.IndexStmt)
		}
	}
	return nil
}

// schema picks one table for each bare name.
func (d *script) schema() *schema.Schema {
	s := &schema.Schema{Tables: map[string]*schema.Table{}}
	for _, key := range d.order {
		t := d.tables[key]
		if old := s.Tables[t.Name]; old == nil || t.Schema == "public" {
			s.Tables[t.Name] = t
		}
	}
	return s
}

func key(v *pg.RangeVar) string {
	if v.GetSchemaname() == "" {
		return "public." + v.GetRelname()
	}
	return v.Schemaname + "." + v.Relname
}

func (d *script) create(s *pg.CreateStmt) {
	k := key(s.Relation)
	if d.tables[k] != nil {
		return // IF NOT EXISTS, or a script read twice
	}
	t := &schema.Table{Schema: s.Relation.Schemaname, Name: s.Relation.Relname}
	if t.Schema == "" {
		t.Schema = "public"
	}
	d.tables[k] = t
	d.order = append(d.order, k)
	for _, n := range s.InhRelations { // parents' columns come first
		parent := d.tables[key(n.GetRangeVar())]
		if parent == nil {
			continue
		}
		t.Columns = append(t.Columns, parent.Columns...)
		if s.Partbound != nil { // a partition also has its parent's keys
			t.PrimaryKey, t.Foreign, t.Unique = parent.PrimaryKey, parent.Foreign, parent.Unique
		}
	}
	for _, n := range append(s.TableElts, s.Constraints...) {
		switch e := n.GetNode().(type) {
		case *pg.Node_ColumnDef:
			d.column(t, e.ColumnDef)
		case *pg.Node_Constraint:
			d.constraint(t, e.Constraint, "")
		case *pg.Node_TableLikeClause:
			if like := d.tables[key(e.TableLikeClause.Relation)]; like != nil {
				t.Columns = append(t.Columns, like.Columns...)
			}
		}
	}
}

func (d *script) column(t *schema.Table, c *pg.ColumnDef) {
	col := t.Column(c.Colname)
	if col == nil {
		t.Columns = append(t.Columns, schema.Column{Name: c.Colname})
		col = &t.Columns[len(t.Columns)-1]
	}
	if c.TypeName != nil {
		var serial bool
		col.Type, serial = typeName(c.TypeName)
		col.NotNull = col.NotNull || serial
	}
	col.NotNull = col.NotNull || c.IsNotNull
	for _, n := range c.Constraints {
		if k := n.GetConstraint(); k != nil {
			d.constraint(t, k, c.Colname)
		}
	}
}

// constraint adds one constraint; column is the one it is written at, "" for
// a constraint of the table.
func (d *script) constraint(t *schema.Table, c *pg.Constraint, column string) {
	keys := names(c.Keys)
	if column != "" && len(keys) == 0 {
		keys = []string{column}
	}
	switch c.Contype {
	case pg.ConstrType_CONSTR_NOTNULL, pg.ConstrType_CONSTR_IDENTITY:
		notNull(t, keys)
	case pg.ConstrType_CONSTR_PRIMARY:
		t.PrimaryKey = keys
		notNull(t, keys)
	case pg.ConstrType_CONSTR_UNIQUE:
		if len(keys) > 0 {
			t.Unique = append(t.Unique, keys)
		}
	case pg.ConstrType_CONSTR_FOREIGN:
		cols := names(c.FkAttrs)
		if len(cols) == 0 {
			cols = keys
		}
		t.Foreign = append(t.Foreign, schema.ForeignKey{Columns: cols, Table: c.Pktable.GetRelname(), References: names(c.PkAttrs)})
	}
}

func names(list []*pg.Node) []string {
	var s []string
	for _, n := range list {
		s = append(s, n.GetString_().GetSval())
	}
	return s
}

func notNull(t *schema.Table, cols []string) {
	for _, c := range cols {
		if col := t.Column(c); col != nil {
			col.NotNull = true
		}
	}
}

func (d *script) alter(s *pg.AlterTableStmt) {
	t := d.tables[key(s.Relation)]
	if t == nil || s.Objtype != pg.ObjectType_OBJECT_TABLE && s.Objtype != pg.ObjectType_OBJECT_FOREIGN_TABLE {
		return
	}
	for _, n := range s.Cmds {
		c := n.GetAlterTableCmd()
		switch c.GetSubtype() {
		case pg.AlterTableType_AT_AddColumn:
			if def := c.Def.GetColumnDef(); def != nil {
				d.column(t, def)
			}
		case pg.AlterTableType_AT_AddConstraint:
			if k := c.Def.GetConstraint(); k != nil {
				d.constraint(t, k, "")
			}
		case pg.AlterTableType_AT_SetNotNull, pg.AlterTableType_AT_AddIdentity:
			notNull(t, []string{c.Name})
		case pg.AlterTableType_AT_DropNotNull:
			if col := t.Column(c.Name); col != nil {
				col.NotNull = false
			}
		}
	}
}

func (d *script) index(s *pg.IndexStmt) {
	t := d.tables[key(s.Relation)]
	if t == nil {
		return
	}
	x := schema.Index{Name: s.Idxname, Unique: s.Unique && s.WhereClause == nil, Method: s.AccessMethod}
	for _, n := range s.IndexParams {
		x.Columns = append(x.Columns, n.GetIndexElem().GetName())
	}
	t.Indexes = append(t.Indexes, x)
}

// printedTypes are the names that PostgreSQL prints for the types its grammar
// writes short.
var printedTypes = map[string]string{
	"int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
	"bool": "boolean", "varchar": "character varying", "bpchar": "character", "varbit": "bit varying",
	"serial": "integer", "serial4": "integer", "bigserial": "bigint", "serial8": "bigint", "smallserial": "smallint",
}

// typeName prints a type as PostgreSQL does; serial types are integers that
// are never NULL.
func typeName(n *pg.TypeName) (printed string, serial bool) {
	parts := names(n.Names)
	name := parts[len(parts)-1]
	serial = strings.Contains(name, "serial")
	builtin := len(parts) == 1 || parts[0] == "pg_catalog"
	printed = strings.Join(parts, ".")
	zone := ""
	if builtin {
		printed = name
		switch name {
		case "timestamptz", "timetz":
			printed, zone = strings.TrimSuffix(name, "tz"), " with time zone"
		case "timestamp", "time":
			zone = " without time zone"
		default:
			if p := printedTypes[name]; p != "" {
				printed = p
			}
		}
	}
	var mods []string
	for _, m := range n.Typmods {
		mods = append(mods, modifier(m))
	}
	if len(mods) > 0 && name != "interval" {
		printed += "(" + strings.Join(mods, ",") + ")"
	}
	return printed + zone + strings.Repeat("[]", len(n.ArrayBounds)), serial
}

// modifier prints 120 of varchar(120), or Point of geometry(Point,4326).
func modifier(n *pg.Node) string {
	if c := n.GetAConst(); c != nil {
		if s := c.GetSval(); s != nil {
			return s.Sval
		}
		return strconv.Itoa(int(c.GetIval().GetIval()))
	}
	if ref := n.GetColumnRef(); ref != nil && len(ref.Fields) > 0 {
		return ref.Fields[0].GetString_().GetSval()
	}
	return "?"
}
