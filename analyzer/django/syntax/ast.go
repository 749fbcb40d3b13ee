// Package syntax turns Python source into a small tree of plain Go values. It
// is the only importer of tree-sitter; a node of the tree keeps nothing of it.
//
// Every node knows its byte offsets in File.Text. What does not parse becomes a
// Bad statement or expression and an entry in File.Errors; the rest of the file
// is there all the same.
package syntax

// A File is one parsed Python file.
type File struct {
	Path   string // as given to Parse
	Text   []byte // the source, UTF-8; owned by the File
	Body   []Stmt
	Errors []Error // in order of Start; empty when all of it parsed
	// Comments are in order of Start, each with its "#" and without line end.
	Comments []Range
	lines    []int // offset of each line's first byte
}

// A Range is a part of the text: the bytes Start to End, End exclusive.
type Range struct{ Start, End int }

// Pos returns the range itself: with it, whatever embeds a Range is a Node.
func (r Range) Pos() Range { return r }

// An Error is text that is no Python.
type Error struct {
	Range
	Msg string // no text of the file: "not Python"
	// fixable: of the grammar, not of the file's bytes; reading the file in
	// parts may do away with it.
	fixable bool
}

// A Node is a statement or an expression.
type Node interface{ Pos() Range }

// A Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// An Expr is an expression.
type Expr interface {
	Node
	expr()
}

// Statements.
type (
	// A FunctionDef is a def, decorated or not. Pos begins at def (or async),
	// not at the decorators.
	FunctionDef struct {
		Range
		Name       string
		NamePos    Range
		Params     []Param
		Returns    Expr // annotation or nil
		Decorators []Expr
		Body       []Stmt
		Async      bool
	}
	// A ClassDef is a class.
	ClassDef struct {
		Range
		Name       string
		NamePos    Range
		Args       []Arg // bases, and keywords such as metaclass
		Decorators []Expr
		Body       []Stmt
	}
	// An Assign is x = y = value (two Targets), x: T = value, x: T (nil Value)
	// or x += value (Op "+=").
	Assign struct {
		Range
		Targets    []Expr
		Op         string // "=", "+=" …
		Annotation Expr   // nil: none
		Value      Expr   // nil: only annotated
	}
	// A Return is a return; Value is nil when it has none.
	Return struct {
		Range
		Value Expr
	}
	// An ExprStmt is an expression whose value nobody takes.
	ExprStmt struct {
		Range
		X Expr
	}
	// A For is a for statement.
	For struct {
		Range
		Target, Iter Expr
		Body, Else   []Stmt
		Async        bool
	}
	// A While is a while statement.
	While struct {
		Range
		Test       Expr
		Body, Else []Stmt
	}
	// An If is an if; an elif is an If alone in Else.
	If struct {
		Range
		Test       Expr
		Body, Else []Stmt
	}
	// A With is a with statement.
	With struct {
		Range
		Items []WithItem
		Body  []Stmt
		Async bool
	}
	// A Try is a try statement.
	Try struct {
		Range
		Body     []Stmt
		Handlers []Handler
		Else     []Stmt
		Finally  []Stmt
	}
	// A Match is a match statement.
	Match struct {
		Range
		Subject Expr
		Cases   []Case
	}
	// An Import is import a, b.c as d.
	Import struct {
		Range
		Names []Alias
	}
	// An ImportFrom is from ..module import a as b.
	ImportFrom struct {
		Range
		Level  int    // leading dots
		Module string // "a.b", "" for from . import x
		Names  []Alias
		Star   bool
	}
	// A Raise is a raise.
	Raise struct {
		Range
		X, From Expr // nil: absent
	}
	// A Delete is a del statement.
	Delete struct {
		Range
		Targets []Expr
	}
	// An Assert is an assert.
	Assert struct {
		Range
		Test, Msg Expr // Msg nil: absent
	}
	// A Simple is a statement that holds no expression: pass, break, continue,
	// global, nonlocal, a type alias.
	Simple struct {
		Range
		Keyword string
		Names   []string // of global and nonlocal
	}
	// A BadStmt is text that is no statement. Body holds what could be read
	// inside it.
	BadStmt struct {
		Range
		Body []Stmt
	}
)

// A Param is one parameter of a function or lambda.
type Param struct {
	Range
	Name       string
	Star       string // "", "*" or "**"; a bare * or / is no Param
	Annotation Expr   // nil: none
	Default    Expr   // nil: none
}

// A WithItem is one context manager; As is nil when its value has no name.
type WithItem struct{ X, As Expr }

// A Handler is one except clause.
type Handler struct {
	Range
	Type Expr   // nil: bare except
	Name string // "" without as
	Body []Stmt
}

// A Case is one case of a match. Names are those that its pattern binds.
type Case struct {
	Range
	Names []string
	Guard Expr // nil: none
	Body  []Stmt
}

// An Alias is one imported name; As is "" without as.
type Alias struct {
	Range
	Name, As string // Name may be dotted in an Import
}

// Expressions.
type (
	// A Name is an identifier.
	Name struct {
		Range
		ID string
	}
	// An Attribute is X.Attr.
	Attribute struct {
		Range
		X       Expr
		Attr    string
		AttrPos Range // of the name after the dot
		Dot     int   // offset of the dot
	}
	// A Call is Func(Args).
	Call struct {
		Range
		Func          Expr
		Args          []Arg
		Lparen        int // offset of "(", of the generator when it stands for it
		Rparen        int // offset of ")"
		TrailingComma bool
	}
	// A Subscript is X[Index]; several Index are a tuple.
	Subscript struct {
		Range
		X      Expr
		Index  []Expr
		Lbrack int // offset of "["
	}
	// A Slice is lo:hi:step inside a Subscript; nil parts are absent.
	Slice struct {
		Range
		Lo, Hi, Step Expr
	}
	// A String is a literal, adjacent ones joined. Value is unescaped, without
	// the interpolated parts.
	String struct {
		Range
		Value     string
		Bytes     bool
		Formatted bool   // an f-string or t-string
		Parts     []Expr // what is interpolated, format specs too
	}
	// A Number is an int, float or complex literal as written.
	Number struct {
		Range
		Text string
	}
	// A Constant is True, False, None or "...".
	Constant struct {
		Range
		Text string
	}
	// A Sequence is a list, tuple or set display.
	Sequence struct {
		Range
		Kind SequenceKind
		Elts []Expr
	}
	// A Dict is a dict display; a nil key is **value.
	Dict struct {
		Range
		Keys, Values []Expr
	}
	// A Comprehension is a list, set, dict or generator comprehension.
	Comprehension struct {
		Range
		Kind    SequenceKind // ListSeq, SetSeq, DictSeq or GeneratorSeq
		Key     Expr         // of a dict, nil otherwise
		Elt     Expr
		Clauses []Clause
	}
	// A Lambda is a lambda.
	Lambda struct {
		Range
		Params []Param
		Body   Expr
	}
	// A Binary is X Op Y: arithmetic and bits, and the boolean and, or.
	Binary struct {
		Range
		Op   string
		X, Y Expr
	}
	// A Compare is X op Y op Y …; Ops are "<", "in", "not in", "is not" …
	Compare struct {
		Range
		X   Expr
		Ops []string
		Ys  []Expr
	}
	// A Unary is Op X: "-", "+", "~", "not".
	Unary struct {
		Range
		Op string
		X  Expr
	}
	// A Conditional is Body if Test else Else.
	Conditional struct {
		Range
		Body, Test, Else Expr
	}
	// An Await is await X.
	Await struct {
		Range
		X Expr
	}
	// A Yield is yield X or yield from X; X may be nil.
	Yield struct {
		Range
		X    Expr
		From bool
	}
	// A Starred is *X or, among dict parts, **X.
	Starred struct {
		Range
		X Expr
	}
	// A NamedExpr is (Target := Value).
	NamedExpr struct {
		Range
		Target *Name
		Value  Expr
	}
	// A BadExpr is text that is no expression. Elts holds what could be read
	// inside it.
	BadExpr struct {
		Range
		Elts []Expr
	}
)

// A SequenceKind says which brackets hold a Sequence or Comprehension.
type SequenceKind uint8

// The kinds.
const (
	ListSeq SequenceKind = iota + 1
	TupleSeq
	SetSeq
	DictSeq
	GeneratorSeq
)

// An Arg is one argument of a call or one base of a class.
type Arg struct {
	Range
	Name  string // of a keyword argument, else ""
	Star  string // "", "*" or "**"
	Value Expr
}

// A Clause is one for of a comprehension with its ifs.
type Clause struct {
	Range
	Target, Iter Expr
	Ifs          []Expr
	Async        bool
}

func (*FunctionDef) stmt() {}
func (*ClassDef) stmt()    {}
func (*Assign) stmt()      {}
func (*Return) stmt()      {}
func (*ExprStmt) stmt()    {}
func (*For) stmt()         {}
func (*While) stmt()       {}
func (*If) stmt()          {}
func (*With) stmt()        {}
func (*Try) stmt()         {}
func (*Match) stmt()       {}
func (*Import) stmt()      {}
func (*ImportFrom) stmt()  {}
func (*Raise) stmt()       {}
func (*Delete) stmt()      {}
func (*Assert) stmt()      {}
func (*Simple) stmt()      {}
func (*BadStmt) stmt()     {}

func (*Name) expr()          {}
func (*Attribute) expr()     {}
func (*Call) expr()          {}
func (*Subscript) expr()     {}
func (*Slice) expr()         {}
func (*String) expr()        {}
func (*Number) expr()        {}
func (*Constant) expr()      {}
func (*Sequence) expr()      {}
func (*Dict) expr()          {}
func (*Comprehension) expr() {}
func (*Lambda) expr()        {}
func (*Binary) expr()        {}
func (*Compare) expr()       {}
func (*Unary) expr()         {}
func (*Conditional) expr()   {}
func (*Await) expr()         {}
func (*Yield) expr()         {}
func (*Starred) expr()       {}
func (*NamedExpr) expr()     {}
func (*BadExpr) expr()       {}
