package work

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// A role is what a shape means for cutting units.
type role uint8

const (
	plain  role = iota
	noise       // transaction control, connection set-up, cursor traffic
	marker      // what a request begins with
	check       // SELECT 1: a health check, both a marker and noise
)

// markerTables are read first in a request by Django's session and
// authentication backends, by the column that holds the client's key.
var markerTables = map[string]string{
	"django_session":              "session_key",
	"authtoken_token":             "key",
	"oauth2_provider_accesstoken": "token",
	"knox_authtoken":              "digest",
	"user_sessions_session":       "session_key",
}

func roleOf(s *sqlshape.Shape) role {
	switch s.Kind {
	case sqlshape.Begin, sqlshape.Commit, sqlshape.Rollback, sqlshape.Savepoint,
		sqlshape.Setting, sqlshape.Fetch, sqlshape.Close:
		return noise
	case sqlshape.Select:
		if s.Text == "SELECT 1" { // CONN_HEALTH_CHECKS, Django 4.1
			return check
		}
		if isMarker(s) {
			return marker
		}
		if len(s.Tables) == 0 && len(s.Reads) == 0 && isProbe(s.Text) {
			return noise
		}
	}
	return plain
}

// isMarker reports whether the statement loads a session or token by its key.
// Checking that a new key is free (SELECT 1 … at login) is not that.
func isMarker(s *sqlshape.Shape) bool {
	if s.Exists || len(s.Tables) == 0 || len(s.Columns) == 0 {
		return false
	}
	key, ok := markerTables[s.Tables[0].Name]
	return ok && slices.ContainsFunc(s.Where, func(p sqlshape.Predicate) bool {
		return p.Column.Name == key && p.Op == "="
	})
}

// isProbe reports whether a statement without tables is what drivers and
// pools ask a server about itself.
func isProbe(text string) bool {
	low := strings.ToLower(text)
	for _, p := range []string{"select version()", "select set_config(", "select pg_backend_pid()", "select current_setting(", "select pg_is_in_recovery()", "select current_schema"} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return false
}
