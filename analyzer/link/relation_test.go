package link

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// graphOf builds a graph from statements seen in a log.
func graphOf(s *schema.Schema, log ...string) (*Graph, map[string]*sqlshape.Shape) {
	return graphWith(s, nil, log...)
}

func graphWith(s *schema.Schema, ms *schema.Models, log ...string) (*Graph, map[string]*sqlshape.Shape) {
	set := sqlshape.NewSet(nil, 0)
	scanner := sqlshape.NewScanner(set, sqlshape.Postgres)
	shapes := map[string]*sqlshape.Shape{}
	for _, q := range log {
		sh := scanner.Shape(scanner.Scan([]byte(q), sqlshape.Plain).Index)
		set.Number(sh)
		shapes[q] = sh
	}
	return New(s, ms, set, nil), shapes
}

const (
	books     = `SELECT "library_book"."id", "library_book"."title", "library_book"."author_id", "library_book"."created_by_id" FROM "library_book" LIMIT 40`
	booksOnly = `SELECT "library_book"."id", "library_book"."title" FROM "library_book" LIMIT 40`
	author    = `SELECT "library_author"."id", "library_author"."name", "library_author"."country_id" FROM "library_author" WHERE "library_author"."id" = 7 LIMIT 21`
	users     = `SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" LIMIT 100`
	user      = `SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = 7 LIMIT 21`
	profile   = `SELECT "core_profile"."id", "core_profile"."user_id", "core_profile"."phone" FROM "core_profile" WHERE "core_profile"."user_id" = 7 LIMIT 21`
	reviews   = `SELECT "library_review"."id", "library_review"."book_id" FROM "library_review" WHERE "library_review"."book_id" = 7`
	stars     = `SELECT "library_review"."id", "library_review"."book_id" FROM "library_review" WHERE ("library_review"."book_id" = 7 AND "library_review"."stars" > 3)`
	tags      = `SELECT "library_tag"."id", "library_tag"."name" FROM "library_tag" INNER JOIN "library_book_tags" ON ("library_tag"."id" = "library_book_tags"."tag_id") WHERE "library_book_tags"."book_id" = 7`
	tagBooks  = `SELECT "library_book"."id", "library_book"."title" FROM "library_book" INNER JOIN "library_book_tags" ON ("library_book"."id" = "library_book_tags"."book_id") WHERE "library_book_tags"."tag_id" = 7`
	allTags   = `SELECT "library_tag"."id", "library_tag"."name" FROM "library_tag"`
	title     = `SELECT "library_book"."id", "library_book"."isbn" FROM "library_book" WHERE "library_book"."id" = 7 LIMIT 21`
	refresh   = `SELECT "library_book"."id", "library_book"."title" FROM "library_book" WHERE "library_book"."id" = 7 LIMIT 21`
	comments  = `SELECT "library_comment"."id", "library_comment"."content_type_id", "library_comment"."object_id" FROM "library_comment" LIMIT 40`
	about     = `SELECT "library_comment"."id" FROM "library_comment" WHERE ("library_comment"."content_type_id" = 7 AND "library_comment"."object_id" = 8)`
	places    = `SELECT "library_place"."id", "library_place"."name" FROM "library_place" LIMIT 40`
	branch    = `SELECT "library_place"."id", "library_place"."name", "library_branch"."place_ptr_id", "library_branch"."beds" FROM "library_branch" INNER JOIN "library_place" ON ("library_branch"."place_ptr_id" = "library_place"."id") WHERE "library_branch"."place_ptr_id" = 7 LIMIT 21`
	withName  = `SELECT "library_book"."id", "library_book"."author_id", "library_author"."id", "library_author"."name", "library_author"."country_id" FROM "library_book" INNER JOIN "library_author" ON ("library_book"."author_id" = "library_author"."id") LIMIT 40`
	country   = `SELECT "library_country"."id", "library_country"."name" FROM "library_country" WHERE "library_country"."id" = 7 LIMIT 21`
	product   = `SELECT "shop_product"."id", "shop_product"."name" FROM "shop_product" WHERE "shop_product"."id" = 7 LIMIT 21`
	cards     = `SELECT "lib_cards"."id", "lib_cards"."mbr_no" FROM "lib_cards" LIMIT 40`
	member    = `SELECT "tblMember"."MEMBER_NO", "tblMember"."FULL_NM" FROM "tblMember" WHERE "tblMember"."MEMBER_NO" = 1 LIMIT 21`
	trees     = `SELECT "shop_category"."id", "shop_category"."name", "shop_category"."parent_id" FROM "shop_category" LIMIT 40`
	parent    = `SELECT "shop_category"."id", "shop_category"."name", "shop_category"."parent_id" FROM "shop_category" WHERE "shop_category"."id" = 7 LIMIT 21`
	children  = `SELECT "shop_category"."id", "shop_category"."name", "shop_category"."parent_id" FROM "shop_category" WHERE "shop_category"."parent_id" = 7`
	joinCards = `SELECT "lib_cards"."id", "tblMember"."FULL_NM" FROM "lib_cards" INNER JOIN "tblMember" ON ("lib_cards"."mbr_no" = "tblMember"."MEMBER_NO")`
)

func TestRelate(t *testing.T) {
	for _, c := range []struct {
		name          string
		parent, child string
		also          []string
		want          string // kind fields source, "" = none
	}{
		{"forward", books, author, nil, "forward_fk author naming"},
		{"forward, known from a join elsewhere", books, author, []string{withName}, "forward_fk author join"},
		{"forward, column not fetched", booksOnly, author, nil, ""},
		{"a name that fits no table, to a user", books, user, []string{author}, "forward_fk created_by guess"},
		{"a name that fits no table, to anything else", books, product, nil, ""},
		{"already joined", withName, author, nil, ""},
		{"behind a join", withName, country, nil, "forward_fk author__country naming"},
		{"reverse one-to-one", users, profile, nil, "reverse_one_to_one profile naming"},
		{"reverse", books, reviews, nil, "reverse_fk review_set naming many"},
		{"reverse with a condition", books, stars, nil, "reverse_fk review_set naming many filtered"},
		{"many-to-many", books, tags, nil, "m2m tags naming many"},
		{"many-to-many from the other side", allTags, tagBooks, nil, "m2m book_set naming many"},
		{"deferred", booksOnly, title, nil, "deferred isbn join"},
		{"the same columns again", booksOnly, refresh, nil, ""},
		{"generic", comments, product, nil, "generic_fk content_object naming many"},
		{"generic from the other side", books, about, nil, "generic_relation comments naming many"},
		{"inherited", places, branch, nil, "mti_child branch join"},
		{"self", trees, parent, nil, "forward_fk parent guess"},
		{"self, backwards", trees, children, nil, "reverse_fk category_set guess many"},
		{"own names", cards, member, nil, ""},
		{"own names, known from a join", cards, member, []string{joinCards}, "forward_fk mbr_no join"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, shapes := graphOf(nil, append([]string{c.parent, c.child}, c.also...)...)
			if got := describe(g.Relate(shapes[c.parent], shapes[c.child])); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func describe(r Relation, ok bool) string {
	if !ok {
		return ""
	}
	source := [...]string{"", "guess", "naming", "prefetch", "join", "schema"}[r.Source]
	s := fmt.Sprintf("%s %s %s", r.Kind, strings.Join(r.Fields, ","), source)
	if r.Many {
		s += " many"
	}
	if r.Filtered {
		s += " filtered"
	}
	return s
}

// A schema tells what names cannot: own column names, one-to-one forward, and
// which of two tables a name means.
func TestSchema(t *testing.T) {
	table := func(name, key string, cols ...string) *schema.Table {
		x := &schema.Table{Name: name, PrimaryKey: []string{key}}
		for _, c := range cols {
			x.Columns = append(x.Columns, schema.Column{Name: c})
		}
		return x
	}
	cardsT := table("lib_cards", "id", "id", "mbr_no")
	cardsT.Foreign = []schema.ForeignKey{{Columns: []string{"mbr_no"}, Table: "tblMember"}}
	profileT := table("core_profile", "id", "id", "user_id", "phone")
	profileT.Foreign = []schema.ForeignKey{{Columns: []string{"user_id"}, Table: "auth_user", References: []string{"id"}}}
	profileT.Unique = [][]string{{"user_id"}}
	s := &schema.Schema{Tables: map[string]*schema.Table{
		"lib_cards": cardsT, "tblMember": table("tblMember", "MEMBER_NO", "MEMBER_NO", "FULL_NM"),
		"core_profile": profileT, "auth_user": table("auth_user", "id", "id", "username"),
	}}
	profiles := `SELECT "core_profile"."id", "core_profile"."user_id", "core_profile"."phone" FROM "core_profile"`
	for _, c := range [][3]string{
		{cards, member, "forward_fk mbr_no schema"},
		{profiles, user, "one_to_one user schema"},
		{users, profile, "reverse_one_to_one profile schema"},
	} {
		g, shapes := graphOf(s, c[0], c[1])
		if got := describe(g.Relate(shapes[c[0]], shapes[c[1]])); got != c[2] {
			t.Errorf("got %q, want %q", got, c[2])
		}
	}
}

// A prefetch elsewhere in the log names a foreign key that its name does not.
func TestPrefetchNames(t *testing.T) {
	notes := `SELECT "core_note"."id", "core_note"."owner_id" FROM "core_note" WHERE "core_note"."owner_id" IN (1, 2, 3)`
	g, shapes := graphOf(nil, users, notes)
	g.learnPrefetch(shapes[notes], shapes[users])
	edges := g.foreign("core_note", "auth_user")
	if len(edges) != 1 || edges[0].Source != Prefetch || edges[0].Column != "owner_id" {
		t.Errorf("got %+v", edges)
	}
}

func TestModel(t *testing.T) {
	g := &Graph{apps: longApps([]string{"my_app_book", "my_app_author", "my_app_tag", "shop_order", "shop_orderitem", "shop_order_tags"})}
	for table, want := range map[string]string{
		"library_book": "library.Book", "my_app_book": "my_app.Book", "shop_order_tags": "shop.OrderTags",
		"shop_orderitem": "shop.Orderitem", "tblMember": "TblMember", "auth_user": "auth.User", "_x": "X", "": "",
	} {
		if got := g.Label(table); got != want {
			t.Errorf("%q: got %q, want %q", table, got, want)
		}
	}
}

func TestNamesTable(t *testing.T) {
	g := &Graph{}
	for _, c := range []struct {
		column, table string
		want          int
	}{
		{"author_id", "library_author", 2},
		{"order_item_id", "shop_orderitem", 2},
		{"home_team_id", "league_team", 1},
		{"author_id", "library_coauthor", 1},
		{"attribute_id", "catalogue_productattribute", 1},
		{"tag_id", "library_hashtag", 0},
		{"author", "library_author", 0},
		{"_id", "library_author", 0},
		{"user_id", "auth_user", 2},
	} {
		if got := g.namesTable(c.column, c.table); got != c.want {
			t.Errorf("%s → %s: got %d, want %d", c.column, c.table, got, c.want)
		}
	}
}
