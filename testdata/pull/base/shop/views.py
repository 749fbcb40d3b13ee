from django.http import JsonResponse

from shop.models import Author, Book, Order


def book_list(request):
    books = Book.objects.select_related("author").order_by("id")[:40]
    return JsonResponse({"books": [[book.title, book.author.name] for book in books]})


def author_list(request):
    authors = Author.objects.order_by("id")[:20]
    return JsonResponse({"authors": [author.name for author in authors]})


def order_list(request):
    orders = Order.objects.order_by("id")[:20]
    return JsonResponse({"orders": [order.paid for order in orders]})
