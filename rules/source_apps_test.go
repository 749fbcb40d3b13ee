//go:build cgo

package rules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/rules"
)

const topicViews = `
from notes.models import Line, Topic
`

var topicModels = map[string]string{"notes/__init__.py": "", "notes/models.py": `from django.db import models

class Topic(models.Model):
    name = models.CharField(max_length=9)

class Line(models.Model):
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="lines")
    a = models.TextField()
    b = models.TextField()
    c = models.TextField()
    d = models.TextField()
`}

var managedModels = map[string]string{"notes/__init__.py": "", "notes/models.py": `from django.db import models

class Topics(models.Manager):
    def check(self):
        for topic in self.iterator():
            print(topic.above.name)

class TopicRows(models.QuerySet):
    pass

class Lines(models.Manager):
    def fresh(self):
        return self.filter(a="1")

class Topic(models.Model):
    name = models.CharField(max_length=9)
    above = models.ForeignKey("self", models.CASCADE)
    objects = Topics.from_queryset(TopicRows)()

class Line(models.Model):
    topic = models.ForeignKey(Topic, models.CASCADE, related_name="lines")
    a = models.TextField()
    objects = Lines()
`}

// TestRealSource keeps what reading django-oscar, pretix, Misago, Weblate and
// others taught: what must be said of such code, and what must not be proposed.
func TestRealSource(t *testing.T) {
	for _, c := range []struct {
		trap
		says, not string // in the code of a rewrite; with says, one with edits
		possible  bool   // all that is said
		names     string // in the code of a rewrite, in words
		unsafe    bool   // no rewrite is safe
		closed    bool   // no edit stands behind "objects"
	}{
		{trap: trap{name: "registered without a class of its own", want: []string{"QP101 notes.Line.book"}, more: map[string]string{
			"notes/__init__.py": "",
			"notes/models.py": `from django.db import models

class Line(models.Model):
    book = models.ForeignKey("library.Book", models.CASCADE)

    def __str__(self):
        return self.book.title
`,
			"notes/admin.py": "from django.contrib import admin\nfrom notes.models import Line\n\nadmin.site.register(Line)\n",
		}}, not: "register("},
		{trap: trap{name: "inlines have no attribute queryset", want: []string{"QP101 library.Copy.shelf"}, more: map[string]string{
			"library/admin.py": `from django.contrib import admin
from library.models import Book, Copy

class CopyInline(admin.TabularInline):
    model = Copy
    readonly_fields = ["where"]

    def where(self, copy):
        return copy.shelf.label

@admin.register(Book)
class BookAdmin(admin.ModelAdmin):
    inlines = [CopyInline]
`,
		}}, says: `super().get_queryset(request).select_related("shelf")`, not: "queryset = "},
		{trap: trap{name: "a model given to get_object_or_404", views: `
def v(request, pk):
    return render(request, "author.html", {"author": get_object_or_404(Author, pk=pk)})
`, want: []string{"QP101 library.Author.book_set__reviews"}, more: map[string]string{
			"library/templates/author.html": "{% for b in author.book_set.all %}{% for r in b.reviews.all %}{{ r.text }}{% endfor %}{% endfor %}\n",
		}}, says: `Author.objects.prefetch_related("book_set__reviews")`},
		{trap: trap{name: "columns of rows that are prefetched", views: topicViews + `
def v(request):
    topics = Topic.objects.prefetch_related("lines")[:40]
    return JsonResponse({"a": [[line.a for line in list(t.lines.all())] for t in topics]})
`, more: topicModels}},
		{trap: trap{name: "columns of rows that others prefetch", views: topicViews + `
def firsts(topic: Topic):
    return [line.a for line in topic.lines.all()]

def v(request):
    topics = Topic.objects.prefetch_related("lines")[:40]
    return JsonResponse({"a": [[[line.a, line.b, line.c] for line in t.lines.all()] for t in topics]})
`, more: topicModels}},
		{trap: trap{name: "columns of rows that nobody prefetches", views: topicViews + `
def firsts(topic: Topic):
    return [line.a for line in topic.lines.all()]
`, more: topicModels, want: []string{"QP201 notes.Line"}}},
		{trap: trap{name: "a relation of rows that others prefetch", views: `
def about(author: Author):
    return [[r.text for r in b.reviews.all()] for b in author.book_set.all()]

def v(request):
    authors = Author.objects.prefetch_related("book_set__reviews")[:40]
    return JsonResponse({"a": [[[r.text for r in b.reviews.all()] for b in a.book_set.all()] for a in authors]})
`, want: []string{"QP101 library.Book.reviews"}}, possible: true},
		{trap: trap{name: "a test of what may be None", views: `
def rows(request, books=None):
    found = Book.objects.all() if books else Book.objects.filter(isbn="1")
    return found.count()

def v(request):
    return JsonResponse({"a": rows(request, Book.objects.filter(title="x")), "b": rows(request)})

def w(request):
    books = Book.objects.filter(title="x") if request.GET else None
    return JsonResponse({"a": 1 if books else 2})
`}},
		{trap: trap{name: "a test of rows that are passed on", views: `
from django.core.cache import caches
from django.utils.connection import ConnectionProxy
from notes.models import Note

cache = ConnectionProxy(caches, "menus")

def v(request):
    if request.GET.get("all"):
        notes = Note.objects.about()
    else:
        notes = Note.objects.about(request.GET["a"], request.GET["b"])
    keys = notes.distinct().values_list("key", flat=True)
    if keys:
        cache.delete_many(keys)
    return HttpResponse()
`, more: map[string]string{"notes/__init__.py": "", "notes/models.py": `from django.db import models

class Notes(models.Manager):
    def about(self, site=None, language=None):
        if not site and not language:
            found = self.all()
        elif not site:
            found = self.filter(language=language)
        elif not language:
            found = self.filter(site=site)
        else:
            found = self.filter(site=site).filter(language=language)
        return found

class Note(models.Model):
    site = models.IntegerField()
    language = models.CharField(max_length=9)
    key = models.CharField(max_length=9)
    objects = Notes()
`}}},
		{trap: trap{name: "a method of the manager alone", views: topicViews + `
def v(request):
    Topic.objects.check()
    return JsonResponse({"a": [line.topic.name for line in Line.objects.fresh()]})
`, more: managedModels, want: []string{"QP101 notes.Line.topic", "QP101 notes.Topic.above"}}, says: `Line.objects.fresh().select_related("topic")`, closed: true},
		{trap: trap{name: "somebody listens to a many-to-many relation", views: `
from django.db.models.signals import m2m_changed
from django.dispatch import receiver

@receiver(m2m_changed, sender=Book.tags.through)
def changed(sender, instance, pk_set, **kwargs):
    print(instance.title)

def v(request, pk):
    tag = Tag.objects.get(pk=pk)
    for book in Book.objects.filter(isbn="1"):
        book.tags.add(tag)
    return HttpResponse()
`, want: []string{"QP406 library.Book.tags"}}, unsafe: true},
		{trap: trap{
			name: "a helper of many views", views: `
def author_of(request):
    return Author.objects.filter(name=request.GET["name"]).get()

def v(request):
    return render(request, "author.html", {"author": author_of(request)})

def w(request):
    return JsonResponse({"a": author_of(request).name})
`, more: map[string]string{"library/templates/author.html": "{% for b in author.book_set.all %}{% for r in b.reviews.all %}{{ r.text }}{% endfor %}{% endfor %}"},
			want: []string{"QP101 library.Author.book_set__reviews"},
		}, unsafe: true},
		{trap: trap{name: "a count behind a relation to many", views: `
def v(request):
    authors = Author.objects.prefetch_related("book_set")[:40]
    return JsonResponse({"a": [[b.reviews.count() for b in a.book_set.all()] for a in authors]})
`, want: []string{"QP102 library.Author.book_set__reviews.count()"}}, names: `Prefetch("book_set", queryset=Book.objects.annotate(reviews_count=Count("reviews")))`},
		{trap: trap{
			name: "exists() behind a foreign key", views: `
def v(request):
    return render(request, "all.html", {"books": Book.objects.select_related("author")[:40]})
`, more: map[string]string{"library/templates/all.html": "{% for b in books %}{{ b.author.book_set.exists }}{% endfor %}"},
			want: []string{"QP102 library.Book.author__book_set.exists()"},
		}, names: `filter(author=OuterRef("author"))`},
		{trap: trap{
			name: "the other end by its name in queries", views: `
def v(request):
    return render(request, "all.html", {"books": Book.objects.all()[:40]})
`, more: map[string]string{"library/templates/all.html": "{% for b in books %}{{ b.tags.exists }}{% endfor %}"},
			want: []string{"QP102 library.Book.tags.exists()"},
		}, names: `Exists(Tag.objects.filter(book=OuterRef("pk")))`},
		{trap: trap{name: "a range for each row", views: `
def v(request):
    dates = request.GET.getlist("date")
    return JsonResponse({"a": [list(Book.objects.filter(published__lt=d).values_list("title")) for d in dates]})
`, want: []string{"QP107 library.Book[published]"}}, names: `filter(…)  # for all of them`, not: "__in="},
		{trap: trap{name: "a get() of a related manager", views: `
def v(request, pk):
    book = Book.objects.get(pk=pk)
    return JsonResponse({"a": [book.reviews.get(text=t).stars for t in request.GET.getlist("text")]})
`, want: []string{"QP103 library.Review[book_id,text]"}}, names: `book.reviews.filter(text__in=…)`},
		{trap: trap{name: "a serializer of another package writes", more: map[string]string{
			"library/serializers.py": `from i18nfield.rest_framework import I18nAwareModelSerializer
from library.models import Book, Tag

class BookSerializer(I18nAwareModelSerializer):
    class Meta:
        model = Book
        fields = ["title"]

    def create(self, data):
        for name in data["tags"]:
            Tag.objects.create(name=name)
        return super().create(data)

    def validate_title(self, value):
        return [b.author.name for b in Book.objects.filter(title=value)]
`,
		}}},
		{trap: trap{name: "an attribute that is no field", views: `
def change(book):
    book._changed = True
    book.title = book.title.strip()

def v(request):
    for book in Book.objects.filter(isbn="1"):
        change(book)
        if book.title:
            book.save()
    return HttpResponse()
`, want: []string{"QP402 library.Book[id]"}}, names: `["title"]`, not: "_changed"},
		{trap: trap{name: "rows of a union", views: `
def v(request):
    books = Book.objects.filter(isbn="1").union(Book.objects.filter(title="x")).order_by("title")[:40]
    return JsonResponse({"a": [[b.author.name, [t.name for t in b.tags.all()]] for b in books]})

def w(request):
    books = Book.objects.filter(isbn="1").prefetch_related("author").union(Book.objects.filter(title="x"))[:40]
    return JsonResponse({"a": [b.author.name for b in books]})
`, want: []string{"QP101 library.Book.author", "QP101 library.Book.tags"}}, names: `Book.objects.prefetch_related("author")`, not: "select_related"},
		{trap: trap{
			name: "a related row is asked for", views: `
def v(request):
    return render(request, "all.html", {"books": Book.objects.all()[:40]})

def w(request):
    return JsonResponse({"a": [b.title for b in Book.objects.all()[:40] if b.author]})

def x(request):
    return JsonResponse({"a": [b.title for b in Book.objects.all()[:40] if b.author is not None]})
`, more: map[string]string{"library/templates/all.html": "{% for b in books %}{% if b.author %}{{ b.title }}{% endif %}{% endfor %}"},
			want: []string{"QP101 library.Book.author", "QP101 library.Book.author", "QP101 library.Book.author"},
		}},
		{trap: trap{
			name: "the other end of a one-to-one relation is asked for", views: `
def v(request):
    return render(request, "all.html", {"places": Place.objects.all()[:40]})

def w(request):
    return JsonResponse({"a": [p.pk for p in Place.objects.all()[:40] if p.library]})
`, more: map[string]string{"library/templates/all.html": "{% for p in places %}{% if p.library %}x{% endif %}{% endfor %}"},
			want: []string{"QP101 library.Place.library", "QP101 library.Place.library"},
		}},
		{trap: trap{name: "rows are written as they come", views: `
def v(request):
    for book in Book.objects.iterator():
        Review.objects.create(book=book, stars=1)
    return HttpResponse()
`, want: []string{"QP401 library.Review"}}, unsafe: true},
		{trap: trap{name: "groups that are taken apart", views: `
def v(request):
    return render(request, "all.html", {"books": Book.objects.select_related("author").order_by("title")[:40]})
`, more: map[string]string{
			"library/templates/all.html": "{% regroup books by title as groups %}{% for title, rows in groups %}{{ title }}{% for b in rows %}{{ b.author.name }}{% endfor %}{% endfor %}\n",
		}}},
		{trap: trap{name: "a nested queryset", views: `
def v(request, pk):
    author = Author.objects.get(pk=pk)
    return render(request, "all.html", {"books": Book.objects.filter(tags__in=author.book_set.all()).exclude(pk=3)})
`, more: map[string]string{"library/templates/all.html": "{% for b in books %}{{ b }}{% endfor %}\n"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := inspectFolder(t, shopWith(t, c.views, c.more))
			var got, code []string
			edited := false
			for _, f := range found {
				got = append(got, f.Code+" "+f.Subject)
				if c.possible && f.Confidence != finding.Possible {
					t.Errorf("%s %s is %v", f.Code, f.Subject, f.Confidence)
				}
				for _, r := range f.Rewrites {
					if c.unsafe && r.Safe {
						t.Errorf("is called safe: %s", r.Code)
					}
					if c.closed && strings.Contains(r.Code, "Topic.objects.select_related") && len(r.Edits) > 0 {
						t.Errorf("puts a call before a manager's method: %s", r.Code)
					}
					code = append(code, r.Code)
					edited = edited || c.says != "" && strings.Contains(r.Code, c.says) && len(r.Edits) > 0
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q\n%s", got, c.want, join(sourceLines(found)))
			}
			all := strings.Join(code, "\n")
			if c.says != "" && !edited {
				t.Errorf("does not propose %s with edits:\n%s", c.says, all)
			}
			if !strings.Contains(all, c.names) {
				t.Errorf("does not name %s:\n%s", c.names, all)
			}
			if c.not != "" && strings.Contains(all, c.not) {
				t.Errorf("proposes %s:\n%s", c.not, all)
			}
		})
	}
}

// TestInstalledPackages: what runs in an installed package is told where the
// project's code leads there, and never changed.
func TestInstalledPackages(t *testing.T) {
	site := ".venv/lib/python3.12/site-packages/"
	dir := shopWith(t, `
from tree.models import Node

def v(request):
    return JsonResponse({"a": [row.boss.name for row in Node.rows()], "b": Node.first_names()})
`, map[string]string{
		"bookshop/settings.py":    "INSTALLED_APPS = [\"core\", \"library\", \"shop\", \"tree\"]\n",
		".venv/pyvenv.cfg":        "",
		site + "tree/__init__.py": "",
		site + "tree/models.py": `from django.db import models

class Node(models.Model):
    name = models.TextField()
    a = models.TextField()
    b = models.TextField()
    c = models.TextField()
    boss = models.ForeignKey("self", models.CASCADE)

    @classmethod
    def rows(cls):
        return cls.objects.filter(a="1")

    @classmethod
    def first_names(cls):
        return [row.name for row in cls.objects.filter(a="2")]
`,
	})
	p, err := django.Open(t.Context(), django.Options{Root: dir, Packages: true})
	if err != nil {
		t.Fatal(err)
	}
	found := rules.Inspect(&link.Project{Models: p.Models, Index: p.Inspect(t.Context(), django.Focus{}), Text: p.Text}, rules.Options{})
	var got []string
	for _, f := range found {
		got = append(got, f.Code+" "+f.Subject)
		for _, r := range f.Rewrites {
			for _, e := range r.Edits {
				t.Errorf("%s changes %s: %s", f.Code, e.Span.Path, e.Text)
			}
		}
	}
	if want := []string{"QP101 tree.Node.boss"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
