package analyzer_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

const logs = "../testdata/logs"

// A scenario is one entry of testdata/logs/truth.json: what the authors of the
// Django project know of a log, written down from the code.
type scenario struct {
	Name     string
	Files    []string
	Pattern  string
	Findings []expected
	// Allowed are findings that are true too, but another reading of the same
	// loop, or one by its sense and not by its form.
	Allowed []expected
}

type expected struct {
	Code     string
	Parent   string
	Child    string
	ChildAny []string `json:"child_any"`
	Relation string
	Field    string
	FieldAny []string `json:"field_any"`
	Calls    int64
	Why      string
}

func readTruth(t testing.TB) []scenario {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(logs, "truth.json"))
	if err != nil {
		t.Fatal(err)
	}
	var truth struct{ Scenarios []scenario }
	if err := json.Unmarshal(b, &truth); err != nil {
		t.Fatal(err)
	}
	if len(truth.Scenarios) < 100 {
		t.Fatalf("only %d scenarios: was the truth cut?", len(truth.Scenarios))
	}
	return truth.Scenarios
}

// logOnly says what a log without schema file must show instead, and why.
var logOnly = map[string]expected{
	// "mbr_no" in lib_cards names no table, and nothing in this log joins them.
	"db_table_bad": {Code: "QP103", Child: "tblMember"},
}

// TestTruth runs every scenario's log, in each format, with and without the
// schema, and compares both ways: all found, nothing else reported.
func TestTruth(t *testing.T) {
	for _, sc := range readTruth(t) {
		for _, ext := range []string{".log", ".csv", ".json"} {
			for _, schema := range []string{"", filepath.Join(logs, "schema.sql")} {
				name := sc.Name + ext
				if schema != "" {
					name += "+schema"
				}
				t.Run(name, func(t *testing.T) { checkScenario(t, sc, ext, schema) })
			}
		}
	}
}

func checkScenario(t *testing.T, sc scenario, ext, schema string) {
	var paths []string
	for _, f := range sc.Files {
		paths = append(paths, filepath.Join(logs, f+ext))
	}
	r, err := analyzer.Run(context.Background(), analyzer.Config{Paths: paths, Schema: schema})
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range r.Run.Inputs {
		if in.Problem != "" || in.Skipped > 0 {
			t.Errorf("input %s: problem %q, %d skipped", in.Path, in.Problem, in.Skipped)
		}
	}
	want := sc.Findings
	if e, ok := logOnly[sc.Name]; ok && schema == "" {
		e.Calls = want[0].Calls
		want = []expected{e}
	}
	want = oneFixEach(want)
	left := slices.Clone(r.Findings)
	for _, w := range want {
		i := slices.IndexFunc(left, func(f finding.Finding) bool { return fits(f, w, schema != "") == "" })
		if i < 0 {
			t.Errorf("%s: not found: %s %s → %s %s %s, %d calls%s", sc.Pattern, w.Code, w.Parent, w.Child, w.Relation, w.Field, w.Calls, nearest(left, w, schema != ""))
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, f := range left {
		if slices.ContainsFunc(sc.Allowed, func(a expected) bool { return fits(f, a, schema != "") == "" }) {
			continue
		}
		t.Errorf("%s: reported, but not true: %s %s: %s", sc.Pattern, f.Code, f.Subject, f.Message)
	}
}

// oneFixEach merges what one rewrite removes: a generic foreign key to two
// models is two loops in the truth and one prefetch_related in a finding.
func oneFixEach(want []expected) []expected {
	var merged []expected
	for _, w := range want {
		i := slices.IndexFunc(merged, func(m expected) bool {
			return m.Code == w.Code && m.Parent == w.Parent && m.Field == w.Field && m.Field != ""
		})
		if i < 0 {
			merged = append(merged, w)
			continue
		}
		merged[i].Calls += w.Calls
		merged[i].ChildAny = append(merged[i].ChildAny, w.Child)
	}
	return merged
}

// fits says what speaks against f being w, "" when nothing does.
func fits(f finding.Finding, w expected, withSchema bool) string {
	children := append([]string{w.Child}, w.ChildAny...)
	fields := append([]string{w.Field}, w.FieldAny...)
	plain := func(s string) string { return strings.ReplaceAll(s, " ", "") }
	switch {
	case f.Code != w.Code:
		return "code " + f.Code
	case !slices.Contains(children, f.Child.Table):
		return "child " + f.Child.Table
	case w.Parent != "" && f.Parent.Table != w.Parent:
		return "parent " + f.Parent.Table
	case f.Cost.Calls != w.Calls && f.Code != "QP404" && f.Code != "QP301":
		return fmt.Sprintf("%d calls", f.Cost.Calls)
	}
	if w.Code == "QP101" || w.Code == "QP104" {
		kind := f.Relation.Kind
		if !withSchema && kind == "forward_fk" && w.Relation == "one_to_one" { // only a unique constraint tells
			kind = "one_to_one"
		}
		if kind != w.Relation {
			return "relation " + f.Relation.Kind
		}
	}
	if w.Field != "" && !slices.ContainsFunc(fields, func(s string) bool { return plain(s) == plain(f.Relation.Field) }) {
		return "field " + f.Relation.Field
	}
	return ""
}

// nearest says why the findings of the wanted code do not fit.
func nearest(fs []finding.Finding, w expected, withSchema bool) string {
	for _, f := range fs {
		if f.Code == w.Code {
			return fmt.Sprintf("; %s has another %s", f.Subject, fits(f, w, withSchema))
		}
	}
	return ""
}
