package gen

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
)

// A literal is a kind of value that a statement is filled with.
type literal uint8

const (
	anID literal = iota
	aNumber
	aString
	aKey
	aTime
	aText // with quotes, line breaks and what else breaks readers
	someIDs
	someRows
)

// A shape is a statement with places for literals between its parts, each
// part escaped for each format.
type shape struct {
	parts    [][formats]string
	literals []literal
}

// newShape makes a shape of strings and literals in turn, a string first.
func newShape(pieces ...any) shape {
	var sh shape
	for _, p := range pieces {
		switch p := p.(type) {
		case literal:
			sh.literals = append(sh.literals, p)
		case string:
			sh.parts = append(sh.parts, [formats]string{
				Stderr: p,
				CSV:    strings.ReplaceAll(p, `"`, `""`),
				JSON:   strings.ReplaceAll(p, `"`, `\"`),
			})
		}
	}
	return sh
}

// write appends a statement of this shape with random literals.
func (sh *shape) write(b []byte, r *rand.Rand, f Format) []byte {
	for i, p := range sh.parts {
		b = append(b, p[f]...)
		if i < len(sh.literals) {
			b = sh.literals[i].write(b, r, f)
		}
	}
	return b
}

func (l literal) write(b []byte, r *rand.Rand, f Format) []byte {
	switch l {
	case anID:
		return strconv.AppendInt(b, r.Int63n(1_000_000), 10)
	case aNumber:
		return strconv.AppendInt(b, r.Int63n(10)-1, 10)
	case aString:
		b = append(b, "'name "...)
		b = strconv.AppendInt(b, r.Int63n(100_000), 10)
		return append(b, " it''s'"...)
	case aKey:
		b = append(b, '\'')
		return append(hex16(b, r.Uint64()), '\'')
	case aTime:
		b = append(b, "'2026-0"...)
		b = strconv.AppendInt(b, 1+r.Int63n(9), 10)
		b = append(b, "-1"...)
		b = strconv.AppendInt(b, r.Int63n(10), 10)
		return append(b, "T10:00:00.123456+00:00'::timestamptz"...)
	case aText:
		b = append(b, "'"...)
		b = strconv.AppendInt(b, r.Int63n(100_000), 10)
		return append(b, texts[r.Intn(len(texts))][f]...)
	case someIDs:
		for k := range 1 + r.Intn(30) {
			if k > 0 {
				b = append(b, ", "...)
			}
			b = strconv.AppendInt(b, r.Int63n(1_000_000), 10)
		}
		return b
	case someRows:
		for k := range 2 + r.Intn(20) {
			if k > 0 {
				b = append(b, ", "...)
			}
			b = append(b, '(')
			b = anID.write(b, r, f)
			b = append(b, ", "...)
			b = aString.write(b, r, f)
			b = append(b, ')')
		}
		return b
	}
	panic("gen: unknown literal")
}

// texts are ends of string literals as each format writes them.
var texts = [...][formats]string{
	{Stderr: "'", CSV: "'", JSON: "'"},
	{Stderr: "\n\tline two\n\t\n\tline four'", CSV: "\nline two\n\nline four'", JSON: `\nline two\n\nline four'`},
	{Stderr: ` a "quoted" \ word'`, CSV: ` a ""quoted"" \ word'`, JSON: ` a \"quoted\" \\ word'`},
	{Stderr: " -- no /* comment */ ? %s $1'", CSV: " -- no /* comment */ ? %s $1'", JSON: " -- no /* comment */ ? %s $1'"},
	{Stderr: " LOG:  duration: 99999.000 ms  statement: DELETE'", CSV: " LOG:  duration: 99999.000 ms  statement: DELETE'", JSON: " LOG:  duration: 99999.000 ms  statement: DELETE'"},
}

// columnNames make up the columns of a model, in turn.
var columnNames = [...]string{"name", "created_at", "owner_id", "status", "price", "description", "is_active", "updated_at", "slug", "position"}

// modelShapes returns the statements that Django runs for the n-th model.
func modelShapes(r *rand.Rand, n, models int) []shape {
	app := [...]string{"shop", "blog", "crm", "billing", "core", "catalog", "stock"}
	name := func(k int) string { return fmt.Sprintf("%s_model%d", app[k%len(app)], k) }
	t, other := name(n), name((n+9)%models)
	cols := []string{fmt.Sprintf(`"%s"."id"`, t)}
	for c := range 4 + r.Intn(21) {
		suffix := ""
		if c >= len(columnNames) {
			suffix = strconv.Itoa(c / len(columnNames))
		}
		cols = append(cols, fmt.Sprintf(`"%s"."%s%s"`, t, columnNames[c%len(columnNames)], suffix))
	}
	list := strings.Join(cols, ", ")
	sel := "SELECT " + list + ` FROM "` + t + `"`
	join := "SELECT " + list + fmt.Sprintf(`, "%[2]s"."id", "%[2]s"."name" FROM "%[1]s" INNER JOIN "%[2]s" ON ("%[1]s"."owner_id" = "%[2]s"."id")`, t, other)
	col := func(c string) string { return fmt.Sprintf(`"%s"."%s"`, t, c) }
	limit := strconv.Itoa(10 * (1 + r.Intn(10)))
	return []shape{
		newShape(sel+" WHERE "+col("id")+" = ", anID, " LIMIT 21"),
		newShape(sel+" WHERE "+col("owner_id")+" = ", anID),
		newShape(sel+" WHERE "+col("owner_id")+" IN (", someIDs, ")"),
		newShape(sel + " ORDER BY " + col("created_at") + " DESC LIMIT " + limit),
		newShape(join+" WHERE ("+col("status")+" = ", aString, " AND "+col("created_at")+" >= ", aTime, ") ORDER BY "+col("created_at")+" DESC LIMIT "+limit),
		newShape(`SELECT COUNT(*) AS "__count" FROM "`+t+`" WHERE `+col("owner_id")+" = ", anID),
		newShape(`SELECT 1 AS "a" FROM "`+t+`" WHERE `+col("id")+" = ", anID, " LIMIT 1"),
		newShape(`UPDATE "`+t+`" SET "name" = `, aString, `, "status" = `, aNumber, ` WHERE `+col("id")+" = ", anID),
		newShape(`INSERT INTO "`+t+`" ("name", "description", "owner_id", "created_at") VALUES (`, aString, ", ", aText, ", ", anID, ", ", aTime, `) RETURNING `+col("id")),
		newShape(`INSERT INTO "`+t+`_tags" ("`+app[n%len(app)]+`_id", "tag") VALUES `, someRows, " ON CONFLICT DO NOTHING"),
		newShape(`DELETE FROM "`+t+`_tags" WHERE "`+t+`_tags"."id" IN (`, anID, ")"),
	}
}
