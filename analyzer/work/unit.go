// Package work cuts the events of a log into units of work: a request, a
// task, a command, a test, or what comes nearest to it in that log.
package work

import (
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A Step is one executed statement of a unit.
type Step struct {
	Args  uint64
	At    int64 // start, nanoseconds since 1970 UTC; 0: not known
	Took  int64 // nanoseconds; < 0: not known
	Shape sqlshape.ID
	Rows  int32 // < 0: not known
	Line  uint32
	Flags sqllog.Flag
}
