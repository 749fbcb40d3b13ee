package link

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// modelsOf makes models from lines "app.Model table pk: column:field,…".
func modelsOf(lines ...string) *schema.Models {
	ms := &schema.Models{ByLabel: map[string]*schema.Model{}, ByTable: map[string]*schema.Model{}}
	for _, l := range lines {
		head, fields, _ := strings.Cut(l, ": ")
		var label, table, pk string
		fmt.Sscan(head, &label, &table, &pk)
		app, name, _ := strings.Cut(label, ".")
		m := &schema.Model{App: app, Name: name, Table: table, PrimaryKey: []string{pk}}
		for _, f := range strings.Split(fields, ",") {
			column, field, _ := strings.Cut(f, ":")
			m.Fields = append(m.Fields, &schema.Field{Name: field, Column: column, Model: m})
		}
		ms.ByLabel[label], ms.ByTable[table] = m, m
	}
	return ms
}

// lead makes field of a model a relation with that accessor back ("" = none).
func lead(ms *schema.Models, label, field, kind, target, accessor string) *schema.Field {
	m, t := ms.ByLabel[label], ms.ByLabel[target]
	f := m.Field(field)
	if f == nil {
		f = &schema.Field{Name: field, Model: m}
		m.Fields = append(m.Fields, f)
	}
	f.Relation = &schema.Relation{Kind: kind, Target: t}
	if kind == MTIParent {
		m.Parents = append(m.Parents, t)
	}
	if accessor != "" {
		f.Relation.Inverse = &schema.Field{Name: accessor, Relation: &schema.Relation{Target: m, Inverse: f, Many: true}}
		t.Reverse = append(t.Reverse, f.Relation.Inverse)
	}
	return f
}

func testModels() *schema.Models {
	ms := modelsOf(
		"shop.Order shop_order id: id:id,made_by_id:made_by,sold_by_id:sold_by",
		"shop.OrderItem shop_orderitem id: id:id,order_id:order,product_code:product",
		"shop.Product shop_product code: code:code,name:name",
		"shop.Tag labels id: id:id,name:name",
		"shop.Note shop_note id: id:id,kind_id:kind,thing:thing_id",
		"shop.Product_labels shop_product_tags id: id:id,product_id:product,tag_id:tag",
		"accounts.User people id: id:id,name:name",
		"places.Place places_place id: id:id,name:name",
		"places.Ward places_ward up: up_id:up,beds:beds",
		"places.Clinic places_clinic ward_ptr: ward_ptr_id:ward_ptr,head_id:head",
	)
	lead(ms, "shop.Order", "made_by", ForwardFK, "accounts.User", "orders_made")
	lead(ms, "shop.Order", "sold_by", ForwardFK, "accounts.User", "")
	lead(ms, "shop.OrderItem", "order", ForwardFK, "shop.Order", "lines")
	lead(ms, "shop.OrderItem", "product", ForwardFK, "shop.Product", "orderitem_set")
	tags := lead(ms, "shop.Product", "tags", ManyToMany, "shop.Tag", "labelled").Relation
	tags.ThroughTable, tags.SourceColumn, tags.TargetColumn = "shop_product_tags", "product_id", "tag_id"
	ms.ByLabel["shop.Product_labels"].AutoCreated = true
	lead(ms, "shop.Product_labels", "product", ForwardFK, "shop.Product", "")
	lead(ms, "shop.Product_labels", "tag", ForwardFK, "shop.Tag", "")
	lead(ms, "shop.Note", "about", GenericFK, "shop.Order", "").Relation.IDField = "thing_id"
	ms.ByLabel["shop.Note"].Field("about").Relation.Target = nil
	lead(ms, "shop.Product", "remarks", GenericRelation, "shop.Note", "").Relation.IDField = "thing_id"
	lead(ms, "places.Ward", "up", MTIParent, "places.Place", "ward")
	lead(ms, "places.Clinic", "ward_ptr", MTIParent, "places.Ward", "clinic")
	lead(ms, "places.Clinic", "head", ForwardFK, "accounts.User", "clinics")
	return ms
}

func TestRelateByModels(t *testing.T) {
	const (
		orders  = `SELECT "shop_order"."id", "shop_order"."made_by_id" FROM "shop_order" LIMIT 40`
		lines   = `SELECT "shop_orderitem"."id", "shop_orderitem"."order_id", "shop_orderitem"."product_code" FROM "shop_orderitem" WHERE "shop_orderitem"."order_id" = 7`
		items   = `SELECT "shop_orderitem"."id", "shop_orderitem"."product_code" FROM "shop_orderitem"`
		product = `SELECT "shop_product"."code", "shop_product"."name" FROM "shop_product" WHERE "shop_product"."code" = 'a' LIMIT 21`
		all     = `SELECT "shop_product"."code", "shop_product"."name" FROM "shop_product"`
		labels  = `SELECT "labels"."id", "labels"."name" FROM "labels" INNER JOIN "shop_product_tags" ON ("labels"."id" = "shop_product_tags"."tag_id") WHERE "shop_product_tags"."product_id" = 'a'`
		count   = `SELECT COUNT(*) AS "__count" FROM "shop_product_tags" WHERE "shop_product_tags"."product_id" = 'a'`
		tagged  = `SELECT "shop_product"."code" FROM "shop_product" INNER JOIN "shop_product_tags" ON ("shop_product"."code" = "shop_product_tags"."product_id") WHERE "shop_product_tags"."tag_id" = 3`
		users   = `SELECT "people"."id", "people"."name" FROM "people"`
		user    = `SELECT "people"."id", "people"."name" FROM "people" WHERE "people"."id" = 3 LIMIT 21`
		made    = `SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."made_by_id" = 3`
		sold    = `SELECT "shop_order"."id" FROM "shop_order" WHERE "shop_order"."sold_by_id" = 3`
		notes   = `SELECT "shop_note"."id", "shop_note"."kind_id", "shop_note"."thing" FROM "shop_note"`
		remarks = `SELECT "shop_note"."id" FROM "shop_note" WHERE ("shop_note"."kind_content_type_id" = 7 AND "shop_note"."thing_object_id" = 8)`
		places  = `SELECT "places_place"."id", "places_place"."name" FROM "places_place"`
		ward    = `SELECT "places_place"."id", "places_ward"."up_id", "places_ward"."beds" FROM "places_ward" INNER JOIN "places_place" ON ("places_ward"."up_id" = "places_place"."id") WHERE "places_ward"."up_id" = 4 LIMIT 21`
		clinics = `SELECT "places_place"."id", "places_place"."name", "places_ward"."up_id", "places_ward"."beds", "places_clinic"."ward_ptr_id", "places_clinic"."head_id" FROM "places_clinic" INNER JOIN "places_ward" ON ("places_clinic"."ward_ptr_id" = "places_ward"."up_id") INNER JOIN "places_place" ON ("places_ward"."up_id" = "places_place"."id")`
		withLn  = `SELECT "shop_orderitem"."id", "shop_orderitem"."order_id", "shop_order"."id", "shop_order"."made_by_id" FROM "shop_orderitem" INNER JOIN "shop_order" ON ("shop_orderitem"."order_id" = "shop_order"."id")`
	)
	for _, c := range []struct {
		name, parent, child, want string
	}{
		{"related_name", orders, lines, "reverse_fk lines the models"},
		{"db_column and a primary key of another name", items, product, "forward_fk product the models"},
		{"many-to-many to a table of any name", all, labels, "m2m tags the models"},
		{"its count", all, count, "m2m tags the models"},
		{"its other end", `SELECT "labels"."id" FROM "labels"`, tagged, "m2m labelled the models"},
		{"one of two foreign keys to one table, by the column", users, made, "reverse_fk orders_made the models"},
		{"the other has no way back", users, sold, ""},
		{"a custom parent link", places, ward, "mti_child ward the models"},
		{"a grandchild's own foreign key", clinics, user, "forward_fk head the models"},
		{"through a join", withLn, user, "forward_fk order__made_by the models"},
		{"generic foreign key of another name", notes, product, "generic_fk about the models"},
		{"generic relation", all, remarks, "generic_relation remarks the models"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g, shapes := graphWith(nil, testModels(), c.parent, c.child)
			r, ok := g.Relate(shapes[c.parent], shapes[c.child])
			got := ""
			if ok {
				got = fmt.Sprint(r.Kind, " ", strings.Join(r.Fields, ","), " ", r.Source)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if r.Named {
				t.Error("a name from the models is no default name")
			}
		})
	}
}

func TestNamesByModels(t *testing.T) {
	g, _ := graphWith(nil, testModels(), users)
	for table, want := range map[string]string{"shop_orderitem": "shop.OrderItem", "people": "accounts.User", "labels": "shop.Tag", "blog_post": "blog.Post"} {
		if got := g.Label(table); got != want {
			t.Errorf("%s is %q, want %q", table, got, want)
		}
	}
	if k := g.Key("shop_product"); k != "code" {
		t.Errorf("key of shop_product is %q", k)
	}
	if cols, all := g.Columns("shop_order"); !all || strings.Join(cols, " ") != "id made_by_id sold_by_id" {
		t.Errorf("columns of shop_order: %v %v", cols, all)
	}
	if owner, f, ok := g.Pairs("shop_product_tags", "tag_id"); !ok || owner != "labels" || f != "labelled" {
		t.Errorf("pairs: %s %s %v", owner, f, ok)
	}
}

// A schema file is what the database is; models of another time give way.
func TestModelsGiveWayToSchema(t *testing.T) {
	db := &schema.Schema{Tables: map[string]*schema.Table{
		"shop_order":     {Name: "shop_order", Columns: []schema.Column{{Name: "id"}}, PrimaryKey: []string{"id"}},
		"shop_orderitem": {Name: "shop_orderitem", Columns: []schema.Column{{Name: "id"}, {Name: "parent"}}, PrimaryKey: []string{"id"}},
	}}
	g := New(db, testModels(), sqlshape.NewSet(nil, 0), nil)
	if es := g.foreign("shop_orderitem", "shop_order"); len(es) > 0 {
		t.Errorf("order_id is not in the database, but %v", es)
	}
	if cols, _ := g.Columns("shop_orderitem"); strings.Join(cols, " ") != "id parent" {
		t.Errorf("columns %v", cols)
	}
}
