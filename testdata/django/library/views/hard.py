"""The same loops where they are harder to see."""

import time

from django.contrib.auth.decorators import login_required
from django.db.models import prefetch_related_objects
from django.http import JsonResponse

from library.models import Author, Book, Loan, Review


def two_loops(request):
    """Two lazy reads per row, one after the other."""
    rows = []
    for book in Book.objects.order_by("id")[:20]:
        rows.append([book.author.name, book.reviews.count()])
    return JsonResponse({"books": rows})


def read_and_write(request):
    """A lazy read and an insert per row."""
    for loan in Loan.objects.order_by("id")[:20]:
        Review.objects.create(book=loan.book, stars=3, text="shelf-mark of " + loan.book.title)
    return JsonResponse({"done": True})


def slow_rows(request):
    """A loop whose work between two queries takes longer than they do."""
    rows = []
    for book in Book.objects.order_by("id")[:20]:
        rows.append([book.title, book.author.name])
        time.sleep(0.06)
    return JsonResponse({"books": rows})


def slow_writes(request):
    """A thumbnail for each row between two inserts."""
    for stars in range(12):
        time.sleep(0.04)
        Review.objects.create(book_id=3, stars=stars % 5, text=f"shelf-mark {stars}")
    return JsonResponse({"added": 12})


def slow_children(request):
    """Each child row takes 60 ms in the database."""
    authors = Author.objects.order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, a.ranking.books] for a in authors]})


def export(request):
    """A server-side cursor with a lazy read per row."""
    rows = []
    for book in Book.objects.order_by("id")[:40].iterator(chunk_size=20):
        rows.append([book.title, book.author.name])
    return JsonResponse({"books": rows})


@login_required
def short_list(request):
    """One short page for members: ten books and their authors."""
    books = Book.objects.order_by("id")[:10]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def short_list_joined(request):
    """The same page in one query."""
    books = Book.objects.select_related("author").order_by("id")[:10]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def write_three(request):
    """A review by each of three editors."""
    for stars in (3, 4, 5):
        Review.objects.create(book_id=2, stars=stars, text=f"shelf-mark {stars}")
    return JsonResponse({"added": 3})


def prefetch_each(request):
    """A helper that prefetches for one author, called for each."""
    rows = []
    for author in Author.objects.order_by("id")[:20]:
        prefetch_related_objects([author], "book_set")
        rows.append([author.name, [book.title for book in author.book_set.all()]])
    return JsonResponse({"authors": rows})


def write_few(request):
    """Eight reviews, one at a time."""
    for stars in range(8):
        Review.objects.create(book_id=2, stars=stars % 5, text=f"shelf-mark {stars}")
    return JsonResponse({"added": 8})


def short_list_open(request):
    """The same page for everyone."""
    books = Book.objects.order_by("id")[:10]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})
