package link

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Model splits a table's name the way Django makes it, app_model, and writes
// the model as a class name. Django lower-cases the class, so "OrderItem"
// comes back as "Orderitem" where no model tells. app is "" for a table without
// underscore.
func (g *Graph) Model(table string) (app, model string) {
	if m := g.model(table); m != nil {
		return m.App, m.Name
	}
	app = g.app(table)
	rest := strings.TrimPrefix(table, app)
	rest = strings.TrimPrefix(rest, "_")
	for _, word := range strings.Split(rest, "_") {
		r, n := utf8.DecodeRuneInString(word)
		if n > 0 {
			model += string(unicode.ToUpper(r)) + word[n:]
		}
	}
	return app, model
}

// Label is the model as Django's checks name it: "library.Book".
func (g *Graph) Label(table string) string {
	app, model := g.Model(table)
	if app == "" {
		return model
	}
	return app + "." + model
}

// modelName is the lower-case name that Django builds accessors from: "book"
// for library_book.
func (g *Graph) modelName(table string) string {
	if m := g.model(table); m != nil {
		return strings.ToLower(m.Name)
	}
	return strings.TrimPrefix(strings.TrimPrefix(table, g.app(table)), "_")
}

// app returns the app's label: what stands before the first underscore, or
// more where every known table that begins so goes on the same way ("my_app_"
// in my_app_book and my_app_author).
func (g *Graph) app(table string) string {
	i := strings.IndexByte(table, '_')
	if i <= 0 {
		return ""
	}
	if long, ok := g.apps[table[:i]]; ok && strings.HasPrefix(table, long+"_") {
		return long
	}
	return table[:i]
}

// longApps finds the apps whose label holds underscores.
func longApps(tables []string) map[string]string {
	byFirst := map[string][]string{}
	for _, t := range tables {
		if i := strings.IndexByte(t, '_'); i > 0 {
			byFirst[t[:i]] = append(byFirst[t[:i]], t)
		}
	}
	long := map[string]string{}
	for first, ts := range byFirst {
		if len(ts) < 3 { // two tables may share a model's name: book, book_tags
			continue
		}
		sort.Strings(ts)
		p := commonWords(ts[0], ts[len(ts)-1])
		if p != first && !contains(ts, p) {
			long[first] = p
		}
	}
	return long
}

// commonWords is the longest run of whole words that both names begin with,
// leaving each at least one.
func commonWords(a, b string) string {
	end := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '_' {
			end = i
		}
	}
	return a[:end]
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// field is Django's name for a foreign key's column: author_id → author.
func field(column string) string { return strings.TrimSuffix(column, "_id") }

// isForeignName reports whether a column is named as Django names a foreign
// key's.
func isForeignName(column string) bool {
	return len(column) > 3 && strings.HasSuffix(column, "_id")
}

// namesTable says how well a foreign key's column fits a table by name: 2 the
// column is the model's name, 1 it ends with it (home_team_id → app_team), 0
// not at all.
func (g *Graph) namesTable(column, table string) int {
	if !isForeignName(column) {
		return 0
	}
	f := strings.ToLower(field(column))
	model := strings.ToLower(g.modelName(table))
	if model == "" {
		return 0
	}
	if plain(f) == plain(model) || strings.TrimSuffix(f, "_ptr") == model || plain(f)+"s" == plain(model) {
		return 2
	}
	if strings.HasSuffix(f, "_"+model) {
		return 1
	}
	if len(f) >= 4 && strings.HasSuffix(plain(model), plain(f)) && g.app(table) != "" {
		return 1 // attribute_id → catalogue_productattribute
	}
	return 0
}

// plain takes the underscores out: order_item and orderitem are one model.
func plain(s string) string { return strings.ReplaceAll(s, "_", "") }

// isUserName reports whether a foreign key is named for what a person does or
// is to the row, as those that point to accounts mostly are.
func isUserName(column string) bool {
	f := strings.TrimSuffix(column, "_id")
	if strings.HasSuffix(f, "_by") {
		return true
	}
	for _, w := range []string{"owner", "author", "creator", "user", "customer", "reviewer", "assignee", "editor", "sender", "recipient", "member", "approver", "manager", "operator", "actor", "uploader", "reporter"} {
		if f == w || strings.HasSuffix(f, "_"+w) {
			return true
		}
	}
	return false
}

// isSelfName reports whether a foreign key is named as those that point to
// another row of their own table mostly are.
func isSelfName(column string) bool {
	for _, w := range []string{"parent", "root", "ancestor", "reply", "previous", "next", "original", "manager", "supervisor", "duplicate", "merged", "supersede", "replace"} {
		if strings.Contains(column, w) {
			return true
		}
	}
	return false
}

// isUser reports whether a table is named as one that holds accounts, which
// foreign keys of any name point to (created_by, owner, assignee).
func (g *Graph) isUser(table string) bool {
	m := plain(strings.ToLower(g.modelName(table)))
	return strings.HasSuffix(m, "user") || m == "users" || m == "account" || m == "member"
}
