package sqlshape

import (
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// statements reads testdata/statements.sql: one statement a line.
func statements(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("testdata/statements.sql")
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range strings.Split(string(b), "\n") {
		if l != "" && l[0] != '#' {
			list = append(list, l)
		}
	}
	return list
}

// printFacts prints the fields of f that are not zero, one a line.
func printFacts(b *strings.Builder, f Facts) {
	v := reflect.ValueOf(f)
	for i := range v.NumField() {
		x := v.Field(i)
		name := v.Type().Field(i).Name
		if x.IsZero() || (name == "Limit" || name == "Offset") && x.Int() == Absent {
			continue
		}
		fmt.Fprintf(b, "\t%s %+v\n", name, x.Interface())
	}
}

// TestExtract compares masked texts and facts with a golden file; package
// pgparse checks that the parser finds the same.
func TestExtract(t *testing.T) {
	var b strings.Builder
	for _, sql := range statements(t) {
		masked := Mask(sql)
		fmt.Fprintln(&b, masked)
		printFacts(&b, Extract(masked))
	}
	golden(t, "testdata/facts.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(gotLines), len(wantLines)) {
		if gotLines[i] != wantLines[i] {
			t.Fatalf("%s:%d\n got %s\nwant %s", path, i+1, gotLines[i], wantLines[i])
		}
	}
	if len(gotLines) != len(wantLines) {
		t.Fatalf("%s: %d lines, want %d", path, len(gotLines), len(wantLines))
	}
}
