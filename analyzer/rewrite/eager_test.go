package rewrite_test

import (
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

func TestEager(t *testing.T) {
	tests := []struct {
		name, in       string
		joins, fetches string
		have           []source.Eager
		want           string // "" refused
	}{
		{name: "manager", in: `books = «q:Book.objects.filter(a=1)»`, joins: "author", want: `books = Book.objects.filter(a=1).select_related("author")`},
		{name: "all", in: `books = «q:Book.objects.all()»`, joins: "author", want: `books = Book.objects.all().select_related("author")`},
		{name: "bare manager", in: `for b in «q:author.books»: pass`, joins: "publisher", want: `for b in author.books.select_related("publisher"): pass`},
		{name: "slice", in: `books = «q:Book.objects.filter(a=1)[:10]»`, joins: "author", want: `books = Book.objects.filter(a=1).select_related("author")[:10]`},
		{name: "values are refused upstream, terminal", in: `b = «q:Book.objects.filter(a=1).first()»`, joins: "author", want: `b = Book.objects.filter(a=1).select_related("author").first()`},
		{name: "iterator", in: `for b in «q:Book.objects.filter(a=1).iterator()»: pass`, joins: "author", want: `for b in Book.objects.filter(a=1).select_related("author").iterator(): pass`},
		{name: "single quotes", in: `books = «q:Book.objects.filter(a='x')»`, joins: "author", want: `books = Book.objects.filter(a='x').select_related('author')`},
		{name: "both", in: `books = «q:Book.objects.all()»`, joins: "author", fetches: "tags", want: `books = Book.objects.all().select_related("author").prefetch_related("tags")`},
		{name: "nested covers", in: `books = «q:Book.objects.all()»`, joins: "author author__country", want: `books = Book.objects.all().select_related("author__country")`},
		{name: "extend", in: `books = «q:Book.objects.select_related("author").all()»`, joins: "publisher", want: `books = Book.objects.select_related("author", "publisher").all()`},
		{name: "lengthen", in: `books = «q:Book.objects.select_related("author")»`, joins: "author__country", want: `books = Book.objects.select_related("author__country")`},
		{name: "lengthen twice", in: `books = «q:Book.objects.select_related("author")»`, joins: "author__country author__city", want: `books = Book.objects.select_related("author__country", "author__city")`},
		{name: "have", in: `books = «q:Book.objects.select_related("author__country")»`, joins: "author", have: []source.Eager{{Path: "author__country", Join: true}}},
		{name: "all of them", in: `books = «q:Book.objects.select_related()»`, joins: "author"},
		{name: "reset", in: `books = «q:Book.objects.select_related(None)»`, joins: "author"},
		{name: "star", in: `books = «q:Book.objects.prefetch_related(*PATHS)»`, fetches: "tags", want: `books = Book.objects.prefetch_related(*PATHS, "tags")`},
		{name: "prefetch object", in: `books = «q:Book.objects.prefetch_related(Prefetch("a", queryset=A.objects.all()))»`, fetches: "tags", want: `books = Book.objects.prefetch_related(Prefetch("a", queryset=A.objects.all()), "tags")`},
		{name: "own method", in: `books = «q:Book.objects.published().count()»`, joins: "author", want: `books = Book.objects.published().select_related("author").count()`},
		{name: "root elsewhere in the file", in: "books = «root:Book.objects».all()\nif x:\n    books = «q:books.filter(a=1)»\n", joins: "author", want: "books = Book.objects.all().select_related(\"author\")\nif x:\n    books = books.filter(a=1)\n"},
		{name: "method beyond the span", in: "books = «root:Book.objects».all().to_list()\nfor b in «q:books»: pass\n", joins: "author", want: "books = Book.objects.all().select_related(\"author\").to_list()\nfor b in books: pass\n"},
		{name: "model alone", in: "class V:\n    model = «q:Book»\n", joins: "author"},
		{
			name: "lines", in: "books = (\n    «q:Book.objects\n    .filter(a=1)  # why\n    .order_by(\"x\")  # sorted\n»)\n", joins: "author",
			want: "books = (\n    Book.objects\n    .filter(a=1)  # why\n    .order_by(\"x\")  # sorted\n    .select_related(\"author\")\n)\n",
		},
		{
			name: "black", in: "books = (\n    «q:Book.objects.filter(a=1)\n    .order_by(\"x\")\n    .first()»\n)\n", joins: "author", fetches: "tags",
			want: "books = (\n    Book.objects.filter(a=1)\n    .order_by(\"x\")\n    .select_related(\"author\")\n    .prefetch_related(\"tags\")\n    .first()\n)\n",
		},
		{
			name: "crlf and tabs", in: "books = (\r\n\t«q:Book.objects\r\n\t.filter(a=1)»\r\n)\r\n", joins: "author",
			want: "books = (\r\n\tBook.objects\r\n\t.filter(a=1)\r\n\t.select_related(\"author\")\r\n)\r\n",
		},
		{
			name: "backslash", in: "books = «q:Book.objects \\\n    .filter(a=1) \\\n    .all()»\n", joins: "author",
			want: "books = Book.objects \\\n    .filter(a=1) \\\n    .all() \\\n    .select_related(\"author\")\n",
		},
		{
			name: "open arguments", in: "books = «q:Book.objects.filter(\n    a=1,  # one\n)»\n", joins: "author",
			want: "books = Book.objects.filter(\n    a=1,  # one\n).select_related(\"author\")\n",
		},
		{
			name: "extend lines", in: "books = «q:Book.objects.prefetch_related(\n    \"a\",\n    \"b\",  # b\n)»\n", fetches: "tags",
			want: "books = Book.objects.prefetch_related(\n    \"a\",\n    \"b\",  # b\n    \"tags\",\n)\n",
		},
		{
			name: "extend lines without comma", in: "books = «q:Book.objects.prefetch_related(\n    \"a\",\n    \"b\"  # b\n)»\n", fetches: "tags",
			want: "books = Book.objects.prefetch_related(\n    \"a\",\n    \"b\",  # b\n    \"tags\"\n)\n",
		},
		{
			name: "extend lines, no comment", in: "books = «q:Book.objects.prefetch_related(\n    \"a\"\n)»\n", fetches: "tags zines",
			want: "books = Book.objects.prefetch_related(\n    \"a\",\n    \"tags\",\n    \"zines\"\n)\n",
		},
		{name: "trailing comma in one line", in: `books = «q:Book.objects.select_related("a",)»`, joins: "b", want: `books = Book.objects.select_related("a", "b",)`},
		{name: "hanging arguments in one line", in: "books = «q:Book.objects.select_related(\n    \"a\", \"b\"\n)»", joins: "c", want: "books = Book.objects.select_related(\n    \"a\", \"b\", \"c\"\n)"},
		{name: "locked", in: `books = «q:Book.objects.select_for_update().filter(a=1)»`, joins: "author"},
		{name: "locked alone", in: `books = «q:Book.objects.select_for_update(of=("self",))»`, joins: "author", want: `books = Book.objects.select_for_update(of=("self",)).select_related("author")`},
		{name: "locked, prefetched", in: `books = «q:Book.objects.select_for_update()»`, fetches: "tags", want: `books = Book.objects.select_for_update().prefetch_related("tags")`},
		{name: "raw", in: `books = «q:Book.objects.raw("SELECT 1")»`, joins: "author"},
		{name: "call", in: `for b in «q:self.get_queryset()»: pass`, joins: "author", want: `for b in self.get_queryset().select_related("author"): pass`},
		{name: "await", in: `b = await «q:Book.objects.filter(a=1).afirst()»`, joins: "author", want: `b = await Book.objects.filter(a=1).select_related("author").afirst()`},
		{name: "template", in: `«q:books»`, joins: "author", want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := "app/views.py"
			if tt.name == "template" {
				path = "app/books.html"
			}
			p := scan(t, path, tt.in)
			q := p.query()
			q.Eager = tt.have
			rw, ok := rewrite.Eager(p.Text, q, strings.Fields(tt.joins), strings.Fields(tt.fetches))
			if ok != (tt.want != "") {
				t.Fatalf("ok = %v, rewrite %+v", ok, rw)
			}
			if !ok {
				return
			}
			if got := p.apply(t, rw); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if rw.Code == "" {
				t.Error("no code for people")
			}
			if !strings.HasPrefix(tt.name, "lengthen twice") && !rw.Safe {
				t.Error("not safe")
			}
		})
	}
}

// What a template reads of a related manager's rows is fetched where the view
// fetches theirs.
func TestEagerAboveTemplate(t *testing.T) {
	p := scan(t, "app/views.py", `queryset = «q:Author.objects.prefetch_related("books")»`)
	view := p.query()
	view.Model, view.Eager = "library.Author", []source.Eager{{Path: "books"}}
	q := &source.Query{Model: "library.Book", Span: source.Span{Path: "app/author.html", Line: 1, End: 5}, From: view, Path: []string{"books"}, Calls: []source.Call{{Name: "all"}}}
	rw, ok := rewrite.Eager(p.Text, q, []string{"publisher"}, []string{"tags"})
	if !ok {
		t.Fatal("refused")
	}
	if got, want := p.apply(t, rw), `queryset = Author.objects.prefetch_related("books__publisher", "books__tags")`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	q.Calls = append(q.Calls, source.Call{Name: "filter"})
	if _, ok := rewrite.Eager(p.Text, q, []string{"publisher"}, nil); ok {
		t.Error("a filtered manager asks again")
	}
}
