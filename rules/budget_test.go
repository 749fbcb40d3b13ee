package rules_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/rules"
)

func TestParseBudget(t *testing.T) {
	tests := []struct {
		in, wrong string // wrong: part of the error
		want      rules.Budget
	}{
		{in: "GET /books/=queries:12,ms:80,rows:5000", want: rules.Budget{Pattern: "GET /books/", Queries: 12, Rows: 5000, Took: 80 * time.Millisecond}},
		{in: "/a/?b=c=ms:0.5", want: rules.Budget{Pattern: "/a/?b=c", Took: 500 * time.Microsecond}},
		{in: " test:a.py::t* = queries: 3 , rows: 4 ", want: rules.Budget{Pattern: "test:a.py::t*", Queries: 3, Rows: 4}},
		{in: "", wrong: "is not ENDPOINT=LIMITS"},
		{in: "/a/", wrong: "is not ENDPOINT=LIMITS"},
		{in: "=queries:3", wrong: "is not ENDPOINT=LIMITS"},
		{in: " =queries:3", wrong: "names no endpoint"},
		{in: "/a/=", wrong: "not LIMIT:NUMBER"},
		{in: "/a/=queries", wrong: "not LIMIT:NUMBER"},
		{in: "/a/=queries:3,queries:3", wrong: "there twice"},
		{in: "/a/=queries:0", wrong: "a number above 0"},
		{in: "/a/=queries:-1", wrong: "a number above 0"},
		{in: "/a/=queries:1.5", wrong: "a number above 0"},
		{in: "/a/=queries:many", wrong: "a number above 0"},
		{in: "/a/=ms:NaN", wrong: "a number above 0"},
		{in: "/a/=ms:Inf", wrong: "a number above 0"},
		{in: "/a/=ms:1000000001", wrong: "a number above 0"},
		{in: "/a/=ms:1000000000", want: rules.Budget{Pattern: "/a/", Took: 1_000_000_000 * time.Millisecond}},
		{in: "/a/=seconds:3", wrong: "no such limit"},
	}
	for _, tt := range tests {
		b, err := rules.ParseBudget(tt.in)
		switch {
		case tt.wrong == "" && (err != nil || b != tt.want):
			t.Errorf("%q: got %+v, %v", tt.in, b, err)
		case tt.wrong != "" && (err == nil || !strings.Contains(err.Error(), tt.wrong)):
			t.Errorf("%q: got %+v, error %v, want %q", tt.in, b, err, tt.wrong)
		}
	}
}

func TestBudgetPatterns(t *testing.T) {
	tests := []struct {
		patterns string // the number in order is the budget
		name     string
		want     int64 // 0: none
	}{
		{"/a/", "/a/", 1},
		{"/a/", "/a/b", 0},
		{"/a*", "/a/b/c/", 1},
		{"/a*c/", "/a/b/c/", 1},
		{"/a*c/", "/ac/", 1},
		{"/a/*/a/", "/a/", 0}, // the two ends must not share text
		{"*b*", "/a/b/c/", 1},
		{"*b*b*", "/a/b/c/", 0},
		{"*<int:pk>/", "/books/<int:pk>/", 1},
		{"/b[o]oks/ /b?oks/", "/books/", 0}, // only * is special
		{"/a/ /a*", "/a/", 1},
		{"/a* /a/", "/a/", 1},
		{"default /a*", "/a/", 2},
		{"* /a*", "/a/", 2},
		{"/b* default", "/a/", 2},
		{"* default", "/a/", 1},
		{"default", "(other)", 0},
		{"(other)", "(other)", 0},
	}
	for _, tt := range tests {
		var budgets []rules.Budget
		for i, p := range strings.Split(tt.patterns, " ") {
			budgets = append(budgets, rules.Budget{Pattern: p, Queries: int64(i + 1)})
		}
		if got := rules.LimitOf(tt.name, budgets); got != (profile.Limit{Queries: tt.want}) {
			t.Errorf("%s of %q: got %d, want %d", tt.name, tt.patterns, got.Queries, tt.want)
		}
	}
}

// A request of three statements, each once.
const three = `
-- GET /books/ × 4
1 ms       SELECT "library_book"."id", "library_book"."title" FROM "library_book" ORDER BY 2 ASC LIMIT 20
1 ms       SELECT COUNT(*) AS "__count" FROM "library_author"
1 ms       SELECT COUNT(*) AS "__count" FROM "library_tag"
`

// budgeted returns the over-budget findings of a log.
func budgeted(t *testing.T, capture, budget string, by ties) []finding.Finding {
	t.Helper()
	b, err := rules.ParseBudget(budget)
	if err != nil {
		t.Fatal(err)
	}
	found := check(t, capture, analyzer.Config{Budgets: []rules.Budget{b}}, by).Findings
	return slices.DeleteFunc(found, func(f finding.Finding) bool { return f.Code != "QP601" })
}

func TestBudgets(t *testing.T) {
	slow := strings.ReplaceAll(three, "1 ms ", "30 ms ")
	tests := []struct {
		name, capture, budget string
		by                    ties
		want                  string // "": no finding
		sure                  finding.Confidence
		cost                  finding.Cost
	}{
		{"at the budget", three, "/books/=queries:3", byID, "", 0, finding.Cost{}},
		{
			"one beyond", three, "/books/=queries:2", byID, "/books/ ran 3 queries in one request, 1 over its budget of 2 (4 of 4 are over it)",
			finding.Proven,
			finding.Cost{Units: 4, Calls: 4, MaxCalls: 3, Took: 4 * time.Millisecond},
		},
		{
			"no name", three, "default=queries:2", byConnection,
			"SELECT library_book … ran 3 queries in one unit of work, 1 over its budget of 2 (4 of 4 are over it)",
			finding.Possible,
			finding.Cost{Units: 4, Calls: 4, MaxCalls: 3, Took: 4 * time.Millisecond},
		},
		{
			"time beyond noise", slow, "/books/=ms:80", byID,
			"/books/ took 90 ms in one request on average, 10 ms over its budget of 80 ms (mean of 4, at least 90 ms beyond noise)",
			finding.Likely,
			finding.Cost{Units: 4, Took: 40 * time.Millisecond},
		},
		{"time at the budget", slow, "/books/=ms:90", byID, "", 0, finding.Cost{}},
		{"time of two", strings.ReplaceAll(slow, "× 4", "× 2"), "/books/=ms:80", byID, "", 0, finding.Cost{}},
		{
			"time within noise", slow + strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(slow), "30 ms ", "60 ms "), "× 4", "× 1"), "/books/=ms:80", byID,
			"", 0,
			finding.Cost{},
		},
		{
			"both", slow, "/books/=queries:2,ms:80", byID,
			"/books/ ran 3 queries in one request, 1 over its budget of 2 (4 of 4 are over it), and it took 90 ms in one request on average, " +
				"10 ms over its budget of 80 ms (mean of 4, at least 90 ms beyond noise)",
			finding.Proven,
			finding.Cost{Units: 4, Calls: 4, MaxCalls: 3, Took: 120 * time.Millisecond},
		},
		{"rows that the log does not tell", three, "/books/=rows:1", byID, "", 0, finding.Cost{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := budgeted(t, tt.capture, tt.budget, tt.by)
			if tt.want == "" {
				if len(found) > 0 {
					t.Errorf("got %s", found[0].Message)
				}
				return
			}
			if len(found) != 1 {
				t.Fatalf("%d findings", len(found))
			}
			f := found[0]
			if f.Message != tt.want || f.Confidence != tt.sure || f.Cost != tt.cost {
				t.Errorf("\n got %s\nwant %s\n got %v %+v\nwant %v %+v", f.Message, tt.want, f.Confidence, f.Cost, tt.sure, tt.cost)
			}
			if len(f.Examples) != 1 || f.Examples[0].Line == 0 || f.Examples[0].Input == "" || f.Place != "" || f.Fingerprint == "" || f.Share == 0 {
				t.Errorf("example %+v, key %+v, share %v", f.Examples, f.Key, f.Share)
			}
		})
	}
}

// Where no id marks requests, several of one endpoint on a kept connection may
// look like one: that is only possible.
func TestBudgetOfMergedRequests(t *testing.T) {
	const comment = ` /*controller='books',framework='django%3A5.2',route='books%2F'*/`
	log := func(times int) string {
		w := &logWriter{now: time.Date(2026, 1, 12, 9, 0, 0, 0, time.UTC), pid: 7}
		for n := range times {
			for _, sql := range []string{
				`SELECT "library_book"."id" FROM "library_book" LIMIT 20`, `SELECT COUNT(*) FROM "library_author"`, `SELECT COUNT(*) FROM "library_tag"`,
			} {
				w.statement(run{sql: sql, ms: 1, times: 1}, n, comment)
			}
		}
		path := filepath.Join(t.TempDir(), "postgresql.log")
		if err := os.WriteFile(path, []byte(w.out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for times, want := range map[int]finding.Confidence{1: finding.Likely, 3: finding.Possible} {
		c := analyzer.Config{Paths: []string{log(times)}, Budgets: []rules.Budget{{Pattern: "/books/", Queries: 2}}}
		r, err := analyzer.Run(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(r.Findings, func(f finding.Finding) bool { return f.Code == "QP601" })
		if i < 0 || r.Findings[i].Confidence != want {
			t.Errorf("%d requests: got %+v, want a finding that is %v", times, r.Findings, want)
		}
	}
}
