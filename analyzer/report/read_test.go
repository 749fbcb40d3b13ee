package report

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// goldenReports are the JSON reports among the golden files.
func goldenReports(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.json.golden")
	if err != nil || len(paths) < 4 {
		t.Fatalf("%d reports, %v", len(paths), err)
	}
	return paths
}

// A report that is read and written again has the same bytes.
func TestReadBack(t *testing.T) {
	for _, path := range goldenReports(t) {
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(want, []byte(`"kind": "`+deltaKind+`"`)) {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) { readBack(t, want) })
	}
	t.Run("every field", func(t *testing.T) {
		var b bytes.Buffer
		if err := JSON(&b, fullReport()); err != nil {
			t.Fatal(err)
		}
		readBack(t, b.Bytes())
	})
}

func readBack(t *testing.T, want []byte) {
	t.Helper()
	// With a mark of byte order, as some editors put it there.
	r, err := Read(strings.NewReader("\ufeff" + string(want)))
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := JSON(&got, r); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		was, is := strings.Split(string(want), "\n"), strings.Split(got.String(), "\n")
		for i := range min(len(was), len(is)) {
			if was[i] != is[i] {
				t.Fatalf("line %d\n got %.300s\nwant %.300s", i+1, is[i], was[i])
			}
		}
		t.Errorf("%d lines, want %d", len(is), len(was))
	}
}

// fullReport has what the other samples have not.
func fullReport() *finding.Report {
	r := sampleReport()
	f := &r.Findings[0]
	f.Location = source.Span{Path: "app/views.py", Line: 3, Column: 5, EndLine: 3, EndColumn: 20}
	f.Function, f.Place = "books", "app/views.py:books"
	f.Related = []finding.Related{{Span: f.Location, Message: "here"}}
	f.Rewrites[0].Edits = []finding.Edit{{Span: f.Location, Text: "x"}}
	quiet := r.Findings[1]
	quiet.Suppression = &finding.Suppression{Kind: finding.InSource, Reason: "old", Place: f.Location}
	r.Suppressed = []finding.Finding{quiet}
	r.Stale = []finding.Known{{Key: finding.Key{Rule: "n-plus-one", Subject: "a.B.c", Place: "x.py:f"}, Code: "QP101", Fingerprint: "77"}}
	r.Endpoints[0] = finding.Endpoint{
		Name: "GET /", Named: true, Units: 4, ExactUnits: 3, Statements: 9, Queries: 8, Took: time.Second, Share: 0.5, Rows: 7, RowsKnown: true,
		MaxQueries: 3, MaxRows: 5, MaxTook: 400 * time.Millisecond, Spread: 12345 * time.Microsecond,
	}
	r.Run.IdleBudgets = []string{"GET /bookz/"}
	r.Run.Source = &finding.Source{
		Root: ".", Files: 3, Bytes: 99, Models: 2, Queries: 4, Fetches: 5, Django: "5.2", DjangoOrigin: "uv.lock", AutoPrefetch: true,
		Skipped: []source.Skip{{Span: source.Span{Path: "a.py", Line: 7}, Msg: "no Python"}}, Unknown: []string{"b.py:1 B: why"},
		Lost: finding.Lost{"source_steps": 1},
	}
	return r
}

func TestReadErrors(t *testing.T) {
	const head = "{\n  \"schema_version\": 1,\n  "
	tests := []struct{ name, in, want string }{
		{"empty", " \n", "empty: expected ormlint's JSON report"},
		{"utf-16", "\xff\xfe{\x00", "UTF-16: expected UTF-8, as --output json=PATH writes it"},
		{"html", "<html>secret</html>", "line 1, column 1: not JSON: unexpected character looking for beginning of value"},
		{"text", "{\n  \"a\": secret\n}", "line 2, column 8: not JSON: unexpected character looking for beginning of value"},
		{"array", "[]", "line 1, column 1: expected an object, got an array"},
		{"null", "null", "line 1, column 1: JSON, but no report of ormlint: schema_version is missing"},
		{"other JSON", `{"results": []}`, "line 1, column 1: JSON, but no report of ormlint: schema_version is missing"},
		{"newer", `{"schema_version": 2, "findings": {}}`, "made by a newer ormlint (schema version 2; this one reads 1)"},
		{"diff", `{"schema_version": 1, "kind": "diff"}`, "a comparison, as ormlint diff writes it, and no report"},
		{"no version", `{"schema_version": "1"}`, "line 1, column 20: schema_version: expected a number above 0"},
		{"version 0", `{"schema_version": 0}`, "line 1, column 20: schema_version: expected a number above 0"},
		{"cut off", head + "\"run\": {\"sta", "line 3, column 15: the report ends in the middle: it was not written whole"},
		{"more behind", head + "\"run\": {}}\nmore", "line 4, column 1: not JSON: unexpected character after top-level value"},
		{"type", head + "\"findings\": [{\"cost\": {\"units\": \"é\"}}]}", "line 3, column 37: findings.cost.units: expected a number, got a string"},
		{"fraction", head + "\"run\": {\"units\": 1.5}}", "line 3, column 22: run.units: expected a number, got a number that does not fit"},
		{"negative", head + "\"endpoints\": [{}, {\"units\": -5}]}", "line 3, column 31: endpoints[1].units: expected a number from 0"},
		{"time", head + "\"run\": {\"total_ms\": 1e300}}", "line 3, column 23: run.total_ms: expected milliseconds from 0"},
		{"severity", head + `"findings": [{"code": "c", "rule": "r", "fingerprint": "f", "severity": "hot", "confidence": "likely"}]}`, "line 3, column 75: findings[0].severity: expected note, warning or error"},
		{"confidence", head + `"suppressed": [{"code": "c", "rule": "r", "fingerprint": "f", "severity": "note"}]}`, "line 3, column 18: suppressed[0].confidence: expected possible, likely or proven"},
		{"key", head + `"findings": [{"severity": "note", "confidence": "likely"}]}`, "line 3, column 16: findings[0]: expected code, rule and fingerprint"},
		{
			"clock", head + `"findings": [{"code": "c", "rule": "r", "fingerprint": "f", "severity": "note", "confidence": "likely", "examples": [{"start": "noon"}]}]}`,
			"line 3, column 130: findings[0].examples[0].start: expected a time like 2026-11-22T10:00:00Z",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r, err := Read(strings.NewReader(tt.in))
			var bad *ReadError
			if !errors.As(err, &bad) || r != nil {
				t.Fatalf("got %v, %v", r, err)
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestReadFailingReader(t *testing.T) {
	broken := errors.New("the disk is gone")
	if _, err := Read(&failing{broken}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

type failing struct{ err error }

func (f *failing) Read([]byte) (int, error) { return 0, f.err }

// Whatever is read either fails with a place or can be written again, after
// which nothing changes any more.
func FuzzRead(f *testing.F) {
	for _, path := range goldenReports(f) {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"schema_version":1,"endpoints":null,"run":{"source":{},"lost":{"a":-1}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		var once bytes.Buffer
		if err := JSON(&once, r); err != nil {
			t.Fatal(err)
		}
		readBack(t, once.Bytes())
	})
}
