"""Reads by key, deferred columns, repeated reads, searches, pages."""

import random

from django import forms
from django.core.paginator import Paginator
from django.db import transaction
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render

from core.models import SiteSetting
from library.models import Author, Book, Copy, Country, Loan, Publisher, Review, Tag


def get_bad(request):
    ids = request.GET["ids"].split(",")
    books = [Book.objects.get(pk=pk) for pk in ids]
    return JsonResponse({"books": [book.title for book in books]})


def get_good(request):
    ids = request.GET["ids"].split(",")
    books = Book.objects.in_bulk(ids)
    return JsonResponse({"books": [book.title for book in books.values()]})


def only_bad(request):
    books = Book.objects.only("title").order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.isbn] for book in books]})


def only_good(request):
    books = Book.objects.only("title", "isbn").order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.isbn] for book in books]})


def defer_bad(request):
    books = Book.objects.defer("body").order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.body[:80]] for book in books]})


def defer_good(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.body[:80]] for book in books]})


def vat_rate():
    return int(SiteSetting.objects.get(key="vat").value)


def duplicate_bad(request):
    books = Book.objects.order_by("id").values_list("id", "title")[:12]
    return JsonResponse({"books": [[title, pk * (100 + vat_rate()) / 100] for pk, title in books]})


def duplicate_good(request):
    vat = vat_rate()
    books = Book.objects.order_by("id").values_list("id", "title")[:12]
    return JsonResponse({"books": [[title, pk * (100 + vat) / 100] for pk, title in books]})


def count_then_bad(request, pk):
    reviews = Review.objects.filter(book_id=pk)
    if reviews.count() == 0:
        return JsonResponse({"reviews": []})
    return JsonResponse({"reviews": [review.text for review in reviews]})


def count_then_good(request, pk):
    reviews = list(Review.objects.filter(book_id=pk))
    return JsonResponse({"count": len(reviews), "reviews": [review.text for review in reviews]})


def exists_then_bad(request, pk):
    loans = Loan.objects.filter(book_id=pk, returned=False)
    if loans.exists():
        return JsonResponse({"due": [loan.due for loan in loans]})
    return JsonResponse({"due": []})


def exists_then_good(request, pk):
    loans = Loan.objects.filter(book_id=pk, returned=False)
    return JsonResponse({"due": [loan.due for loan in loans]})


def search_bad(request):
    books = Book.objects.filter(title__icontains=request.GET["q"])
    return JsonResponse({"books": list(books.values_list("id", "title")[:20])})


def search_contains_bad(request):
    books = Book.objects.filter(title__contains=request.GET["q"])
    return JsonResponse({"books": list(books.values_list("id", "title")[:20])})


def search_good(request):
    books = Book.objects.filter(title__startswith=request.GET["q"])
    return JsonResponse({"books": list(books.values_list("id", "title")[:20])})


def lucky_bad(request):
    books = Book.objects.order_by("?").values_list("id", "title")[:5]
    return JsonResponse({"books": list(books)})


def lucky_good(request):
    ids = random.sample(range(1, 361), 5)
    books = Book.objects.filter(pk__in=ids).values_list("id", "title")
    return JsonResponse({"books": list(books)})


# Views that are fine as they are.


def detail(request, pk):
    """One book, then its one author: two queries, no loop."""
    book = get_object_or_404(Book, pk=pk)
    return JsonResponse({"title": book.title, "author": book.author.name})


def prefetch_nested(request):
    rows = []
    for author in Author.objects.prefetch_related("book_set__reviews", "book_set__tags").order_by("id")[:10]:
        for book in author.book_set.all():
            rows.append([book.title, len(book.reviews.all()), len(book.tags.all())])
    return JsonResponse({"books": rows})


def prefetch_single(request, pk):
    author = get_object_or_404(Author.objects.prefetch_related("book_set"), pk=pk)
    return JsonResponse({"name": author.name, "books": [book.title for book in author.book_set.all()]})


def in_chunks(request):
    """Six batches of sixty keys."""
    titles = []
    for first in range(1, 361, 60):
        ids = list(range(first, first + 60))
        titles += Book.objects.filter(pk__in=ids).values_list("title", flat=True)
    return JsonResponse({"titles": titles})


def book_list(request):
    page = Paginator(Book.objects.select_related("author").order_by("id"), 25).get_page(request.GET.get("page"))
    return JsonResponse({"books": [[b.title, b.author.name] for b in page], "pages": page.paginator.num_pages})


def countries(request):
    """All of a small table."""
    return JsonResponse({"countries": [[country.code, country.name] for country in Country.objects.all()]})


def poll(request):
    return JsonResponse({"open": Loan.objects.filter(returned=False).count()})


def poll_one(request, pk):
    book = Book.objects.filter(pk=pk).values("id", "title").first()
    return JsonResponse(book)


def dashboard(request):
    """Eight questions, eight different queries."""
    return JsonResponse(
        {
            "books": Book.objects.count(),
            "authors": Author.objects.count(),
            "tags": list(Tag.objects.order_by("name").values_list("name", flat=True)[:10]),
            "loans": Loan.objects.filter(returned=False).count(),
            "newest": list(Book.objects.order_by("-published").values_list("title", flat=True)[:5]),
            "countries": Country.objects.values("name").distinct().count(),
            "reviews": list(Review.objects.filter(stars=5).values_list("text", flat=True)[:5]),
            "publishers": list(Publisher.objects.filter(city__startswith="A").values_list("name", flat=True)[:5]),
        }
    )


def read_write_read(request, pk):
    """The second read must run: the row has changed."""
    book = Book.objects.get(pk=pk)
    Book.objects.filter(pk=pk).update(isbn="9780000000000")
    book = Book.objects.get(pk=pk)
    return JsonResponse({"isbn": book.isbn})


@transaction.atomic
def lock(request, pk):
    loan = Loan.objects.select_for_update().get(pk=pk)
    loan.returned = True
    loan.save(update_fields=["returned"])
    return JsonResponse({"id": loan.pk})


class CopyForm(forms.ModelForm):
    author = forms.ModelChoiceField(Author.objects.order_by("name"))

    class Meta:
        model = Copy
        fields = ["barcode", "book", "shelf"]


def copy_form(request):
    """An admin-like form: three selects, each filled by one query."""
    return render(request, "library/form.html", {"form": CopyForm()})
