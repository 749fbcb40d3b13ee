package report

import (
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

const userColumns = `"auth_user"."id", "auth_user"."password", "auth_user"."last_login", "auth_user"."is_superuser", ` +
	`"auth_user"."username", "auth_user"."first_name", "auth_user"."last_name", "auth_user"."email", "auth_user"."is_staff", ` +
	`"auth_user"."is_active", "auth_user"."date_joined"`

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return t
}

// sampleReport has every part that a report can have.
func sampleReport() *finding.Report {
	users := `SELECT ` + userColumns + ` FROM "auth_user" LIMIT 100`
	profile := `SELECT "core_profile"."id", "core_profile"."user_id", "core_profile"."phone" FROM "core_profile" WHERE "core_profile"."user_id" = ? LIMIT 21`
	insert := `INSERT INTO "core_event" ("kind", "user_id", "at", "payload", "source") VALUES (?, ?, ?, ?, ?) RETURNING "core_event"."id"`
	return &finding.Report{
		Run: finding.Run{
			Inputs: []finding.Input{
				{Path: "app.log", Format: "postgres-stderr", Chain: "gzip → postgres stderr, prefix '%m  [%p] '", Statements: 23456, Skipped: 5, Untimed: 12, Took: 22700 * time.Millisecond},
				{Path: "old/broken.log.gz", Chain: "gzip", Problem: "unexpected end of the gzip data", Hint: "copy the file again, its end is missing"},
			},
			Statements: 23456, Units: 1287, ExactUnits: 12, Took: 22700 * time.Millisecond,
			Lost: finding.Lost{"units_closed_early": 3, "steps_dropped": 1200, "shapes_other": 0},
		},
		Endpoints: []finding.Endpoint{
			{Name: "GET /books/", Units: 212, Statements: 9000, Took: 9300 * time.Millisecond, Share: 0.41},
			{Name: "POST /api/v2/organisations/<uuid:organisation>/members/<int:member>/permissions/", Units: 1062, Statements: 13456, Took: 2345 * time.Millisecond, Share: 0.1033},
			{Name: "celery:core.tasks.send_mail", Units: 13, Statements: 1000},
		},
		Findings: []finding.Finding{
			{
				Key:  finding.Key{Rule: "n-plus-one", Subject: "core.Profile.user", Place: "GET /books/"},
				Code: "QP101", Severity: finding.Warning, Evidence: []finding.Evidence{finding.Observed}, Confidence: finding.Proven,
				Fingerprint: "0123456789abcdef",
				Message:     "auth_user → core_profile: one query per row, up to 100 in one unit of work",
				Notes:       []string{"relation auth_user.profile: from Django's naming (core_profile.user_id)", "units found by transactions and gaps"},
				Relation:    finding.Relation{Kind: "reverse_one_to_one", Field: "profile"},
				Parent:      finding.Statement{Table: "auth_user", SQL: users},
				Child:       finding.Statement{Table: "core_profile", SQL: profile},
				Cost:        finding.Cost{Units: 212, Calls: 8480, Wasted: 8268, Took: 9300 * time.Millisecond, Saved: 9100 * time.Millisecond, MaxCalls: 100},
				Share:       0.4097,
				Endpoints:   []string{"GET /books/", "GET /authors/", "GET /reports/yearly/", "GET /", "POST /export/", "celery:core.tasks.nightly"},
				Examples: []finding.Example{
					{Unit: "GET /books/", Calls: 100, Start: at("2026-11-22T10:01:02.345678Z"), End: at("2026-11-22T10:01:02.5Z"), Input: "app.log", Line: 120},
					{Calls: 3, Input: "app.log", Line: 99120},
				},
				Rewrites: []finding.Rewrite{
					{Title: "join the profile in the first query", Code: `User.objects.select_related("profile")`, Safe: true},
					{Title: "read only the column that is used", Code: `User.objects.values_list("profile__phone", flat=True)`},
				},
			},
			{
				Key:  finding.Key{Rule: "get-or-create-in-loop", Subject: "core_event"},
				Code: "QP404", Severity: finding.Error, Evidence: []finding.Evidence{finding.Observed, finding.Inferred}, Confidence: finding.Likely,
				Fingerprint: "fedcba9876543210",
				Message:     "core_event gets one row at a time, 500 in one unit of work",
				Child:       finding.Statement{Table: "core_event", SQL: insert},
				Cost:        finding.Cost{Units: 1, Calls: 500, Wasted: 499, Took: 740 * time.Millisecond, Saved: 400 * time.Millisecond, MaxCalls: 500},
				Share:       0.0326,
				Rewrites: []finding.Rewrite{{
					Title: "send all rows at once",
					Code: "Event.objects.bulk_create(\n    events, update_conflicts=True, unique_fields=[\"kind\", \"user_id\"], " +
						"update_fields=[\"at\", \"payload\", \"source\"],\n)",
				}},
			},
			{
				Key:  finding.Key{Rule: "wide-select", Subject: "auth_user"},
				Code: "QP201", Severity: finding.Note, Evidence: []finding.Evidence{finding.Observed}, Confidence: finding.Possible,
				Fingerprint: "00000000deadbeef",
				Message:     "auth_user is read with all its 11 columns",
				Child:       finding.Statement{Table: "auth_user", SQL: users},
				Cost:        finding.Cost{Units: 3, Calls: 9},
				Rewrites:    []finding.Rewrite{{Title: "read the columns that are used"}},
			},
		},
		Shapes: []finding.Shape{
			{SQL: profile, Calls: 8480, Took: 9300 * time.Millisecond},
			{SQL: `UPDATE "core_profile" SET "user_id" = ?, "phone" = ?, "street" = ?, "city" = ?, "country" = ? WHERE "core_profile"."id" IN (?, …) AND EXISTS (SELECT 1 FROM "core_lock" WHERE "core_lock"."id" = "core_profile"."id") AND "core_profile"."phone" LIKE '%…' AND NOT ("core_profile"."deleted" AND "core_profile"."archived" IS NOT NULL)`, Calls: 77, Took: 1234 * time.Millisecond},
			{SQL: insert, Calls: 500, Took: 740 * time.Millisecond},
			{SQL: "SELECT ?", Calls: 3, Took: time.Millisecond},
		},
	}
}

func samples() []*finding.Report {
	return []*finding.Report{sampleReport(), hostileReport(), manyInputs(), {}}
}

// hostileReport carries what a terminal, a script or a naive printer would
// trip over in every field that comes from outside.
func hostileReport() *finding.Report {
	evil := "a\x1b[31mb\nc\td\r\x07\u009b2J\u202eexe.\u2066x\u200b\x00\xff</script>\"'\\é日本語👩‍👩‍👧" + string(rune(0xe0041)) + "\u2028"
	long := strings.Repeat("very_long_name_", 20)
	f := finding.Finding{
		Key:  finding.Key{Rule: "n-plus-one", Subject: evil, Place: evil},
		Code: "QP101", Severity: finding.Warning, Evidence: []finding.Evidence{finding.Evidence(evil)}, Confidence: finding.Likely,
		Fingerprint: evil, Message: evil, Notes: []string{evil},
		Relation:  finding.Relation{Kind: evil, Field: evil},
		Parent:    finding.Statement{Table: evil, SQL: "SELECT " + evil + ", b, c, d, e FROM " + long},
		Child:     finding.Statement{Table: evil, SQL: strings.Repeat("(", 300) + strings.Repeat(`日本語, `, 300) + evil},
		Cost:      finding.Cost{Units: 1, Calls: 1, Took: 1},
		Endpoints: []string{evil, long + evil}, Examples: []finding.Example{{Unit: evil, Input: evil + long, Line: 1}},
		Rewrites: []finding.Rewrite{{Title: evil, Code: evil + "\n" + `X.objects.only("` + long + `")`}},
	}
	return &finding.Report{
		Run: finding.Run{
			Inputs:     []finding.Input{{Path: evil + long, Format: evil, Chain: evil, Statements: 1, Problem: evil, Hint: evil, Detected: evil, Expected: evil, Samples: []string{evil}, Lines: []finding.BadLine{{Msg: evil}}, Left: evil}},
			Statements: 1, Units: 1, Took: 1, Lost: finding.Lost{evil: 1},
		},
		Endpoints: []finding.Endpoint{{Name: long + evil, Units: 1, Statements: 1, Took: 1, Share: 1}, {Name: strings.Repeat("日本語", 30)}},
		Findings:  []finding.Finding{f},
		Shapes:    []finding.Shape{{SQL: evil + long, Calls: 1, Took: 1}},
	}
}
