from django.urls import path

from shop import views

urlpatterns = [
    path("customers/bad/", views.customers_bad),
    path("customers/good/", views.customers_good),
    path("customers/add/", views.customer_add),
    path("customers/<int:pk>/", views.customer),
    path("customers/<int:pk>/phone/bad/", views.customer_phone_bad),
    path("customers/<int:pk>/phone/good/", views.customer_phone_good),
    path("products/bad/", views.products_bad),
    path("products/good/", views.products_good),
    path("products/sku/bad/", views.sku_bad),
    path("products/sku/good/", views.sku_good),
    path("prices/bad/", views.prices_bad),
    path("prices/good/", views.prices_good),
    path("orders/<int:pk>/bad/", views.order_bad),
    path("orders/<int:pk>/good/", views.order_good),
    path("orders/totals/bad/", views.totals_bad),
    path("orders/totals/good/", views.totals_good),
    path("orders/days/bad/", views.days_bad),
    path("orders/days/good/", views.days_good),
    path("orders/promotions/bad/", views.promotions_bad),
    path("orders/promotions/good/", views.promotions_good),
    path("stock/bad/", views.stock_bad),
    path("stock/good/", views.stock_good),
    path("restock/bad/", views.restock_bad),
    path("restock/good/", views.restock_good),
]
