package analyzer_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/rules"
)

// A real run's report, read back, is written with the same bytes.
func TestReadBack(t *testing.T) {
	configs := map[string]analyzer.Config{
		"log":     {Paths: []string{filepath.Join(logs, "talk.log")}},
		"schema":  {Paths: []string{filepath.Join(logs, "comments")}, Schema: filepath.Join(logs, "schema.sql")},
		"budgets": {Paths: []string{filepath.Join(logs, "comments")}, Budgets: []rules.Budget{{Pattern: "default", Queries: 2, Rows: 1, Took: 1}, {Pattern: "/no/"}}},
	}
	if analyzer.ReadsSource {
		configs["source"] = analyzer.Config{Paths: []string{filepath.Join(logs, "comments")}, Source: filepath.Join("..", "testdata", "django")}
		configs["source alone"] = analyzer.Config{Source: filepath.Join("..", "testdata", "django")}
	}
	for name, c := range configs {
		t.Run(name, func(t *testing.T) {
			r := run(t, c)
			if len(r.Findings) == 0 {
				t.Fatal("no finding")
			}
			var want, got bytes.Buffer
			if err := report.JSON(&want, r); err != nil {
				t.Fatal(err)
			}
			back, err := report.Read(bytes.NewReader(want.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := report.JSON(&got, back); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Error(diff(want.String(), got.String()))
			}
		})
	}
}
