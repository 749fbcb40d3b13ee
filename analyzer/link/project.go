package link

import (
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
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
}
