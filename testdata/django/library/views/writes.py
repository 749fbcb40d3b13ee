"""Row-at-a-time writes, and the one statement that replaces them."""

import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.http import JsonResponse

from library.models import Book, Loan, Publisher, Review, Tag

NAMES = [f"shelf-mark-{i}" for i in range(20)]


def insert_bad(request):
    for stars, text in enumerate(NAMES):
        Review.objects.create(book_id=1, stars=stars % 5, text=text)
    return JsonResponse({"added": len(NAMES)})


def insert_good(request):
    reviews = [Review(book_id=1, stars=stars % 5, text=text) for stars, text in enumerate(NAMES)]
    Review.objects.bulk_create(reviews)
    return JsonResponse({"added": len(reviews)})


def update_bad(request):
    loans = Loan.objects.order_by("id")[:20]
    for loan in loans:
        loan.due += datetime.timedelta(days=7)
        loan.save(update_fields=["due"])
    return JsonResponse({"renewed": len(loans)})


def update_good(request):
    loans = list(Loan.objects.order_by("id")[:20])
    for loan in loans:
        loan.due += datetime.timedelta(days=7)
    Loan.objects.bulk_update(loans, ["due"])
    return JsonResponse({"renewed": len(loans)})


def save_bad(request):
    tags = Tag.objects.order_by("id")[:20]
    for tag in tags:
        tag.name = tag.name.lower()
        tag.save()
    return JsonResponse({"tags": len(tags)})


def save_good(request):
    tags = list(Tag.objects.order_by("id")[:20])
    for tag in tags:
        tag.name = tag.name.lower()
    Tag.objects.bulk_update(tags, ["name"])
    return JsonResponse({"tags": len(tags)})


def delete_bad(request):
    reviews = Review.objects.filter(text__startswith="shelf-mark")[:20]
    for review in reviews:
        review.delete()
    return JsonResponse({"deleted": len(reviews)})


def delete_good(request):
    deleted, _ = Review.objects.filter(text__startswith="shelf-mark").delete()
    return JsonResponse({"deleted": deleted})


def get_or_create_bad(request):
    for name in NAMES:
        Tag.objects.get_or_create(name=name)
    return JsonResponse({"tags": len(NAMES)})


def get_or_create_good(request):
    Tag.objects.bulk_create([Tag(name=name) for name in NAMES], ignore_conflicts=True)
    return JsonResponse({"tags": len(NAMES)})


def m2m_add_bad(request, pk):
    book = Book.objects.get(pk=pk)
    for tag in Tag.objects.order_by("-id")[:20]:
        book.tags.add(tag)
    return JsonResponse({"book": book.pk})


def m2m_add_good(request, pk):
    book = Book.objects.get(pk=pk)
    book.tags.add(*Tag.objects.order_by("-id")[:20])
    return JsonResponse({"book": book.pk})


def batches(request):
    """A hundred rows in five batches each way."""
    books = Book.objects.order_by("id").values_list("id", flat=True)[:100]
    reviews = [Review(book_id=pk, stars=3, text="shelf-mark") for pk in books]
    Review.objects.bulk_create(reviews, batch_size=20)
    for review in reviews:
        review.stars = 4
    Review.objects.bulk_update(reviews, ["stars"], batch_size=20)
    return JsonResponse({"added": len(reviews)})


@transaction.atomic
def savepoints(request):
    """Ten inner blocks of which three do something, each something else."""
    for step in range(10):
        with transaction.atomic():
            if step == 2:
                Publisher.objects.filter(pk=1).update(city="Lisbon")
            if step == 5:
                User.objects.filter(pk=1).update(last_name="Savepoint")
            if step == 8:
                Loan.objects.filter(pk=1).update(returned=True)
    return JsonResponse({"done": True})


def delete_book(request, pk):
    """A cascade: one DELETE for each table that refers to books."""
    Book.objects.filter(pk=pk).delete()
    return JsonResponse({"deleted": pk})
