from django.apps import apps
from django.contrib.auth import views as auth_views
from django.urls import include, path

urlpatterns = [
    path("accounts/login/", auth_views.LoginView.as_view(template_name="core/login.html"), name="login"),
    path("accounts/logout/", auth_views.LogoutView.as_view(next_page="/accounts/login/"), name="logout"),
    path("", include("core.urls")),
    path("library/", include("library.urls")),
    path("shop/", include("shop.urls")),
]

if apps.is_installed("catalog"):  # not in bookshop.captured
    from django.contrib import admin

    urlpatterns += [path("admin/", admin.site.urls), path("catalog/", include("catalog.urls"))]
