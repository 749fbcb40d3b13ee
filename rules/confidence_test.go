package rules_test

import (
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

// A sureness is how sure a finding has to be, and a note that says why.
type sureness struct {
	name, capture string
	by            ties
	want          finding.Confidence
	note          string
}

// TestConfidence checks what docs/cost.md says of trust and confidence, and
// that findings say truly how their units were found.
func TestConfidence(t *testing.T) {
	const (
		ids     = "units come from ids in the log"
		markers = "units are cut at session reads, health checks or transactions"
		fair    = "units are connections, or what follows one statement closely"
		loose   = "only the time between the queries says that they are one loop"
		naming  = "relation known from Django's naming of tables and columns"
	)
	joined := `SELECT "library_book"."id", "library_author"."id", "library_author"."name" FROM "library_book" INNER JOIN "library_author" ON ("library_book"."author_id" = "library_author"."id") WHERE "library_book"."id" = 3 LIMIT 21`
	fromList := unit(books, often(12, author))
	body := unit(books, often(12, `SELECT "library_book"."id", "library_book"."body" FROM "library_book" WHERE "library_book"."id" = {n} LIMIT 21`))
	for _, c := range []sureness{
		{"ids and naming", fromList, byID, finding.Likely, naming},
		{"ids", fromList, byID, finding.Likely, ids},
		{"ids and a join elsewhere", "-- GET /y/\n1 ms " + joined + "\n" + fromList, byID, finding.Proven, "relation known from a join in the log"},
		{"ids and columns", body, byID, finding.Proven, ids},
		{"a connection", fromList, byConnection, finding.Likely, fair},
		{"a connection and columns", body, byConnection, finding.Likely, fair},
		{"a kept connection, a list before", fromList, byNothing, finding.Likely, fair},
		{"a kept connection, one transaction", unit("BEGIN", often(12, addTag), "COMMIT"), byNothing, finding.Likely, markers},
		{"a kept connection, a session read", unit(session, often(12, getBook)), byNothing, finding.Likely, markers},
		{"a kept connection and nothing else", unit(often(12, getBook)), byNothing, finding.Possible, loose},
		{"writes on a kept connection and nothing else", unit(often(12, addTag)), byNothing, finding.Possible, loose},
		{"slower rounds on a kept connection, a list before", unit(books, often(12, author), "+ 30 ms "+nothing), byNothing, finding.Possible, loose},
		{"slower rounds on a connection, no list", unit(often(12, getBook), "+ 30 ms "+nothing), byConnection, finding.Possible, loose},
		{"a probe, ids", unit(count, reviews), byID, finding.Likely, ids},
		{"a probe, a connection", unit(count, reviews), byConnection, finding.Likely, fair},
		{"read again, ids", unit(setting, books, setting), byID, finding.Likely, ids},
		{"slow, once", unit(took(700, reviews)), byNothing, finding.Likely, ""},
		{"slow, twice", unit(took(700, reviews), took(700, reviews)), byNothing, finding.Proven, ""},
		{"wide", unit("SELECT " + columns("shop_wide", 20) + ` FROM "shop_wide" LIMIT 50`), byID, finding.Possible, "a log does not show which columns the code uses"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, analyzer.Config{}) })
	}
}

func (c sureness) check(t *testing.T, config analyzer.Config) {
	t.Helper()
	found := check(t, c.capture, config, c.by).Findings
	if len(found) != 1 {
		t.Fatalf("%d findings:\n%s", len(found), join(lines(found)))
	}
	f := found[0]
	if f.Confidence != c.want {
		t.Errorf("confidence is %d, want %d", f.Confidence, c.want)
	}
	for _, n := range f.Notes {
		if n == c.note {
			return
		}
	}
	if c.note != "" {
		t.Errorf("no note says %q: %q", c.note, f.Notes)
	}
}
