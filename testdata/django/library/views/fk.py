"""Forward relations: one query per row, and the join that replaces it."""

from django.http import JsonResponse
from django.shortcuts import render

from library.models import Book, Card, Copy, Place


def fk_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def fk_good(request):
    books = Book.objects.select_related("author").order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def fk_shared_bad(request):
    """Twenty books of only seven authors: the same author is read again and again."""
    rows = []
    for book in Book.objects.order_by("author_id", "id")[:20]:
        rows.append([book.title, book.author.name])
    return JsonResponse({"books": rows})


def fk_nullable_bad(request):
    rows = []
    for book in Book.objects.order_by("id")[:20]:
        rows.append([book.title, book.publisher.name if book.publisher else ""])
    return JsonResponse({"books": rows})


def fk_nullable_good(request):
    rows = []
    for book in Book.objects.select_related("publisher").order_by("id")[:20]:
        rows.append([book.title, book.publisher.name if book.publisher else ""])
    return JsonResponse({"books": rows})


def nested_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.author.country.name] for book in books]})


def nested_good(request):
    books = Book.objects.select_related("author__country").order_by("id")[:20]
    return JsonResponse({"books": [[book.title, book.author.country.name] for book in books]})


def template_bad(request):
    return render(request, "library/book_list.html", {"books": Book.objects.order_by("-published")[:20]})


def template_good(request):
    books = Book.objects.select_related("author").order_by("-published")[:20]
    return render(request, "library/book_list.html", {"books": books})


def property_bad(request):
    books = Book.objects.order_by("-id")[:20]
    return JsonResponse({"books": [book.byline for book in books]})


def property_good(request):
    books = Book.objects.select_related("author").order_by("-id")[:20]
    return JsonResponse({"books": [book.byline for book in books]})


def uuid_bad(request):
    copies = Copy.objects.order_by("id")[:20]
    return JsonResponse({"copies": [[copy.barcode, copy.shelf.label] for copy in copies]})


def uuid_good(request):
    copies = Copy.objects.select_related("shelf").order_by("id")[:20]
    return JsonResponse({"copies": [[copy.barcode, copy.shelf.label] for copy in copies]})


def db_table_bad(request):
    cards = Card.objects.order_by("id")[:20]
    return JsonResponse({"cards": [[card.issued, card.member.full_name] for card in cards]})


def db_table_good(request):
    cards = Card.objects.select_related("member").order_by("id")[:20]
    return JsonResponse({"cards": [[card.issued, card.member.full_name] for card in cards]})


def mti_bad(request):
    places = Place.objects.order_by("id")[:20]
    return JsonResponse({"places": [[place.name, place.library.books_held] for place in places]})


def mti_good(request):
    places = Place.objects.select_related("library").order_by("id")[:20]
    return JsonResponse({"places": [[place.name, place.library.books_held] for place in places]})
