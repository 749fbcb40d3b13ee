// Package finding holds what ormlint tells its users: findings, what they
// cost, and the report that all printers print. Plain data.
package finding

import (
	"time"

	"github.com/ormlint/ormlint/analyzer/source"
)

// Severity is how bad a finding is, the worst last.
type Severity uint8

// The severities. Note never fails a run unless asked for.
const (
	Note Severity = iota + 1
	Warning
	Error
)

// String is the severity's name in flags, settings and reports.
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	}
	return "note"
}

// MarshalText writes a severity by its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// SeverityOf returns the severity of that name.
func SeverityOf(name string) (Severity, bool) {
	for s := Note; s <= Error; s++ {
		if s.String() == name {
			return s, true
		}
	}
	return 0, false
}

// Confidence is how sure a finding is, the surest last.
type Confidence uint8

// The confidences. Only Likely and Proven findings fail a run by default.
const (
	Possible Confidence = iota + 1
	Likely
	Proven
)

// String is the confidence's name in flags, settings and reports.
func (c Confidence) String() string {
	switch c {
	case Proven:
		return "proven"
	case Likely:
		return "likely"
	}
	return "possible"
}

// Evidence is where a finding was seen.
type Evidence string

// The kinds of evidence.
const (
	Observed Evidence = "observed" // in a log
	Inferred Evidence = "inferred" // from source
)

// A Key identifies a finding across runs: it holds no line, count or time.
type Key struct {
	Rule    string // "n-plus-one"
	Subject string // "library.Book.author", or a table where no model is known
	Place   string // "app/views.py:book_list"; from a log alone, the endpoint or ""
}

// Cost adds up what a finding costs. Merging two costs adds them and keeps the
// larger MaxCalls.
type Cost struct {
	Units  int64 // units of work it was seen in
	Calls  int64 // executions of the child statement
	Wasted int64 // executions that the rewrite removes
	Took   time.Duration
	Saved  time.Duration // an estimate; docs/cost.md has the formula
	// MaxCalls is the most executions seen in one unit.
	MaxCalls int64
}

// A Statement is a masked statement and its base table.
type Statement struct {
	Table string
	SQL   string // masked
}

// A Relation is what connects the parent's rows with the child statement.
type Relation struct {
	Kind  string // forward_fk, reverse_fk, one_to_one, reverse_one_to_one, m2m, generic_fk, mti_child, deferred, get, …
	Field string // Django's name for it, or the nested path
}

// An Example is one unit of work in which a finding was seen.
type Example struct {
	Unit       string // the endpoint's name, or what stands for it
	Calls      int64
	Start, End time.Time // zero: the log does not say
	Input      string
	Line       int64
}

// A Rewrite is a change to the code that removes the finding.
type Rewrite struct {
	Title string // "join author in the first query"
	Code  string // Python
	// Safe: where the names are right, results and behaviour stay the same. A
	// wrong name (an unknown related_name) fails at once, with a FieldError.
	Safe bool
	// Edits are the change itself, in order, not overlapping; empty where no
	// source was read or the code has a form that no edit is known for.
	Edits []Edit
}

// An Edit replaces the text of a Span; an empty Span inserts.
type Edit struct {
	Span source.Span
	Text string
}

// A Related place helps to understand a finding: where the rows are read, the
// calls on the way there, other candidates for the queryset.
type Related struct {
	Span    source.Span
	Message string // "each read runs the query"
}

// A Finding is one pattern at one place.
type Finding struct {
	Key
	Code        string // "QP101"
	Severity    Severity
	Evidence    []Evidence
	Confidence  Confidence
	Fingerprint string // 16 hex digits of Key
	Message     string // one sentence, no literal values
	// Notes say what the finding rests on and what could not be seen: where
	// the relation's name comes from, how units were found.
	Notes     []string
	Relation  Relation
	Parent    Statement // SQL is "" when there is none
	Child     Statement
	Cost      Cost
	Share     float64  // of all database time in the run, 0 to 1
	Endpoints []string // names of the units it was seen in, the costliest first, at most 10
	Examples  []Example
	Rewrites  []Rewrite
	// Location is the queryset to change, zero where no source was read or the
	// place was not found. Function encloses it: "BookList.get_queryset".
	Location source.Span
	Function string
	Related  []Related
	// Suppression says why the finding is silenced; nil: it is not. Only
	// findings in Report.Suppressed have one.
	Suppression *Suppression
}

// A Suppression is why a finding is not reported.
type Suppression struct {
	Kind   SuppressionKind
	Reason string      // what the comment or the baseline says; "" where they do not
	Place  source.Span // of the comment; zero for other kinds
}

// A SuppressionKind is what silenced a finding.
type SuppressionKind string

// The kinds.
const (
	InSource   SuppressionKind = "in_source" // a comment
	InBaseline SuppressionKind = "baseline"  // known before
	Unchanged  SuppressionKind = "unchanged" // not on a line that changed since the merge base
)
