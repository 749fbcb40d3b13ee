from django.urls import path

from core import views

urlpatterns = [
    path("", views.home, name="home"),
    path("phones/bad/", views.phones_bad),
    path("phones/good/", views.phones_good),
    path("phones/joined/", views.phones_joined),
    path("team/", views.team),
    path("profiles/bad/", views.profiles_bad),
    path("profiles/good/", views.profiles_good),
    path("articles/bad/", views.articles_bad),
    path("articles/good/", views.articles_good),
    path("account/", views.account),
    path("users/pick/", views.three_users),
    path("notes/add/", views.add_note),
    path("audit/bad/", views.audit_bad),
    path("audit/good/", views.audit_good),
    path("audit/page/bad/", views.audit_page_bad),
    path("audit/page/good/", views.audit_page_good),
    path("audit/pick/bad/", views.audit_pick_bad),
    path("audit/pick/good/", views.audit_pick_good),
    path("report/bad/", views.slow_report_bad),
    path("report/good/", views.slow_report_good),
    path("report/join/bad/", views.heavy_join_bad),
]
