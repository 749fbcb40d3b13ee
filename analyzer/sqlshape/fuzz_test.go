package sqlshape

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// addSeeds adds the known statements and some generated ones.
func addSeeds(f *testing.F) {
	for _, sql := range statements(f) {
		f.Add([]byte(sql))
	}
	g := gen.New(3)
	for k := range 40 {
		f.Add(g.SQL(nil, k%4 == 0))
	}
	for _, sql := range []string{
		"SELECT 'a", `SELECT "a`, "SELECT $a$b", "/* /* */", "SELECT 1\x00 2", "\xff'\xfe", "IN (?, … (1000+)", "VALUES (?), (NULL), …",
		"LIKE '%…", "OFFSET ? (1000+)", "'%…'", "SAVEPOINT s1s?2", "SELECT E'\\", "U&'", "a ? ?| 'b'", "IN ((1),(2)", "-- x", "VALUES (1),(a),(2),(a);",
	} {
		f.Add([]byte(sql))
	}
}

// TestMaskTwice: the masked text of a statement masks to itself.
func TestMaskTwice(t *testing.T) {
	g := gen.New(3)
	list := statements(t)
	for k := range 400 {
		list = append(list, string(g.SQL(nil, k%4 == 0)))
	}
	for _, sql := range list {
		if masked := Mask(sql); Mask(masked) != masked {
			t.Errorf("%q\nmasked %q\nagain  %q", sql, masked, Mask(masked))
		}
	}
}

// FuzzMask: masking comes to an end, a masked text is valid UTF-8 and bounded,
// holds no mark, and the lexical extractor takes it.
func FuzzMask(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, sql []byte) {
		masked := Mask(string(sql))
		// TestMaskTwice holds real statements to more: what is no SQL (")0?::")
		// may need a second time.
		again := Mask(masked)
		if third := Mask(again); third != again {
			t.Fatalf("%q\nmasked %q\nagain  %q\nthird  %q", sql, masked, again, third)
		}
		if !utf8.ValidString(masked) || len(masked) > textMax+8 {
			t.Fatalf("%q: %d bytes, valid %v", sql, len(masked), utf8.ValidString(masked))
		}
		Extract(masked)
		Fill(masked, Filling{"$1", "'1'", "$2", "$3", "$4"})
	})
}

// FuzzScan: cached = uncached = JSON = CSV, for two statements in turn so
// that each may hit what the other left in the cache.
func FuzzScan(f *testing.F) {
	g := gen.New(3)
	for _, sql := range statements(f) {
		f.Add([]byte(sql), g.SQL(nil, true))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		set := NewSet(nil, 0)
		plain := NewScanner(set, Postgres)
		for e := range encodings {
			s := NewScanner(set, Postgres)
			for _, q := range [][]byte{a, b, a, b} {
				same(t, fmt.Sprint("encoding ", e), q, plain, s, uncached(plain, q, Plain), s.Scan(encode(q, e), e))
			}
		}
	})
}

// TestLarge: what is built to break a parser costs linear time and bounded
// memory.
func TestLarge(t *testing.T) {
	const n = 100_000
	set := NewSet(nil, 0)
	s := NewScanner(set, Postgres)
	for name, sql := range map[string]string{
		"literal":        "SELECT a FROM t WHERE b = '" + strings.Repeat("x", 10<<20) + "'",
		"open literal":   "SELECT a FROM t WHERE b = '" + strings.Repeat("x''", 1<<20),
		"list":           "SELECT a FROM t WHERE b IN (" + strings.Repeat("1, ", 1<<20) + "1)",
		"open list":      "SELECT a FROM t WHERE b IN (" + strings.Repeat("1, ", 1<<20),
		"rows":           "INSERT INTO t VALUES " + strings.Repeat("(1, 'x'), ", 1<<18) + "(1, 'x')",
		"mixed rows":     "INSERT INTO t VALUES " + strings.Repeat("(1, a), (f(1), 'x'), ", 1<<17) + "(1, 'x')",
		"brackets":       "SELECT " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"open brackets":  "SELECT " + strings.Repeat("(", n),
		"lists in lists": "SELECT a WHERE b " + strings.Repeat("IN (1, ", n),
		"queries":        strings.Repeat("SELECT (", n),
		"sources":        strings.Repeat("SELECT a FROM (", n),
		"conditions":     "SELECT a FROM t WHERE " + strings.Repeat("(a = 1 AND (b = 2 OR ", n),
		"nots":           "SELECT a FROM t WHERE " + strings.Repeat("NOT (", n),
		"cases":          "SELECT a FROM t WHERE " + strings.Repeat("CASE WHEN ", n),
		"sums":           "SELECT " + strings.Repeat("1+", n) + "1",
		"joined":         "SELECT " + strings.Repeat("a||", n) + "b",
		"unions":         strings.Repeat("SELECT 1 UNION ALL ", n) + "SELECT 1",
		"ands":           "SELECT a FROM t WHERE " + strings.Repeat("a = 1 AND ", n) + "b = 1",
		"casts":          "SELECT a" + strings.Repeat("::int", n),
		"comments":       strings.Repeat("/*", n) + "SELECT 1",
		"line comments":  strings.Repeat("-- a=b\n", n) + "SELECT 1",
		"dollars":        "SELECT " + strings.Repeat("$a", n),
		"percents":       "SELECT " + strings.Repeat("%(", n),
		"names":          "SELECT " + strings.Repeat(`"t"."column", `, n) + `"z" FROM t`,
		"NULs":           "SELECT 1" + strings.Repeat("\x00", n) + "FROM t",
		"not UTF-8":      "SELECT " + strings.Repeat("\xff\xc3", n) + " FROM t",
		"semicolons":     "SELECT 1" + strings.Repeat(";", n) + "SELECT 2",
		"with":           "WITH " + strings.Repeat("a AS (", n),
	} {
		sh := set.Add(sql)
		if len(sh.Text) > textMax+8 {
			t.Errorf("%s: %d bytes of text", name, len(sh.Text))
		}
		if again := Mask(sh.Text); again != sh.Text {
			t.Errorf("%s: masked again it differs", name)
		}
		for e := range encodings {
			if got := s.Shape(s.Scan(encode([]byte(sql), e), e).Index); got != sh {
				t.Errorf("%s, encoding %d: %.80q", name, e, got.Text)
			}
		}
	}
	s.Scan([]byte(`SELECT \"a\" FROM t"`), JSON) // decodes, and lets go of what was larger
	if cap(s.dec) > roomKept || len(s.m.out) > roomKept+roomKept {
		t.Errorf("%d and %d bytes are kept", cap(s.dec), len(s.m.out))
	}
}

func TestHashDistinct(t *testing.T) {
	seen := map[uint64]string{}
	for n := range 200 {
		for k := range 500 {
			b := []byte(strings.Repeat("x", n))
			if n > 0 {
				b[k%n] = byte('0' + k/n%10)
				b[(k*7)%n]++
			}
			h := hash(b)
			if p, ok := seen[h]; ok && p != string(b) {
				t.Fatalf("%q and %q", p, b)
			}
			seen[h] = string(b)
		}
	}
	g, set := gen.New(1), NewSet(nil, 0)
	texts := map[string]uint64{}
	for range 20_000 {
		sh := set.Add(string(g.SQL(nil, false)))
		if h, ok := texts[sh.Text]; ok && h != sh.Hash {
			t.Fatalf("two hashes for %s", sh.Text)
		}
		texts[sh.Text] = sh.Hash
	}
	if len(texts) != len(set.byHash) {
		t.Errorf("%d texts, %d hashes", len(texts), len(set.byHash))
	}
	// The value is part of what machines exchange: it must not change.
	if got := hash([]byte("SELECT")); got != 0xda1c604cf0bdc513 {
		t.Errorf("hash changed: %#x", got)
	}
}

func TestKeywords(t *testing.T) {
	for w, k := range map[string]uint64{
		"in": kwIn, "like": kwLike, "null": kwNull, "true": kwTrue, "ilike": kwILike, "limit": kwLimit, "array": kwArray,
		"upper": kwUpper, "lower": kwLower, "false": kwFalse, "select": kwSelect, "offset": kwOffset, "values": kwValues, "default": kwDefault,
	} {
		for _, s := range []string{w, strings.ToUpper(w), w + "        "} {
			if got := word([]byte(s), 0, len(w)); got != k {
				t.Errorf("%s: %#x, want %#x", s, got, k)
			}
		}
	}
}
