"""Relations to many rows: one query per row, and the prefetch that replaces it."""

from django.contrib.contenttypes.models import ContentType
from django.http import JsonResponse

from library.models import Author, Book, Comment, Tag


def reverse_bad(request):
    authors = Author.objects.order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, [b.title for b in a.book_set.all()]] for a in authors]})


def reverse_good(request):
    authors = Author.objects.prefetch_related("book_set").order_by("id")[:20]
    return JsonResponse({"authors": [[a.name, [b.title for b in a.book_set.all()]] for a in authors]})


def reverse_named_bad(request):
    rows = []
    for book in Book.objects.order_by("id")[:20]:
        rows.append([book.title, [review.stars for review in book.reviews.all()]])
    return JsonResponse({"books": rows})


def reverse_named_good(request):
    rows = []
    for book in Book.objects.prefetch_related("reviews").order_by("id")[:20]:
        rows.append([book.title, [review.stars for review in book.reviews.all()]])
    return JsonResponse({"books": rows})


def m2m_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[b.title, [t.name for t in b.tags.all()]] for b in books]})


def m2m_good(request):
    books = Book.objects.prefetch_related("tags").order_by("id")[:20]
    return JsonResponse({"books": [[b.title, [t.name for t in b.tags.all()]] for b in books]})


def m2m_reverse_bad(request):
    tags = Tag.objects.order_by("id")[:20]
    return JsonResponse({"tags": [[t.name, [b.title for b in t.book_set.all()]] for t in tags]})


def m2m_reverse_good(request):
    tags = Tag.objects.prefetch_related("book_set").order_by("id")[:20]
    return JsonResponse({"tags": [[t.name, [b.title for b in t.book_set.all()]] for t in tags]})


def generic_bad(request):
    comments = Comment.objects.order_by("id")[:20]
    return JsonResponse({"comments": [[c.text, c.content_object.pk] for c in comments]})


def generic_good(request):
    comments = Comment.objects.prefetch_related("content_object").order_by("id")[:20]
    return JsonResponse({"comments": [[c.text, c.content_object.pk] for c in comments]})


def generic_one_bad(request):
    kind = ContentType.objects.get_for_model(Book)
    comments = Comment.objects.filter(content_type=kind).order_by("id")[:20]
    return JsonResponse({"comments": [[c.text, c.content_object.title] for c in comments]})


def generic_one_good(request):
    kind = ContentType.objects.get_for_model(Book)
    comments = Comment.objects.filter(content_type=kind).prefetch_related("content_object").order_by("id")[:20]
    return JsonResponse({"comments": [[c.text, c.content_object.title] for c in comments]})


def generic_relation_bad(request):
    books = Book.objects.order_by("id")[:20]
    return JsonResponse({"books": [[b.title, [c.text for c in b.comments.all()]] for b in books]})


def generic_relation_good(request):
    books = Book.objects.prefetch_related("comments").order_by("id")[:20]
    return JsonResponse({"books": [[b.title, [c.text for c in b.comments.all()]] for b in books]})


def reverse_forward_bad(request):
    rows = []
    for author in Author.objects.order_by("id")[:12]:
        for book in author.book_set.all():
            rows.append([author.name, book.title, book.publisher.name if book.publisher else ""])
    return JsonResponse({"books": rows})


def reverse_forward_good(request):
    rows = []
    for author in Author.objects.prefetch_related("book_set__publisher").order_by("id")[:12]:
        for book in author.book_set.all():
            rows.append([author.name, book.title, book.publisher.name if book.publisher else ""])
    return JsonResponse({"books": rows})
