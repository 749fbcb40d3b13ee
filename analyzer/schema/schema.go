// Package schema holds what is known of a database: tables, columns, keys and
// indexes. Plain data, filled from DDL (package pgparse) or from models.
package schema

import "sort"

// A Schema is a set of tables. The zero value knows nothing.
type Schema struct {
	Tables map[string]*Table // by bare name; of equal names in several schemas the one in "public", else the first
}

// A Table is one table.
type Table struct {
	Schema     string // "public"
	Name       string
	Columns    []Column // in order of definition
	PrimaryKey []string // column names, several when composite
	Foreign    []ForeignKey
	Unique     [][]string // column sets, the primary key not among them
	Indexes    []Index    // those of constraints are not among them
}

// A Column is one column of a table.
type Column struct {
	Name    string
	Type    string // as PostgreSQL prints it: "character varying(120)"
	NotNull bool
}

// A ForeignKey says that Columns hold the References of Table.
type ForeignKey struct {
	Columns    []string
	Table      string
	References []string // the primary key of Table when empty
}

// An Index is one index.
type Index struct {
	Name    string
	Columns []string // plain columns only; an expression is ""
	Unique  bool
	Method  string // "btree", "gin" …
}

// Table returns the table of that name, or nil.
func (s *Schema) Table(name string) *Table {
	if s == nil {
		return nil
	}
	return s.Tables[name]
}

// Names returns the names of all tables, sorted.
func (s *Schema) Names() []string {
	if s == nil {
		return nil
	}
	names := make([]string, 0, len(s.Tables))
	for n := range s.Tables {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Column returns the column of that name, or nil.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// IsUnique reports whether no two rows can share the values of cols, taken
// together: the primary key or a unique set lies within them.
func (t *Table) IsUnique(cols ...string) bool {
	if len(t.PrimaryKey) > 0 && within(t.PrimaryKey, cols) {
		return true
	}
	for _, u := range t.Unique {
		if within(u, cols) {
			return true
		}
	}
	for _, x := range t.Indexes {
		if x.Unique && within(x.Columns, cols) {
			return true
		}
	}
	return false
}

// ForeignTo returns the foreign key that column col alone makes up, or nil.
func (t *Table) ForeignTo(col string) *ForeignKey {
	for i := range t.Foreign {
		if f := &t.Foreign[i]; len(f.Columns) == 1 && f.Columns[0] == col {
			return f
		}
	}
	return nil
}

// within reports whether every name of set is one of cols.
func within(set, cols []string) bool {
	for _, s := range set {
		found := false
		for _, c := range cols {
			found = found || c == s
		}
		if !found {
			return false
		}
	}
	return len(set) > 0
}
