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

// TestExtractElsewhere: other databases' SQL and text that the log cut.
func TestExtractElsewhere(t *testing.T) {
	var b strings.Builder
	for _, sql := range []string{
		"SELECT `auth_user`.`id`, `auth_user`.`name` FROM `auth_user` WHERE `auth_user`.`id` = 5 LIMIT 21",
		"SELECT `b`.`id` FROM `b` FORCE INDEX (`ix`) INNER JOIN `a` ON (`b`.`a_id` = `a`.`id`) WHERE `a`.`name` LIKE BINARY '%x' LIMIT 5, 10",
		"INSERT IGNORE INTO `t` (`a`, `b`) VALUES (1, 2), (3, 4)",
		"INSERT INTO `t` (`a`) VALUES (1) ON DUPLICATE KEY UPDATE `a` = VALUES(`a`), `b` = `b` + 1",
		"REPLACE INTO t (a) VALUES (1)",
		`INSERT OR IGNORE INTO "t" ("a") VALUES (1)`,
		`SELECT "t"."a" FROM "t" WHERE "t"."b" LIKE '%x%' ESCAPE '\' AND "t"."c" = %s`,
		`SELECT "t"."a" FROM "t" WHERE "t"."b" = ? AND "t"."c" IN (?, ?)`,
		`PRAGMA foreign_keys`,
		`SELECT * FROM (SELECT "t".*, ROWNUM AS "_RN" FROM "t") WHERE "_RN" > 5`,
		`SELECT "T"."A" FROM "T" WHERE "T"."B" = 3 FETCH FIRST 21 ROWS ONLY`,
		`SELECT "t"."id", "t"."name", "t"."desc`,
		`SELECT "t"."id" FROM "t" INNER JOIN "u" ON ("t"."u_id" = "u"."i`,
		`SELECT "t"."id" FROM "t" WHERE ("t"."a" = 1 AND "t"."b" IN (1, 2, 3`,
		`UPDATE "t" SET "a" = 'x`,
		`INSERT INTO "t" ("a", "b"`,
		`DELETE FROM`, `SELECT`, ``, `hello world`, `(((`, `WITH x AS (`,
	} {
		masked := Mask(sql)
		fmt.Fprintln(&b, masked)
		printFacts(&b, Extract(masked))
	}
	golden(t, "testdata/elsewhere.golden", b.String())
}
