from django.urls import path

from shop import views

urlpatterns = [path("books/", views.book_list), path("authors/", views.author_list), path("orders/", views.order_list)]
