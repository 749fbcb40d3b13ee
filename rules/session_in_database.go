package rules

import (
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// session-in-database: Django keeps sessions in the database and reads (and
// writes) one in request after request.
//
// Silent when fewer than sessionMin units touch the table.
var sessionInDatabase = &Rule{
	Code: "QP303", Name: "session-in-database", Severity: finding.Note,
	Summary: "sessions are read from and written to the database in every request",
	Doc:     page("session_in_database.md"),
	pattern: patSession,
	watch:   isSession,
	explain: explainSession,
}

// sessionMin is how many units must touch the session table: a log of one
// login says nothing about every request.
const sessionMin = 3

func isSession(s *sqlshape.Shape) bool {
	return len(s.Tables) > 0 && s.Tables[0].Name == "django_session" && s.Kind != sqlshape.Utility && s.Kind != sqlshape.Copy
}

func explainSession(d *docket, e *evidence) (finding.Finding, bool) {
	if e.child.Kind != sqlshape.Select || e.Units < sessionMin || d.sessionReads() != e.Ledger {
		return finding.Finding{}, false
	}
	led := d.allSessions(e.Units)
	led.Wasted, led.SavedTook = led.Calls, led.Took
	f := d.finding("django_session", led, e.child, nil)
	f.Message = "sessions are kept in the database: " + countsHere
	f.Relation = finding.Relation{Kind: "session"}
	f.Rewrites = []finding.Rewrite{
		{Title: "read sessions from the cache, write them through", Code: `SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"`},
		{Title: "write a session only when it has changed", Code: "SESSION_SAVE_EVERY_REQUEST = False"},
	}
	return f, true
}

// sessionReads is the ledger of the statement that reads most sessions; it
// speaks for all statements on the table.
func (d *docket) sessionReads() *profile.Ledger {
	var most *profile.Ledger
	for _, e := range d.cases {
		if pattern(e.Rule) == patSession && e.child.Kind == sqlshape.Select && (most == nil || e.Units > most.Units) {
			most = e.Ledger
		}
	}
	return most
}

// allSessions adds up what all statements on the table cost in units units.
func (d *docket) allSessions(units int64) *profile.Ledger {
	sum := &profile.Ledger{}
	perUnit := int64(0)
	for _, e := range d.cases {
		if pattern(e.Rule) == patSession {
			sum.Merge(e.Ledger)
			perUnit += e.MaxCalls
		}
	}
	sum.Units, sum.MaxCalls = units, perUnit
	return sum
}
