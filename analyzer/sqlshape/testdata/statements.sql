# get, first, exists, count
SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = 5 LIMIT 21
SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" ORDER BY "auth_user"."id" ASC LIMIT 1
SELECT "auth_user"."id" FROM "auth_user" ORDER BY "auth_user"."date_joined" DESC NULLS LAST, "auth_user"."id" ASC LIMIT 25 OFFSET 50
SELECT "auth_user"."id" FROM "auth_user" ORDER BY "auth_user"."id" ASC LIMIT 100 OFFSET 40000
SELECT 1 AS "a" FROM "auth_user" WHERE "auth_user"."email" = 'x@y.z' LIMIT 1
SELECT (1) AS "a" FROM "auth_user" WHERE "auth_user"."email" = 'x@y.z' LIMIT 1
SELECT EXISTS(SELECT 1 AS "a" FROM "auth_user" WHERE "auth_user"."id" = 1 LIMIT 1) AS "found"
SELECT COUNT(*) AS "__count" FROM "core_book"
SELECT COUNT(*) AS "__count" FROM "core_book" WHERE "core_book"."author_id" = 3
SELECT COUNT(DISTINCT "core_book"."author_id") AS "n" FROM "core_book"
SELECT COUNT(*) FROM (SELECT DISTINCT "core_book"."id" AS "col1", "core_book"."title" AS "col2" FROM "core_book" INNER JOIN "core_book_tags" ON ("core_book"."id" = "core_book_tags"."book_id") WHERE "core_book_tags"."tag_id" IN (1, 2)) subquery
SELECT SUM("core_book"."price") AS "total", AVG("core_book"."price") AS "price__avg", MAX("core_book"."published") AS "latest" FROM "core_book" WHERE "core_book"."author_id" = 7
SELECT COALESCE(SUM("core_book"."price"), 0) AS "total" FROM "core_book"
SELECT COUNT(*) FILTER (WHERE "core_book"."price" > 10) AS "n", MIN("core_book"."price")::numeric(10, 2) AS "m" FROM "core_book"
# joins
SELECT "core_book"."id", "core_book"."title", "core_author"."id", "core_author"."name" FROM "core_book" INNER JOIN "core_author" ON ("core_book"."author_id" = "core_author"."id") ORDER BY "core_book"."title" ASC LIMIT 20
SELECT "core_book"."id", "core_author"."id", T3."id", T3."name" FROM "core_book" INNER JOIN "core_author" ON ("core_book"."author_id" = "core_author"."id") LEFT OUTER JOIN "core_author" T3 ON ("core_author"."mentor_id" = T3."id") WHERE T3."name" = 'x'
SELECT "core_tag"."id", "core_tag"."name" FROM "core_tag" INNER JOIN "core_book_tags" ON ("core_tag"."id" = "core_book_tags"."tag_id") WHERE "core_book_tags"."book_id" = 4
SELECT ("core_book_tags"."book_id") AS "_prefetch_related_val_book_id", "core_tag"."id", "core_tag"."name" FROM "core_tag" INNER JOIN "core_book_tags" ON ("core_tag"."id" = "core_book_tags"."tag_id") WHERE "core_book_tags"."book_id" IN (1, 2, 3)
SELECT "core_book"."id", "core_book"."author_id" FROM "core_book" WHERE "core_book"."author_id" IN (1, 2, 3, 4)
SELECT "core_book"."id", "core_book"."author_id" FROM "core_book" WHERE "core_book"."author_id" IN (1)
SELECT "core_profile"."id", "core_profile"."user_id", "core_profile"."phone" FROM "core_profile" WHERE "core_profile"."user_id" = 9 LIMIT 21
SELECT "core_shop"."place_ptr_id", "core_place"."id", "core_place"."name" FROM "core_shop" INNER JOIN "core_place" ON ("core_shop"."place_ptr_id" = "core_place"."id") WHERE "core_shop"."place_ptr_id" = 8 LIMIT 21
SELECT "core_book"."id" FROM "core_book" LEFT OUTER JOIN "core_review" ON ("core_book"."id" = "core_review"."book_id" AND ("core_review"."stars" > 3)) WHERE "core_review"."id" IS NULL
SELECT a.id, b.name FROM core_book a, core_author b WHERE a.author_id = b.id AND b.name LIKE 'x%' ORDER BY b.name
SELECT o.id, c.name FROM orders AS o JOIN customers AS c USING (customer_id) WHERE o.status = 'open'
SELECT * FROM core_book NATURAL JOIN core_author CROSS JOIN core_tag
SELECT "a"."x", "f"."n" FROM "a" CROSS JOIN LATERAL unnest("a"."tags") AS "f"("n") WHERE "a"."id" = 3
# filters
SELECT "core_book"."id" FROM "core_book" WHERE ("core_book"."price" >= 5 AND "core_book"."price" < '10.5' AND NOT ("core_book"."title" = 'x') AND "core_book"."sold" AND NOT "core_book"."hidden")
SELECT "core_book"."id" FROM "core_book" WHERE ("core_book"."title" = 'a' OR "core_book"."title" = 'b')
SELECT "core_book"."id" FROM "core_book" WHERE (("core_book"."a" = 1 AND "core_book"."b" = 2) AND ("core_book"."c" = 3 OR "core_book"."d" IS NOT NULL))
SELECT "core_book"."id" FROM "core_book" WHERE UPPER("core_book"."title"::text) LIKE UPPER('%django%')
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."title"::text LIKE 'dj%' AND "core_book"."isbn"::text LIKE '%77'
SELECT "core_book"."id" FROM "core_book" WHERE UPPER("core_book"."title"::text) = UPPER('django')
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."title" ILIKE '%x%' AND "core_book"."title" NOT LIKE '_y'
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."title"::text ~ '^x' AND "core_book"."title"::text ~* 'y'
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."published" BETWEEN '2024-01-01'::date AND '2024-12-31'::date AND "core_book"."a" = 1
SELECT "core_book"."id" FROM "core_book" WHERE EXTRACT(MONTH FROM "core_book"."published") = 5
SELECT "core_book"."id" FROM "core_book" WHERE ("core_book"."created" AT TIME ZONE 'UTC')::date = '2024-05-01'::date
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."created" >= NOW() - INTERVAL '1 day'
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."deleted_at" IS NULL AND "core_book"."flag" IS TRUE AND "core_book"."flag2" IS NOT FALSE
SELECT "core_book"."id" FROM "core_book" WHERE NOT ("core_book"."id" IN (SELECT U0."book_id" FROM "core_review" U0 WHERE U0."stars" = 1))
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."author_id" IN (SELECT U0."id" FROM "core_author" U0 INNER JOIN "core_country" U1 ON (U0."country_id" = U1."id") WHERE U1."code" = 'DE')
SELECT "core_book"."id" FROM "core_book" WHERE EXISTS(SELECT 1 AS "a" FROM "core_review" U0 WHERE (U0."book_id" = ("core_book"."id") AND U0."stars" > 3) LIMIT 1)
SELECT "core_book"."id", EXISTS(SELECT 1 AS "a" FROM "core_review" U0 WHERE U0."book_id" = ("core_book"."id") LIMIT 1) AS "reviewed" FROM "core_book"
SELECT "core_book"."id", (SELECT U0."stars" FROM "core_review" U0 WHERE U0."book_id" = ("core_book"."id") ORDER BY U0."created" DESC LIMIT 1) AS "latest" FROM "core_book"
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."data" @> '{"a": 1}'::jsonb AND "core_book"."data" ? 'k' AND "core_book"."tags" && ARRAY['x', 'y']::varchar(20)[]
SELECT "core_book"."id" FROM "core_book" WHERE ("core_book"."data" -> 'a') = '1'::jsonb
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."id" = ANY(ARRAY[1, 2, 3])
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."id" = ANY('{1,2}')
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."id" = ANY(ARRAY['x']::uuid[]) AND "core_book"."kind" <> ALL(ARRAY[1, 2])
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."price" > "core_book"."cost"
SELECT "core_book"."id" FROM "core_book" WHERE 5 = "core_book"."price" AND 3 < "core_book"."cost"
SELECT "core_line"."order_id", "core_line"."no" FROM "core_line" WHERE ("core_line"."order_id" = 1 AND "core_line"."no" = 2) LIMIT 21
SELECT "core_line"."order_id" FROM "core_line" WHERE ("core_line"."order_id", "core_line"."no") IN ((1, 2), (3, 4))
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."search" @@ (plainto_tsquery('english'::regconfig, 'x'))
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."status" NOT IN ('a', 'b')
SELECT id, title FROM core_book WHERE author_id = 3 AND title != 'x' ORDER BY title
SELECT "core_book"."id" FROM "core_book" WHERE COALESCE("core_book"."price", 0) > 3 AND LOWER("core_book"."title") IN ('a', 'b')
# order, distinct, sets, windows, groups
SELECT "core_book"."id" FROM "core_book" ORDER BY RANDOM() ASC LIMIT 5
SELECT DISTINCT ON ("core_book"."author_id") "core_book"."author_id", "core_book"."id" FROM "core_book" ORDER BY "core_book"."author_id" ASC, "core_book"."published" DESC
SELECT DISTINCT "core_book"."author_id" FROM "core_book"
SELECT "core_book"."author_id", COUNT("core_book"."id") AS "n" FROM "core_book" GROUP BY "core_book"."author_id" HAVING COUNT("core_book"."id") > 3 ORDER BY "n" DESC
SELECT "core_author"."id", "core_author"."name", COUNT("core_book"."id") AS "n" FROM "core_author" LEFT OUTER JOIN "core_book" ON ("core_author"."id" = "core_book"."author_id") GROUP BY "core_author"."id" ORDER BY 3 DESC
SELECT COUNT(*) AS "n" FROM "core_book" GROUP BY "core_book"."author_id"
(SELECT "core_book"."id" AS "col1" FROM "core_book" WHERE "core_book"."price" > 5) UNION (SELECT "core_author"."id" AS "col1" FROM "core_author") ORDER BY (1) ASC LIMIT 10
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."price" > 5 UNION ALL SELECT "core_author"."id" FROM "core_author" WHERE "core_author"."id" = 3
SELECT "core_book"."id" FROM "core_book" EXCEPT SELECT "core_review"."book_id" FROM "core_review" ORDER BY 1
SELECT "core_book"."id", ROW_NUMBER() OVER (PARTITION BY "core_book"."author_id" ORDER BY "core_book"."published" DESC) AS "rank" FROM "core_book"
SELECT * FROM (SELECT "core_book"."id" AS "col1", RANK() OVER (ORDER BY "core_book"."price") AS "qual0" FROM "core_book") "qualify" WHERE "qual0" = 1
SELECT "core_book".*, "core_author"."name" FROM "core_book" INNER JOIN "core_author" ON ("core_author"."id" = "core_book"."author_id")
SELECT "core_book"."id", "core_book"."price" * 2 AS "double", 'x' AS "kind", CASE WHEN "core_book"."price" > 10 THEN 'a' ELSE 'b' END AS "class" FROM "core_book"
WITH recent AS (SELECT id FROM core_book WHERE published > '2024-01-01') SELECT a.name FROM core_author a JOIN recent ON recent.id = a.book_id WHERE a.active
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT c.parent_id FROM core_category c JOIN t ON t.n = c.id) SELECT n FROM t
# locks
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."id" = 3 LIMIT 21 FOR UPDATE
SELECT "core_book"."id" FROM "core_book" INNER JOIN "core_author" ON ("core_book"."author_id" = "core_author"."id") WHERE "core_book"."id" = 3 FOR NO KEY UPDATE OF "core_book" SKIP LOCKED
SELECT 1 FROM ONLY "public"."auth_user" x WHERE "id" OPERATOR(pg_catalog.=) 5 FOR KEY SHARE OF x
# writes
INSERT INTO "core_book" ("title", "author_id", "price") VALUES ('x', 3, NULL) RETURNING "core_book"."id"
INSERT INTO "core_book" ("title", "author_id") VALUES ('a', 1), ('b', 2), ('c', 3) RETURNING "core_book"."id"
INSERT INTO "core_book" ("title", "author_id") VALUES ('a', 1), ('b', 2) ON CONFLICT DO NOTHING
INSERT INTO "core_book" ("id", "title") VALUES (1, 'a'), (2, 'b') ON CONFLICT("id") DO UPDATE SET "title" = EXCLUDED."title" RETURNING "core_book"."id"
INSERT INTO "core_log" DEFAULT VALUES RETURNING "core_log"."id"
INSERT INTO core_archive (id, title) SELECT id, title FROM core_book WHERE published < '2000-01-01'
INSERT INTO "core_tag" ("name") VALUES ('x')
INSERT INTO "core_tag" ("name") SELECT * FROM UNNEST(('{a,b}')::varchar[]) RETURNING "core_tag"."id"
UPDATE "core_book" SET "title" = 'x', "price" = 5, "author_id" = NULL WHERE "core_book"."id" = 3
UPDATE "core_book" SET "price" = ("core_book"."price" + 1) WHERE "core_book"."id" = 3
UPDATE "core_book" SET "views" = "core_book"."views" + 1, "seen" = NOW() WHERE "core_book"."author_id" IN (1, 2)
UPDATE "core_book" SET "title" = (CASE WHEN ("core_book"."id" = 1) THEN 'a' WHEN ("core_book"."id" = 2) THEN 'b' ELSE NULL END)::varchar(100) WHERE "core_book"."id" IN (1, 2)
UPDATE "core_book" SET "active" = false WHERE "core_book"."id" IN (SELECT U0."id" FROM "core_book" U0 INNER JOIN "core_author" U1 ON (U0."author_id" = U1."id") WHERE U1."name" = 'x')
UPDATE core_book SET price = s.price FROM staging s WHERE s.isbn = core_book.isbn AND s.batch = 4
UPDATE "django_session" SET "session_data" = 'abc', "expire_date" = '2024-05-01T00:00:00+00:00'::timestamptz WHERE "django_session"."session_key" = 'k'
DELETE FROM "core_book" WHERE "core_book"."id" IN (5)
DELETE FROM "core_book" WHERE "core_book"."id" IN (5, 6, 7)
DELETE FROM "core_book_tags" WHERE ("core_book_tags"."book_id" = 4 AND "core_book_tags"."tag_id" IN (1, 2))
DELETE FROM core_book b USING core_author a WHERE b.author_id = a.id AND a.name = 'x' RETURNING b.id
DELETE FROM "core_log"
# connection, transactions, cursors
SELECT set_config('TimeZone', 'UTC', false)
SELECT pg_catalog.set_config('search_path', '', false)
SELECT VERSION()
SELECT 1
SET TIME ZONE 'UTC'
SET client_encoding TO 'UTF8'
SHOW server_version
BEGIN
BEGIN ISOLATION LEVEL SERIALIZABLE
COMMIT
ROLLBACK
SAVEPOINT "s139732805009472_x12"
RELEASE SAVEPOINT "s139732805009472_x12"
ROLLBACK TO SAVEPOINT "s139732805009472_x12"
SAVEPOINT sp12
DECLARE "_django_curs_139732805009472_sync_1" NO SCROLL CURSOR WITH HOLD FOR SELECT "core_book"."id", "core_book"."title" FROM "core_book" WHERE "core_book"."author_id" = 3
FETCH FORWARD 100 FROM "_django_curs_139732805009472_sync_1"
MOVE FORWARD 10 IN c1
CLOSE "_django_curs_139732805009472_sync_1"
COPY "core_book" ("id", "title") FROM STDIN
COPY (SELECT id FROM core_book) TO STDOUT
TRUNCATE "core_book", "core_author"
CREATE TABLE x (id integer PRIMARY KEY, name varchar(20))
VACUUM ANALYZE core_book
EXPLAIN SELECT "core_book"."id" FROM "core_book"
# names
SELECT "Odd Table"."Mixed", "Odd Table"."we""ird" FROM "Odd Table" WHERE "Odd Table"."select" = 1
SELECT "public"."core_book"."id" FROM "public"."core_book" WHERE "public"."core_book"."id" = 3
SELECT "b"."id" FROM "sales"."core_book" "b" WHERE "b"."id" = 3
SELECT MyCol FROM MyTable WHERE OtherCol = 3
# two statements
BEGIN; SELECT 1
SELECT "core_book"."id" FROM "core_book" WHERE "core_book"."id" = 3; SELECT 2
SELECT "a"."id" FROM "a" WHERE (SELECT COUNT(*) FROM "u" WHERE "u"."a_id" = "a"."id") > 3
SELECT "a"."id" FROM "a" WHERE ((SELECT U0."n" FROM "u" U0 WHERE U0."a_id" = "a"."id" LIMIT 1)) = "a"."n" AND "a"."x" = 1
