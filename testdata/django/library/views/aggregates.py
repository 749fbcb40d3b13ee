"""Counting and looking per row, and the annotation that replaces it."""

from django.db.models import Count, Exists, Max, OuterRef, Subquery
from django.http import JsonResponse

from library.models import Author, Book, Loan


def count_bad(request):
    authors = Author.objects.order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, a.book_set.count()] for a in authors]})


def count_good(request):
    authors = Author.objects.annotate(books=Count("book")).order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, a.books] for a in authors]})


def m2m_count_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[b.title, b.tags.count()] for b in books]})


def m2m_count_good(request):
    books = Book.objects.annotate(tag_count=Count("tags")).order_by("id")[:20]
    return JsonResponse({"books": [[b.title, b.tag_count] for b in books]})


def exists_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[b.title, b.loan_set.filter(returned=False).exists()] for b in books]})


def exists_good(request):
    out = Loan.objects.filter(book=OuterRef("pk"), returned=False)
    books = Book.objects.annotate(is_out=Exists(out)).order_by("id")[:20]
    return JsonResponse({"books": [[b.title, b.is_out] for b in books]})


def max_bad(request):
    rows = []
    for author in Author.objects.order_by("id")[:20]:
        rows.append([author.name, author.book_set.aggregate(last=Max("published"))["last"]])
    return JsonResponse({"authors": rows})


def max_good(request):
    authors = Author.objects.annotate(last=Max("book__published")).order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, a.last] for a in authors]})


def latest_bad(request):
    rows = []
    for author in Author.objects.order_by("id")[:20]:
        newest = author.book_set.order_by("-published").first()
        rows.append([author.name, newest.title])
    return JsonResponse({"authors": rows})


def latest_good(request):
    newest = Book.objects.filter(author=OuterRef("pk")).order_by("-published")
    authors = Author.objects.annotate(newest=Subquery(newest.values("title")[:1])).order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, a.newest] for a in authors]})
