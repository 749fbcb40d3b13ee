package rewrite_test

import (
	"slices"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// models are those of a small library.
func models() *schema.Models {
	author := &schema.Model{App: "library", Name: "Author", Module: "library.models", DefaultManager: "objects"}
	book := &schema.Model{App: "library", Name: "Book", Module: "library.models", DefaultManager: "objects"}
	author.Reverse = []*schema.Field{{Name: "book_set", Query: "book"}}
	return &schema.Models{ByLabel: map[string]*schema.Model{"library.Author": author, "library.Book": book}}
}

func TestSimple(t *testing.T) {
	type result struct {
		rw finding.Rewrite
		ok bool
	}
	of := func(rw finding.Rewrite, ok bool) result { return result{rw, ok} }
	count := func(p piece) result { return of(rewrite.CountRows(p.Text, p.query(), source.Eval{Span: p.spans["e"]})) }
	exists := func(p piece) result {
		return of(rewrite.ExistsRows(p.Text, p.query(), source.Eval{Span: p.spans["e"]}))
	}
	once := func(p piece) result {
		return of(rewrite.FetchOnce(p.Text, p.query(), source.Eval{Span: p.spans["e"]}, source.Eval{Kind: source.Iterate, Span: p.spans["f"]}))
	}
	update := func(p piece) result {
		return of(rewrite.UpdateFields(p.Text, &source.Fetch{Span: p.spans["e"]}, []string{"title", "price"}))
	}
	peers := func(p piece) result { return of(rewrite.FetchPeers(p.Text, p.query())) }
	onlyAdd := func(p piece) result {
		q := p.query()
		q.Only = []string{"a"}
		return of(rewrite.OnlyAdd(p.Text, q, "title"))
	}
	deferDrop := func(p piece) result {
		q := p.query()
		q.Defer = []string{"a", "title"}
		return of(rewrite.OnlyAdd(p.Text, q, "title"))
	}
	dropOnly := func(p piece) result { return of(rewrite.DropOnly(p.Text, p.query())) }
	drop := func(join bool) func(p piece) result {
		return func(p piece) result {
			return of(rewrite.DropEager(p.Text, p.query(), source.Eager{Path: "a", Join: join, Span: p.spans["e"]}))
		}
	}
	only := func(p piece) result { return of(rewrite.Only(p.Text, p.query(), []string{"title", "price"})) }
	onlyJoined := func(p piece) result {
		q := p.query()
		q.Eager = []source.Eager{{Path: "author__country", Join: true}}
		return of(rewrite.Only(p.Text, q, []string{"title", "author__name"}))
	}
	reads := func(p piece) *source.Query {
		q := p.query()
		for name, s := range p.spans {
			switch name[0] {
			case 'r':
				q.Reads = append(q.Reads, source.Read{Field: "title", Span: s})
			case 'i':
				q.Evals = append(q.Evals, source.Eval{Kind: source.Iterate, Span: s})
			}
		}
		slices.SortFunc(q.Reads, func(a, b source.Read) int { return source.Compare(a.Span, b.Span) })
		return q
	}
	flat := func(p piece) result { return of(rewrite.ValuesList(p.Text, reads(p), []string{"title"}, true)) }
	named := func(p piece) result { return of(rewrite.ValuesList(p.Text, reads(p), []string{"title", "pk"}, false)) }
	prefetch := func(p piece) result {
		q := p.query()
		q.Model = "library.Author"
		if e := p.spans["eager"]; e.Known() {
			q.Eager = []source.Eager{{Path: "book_set", Span: e}}
		}
		inner := &source.Query{Model: "library.Book", Span: p.spans["inner"], Root: p.spans["manager"]}
		f := &source.Fetch{Op: source.All, Span: inner.Span, Query: inner, Of: q}
		return of(rewrite.PrefetchTo(p.Text, models(), f, q, "book_set"))
	}

	tests := []struct {
		name string
		do   func(piece) result
		in   string
		want string // "" refused
		risk bool   // not safe
	}{
		{name: "len of a name", do: count, in: "books = «q:Book.objects.all()»\nn = len(«e:books»)\n", want: "books = Book.objects.all()\nn = books.count()\n"},
		{name: "len as a whole", do: count, in: "n = «e:len(«q:Book.objects.filter(a=1)»)» + 1\n", want: "n = Book.objects.filter(a=1).count() + 1\n"},
		{name: "len, lines", do: count, in: "n = «e:len(\n    «q:Book.objects.filter(a=1)»,\n)»\n", want: ""},
		{name: "len of two", do: count, in: "n = «e:len(«q:a» or b)»\n", want: ""},
		{name: "a method called len", do: count, in: "n = x.len(«e:«q:a»»)\n", want: ""},

		{name: "if", do: exists, in: "«q:books» = x\nif «e:books»:\n    pass\n", want: "books = x\nif books.exists():\n    pass\n"},
		{name: "if not", do: exists, in: "«q:books» = x\nif «e:not books»:\n    pass\n", want: "books = x\nif not books.exists():\n    pass\n"},
		{name: "if chain", do: exists, in: "if «e:«q:Book.objects.filter(a=1)»» and y:\n    pass\n", want: "if Book.objects.filter(a=1).exists() and y:\n    pass\n"},
		{name: "bool", do: exists, in: "x = bool(«e:«q:Book.objects.filter(a=1)»»)\n", want: "x = Book.objects.filter(a=1).exists()\n"},
		{name: "or for its value", do: exists, in: "x = «e:«q:books»» or y\n", want: ""},
		{name: "and inside a call", do: exists, in: "if f(y and «e:«q:books»»):\n    pass\n", want: ""},
		{name: "conditional", do: exists, in: "x = 1 if «e:«q:books»» else 2\n", want: "x = 1 if books.exists() else 2\n"},

		{name: "count then loop", do: once, in: "n = «e:«q:books».count()»\nfor b in «f:books»: pass\n", want: "n = len(books)\nfor b in books: pass\n"},
		{name: "exists then loop", do: once, in: "if «e:«q:books».exists()»:\n    for b in «f:books»: pass\n", want: "if books:\n    for b in books: pass\n"},
		{name: "not exists", do: once, in: "if not «e:«q:books».exists()»:\n    return\nx = «f:list(books)»\n", want: "if not books:\n    return\nx = list(books)\n"},
		{name: "exists for its value", do: once, in: "x = «e:«q:self.books».exists()»\ny = «f:list(self.books)»\n", want: "x = bool(self.books)\ny = list(self.books)\n"},
		{name: "exists and", do: once, in: "if «e:«q:books».exists()» and x:\n    y = «f:list(books)»\n", want: "if bool(books) and x:\n    y = list(books)\n"},
		{name: "another queryset", do: once, in: "n = «e:«q:books».count()»\nfor b in «f:books.all()»: pass\n", want: ""},
		{name: "manager", do: once, in: "n = «e:«q:Book.objects».count()»\nfor b in «f:Book.objects»: pass\n", want: ""},
		{name: "a chain has no rows to keep", do: once, in: "n = «e:«q:Book.objects».filter(a=1).count()»\nfor b in «f:books»: pass\n", want: ""},

		{name: "save", do: update, in: "book.title = 1\n«e:book.save()»\n", want: "book.title = 1\nbook.save(update_fields=[\"title\", \"price\"])\n", risk: true},
		{name: "save with", do: update, in: "«e:book.save(using='x')»\n", want: "book.save(using='x', update_fields=['title', 'price'])\n", risk: true},
		{name: "save with positional", do: update, in: "«e:book.save(*args, **kwargs)»\n", want: ""},
		{name: "save with update_fields", do: update, in: "«e:book.save(update_fields=['a'])»\n", want: ""},
		{name: "no save", do: update, in: "«e:book.store()»\n", want: ""},

		{name: "peers", do: peers, in: "from django.db import models\nx = «q:Book.objects.all()»\n", want: "from django.db import models\nx = Book.objects.all().fetch_mode(models.FETCH_PEERS)\n"},

		{name: "only more", do: onlyAdd, in: "x = «q:Book.objects.only(\"a\")»\n", want: "x = Book.objects.only(\"a\", \"title\")\n"},
		{name: "only has it", do: onlyAdd, in: "x = «q:Book.objects.only(\"a\", \"title\")»\n", want: ""},
		{name: "defer less", do: deferDrop, in: "x = «q:Book.objects.defer(\"a\", \"title\")»\n", want: "x = Book.objects.defer(\"a\")\n"},
		{name: "defer less, first", do: deferDrop, in: "x = «q:Book.objects.defer(\"title\", \"a\")»\n", want: "x = Book.objects.defer(\"a\")\n"},
		{name: "defer nothing more", do: deferDrop, in: "x = «q:Book.objects.defer(\"title\")»\n", want: "x = Book.objects.all()\n"},
		{name: "drop only", do: dropOnly, in: "x = «q:Book.objects.only(\"a\").filter(b=1)»\n", want: "x = Book.objects.filter(b=1)\n"},
		{name: "drop only alone", do: dropOnly, in: "x = «q:Book.objects.only(\"a\")[:3]»\n", want: "x = Book.objects.all()[:3]\n"},

		{name: "drop the only path", do: drop(true), in: "x = «q:Book.objects.filter(b=1).select_related(«e:\"a\"»)»\n", want: "x = Book.objects.filter(b=1)\n"},
		{name: "drop before an own method", do: drop(true), in: "x = «q:Book.objects.select_related(«e:\"a\"»).mine()»\n", want: "x = Book.objects.all().mine()\n"},
		{name: "drop one of two", do: drop(false), in: "x = «q:Book.objects.prefetch_related(«e:\"a\"», \"b\")»\n", want: "x = Book.objects.prefetch_related(\"b\")\n"},
		{name: "drop the last of two", do: drop(false), in: "x = «q:Book.objects.prefetch_related(\"b\", «e:\"a\"»)»\n", want: "x = Book.objects.prefetch_related(\"b\")\n"},
		{name: "drop a line", do: drop(false), in: "x = «q:(\n    Book.objects.filter(b=1)\n    .prefetch_related(«e:\"a\"»)\n    .order_by(\"b\")\n)»\n", want: "x = (\n    Book.objects.filter(b=1)\n    .order_by(\"b\")\n)\n"},
		{name: "drop a line of a chain", do: drop(false), in: "x = (\n    «q:Book.objects.filter(b=1)\n    .prefetch_related(«e:\"a\"»)  # why\n    .order_by(\"b\")»\n)\n", want: "x = (\n    Book.objects.filter(b=1)  # why\n    .order_by(\"b\")\n)\n"},
		{name: "drop a line below a comment", do: drop(false), in: "x = (\n    «q:Book.objects.filter(b=1)  # kept\n    .prefetch_related(«e:\"a\"»)\n    .order_by(\"b\")»\n)\n", want: "x = (\n    Book.objects.filter(b=1)  # kept\n    .order_by(\"b\")\n)\n"},
		{name: "drop an argument's line", do: drop(false), in: "x = «q:Book.objects.prefetch_related(\n    «e:\"a\"»,  # a\n    \"b\",  # b\n)»\n", want: "x = Book.objects.prefetch_related(\n    \"b\",  # b\n)\n"},
		{name: "drop the last argument's line", do: drop(false), in: "x = «q:Book.objects.prefetch_related(\n    \"b\",  # b\n    «e:\"a\"»,  # a\n)»\n", want: "x = Book.objects.prefetch_related(\n    \"b\",  # b\n)\n"},

		{name: "only", do: only, in: "x = «q:Book.objects.filter(a=1)[:5]»\n", want: "x = Book.objects.filter(a=1).only(\"title\", \"price\")[:5]\n"},
		{name: "only and a join", do: onlyJoined, in: "x = «q:Book.objects.select_related(\"author__country\")»\n", want: "x = Book.objects.select_related(\"author__country\").only(\"title\", \"author__name\", \"author__country\")\n"},
		{name: "only twice", do: only, in: "x = «q:Book.objects.only(\"a\")»\n", want: ""},

		{name: "flat", do: flat, in: "for book in «i:«q:Book.objects.all()»»:\n    print(«r:book.title»)\n", want: "for title in Book.objects.all().values_list(\"title\", flat=True):\n    print(title)\n"},
		{name: "flat comprehension", do: flat, in: "x = [«r:b.title».upper() for b in «i:«q:Book.objects.all()»»]\nb = 1\n", want: "x = [title.upper() for title in Book.objects.all().values_list(\"title\", flat=True)]\nb = 1\n"},
		{name: "flat f-string", do: flat, in: "x = [f\"b {«r:b.title»!r}\" for b in «i:«q:Book.objects.all()»»]\n", want: "x = [f\"b {title!r}\" for title in Book.objects.all().values_list(\"title\", flat=True)]\n"},
		{name: "flat by name", do: flat, in: "def f():\n    books = «q:Book.objects.all()»\n    for b in «i:books»:\n        if «r1:b.title»:\n            print(«r2:b.title», sep='')\n    return 1\n", want: "def f():\n    books = Book.objects.all().values_list('title', flat=True)\n    for title in books:\n        if title:\n            print(title, sep='')\n    return 1\n"},
		{name: "flat, row used", do: flat, in: "for b in «i:«q:Book.objects.all()»»:\n    print(«r:b.title», b)\n", want: ""},
		{name: "flat, used after", do: flat, in: "for b in «i:«q:Book.objects.all()»»:\n    print(«r:b.title»)\nprint(b)\n", want: ""},
		{name: "flat, name taken", do: flat, in: "title = 1\nfor b in «i:«q:Book.objects.all()»»:\n    print(«r:b.title»)\n", want: ""},
		{name: "flat, not a loop", do: flat, in: "x = list(«i:«q:Book.objects.all()»»)\nprint(«r:x[0].title»)\n", want: ""},
		{name: "named", do: named, in: "for b in «i:«q:Book.objects.all()»»:\n    print(«r:b.title»)\n", want: "for b in Book.objects.all().values_list(\"title\", \"pk\", named=True):\n    print(b.title)\n", risk: true},

		{
			name: "prefetch to", do: prefetch, in: "from .models import Author\n\n\ndef f():\n    for a in «q:Author.objects.all()»:\n        for b in «inner:«manager:a.book_set».filter(active=True)»:\n            print(b)\n",
			want: "from django.db.models import Prefetch\n\nfrom .models import Author, Book\n\n\ndef f():\n    for a in Author.objects.all().prefetch_related(Prefetch(\"book_set\", queryset=Book.objects.filter(active=True), to_attr=\"active_books\")):\n        for b in a.active_books:\n            print(b)\n",
		},
		{
			name: "prefetch to, lines", do: prefetch, in: "from django.db.models import Prefetch\nfrom library.models import Author, Book\ndef f(day):\n    for a in «q:Author.objects.prefetch_related(«eager:\"book_set\"»)»:\n        x = list(«inner:«manager:a.book_set».filter(\n            day=day,\n        ).order_by(\"title\")»)\n",
			want: "from django.db.models import Prefetch\nfrom library.models import Author, Book\ndef f(day):\n    for a in Author.objects.prefetch_related(Prefetch(\"book_set\", queryset=Book.objects.filter(day=day).order_by(\"title\"), to_attr=\"chosen_books\")):\n        x = list(a.chosen_books)\n",
		},
		{name: "prefetch to, loop's variable", do: prefetch, in: "from library.models import Author, Book\ndef f():\n    for a in «q:Author.objects.all()»:\n        x = a.x\n        y = list(«inner:«manager:a.book_set».filter(x=x)»)\n", want: ""},
		{name: "prefetch to, count", do: prefetch, in: "from library.models import Author, Book\nfor a in «q:Author.objects.all()»:\n    y = «inner:«manager:a.book_set».filter(x=1).count()»\n", want: ""},
		{name: "prefetch to, in models", do: prefetch, in: "class Book: pass\ndef f():\n    for a in «q:Author.objects.all()»:\n        y = list(«inner:«manager:a.book_set».order_by('x')»)\n", want: ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := scan(t, "library/views.py", tt.in)
			r := tt.do(p)
			if r.ok != (tt.want != "") {
				t.Fatalf("ok = %v, %+v", r.ok, r.rw)
			}
			if !r.ok {
				return
			}
			if got := p.apply(t, r.rw); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if r.rw.Safe == tt.risk || r.rw.Code == "" || r.rw.Title == "" {
				t.Errorf("rewrite %+v", r.rw)
			}
		})
	}
}
