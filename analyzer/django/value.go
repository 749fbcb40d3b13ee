package django

import (
	"slices"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A value is what the interpreter knows of a Python value: one of the types
// below, *class, *module, or nil when nothing is known.
type value any

// loopSet is a set of loops, by number modulo 64: what a value depends on.
type loopSet uint64

type (
	// An opaque is an unknown value that depends on loops' variables.
	opaque struct{ deps loopSet }

	// A constant is a literal. It is a value type, to be compared.
	constant struct {
		kind constantKind
		text string
	}

	// An external is a name from outside of the source, "django.shortcuts.render".
	external string

	// A union is one of several values, at most maxUnion.
	union []value

	// A sequence is a list, tuple, set, or iterator. elts are set while each
	// place is known; elem joins what else was put in.
	sequence struct {
		kind    syntax.SequenceKind
		elts    []value
		elem    value
		literal bool // written out, of known length
		deps    loopSet
		same    *sequence // the list that this is, taken in a loop: both grow
	}

	// A dict has what is stored under constant keys, and the join of all else.
	dict struct {
		keys    []constant
		values  map[constant]value
		elem    value
		key     value // join of unknown keys
		literal bool
		deps    loopSet
		same    *dict // as sequence.same
	}

	// A function is a def or a lambda with the names around it.
	function struct {
		module *module
		def    *syntax.FunctionDef
		lambda *syntax.Lambda
		class  *class // in whose body it stands
		name   string // "Book.byline"
		around *env   // of a nested function or lambda
	}

	// A bound is a function with its first argument.
	bound struct {
		fn   *function
		self value
	}

	// A method is a method that is not written in the source: qs.filter,
	// rows.append.
	method struct {
		self value
		name string
		node *syntax.Attribute
	}

	// An instance is an object of a class that is no model, manager or
	// queryset. Its attributes are what was seen to be assigned.
	instance struct {
		class *class
		base  external // of an object of a class outside of the source
		attrs map[string]value
		args  *call // of the constructor; nil: unknown
		// asked guards the search for the method that assigns an attribute.
		asked map[string]bool
		deps  loopSet
		loops []*loop // around the place that made it
	}

	// A superOf is super() in a method of class.
	superOf struct {
		class *class
		self  value
	}

	// A managerValue is Book.objects, or author.book_set when row is set.
	managerValue struct {
		model *schema.Model
		class *class        // its own class, nil: Manager
		query *class        // the QuerySet subclass that as_manager() or from_queryset() gave
		row   *row          // whose related manager it is
		field *schema.Field // the accessor
		root  source.Span   // where it is named
		base  bool          // within its own get_queryset()
		inner bool          // within a method that a queryset does not have
	}

	// A conditions is a Q object.
	conditions struct {
		filters []source.Filter
		deps    loopSet
		opaque  bool
	}

	// A prefetch is a Prefetch object.
	prefetch struct {
		path   string
		rows   *queryset
		toAttr string
		span   source.Span
	}

	// A page is a Paginator (whole) or one of its pages.
	page struct {
		rows  value
		whole bool
	}
)

type constantKind uint8

const (
	textConstant constantKind = iota
	numberConstant
	nameConstant // True, False, None
)

var none = constant{nameConstant, "None"}

// A queryset is one state of a chain. Each call of the chain makes a new one.
type queryset struct {
	fact  *queryFact
	model *schema.Model
	class *class        // a QuerySet subclass
	home  *row          // the row on whose related manager it stands
	field *schema.Field // the accessor from home
	plain bool          // home's rows as the accessor gives them: prefetch serves the same
	eager *eager
	// served: a prefetch of home's query holds its rows.
	served bool
	// fills is where its result cache was filled, set once.
	fills   []string
	filled  bool
	state   *rowState // of the cached rows
	loops   []*loop   // around the expression that made it
	hops    int
	flat    bool             // values_list(flat=True)
	tuples  bool             // values_list()
	dicts   bool             // values()
	extra   map[string]value // annotations, by name
	loads   []load           // what Eager says, with the querysets of Prefetch
	defeats bool             // its rows were prefetched, but it asks again
	parent  *queryset        // the one it was derived from
	asked   loopSet          // what its calls' arguments depend on
	deps    loopSet          // the same, and the row that it stands on
}

// A queryFact is a Query with its identity.
type queryFact struct {
	source.Query
	key  string
	used bool
	from *queryFact // of From
}

// An origin is how a row is reached from a query.
type origin struct {
	fact *queryFact
	path []string
}

// A row is a model instance: one of a query's, one reached from another row, or
// a new one.
type row struct {
	model *schema.Model
	// origins are the queries that give it, the outermost first: the rows of
	// author.book_set.all() are the inner query's, and the authors' along
	// book_set. Empty: unknown, a new instance or a parameter.
	origins []origin
	// state is shared by all names of the same rows.
	state *rowState
	loops []*loop // around the place that gave it
	hops  int
	many  bool // one of several: its queryset was looped over
	fresh bool // made by Model(…), not fetched
	deps  loopSet
	// from is the lazy read that gave it.
	from *lazyRead
}

// A rowState is what rows have loaded.
type rowState struct {
	eager  *eager
	cached map[string]*cachedValue
	set    map[string]bool // fields assigned since
	saved  bool            // a new row that has been saved
	extra  map[string]value
}

// A cachedValue is what an attribute of a row gave, and in which branch.
type cachedValue struct {
	value  value
	branch []string
	lazy   *lazyRead
}

// A lazyRead is the fetch of a relation and what it was good for.
type lazyRead struct {
	fetch *fetchFact
	owner *schema.Model // of the row that it was read from
	field *schema.Field
	uses  int // times its row was asked for
	keys  int // of those, for the key alone
	notes []source.Note
}

// An eager is what a queryset loads along with its rows, by accessor.
type eager struct {
	// only and deferred are columns at this level; nil: all.
	only, deferred map[string]bool
	next           map[string]*eager
	join           bool // select_related
	everything     bool // select_related(): all foreign keys that are not null
	toAttr         bool
	rows           *queryset     // of a Prefetch
	field          *schema.Field // the accessor that a to_attr stands for
	marks          []eagerMark
}

// A load is one entry of Eager.
type load struct {
	path   string
	join   bool
	toAttr string
	rows   *queryset
}

// An eagerMark says which entry of which Query is used when rows are followed
// this far.
type eagerMark struct {
	fact  *queryFact
	index int
}

// maxUnion is how many values a name may have at once; more are forgotten and
// counted.
const maxUnion = 16

// depends returns the loops on whose variables a value depends.
func depends(v value) loopSet {
	switch v := v.(type) {
	case *opaque:
		return v.deps
	case *row:
		return v.deps
	case *queryset:
		return v.deps
	case *sequence:
		return v.deps | dependsAll(v.elts, 2) | dependsShallow(v.elem)
	case *dict:
		return v.deps | dependsShallow(v.elem)
	case *instance:
		return v.deps
	case *managerValue:
		if v.row != nil {
			return v.row.deps
		}
	case *conditions:
		return v.deps
	case *method:
		return depends(v.self)
	case *bound:
		return depends(v.self)
	case union:
		return dependsAll(v, maxUnion)
	}
	return 0
}

func dependsAll(list []value, n int) loopSet {
	var s loopSet
	for _, v := range list[:min(n, len(list))] {
		s |= dependsShallow(v)
	}
	return s
}

// dependsShallow does not look into containers, which may hold themselves.
func dependsShallow(v value) loopSet {
	switch v := v.(type) {
	case *sequence:
		return v.deps
	case *dict:
		return v.deps
	case union:
		var s loopSet
		for _, x := range v {
			if _, nested := x.(union); !nested {
				s |= dependsShallow(x)
			}
		}
		return s
	}
	return depends(v)
}

// unknown returns a value of which only the loops are known.
func unknown(deps loopSet) value {
	if deps == 0 {
		return nil
	}
	return &opaque{deps: deps}
}

// each returns the values of a union, or the value alone.
func each(v value) []value {
	if u, ok := v.(union); ok {
		return u
	}
	return []value{v}
}

// join returns what a value is that is either a or b.
func (it *interp) join(a, b value) value {
	if same(a, b) {
		return a
	}
	list := slices.Clone(each(a))
	for _, v := range each(b) {
		if slices.ContainsFunc(list, func(x value) bool { return same(x, v) }) {
			continue
		}
		list = append(list, v)
	}
	list = compact(list)
	if len(list) > maxUnion {
		list = slices.DeleteFunc(list, isPlain)
	}
	if len(list) > maxUnion {
		list = slices.DeleteFunc(list, func(v value) bool { return v != value(none) && !it.bears(v, 0) })
	}
	if len(list) > maxUnion {
		it.lose("source_unions")
		for _, v := range list[:len(list)-maxUnion] {
			it.escape(v, nil, "one of too many possible values")
		}
		list = list[len(list)-maxUnion:]
	}
	if len(list) == 0 {
		return unknown(depends(a) | depends(b))
	}
	if len(list) == 1 {
		return list[0]
	}
	return union(list)
}

// isPlain reports whether nothing is lost with a value but a literal.
func isPlain(v value) bool {
	switch v := v.(type) {
	case constant:
		return v != none
	case nil, *opaque:
		return true
	}
	return false
}

// compact keeps one of the values that say nothing.
func compact(list []value) []value {
	var deps loopSet
	blank, kept := false, list[:0:0]
	for _, v := range list {
		switch v := v.(type) {
		case nil:
			blank = true
			continue
		case *opaque:
			deps |= v.deps
			blank = true
			continue
		}
		kept = append(kept, v)
	}
	if blank {
		kept = append(kept, unknown(deps))
	}
	return kept
}

// same reports whether two values are the same thing.
func same(a, b value) bool {
	switch a := a.(type) {
	case union:
		return false
	case *bound:
		b, ok := b.(*bound)
		return ok && a.fn.is(b.fn) && same(a.self, b.self)
	case *function:
		b, ok := b.(*function)
		return ok && a.is(b)
	case *row:
		b, ok := b.(*row)
		return ok && (a == b || a.state == b.state && len(a.loops) == len(b.loops))
	}
	if _, ok := b.(union); ok {
		return false
	}
	return a == b
}

func (f *function) is(g *function) bool {
	return f == g || f.def == g.def && f.lambda == g.lambda && f.around == g.around
}

// pick returns the values of type T among those that v may be.
func pick[T value](v value) []T {
	var list []T
	for _, x := range each(v) {
		if t, ok := x.(T); ok {
			list = append(list, t)
		}
	}
	return list
}

// textOf returns the string that v is, "" when it is not known.
func textOf(v value) (string, bool) {
	c, ok := v.(constant)
	return c.text, ok && c.kind == textConstant
}
