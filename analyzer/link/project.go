package link

import (
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A Project is what the log and the source together tell of an application:
// what rules look at and explain their cases with. Models and Index are nil
// where no source was read.
type Project struct {
	Graph  *Graph
	Models *schema.Models
	Index  *source.Index
	// Text gives the bytes of a file of the source for edits, nil when it is
	// not known. Nil itself where no source was read.
	Text func(path string) []byte
	// Mappings tell where the source lies on the machines that wrote the logs.
	// Without one, paths are compared by their ends.
	Mappings []Mapping

	found lookups
}

// lookups keep what was found out, since the same statements and endpoints are
// asked for again and again. A Project is not for several goroutines at once.
type lookups struct {
	entries map[string][]string
	fitting map[*sqlshape.Shape][]Candidate
	running map[*sqlshape.Shape]map[*source.Fetch]bool
	byTable map[string][]*source.Query
	routes  []route
}
