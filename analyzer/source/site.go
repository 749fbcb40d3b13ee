package source

// A Site is how an expression that runs SQL stands in the code around it: what
// an edit has to know where its meaning is not enough.
type Site struct {
	// Whole is the expression from its first name to its last call:
	// `author.book_set.order_by("-published").first()`.
	Whole Span
	// Root is what the first call is made on: "author.book_set",
	// "Tag.objects", "loan" of loan.save(); Name is its first name.
	Root Span
	Name string
	// Calls are those of Whole in order, with their Arguments.
	Calls []Call
	// Names are the variables that the arguments read, sorted.
	Names []string
	// Taken is Whole with what is taken from its value at once: first().title
	// (Attr), aggregate(…)["last"] (Key). Whole itself when nothing is.
	Taken     Span
	Attr, Key string
	// Await is Whole with the await in front of it; zero when there is none.
	Await Span

	Stmt Span // the innermost statement; of a block (for, if, with) its head too
	Form Form
	// Targets are the names that an Assigned value gets, and Uses where they
	// appear besides in the innermost loop's body or, without one, in the
	// function. Beyond counts where they appear outside of that loop.
	Targets []string
	Uses    []Use
	Beyond  int
	Try     bool // a try stands between it and the innermost loop, or the function
	// Sets are the assignments to attributes of Name in the innermost loop,
	// and Shared is true when Name is also passed on there, or a method of it
	// called that is none of the ORM's: it may be changed out of sight.
	Sets   []Set
	Shared bool

	// Blocks are the loops around it in its own function, from the outermost.
	Blocks []Block
}

// A Form is how a statement holds an expression.
type Form string

// The forms; "" is any other.
const (
	Alone    Form = "alone"    // the expression is the statement
	Assigned Form = "assigned" // name = expression, or name, other = expression; Taken is the whole value
)

// A Use is one appearance of a variable.
type Use struct {
	Span Span   // with the attribute: "newest.title"
	Attr string // "" when the variable stands alone
	// Write: it or its attribute is assigned or deleted. Call: the attribute
	// is called. Iterated: it is what a loop goes over. Truth: it stands for a
	// truth value only: "if newest".
	Write, Call, Iterated, Truth bool
}

// A Block is a loop of the function that a Site stands in.
type Block struct {
	Kind string // "for", "while", "comprehension"
	Span Span   // the whole statement or comprehension
	Head Span   // "for book in books", without the colon
	// Target and Iter are the two parts of Head; zero for while.
	Target, Iter Span
	Targets      []string // names that Target binds
	// IterName is Iter when that is a name alone, and IterReads how often the
	// function reads it besides.
	IterName  string
	IterReads int
	// Again: going over Iter a second time gives the same items. Items is the
	// type of them where it is known: "str", "int".
	Again bool
	Items string
	// Body is each statement of the body; of a comprehension the element.
	Body []Span
	// Makes is what a comprehension makes: "list", "set", "dict",
	// "generator". Filtered: it has conditions. Clauses counts its fors.
	Makes    string
	Filtered bool
	Clauses  int
	// Binds are the names that the loop binds or may change the values of,
	// sorted: targets, assignments, x of x.append(…) and of x.y = ….
	Binds []string
	// Assigned are those of Binds that the loop gives other values by name.
	Assigned []string
	// What leaves the loop or its order: at the loop's own level.
	Break, Continue, Return, Yield, Raise, Else, Async bool
	// Anchor is the statement before which code can be put that has to run
	// once, before the loop; zero when there is no such place.
	Anchor Span
}

// A Set is an assignment to an attribute of a variable: loan.due += week.
type Set struct {
	Span  Span // the statement
	Name  string
	Attr  string
	Op    string // "=", "+="
	Value Span
	Names []string // variables that the value reads, sorted
}

// An Argument is one argument of a call.
type Argument struct {
	Name string // of a keyword argument
	Star string // "", "*" or "**"
	Span Span   // the value
	// Names are the variables that the value reads, sorted.
	Names   []string
	Literal bool
}
