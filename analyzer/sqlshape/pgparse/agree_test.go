//go:build cgo

package pgparse

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

func statements(t testing.TB) []string {
	t.Helper()
	b, err := os.ReadFile("../testdata/statements.sql")
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

// TestExtractAgrees holds the lexical extractor to what the parser finds.
func TestExtractAgrees(t *testing.T) {
	for _, sql := range statements(t) {
		masked := sqlshape.Mask(sql)
		want, err := Parse(masked)
		if err != nil {
			t.Errorf("%s\n%v", masked, err)
			continue
		}
		got := sqlshape.Extract(masked)
		want.Parsed = false
		w, g := reflect.ValueOf(want), reflect.ValueOf(got)
		for i := range w.NumField() {
			if !reflect.DeepEqual(w.Field(i).Interface(), g.Field(i).Interface()) {
				t.Errorf("%s\n%s: lexical %#v\n        parsed %#v", masked, w.Type().Field(i).Name, g.Field(i).Interface(), w.Field(i).Interface())
			}
		}
	}
}
