from django.urls import path

from shop import views

urlpatterns = [
    path("books/", views.book_list),
    path("authors/", views.author_list),
    path("orders/", views.order_list),
    path("paid/", views.mark_paid),
    path("titles/", views.title_list),
]
