package source

import (
	"slices"
	"strings"
)

// An Index is all that was found in the source. Lists are sorted by Span, and
// the same input gives the same Index whatever the number of workers.
type Index struct {
	Files   int      // read
	Bytes   int64    // read
	Skipped []Skip   // files or parts that could not be read
	Routes  []Route  // what a URL runs
	Queries []*Query // places that build a queryset
	Fetches []*Fetch // places that run SQL: lazy reads, terminal calls, writes
	Notes   []Note   // smells that need neither a query nor a fetch
	// Packages are the folders of installed packages, with a slash behind:
	// code below them runs too, but is not the project's to change.
	Packages []string
	// Lost counts what limits left out, by stable name.
	Lost map[string]int64
}

// IsInstalled reports whether a file belongs to an installed package.
func (ix *Index) IsInstalled(path string) bool {
	return slices.ContainsFunc(ix.Packages, func(folder string) bool { return strings.HasPrefix(path, folder) })
}

// A Skip is source that was not understood.
type Skip struct {
	Span Span // the whole file: Line 0
	Msg  string
}

// A Route is what runs for a URL, a task or a command.
type Route struct {
	Pattern string // "library/books/<int:pk>/", as sqlcommenter and Django write it
	Name    string // URL name with its namespace, "library:book_list"
	View    string // dotted path, "library.views.BookList"
	Kind    string // "url", "task", "command", "admin"
	Span    Span   // of the function or class
}

// A Query is a place that builds a queryset. One expression that is built on
// in several places is one Query for each way it ends.
type Query struct {
	ID    int
	Model string // label, "library.Book"
	// Span is the expression that makes the rows' queryset, as far as it
	// stands in one place: "Book.objects.filter(…).order_by("id")[:20]".
	Span Span
	// Root is where it starts: "Book.objects", "order.items", "self.queryset".
	Root Span
	// Made says what makes the queryset where no expression at Root does, and
	// Manager the attribute of the model that it is taken from, "objects".
	Made    Made
	Manager string
	// Closed: a method of the manager alone stands behind Root, so that no call
	// can be put between them.
	Closed   bool
	Function string // enclosing function, "book_list" or "BookList.get_queryset"; "" at module level
	// Entries are the dotted paths of views, tasks and commands from which it
	// is reached, sorted; empty when none is known.
	Entries []string
	// Calls is the chain after Root, in order, wherever each part stands.
	Calls []Call
	// From is the query that gave the row on whose related manager this one
	// stands (author in author.book_set.all()), and Path the accessors from
	// its rows.
	From *Query
	Path []string
	// Accessor is the related manager that it begins at, "lines" of
	// order.lines, known or not where order is from.
	Accessor string

	Filters  []Filter
	Ordering []string // order_by's names, the model's own where it has none; "-" in front is descending
	Distinct bool
	Sliced   bool
	Limit    int // of a literal slice; 0 unknown or none
	Offset   int
	// Eager is what select_related and prefetch_related name, in order.
	Eager []Eager
	// Joined are the foreign keys that the framework joins by itself as long as
	// nothing else is named: those among the columns of Django's admin.
	Joined []string
	// Only and Defer are lookup paths; Values those of values() and
	// values_list().
	Only, Defer, Values []string
	Raw                 bool // rows are no model instances: values(), values_list(), dates()
	Annotated           bool // annotate(), aggregate columns, extra()
	Combined            bool // union(), intersection(), difference()
	Dynamic             bool // parts of the chain could not be read: a loop, **kwargs, an unknown function
	Iterator            bool // iterator(): prefetch needs chunk_size there

	Reads   []Read
	Escapes []Escape
	Evals   []Eval
}

// Made is what makes a queryset that stands in no expression.
type Made string

// The makers, by what Root is then.
const (
	ByView   Made = "view"   // the value of a class-based view's "model = Book"
	ByList   Made = "list"   // the name of the admin class whose list it is
	ByInline Made = "inline" // the value of "model = Book" of a class of the admin's inlines
	OfClass  Made = "class"  // a model class, given to a function: get_object_or_404(Book)
	Unnamed  Made = "none"   // nothing that an edit could go on with: admin.site.register(Book)
)

// A Call is one link of a queryset's chain.
type Call struct {
	Name string // "filter"; "[]" for a slice or an index
	Span Span   // from the dot (or bracket) to the closing parenthesis
	Args Span   // between the parentheses
	// Strings are the positional arguments when all are string literals.
	Strings  []string
	Keywords []string
	Literal  bool // no argument but literals
	NoArgs   bool
	// Arguments are all of them; filled in the Calls of a Site only.
	Arguments []Argument
}

// A Filter is one condition of filter(), exclude() or get().
type Filter struct {
	Path    string // "author__country"
	Lookup  string // "exact", "in", "gte" …
	Exclude bool
	Literal bool
	Varies  bool // the value depends on the variable of a loop around it
}

// An Eager is one path of select_related or prefetch_related.
type Eager struct {
	Path     string // "author__country"; "" is select_related() without arguments
	Join     bool   // select_related
	ToAttr   string // of Prefetch(to_attr=…)
	Filtered bool   // Prefetch with a queryset of its own
	Span     Span   // the argument
	// Used: rows are followed along it somewhere.
	Used bool
}

// A Read is one column read from a query's rows.
type Read struct {
	Path  []string // relations followed, nil: the query's own rows
	Field string   // attribute name
	Span  Span
	Loop  bool // once for each row
	Write bool // assigned, not read
}

// An Escape is where rows go out of sight.
type Escape struct {
	Span     Span
	Why      string // "passed to serialize(), which is not in the source"
	Queryset bool   // the queryset leaves, not only single rows
}

// An Eval is where a queryset itself is evaluated or asked.
type Eval struct {
	Kind EvalKind
	Span Span
	// Order is the place in the function's flow, to tell count-then-fetch
	// from fetch-then-count. Evals in different branches have different
	// Branch values, none of which is a prefix of the other.
	Order  int
	Branch string
}

// An EvalKind is one way of asking a queryset.
type EvalKind string

// The kinds.
const (
	Iterate EvalKind = "iterate" // for, list(), comprehension, template for, serializer
	Len     EvalKind = "len"     // len(qs)
	Bool    EvalKind = "bool"    // if qs, not qs
	Maybe   EvalKind = "maybe"   // if qs, where it may be None as well
	Count   EvalKind = "count"   // qs.count()
	Exists  EvalKind = "exists"  // qs.exists()
	One     EvalKind = "one"     // get(), first(), last(), [0] …
	In      EvalKind = "in"      // x in qs
	Choices EvalKind = "choices" // all rows are the choices of a form's field
	Nested  EvalKind = "nested"  // given to a filter: a subquery, no query of its own
)

// An Op is what a Fetch does.
type Op string

// The operations. A lazy read names only its relation; the others are calls.
const (
	Related     Op = "related" // instance.author: one row
	All         Op = "all"     // instance.books.all() iterated, and filters of it
	Get         Op = "get"     // get(), get_object_or_404()
	First       Op = "first"   // first(), last(), latest(), earliest(), [0] of an ordered queryset
	CountRows   Op = "count"   // count()
	ExistsRows  Op = "exists"  // exists()
	Aggregate   Op = "aggregate"
	Deferred    Op = "deferred" // a column that only() or defer() left out
	Refresh     Op = "refresh"  // refresh_from_db()
	Fetched     Op = "fetch"    // any other queryset evaluated
	Insert      Op = "insert"   // create(), save() of a new instance
	Update      Op = "update"   // save() of a fetched instance, update()
	Remove      Op = "delete"   // delete()
	GetOrCreate Op = "get_or_create"
	AddRelated  Op = "add"       // add(), remove(), set() of a related manager
	Savepoint   Op = "savepoint" // atomic()
)

// A Fetch is an expression that runs SQL each time it is evaluated.
type Fetch struct {
	Span     Span
	Function string // where it stands
	Op       Op
	Method   string // as called: "get_or_create", "latest"; "" for a lazy read
	Model    string // label of the rows it reads or writes; "" unknown
	// Of is the query whose rows it starts from, and Path the accessors it
	// follows from them: author, country. Nil: none is known.
	Of   *Query
	Path []string
	// Query is the queryset it evaluates, nil for a lazy read.
	Query *Query
	Loops []Loop // around it, from the outermost, through the calls of Via
	// Varies: an argument depends on the innermost loop's variable.
	Varies bool
	// Filtered: conditions besides the relation's. Ordered and Sliced alike.
	Filtered, Ordered, Sliced bool
	// Covered: eager loading (or the prefetch of a loop around it) serves it,
	// so it runs no SQL.
	Covered bool
	// Defeats: its relation was prefetched, but this call asks again.
	Defeats bool
	// OnlyKey: nothing but the primary key is read: book.author.id.
	OnlyKey bool
	Fields  []string // written by an insert or update where known: update_fields, create's keywords
	Args    []string // names of the lookups of a get(): "sku"
	Via     []Hop    // from Of's loop to Function, when it is another one
	// Conditional: runs in a branch of its loop.
	Conditional bool
	Entries     []string // as Query.Entries
	// Site is how Span stands in the code; nil outside of loops and where it
	// is no expression of the language (in a template). Built is the same for
	// the expression of Query where that is another one of the same function:
	// orders = Order.objects.filter(…), evaluated further down.
	Site, Built *Site
}

// A Loop is a loop around a Fetch.
type Loop struct {
	Span    Span     // the for clause: "for book in books"
	Kind    string   // "for", "while", "comprehension", "template", "serializer", "admin", "form", "map"
	Over    *Query   // nil: not over rows
	Path    []string // relations from Over's rows to what the loop goes over: author.book_set → ["book_set"]
	Literal bool     // over a literal: a few fixed values
}

// A Hop is one call on the way to a Fetch.
type Hop struct {
	Span     Span   // of the call, or of the tag in a template
	Function string // called: "Book.byline", "library/book_list.html", "BookSerializer.get_author"
	// Site is how the call stands in the code, as Fetch.Site.
	Site *Site
}

// A Note is a smell that stands alone.
type Note struct {
	Kind        NoteKind
	Span        Span
	Function    string
	Model       string
	Query       *Query // may be nil
	Name        string // relation or method: "author", "prefetch_related"
	Replacement string // of Span, the text that mends it; "" when there is none
	Entries     []string
}

// A NoteKind is one kind of Note.
type NoteKind string

// The kinds.
const (
	Discarded NoteKind = "discarded"   // qs.filter(…) alone as a statement
	KeyByJoin NoteKind = "key-by-join" // book.author.id where book.author_id serves
)

// A Place names where a Span is without its line: "app/views.py:book_list".
func Place(s Span, function string) string {
	if function == "" {
		return s.Path
	}
	return s.Path + ":" + function
}
