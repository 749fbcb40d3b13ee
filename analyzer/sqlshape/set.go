package sqlshape

import "sync"

// A ParseFunc gives the facts of one statement. It is called from several
// goroutines. An error means that the text was not understood.
type ParseFunc func(sql string) (Facts, error)

// A Set holds the distinct shapes of a run. Add may be called from several
// goroutines; Number, Shape and Len belong to the one goroutine that keeps
// the events in order, so that numbers do not depend on how work was spread.
type Set struct {
	parse ParseFunc
	limit int

	mu     sync.Mutex
	byHash map[uint64]*entry

	numbered []*Shape // index ID-1
}

// An entry is one shape on its way into the Set; once guards its parsing.
type entry struct {
	once  sync.Once
	shape *Shape
	id    ID
}
