from django.http import JsonResponse

from shop.models import Author, Book, Order


def book_list(request):
    books = Book.objects.order_by("id")[:40]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def author_list(request):
    authors = Author.objects.order_by("id")[:20]
    return JsonResponse({"authors": [[author.name, author.books.count()] for author in authors]})


def order_list(request):
    orders = Order.objects.order_by("id")[:20]
    return JsonResponse({"orders": [[order.paid, order.book.title] for order in orders]})


def mark_paid(request):
    # ormlint: ignore[QP402] five orders at most, and save() sends a signal
    for order in Order.objects.filter(paid=False).order_by("id")[:5]:
        order.paid = True
        order.save(update_fields=["paid"])
    return JsonResponse({})


def title_list(request):
    return JsonResponse({"titles": [book.author.name for book in Book.objects.order_by("title")[:9]]})
