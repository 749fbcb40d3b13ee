package rules_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer"
)

// TestCosts checks the formulas of docs/cost.md, a family of rules at a time.
func TestCosts(t *testing.T) {
	ten := func(sql string) string { return "10 × 1 ms " + sql }
	and := func(sql string) string { return "+ 1 ms " + sql }
	list := took(5, books)
	authors := strings.ReplaceAll(author, `"library_author"."name"`, `"library_author"."name", "library_author"."country_id"`)
	country := `SELECT "library_country"."id", "library_country"."name" FROM "library_country" WHERE "library_country"."id" = {n} LIMIT 21`
	perBook := strings.ReplaceAll(reviews, "7", "{n}")
	for _, c := range []struct {
		code, capture string
		want          string // calls wasted units max, total and saved in ms
	}{
		{"QP101", unit(list, ten(author)), "10 10 1 10, 10 10"},
		{"QP101", times(3, unit(list, ten(author))), "30 30 3 10, 30 30"},
		{"QP101", unit(list, ten(perBook)), "10 9 1 10, 10 9"},
		{"QP101", unit(list, ten(authors), and(country)), "20 20 1 20, 20 20"},
		{"QP102", unit(list, ten(strings.ReplaceAll(count, "7", "{n}"))), "10 10 1 10, 10 10"},
		{"QP103", unit(ten(getBook)), "10 9 1 10, 10 9"},
		{"QP104", unit(list, ten(`SELECT "library_book"."id", "library_book"."body" FROM "library_book" WHERE "library_book"."id" = {n} LIMIT 21`)), "10 10 1 10, 10 10"},
		{"QP105", unit(list, ten(perBook+` ORDER BY "library_review"."text" ASC LIMIT 1`)), "10 9 1 10, 10 9"},
		{"QP107", unit(ten(`SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."status" = 's{n}'`)), "10 9 1 10, 10 9"},
		{"QP201", unit(took(8, "SELECT "+columns("shop_wide", 20)+` FROM "shop_wide" LIMIT 50`)), "1 0 1 1, 8 0"},
		{"QP203", unit(took(40, `SELECT "library_tag"."id" FROM "library_tag"`)), "1 0 1 1, 40 0"},
		{"QP204", unit(took(2, count), took(5, reviews)), "1 1 1 1, 2 2"},
		{"QP301", unit(took(4, setting), list, took(1, setting), took(2, setting)), "3 2 1 3, 7 3"},
		{"QP303", times(5, unit(took(2, session), list)), "5 5 5 1, 10 10"},
		{"QP303", times(5, unit(took(2, session), list, took(1, `UPDATE "django_session" SET "session_data" = 'x' WHERE "django_session"."session_key" = 'k'`))), "10 10 5 2, 15 15"},
		{"QP401", unit(ten(addTag)), "10 9 1 10, 10 4.5"},
		{"QP402", unit(ten(`UPDATE "library_tag" SET "name" = 'x{n}' WHERE "library_tag"."id" = {n}`)), "10 9 1 10, 10 4.5"},
		{"QP403", unit(ten(`DELETE FROM "library_tag" WHERE "library_tag"."id" IN ({n})`)), "10 9 1 10, 10 4.5"},
		{"QP403", unit(ten(`DELETE FROM "library_loan" WHERE "library_loan"."book_id" IN ({n})`), and(`DELETE FROM "library_book" WHERE "library_book"."id" IN ({n})`)), "20 19 1 20, 20 9.5"},
		{"QP404", unit(ten(getTag), then("BEGIN"), and(addTag), then("COMMIT")), "20 18 1 20, 20 9"},
		{"QP405", unit(took(3, `UPDATE "shop_wide" SET `+sets(10)+` WHERE "shop_wide"."id" = 3`)), "1 0 1 1, 3 0"},
		{"QP406", unit(ten(`INSERT INTO "library_book_tags" ("book_id", "tag_id") VALUES (7, {n}) ON CONFLICT DO NOTHING`)), "10 9 1 10, 10 4.5"},
		{"QP501", unit(took(600, reviews), took(2, strings.ReplaceAll(reviews, "7", "8"))), "1 0 1 1, 600 0"},
		{"QP502", unit(took(9, books+" OFFSET 5000")), "1 0 1 1, 9 0"},
	} {
		t.Run(c.code, func(t *testing.T) {
			rep := check(t, c.capture, analyzer.Config{Select: []string{c.code}}, byID)
			if len(rep.Findings) != 1 {
				t.Fatalf("%d findings", len(rep.Findings))
			}
			f := rep.Findings[0]
			ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
			got := fmt.Sprintf("%d %d %d %d, %g %g", f.Cost.Calls, f.Cost.Wasted, f.Cost.Units, f.Cost.MaxCalls, ms(f.Cost.Took), ms(f.Cost.Saved))
			if got != c.want {
				t.Errorf("got %s, want %s (calls wasted units max, total saved)\n%s", got, c.want, f.Message)
			}
			if share := float64(f.Cost.Took) / float64(rep.Run.Took); f.Share != share {
				t.Errorf("share is %v, want %v", f.Share, share)
			}
		})
	}
}
