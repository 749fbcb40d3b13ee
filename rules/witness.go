package rules

import (
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A witness is a finding from source with the places that it rests on, so that
// what a log shows of the same loop can be joined with it.
type witness struct {
	finding.Finding
	// query is the one whose rows the finding is about and whose expression
	// Location is: the outermost for nested levels. Nil for writes and other
	// fetches that start from no query.
	query *source.Query
	// fetches are the places that run the repeated statement, those of nested
	// levels as well, in order of Span; empty for findings about query alone.
	fetches []*source.Fetch
}
