package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/rules"
)

// shop is a small set of models, as package django would have read them.
func shop() *schema.Models {
	ms := &schema.Models{ByLabel: map[string]*schema.Model{}, ByTable: map[string]*schema.Model{}, Framework: "Django", Version: "5.2"}
	model := func(name string, fields ...string) *schema.Model {
		m := &schema.Model{App: "library", Name: name, Table: "library_" + strings.ToLower(name), PrimaryKey: []string{"id"}}
		for _, f := range append([]string{"id"}, fields...) {
			name, typ, _ := strings.Cut(f, ":")
			m.Fields = append(m.Fields, &schema.Field{
				Name: name, Column: name, Type: typ, Model: m, Unique: name == "id" || name == "slug",
				Wide: typ == "TextField" || typ == "JSONField",
			})
		}
		ms.ByLabel[m.Label()], ms.ByTable[m.Table] = m, m
		return m
	}
	relate := func(from *schema.Model, name string, to *schema.Model, back string) {
		f := &schema.Field{Name: name, Column: name + "_id", Model: from, Type: "ForeignKey", Relation: &schema.Relation{Kind: link.ForwardFK, Target: to}}
		r := &schema.Field{Name: back, Query: strings.TrimSuffix(back, "_set"), Model: to, Relation: &schema.Relation{Kind: link.ReverseFK, Target: from, Many: true, Inverse: f}}
		f.Relation.Inverse = r
		from.Fields, to.Reverse = append(from.Fields, f), append(to.Reverse, r)
	}
	country, author, tag := model("Country", "code", "name"), model("Author", "name", "born:DateField"), model("Tag", "name", "slug")
	book, review := model("Book", "title", "isbn", "body:TextField", "published:DateField"), model("Review", "stars", "text")
	relate(author, "country", country, "author_set")
	relate(book, "author", author, "book_set")
	relate(review, "book", book, "reviews")
	tags := &schema.Field{Name: "tags", Model: book, Type: "ManyToManyField", Relation: &schema.Relation{
		Kind: link.ManyToMany, Target: tag, Many: true, ThroughTable: "library_book_tags", SourceColumn: "book_id", TargetColumn: "tag_id",
	}}
	books := &schema.Field{Name: "book_set", Query: "book", Model: tag, Relation: &schema.Relation{
		Kind: link.ManyToMany, Target: book, Many: true, ThroughTable: "library_book_tags", SourceColumn: "tag_id", TargetColumn: "book_id", Inverse: tags,
	}}
	tags.Relation.Inverse = books
	book.Fields, tag.Reverse = append(book.Fields, tags), append(tag.Reverse, books)
	var many []string
	for i := range 24 {
		many = append(many, fmt.Sprintf("c%d", i))
	}
	model("Wide", append(many, "notes:TextField", "changed:DateTimeField")...)
	return ms
}

// A sourceText builds an Index by hand; each part gets the next line.
type sourceText struct {
	source.Index
	line int
}

func (s *sourceText) span() source.Span {
	s.line++
	return source.Span{Path: "app/views.py", Line: s.line, Column: 5, EndLine: s.line, EndColumn: 25, Start: 100 * s.line, End: 100*s.line + 20}
}

// query adds a queryset of a model, shaped by edit.
func (s *sourceText) query(model string, edit ...func(*source.Query)) *source.Query {
	q := &source.Query{ID: len(s.Queries), Model: "library." + model, Span: s.span(), Function: "view", Entries: []string{"app.views.view"}}
	q.Evals = []source.Eval{{Kind: source.Iterate, Span: q.Span}}
	for _, e := range edit {
		e(q)
	}
	s.Queries = append(s.Queries, q)
	return q
}

// fetch adds a fetch in the given loops.
func (s *sourceText) fetch(op source.Op, of *source.Query, path string, loops []source.Loop, edit ...func(*source.Fetch)) *source.Fetch {
	f := &source.Fetch{Span: s.span(), Function: "view", Op: op, Of: of, Loops: loops, Entries: []string{"app.views.view"}}
	if path != "" {
		f.Path = strings.Split(path, ".")
	}
	for _, e := range edit {
		e(f)
	}
	s.Fetches = append(s.Fetches, f)
	return f
}

// over is a loop over a query's rows, or over what a path from them gives.
func (s *sourceText) over(q *source.Query, path ...string) source.Loop {
	return source.Loop{Span: s.span(), Kind: "for", Over: q, Path: path}
}

// plain is a loop over values of no query.
func (s *sourceText) plain() source.Loop { return source.Loop{Span: s.span(), Kind: "for"} }

func in(loops ...source.Loop) []source.Loop { return loops }

func sliced(n int) func(*source.Query) {
	return func(q *source.Query) { q.Sliced, q.Limit = true, n }
}

func reads(fields ...string) func(*source.Query) {
	return func(q *source.Query) {
		for _, f := range fields {
			path := strings.Split(f, ".")
			q.Reads = append(q.Reads, source.Read{Path: path[:len(path)-1], Field: path[len(path)-1], Loop: true})
		}
	}
}

func evals(kinds ...source.EvalKind) func(*source.Query) {
	return func(q *source.Query) {
		q.Evals = nil
		for i, k := range kinds {
			q.Evals = append(q.Evals, source.Eval{Kind: k, Order: i + 1, Span: source.Span{Path: q.Span.Path, Start: q.Span.End + 10*i, End: q.Span.End + 10*i + 5, Line: 900 + i}})
		}
	}
}

func filters(path string, varies bool) func(*source.Query) {
	return func(q *source.Query) {
		q.Filters = append(q.Filters, source.Filter{Path: path, Lookup: "exact", Varies: varies})
	}
}

func eager(join, used bool, paths ...string) func(*source.Query) {
	return func(q *source.Query) {
		for _, p := range paths {
			q.Eager = append(q.Eager, source.Eager{Path: p, Join: join, Used: used})
		}
	}
}

func calls(names ...string) func(*source.Query) {
	return func(q *source.Query) {
		for _, n := range names {
			q.Calls = append(q.Calls, source.Call{Name: n})
		}
	}
}

func from(of *source.Query, path string) func(*source.Query) {
	return func(q *source.Query) {
		q.From, q.Path, q.Calls = of, strings.Split(path, "."), []source.Call{{Name: "all"}}
	}
}

func escapes(q *source.Query) { q.Escapes = []source.Escape{{Why: "passed on"}} }
func dynamic(q *source.Query) { q.Dynamic = true }
func raw(q *source.Query)     { q.Raw = true }

func varies(f *source.Fetch)      { f.Varies = true }
func covered(f *source.Fetch)     { f.Covered = true }
func conditional(f *source.Fetch) { f.Conditional = true }

func model(name string) func(*source.Fetch) {
	return func(f *source.Fetch) { f.Model = "library." + name }
}

func evaluates(q *source.Query) func(*source.Fetch) {
	return func(f *source.Fetch) { f.Query, f.Model = q, q.Model }
}

func method(m string, fields ...string) func(*source.Fetch) {
	return func(f *source.Fetch) { f.Method, f.Fields = m, fields }
}

// TestInspect is the table of what rules make of facts: each rule's both sides
// and the traps that other tools fell into.
func TestInspect(t *testing.T) {
	for _, c := range inspectCases() {
		t.Run(c.name, func(t *testing.T) {
			s := &sourceText{}
			c.build(s)
			p := &link.Project{Models: shop(), Index: &s.Index, Text: func(string) []byte { return nil }}
			if c.models != nil {
				c.models(p.Models)
			}
			found := rules.Inspect(p, rules.Options{})
			var got []string
			keys := map[string]bool{}
			for _, f := range found {
				if keys[f.Fingerprint] {
					t.Errorf("two findings have the key %v", f.Key)
				}
				keys[f.Fingerprint] = true
				got = append(got, fmt.Sprintf("%s %s %s", f.Code, f.Subject, sureText(f.Confidence)))
				checkWhole(t, &f)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
			if again := rules.Inspect(p, rules.Options{}); fmt.Sprint(again) != fmt.Sprint(found) {
				t.Error("a second run says something else")
			}
		})
	}
}

func sureText(c finding.Confidence) string {
	return map[finding.Confidence]string{finding.Possible: "possible", finding.Likely: "likely", finding.Proven: "proven"}[c]
}

// checkWhole checks what every finding from source must have.
func checkWhole(t *testing.T, f *finding.Finding) {
	t.Helper()
	if !f.Location.Known() || f.Message == "" || f.Fingerprint == "" || f.Place == "" || f.Relation.Kind == "" {
		t.Errorf("something is missing: %+v", f)
	}
	if !slices.Equal(f.Evidence, []finding.Evidence{finding.Inferred}) || f.Cost != (finding.Cost{}) {
		t.Errorf("evidence %v, cost %v", f.Evidence, f.Cost)
	}
	if len(f.Rewrites) == 0 || f.Rewrites[0].Title == "" || f.Rewrites[0].Code == "" {
		t.Errorf("no rewrite: %+v", f.Rewrites)
	}
	if !slices.IsSorted(f.Endpoints) {
		t.Errorf("endpoints %v", f.Endpoints)
	}
}
