package config

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/rules"
)

// whole sets every key.
const whole = `select = ["QP1", "slow-query"]
ignore = ["QP105"]
fail-on = "error"
min-calls = 1_2
source = "backend"
source-roots = ["backend"]
source-tests = true
django-version = "5.2.1"
schema = "schema.sql"
baseline = "known.json"
strict-baseline = true
severity = {QP1 = "note", n-plus-one = "error"}
[per-file-ignores]
"legacy/**" = ["QP101"]
'"x".py' = []
[thresholds]
slow-query-ms = 800
unbounded-ms = 0x10
unbounded-rows = 3
wide-select-columns = 4
wide-update-columns = 5
[path-map]
'C:\app' = "backend"
[budgets]
default = {queries = 50}
"GET /books/*" = {queries = 12, ms = 80.5, rows = 5000}
"POST /".ms = 90
`

func wholeSettings() Settings {
	return Settings{
		Select: []string{"QP1", "slow-query"}, Ignore: []string{"QP105"}, FailOn: "error", MinCalls: 12,
		Source: "backend", SourceRoots: []string{"backend"}, SourceTests: true, DjangoVersion: "5.2.1",
		Schema: "schema.sql", Baseline: "known.json", StrictBaseline: true,
		PerFileIgnores: []FileIgnores{{"legacy/**", []string{"QP101"}}, {`"x".py`, []string{}}},
		Severity:       []RuleSeverity{{"QP1", finding.Note}, {"n-plus-one", finding.Error}},
		Thresholds:     rules.Thresholds{SlowQueryMS: 800, UnboundedMS: 16, UnboundedRows: 3, WideSelectColumns: 4, WideUpdateColumns: 5},
		PathMap:        []PathMap{{`C:\app`, "backend"}},
		Budgets: []rules.Budget{
			{Pattern: "GET /books/*", Queries: 12, Rows: 5000, Took: 80*time.Millisecond + 500*time.Microsecond},
			{Pattern: "POST /", Took: 90 * time.Millisecond},
			{Pattern: rules.DefaultBudget, Queries: 50},
		},
	}
}

func TestLoad(t *testing.T) {
	want := wholeSettings()
	for i := range reflect.TypeFor[Settings]().NumField() {
		if reflect.ValueOf(want).Field(i).IsZero() {
			t.Errorf("the example does not set %s", reflect.TypeFor[Settings]().Field(i).Name)
		}
	}
	byName := map[string]string{"ormlint.toml": whole, pyproject: "[project]\nname = \"x\"\n[tool.ormlint]\n" + inTool(whole)}
	for name, text := range byName {
		f, err := load(t, name, text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !reflect.DeepEqual(f.Settings, want) {
			t.Errorf("%s: got\n%+v\nwant\n%+v", name, f.Settings, want)
		}
	}
	if err := compiled(t).Validate(instance(t, whole)); err != nil {
		t.Errorf("the schema refuses it: %v", err)
	}
	// Windows and some editors.
	f, err := load(t, "ormlint.toml", "\uFEFF"+strings.ReplaceAll(whole, "\n", "\r\n"))
	if err != nil || !reflect.DeepEqual(f.Settings, want) {
		t.Errorf("with CRLF and a byte order mark: %v", err)
	}
	if f, err := load(t, "ormlint.toml", ""); err != nil || !reflect.DeepEqual(f.Settings, Default()) {
		t.Errorf("an empty file: %v", err)
	}
}

func inTool(text string) string { return strings.ReplaceAll(text, "\n[", "\n[tool.ormlint.") }

// TestWriteTOML: what is shown is a file that says the same.
func TestWriteTOML(t *testing.T) {
	for _, s := range []Settings{wholeSettings(), Default()} {
		var b bytes.Buffer
		if err := WriteTOML(&b, &s, func(key string) string { return "from " + key + "\n\x1b\u202e" }); err != nil {
			t.Fatal(err)
		}
		if bytes.ContainsAny(b.Bytes(), "\x1b\u202e") {
			t.Errorf("control characters in\n%q", b.String())
		}
		f, err := load(t, "ormlint.toml", b.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, b.String())
		}
		if !reflect.DeepEqual(f.Settings, s) {
			t.Errorf("got\n%+v\nwant\n%+v", f.Settings, s)
		}
	}
}

func TestSeverities(t *testing.T) {
	s := Settings{Severity: []RuleSeverity{{"QP101", finding.Error}, {"QP", finding.Note}, {"QP10", finding.Warning}}}
	got := s.Severities()
	for code, want := range map[string]finding.Severity{"QP101": finding.Error, "QP102": finding.Warning, "QP201": finding.Note} {
		if got[code] != want {
			t.Errorf("%s: got %v, want %v", code, got[code], want)
		}
	}
}

// badFiles are files with one mistake each. blind: JSON Schema cannot say it.
var badFiles = []struct {
	text, want string
	blind      bool
}{
	{text: `selct = []`, want: `1:1: unknown key "selct" (did you mean select)`},
	{text: `nonsense = 1`, want: `1:1: unknown key "nonsense" (one of select, ignore, fail-on, min-calls, source, source-roots, source-tests, django-version, schema, baseline, strict-baseline, per-file-ignores, severity, thresholds, path-map, budgets)`},
	{text: `select = "QP1"`, want: `1:10: select: expected a list, each item the code or name of a rule, found a string`},
	{text: `select = []`, want: `1:10: select: expected a list, each item the code or name of a rule, found an empty one (leave the key out instead)`},
	{text: "select = [\n  \"QP101\", # so\n  'qp999',\n]", want: `3:3: select: no rule "qp999" (ormlint rules lists them)`},
	{text: `select = [["QP1"]]`, want: `1:10: select: expected the code or name of a rule, found a list`},
	{text: `ignore = ["n-plus-on"]`, want: `1:11: ignore: no rule "n-plus-on" (did you mean n-plus-one)`},
	{text: `ignore = [""]`, want: `1:11: ignore: expected the code or name of a rule, found an empty string`},
	{text: `fail-on = "warn"`, want: `1:11: fail-on: unknown severity "warn" (did you mean warning)`},
	{text: `fail-on = 2`, want: `1:11: fail-on: expected one of note, warning, error, never, found 2`},
	{text: `min-calls = 0`, want: `1:13: min-calls: expected a whole number from 1, found 0`},
	{text: `min-calls = "5"`, want: `1:13: min-calls: expected a whole number from 1, found a string`},
	{text: `min-calls = 1000000001`, want: `1:13: min-calls: expected a whole number up to 1000000000, found 1000000001`},
	{text: `min-calls = 5.5`, want: `1:13: min-calls: expected a whole number from 1, found 5.5`},
	{text: `source = true`, want: `1:10: source: expected a path, found true`},
	{text: `source = ""`, want: `1:10: source: expected a path, found an empty string`},
	{text: `source = "frontend"`, want: `1:10: source: there is no frontend (paths are relative to the folder of this file)`, blind: true},
	{text: `source = "schema.sql"`, want: `1:10: source: schema.sql is not a folder`, blind: true},
	{text: `source-roots = "backend"`, want: `1:16: source-roots: expected a list, each item a folder, found a string`},
	{text: `source-roots = ["backend", "a"]`, want: `1:28: source-roots: there is no a (paths are relative to the folder of this file)`, blind: true},
	{text: `source-tests = "true"`, want: `1:16: source-tests: expected true or false, found a string`},
	{text: `django-version = "newest"`, want: `1:18: django-version: expected a version of Django such as "5.2", found "newest"`},
	{text: `django-version = 5.2`, want: `1:18: django-version: expected a version of Django such as "5.2", found 5.2`},
	{text: `schema = "backend"`, want: `1:10: schema: backend is a folder`, blind: true},
	{text: `baseline = {}`, want: `1:12: baseline: expected a path, found a table`},
	{text: `strict-baseline = 1979-05-27`, want: `1:19: strict-baseline: expected true or false, found a date or time`},
	{text: `per-file-ignores = ["a"]`, want: `1:20: per-file-ignores: expected a table of globs with lists of rules, found a list`},
	{text: "[per-file-ignores]\n\"é\" = 'QP1'", want: `2:7: per-file-ignores."é": expected a list, each item the code or name of a rule, found a string`},
	{text: "[per-file-ignores]\n'a[' = ['QP1']", want: `2:1: per-file-ignores: "a[" is no glob (as in app/**/*.py)`, blind: true},
	{text: "[per-file-ignores]\n'/a' = ['QP1']", want: `2:1: per-file-ignores: "/a" begins with a slash (globs are relative to the folder of this file)`, blind: true},
	{text: "[severity]\nn-plus-one = 'fatal'", want: `2:14: severity.n-plus-one: unknown severity "fatal" (one of note, warning, error)`},
	{text: "[severity]\nn-plus-two = 'note'\nn-plsu-one = 'note'", want: "2:1: severity: no rule \"n-plus-two\" (ormlint rules lists them)\n3:1: severity: no rule \"n-plsu-one\" (did you mean n-plus-one)"},
	{text: "[severity]\nn-plus-one = 'note'\nQP101 = 'note'", want: `3:1: severity.QP101: line 2 has a severity for it already`, blind: true},
	{text: "[thresholds]\nslow-query = 5", want: `2:1: thresholds: unknown key "slow-query" (did you mean slow-query-ms)`},
	{text: "slow-query-ms = 5", want: `1:1: unknown key "slow-query-ms" (it stands in [thresholds])`},
	{text: "[thresholds]\nslow-query-ms = -5", want: `2:17: thresholds.slow-query-ms: expected a whole number from 1, found -5`},
	{text: "thresholds = 5", want: `1:14: thresholds: expected a table of numbers, found 5`},
	{text: "[[thresholds]]\nslow-query-ms = 5", want: `1:3: thresholds: expected a table of numbers, found a list`},
	{text: "[path-map]\n'/app' = ['backend']", want: `2:10: path-map."/app": expected a path, found a list`},
	{text: "[path-map]\n'' = 'backend'", want: `2:1: path-map: expected a folder as logs write it, found an empty key (as in "/app" = "backend")`},
	{text: "[budgets]\ndefault = 50", want: `2:11: budgets.default: expected a table such as {queries = 20, ms = 100, rows = 5000}, found 50`},
	{text: "[budgets.default]", want: `1:10: budgets.default: expected a table such as {queries = 20, ms = 100, rows = 5000}, found no limit`},
	{text: "[budgets.default]\nquery = 5", want: `2:1: budgets.default: unknown key "query" (one of queries, rows, ms)`},
	{text: "[budgets]\ndefault.queries = 1.5", want: `2:19: budgets.default.queries: expected a whole number from 1, found 1.5`},
	{text: "[budgets]\ndefault.ms = 0.0", want: `2:14: budgets.default.ms: expected a number of milliseconds above 0, found 0.0`},
	{text: "[budgets]\n' ' = {ms = 1}", want: `2:1: budgets: expected the name of an endpoint, found an empty key (as in "GET /books/*")`},
	{text: "[tool.ormlint2]", want: `1:2: unknown key "tool" (keys stand at the top of ormlint.toml, or in [tool.ormlint] of pyproject.toml)`},
}

func TestBadFiles(t *testing.T) {
	schema := compiled(t)
	for _, c := range badFiles {
		_, err := load(t, "ormlint.toml", c.text)
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%s\ngot %v, want %s", c.text, err, c.want)
			continue
		}
		var lines []string
		for i, p := range bad.Problems {
			line := strings.TrimPrefix(bad.Line(i), bad.Path+":")
			if p.Hint != "" {
				line += " (" + p.Hint + ")"
			}
			lines = append(lines, line)
		}
		if got := strings.Join(lines, "\n"); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.text, got, c.want)
		}
		if err := schema.Validate(instance(t, c.text)); (err == nil) != c.blind {
			t.Errorf("%s\nthe schema says %v, but %s", c.text, err, c.want)
		}
	}
}

func TestLimits(t *testing.T) {
	text := strings.Repeat("#", fileBytes)
	if _, err := load(t, "ormlint.toml", text); err != nil {
		t.Errorf("a file of %d bytes: %v", len(text), err)
	}
	_, err := load(t, "ormlint.toml", text+"#")
	if err == nil || !strings.HasSuffix(err.Error(), "ormlint.toml: cannot be read: larger than 1 MiB") {
		t.Errorf("one byte more: %v", err)
	}
	for n, want := range map[int]int{problemMax: problemMax, problemMax + 1: problemMax + 1, problemMax + 30: problemMax + 1} {
		var b strings.Builder
		for i := range n {
			b.WriteString("key" + strings.Repeat("x", i) + " = 1\n")
		}
		_, err := load(t, "ormlint.toml", b.String())
		var bad *Error
		if !errors.As(err, &bad) || len(bad.Problems) != want {
			t.Errorf("%d mistakes: %d told, want %d", n, len(bad.Problems), want)
		}
	}
	for _, deep := range []string{"select = " + strings.Repeat("[", 100_000), "a = " + strings.Repeat("{a=", 9_000)} {
		if _, err := load(t, "ormlint.toml", deep); err == nil {
			t.Error("a deep tree is fine")
		}
	}
}

// FuzzRead: no text makes reading panic, and what is read can be shown and
// read again.
func FuzzRead(f *testing.F) {
	f.Add(whole)
	for _, c := range badFiles {
		f.Add(c.text)
	}
	f.Add("a.b.c = 1\n[a.b]\nd = [{x = 1}, {}]\n[[e]]\n[[e]]\n[e.f]")
	f.Fuzz(func(t *testing.T, text string) {
		read := func(text string) (Settings, error) {
			root, bad := parse([]byte(text))
			if bad != nil {
				return Settings{}, &Error{Problems: []Problem{*bad}}
			}
			s := Default()
			r := &reader{text: []byte(text), folder: t.TempDir(), lines: map[string]int{}}
			r.settings(root, &s)
			return s, r.err("ormlint.toml")
		}
		s, err := read(text)
		if err != nil {
			if err.Error() == "" {
				t.Error("no message")
			}
			return
		}
		var b bytes.Buffer
		if err := WriteTOML(&b, &s, func(string) string { return "" }); err != nil {
			t.Fatal(err)
		}
		again, err := read(b.String())
		if err != nil {
			t.Fatalf("%v\nin\n%s\nfrom\n%s", err, b.String(), text)
		}
		var c bytes.Buffer
		if err := WriteTOML(&c, &again, func(string) string { return "" }); err != nil || c.String() != b.String() {
			t.Errorf("shown as\n%s\nthen as\n%s", b.String(), c.String())
		}
	})
}
