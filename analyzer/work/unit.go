// Package work cuts the events of a log into units of work: a request, a
// task, a command, a test, or what comes nearest to it in that log.
//
// A Tracker takes events in the order of each session and hands out each Unit
// when it closes. Units hold shapes and hashes only, no text.
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
	Next  int32 // index of the next step of the same shape, -1: none
	Site  sqllog.SiteID
	Flags sqllog.Flag
}

// A Bound says how the beginning of a unit was found, the surest last.
type Bound uint8

const (
	ByGap     Bound = iota // the session fell silent before it, or its start is not in the log
	ByMarker               // it begins with what a request begins with: the session or token read, a health check
	BySession              // the connection was opened for it
	ByID                   // the log has an id for it: exact
)

// A Group is all steps of one shape in one unit.
type Group struct {
	Shape       sqlshape.ID
	N           int32 // steps
	First, Last int32 // indexes of the first and last step
	Distinct    int32 // different Args among the steps
	Took        int64 // nanoseconds, of the steps whose time is known
	MaxTook     int64
	// MaxRows is the most rows that one step is known to have given, -1 when
	// the log does not say.
	MaxRows int32
	// Extra counts the steps among N that the limit on steps kept out of
	// Steps; their time is in Took.
	Extra int32
}

// A Unit is one unit of work. It and all it holds belong to the Tracker again
// when the function that was called with it returns.
type Unit struct {
	Name    sqllog.NameID // endpoint, task or command; 0: not known
	Session uint32        // the session of its first step
	Bound   Bound
	// Ended: the log shows that the session closed after this unit.
	Ended bool
	// Truncated: there were more steps than Limits.UnitSteps.
	Truncated bool
	Steps     []Step
	// Groups are in order of their first step. Transaction control and
	// connection set-up have steps but no groups.
	Groups []Group
	extra  map[sqlshape.ID]extra
}

// extra adds up steps beyond the limit.
type extra struct {
	n    int32
	took int64
}

// Start is when the unit's first step began, End when its last one ended; 0
// when the log does not say.
func (u *Unit) Start() int64 {
	if len(u.Steps) == 0 {
		return 0
	}
	return u.Steps[0].At
}

// End is when the unit's last step ended; 0 when the log does not say.
func (u *Unit) End() int64 {
	if len(u.Steps) == 0 {
		return 0
	}
	s := &u.Steps[len(u.Steps)-1]
	return s.At + max(s.Took, 0)
}
