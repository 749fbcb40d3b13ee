package sqlshape

import "testing"

func TestMask(t *testing.T) {
	for _, c := range [][2]string{
		{`SELECT "a"."id" FROM "a" WHERE "a"."id" = 5 LIMIT 21`, `SELECT "a"."id" FROM "a" WHERE "a"."id" = ? LIMIT 21`},
		{"SELECT a1 FROM t2 WHERE x IN (1, 2,3 ,\n4)", `SELECT a1 FROM t2 WHERE x IN (?, …)`},
		{`SELECT a FROM t WHERE x IN (1)`, `SELECT a FROM t WHERE x IN (?)`},
		{`SELECT a FROM t WHERE x IN ( '1' )`, `SELECT a FROM t WHERE x IN (?)`},
		{"SELECT `a` FROM `t` WHERE `b` = 'it\\'s secret' AND `c` IN ('x\\'y', 'z')", "SELECT `a` FROM `t` WHERE `b` = ? AND `c` IN (?, …)"},
		{`SELECT a FROM t WHERE x IN ('a''b', 'c'::uuid, -3, 1e-5, NULL)`, `SELECT a FROM t WHERE x IN (?, …)`},
		{`SELECT a FROM t WHERE x IN (NULL, 2)`, `SELECT a FROM t WHERE x IN (?, …)`},
		{`SELECT a FROM t WHERE x IN (NULL)`, `SELECT a FROM t WHERE x IN (NULL)`},
		{`SELECT a FROM t WHERE x IN (1, 2 + 3, 4)`, `SELECT a FROM t WHERE x IN (?, ? + ?, ?)`},
		{`SELECT a FROM t WHERE (x, y) IN ((1, 2), (3, NULL))`, `SELECT a FROM t WHERE (x, y) IN ((?, ?), …)`},
		{`SELECT a FROM t WHERE (x, y) IN ((1, 2))`, `SELECT a FROM t WHERE (x, y) IN ((?, ?))`},
		{`SELECT a FROM t WHERE x IN (SELECT 1 FROM u WHERE b = 4)`, `SELECT a FROM t WHERE x IN (SELECT 1 FROM u WHERE b = ?)`},
		{`SELECT a FROM t WHERE x IN (%s, %s) AND y=$12`, `SELECT a FROM t WHERE x IN (?, …) AND y=?`},
		{`INSERT INTO t (a, b) VALUES (1, 'x'), (2, 'y'),(3,'z') RETURNING id`, `INSERT INTO t (a, b) VALUES (?, ?), (?,?), … RETURNING id`},
		{`INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL), (DEFAULT, 'z') RETURNING id`, `INSERT INTO t (a, b) VALUES (?, ?), … RETURNING id`},
		{`INSERT INTO t (a, b, c) VALUES (1, NULL, 3)`, `INSERT INTO t (a, b, c) VALUES (?, NULL, ?)`},
		{`INSERT INTO t (a, b) VALUES (1, f('x')), (2, NULL), (3, f('z'))`, `INSERT INTO t (a, b) VALUES (?, f(?)), (?, ?), …`},
		{`SELECT COALESCE(x, 1, 2)`, `SELECT COALESCE(x, ?, ?)`},
		{"SELECT 1 /*route='x'*/ -- foo\n", `SELECT 1`},
		{`/* a /* nested */ b */ SELECT a->>'k', b::int FROM t;`, `SELECT a->>?, b::int FROM t`},
		{`SELECT x FROM t WHERE d >= '2024-01-01'::timestamptz AND e = E'it\'s' AND f = $$x ' y$$ AND g = 0x1F AND h = U&'\0041' AND i = $tag$a$b$tag$`, `SELECT x FROM t WHERE d >= ? AND e = ? AND f = ? AND g = ? AND h = ? AND i = ?`},
		{`SELECT x FROM t WHERE a = ANY(ARRAY[1,2,3]) AND b = %(name)s AND c = ANY(ARRAY['a']::text[])`, `SELECT x FROM t WHERE a = ANY(ARRAY[?, …]) AND b = ? AND c = ANY(ARRAY[?]::text[])`},
		{"SELECT  a\n\t FROM t", `SELECT a FROM t`},
		{`SELECT 'open`, `SELECT ?`},
		{`SELECT a - 1, a -1, -1 FROM t LIMIT -1`, `SELECT a - ?, a -?, ? FROM t LIMIT ?`},
		{`SELECT CASE WHEN a = -1 THEN -2 ELSE -3 END FROM t WHERE a BETWEEN -1 AND -2`, `SELECT CASE WHEN a = ? THEN ? ELSE ? END FROM t WHERE a BETWEEN ? AND ?`},
		{`SELECT a FROM t LIMIT 1000 OFFSET 999`, `SELECT a FROM t LIMIT 1000 OFFSET ?`},
		{`SELECT a FROM t LIMIT 1001 OFFSET 1000`, `SELECT a FROM t LIMIT ? OFFSET ? (1000+)`},
		{`SELECT a FROM t LIMIT '21'`, `SELECT a FROM t LIMIT ?`},
		{`SELECT 1 AS "a" FROM t WHERE b = 'x' LIMIT 1`, `SELECT 1 AS "a" FROM t WHERE b = ? LIMIT 1`},
		{`SELECT 12345 AS "a"`, `SELECT ? AS "a"`},
		{`SELECT a FROM t WHERE UPPER("t"."c"::text) LIKE UPPER('%x%')`, `SELECT a FROM t WHERE UPPER("t"."c"::text) LIKE UPPER('%…')`},
		{`SELECT a FROM t WHERE c::text LIKE '_x' OR c LIKE 'x%' OR c ILIKE E'%\'x'`, `SELECT a FROM t WHERE c::text LIKE '%…' OR c LIKE ? OR c ILIKE '%…'`},
		{`SAVEPOINT "s139732805009472_x12"`, `SAVEPOINT "s?_x?"`},
		{`ROLLBACK TO SAVEPOINT sp12`, `ROLLBACK TO SAVEPOINT sp?`},
		{`DECLARE "_django_curs_1397_sync_1" NO SCROLL CURSOR WITH HOLD FOR SELECT "a1"."b2" FROM "a1"`, `DECLARE "_django_curs_?_sync_?" NO SCROLL CURSOR WITH HOLD FOR SELECT "a1"."b2" FROM "a1"`},
		{`FETCH FORWARD 100 FROM "_django_curs_1397_sync_1"`, `FETCH FORWARD ? FROM "_django_curs_?_sync_?"`},
		{`SELECT a FROM t WHERE d ? 'k' AND d ?| ARRAY['a', 'b'] AND d ?& ARRAY['a']`, `SELECT a FROM t WHERE d ? ? AND d ?| ARRAY[?, …] AND d ?& ARRAY[?]`},
		{`SELECT a FROM t WHERE b = TRUE AND c IS NOT NULL AND d = false`, `SELECT a FROM t WHERE b = TRUE AND c IS NOT NULL AND d = false`},
		{`SELECT a FROM t WHERE b > '1'::double precision AND c < '2'::timestamp with time zone`, `SELECT a FROM t WHERE b > ? AND c < ?`},
		{"SELECT 'a'\n 'b', 'c' 'd'", `SELECT ?, ? ?`},
		{`UPDATE t SET a = .5, b = -.5, c = a.b`, `UPDATE t SET a = ?, b = ?, c = a.b`},
	} {
		got := Mask(c[0])
		if got != c[1] {
			t.Errorf("%q\n got %q\nwant %q", c[0], got, c[1])
		}
		if again := Mask(got); again != got {
			t.Errorf("%q\nmasked again %q", got, again)
		}
	}
}
