package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
)

// TestRealApplications keeps what running on Wagtail, Oscar, pretix and the
// Django admin taught, cut down to the statements that matter: what must be
// said of them, and what must not.
func TestRealApplications(t *testing.T) {
	const (
		oneUser  = `SELECT "auth_user"."id", "auth_user"."username" FROM "auth_user" WHERE "auth_user"."id" = {n} LIMIT 21`
		orders   = `SELECT "order_order"."id", "order_order"."number", "order_order"."user_id", "order_order"."site_id" FROM "order_order" ORDER BY "order_order"."id" DESC LIMIT 100`
		site     = `SELECT "django_site"."id", "django_site"."domain" FROM "django_site" WHERE "django_site"."id" = 1 LIMIT 21`
		pages    = `SELECT "wagtailcore_page"."id", "wagtailcore_page"."title", "wagtailcore_page"."owner_id", "blog_blogpage"."page_ptr_id", "blog_blogpage"."intro" FROM "blog_blogpage" INNER JOIN "wagtailcore_page" ON ("blog_blogpage"."page_ptr_id" = "wagtailcore_page"."id") LIMIT 40`
		comments = `SELECT "blog_comment"."id", "blog_comment"."page_id" FROM "blog_comment" WHERE "blog_comment"."page_id" = {n}`
		images   = `SELECT "shop_image"."id", "shop_image"."file" FROM "shop_image" LIMIT 40`
		oneOf    = `SELECT "shop_rendition"."id", "shop_rendition"."image_id", "shop_rendition"."spec" FROM "shop_rendition" WHERE ("shop_rendition"."image_id" = {n} AND "shop_rendition"."spec" = 'max') LIMIT 21`
		anyOf    = `SELECT "shop_rendition"."id", "shop_rendition"."image_id", "shop_rendition"."spec" FROM "shop_rendition" WHERE ("shop_rendition"."image_id" = {n} AND "shop_rendition"."spec" = 'max')`
		count    = `SELECT COUNT(*) AS "__count" FROM "order_order"`
		all      = `SELECT "order_order"."id", "order_order"."number" FROM "order_order" ORDER BY "order_order"."id" DESC`
		free     = `SELECT 1 AS "a" FROM "auth_user" WHERE "auth_user"."id" = {n} LIMIT 1`
		keys     = `SELECT "auth_user"."id" AS "id" FROM "auth_user" LIMIT 40`
	)
	for _, c := range []struct {
		name, capture string
		by            ties
		codes         string
		says, not     string // in a finding's subject, message, notes or code
	}{
		{"the middleware reads the user first", unit(strings.ReplaceAll(oneUser, "{n}", "3"), orders, often(20, oneUser)), byID, "QP101", `Order.objects.select_related("user")`, "in_bulk"},
		{"all rows share a site", unit(orders, often(20, site)), byID, "QP101", `Order.objects.select_related("site")`, "cached_property"},
		{"inherited fields have no prefix", unit(pages, often(20, oneUser)), byID, "QP101", `select_related("owner")`, "page_ptr"},
		{"inherited accessors have no prefix", unit(pages, often(20, comments)), byID, "QP101", `prefetch_related("comment_set")`, "page_ptr"},
		{"get() with more conditions is no one-to-one", unit(images, often(20, oneOf)), byID, "QP101", `Prefetch("rendition_set"`, "select_related"},
		{"two statements along one relation, one lookup", unit(images, often(20, oneOf), then(anyOf)), byID, "QP101", "Prefetch(", `"rendition_set", queryset=Rendition.objects.filter(…)), Prefetch`},
		{"the admin counts twice and fetches", unit(count, count, all), byID, "QP301", "show_full_result_count", "len(rows)"},
		{"full_clean() looks for what keys point to", unit(orders, often(20, free)), byID, "", "", ""},
		{"rows of values() follow no relation", unit(keys, often(20, oneUser)), byID, "QP103", "in_bulk", "select_related"},
		{"one such query a transaction", times(12, unit("BEGIN", orders, oneUser, count, site, "0.1 ms COMMIT")), byNothing, "", "", ""},
		{"the driver's own tables", unit(often(12, `SELECT "pg_class"."relname" FROM "pg_class" WHERE "pg_class"."oid" = {n}`)), byID, "", "", ""},
		{"a count of distinct rows has a table", unit(often(12, `SELECT COUNT(*) FROM (SELECT DISTINCT "order_order"."id" AS "col1" FROM "order_order" WHERE "order_order"."number" = 'n{n}') "subquery"`)), byID, "QP107", "order_order is queried", "Model.objects"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := check(t, c.capture, analyzer.Config{}, c.by).Findings
			var codes, text []string
			for _, f := range found {
				codes = append(codes, f.Code)
				text = append(text, f.Subject, f.Message)
				text = append(text, f.Notes...)
				for _, r := range f.Rewrites {
					text = append(text, r.Title, r.Code)
				}
			}
			slices.Sort(codes)
			all := strings.Join(text, "\n")
			if got := strings.Join(codes, ","); got != c.codes {
				t.Errorf("got %q, want %q\n%s", got, c.codes, all)
			}
			if !strings.Contains(all, c.says) {
				t.Errorf("does not say %q:\n%s", c.says, all)
			}
			if c.not != "" && strings.Contains(all, c.not) {
				t.Errorf("says %q:\n%s", c.not, all)
			}
		})
	}
}
