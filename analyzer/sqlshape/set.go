package sqlshape

import (
	"sync"
	"sync/atomic"
)

// A ParseFunc gives the facts of one masked statement. It is called from
// several goroutines. An error means that the text was not understood; the
// facts are then those of Extract.
type ParseFunc func(sql string) (Facts, error)

// DefaultLimit is how many shapes a Set numbers unless told otherwise.
const DefaultLimit = 100_000

// A Set holds the distinct shapes of a run. Scanners add to it from several
// goroutines; Number, Shape, Len and Others belong to the one goroutine that
// keeps the events in order, so that numbers do not depend on how the work
// was spread.
type Set struct {
	parse ParseFunc
	limit int
	full  atomic.Bool // limit shapes are numbered: nothing new is kept

	mu     sync.Mutex
	byHash map[uint64]*entry

	numbered []*Shape // index ID-1
	others   int64
}

// An entry is one shape on its way into the Set; once guards its parsing.
type entry struct {
	once  sync.Once
	shape Shape
}

// otherShape stands for every shape beyond a Set's limit. It is never written.
var otherShape = &Shape{Text: "(other)", Facts: Facts{Limit: Absent, Offset: Absent}}

// NewSet returns an empty Set that numbers up to limit shapes (0:
// DefaultLimit) and parses each with parse, or with Extract when parse is nil.
func NewSet(parse ParseFunc, limit int) *Set {
	if limit <= 0 {
		limit = DefaultLimit
	}
	return &Set{parse: parse, limit: limit, byHash: make(map[uint64]*entry)}
}

// Add masks a statement and returns its shape, the same one that a Scanner
// finds. It may be called from several goroutines.
func (s *Set) Add(sql string) *Shape {
	m := masker{dialect: Django}
	p := m.run([]byte(sql), 0, nil, nil)
	return s.add(p.hash, m.out[:m.olen])
}

// add returns the shape with that hash and masked bytes, which it parses when
// it is new; otherShape when the Set is full and does not have it.
func (s *Set) add(hash uint64, masked []byte) *Shape {
	s.mu.Lock()
	e := s.byHash[hash]
	if e == nil {
		if s.full.Load() {
			s.mu.Unlock()
			return otherShape
		}
		e = new(entry)
		s.byHash[hash] = e
	}
	s.mu.Unlock()
	e.once.Do(func() {
		e.shape.Hash = hash
		e.shape.Text = render(masked)
		e.shape.Facts = s.facts(e.shape.Text)
	})
	return &e.shape
}

func (s *Set) facts(text string) Facts {
	if s.parse != nil {
		if f, err := s.parse(text); err == nil {
			return f
		}
	}
	return Extract(text)
}

// Number returns the ID of a shape of this Set and numbers it when it has
// none. Beyond the limit it answers Other for shapes it has not numbered.
func (s *Set) Number(sh *Shape) ID {
	if sh.id != 0 {
		return sh.id
	}
	if sh == otherShape || len(s.numbered) >= s.limit {
		s.others++
		return Other
	}
	s.numbered = append(s.numbered, sh)
	sh.id = ID(len(s.numbered))
	if len(s.numbered) >= s.limit {
		s.full.Store(true)
	}
	return sh.id
}

// Shape returns the shape of an ID; for Other one with the Text "(other)".
func (s *Set) Shape(id ID) *Shape {
	if id == Other || int(id) > len(s.numbered) {
		return otherShape
	}
	return s.numbered[id-1]
}

// Len returns how many shapes are numbered; their IDs are 1 to Len.
func (s *Set) Len() int { return len(s.numbered) }

// Others returns how often Number answered Other.
func (s *Set) Others() int64 { return s.others }

// Bounds of what is handed to libpg_query: long chains of operators and deep
// nesting overflow its C stack, which kills the process.
const (
	parseBytes     = 1 << 20
	parseDepth     = 500
	parseOperators = 1000
)

// chainWords are keywords that nest or chain expressions and queries, besides
// the reserved ones, which all count.
var chainWords = words("at operator over filter overlaps isnull notnull collate like ilike similar is in between")

// Parsable reports whether a text is small and flat enough for libpg_query.
// Keywords count as operators: most of them nest or chain something.
func Parsable(text string) bool {
	if len(text) > parseBytes {
		return false
	}
	depth, ops := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; class[c] {
		case cOpen:
			if depth++; depth > parseDepth {
				return false
			}
			if c == '[' {
				ops++
			}
		case cClose:
			depth--
		case cSingle, cDouble: // an odd quote only makes it count more or less of the rest
			for i++; i < len(text) && text[i] != c; i++ {
			}
		case cIdent:
			j := i
			for j < len(text) && identByte[text[j]] {
				j++
			}
			if w := lower(text[i:j]); reserved[w] || chainWords[w] {
				ops++
			}
			i = j - 1
		case cOther, cSign, cSlash, cColon, cPercent, cQuestion:
			if c != ';' {
				ops++
			}
		}
		if ops > parseOperators {
			return false
		}
	}
	return true
}
