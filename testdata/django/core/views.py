from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db import connection
from django.http import JsonResponse
from django.shortcuts import get_object_or_404

from core.models import Article, AuditEntry, Note, Profile


def home(request):
    return JsonResponse({"user": request.user.get_username()})


# The talk's example: one query per user for a phone number.


def phones_bad(request):
    phones = [user.profile.phone for user in User.objects.all()[:100]]
    return JsonResponse({"phones": phones})


def phones_good(request):
    phones = list(User.objects.values_list("profile__phone", flat=True)[:100])
    return JsonResponse({"phones": phones})


def phones_joined(request):
    phones = [user.profile.phone for user in User.objects.select_related("profile")[:100]]
    return JsonResponse({"phones": phones})


def team(request):
    """Ten phone numbers, eleven queries."""
    users = User.objects.filter(is_active=True).order_by("id")[:10]
    return JsonResponse({"phones": [user.profile.phone for user in users]})


def profiles_bad(request):
    profiles = Profile.objects.order_by("id")[:20]
    return JsonResponse({"people": [[p.user.username, p.phone] for p in profiles]})


def profiles_good(request):
    profiles = Profile.objects.select_related("user").order_by("id")[:20]
    return JsonResponse({"people": [[p.user.username, p.phone] for p in profiles]})


def articles_bad(request):
    rows = []
    for article in Article.objects.order_by("id")[:12]:
        rows.append([article.title, article.created_by.username, article.updated_by.username])
    return JsonResponse({"articles": rows})


def articles_good(request):
    articles = Article.objects.select_related("created_by", "updated_by").order_by("id")[:12]
    rows = [[a.title, a.created_by.username, a.updated_by.username] for a in articles]
    return JsonResponse({"articles": rows})


@login_required
def account(request):
    articles = request.user.articles.values_list("title", flat=True)[:5]
    return JsonResponse({"user": request.user.username, "articles": list(articles)})


def three_users(request):
    """Three lookups from three places: no loop, nothing to join."""
    owner = get_object_or_404(User, pk=request.GET["owner"])
    editor = User.objects.get(pk=request.GET["editor"])
    article = Article.objects.get(pk=request.GET["article"])
    return JsonResponse({"owner": owner.username, "editor": editor.username, "by": article.created_by.username})


def add_note(request):
    note = Note.objects.create(title=request.POST["title"], text=request.POST["text"])
    return JsonResponse({"id": note.pk})


def audit_bad(request):
    """The whole table into memory."""
    entries = AuditEntry.objects.all()
    failed = sum(1 for entry in entries if entry.status >= 500)
    return JsonResponse({"failed": failed})


def audit_good(request):
    return JsonResponse({"failed": AuditEntry.objects.filter(status__gte=500).count()})


def audit_page_bad(request):
    page = int(request.GET.get("page", 1))
    first = (page - 1) * 25
    rows = AuditEntry.objects.order_by("id").values_list("id", "action", "path")[first : first + 25]
    return JsonResponse({"entries": list(rows)})


def audit_page_good(request):
    rows = AuditEntry.objects.filter(id__gt=request.GET["after"]).order_by("id")
    return JsonResponse({"entries": list(rows.values_list("id", "action", "path")[:25])})


def audit_pick_bad(request):
    ids = list(range(1, 1501))
    rows = AuditEntry.objects.filter(id__in=ids).values_list("id", "action")
    return JsonResponse({"entries": list(rows)})


def audit_pick_good(request):
    rows = AuditEntry.objects.filter(id__range=(1, 1500)).values_list("id", "action")
    return JsonResponse({"entries": list(rows)})


def slow_report_bad(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*), pg_sleep(0.6) FROM core_auditentry WHERE id < 100 GROUP BY status")
        rows = cursor.fetchall()
    return JsonResponse({"rows": [[status, count] for status, count, _ in rows]})


def slow_report_good(request):
    with connection.cursor() as cursor:
        cursor.execute("SELECT status, count(*) FROM core_auditentry WHERE id < 100 GROUP BY status")
        rows = cursor.fetchall()
    return JsonResponse({"rows": rows})


def heavy_join_bad(request):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.action, count(*)
            FROM core_auditentry a
            JOIN core_auditentry b ON b.status = a.status AND b.id > a.id
            WHERE a.id < %s
            GROUP BY a.action
            """,
            [350],
        )
        rows = cursor.fetchall()
    return JsonResponse({"rows": rows})
