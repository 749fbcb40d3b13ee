package finding

import (
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/source"
)

// SchemaVersion is the version of the JSON report.
const SchemaVersion = 1

// A Report is the outcome of a run. Same input, same report: it holds no
// clock, no absolute path and no order that depends on how work was spread.
type Report struct {
	Run       Run
	Endpoints []Endpoint // by Took, the longest first
	Findings  []Finding  // by Cost.Took, the longest first, then by Fingerprint
	// Suppressed are findings that do not count: each has its Suppression.
	// Their order is that of Findings.
	Suppressed []Finding
	Stale      []Known // entries of the baseline that no finding answers to, by their order there
	Shapes     []Shape // by Took, the longest first, then by SQL
}

// Run tells what was read.
type Run struct {
	Inputs     []Input
	Statements int64
	Units      int64
	ExactUnits int64 // whose boundary came from an id in the log
	Took       time.Duration
	Lost       Lost
	Source     *Source // nil: no source was read
	// IdleBudgets are the patterns of budgets that applied to no endpoint: a
	// typo, a part of the application that did not run, or an earlier pattern
	// takes all that they match.
	IdleBudgets []string
}

// A Source is what was read of the application's source.
type Source struct {
	Root string // folder, as given
	// Prefix stands in front of all paths below Root in the report, so that
	// they can be opened from the current folder: "backend/". It is "" when
	// Root is the current folder or lies elsewhere. Keys do not have it.
	Prefix                   string
	Files                    int
	Bytes                    int64
	Models, Queries, Fetches int
	// Django is its version and DjangoOrigin where that stands: "5.2",
	// "requirements.txt"; "" when not known.
	Django, DjangoOrigin string
	AutoPrefetch         bool          // rows prefetch by themselves, so no lazy read repeats
	Skipped              []source.Skip // files or parts that could not be read
	Unknown              []string      // classes that look like models and could not be read: "path:line Class: why"
	Lost                 Lost          // what limits left out
	// Text gives a file as it was read, by its path in findings; nil when it
	// was not. Edits are for these bytes, which the disk may not hold any more.
	// Nil in a report that was not made in this process.
	Text func(path string) []byte `json:"-"`
}

// An Input is one file or stream.
type Input struct {
	Path       string
	Format     string // "postgres-stderr"; "" when it was not recognised
	Chain      string // for people: "gzip → postgres stderr, prefix '%m [%p] '"
	Statements int64
	Skipped    int64 // lines or entries not understood
	Untimed    int64 // statements without a duration
	Took       time.Duration
	// Left says why a file of a folder was passed over, "" when it was not:
	// the same server's log in another format, say.
	Left string
	// Problem says why it could not be read (to the end), "" when it was; Hint
	// what to do about it. Detected, Expected and Samples (masked lines) go
	// with it.
	Problem  string
	Hint     string
	Detected string
	Expected string
	Samples  []string
	Lines    []BadLine // the first few of Skipped
	// Empty: it was read to its end and holds no statement; Problem says why
	// that may be. Such an input alone does not fail a run that has others.
	Empty bool
}

// A BadLine is a place in an input that was not understood; Msg holds no text
// of the log.
type BadLine struct {
	Line int64
	Msg  string
}

// Lost counts what limits made the run leave out. Keys are stable names:
// "units_closed_early", "steps_dropped", "shapes_other" …
type Lost map[string]int64

// An Endpoint is all units of one name.
type Endpoint struct {
	Name string
	// Named: the log or the recorder tells the name. Else Name is the first
	// statement of such units, and may change with it.
	Named      bool
	Units      int64
	ExactUnits int64 // whose boundary came from an id in the log
	Statements int64
	Queries    int64 // statements without transaction control and connection set-up
	Took       time.Duration
	Share      float64 // of all database time in the run, 0 to 1
	Rows       int64   // read and written, as far as the log tells; RowsKnown: it does
	RowsKnown  bool
	// What one unit came to: the most, and for time the standard deviation
	// over the units (0 with fewer than two).
	MaxQueries int64
	MaxRows    int64
	MaxTook    time.Duration
	Spread     time.Duration
}

// A Shape is one distinct statement.
type Shape struct {
	SQL   string // masked
	Calls int64
	Took  time.Duration
}

// Known is a finding that a baseline holds.
type Known struct {
	Key
	Code        string
	Fingerprint string
	Reason      string
	// Logged: only a log showed it, so the source alone cannot tell whether it
	// is still there.
	Logged bool
}

// UnitNoun is what people call one unit of that endpoint: "request" where the
// name is a path, with or without a method, else "unit of work".
func UnitNoun(endpoint string) string {
	method, path, _ := strings.Cut(endpoint, " ")
	switch method {
	case "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS":
		endpoint = path
	}
	if strings.HasPrefix(endpoint, "/") {
		return "request"
	}
	return "unit of work"
}
