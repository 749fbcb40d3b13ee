package rules_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqllog"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/analyzer/work"
	"github.com/ormlint/ormlint/rules"
)

// Statements of the models of shop().
const (
	allBooks   = `SELECT "library_book"."id", "library_book"."title", "library_book"."isbn", "library_book"."body", "library_book"."published", "library_book"."author_id" FROM "library_book"`
	itsAuthor  = `SELECT "library_author"."id", "library_author"."name", "library_author"."born", "library_author"."country_id" FROM "library_author" WHERE "library_author"."id" = {n} LIMIT 21`
	itsCountry = `SELECT "library_country"."id", "library_country"."code", "library_country"."name" FROM "library_country" WHERE "library_country"."id" = {n} LIMIT 21`
	newReview  = `INSERT INTO "library_review" ("stars", "text", "book_id") VALUES ({n}, 'x', 1) RETURNING "library_review"."id"`
)

// explain runs the stages on the log of a capture and a source made by hand.
func explain(t *testing.T, capture string, by ties, s *sourceText) []finding.Finding {
	t.Helper()
	path := filepath.Join(t.TempDir(), "postgresql.log")
	if err := os.WriteFile(path, []byte(writeLog(parseCapture(t, capture), by)), 0o644); err != nil {
		t.Fatal(err)
	}
	inputs, errs := sqllog.Expand([]string{path})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	set, names, p := sqlshape.NewSet(nil, 1000), &sqllog.Names{}, profile.New(profile.DefaultLimits())
	tracker := work.NewTracker(set, work.DefaultLimits(), rules.NewDetector(set, p, rules.Options{}).Unit)
	_, err := sqllog.Read(t.Context(), inputs[0], set, names, sqllog.Options{}, func(es []sqllog.Event) error {
		p.Count(es)
		tracker.Add(es)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tracker.Close()
	ms := shop()
	project := &link.Project{Graph: link.New(nil, ms, set, p.Prefetches), Models: ms, Index: &s.Index, Text: func(string) []byte { return nil }}
	return rules.Explain(p, set, names, project, []string{path}, rules.Options{})
}

// told writes what tells a joined finding: code, subject, evidence, place,
// line, candidates, calls.
func told(fs []finding.Finding) []string {
	var list []string
	for _, f := range fs {
		var ev []string
		for _, e := range f.Evidence {
			ev = append(ev, string(e))
		}
		text := fmt.Sprintf("%s %s %s %s", f.Code, f.Subject, strings.Join(ev, "+"), sureText(f.Confidence))
		if f.Location.Known() {
			text += fmt.Sprintf(" at %s line %d", f.Place, f.Location.Line)
		} else {
			for _, r := range f.Related {
				text += fmt.Sprintf(" or %d", r.Span.Line)
			}
		}
		list = append(list, fmt.Sprintf("%s, %d calls", text, f.Cost.Calls))
	}
	return list
}

// view has a queryset and what its rows fetch stand in a view of their own.
func view(name string) func(*source.Query) {
	return func(q *source.Query) { q.Function, q.Entries = name, []string{"app.views." + name} }
}

func inView(name string) func(*source.Fetch) {
	return func(f *source.Fetch) { f.Function, f.Entries = name, []string{"app.views." + name} }
}

func TestJoin(t *testing.T) {
	readsAuthor := func(s *sourceText, name string, edit ...func(*source.Query)) *source.Query {
		q := s.query("Book", append([]func(*source.Query){view(name)}, edit...)...)
		s.fetch(source.Related, q, "author", in(s.over(q)), inView(name))
		return q
	}
	page := func(name string) string {
		return "-- GET /" + name + "/\n2 ms " + allBooks + "\n20 × 0.5 ms " + itsAuthor + "\n"
	}
	for _, c := range []struct {
		name, capture string
		by            ties
		build         func(*sourceText)
		want          []string
	}{
		{
			"by the statement", page("a"), byNothing,
			func(s *sourceText) { readsAuthor(s, "a") },
			said("QP101 library.Book.author observed+inferred proven at app/views.py:a line 1, 20 calls"),
		},
		{
			"two views alike, a log without names", page("a"), byNothing,
			func(s *sourceText) { readsAuthor(s, "a"); readsAuthor(s, "b") },
			said("QP101 library.Book.author observed+inferred likely or 1 or 4, 20 calls",
				"QP101 library.Book.author inferred proven at app/views.py:a line 1, 0 calls",
				"QP101 library.Book.author inferred proven at app/views.py:b line 4, 0 calls"),
		},
		{
			"two views, of which one has another queryset", page("a"), byNothing,
			func(s *sourceText) { readsAuthor(s, "a"); readsAuthor(s, "b", sliced(10)) },
			said("QP101 library.Book.author observed+inferred proven at app/views.py:a line 1, 20 calls",
				"QP101 library.Book.author inferred proven at app/views.py:b line 4, 0 calls"),
		},
		{
			"two views alike, told apart by the route", page("a") + page("b") + page("b"), byID,
			func(s *sourceText) {
				readsAuthor(s, "a")
				readsAuthor(s, "b")
				s.Routes = []source.Route{{Pattern: "a/", View: "app.views.a"}, {Pattern: "b/", View: "app.views.b"}}
			},
			said("QP101 library.Book.author observed+inferred proven at app/views.py:b line 4, 40 calls",
				"QP101 library.Book.author observed+inferred proven at app/views.py:a line 1, 20 calls"),
		},
		{
			"told apart by the line that the log names",
			strings.ReplaceAll(page("a"), itsAuthor, itsAuthor+" /*code.filepath='/srv/app/views.py',code.lineno='6'*/"), byNothing,
			func(s *sourceText) { readsAuthor(s, "a"); readsAuthor(s, "b") }, // line 5 is b's loop, 6 its access
			said("QP101 library.Book.author observed+inferred proven at app/views.py:b line 4, 20 calls",
				"QP101 library.Book.author inferred proven at app/views.py:a line 1, 0 calls"),
		},
		{
			"the access is out of sight", page("a"), byNothing,
			func(s *sourceText) { s.query("Book", view("a")) },
			said("QP101 library.Book.author observed likely at app/views.py:a line 1, 20 calls"),
		},
		{
			"nothing fits", page("a"), byNothing,
			func(s *sourceText) { s.query("Tag", view("a")) },
			said("QP101 library.Book.author observed likely, 20 calls"),
		},
		{
			"nested levels", "-- GET /a/\n2 ms " + allBooks + "\n20 × 0.5 ms " + itsAuthor + "\n+ 0.5 ms " + itsCountry + "\n", byNothing,
			func(s *sourceText) {
				q := s.query("Book", view("a"))
				l := s.over(q)
				s.fetch(source.Related, q, "author", in(l), inView("a"))
				s.fetch(source.Related, q, "author.country", in(l), inView("a"))
			},
			said("QP101 library.Book.author__country observed+inferred proven at app/views.py:a line 1, 40 calls"),
		},
		{
			"an insert", "-- GET /a/\n12 × 0.5 ms " + newReview + "\n", byID,
			func(s *sourceText) {
				s.Routes = []source.Route{{Pattern: "a/", View: "app.views.a"}}
				s.fetch(source.Insert, nil, "", in(s.plain()), model("Review"), method("create"), inView("a"))
				s.fetch(source.Insert, nil, "", in(s.plain()), model("Review"), method("create"), inView("b"))
			},
			said("QP401 library.Review observed+inferred proven at app/views.py:a line 2, 12 calls",
				"QP401 library.Review inferred likely at app/views.py:b line 4, 0 calls"),
		},
		{
			"the endpoint ran and nothing repeated", "-- GET /a/ × 3\n2 ms " + allBooks + "\n", byID,
			func(s *sourceText) {
				readsAuthor(s, "a")
				s.Routes = []source.Route{{Pattern: "a/", View: "app.views.a"}}
			},
			said("QP101 library.Book.author inferred likely at app/views.py:a line 1, 0 calls"),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &sourceText{}
			c.build(s)
			found := explain(t, c.capture, c.by, s)
			got := slices.DeleteFunc(told(found), func(s string) bool { return strings.HasPrefix(s, "QP2") })
			if !slices.Equal(got, c.want) {
				t.Errorf("\n got %q\nwant %q", got, c.want)
			}
		})
	}
}

// A finding that has several places has no edits but where all have the same.
func TestSeveralPlacesHaveNoEdits(t *testing.T) {
	s := &sourceText{}
	for _, v := range []string{"a", "b"} {
		q := s.query("Book", view(v))
		s.fetch(source.Related, q, "author", in(s.over(q)), inView(v))
	}
	for _, f := range explain(t, "-- GET /a/\n2 ms "+allBooks+"\n20 × 0.5 ms "+itsAuthor+"\n", byNothing, s) {
		if f.Cost.Calls == 0 {
			continue
		}
		for _, r := range f.Rewrites {
			if len(r.Edits) > 0 {
				t.Errorf("%s: edits of one of several places: %+v", f.Subject, r.Edits)
			}
		}
		if !slices.ContainsFunc(f.Notes, func(n string) bool { return strings.Contains(n, "2 places in the source") }) {
			t.Errorf("notes %q", f.Notes)
		}
	}
}

// Two loops that run one statement are one loop to a log without marks between
// them: the finding of the first says so, where it has more queries than its
// list has rows.
func TestSharedStatement(t *testing.T) {
	s := &sourceText{}
	for _, v := range []string{"a", "b"} {
		q := s.query("Book", view(v))
		if v == "a" {
			q.Sliced, q.Limit = true, 20
		} else {
			q.Filters = []source.Filter{{Path: "title", Lookup: "exact", Literal: true}}
		}
		s.fetch(source.Related, q, "author", in(s.over(q)), inView(v))
	}
	for calls, want := range map[int]bool{20: false, 30: true} {
		told := false
		for _, f := range explain(t, fmt.Sprintf("-- GET /a/\n2 ms %s LIMIT 20\n%d × 0.5 ms %s\n", allBooks, calls, itsAuthor), byNothing, s) {
			if f.Cost.Calls == 0 {
				continue
			}
			if f.Place != "app/views.py:a" {
				t.Errorf("%d calls: at %q", calls, f.Place)
			}
			told = slices.Contains(f.Notes, "the statement runs in a loop of app/views.py:b too, whose queries may be among these")
		}
		if told != want {
			t.Errorf("%d calls: told %v, want %v", calls, told, want)
		}
	}
}
