package sqlshape

import (
	"math/rand"
	"strings"
	"testing"
)

// TestTails scans statements that begin alike and go on in many ways, with one
// Scanner and with a new one each, which knows no tails.
func TestTails(t *testing.T) {
	head := `SELECT "library_book"."id", "library_book"."title", "library_book"."author_id" FROM "library_book" WHERE `
	values := []string{"1", "23", "404864", "'a'", "'it''s'", "'%a'", "'_'", "''", "'a", "-1", "1.5", "1e-5", "1a", ".5", "NULL", "E'a'", "'a'\n'b'", "'a'::text", "1::int", "(1)", "$1", "?", "%s", "1000", "1001", "'/*'", "'a' || 'b'", "true"}
	forms := []string{
		`"library_book"."id" = #`, `"library_book"."id" = # LIMIT 21`, `"library_book"."id" = # LIMIT #`, `"library_book"."id" = # LIMIT # OFFSET #`,
		`("library_book"."title" = # AND "library_book"."id" > #)`, `("library_book"."title" = # AND "library_book"."title" LIKE #) LIMIT 1`,
		`"library_book"."id" = # ORDER BY "library_book"."title" ASC LIMIT 21`, `"library_book"."id" = # AND "library_book"."x" IN (#, #)`,
		`"library_book"."id" = #;`, `"library_book"."id" = # /*route='a'*/`, `"library_book"."id" = # /*route='b'*/;`, `"library_book"."id" = #--route='c'`,
		`"library_book"."id" = # /*a*/ AND "library_book"."y" = #`, `"library_book"."id" = # AND "a" = 1OR "b" = #`, `"library_book"."id" = # LIMIT 210`,
		`"library_book"."id" = # AND a IN (VALUES ("b" = #), ("b" = #))`, `"library_book"."id" = # FOR UPDATE`, `"library_book"."id" = #  LIMIT  21 `,
		`"library_book"."id" IN (#)`, `"library_book"."id" IN (#, #, #)`, `"library_book"."id" LIKE #`, `"library_book"."id" = # OFFSET #`, `"library_book"."id" = # AND "a" <> #`,
	}
	r := rand.New(rand.NewSource(1))
	set := NewSet(nil, 0)
	for e := range encodings {
		known := NewScanner(set, Django)
		for range 60_000 {
			sql := head + forms[r.Intn(len(forms))]
			for strings.Contains(sql, "#") {
				// Mostly plain ones, for tails to be known.
				sql = strings.Replace(sql, "#", values[min(r.Intn(len(values)), r.Intn(len(values)))], 1)
			}
			b := encode([]byte(sql), e)
			got, gotComment := known.Scan(b, e), ""
			gotComment = string(got.Comment)
			fresh := masker{dialect: Django}
			plain := fresh.run([]byte(sql), 0, nil, nil)
			if sh := known.Shape(got.Index); sh.Hash != plain.hash || got.Args != plain.args || gotComment != string(plain.comment) || got.Placeholders != plain.placeholders || got.End != len(encodedText(b, e)) {
				t.Fatalf("encoding %d: %s\n%s\n%+v\n%+v", e, sql, sh.Text, got, plain)
			}
		}
	}
}

// encodedText is b without the quote that closes it.
func encodedText(b []byte, e Encoding) []byte {
	if e == Plain {
		return b
	}
	end, _ := closing(b, e)
	return b[:end]
}
