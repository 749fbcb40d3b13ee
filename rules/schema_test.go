//go:build cgo

package rules_test

import (
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/finding"
)

// projectSchema is what pg_dump wrote of the project that the pages' examples
// are from.
const projectSchema = "../testdata/logs/schema.sql"

// TestPagesWithSchema runs the pages' logs with the schema at hand: it may make
// findings surer, and must change nothing else.
func TestPagesWithSchema(t *testing.T) {
	for _, r := range logged() {
		t.Run(r.Name, func(t *testing.T) {
			p := parsePage(t, r.Doc)
			for _, name := range []string{"Bad", "Good"} {
				verdict(t, r, name, lines(check(t, p.sections[name].capture, analyzer.Config{Schema: projectSchema, Budgets: p.sections[name].budgets}, byID).Findings))
			}
		})
	}
}

// TestSchemaProves checks what pages say that --schema adds.
func TestSchemaProves(t *testing.T) {
	for _, c := range []sureness{
		{"ids", unit(books, often(12, author)), byID, finding.Proven, "relation known from the schema file"},
		{"a connection", unit(books, often(12, author)), byConnection, finding.Likely, "relation known from the schema file"},
	} {
		t.Run(c.name, func(t *testing.T) { c.check(t, analyzer.Config{Schema: projectSchema}) })
	}
	long := unit(`SELECT "library_book"."id", "library_book"."title", "library_book"."body" FROM "library_book" LIMIT 40`,
		`SELECT "shop_customer"."id", "shop_customer"."name", "shop_customer"."email", "shop_customer"."phone", "shop_customer"."notes", "shop_customer"."history", "shop_customer"."preferences" FROM "shop_customer" LIMIT 50`)
	found := check(t, long, analyzer.Config{Schema: projectSchema}, byID).Findings
	if len(found) != 1 || found[0].Code != "QP201" || !strings.Contains(found[0].Message, "notes, history, preferences may be large") {
		t.Errorf("4 columns and 3 large ones weigh 22:\n%s", join(lines(found)))
	}
	if found := check(t, long, analyzer.Config{}, byID).Findings; len(found) != 0 {
		t.Errorf("without types 7 columns are not wide:\n%s", join(lines(found)))
	}
	bySKU := unit(often(12, `SELECT "shop_product"."id", "shop_product"."name" FROM "shop_product" WHERE "shop_product"."sku" = 's{n}' LIMIT 21`))
	found = check(t, bySKU, analyzer.Config{Schema: projectSchema}, byID).Findings
	if len(found) != 1 || found[0].Rewrites[0].Code != `Product.objects.in_bulk(values, field_name="sku")` {
		t.Errorf("a unique column is a key:\n%s", join(lines(found)))
	}
}
