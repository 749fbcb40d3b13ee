//go:build cgo

package rules_test

// falseAlarms are what other tools report and is fine.
func falseAlarms() []trap {
	return []trap{
		{name: "one row, then its relation", views: `
def v(request, pk):
    book = Book.objects.get(pk=pk)
    return JsonResponse({"title": book.title, "author": book.author.name})
`},
		{name: "one row, then its relation, through a shortcut", views: `
def v(request, pk):
    book = get_object_or_404(Book, pk=pk)
    return JsonResponse({"author": book.author.name, "tags": [t.name for t in book.tags.all()]})
`},
		{name: "a nested prefetch loads each level", views: `
def v(request):
    authors = Author.objects.prefetch_related("book_set__reviews")[:40]
    return JsonResponse({"a": [[b.title, len(b.reviews.all())] for a in authors for b in a.book_set.all()]})
`},
		{name: "a nested join loads each level", views: `
def v(request):
    books = Book.objects.select_related("author__country")[:40]
    return JsonResponse({"a": [[b.author.name, b.author.country.name] for b in books]})
`},
		{name: "joined for one branch", views: `
def v(request):
    books = Book.objects.select_related("author")[:40]
    if request.GET.get("short"):
        return JsonResponse({"a": [b.title for b in books]})
    return JsonResponse({"a": [b.author.name for b in books]})
`},
		{name: "two lines are no loop", views: `
def v(request, one, two):
    first = Book.objects.get(pk=one)
    second = Book.objects.get(pk=two)
    return JsonResponse({"a": [first.author.name, second.author.name]})
`},
		{name: "read, write, read back", views: `
def v(request, pk):
    before = Stock.objects.get(pk=pk).quantity
    Stock.objects.filter(pk=pk).update(quantity=F("quantity") + 1)
    return JsonResponse({"a": [before, Stock.objects.get(pk=pk).quantity]})
`},
		{name: "batches of new rows", views: `
def v(request):
    names = request.POST.getlist("name")
    for i in range(0, len(names), 100):
        Tag.objects.bulk_create([Tag(name=name) for name in names[i : i + 100]])
    return HttpResponse(status=204)
`},
		{name: "batches of keys", views: `
def v(request):
    titles = []
    for first in range(1, 361, 60):
        ids = list(range(first, first + 60))
        titles += Book.objects.filter(pk__in=ids).values_list("title", flat=True)
    return JsonResponse({"titles": titles})
`},
		{name: "batches of deletes", views: `
def v(request):
    ids = request.POST.getlist("id")
    for i in range(0, len(ids), 100):
        Review.objects.filter(pk__in=ids[i : i + 100]).delete()
    return HttpResponse(status=204)
`},
		{name: "page by page", views: `
def v(request):
    seen = []
    for start in range(0, 10000, 500):
        seen.extend(Book.objects.order_by("pk").values_list("title", flat=True)[start : start + 500])
    return JsonResponse({"seen": seen})
`},
		{name: "free calls on a prefetched manager", views: `
def v(request):
    books = Book.objects.prefetch_related("reviews", "tags")[:40]
    return JsonResponse({"a": [[b.reviews.count(), b.reviews.exists(), len(b.tags.all()), list(b.tags.all()[:3])] for b in books]})
`},
		{name: "names that dicts, lists and caches have too", views: `
from django.core.cache import cache

def v(request):
    prices = {"a": 1}
    names = ["a", "b"]
    total = 0
    for name in request.GET.getlist("name"):
        total += prices.get(name, 0) + names.count(name)
        cache.delete(name)
        prices.update({name: 2})
    return JsonResponse({"total": total})
`},
		{name: "a relation's name on values of unknown type", views: `
def names(things):
    return [thing.author.name for thing in things]

def v(request):
    return JsonResponse({"a": names(request.POST)})
`},
		{name: "the first row only", views: `
def v(request):
    for book in Book.objects.order_by("-published"):
        return JsonResponse({"author": book.author.name})
    return HttpResponse(status=404)
`, want: []string{"QP203 library.Book"}},
		{name: "up to the first row", views: `
def v(request):
    author = None
    for book in Book.objects.order_by("-published"):
        author = book.author.name
        break
    return JsonResponse({"author": author})
`, want: []string{"QP203 library.Book"}},
		{name: "a few fixed values", views: `
def v(request):
    for name in ("new", "old", "lent"):
        Tag.objects.get_or_create(name=name)
    return JsonResponse({"a": [Tag.objects.get(name=n).pk for n in ["new", "old"]]})
`},
		{name: "pages of a list", views: `
def v(request):
    page = Paginator(Book.objects.select_related("author").order_by("id"), 25).get_page(request.GET.get("page"))
    return JsonResponse({"books": [[b.title, b.author.name] for b in page], "pages": page.paginator.num_pages})
`},
		{name: "asked, then written", views: `
def v(request, pk):
    loans = Loan.objects.filter(book=pk, returned=False)
    if loans.exists():
        loans.update(returned=True)
    return HttpResponse(status=204)
`},
		{name: "the foreign key's own column", views: `
def v(request):
    return JsonResponse({"a": [b.author_id for b in Book.objects.all()[:40]]})
`},
		{name: "rows know the row they were reached from", views: `
def v(request, pk):
    author = Author.objects.get(pk=pk)
    return JsonResponse({"a": [[b.title, b.author.name] for b in author.book_set.all()]})
`},
		{name: "prefetched to an attribute", views: `
def v(request):
    best = Prefetch("reviews", queryset=Review.objects.filter(stars=5), to_attr="best")
    return JsonResponse({"a": [[r.text for r in b.best] for b in Book.objects.prefetch_related(best)[:40]]})
`},
		{name: "prefetched for a list", views: `
from django.db.models import prefetch_related_objects

def v(request):
    books = list(Book.objects.all()[:40])
    prefetch_related_objects(books, "author")
    return JsonResponse({"a": [b.author.name for b in books]})
`},
		{name: "kept in memory", views: `
from functools import lru_cache

@lru_cache
def vat():
    return int(SiteSetting.objects.get(key="vat").value)

def v(request):
    return JsonResponse({"a": [p.price * vat() for p in Product.objects.all()[:40]]})
`},
		{name: "a list is counted", views: `
def v(request):
    books = list(Book.objects.filter(isbn="1"))
    return JsonResponse({"n": len(books), "a": [b.title for b in books]})
`},
		{name: "an answer that changes with the loop's writes", views: `
def v(request):
    for name in request.POST.getlist("name"):
        tag = Tag(name=name)
        tag.save()
        if Tag.objects.count() > 100:
            return HttpResponse(status=409)
    return HttpResponse(status=204)
`, want: []string{"QP401 library.Tag"}},
		{name: "a helper's queryset, counted here and fetched there", views: `
def open_loans():
    return Loan.objects.filter(returned=False)

def a(request):
    return JsonResponse({"n": open_loans().count()})

def b(request):
    return JsonResponse({"due": [loan.due for loan in open_loans()]})
`},
		{name: "a count in one branch, rows in the other", views: `
def v(request):
    loans = Loan.objects.filter(returned=False)
    if request.GET.get("short"):
        return JsonResponse({"n": loans.count()})
    return JsonResponse({"due": [loan.due for loan in loans]})
`},
		{name: "tests and migrations", views: "", more: map[string]string{
			"library/tests/__init__.py":                     "",
			"library/tests/test_books.py":                   "from library.models import Book\n\ndef test_books():\n    for b in Book.objects.all():\n        print(b.author.name)\n",
			"library/migrations/__init__.py":                "",
			"library/migrations/0002_fill.py":               "from library.models import Book\n\ndef fill(apps, editor):\n    for b in Book.objects.all():\n        b.title = b.author.name\n        b.save()\n",
			".venv/lib/python3.12/site-packages/x/views.py": "from library.models import Book\n\ndef v(request):\n    return [b.author.name for b in Book.objects.all()]\n",
		}},
	}
}

// misses are what other tools do not see.
func misses() []trap {
	author := []string{"QP101 library.Book.author"}
	return []trap{
		{name: "a key that is no number", views: `
def v(request):
    return JsonResponse({"a": [c.shelf.label for c in Copy.objects.all()[:40]]})
`, want: []string{"QP101 library.Copy.shelf"}},
		{name: "sorted by a relation", views: `
def v(request):
    return JsonResponse({"a": [b.title for b in sorted(Book.objects.all()[:40], key=lambda b: b.author.name)]})
`, want: author},
		{name: "map and lambda", views: `
def v(request):
    return JsonResponse({"a": list(map(lambda b: b.author.name, Book.objects.all()[:40]))})
`, want: author},
		{name: "a generator", views: `
def v(request):
    return JsonResponse({"a": ", ".join(b.author.name for b in Book.objects.all()[:40])})
`, want: author},
		{name: "an f-string in a property", views: `
def v(request):
    return JsonResponse({"a": [b.byline for b in Book.objects.all()[:40]]})
`, want: author},
		{name: "in a helper", views: `
def line(book):
    return book.title + book.author.name

def v(request):
    return JsonResponse({"a": [line(b) for b in Book.objects.all()[:40]]})
`, want: author},
		{name: "from a helper", views: `
def newest():
    return Book.objects.order_by("-published")[:40]

def v(request):
    return JsonResponse({"a": [b.author.name for b in newest()]})
`, want: author},
		{name: "in a template", views: `
def v(request):
    return render(request, "library/all.html", {"books": Book.objects.all()[:40]})
`, want: author, more: map[string]string{"library/templates/library/all.html": "{% for book in books %}{{ book.author.name }}{% endfor %}\n"}},
		{name: "in a class-based view", views: `
from django.views.generic import ListView

class BookList(ListView):
    model = Book
    paginate_by = 40
    template_name = "library/all.html"
`, want: author, more: map[string]string{
			"library/templates/library/all.html": "{% for book in object_list %}{{ book.author.name }}{% endfor %}\n",
			"bookshop/urls.py":                   "from django.urls import path\nfrom library.views import BookList\nurlpatterns = [path(\"\", BookList.as_view())]\n",
		}},
		{name: "a server-side cursor", views: `
def v(request):
    return JsonResponse({"a": [b.author.name for b in Book.objects.all().iterator(chunk_size=100)]})
`, want: author},
		{name: "appended in a loop", views: `
def v(request):
    rows = []
    books = Book.objects.filter(isbn__startswith="978")
    books = books.order_by("title")
    for book in books:
        rows.append(book.author.name)
    return JsonResponse({"a": rows})
`, want: author},
		{name: "two relations of one row", views: `
def v(request):
    return JsonResponse({"a": [[b.author.name, b.reviews.count()] for b in Book.objects.all()[:40]]})
`, want: []string{"QP101 library.Book.author", "QP102 library.Book.reviews.count()"}},
		{name: "a generic foreign key", views: `
def v(request):
    return JsonResponse({"a": [c.content_object.pk for c in Comment.objects.all()[:40]]})
`, want: []string{"QP101 library.Comment.content_object"}},
		{name: "the child of an inherited table", views: `
def v(request):
    return JsonResponse({"a": [p.library.books_held for p in Place.objects.all()[:40]]})
`, want: []string{"QP101 library.Place.library"}},
	}
}
