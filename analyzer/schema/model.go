package schema

import "github.com/ormlint/ormlint/analyzer/source"

// Models is what is known of an application's models. The zero value knows
// none.
type Models struct {
	ByLabel map[string]*Model // "library.Book"
	ByTable map[string]*Model // of the concrete model that owns the table; proxies are not here
	// Unknown lists, sorted, classes that look like models but whose base or
	// app could not be found, as "path:line Class: why".
	Unknown []string
	// Framework is the ORM's name and version where known: "Django", "5.2".
	Framework, Version string
	// AutoPrefetch: rows fetch a relation for all rows of their queryset when
	// it is read on one (django-auto-prefetch, fetch_mode), so that lazy reads
	// in loops cost one query.
	AutoPrefetch bool
}

// A Model is one model class. Abstract classes are not Models: their fields
// are copied into the concrete ones.
type Model struct {
	App, Name string // "library", "Book"
	Module    string // dotted path of the class's module, "library.models"
	Table     string
	// Fields are all that the model's rows have, in Django's order: of the
	// parents (multi-table inheritance) first. Reverse accessors are not here.
	Fields  []*Field
	Reverse []*Field // accessors that relations of other models give this one
	Parents []*Model // multi-table inheritance, nearest first
	Proxy   *Model   // the concrete model of a proxy, else nil
	Managed bool
	// PrimaryKey is the fields' names: several when composite.
	PrimaryKey []string
	Ordering   []string // Meta.ordering; "-" in front is descending
	// Indexes and Unique are lists of field names: Meta's, and in Indexes those
	// of single fields (db_index, foreign keys) too. Partial and expression
	// indexes are left out.
	Indexes [][]string
	Unique  [][]string
	// SaveOverride, Signals: what bulk calls would pass by.
	SaveOverride   bool     // the class or a base defines save() or delete()
	Signals        []string // "post_save" … connected to it somewhere in the project
	DefaultManager string   // attribute name, "objects"
	Span           source.Span
	AutoCreated    bool // the table that the ORM itself makes for a many-to-many field
	Partial        bool // not all of its fields could be read: an unknown base, a dynamic class body
}

// A Field is a column of a model or an accessor to related rows.
type Field struct {
	Name   string // "author": the attribute on an instance
	Query  string // name in lookups when it differs from Name: related_query_name, "book" for "book_set"
	Column string // "author_id"; "" when it has none in the model's table (m2m, reverse, generic)
	Type   string // class name, "ForeignKey"
	Null   bool
	Unique bool
	Auto   string // "auto_now", "auto_now_add" or ""
	// Wide: values are big as a rule (text, json, binary, array).
	Wide     bool
	Model    *Model    // whose table holds the column: a parent's with multi-table inheritance
	Relation *Relation // nil for a plain column
	Span     source.Span
}

// A Relation is where a Field leads.
type Relation struct {
	// Kind is one of the kinds of package link: forward_fk, one_to_one,
	// reverse_fk, reverse_one_to_one, m2m, generic_fk, generic_relation,
	// mti_child, mti_parent.
	Kind    string
	Target  *Model // nil: unknown, or a GenericForeignKey
	ToField string // name of the target's field that is compared; "" is its primary key
	// Through is an m2m's table, made by Django or a model; SourceColumn and
	// TargetColumn are its columns.
	Through                    *Model
	ThroughTable               string
	SourceColumn, TargetColumn string
	// Inverse is the accessor at the other end, nil when there is none (related_name="+").
	Inverse *Field
	// TypeField and IDField name the fields of a generic foreign key.
	TypeField, IDField string
	Many               bool // gives several rows: select_related cannot join it
}

// Label is how Django's checks name the model: "library.Book".
func (m *Model) Label() string { return m.App + "." + m.Name }

// Field returns the field or reverse accessor of that attribute name, nil when
// the model has none. "pk" is the primary key, "author_id" the field author.
func (m *Model) Field(name string) *Field {
	if name == "pk" && len(m.PrimaryKey) == 1 {
		name = m.PrimaryKey[0]
	}
	for _, list := range [][]*Field{m.Fields, m.Reverse} {
		for _, f := range list {
			if f.Name == name {
				return f
			}
		}
	}
	for _, f := range m.Fields {
		if f.Relation != nil && f.Column != "" && f.Name+"_id" == name {
			return f
		}
	}
	return nil
}

// Lookup returns the field that a name in filter(), order_by() or
// select_related() means, nil when the model has none: reverse relations go by
// their query name there.
func (m *Model) Lookup(name string) *Field {
	for _, f := range m.Reverse {
		if f.Query == name {
			return f
		}
	}
	return m.Field(name)
}

// Model returns the model of a label or table, nil when unknown.
func (ms *Models) Model(labelOrTable string) *Model {
	if ms == nil {
		return nil
	}
	if m := ms.ByLabel[labelOrTable]; m != nil {
		return m
	}
	return ms.ByTable[labelOrTable]
}
