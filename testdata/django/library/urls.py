from django.urls import path

from library.views import aggregates, fk, hard, many, reads, writes


def pairs(module, *names):
    """A bad and a good URL for each name: fk/bad/ runs fk_bad, fk/good/ runs fk_good."""
    out = []
    for name in names:
        for kind in ("bad", "good"):
            view = getattr(module, f"{name}_{kind}", None)
            if view:
                out.append(path(f"{name.replace('_', '-')}/{kind}/", view))
    return out


urlpatterns = [
    *pairs(fk, "fk", "fk_shared", "fk_nullable", "nested", "template", "property", "uuid", "db_table", "mti"),
    *pairs(many, "reverse", "reverse_named", "m2m", "m2m_reverse", "generic", "generic_one", "generic_relation",
           "reverse_forward"),
    *pairs(aggregates, "count", "m2m_count", "exists", "max", "latest"),
    *pairs(reads, "get", "only", "defer", "duplicate", "search", "search_contains", "lucky"),
    *pairs(writes, "insert", "update", "save", "delete", "get_or_create"),
    path("books/", reads.book_list),
    path("books/<int:pk>/", reads.detail),
    path("books/<int:pk>/delete/", writes.delete_book),
    path("books/<int:pk>/isbn/", reads.read_write_read),
    path("books/<int:pk>/poll/", reads.poll_one),
    path("books/<int:pk>/reviews/bad/", reads.count_then_bad),
    path("books/<int:pk>/reviews/good/", reads.count_then_good),
    path("books/<int:pk>/loans/bad/", reads.exists_then_bad),
    path("books/<int:pk>/loans/good/", reads.exists_then_good),
    path("books/<int:pk>/tags/bad/", writes.m2m_add_bad),
    path("books/<int:pk>/tags/good/", writes.m2m_add_good),
    path("authors/nested/", reads.prefetch_nested),
    path("authors/<int:pk>/", reads.prefetch_single),
    path("chunks/", reads.in_chunks),
    path("dashboard/", reads.dashboard),
    path("loans/<int:pk>/lock/", reads.lock),
    path("loans/open/", reads.poll),
    path("copies/add/", reads.copy_form),
    path("batches/", writes.batches),
    path("savepoints/", writes.savepoints),
    path("two-loops/", hard.two_loops),
    path("read-and-write/", hard.read_and_write),
    path("slow-rows/", hard.slow_rows),
    path("slow-children/", hard.slow_children),
    path("export/", hard.export),
    path("short-list/", hard.short_list),
    path("short-list-joined/", hard.short_list_joined),
    path("write-few/", hard.write_few),
    path("short-list-open/", hard.short_list_open),
]
