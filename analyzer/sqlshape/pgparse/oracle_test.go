//go:build cgo

package pgparse

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	pg "github.com/pganalyze/pg_query_go/v5"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// fingerprint is libpg_query's, "" for text that it does not take.
func fingerprint(sql string) string {
	if strings.IndexByte(sql, 0) >= 0 || !sqlshape.Parsable(sql) {
		return ""
	}
	fp, err := pg.Fingerprint(sql)
	if err != nil {
		return ""
	}
	return fp
}

// oracle maps masked texts to the fingerprint of the first statement that had
// it: equal texts must have equal fingerprints. The reverse does not hold, a
// fingerprint merges more.
type oracle map[string][2]string

func (o oracle) check(t *testing.T, sql string) {
	t.Helper()
	fp := fingerprint(sql)
	if fp == "" {
		return
	}
	masked := sqlshape.Mask(sql)
	if k := sqlshape.Extract(masked).Kind; k < sqlshape.Select || k > sqlshape.Delete {
		return // the fingerprint of utilities keeps their values
	}
	first, ok := o[masked]
	if !ok {
		o[masked] = [2]string{fp, sql}
		return
	}
	if first[0] != fp {
		t.Errorf("one shape, two fingerprints: %s\n%s\n%s", masked, first[1], sql)
	}
}

func TestFingerprints(t *testing.T) {
	o := oracle{}
	for _, sql := range statements(t) {
		o.check(t, sql)
		// Other values of the same shape.
		o.check(t, strings.NewReplacer(" 3", " 77", "'x'", "'other'", "(1, 2, 3)", "(4, 5)", "_x12", "_x7").Replace(sql))
	}
	g := gen.New(5)
	for k := range 20_000 {
		o.check(t, string(g.SQL(nil, k%4 == 0)))
	}
	if len(o) < 500 {
		t.Errorf("only %d shapes", len(o))
	}
}

// FuzzFingerprint: two statements that differ in digits and have one masked
// text have one fingerprint.
func FuzzFingerprint(f *testing.F) {
	for _, sql := range statements(f) {
		f.Add(sql, uint8(7), uint8(3))
	}
	f.Fuzz(func(t *testing.T, sql string, at, by uint8) {
		if !ascii(sql) || strings.Contains(sql, "::") {
			return // the mask drops a literal's casts, the fingerprint only the first
		}
		// A second statement that differs in some digits and letters.
		b := []byte(sql)
		for k := int(at); k < len(b); k += int(at) + 1 {
			if c := b[k]; c >= '0' && c <= '9' {
				b[k] = '0' + (c-'0'+by)%10
			}
		}
		o := oracle{}
		o.check(t, sql)
		o.check(t, string(b))
	})
}

func ascii(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\n' && c != '\t' || c > 0x7e {
			return false
		}
	}
	return true
}

// hostile are statements that crash libpg_query, or hang or swell a parser,
// unless they are kept from it.
func hostile() map[string]string {
	const n = 100_000
	rep := strings.Repeat
	return map[string]string{
		"sums": "SELECT " + rep("1+", n) + "1", "concatenations": "SELECT " + rep("a||", n) + "a", "casts": "SELECT a" + rep("::int", n),
		"unions": rep("SELECT 1 UNION ALL ", n) + "SELECT 1", "brackets": "SELECT " + rep("(", n) + "1" + rep(")", n),
		"ors": "SELECT " + rep("(1=1 OR ", n) + "1=1" + rep(")", n), "nots": "SELECT " + rep("NOT ", n) + "true", "minus": "SELECT " + rep("- ", n) + "a",
		"cases": "SELECT " + rep("CASE WHEN a THEN ", n) + "1" + rep(" END", n), "queries": rep("SELECT (", n) + "SELECT 1" + rep(")", n),
		"sources": rep("SELECT * FROM (", n) + "SELECT 1" + rep(") x", n), "joins": "SELECT 1 FROM a" + rep(" JOIN a ON true", n),
		"ands": "SELECT 1 WHERE " + rep("a AND ", n) + "a", "isnull": "SELECT a" + rep(" ISNULL", n), "subscripts": "SELECT a" + rep("[1]", n),
		"collates": "SELECT a" + rep(` COLLATE "C"`, n), "at zone": "SELECT a" + rep(" AT TIME ZONE b", n), "dots": "SELECT a" + rep(".a", n/10),
		"intersects": rep("SELECT a INTERSECT ", n) + "SELECT a", "is": "SELECT a" + rep(" IS TRUE", n), "fields": "SELECT (a)" + rep(".b", n/10),
		"arrays": "SELECT " + rep("ARRAY[", n) + "1" + rep("]", n), "calls": "SELECT " + rep("f(", n) + "1" + rep(")", n),
		"with": rep("WITH a AS (", n) + "SELECT 1" + rep(") SELECT 1", n), "likes": "SELECT a" + rep(" LIKE a", n), "betweens": "SELECT a" + rep(" BETWEEN a AND a", n),
		"comparisons": "SELECT a" + rep(" < a", n), "named operators": "SELECT a" + rep(" OPERATOR(pg_catalog.+) a", n), "in": "SELECT a" + rep(" IN (a)", n),
		"literal": "SELECT '" + rep("x", 10<<20) + "'", "open literal": "SELECT '" + rep("x", 10<<20), "list": "SELECT 1 WHERE a IN (" + rep("1, ", 1<<20) + "1)",
		"NUL": "SELECT 1\x00 garbage", "bytes": "SELECT \xff\xfe" + rep("\x80", n), "names": "SELECT " + rep("a, ", n/10) + "a", "elses": "SELECT " + rep("CASE WHEN a THEN b ELSE ", n) + "c" + rep(" END", n),
		"except": "SELECT a" + rep(" EXCEPT SELECT a", n), "commas": "SELECT 1 FROM a" + rep(", a", n/10), "prefix": "SELECT " + rep("@ ", n) + "a", "notnull": "SELECT a" + rep(" NOTNULL", n),
		"similar": "SELECT a" + rep(" SIMILAR TO a", n), "lateral": "SELECT 1 FROM " + rep("(", n) + "a" + rep(" CROSS JOIN a)", n), "semicolons": rep("SELECT 1;", n),
	}
}

// TestHostile runs each hostile statement in a process of its own, since what
// it guards against kills the process.
func TestHostile(t *testing.T) {
	if name := os.Getenv("ORMLINT_HOSTILE"); name != "" {
		sql := hostile()[name]
		for _, text := range []string{sqlshape.Mask(sql), sql} { // a script may be parsed unmasked
			if _, err := Parse(text); err != nil && len(err.Error()) > 100 {
				t.Errorf("the error quotes its input: %.200s", err)
			}
		}
		Schema([]byte("CREATE TABLE a AS " + sql))
		Schema([]byte("CREATE TABLE a (b integer DEFAULT " + strings.TrimPrefix(sql, "SELECT ") + ")"))
		sqlshape.Extract(sql)
		return
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name := range hostile() {
		cmd := exec.Command(exe, "-test.run=^TestHostile$", "-test.timeout=30s")
		cmd.Env = append(os.Environ(), "ORMLINT_HOSTILE="+name)
		start := time.Now()
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%.500s", name, err, out)
		}
		took := time.Since(start)
		if took > 20*time.Second {
			t.Errorf("%s took %v", name, took)
		}
		t.Logf("%s took %v", name, took)
	}
}

func FuzzParse(f *testing.F) {
	for _, sql := range statements(f) {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		masked := sqlshape.Mask(sql)
		if _, err := Parse(masked); err != nil && err != errSyntax && err != errSize {
			t.Fatal(err)
		}
	})
}
