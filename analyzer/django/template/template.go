// Package template reads Django templates: which variables they read, in which
// loops, and what they include. Text and the looks of it are left out.
package template

import (
	"sort"
	"unicode/utf8"
)

// A Template is one parsed file. Broken tags are Errors; the rest is there.
type Template struct {
	Path   string
	Text   []byte
	Nodes  []Node
	Errors []Error
	lines  []int
}

// A Range is a part of the text, End exclusive.
type Range struct{ Start, End int }

// An Error is a tag that is no template language.
type Error struct {
	Range
	Msg string
}

// A Node is a tag or a variable: one of the types below.
type Node any

type (
	// A Variable is {{ expr }}.
	Variable struct {
		Range
		X Expr
	}
	// A For is {% for a, b in expr %}.
	For struct {
		Range           // of the tag
		Targets         []string
		Iter            Expr
		Reversed        bool
		Body, Otherwise []Node // Otherwise: {% empty %}
	}
	// An If is {% if %} with its elifs; an else has no Tests.
	If struct {
		Range
		Arms []Arm
	}
	// A With is {% with a=b %}.
	With struct {
		Range
		Sets []Set
		Body []Node
	}
	// An Include is {% include name with a=b only %}.
	Include struct {
		Range
		Name Expr
		Sets []Set
		Only bool
	}
	// An Extends is {% extends name %}.
	Extends struct {
		Range
		Name Expr
	}
	// A Block is {% block name %}.
	Block struct {
		Range
		Name string
		Body []Node
	}
	// A Regroup is {% regroup rows by attr as name %}.
	Regroup struct {
		Range
		Rows Expr
		By   []string
		As   string
	}
	// A Tag is any other tag with the expressions among its arguments. What
	// stands between it and its end, if it has one, follows it.
	Tag struct {
		Range
		Name string
		Args []Expr
		As   string // {% tag … as name %}
	}
)

// An Arm is one branch of an If.
type Arm struct {
	Range
	Tests []Test
	Body  []Node
}

// A Test is one operand of a condition. Alone: it is asked for its truth, not
// compared.
type Test struct {
	X     Expr
	Alone bool
}

// A Set is name=expr.
type Set struct {
	Name string
	X    Expr
}

// An Expr is a variable or a literal with its filters.
type Expr struct {
	Range
	Path    []string // book, author, name; nil for a literal
	Literal string   // of a string literal, without quotes
	Filters []Filter
}

// A Filter is |name:arg.
type Filter struct {
	Range
	Name string
	Arg  *Expr // nil: none
}

// Line returns the 1-based line and column of an offset, columns in characters.
func (t *Template) Line(offset int) (line, column int) {
	i := sort.SearchInts(t.lines, offset+1) - 1
	return i + 1, utf8.RuneCount(t.Text[t.lines[i]:offset]) + 1
}
