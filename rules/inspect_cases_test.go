package rules_test

import (
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// An inspectCase is one Index and what is to be said of it: code, subject and
// confidence of each finding.
type inspectCase struct {
	name   string
	build  func(s *sourceText)
	want   []string
	models func(*schema.Models)
}

func said(lines ...string) []string { return lines }

func inspectCases() []inspectCase {
	var list []inspectCase
	for _, cs := range [][]inspectCase{relationCases(), managerCases(), queryCases(), wholeCases(), writeCases()} {
		list = append(list, cs...)
	}
	return list
}

func relationCases() []inspectCase {
	return []inspectCase{
		{name: "a lazy read in a loop", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}, want: said("QP101 library.Book.author proven")},
		{name: "nested reads are one path", build: func(s *sourceText) {
			q := s.query("Book")
			l := s.over(q)
			s.fetch(source.Related, q, "author", in(l))
			s.fetch(source.Related, q, "author.country", in(l))
		}, want: said("QP101 library.Book.author__country proven")},
		{name: "one access, two lines, one finding", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "author", in(s.over(q)))
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}, want: said("QP101 library.Book.author proven")},
		{name: "two querysets of one function have keys of their own", build: func(s *sourceText) {
			for range 2 {
				q := s.query("Book")
				s.fetch(source.Related, q, "author", in(s.over(q)))
			}
		}, want: said("QP101 library.Book.author proven", "QP101 library.Book.author proven")},
		{name: "rows of rows: a related manager's rows", build: func(s *sourceText) {
			q := s.query("Author")
			inner := s.query("Book", from(q, "book_set"))
			l := s.over(q)
			s.fetch(source.All, q, "book_set", in(l), evaluates(inner))
			s.fetch(source.Related, inner, "publisher", in(l, s.over(inner)))
			s.fetch(source.All, inner, "tags", in(l, s.over(inner)))
		}, want: said("QP101 library.Author.book_set__tags proven")},
		{name: "rows of one row's manager are a queryset of their own", build: func(s *sourceText) {
			q := s.query("Author", evals(source.One))
			inner := s.query("Book", from(q, "book_set"))
			s.fetch(source.All, inner, "tags", in(s.over(inner)))
		}, want: said("QP101 library.Book.tags proven")},
		{name: "a filtered manager is no step of a path", build: func(s *sourceText) {
			q := s.query("Author")
			inner := s.query("Book", from(q, "book_set"), filters("isbn", false))
			l := s.over(q)
			s.fetch(source.All, q, "book_set", in(l), evaluates(inner), func(f *source.Fetch) { f.Filtered = true })
			s.fetch(source.All, inner, "tags", in(l, s.over(inner)))
		}, want: said("QP101 library.Author.book_set proven", "QP101 library.Book.tags proven")},
		{name: "only under a condition", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "author", in(s.over(q)), conditional)
		}, want: said("QP101 library.Book.author possible")},
		{name: "the chain has parts out of sight", build: func(s *sourceText) {
			q := s.query("Book", dynamic)
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}, want: said("QP101 library.Book.author possible")},
		{name: "the key alone", build: func(s *sourceText) {
			q := s.query("Book")
			f := s.fetch(source.Related, q, "author", in(s.over(q)), func(f *source.Fetch) { f.OnlyKey = true })
			s.Notes = append(s.Notes, source.Note{Kind: source.KeyByJoin, Span: f.Span, Model: "library.Book", Query: q, Name: "author", Replacement: "book.author_id"})
		}, want: said("QP206 library.Book.author likely")},
		{name: "the key, of a row that is read anyway", build: func(s *sourceText) {
			q := s.query("Book")
			l := s.over(q)
			f := s.fetch(source.Related, q, "author", in(l), func(f *source.Fetch) { f.OnlyKey = true })
			s.fetch(source.Related, q, "author", in(l))
			s.Notes = append(s.Notes, source.Note{Kind: source.KeyByJoin, Span: f.Span, Model: "library.Book", Query: q, Name: "author"})
		}, want: said("QP101 library.Book.author proven")},
		{name: "a deferred column", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Deferred, q, "", in(s.over(q)), method("", "body"))
		}, want: said("QP104 library.Book.body proven")},

		{name: "one row, then its relation", build: func(s *sourceText) {
			s.fetch(source.Related, s.query("Book", evals(source.One)), "author", nil)
		}},
		{name: "one row's relation in a loop over something else", build: func(s *sourceText) {
			s.fetch(source.Related, s.query("Book", evals(source.One)), "author", in(s.plain()))
		}},
		{name: "loaded", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "author", in(s.over(q)), covered)
		}},
		{name: "the first four", build: func(s *sourceText) {
			q := s.query("Book", sliced(4))
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}},
		{name: "the first five", build: func(s *sourceText) {
			q := s.query("Book", sliced(5))
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}, want: said("QP101 library.Book.author proven")},
		{name: "rows of values()", build: func(s *sourceText) {
			q := s.query("Book", raw)
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}},
		{name: "rows of union()", build: func(s *sourceText) {
			q := s.query("Book", func(q *source.Query) { q.Combined = true })
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}, want: []string{"QP101 library.Book.author proven"}},
		{name: "a relation that the model has not", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "editor", in(s.over(q)))
		}},
		{name: "fetch_mode()", build: func(s *sourceText) {
			q := s.query("Book", calls("fetch_mode"))
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}},
		{name: "django-auto-prefetch", models: func(ms *schema.Models) { ms.AutoPrefetch = true }, build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}},
	}
}

func managerCases() []inspectCase {
	return []inspectCase{
		{name: "count() of a manager", build: func(s *sourceText) {
			q := s.query("Author")
			s.fetch(source.CountRows, q, "book_set", in(s.over(q)))
		}, want: said("QP102 library.Author.book_set.count() proven")},
		{name: "exists() by a filter on the loop's row", build: func(s *sourceText) {
			q := s.query("Author")
			l := s.over(q)
			s.fetch(source.ExistsRows, nil, "", in(l), evaluates(s.query("Book", filters("author", true), evals(source.Exists))), varies)
		}, want: said("QP102 library.Author.book_set.exists() likely")},
		{name: "first() of a manager", build: func(s *sourceText) {
			q := s.query("Author")
			s.fetch(source.First, q, "book_set", in(s.over(q)))
		}, want: said("QP105 library.Author.book_set.first() proven")},
		{name: "the first three of a manager", build: func(s *sourceText) {
			q := s.query("Author")
			inner := s.query("Book", from(q, "book_set"), sliced(3))
			s.fetch(source.All, q, "book_set", in(s.over(q)), evaluates(inner), func(f *source.Fetch) { f.Sliced = true })
		}, want: said("QP105 library.Author.book_set[:3] proven")},
		{name: "get() of a manager", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Get, q, "reviews", in(s.over(q)), func(f *source.Fetch) { f.Filtered = true })
		}, want: said("QP101 library.Book.reviews proven")},
		{name: "a prefetch that filter() passes by", build: func(s *sourceText) {
			q := s.query("Book", eager(false, true, "reviews"))
			s.fetch(source.All, q, "reviews", in(s.over(q)), func(f *source.Fetch) { f.Filtered, f.Defeats = true, true })
		}, want: said("QP106 library.Book.reviews proven")},
		{name: "count() of what is prefetched", build: func(s *sourceText) {
			q := s.query("Book", eager(false, true, "reviews"))
			s.fetch(source.CountRows, q, "reviews", in(s.over(q)), covered)
		}},
		{name: "a row's manager in two places, no loop", build: func(s *sourceText) {
			q := s.query("Author", evals(source.One))
			s.fetch(source.CountRows, q, "book_set", nil)
			s.fetch(source.All, q, "book_set", nil)
		}},
	}
}

func queryCases() []inspectCase {
	return []inspectCase{
		{name: "get() in a loop", build: func(s *sourceText) {
			s.fetch(source.Get, nil, "", in(s.plain()), evaluates(s.query("Book", filters("pk", true), evals(source.One))), varies)
		}, want: said("QP103 library.Book[id] likely")},
		{name: "get() by a slug, in a helper", build: func(s *sourceText) {
			s.fetch(source.Get, nil, "", in(s.plain()), model("Tag"), varies, func(f *source.Fetch) {
				f.Args = []string{"slug"}
				f.Via = []source.Hop{{Span: s.span(), Function: "tag_of"}}
			})
		}, want: said("QP103 library.Tag[slug] likely")},
		{name: "get() and one access", build: func(s *sourceText) {
			s.fetch(source.Get, nil, "", nil, evaluates(s.query("Book", filters("pk", false), evals(source.One))))
		}},
		{name: "get() in a loop over a literal", build: func(s *sourceText) {
			l := s.plain()
			l.Literal = true
			s.fetch(source.Get, nil, "", in(l), evaluates(s.query("Book", filters("pk", true), evals(source.One))), varies)
		}},
		{name: "refresh_from_db() in a loop", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Refresh, q, "", in(s.over(q)), model("Book"), varies)
		}, want: said("QP103 library.Book[id] likely")},
		{name: "a queryset that depends on the loop", build: func(s *sourceText) {
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(s.query("Book", filters("published", true))), varies)
		}, want: said("QP107 library.Book[published] likely")},
		{name: "a queryset that does not", build: func(s *sourceText) {
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(s.query("Tag", filters("name", false))))
		}, want: said("QP107 library.Tag[name] possible")},
		{name: "a queryset that does not, by a literal", build: func(s *sourceText) {
			q := s.query("Tag", filters("name", false))
			q.Filters[0].Literal = true
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(q))
		}, want: said("QP107 library.Tag[name] likely")},
		{name: "a queryset that does not, and the loop writes", build: func(s *sourceText) {
			l := s.plain()
			s.fetch(source.ExistsRows, nil, "", in(l), evaluates(s.query("Tag", evals(source.Exists))))
			s.fetch(source.Insert, nil, "", in(l), model("Tag"))
		}, want: said("QP401 library.Tag likely")},
		{name: "a list of keys in each round", build: func(s *sourceText) {
			q := s.query("Book", filters("pk", true))
			q.Filters[0].Lookup = "in"
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(q), varies)
		}},
		{name: "what holds at a date, in each round", build: func(s *sourceText) {
			q := s.query("Book", filters("published", true), filters("title", true))
			q.Filters[0].Lookup, q.Filters[1].Lookup = "lte", "gte"
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(q), varies)
		}, want: said("QP107 library.Book[published,title] likely")},
		{name: "a day in each round", build: func(s *sourceText) {
			q := s.query("Book", filters("published", true), filters("published", true))
			q.Filters[0].Lookup, q.Filters[1].Lookup = "lt", "gte"
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(q), varies)
		}},
		{name: "a page in each round", build: func(s *sourceText) {
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(s.query("Book", sliced(0))), varies)
		}},
		{name: "tried again until it fits", build: func(s *sourceText) {
			l := s.plain()
			l.Kind = "while"
			s.fetch(source.Get, nil, "", in(l), evaluates(s.query("Tag", filters("slug", true), evals(source.One))), varies)
		}},
		{name: "one place, with a row that is known and one that is not", build: func(s *sourceText) {
			q := s.query("Book")
			f := s.fetch(source.All, q, "tags", in(s.over(q)))
			g := *f
			g.Of, g.Path, g.Query, g.Model = nil, nil, s.query("Tag"), "library.Tag"
			s.Fetches = append(s.Fetches, &g)
		}, want: said("QP101 library.Book.tags proven")},
		{name: "none()", build: func(s *sourceText) {
			q := s.query("Book", calls("none"))
			s.fetch(source.Related, q, "author", in(s.over(q)))
		}},
		{name: "the same answer, as far as is known", build: func(s *sourceText) {
			s.fetch(source.Fetched, nil, "", in(s.plain()), evaluates(s.query("Tag", filters("name", false), dynamic)))
		}},
		{name: "far from its loop", build: func(s *sourceText) {
			s.fetch(source.Get, nil, "", in(s.plain()), model("Tag"), varies, func(f *source.Fetch) {
				f.Via = []source.Hop{{Span: s.span(), Function: "a"}, {Span: s.span(), Function: "b"}}
			})
		}, want: said("QP103 library.Tag possible")},
		{name: "a content type", build: func(s *sourceText) {
			s.fetch(source.Get, nil, "", in(s.plain()), varies, func(f *source.Fetch) { f.Model = "contenttypes.ContentType" })
		}},
		{name: "one place, two loops that lead there", build: func(s *sourceText) {
			f := s.fetch(source.Get, nil, "", in(s.plain()), model("Tag"), varies)
			g := *f
			g.Loops, g.Entries = in(s.plain()), []string{"app.views.other"}
			s.Fetches = append(s.Fetches, &g)
		}, want: said("QP103 library.Tag likely")},
	}
}

func wholeCases() []inspectCase {
	view := func(s *sourceText) {
		s.Routes = append(s.Routes, source.Route{View: "app.views.view", Kind: "url"})
	}
	return []inspectCase{
		{name: "a few of many columns", build: func(s *sourceText) { s.query("Wide", reads("c1", "c2")) }, want: said("QP201 library.Wide proven")},
		{name: "most of many columns", build: func(s *sourceText) {
			s.query("Wide", reads("c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "notes", "changed"))
		}},
		{name: "a few of few columns", build: func(s *sourceText) { s.query("Book", reads("title")) }},
		{name: "a few of many, and rows go out of sight", build: func(s *sourceText) { s.query("Wide", reads("c1"), escapes) }},
		{name: "a few of many, of one row", build: func(s *sourceText) { s.query("Wide", reads("c1"), evals(source.One)) }},
		{name: "a few of many, and rows are saved", build: func(s *sourceText) {
			q := s.query("Wide", reads("c1"))
			s.fetch(source.Update, q, "", nil, model("Wide"))
		}},
		{name: "a few of many, with only()", build: func(s *sourceText) {
			s.query("Wide", reads("c1"), func(q *source.Query) { q.Only = []string{"c1"} })
		}},
		{name: "a few of many, and an attribute that is no field", build: func(s *sourceText) { s.query("Wide", reads("c1", "label")) }},

		{name: "joined for nothing", build: func(s *sourceText) {
			s.query("Book", reads("title"), eager(true, false, "author"))
		}, want: said("QP202 library.Book.author likely")},
		{name: "joined and used", build: func(s *sourceText) { s.query("Book", reads("author.name"), eager(true, true, "author")) }},
		{name: "a part of the path is used", build: func(s *sourceText) {
			s.query("Book", reads("author.name"), eager(true, false, "author__country"))
		}},
		{name: "joined, and rows go out of sight", build: func(s *sourceText) { s.query("Book", reads("title"), eager(true, false, "author"), escapes) }},
		{name: "joined, and nobody goes through the rows", build: func(s *sourceText) { s.query("Book", eager(true, false, "author"), evals(source.Count)) }},

		{name: "a whole table in a view", build: func(s *sourceText) {
			view(s)
			s.query("Book", calls("all"), reads("title"))
		}, want: said("QP203 library.Book possible")},
		{name: "a whole table that a form of the view asks for", build: func(s *sourceText) {
			view(s)
			s.query("Book", calls("all"), reads("title"), func(q *source.Query) { q.Function = "BookForm" })
		}},
		{name: "a small table in a view", build: func(s *sourceText) {
			view(s)
			s.query("Country", calls("all"), reads("name"))
		}},
		{name: "a whole table, not in a view", build: func(s *sourceText) { s.query("Book", calls("all"), reads("title")) }},
		{name: "a manager's own method", build: func(s *sourceText) {
			view(s)
			s.query("Book", calls("published"), reads("title"))
		}},

		{name: "count(), then the rows", build: func(s *sourceText) {
			s.query("Review", filters("book", false), evals(source.Count, source.Iterate))
		}, want: said("QP204 library.Review[book_id].count() likely")},
		{name: "the rows, then count()", build: func(s *sourceText) { s.query("Review", evals(source.Iterate, source.Count)) }},
		{name: "exists() in one branch, rows in another", build: func(s *sourceText) {
			s.query("Review", evals(source.Exists, source.Iterate), func(q *source.Query) { q.Evals[0].Branch, q.Evals[1].Branch = "1a", "1b" })
		}},
		{name: "count(), a write, then the rows", build: func(s *sourceText) {
			q := s.query("Review", evals(source.Count, source.Iterate))
			f := s.fetch(source.Update, nil, "", nil, model("Review"))
			q.Evals[0].Span.Start, q.Evals[1].Span.Start = f.Span.Start-50, f.Span.Start+50
			q.Evals[0].Span.End, q.Evals[1].Span.End = f.Span.Start-40, f.Span.Start+60
		}},

		{name: "thrown away", build: func(s *sourceText) {
			s.Notes = append(s.Notes, source.Note{Kind: source.Discarded, Span: s.span(), Function: "view", Model: "library.Book", Name: "filter"})
		}, want: said("QP205 library.Book.filter() proven")},
		{name: "len() alone", build: func(s *sourceText) { s.query("Book", evals(source.Len)) }, want: said("QP207 library.Book.len() likely")},
		{name: "a test alone", build: func(s *sourceText) { s.query("Book", evals(source.Bool), filters("isbn", false)) }, want: said("QP207 library.Book[isbn].bool() likely")},
		{name: "len() and the rows", build: func(s *sourceText) { s.query("Book", evals(source.Len, source.Iterate)) }},
		{name: "len() of a slice", build: func(s *sourceText) { s.query("Book", evals(source.Len), sliced(5)) }},
		{name: "len() of what is prefetched", build: func(s *sourceText) {
			q := s.query("Author")
			inner := s.query("Book", from(q, "book_set"), evals(source.Len))
			s.fetch(source.All, q, "book_set", in(s.over(q)), evaluates(inner), covered)
		}},
		{name: "len() of a manager in a loop is one finding", build: func(s *sourceText) {
			q := s.query("Author")
			inner := s.query("Book", from(q, "book_set"), evals(source.Len))
			s.fetch(source.All, q, "book_set", in(s.over(q)), evaluates(inner))
		}, want: said("QP101 library.Author.book_set proven")},
	}
}

func writeCases() []inspectCase {
	return []inspectCase{
		{name: "create() in a loop", build: func(s *sourceText) {
			s.fetch(source.Insert, nil, "", in(s.plain()), model("Tag"), method("create", "name"))
		}, want: said("QP401 library.Tag likely")},
		{name: "create() once", build: func(s *sourceText) { s.fetch(source.Insert, nil, "", nil, model("Tag")) }},
		{name: "create() of three literals", build: func(s *sourceText) {
			l := s.plain()
			l.Literal = true
			s.fetch(source.Insert, nil, "", in(l), model("Tag"))
		}},
		{name: "create() of an unknown model", build: func(s *sourceText) { s.fetch(source.Insert, nil, "", in(s.plain()), method("create")) }},
		{name: "bulk_create() of chunks", build: func(s *sourceText) {
			s.fetch(source.Insert, nil, "", in(s.plain()), model("Tag"), method("bulk_create"), varies)
		}},
		{name: "delete() by a list of keys", build: func(s *sourceText) {
			q := s.query("Book", filters("pk", true), evals())
			q.Filters[0].Lookup = "in"
			s.fetch(source.Remove, nil, "", in(s.plain()), evaluates(q), varies, method("delete"))
		}},
		{name: "save() of rows", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Update, q, "", in(s.over(q)), model("Book"), method("save"))
		}, want: said("QP402 library.Book[id] likely")},
		{name: "update() by the loop's key", build: func(s *sourceText) {
			s.fetch(source.Update, nil, "", in(s.plain()), evaluates(s.query("Review", filters("book", true), evals())), varies, method("update"))
		}, want: said("QP402 library.Review[book_id] likely")},
		{name: "update() by a state", build: func(s *sourceText) {
			s.fetch(source.Update, nil, "", in(s.plain()), evaluates(s.query("Review", filters("stars", true), evals())), varies, method("update"))
		}},
		{name: "save() of what may be new", build: func(s *sourceText) {
			q := s.query("Book")
			l := s.over(q)
			f := s.fetch(source.Insert, nil, "", in(l), model("Book"), method("save"))
			g := *f
			g.Op, g.Of = source.Update, q
			s.Fetches = append(s.Fetches, &g)
		}, want: said("QP401 library.Book likely")},
		{name: "save() of a copy", build: func(s *sourceText) {
			q := s.query("Book", func(q *source.Query) { q.Reads = []source.Read{{Field: "pk", Write: true}} })
			s.fetch(source.Update, q, "", in(s.over(q)), model("Book"), method("save"))
		}, want: said("QP401 library.Book likely")},
		{name: "delete() of rows", build: func(s *sourceText) {
			q := s.query("Book")
			s.fetch(source.Remove, q, "", in(s.over(q)), model("Book"), method("delete"))
		}, want: said("QP403 library.Book likely")},
		{name: "get_or_create() in a loop", build: func(s *sourceText) {
			s.fetch(source.GetOrCreate, nil, "", in(s.plain()), model("Tag"), varies, method("get_or_create"), func(f *source.Fetch) { f.Args = []string{"name"} })
		}, want: said("QP404 library.Tag[name] likely")},
		{name: "save() of a row of a wide model", build: func(s *sourceText) {
			q := s.query("Wide", evals(source.One), func(q *source.Query) { q.Reads = []source.Read{{Field: "c3", Write: true}} })
			s.fetch(source.Update, q, "", nil, model("Wide"), method("save"))
		}, want: said("QP405 library.Wide likely")},
		{name: "save() with update_fields", build: func(s *sourceText) {
			q := s.query("Wide", evals(source.One), func(q *source.Query) { q.Reads = []source.Read{{Field: "c3", Write: true}} })
			s.fetch(source.Update, q, "", nil, model("Wide"), method("save", "c3"))
		}},
		{name: "save() of a narrow model", build: func(s *sourceText) {
			q := s.query("Book", evals(source.One), func(q *source.Query) { q.Reads = []source.Read{{Field: "title", Write: true}} })
			s.fetch(source.Update, q, "", nil, model("Book"), method("save"))
		}},
		{name: "add() in a loop", build: func(s *sourceText) {
			q := s.query("Book", evals(source.One))
			s.fetch(source.AddRelated, q, "tags", in(s.plain()), model("Tag"), varies, method("add"))
		}, want: said("QP406 library.Book.tags likely")},
		{name: "add() from the other side", build: func(s *sourceText) {
			q := s.query("Tag", evals(source.One))
			s.fetch(source.AddRelated, q, "book_set", in(s.plain()), model("Book"), varies, method("add"))
		}, want: said("QP406 library.Book.tags likely")},
		{name: "add() of a reverse foreign key", build: func(s *sourceText) {
			q := s.query("Author", evals(source.One))
			s.fetch(source.AddRelated, q, "book_set", in(s.plain()), model("Book"), varies, method("add"))
		}},
		{name: "atomic() in a loop", build: func(s *sourceText) {
			l := s.plain()
			s.fetch(source.Savepoint, nil, "", in(l))
			s.fetch(source.Insert, nil, "", in(l), model("Tag"))
		}, want: said("QP407 library.Tag.atomic() possible", "QP401 library.Tag likely")},
	}
}
