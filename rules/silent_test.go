package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
)

// Statements as Django writes them, for the cases below.
const (
	books   = `SELECT "library_book"."id", "library_book"."title", "library_book"."author_id" FROM "library_book" ORDER BY "library_book"."title" ASC LIMIT 40`
	author  = `SELECT "library_author"."id", "library_author"."name" FROM "library_author" WHERE "library_author"."id" = {n} LIMIT 21`
	getBook = `SELECT "library_book"."id", "library_book"."title", "library_book"."author_id" FROM "library_book" WHERE "library_book"."id" = {n} LIMIT 21`
	getTag  = `SELECT "library_tag"."id", "library_tag"."name" FROM "library_tag" WHERE "library_tag"."name" = 'tag-{n}' LIMIT 21`
	addTag  = `INSERT INTO "library_tag" ("name") VALUES ('tag-{n}') RETURNING "library_tag"."id"`
	reviews = `SELECT "library_review"."id", "library_review"."book_id", "library_review"."text" FROM "library_review" WHERE "library_review"."book_id" = 7`
	count   = `SELECT COUNT(*) AS "__count" FROM "library_review" WHERE "library_review"."book_id" = 7`
	exists  = `SELECT 1 AS "a" FROM "library_review" WHERE "library_review"."book_id" = 7 LIMIT 1`
	setting = `SELECT "core_sitesetting"."id", "core_sitesetting"."value" FROM "core_sitesetting" WHERE "core_sitesetting"."key" = 'vat' LIMIT 21`
	session = `SELECT "django_session"."session_key", "django_session"."session_data" FROM "django_session" WHERE "django_session"."session_key" = 'k' LIMIT 21`
)

// columns lists n columns of a table, as a select list has them.
func columns(table string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"%s"."c%d"`, table, i)
	}
	return strings.Join(list, ", ")
}

// sets lists n columns of an UPDATE.
func sets(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf(`"c%d" = 'v{n}'`, i)
	}
	return strings.Join(list, ", ")
}

// unit is a capture of one unit with those lines; a line without a duration
// takes 0.3 ms.
func unit(lines ...string) string {
	var b strings.Builder
	b.WriteString("-- GET /x/\n")
	for _, l := range lines {
		if head, _, ok := strings.Cut(l, " ms "); !ok || strings.ContainsAny(head, `"(`) {
			l = "0.3 ms " + l
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

// often is a line of a capture that runs n times.
func often(n int, sql string) string { return fmt.Sprintf("%d × 0.3 ms %s", n, sql) }

// took is a line of a capture with that duration.
func took(ms float64, sql string) string { return fmt.Sprintf("%g ms %s", ms, sql) }

// then takes turns with the line before it.
func then(sql string) string { return "+ 0.3 ms " + sql }

// times makes a unit run n times.
func times(n int, capture string) string {
	return strings.Replace(capture, "-- GET /x/", fmt.Sprintf("-- GET /x/ × %d", n), 1)
}

// TestWhenRulesSpeak checks what pages say under "From a log" and "Silent":
// thresholds at the limit and below it, and the look-alikes that mean nothing
// or belong to another rule. want are the codes found, sorted.
func TestWhenRulesSpeak(t *testing.T) {
	wide := func(n int, rest string) string {
		return "SELECT " + columns("shop_wide", n) + ` FROM "shop_wide" ` + rest
	}
	write := func(n int) string {
		return `UPDATE "shop_wide" SET ` + sets(n) + ` WHERE "shop_wide"."id" = {n}`
	}
	for _, c := range []struct {
		name, capture string
		by            ties
		want          string
	}{
		{"four reads are no loop", unit(books, often(4, author)), byID, ""},
		{"five reads are one", unit(books, often(5, author)), byID, "QP101"},
		{"five reads on a connection", unit(books, often(5, author)), byConnection, "QP101"},
		{"five reads on a kept connection, after a list", unit(books, often(5, author)), byNothing, "QP101"},
		{"gets on a kept connection, nothing before them: too few", unit(often(9, getBook)), byNothing, ""},
		{"gets on a kept connection, nothing before them", unit(often(10, getBook)), byNothing, "QP103"},
		{"one get a request on a kept connection", times(30, unit(getBook)), byNothing, ""},
		{"a list and a get a request on a kept connection", times(30, unit(books, getBook)), byNothing, ""},
		{"slow code between the rounds, ids", unit(books, often(6, author), "+ 50 ms "+nothing), byID, "QP101"},
		{"slow code between the rounds, a connection", unit(books, often(6, author), "+ 50 ms "+nothing), byConnection, "QP101"},
		{"slow code between the rounds, a connection, no list", unit(often(6, getBook), "+ 60 ms "+nothing), byConnection, ""},
		{"slow code between the rounds, a kept connection", unit(books, often(6, author), "+ 60 ms "+nothing), byNothing, ""},
		{"slow code between the rounds, a kept connection, a session read", unit(session, books, often(6, author), "+ 50 ms "+nothing), byNothing, "QP101"},
		{"slow code between the rounds, a kept connection, a transaction", unit("BEGIN", books, often(6, author), "+ 50 ms "+nothing, "0.1 ms COMMIT"), byNothing, "QP101"},
		{"a second of silence, ids", unit(books, often(3, author), "1500 ms "+nothing, often(3, strings.ReplaceAll(author, "{n}", "9{n}"))), byID, "QP101"},
		{"a second of silence", unit(books, often(3, author), "1500 ms "+nothing, often(3, strings.ReplaceAll(author, "{n}", "9{n}"))), byNothing, ""},
		{"the same author each time", unit(books, often(12, strings.ReplaceAll(author, "{n}", "3"))), byID, "QP101"},
		{"three authors of twelve books", unit(books, often(12, strings.ReplaceAll(author, "{n}", "{n%3}"))), byID, "QP101"},
		{"three rows by key, again and again", unit(often(12, strings.ReplaceAll(getBook, "{n}", "{n%3}"))), byID, "QP301"},
		{"prefetch batches", unit(books, often(6, `SELECT "library_author"."id", "library_author"."name" FROM "library_author" WHERE "library_author"."id" IN ({n}, 10{n})`)), byID, ""},
		{"prefetches of single rows", unit(books, often(6, `SELECT "library_review"."id", "library_review"."book_id" FROM "library_review" WHERE "library_review"."book_id" IN ({n})`)), byID, "QP101"},
		{"other statements between the rounds", unit(books, often(6, author), then(reviews)), byID, "QP101,QP301"},
		{"a loop and its wide rows", unit(books, often(20, wide(20, `WHERE "shop_wide"."book_id" = {n}`))), byID, "QP101"},

		{"walking by key", unit(often(8, `SELECT "library_book"."id", "library_book"."title" FROM "library_book" WHERE "library_book"."id" > {n}00 ORDER BY "library_book"."id" ASC LIMIT 100`)), byID, ""},
		{"walking by offset", unit(often(8, books+" OFFSET {n}0")), byID, ""},
		{"walking by ranges of keys", unit(often(8, `SELECT "library_book"."id", "library_book"."title" FROM "library_book" WHERE ("library_book"."id" >= {n}00 AND "library_book"."id" < {n}99)`)), byID, ""},
		{"ranges that are no walk", unit(often(8, `SELECT "shop_order"."id", "shop_order"."total" FROM "shop_order" WHERE ("shop_order"."placed_on" > '2026-01-{nn}'::date AND "shop_order"."total" < {n})`)), byID, "QP107"},
		{"a tree, upwards", unit(`SELECT "shop_category"."id", "shop_category"."name", "shop_category"."parent_id" FROM "shop_category" LIMIT 40`, often(8, `SELECT "shop_category"."id", "shop_category"."name", "shop_category"."parent_id" FROM "shop_category" WHERE "shop_category"."id" = {n} LIMIT 21`)), byID, "QP101"},

		{"the user of the request explains no loop", unit(`SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = 3 LIMIT 21`, often(8, `SELECT "core_article"."id", "core_article"."title" FROM "core_article" WHERE ("core_article"."created_by_id" = 3 AND "core_article"."title" = 't{n}')`)), byID, "QP107"},
		{"count by a plain column", unit(often(6, `SELECT COUNT(*) AS "__count" FROM "shop_order" WHERE "shop_order"."status" = 's{n}'`)), byID, "QP107"},
		{"count by a foreign key, no list in sight", unit(often(6, `SELECT COUNT(*) AS "__count" FROM "shop_order" WHERE "shop_order"."customer_id" = {n}`)), byID, "QP102"},
		{"grouped aggregates in a loop", unit(often(6, `SELECT "shop_order"."status" AS "status", COUNT("shop_order"."id") AS "n" FROM "shop_order" WHERE "shop_order"."total" > {n} GROUP BY 1`)), byID, "QP107"},
		{"exists and count per row", unit(books, often(6, strings.ReplaceAll(exists, "7", "{n}")), often(6, strings.ReplaceAll(count, "7", "{n}"))), byID, "QP102,QP102"},
		{"count and fetch per row", unit(books, often(6, strings.ReplaceAll(count, "7", "{n}")), then(strings.ReplaceAll(reviews, "7", "{n}"))), byID, "QP101,QP102"},

		{"deferred columns that the list had", unit(books, often(6, `SELECT "library_book"."id", "library_book"."title" FROM "library_book" WHERE "library_book"."id" = {n} LIMIT 21`)), byID, "QP103"},
		{"deferred columns", unit(books, often(6, `SELECT "library_book"."id", "library_book"."body" FROM "library_book" WHERE "library_book"."id" = {n} LIMIT 21`)), byID, "QP104"},
		{"first of each group", unit(books, often(6, strings.ReplaceAll(reviews, "7", `{n} ORDER BY "library_review"."text" ASC LIMIT 1`))), byID, "QP105"},
		{"first by key", unit(often(6, strings.ReplaceAll(getBook, "21", "1"))), byID, "QP103"},

		{"19 columns", unit(wide(19, "LIMIT 50")), byID, ""},
		{"20 columns", unit(wide(20, "LIMIT 50")), byID, "QP201"},
		{"20 columns, one row", unit(wide(20, "LIMIT 1")), byID, ""},
		{"20 columns, get()", unit(wide(20, `WHERE "shop_wide"."c3" = 3 LIMIT 21`)), byID, ""},
		{"20 columns, by the key", unit(`SELECT "shop_wide"."id", ` + columns("shop_wide", 20) + ` FROM "shop_wide" WHERE "shop_wide"."id" = 3`), byID, ""},
		{"15 columns and 15 of a joined table", unit("SELECT " + columns("shop_wide", 15) + ", " + columns("shop_far", 15) + ` FROM "shop_wide" INNER JOIN "shop_far" ON ("shop_wide"."far_id" = "shop_far"."id") LIMIT 50`), byID, ""},
		{"SELECT *", unit(`SELECT * FROM "shop_wide" LIMIT 50`), byID, ""},

		{"a whole table in 9.9 ms", unit(took(9.9, wide(3, ""))), byID, ""},
		{"a whole table in 10 ms", unit(took(10, wide(3, ""))), byID, "QP203"},
		{"a table under a condition", unit(took(99, wide(3, `WHERE "shop_wide"."c1" > 0`))), byID, ""},
		{"a whole table by cursor", unit(took(99, `DECLARE "_django_curs_1" NO SCROLL CURSOR WITH HOLD FOR `+wide(3, ""))), byID, ""},
		{"a count of a whole table", unit(took(99, `SELECT COUNT(*) AS "__count" FROM "shop_wide"`)), byID, ""},

		{"count, then fetch", unit(count, reviews), byID, "QP204"},
		{"exists, then fetch", unit(exists, reviews), byConnection, "QP204"},
		{"exists, then the first few", unit(exists, reviews+" LIMIT 5"), byID, "QP204"},
		{"count, then a page", unit(count, reviews+" LIMIT 20"), byID, ""},
		{"count, then the second page", unit(count, reviews+" LIMIT 20 OFFSET 20"), byID, ""},
		{"count, write, fetch", unit(count, `UPDATE "library_review" SET "text" = 'x' WHERE "library_review"."book_id" = 7`, reviews), byID, ""},
		{"count of one, fetch of another", unit(strings.ReplaceAll(count, "7", "8"), reviews), byID, ""},
		{"fetch, then count", unit(reviews, count), byID, ""},

		{"read twice, ids", unit(setting, books, setting), byID, "QP301"},
		{"read twice, a connection", unit(books, setting, setting), byConnection, ""},
		{"read three times, a connection", unit(books, setting, setting, setting), byConnection, "QP301"},
		{"read, write, read back", unit(setting, `UPDATE "core_sitesetting" SET "value" = 'x' WHERE "core_sitesetting"."id" = 1`, setting), byID, ""},
		{"read, write elsewhere, read", unit(setting, `UPDATE "library_tag" SET "name" = 'x' WHERE "library_tag"."id" = 1`, setting), byID, "QP301"},
		{"locked twice", unit(setting+" FOR UPDATE", setting+" FOR UPDATE"), byID, ""},
		{"drawn twice", unit(`SELECT "library_tag"."name" FROM "library_tag" WHERE random() < 0.1 LIMIT 3`, `SELECT "library_tag"."name" FROM "library_tag" WHERE random() < 0.1 LIMIT 3`), byID, ""},
		{"polling, ids", times(30, unit(setting)), byID, ""},
		{"polling, connections", times(30, unit(setting)), byConnection, ""},
		{"polling, a kept connection", times(30, unit(setting)), byNothing, ""},

		{"two requests with sessions", times(2, unit(session, books)), byID, ""},
		{"three requests with sessions", times(3, unit(session, books)), byID, "QP303"},
		{"three requests with sessions, a kept connection", times(3, unit(session, books)), byNothing, "QP303"},

		{"four inserts", unit(often(4, addTag)), byID, ""},
		{"five inserts", unit(often(5, addTag)), byID, "QP401"},
		{"five users", unit(often(5, `INSERT INTO "auth_user" ("username", "email") VALUES ('u{n}', 'u{n}@x') RETURNING "auth_user"."id"`)), byID, "QP401"},
		{"bulk_create, batches of VALUES", unit(often(6, `INSERT INTO "library_tag" ("name") VALUES ('a{n}'), ('b{n}')`)), byID, ""},
		{"bulk_create, batches of UNNEST", unit(often(6, `INSERT INTO "library_tag" ("name") SELECT * FROM UNNEST(('{a{n},b{n}}')::varchar[]) RETURNING "library_tag"."id"`)), byID, ""},
		{"one insert a request", times(30, unit(addTag)), byConnection, ""},
		{"pairs", unit(often(5, `INSERT INTO "library_book_tags" ("book_id", "tag_id") VALUES (7, {n}) ON CONFLICT DO NOTHING`)), byID, "QP406"},
		{"pairs and more", unit(often(5, `INSERT INTO "library_loan" ("book_id", "borrower_id", "due") VALUES (7, {n}, '2026-01-01')`)), byID, "QP401"},
		{"a model of two foreign keys", unit(often(5, `INSERT INTO "shop_orderitem" ("order_id", "product_id") VALUES (7, {n}) RETURNING "shop_orderitem"."id"`)), byID, "QP401"},
		{"multi-table inheritance", unit(often(5, `INSERT INTO "library_place" ("name", "address") VALUES ('a{n}', 'b') RETURNING "library_place"."id"`), then(`INSERT INTO "library_library" ("place_ptr_id", "books_held") VALUES ({n}, 3)`)), byID, "QP401"},
		{"save() of new objects that bring their key", unit(often(5, `UPDATE "shop_category" SET "name" = 'n{n}' WHERE "shop_category"."slug" = 's{n}'`), then(`INSERT INTO "shop_category" ("slug", "name") VALUES ('s{n}', 'n{n}')`)), byID, "QP401"},

		{"five updates", unit(often(5, `UPDATE "library_tag" SET "name" = 'x{n}' WHERE "library_tag"."id" = {n}`)), byID, "QP402"},
		{"the same update", unit(often(5, `UPDATE "library_tag" SET "name" = 'x' WHERE "library_tag"."id" = 1`)), byID, ""},
		{"bulk_update, batches", unit(often(6, `UPDATE "library_tag" SET "name" = (CASE WHEN ("library_tag"."id" = {n}) THEN 'a' WHEN ("library_tag"."id" = 10{n}) THEN 'b' ELSE NULL END)::varchar(50) WHERE "library_tag"."id" IN ({n}, 10{n})`)), byID, ""},
		{"updates under OR", unit(often(6, `UPDATE "library_tag" SET "name" = 'x' WHERE ("library_tag"."id" = {n} OR "library_tag"."name" = 'y{n}')`)), byID, ""},

		{"five deletes", unit(often(5, `DELETE FROM "library_tag" WHERE "library_tag"."id" IN ({n})`)), byID, "QP403"},
		{"deletes by lists", unit(often(6, `DELETE FROM "library_tag" WHERE "library_tag"."id" IN ({n}, 10{n})`)), byID, ""},
		{"the same delete", unit(often(5, `DELETE FROM "library_tag" WHERE "library_tag"."id" IN (1)`)), byID, ""},
		{
			"deletes that cascade",
			unit(often(6, `SELECT "library_review"."id", "library_review"."book_id" FROM "library_review" WHERE "library_review"."book_id" IN ({n})`),
				then("BEGIN"), then(`DELETE FROM "library_loan" WHERE "library_loan"."book_id" IN ({n})`), then(`DELETE FROM "library_book" WHERE "library_book"."id" IN ({n})`), then("COMMIT")),
			byID, "QP403",
		},

		{"get_or_create, all new", unit(often(6, getTag), then("BEGIN"), then(addTag), then("COMMIT")), byID, "QP404"},
		{"get_or_create, nothing new", unit(often(6, getTag)), byID, "QP103"},
		{"get_or_create, one new", unit(often(6, getTag), addTag), byID, "QP103"},
		{"update_or_create", unit(often(6, "BEGIN"), then(getTag+" FOR UPDATE"), then(`UPDATE "library_tag" SET "name" = 'x{n}' WHERE "library_tag"."id" = {n}`), then("COMMIT")), byID, "QP404"},
		{"get and save", unit(often(6, getTag), then(`UPDATE "library_tag" SET "name" = 'x{n}' WHERE "library_tag"."id" = {n}`)), byID, "QP103,QP402"},

		{"9 columns written", unit(write(9)), byID, ""},
		{"10 columns written", unit(write(10)), byID, "QP405"},
		{"10 of 11 columns written", unit(wide(11, "LIMIT 5"), write(10)), byID, ""},
		{"10 columns written, one computed", unit(`UPDATE "shop_wide" SET ` + sets(9) + `, "c9" = ("shop_wide"."c9" + 1) WHERE "shop_wide"."id" = 3`), byID, ""},
		{"10 columns written in a loop", unit(often(6, write(10))), byID, "QP402"},

		{"499.9 ms", unit(took(499.9, getBook)), byID, ""},
		{"500 ms", unit(took(500, getBook)), byID, "QP501"},
		{"a slow commit", unit("BEGIN", addTag, took(900, "COMMIT")), byID, ""},
		{"a slow COPY and a slow index", unit(took(900, `COPY library_tag (id, name) TO STDOUT`), took(900, `CREATE INDEX tag_name ON library_tag (name)`)), byID, ""},

		{"OFFSET 999", unit(books + " OFFSET 999"), byID, ""},
		{"OFFSET 1000", unit(books + " OFFSET 1000"), byID, "QP502"},

		{"startswith", unit(strings.ReplaceAll(reviews, `"book_id" = 7`, `"text"::text LIKE 'on%'`)), byID, ""},
		{"contains", unit(strings.ReplaceAll(reviews, `"book_id" = 7`, `"text"::text LIKE '%on%'`)), byID, "QP503"},
		{"icontains", unit(strings.ReplaceAll(reviews, `"library_review"."book_id" = 7`, `UPPER("library_review"."text"::text) LIKE UPPER('%on%')`)), byID, "QP503"},
		{"any first letter", unit(strings.ReplaceAll(reviews, `"book_id" = 7`, `"text"::text LIKE '_n%'`)), byID, "QP503"},
		{"contains under OR", unit(strings.ReplaceAll(reviews, `"library_review"."book_id" = 7`, `("library_review"."book_id" = 7 OR "library_review"."text"::text LIKE '%on%')`)), byID, ""},

		{"a random order", unit(strings.ReplaceAll(books, `"library_book"."title" ASC`, "RANDOM() ASC")), byID, "QP504"},
		{"a random value", unit(strings.ReplaceAll(reviews, `"library_review"."text"`, "RANDOM()")), byID, ""},

		{"a list of 999", unit(strings.ReplaceAll(reviews, "= 7", "IN ({1..999})")), byID, ""},
		{"a list of 1000", unit(strings.ReplaceAll(reviews, "= 7", "IN ({1..1000})")), byID, "QP505"},
		{"an array", unit(strings.ReplaceAll(reviews, "= 7", "= ANY('{{1..1200}}')")), byID, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := check(t, c.capture, analyzer.Config{}, c.by).Findings
			var codes []string
			for _, f := range found {
				codes = append(codes, f.Code)
			}
			slices.Sort(codes)
			if got := strings.Join(codes, ","); got != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, join(lines(found)))
			}
		})
	}
}

// TestMinCalls: what makes a loop is for the user to say.
func TestMinCalls(t *testing.T) {
	for calls, want := range map[int]int{2: 0, 3: 1, 4: 1} {
		found := check(t, unit(books, often(calls, author)), analyzer.Config{MinCalls: 3}, byID).Findings
		if len(found) != want {
			t.Errorf("--min-calls 3, %d calls: %d findings, want %d", calls, len(found), want)
		}
	}
}
