package link

import (
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// at is a span of one line.
func at(path string, line int) source.Span {
	return source.Span{Path: path, Line: line, EndLine: line, Column: 1, EndColumn: 9, Start: line * 100, End: line*100 + 8}
}

// query is a queryset in library/views.py whose line is all that differs.
func query(model string, line int, change func(*source.Query)) *source.Query {
	q := &source.Query{Model: model, Span: at("library/views.py", line), Function: "f", Evals: []source.Eval{{Kind: source.Iterate}}}
	if change != nil {
		change(q)
	}
	return q
}

func projectOf(queries ...*source.Query) *Project {
	ms := testModels()
	g, _ := graphWith(nil, ms)
	return &Project{Graph: g, Models: ms, Index: &source.Index{Queries: queries}}
}

// lines are the lines of the candidates.
func lines(cs []Candidate) []int {
	var list []int
	for _, c := range cs {
		list = append(list, c.Query.Span.Line)
	}
	return list
}

func TestMatchByStatement(t *testing.T) {
	p := projectOf(
		query("shop.Product", 1, nil),
		query("shop.Product", 2, func(q *source.Query) { q.Ordering = []string{"name"} }),
		query("shop.Product", 3, func(q *source.Query) { q.Ordering, q.Sliced, q.Limit = []string{"name"}, true, 20 }),
		query("shop.Product", 4, func(q *source.Query) { q.Filters = []source.Filter{{Path: "name", Lookup: "exact"}} }),
		query("shop.Product", 5, func(q *source.Query) { q.Only = []string{"name"} }),
		query("shop.Product", 6, func(q *source.Query) { q.Values, q.Raw = []string{"name"}, true }),
		query("shop.Product", 7, func(q *source.Query) {
			q.Filters = []source.Filter{{Path: "name", Lookup: "gt"}}
			q.Distinct = true
		}),
		query("shop.Product", 8, func(q *source.Query) { q.Evals = []source.Eval{{Kind: source.Count}} }),
		query("shop.Product", 9, func(q *source.Query) {
			q.Filters = []source.Filter{{Path: "pk", Lookup: "exact"}}
			q.Evals = []source.Eval{{Kind: source.One}}
		}),
		query("shop.OrderItem", 10, nil),
		query("shop.OrderItem", 11, func(q *source.Query) { q.Eager = []source.Eager{{Path: "order", Join: true}} }),
		query("shop.OrderItem", 12, func(q *source.Query) { q.Filters = []source.Filter{{Path: "order__made_by", Lookup: "in"}} }),
		query("shop.OrderItem", 13, func(q *source.Query) { q.Filters = []source.Filter{{Path: "order__pk", Lookup: "exact"}} }),
		query("shop.Tag", 14, func(q *source.Query) { q.Escapes = []source.Escape{{Queryset: true}} }),
		query("shop.Tag", 15, nil),
		query("places.Clinic", 16, nil),
		query("shop.Order", 17, func(q *source.Query) {
			q.Filters = []source.Filter{{Path: "made_by", Lookup: "exact"}, {Path: "sold_by", Lookup: "isnull", Literal: true}}
		}),
	)
	const product = `SELECT "shop_product"."code", "shop_product"."name" FROM "shop_product"`
	const item = `SELECT "shop_orderitem"."id", "shop_orderitem"."order_id", "shop_orderitem"."product_code"`
	for sql, want := range map[string][]int{
		product: {1, 5}, // only() of all columns is no different
		product + ` ORDER BY "shop_product"."name" ASC`:                                                                      {2},
		product + ` ORDER BY "shop_product"."name" DESC`:                                                                     nil,
		product + ` ORDER BY "shop_product"."name" ASC LIMIT 20`:                                                             {3},
		product + ` ORDER BY "shop_product"."name" ASC LIMIT 30`:                                                             nil,
		product + ` WHERE "shop_product"."name" = 'a'`:                                                                       {4},
		product + ` WHERE "shop_product"."name" > 'a'`:                                                                       nil, // no DISTINCT
		product + ` WHERE "shop_product"."code" = 'a' LIMIT 21`:                                                              {9},
		`SELECT DISTINCT "shop_product"."code", "shop_product"."name" FROM "shop_product" WHERE "shop_product"."name" > 'a'`: {7},
		`SELECT "shop_product"."name" FROM "shop_product"`:                                                                   {6},
		`SELECT COUNT(*) AS "__count" FROM "shop_product"`:                                                                   {8},
		product + ` FOR UPDATE`:                                                                                              nil,
		item + ` FROM "shop_orderitem"`:                                                                                      {10},
		item + `, "shop_order"."id", "shop_order"."made_by_id", "shop_order"."sold_by_id" FROM "shop_orderitem" INNER JOIN "shop_order" ON ("shop_orderitem"."order_id" = "shop_order"."id")`: {11},
		item + ` FROM "shop_orderitem" INNER JOIN "shop_order" ON ("shop_orderitem"."order_id" = "shop_order"."id") WHERE "shop_order"."made_by_id" IN (1, 2)`:                                {12},
		item + ` FROM "shop_orderitem" WHERE "shop_orderitem"."order_id" = 7`:                                                                                                                 {13},
		`SELECT "labels"."id", "labels"."name" FROM "labels" LIMIT 25`:                                                                                                                        {14},
		`SELECT "labels"."id", "labels"."name" FROM "labels"`:                                                                                                                                 {14, 15},
		`SELECT "places_place"."id", "places_place"."name", "places_ward"."up_id", "places_ward"."beds", "places_clinic"."ward_ptr_id", "places_clinic"."head_id" FROM "places_clinic" INNER JOIN "places_ward" ON ("places_clinic"."ward_ptr_id" = "places_ward"."up_id") INNER JOIN "places_place" ON ("places_ward"."up_id" = "places_place"."id")`: {16},
		`SELECT "shop_order"."id", "shop_order"."made_by_id", "shop_order"."sold_by_id" FROM "shop_order" WHERE ("shop_order"."made_by_id" = 3 AND "shop_order"."sold_by_id" IS NULL)`:                                                                                                                                                                 {17},
	} {
		_, shapes := graphWith(nil, nil, sql)
		if got := lines(p.Match(shapes[sql], "", nil)); !slices.Equal(got, want) {
			t.Errorf("%s\n\tmatches lines %v, want %v", sql, got, want)
		}
	}
}

func TestMatchByPlace(t *testing.T) {
	entries := func(line int, function string, views ...string) *source.Query {
		return query("shop.Product", line, func(q *source.Query) { q.Function, q.Entries = function, views })
	}
	p := projectOf(
		entries(1, "books", "library.views.books"),
		entries(2, "BookList.get_queryset", "library.views.BookList"),
		entries(3, "rebuild", "library.tasks.rebuild"),
		entries(4, "helper", "library.views.a", "library.views.b"),
	)
	p.Index.Routes = []source.Route{
		{Pattern: "library/books/", Name: "library:books", View: "library.views.books"},
		{Pattern: "library/<slug:shelf>/list/<int:page>/", View: "library.views.BookList"},
		{Pattern: "^old/(?P<pk>[0-9]+)/$", View: "library.views.a"},
	}
	const sql = `SELECT "shop_product"."code", "shop_product"."name" FROM "shop_product"`
	_, shapes := graphWith(nil, nil, sql)
	for _, c := range []struct {
		unit string
		site Site
		want []int
	}{
		{"", Site{}, []int{1, 2, 3, 4}},
		{"GET /library/books/?page=2", Site{}, []int{1}},
		{"/library/books/", Site{}, []int{1}},
		{"library:books", Site{}, []int{1}},
		{"books", Site{}, []int{1}},
		{"library.views.books", Site{}, []int{1}},
		{"library/<slug:shelf>/list/<int:page>/", Site{}, []int{2}},
		{"GET /library/poetry/list/3/", Site{}, []int{2}},
		{"library.views.BookList.get", Site{}, []int{2}},
		{"library.tasks.rebuild", Site{}, []int{3}},
		{"old/12/", Site{}, []int{4}},
		{"/nowhere/", Site{}, []int{1, 2, 3, 4}},
		{"", Site{Path: "/app/library/views.py", Line: 2}, []int{2}},
		{"", Site{Path: "/app/library/views.py", Line: 99, Function: "library.views.books"}, []int{1}},
		{"", Site{Path: "/srv/shop/library/views.py", Function: "BookList.get_queryset.<locals>.<listcomp>"}, []int{2}},
		{"", Site{Path: "/app/other/views.py", Line: 2, Function: "books"}, []int{1, 2, 3, 4}},
		{"GET /library/books/", Site{Path: "views.py", Line: 3}, []int{3}}, // the line is surer than the route
	} {
		var sites []Site
		if c.site.Path != "" {
			sites = []Site{c.site}
		}
		if got := lines(p.Match(shapes[sql], c.unit, sites)); !slices.Equal(got, c.want) {
			t.Errorf("%q %+v: lines %v, want %v", c.unit, c.site, got, c.want)
		}
	}
	if p.Match(shapes[sql], "GET /library/books/", nil)[0].Basis != ByEntry {
		t.Error("a route is an entry")
	}
}

// A fetch has run a statement when its relation, or its own queryset, reads
// the table.
func TestFetchBasis(t *testing.T) {
	orders := query("shop.Order", 1, nil)
	product := query("shop.Product", 2, nil)
	fetch := func(op source.Op, of *source.Query, path ...string) *source.Fetch {
		return &source.Fetch{Op: op, Of: of, Path: path, Span: at("library/views.py", 5), Function: "f", Entries: []string{"library.views.f"}}
	}
	insert := fetch(source.Insert, nil)
	insert.Model = "shop.OrderItem"
	covered := fetch(source.Related, orders, "made_by")
	covered.Covered = true
	p := projectOf(orders, product)
	for _, c := range []struct {
		sql   string
		fetch *source.Fetch
		want  bool
	}{
		{`SELECT "people"."id", "people"."name" FROM "people" WHERE "people"."id" = 3 LIMIT 21`, fetch(source.Related, orders, "made_by"), true},
		{`SELECT "people"."id", "people"."name" FROM "people" WHERE "people"."id" = 3 LIMIT 21`, covered, false},
		{`SELECT "labels"."id" FROM "labels" WHERE "labels"."id" = 3 LIMIT 21`, fetch(source.Related, orders, "made_by"), false},
		{`SELECT "shop_orderitem"."id" FROM "shop_orderitem" WHERE "shop_orderitem"."order_id" = 3`, fetch(source.All, orders, "lines"), true},
		{`SELECT COUNT(*) AS "__count" FROM "shop_product_tags" WHERE "shop_product_tags"."product_id" = 'a'`, fetch(source.CountRows, product, "tags"), true},
		{`SELECT COUNT(*) AS "__count" FROM "shop_product_tags" WHERE "shop_product_tags"."product_id" = 'a'`, fetch(source.All, product, "tags"), false},
		{`INSERT INTO "shop_orderitem" ("order_id") VALUES (1)`, insert, true},
		{`INSERT INTO "shop_order" ("made_by_id") VALUES (1)`, insert, false},
		{`UPDATE "shop_orderitem" SET "order_id" = 1 WHERE "shop_orderitem"."id" = 2`, insert, false},
	} {
		_, shapes := graphWith(nil, nil, c.sql)
		p.Index.Fetches = append(p.Index.Fetches, c.fetch)
		if _, got := p.FetchBasis(shapes[c.sql], c.fetch, "library.views.f", nil); got != c.want {
			t.Errorf("%s by %s %s: %v", c.sql, c.fetch.Op, strings.Join(c.fetch.Path, "."), got)
		}
	}
	if _, ok := p.FetchBasis(nilShape(), p.Index.Fetches[0], "", nil); ok {
		t.Error("a statement of nothing was run by a fetch")
	}
}

func nilShape() *sqlshape.Shape { return &sqlshape.Shape{} }
