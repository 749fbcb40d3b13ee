// Package sqllog reads the query logs that people have and tells which
// statements ran: one Event for each execution, in the order of each session.
//
//	Expand → Input → Read: sniff → blocks → workers (dialect, sqlshape.Scanner) → records → stitcher → []Event
//
// An input is read in blocks by several workers. A worker finds the entries of
// its block, scans their statements where they stand, still escaped, and makes
// a small record of each; text never leaves it. One goroutine takes the records
// in the order of the file and puts those of a session together: parse, bind
// and execute, parameters, two-line entries, cursors. So the result does not
// depend on the number of workers, the size of blocks, or how a pipe was cut.
// A new dialect is one file that implements dialect, and a line in sniff.go.
package sqllog

import "github.com/ormlint/ormlint/analyzer/sqlshape"

// An Event is one executed statement, or the end of a session, as a log told
// it. Events hold no pointers and no text: the statement is a shape and a hash
// of its literals by the time an Event exists.
type Event struct {
	At   int64  // end of the execution, nanoseconds since 1970 UTC; 0: the log does not say
	Took int64  // nanoseconds; < 0: the log does not say
	Args uint64 // hash of all literals and parameters, in order
	// Unit is a hash of the trace, request or job id from an SQL comment or a
	// log field; 0: none. Equal ids mean the same unit of work.
	Unit uint64
	// Session is the input's number for the connection (or Django process and
	// thread), from 1 in order of appearance; a reused pid gets a new number.
	Session uint32
	Shape   sqlshape.ID
	Rows    int32  // rows returned or changed; < 0: the log does not say
	Name    NameID // endpoint, task or command; 0: none
	Site    SiteID // where in the code; 0: the log does not say
	Line    uint32 // in the input, from 1, where the entry starts
	Flags   Flag
}

// A Flag says more about an Event.
type Flag uint8

const (
	// Opened: this is the session's first event and the log shows (or %c and
	// session_start tell) that the session began here, not before the log did.
	Opened Flag = 1 << iota
	// Closed: the session ended; the event carries no statement.
	Closed
	// Batch: the Django log says the statement was an executemany ("many"), or
	// a FETCH/Execute continued an earlier one and was added to it.
	Batch
	// Truncated: the log cut the statement's text or parameters, so Args may be
	// equal for different values.
	Truncated
)

// A NameID numbers the names of one Names, from 1 in order of first use.
type NameID uint32

// Names are the endpoints, tasks and commands that a log mentions, and the
// places in code. The tables are bounded: beyond the limit every new name is
// the last one, "(other)", and a new place none.
type Names struct {
	list   []string
	byText map[string]NameID
	sites  []Site
	bySite map[string]SiteID
	lost   int64
}

// Summary tells what reading one input came to.
type Summary struct {
	Path   string // as the user gave it, or found in a folder; "-" for standard input
	Format string // "postgres-stderr", "postgres-csv", "postgres-json", "django", "django-json"
	// Chain is what was detected, outermost first, for people: "gzip → postgres
	// stderr, prefix '%m [%p] '".
	Chain      string
	Bytes      int64
	Lines      int64
	Entries    int64         // log entries of whatever kind
	Statements int64         // executed statements: Events
	Skipped    int64         // lines or entries that were not understood
	Errors     int64         // statements that the server says failed; not among Statements
	Plans      int64         // auto_explain plans that were attached or left aside
	Untimed    int64         // statements without a duration
	Took       int64         // nanoseconds, summed over Statements
	Cut        int64         // entries longer than Options.LineBytes, read up to there
	Evicted    int64         // sessions closed early because too many were open
	Problems   []SyntaxError // the first few of Skipped
}

// A SyntaxError is a place in an input that was not understood. It is a
// record: reading goes on after it. Msg holds no text of the log.
type SyntaxError struct {
	Path string
	Line int64
	Msg  string
}
