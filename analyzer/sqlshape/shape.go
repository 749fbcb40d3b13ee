// Package sqlshape turns SQL text into shapes: the statement with its literals
// taken out, and the facts about it that rules need.
//
// A Scanner masks a statement in one pass without allocating and finds the
// Shape it has; libpg_query (package pgparse) or, where it cannot serve, the
// lexical Extract sees each distinct shape once. Literals are hashed while
// masking and dropped, so no value of a query outlives the scan.
package sqlshape

// An ID numbers the shapes of one Set in the order in which they were first
// numbered, from 1. IDs of different Sets are not comparable.
type ID uint32

// Other is the ID of every shape beyond the Set's limit.
const Other ID = 0

// A Shape is a statement without its literals. It is immutable once its Set
// has made it.
type Shape struct {
	// Text is the masked statement: a literal or placeholder is "?", a longer
	// list or several VALUES rows "?, …" , a list above HugeList "?, … (1000+)",
	// a string that a LIKE compares with and that starts with a wildcard '%…'.
	// LIMIT keeps its number up to 1000, since 21 (get), 1 (first, exists) and
	// page sizes mean different things. Digits in savepoint and cursor names
	// are masked. Comments are gone and white space is single.
	Text string
	// Hash identifies the masked text on every machine.
	Hash uint64
	Facts

	id ID // in its Set, 0 before Number; read and written by Number's goroutine only
}

// A Kind is what a statement does.
type Kind uint8

// The kinds of statement. Utility stands for every other statement that the
// parser knows (DDL, VACUUM, SHOW …), Unparsed for text nothing understood.
const (
	Unparsed Kind = iota
	Select
	Insert
	Update
	Delete
	Begin
	Commit
	Rollback
	Savepoint // SAVEPOINT, RELEASE and ROLLBACK TO
	Setting   // SET, RESET, SELECT set_config(…), SHOW: connection set-up
	Declare
	Fetch // FETCH and MOVE
	Close
	Copy
	Utility
)

// Limits of Facts.Limit and Facts.Offset.
const (
	Absent int64 = -1 // no such clause
	Masked int64 = -2 // the clause is there, its number is not known
	Deep   int64 = -3 // OFFSET only: known to be DeepOffset or more
)

// GetLimit is what QuerySet.get() asks for (MAX_GET_RESULTS, Django 3.0): such
// a statement wants one row.
const GetLimit = 21

// HugeList is the number of elements from which a list is Huge.
const HugeList = 1000

// DeepOffset is the number of rows from which an OFFSET is Deep.
const DeepOffset = 1000

// A List says how many values a predicate compares with.
type List uint8

// The size classes of a list. One value behind IN is not the same as "=":
// Django writes it for prefetches of a single parent and for delete().
const (
	NoList    List = iota // not a list
	OneItem               // IN (?)
	ManyItems             // IN (?, …)
	HugeItems             // IN (?, … (1000+))
)

// A Table is a table or view that a statement names, without quotes.
type Table struct {
	Schema string // "" when the statement does not qualify it
	Name   string
	Alias  string // "" when none
}

// A Column is a column of a real table, aliases resolved. Table is "" when
// the statement does not say whose column it is.
type Column struct {
	Table string
	Name  string
}

// A Join is one equality between columns of two tables, from ON or WHERE.
type Join struct {
	Left, Right Column
	Outer       bool
}

// A Predicate is one conjunct of the top-level WHERE that compares a column
// with values.
type Predicate struct {
	Column   Column
	Op       string // "=", "<>", "<", "<=", ">", ">=", "IN", "LIKE", "ILIKE", "~", "IS NULL", "IS NOT NULL", "BETWEEN", "@@", …
	List     List
	Function string // upper-case function around the column (UPPER, LOWER …), "" when none
	Wildcard bool   // LIKE and the like, and the pattern starts with a wildcard
}

// Facts are what the rules need to know of a statement.
type Facts struct {
	Kind   Kind
	Parsed bool // by libpg_query; false: by the lexical extractor
	Multi  bool // several statements in one string; the facts are the first one's

	// Tables are those of the top-level FROM (or the table written), the base
	// table first, then joined ones in order.
	Tables []Table
	// Reads are the names of all tables read anywhere, subqueries included,
	// sorted, each once; Writes those written.
	Reads, Writes []string

	// Columns are the plain columns of the select list, of INSERT's column
	// list or of UPDATE's SET, in order; Outputs counts the whole select list,
	// expressions included. Star is "*" or "t.*".
	Columns []Column
	Outputs int
	Star    bool

	Joins []Join
	Where []Predicate
	// Filter is the masked text of the top-level WHERE condition, "" when
	// none. Partial: the WHERE holds more than Where tells (OR, NOT,
	// subqueries, expressions).
	Filter  string
	Partial bool

	Order         []Column // plain columns ordered by
	Ordered       bool     // an ORDER BY is there, of whatever
	Random        bool     // ORDER BY RANDOM()
	Limit, Offset int64

	// Aggregates are the lower-case names of the aggregate functions when the
	// select list holds nothing else and there is no GROUP BY: "count", "sum" …
	Aggregates []string
	Exists     bool // SELECT 1 AS "a" … LIMIT 1, or (SELECT EXISTS(…))
	Distinct   bool
	Grouped    bool
	ForUpdate  bool
	Subquery   bool // FROM (SELECT …)
	SetOp      bool // UNION, INTERSECT, EXCEPT
	Recursive  bool // WITH RECURSIVE, or any WITH

	Values     List   // INSERT: how many rows
	OnConflict string // INSERT: "", "nothing" or "update"
	Returning  bool
	// Computed: an UPDATE sets at least one column from an expression that
	// reads columns (F(), CASE WHEN: bulk_update), not only from values.
	Computed bool
	// Cursor is the masked cursor name of DECLARE, FETCH and CLOSE.
	Cursor string
}
