"""The scenarios and their truth: what a reviewer who knows the code would call a finding, and nothing else.

The truth is written here by hand, next to the request that a scenario makes, from reading the view it runs.
"""

import io
import threading
import time
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections

from captures.client import Browser
from library.models import Author, Book, Loan, Review, Tag


@dataclass
class Scenario:
    name: str
    pattern: str
    run: object  # called with the value of prepare
    findings: list = field(default_factory=list)
    allowed: list = field(default_factory=list)  # honest to report, honest to leave out
    prepare: object = None  # called before the run, outside the slice
    db: dict = field(default_factory=dict)  # changes to DATABASES["default"]
    settings: dict = field(default_factory=dict)  # changes to Django's settings
    # What the costliest statement must take, and must not take, for the truth to hold.
    at_least_ms: float = 0
    at_most_ms: float = 20


def get(*urls):
    def run(_):
        browser = Browser()
        for url in urls:
            browser.get(url)

    return run


def post(url, data=None):
    return lambda _: Browser().post(url, data)


def command(*words):
    return lambda _: call_command(*words, stdout=io.StringIO())


def found(code, child, calls, parent="", relation="", name="", **more):
    out = {"code": code, "child": child, "calls": calls}
    if parent:
        out["parent"] = parent
    if relation:
        out["relation"] = relation
    if name:
        out["field"] = name
    out.update(more)
    return out


def nplus(relation, name, parent, child, calls=20, **more):
    return found("QP101", child, calls, parent, relation, name, **more)


# Preparations.


def no_marks():
    Review.objects.filter(text__startswith="shelf-mark").delete()
    Tag.objects.filter(name__startswith="shelf-mark").delete()


def some_marks():
    no_marks()
    Review.objects.bulk_create(Review(book_id=1, stars=1, text=f"shelf-mark {i}") for i in range(20))


def no_tags_on_book():
    Book.objects.get(pk=1).tags.clear()


def a_book_to_delete():
    author = Author.objects.order_by("id").first()
    book = Book.objects.create(title="Gone", isbn="9780000000001", published=author.born, body="", author=author)
    for n in range(3):
        Review.objects.create(book=book, stars=n, text="gone")
    Loan.objects.create(book=book, borrower=User.objects.first(), due=author.born)
    return book.pk


def logged_in(*names):
    def prepare():
        browsers = []
        for name in names:
            browser = Browser()
            browser.login(name)
            browsers.append(browser)
        return browsers

    return prepare


# Runs that are more than a request.


def polling(urls, pause=0.25):
    def run(_):
        browser = Browser()
        for url in urls:
            browser.get(url)
            time.sleep(pause)

    return run


def in_threads(count, url):
    def run(_):
        ready = threading.Barrier(count)

        def work():
            try:
                browser = Browser()
                ready.wait()
                browser.get(url)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


def six_pages(browsers):
    for _ in range(6):
        browsers[0].get("/account/")


def users_take_turns(browsers):
    for _ in range(2):
        for browser in browsers:
            browser.get("/library/short-list/")


def login_and_out(_):
    browser = Browser()
    browser.login("reader001")
    browser.get("/account/")
    browser.post("/accounts/logout/")


BOOK_IDS = ",".join(str(n) for n in range(1, 321, 16))
SKUS = ",".join(f"SKU-{n:05d}" for n in range(3, 200, 10))

PAIRS = [
    # name, pattern, bad url, good url, findings of the bad one[, allowed]
    ("fk", "forward foreign key", "/library/fk/", [nplus("forward_fk", "author", "library_book", "library_author")]),
    (
        "fk_nullable",
        "forward foreign key that may be null: 15 of 20 rows have one",
        "/library/fk-nullable/",
        [nplus("forward_fk", "publisher", "library_book", "library_publisher", 15)],
    ),
    (
        "o2o_forward",
        "one-to-one, forward",
        "/profiles/",
        [nplus("one_to_one", "user", "core_profile", "auth_user", relation_any=["one_to_one", "forward_fk"])],
    ),
    (
        "o2o_reverse",
        "one-to-one, reverse: the talk's example",
        "/phones/",
        [nplus("reverse_one_to_one", "profile", "auth_user", "core_profile", 100)],
    ),
    (
        "reverse_fk",
        "reverse foreign key, default accessor",
        "/library/reverse/",
        [nplus("reverse_fk", "book_set", "library_author", "library_book")],
    ),
    (
        "reverse_fk_named",
        "reverse foreign key with related_name",
        "/library/reverse-named/",
        [nplus("reverse_fk", "reviews", "library_book", "library_review", field_any=["reviews", "review_set"])],
    ),
    (
        "m2m",
        "many-to-many, forward",
        "/library/m2m/",
        [nplus("m2m", "tags", "library_book", "library_tag", field_any=["tags", "tag_set"])],
    ),
    (
        "m2m_reverse",
        "many-to-many, reverse",
        "/library/m2m-reverse/",
        [nplus("m2m", "book_set", "library_tag", "library_book", field_any=["book_set", "books"])],
    ),
    (
        "generic_fk",
        "generic foreign key to two models",
        "/library/generic/",
        # One relation and one rewrite, hence one finding, whichever of the two tables it names.
        [
            nplus(
                "generic_fk",
                "content_object",
                "library_comment",
                "library_book",
                20,
                child_any=["library_book", "library_author"],
                calls_any=[10, 20],
            )
        ],
    ),
    (
        "generic_fk_one",
        "generic foreign key, one model",
        "/library/generic-one/",
        [nplus("generic_fk", "content_object", "library_comment", "library_book")],
    ),
    (
        "generic_relation",
        "reverse generic relation",
        "/library/generic-relation/",
        [
            nplus(
                "generic_relation",
                "comments",
                "library_book",
                "library_comment",
                relation_any=["generic_relation", "generic_fk", "reverse_fk"],
                field_any=["comments", "comment_set", "content_object"],
            )
        ],
    ),
    (
        "mti_child",
        "multi-table inheritance: the child of each parent row",
        "/library/mti/",
        [nplus("mti_child", "library", "library_place", "library_library")],
    ),
    (
        "nested",
        "two levels forward",
        "/library/nested/",
        [
            nplus(
                "forward_fk",
                "author__country",
                "library_book",
                "library_country",
                40,
                child_any=["library_country", "library_author"],
                calls_any=[20, 40],
            )
        ],
    ),
    (
        "nested_reverse",
        "reverse, then forward",
        "/library/reverse-forward/",
        [
            nplus(
                "reverse_fk",
                "book_set__publisher",
                "library_author",
                "library_publisher",
                39,
                relation_any=["reverse_fk", "forward_fk"],
                child_any=["library_publisher", "library_book"],
                calls_any=[12, 27, 39],
            )
        ],
    ),
    (
        "two_fks",
        "two foreign keys to one table, both read",
        "/articles/",
        [
            nplus(
                "forward_fk",
                "created_by",
                "core_article",
                "auth_user",
                24,
                field_any=["created_by,updated_by", "created_by", "updated_by"],
            )
        ],
    ),
    (
        "db_table",
        "db_table and db_column",
        "/library/db-table/",
        # No name in the SQL ties lib_cards.mbr_no to "tblMember": without the schema it is a read by key in a loop.
        [
            nplus(
                "forward_fk",
                "mbr_no",
                "lib_cards",
                "tblMember",
                field_any=["mbr_no", "mbr", "member"],
                without_schema="QP103",
            )
        ],
    ),
    (
        "uuid_pk",
        "foreign key to a uuid primary key",
        "/library/uuid/",
        [nplus("forward_fk", "shelf", "library_copy", "library_shelf")],
    ),
    (
        "slug_pk",
        "foreign key to a slug primary key",
        "/shop/products/",
        [nplus("forward_fk", "category", "shop_product", "shop_category")],
    ),
    (
        "template",
        "forward foreign key read in a template",
        "/library/template/",
        [nplus("forward_fk", "author", "library_book", "library_author")],
    ),
    (
        "property",
        "forward foreign key read in a model's property",
        "/library/property/",
        [nplus("forward_fk", "author", "library_book", "library_author")],
    ),
    (
        "order_detail",
        "one order, its items, each item's product",
        "/shop/orders/1/",
        [nplus("forward_fk", "product", "shop_orderitem", "shop_product", 20)],
    ),
    (
        "count",
        "count per row",
        "/library/count/",
        [found("QP102", "library_book", 20, "library_author", "reverse_fk", "book_set")],
    ),
    (
        "m2m_count",
        "count of a many-to-many per row",
        "/library/m2m-count/",
        [
            found(
                "QP102",
                "library_book_tags",
                20,
                "library_book",
                "m2m",
                "tags",
                field_any=["tags", "tag_set"],
                child_any=["library_book_tags", "library_tag"],
            )
        ],
    ),
    (
        "exists",
        "exists per row",
        "/library/exists/",
        [found("QP102", "library_loan", 20, "library_book", "reverse_fk", "loan_set")],
    ),
    (
        "max",
        "max per row",
        "/library/max/",
        [found("QP102", "library_book", 20, "library_author", "reverse_fk", "book_set")],
    ),
    (
        "sum",
        "sum per row",
        "/shop/orders/totals/",
        [
            found(
                "QP102", "shop_orderitem", 20, "shop_order", "reverse_fk", "items", field_any=["items", "orderitem_set"]
            )
        ],
    ),
    (
        "only",
        "only() without a column that is read",
        "/library/only/",
        [found("QP104", "library_book", 20, "library_book", "deferred", "isbn")],
    ),
    (
        "defer",
        "defer() of a column that is read",
        "/library/defer/",
        [found("QP104", "library_book", 20, "library_book", "deferred", "body")],
    ),
    (
        "first",
        "order_by().first() per row",
        "/library/latest/",
        [found("QP105", "library_book", 20, "library_author", "reverse_fk", "book_set")],
    ),
    (
        "latest",
        "latest() per row",
        "/shop/prices/",
        [found("QP105", "shop_pricechange", 20, "shop_product", "reverse_fk", "pricechange_set")],
    ),
    ("query_by_day", "a query for each day", "/shop/orders/days/", [found("QP107", "shop_order", 20)]),
    (
        "query_by_row",
        "a query by a plain value of each row",
        "/shop/orders/promotions/",
        [found("QP107", "shop_promotion", 20, "shop_order")],
    ),
    ("wide_select", "all 24 columns of a list", "/shop/customers/", [found("QP201", "shop_customer", 1)]),
    ("unbounded", "a whole table of 8,000 rows", "/audit/", [found("QP203", "core_auditentry", 1)]),
    (
        "count_then_fetch",
        "count(), then the rows",
        "/library/books/7/reviews/",
        [found("QP204", "library_review", 1, calls_any=[1, 2])],
    ),
    (
        "exists_then_fetch",
        "exists(), then the rows",
        "/library/books/8/loans/",
        [found("QP204", "library_loan", 1, calls_any=[1, 2])],
    ),
    (
        "duplicate",
        "the same setting read for each row",
        "/library/duplicate/",
        [found("QP301", "core_sitesetting", 12)],
    ),
    ("wildcard", "icontains", "/library/search/", [found("QP503", "library_book", 1)]),
    ("random", "order_by('?')", "/library/lucky/", [found("QP504", "library_book", 1)]),
    ("huge_in", "IN with 1,500 ids", "/audit/pick/", [found("QP505", "core_auditentry", 1)]),
    ("slow", "a query of 600 ms", "/report/", [found("QP501", "core_auditentry", 1)]),
]

QUERIES = {"wildcard": "?q=on"}
SLOW = {"unbounded": (20, 300), "slow": (500, 2000)}


def scenarios():
    out = []
    for name, pattern, url, findings in PAIRS:
        query = QUERIES.get(name, "")
        bad = Scenario(f"{name}_bad", pattern, get(f"{url}bad/{query}"), findings)
        bad.at_least_ms, bad.at_most_ms = SLOW.get(name, (0, 20))
        out.append(bad)
        out.append(Scenario(f"{name}_good", pattern, get(f"{url}good/{query}")))
    return out + reads() + writes() + sessions() + silent() + hard()


def reads():
    shared = Scenario(
        "fk_shared_bad",
        "forward foreign key: 20 books of seven authors",
        get("/library/fk-shared/bad/"),
        [nplus("forward_fk", "author", "library_book", "library_author", 20)],
        allowed=[found("QP301", "library_author", 20, why="three books each share an author, read again for each")],
    )
    return [
        shared,
        Scenario("o2o_reverse_joined_good", "one-to-one, reverse, with select_related", get("/phones/joined/")),
        Scenario(
            "get_bad",
            "get(pk=) for each id of the request",
            get(f"/library/get/bad/?ids={BOOK_IDS}"),
            [found("QP103", "library_book", 20, relation="get")],
        ),
        Scenario("get_good", "in_bulk()", get(f"/library/get/good/?ids={BOOK_IDS}")),
        Scenario(
            "get_sku_bad",
            "get() by a unique column",
            get(f"/shop/products/sku/bad/?skus={SKUS}"),
            [found("QP103", "shop_product", 20, relation="get")],
        ),
        Scenario("get_sku_good", "one query with IN", get(f"/shop/products/sku/good/?skus={SKUS}")),
        Scenario(
            "wildcard_contains_bad",
            "contains",
            get("/library/search-contains/bad/?q=on"),
            [found("QP503", "library_book", 1)],
        ),
        Scenario(
            "deep_offset_bad",
            "page 201 of the audit log",
            get("/audit/page/bad/?page=201"),
            [found("QP502", "core_auditentry", 1)],
        ),
        Scenario("deep_offset_good", "the next page by key", get("/audit/page/good/?after=5000")),
        Scenario(
            "slow_join_bad",
            "a join of a table with itself",
            get("/report/join/bad/"),
            [found("QP501", "core_auditentry", 1)],
            at_least_ms=500,
            at_most_ms=5000,
        ),
    ]


def writes():
    return [
        Scenario(
            "insert_bad",
            "create() in a loop",
            post("/library/insert/bad/"),
            [found("QP401", "library_review", 20)],
            prepare=no_marks,
        ),
        Scenario("insert_good", "bulk_create()", post("/library/insert/good/"), prepare=no_marks),
        Scenario(
            "update_bad",
            "save(update_fields) in a loop",
            post("/library/update/bad/"),
            [found("QP402", "library_loan", 20)],
        ),
        Scenario("update_good", "bulk_update()", post("/library/update/good/")),
        Scenario(
            "save_bad",
            "save() of a narrow model in a loop",
            post("/library/save/bad/"),
            [found("QP402", "library_tag", 20)],
        ),
        Scenario("save_good", "bulk_update()", post("/library/save/good/")),
        Scenario(
            "update_f_bad",
            "read, add and write back in a loop",
            post("/shop/restock/bad/"),
            [found("QP402", "shop_product", 20)],
        ),
        Scenario("update_f_good", "update() with F()", post("/shop/restock/good/")),
        Scenario(
            "delete_bad",
            "delete() in a loop",
            post("/library/delete/bad/"),
            [found("QP403", "library_review", 20)],
            prepare=some_marks,
        ),
        Scenario("delete_good", "queryset.delete()", post("/library/delete/good/"), prepare=some_marks),
        Scenario(
            "get_or_create_bad",
            "get_or_create() in a loop, every row new",
            post("/library/get-or-create/bad/"),
            [found("QP404", "library_tag", 20, calls_any=[20, 40])],
            prepare=no_marks,
        ),
        Scenario(
            "get_or_create_good",
            "bulk_create(ignore_conflicts)",
            post("/library/get-or-create/good/"),
            prepare=no_marks,
        ),
        Scenario(
            "update_or_create_bad",
            "update_or_create() in a loop, every row there",
            post("/shop/stock/bad/"),
            [found("QP404", "shop_stock", 20, calls_any=[20, 40])],
        ),
        Scenario("update_or_create_good", "bulk_create(update_conflicts)", post("/shop/stock/good/")),
        Scenario(
            "wide_save_bad",
            "save() of 24 columns for one change",
            post("/shop/customers/3/phone/bad/"),
            [found("QP405", "shop_customer", 1)],
        ),
        Scenario("wide_save_good", "save(update_fields)", post("/shop/customers/3/phone/good/")),
        Scenario(
            "m2m_add_bad",
            "add() of one tag at a time",
            post("/library/books/1/tags/bad/"),
            [found("QP406", "library_book_tags", 20)],
            prepare=no_tags_on_book,
        ),
        Scenario("m2m_add_good", "add(*tags)", post("/library/books/1/tags/good/"), prepare=no_tags_on_book),
    ]


def sessions():
    signed = {"SESSION_ENGINE": "django.contrib.sessions.backends.signed_cookies", "SESSION_SAVE_EVERY_REQUEST": True}
    return [
        Scenario(
            "session_bad",
            "sessions in the database, saved at every request: 6 requests",
            six_pages,
            [found("QP303", "django_session", 12, calls_any=[6, 12])],
            prepare=logged_in("reader001"),
            settings={"SESSION_SAVE_EVERY_REQUEST": True},
        ),
        Scenario(
            "session_good", "sessions in signed cookies", six_pages, prepare=logged_in("reader001"), settings=signed
        ),
    ]


def silent():
    kept = {"CONN_MAX_AGE": None}
    books = [f"/library/books/{n}/poll/" for n in range(1, 21)]
    return [
        Scenario("quiet_single_lazy", "one book, then its author", get("/library/books/5/")),
        Scenario("quiet_three_users", "three users from three places", get("/users/pick/?owner=3&editor=9&article=5")),
        Scenario("quiet_prefetch_nested", "prefetch of two levels and two branches", get("/library/authors/nested/")),
        Scenario("quiet_prefetch_single", "prefetch for one parent: IN with one key", get("/library/authors/4/")),
        Scenario("quiet_in_chunks", "six IN batches of sixty keys", get("/library/chunks/")),
        Scenario(
            "quiet_batches",
            "bulk_create and bulk_update in five batches each",
            post("/library/batches/"),
            prepare=no_marks,
        ),
        Scenario("quiet_pagination", "one page: COUNT, then LIMIT", get("/library/books/?page=3")),
        Scenario(
            "quiet_walk_pages",
            "five pages one after the other on a kept connection",
            polling([f"/library/books/?page={n}" for n in range(1, 6)]),
            db=kept,
        ),
        Scenario("quiet_export_pages", "a command that walks five pages by LIMIT and OFFSET", command("export_books")),
        Scenario(
            "quiet_polling",
            "20 requests of one identical query on a kept connection",
            polling(["/library/loans/open/"] * 20),
            db=kept,
        ),
        Scenario(
            "quiet_polling_rows",
            "20 requests of one query with other arguments on a kept connection",
            polling(books),
            db=kept,
        ),
        Scenario(
            "quiet_polling_checked",
            "ten of them a moment apart, with connection health checks",
            polling(books[:10], 0.02),
            db={"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True},
        ),
        Scenario("quiet_savepoints", "ten savepoints, three of them with a statement", post("/library/savepoints/")),
        Scenario("quiet_connections", "six connections, each with one request", polling(books[:6], 0)),
        Scenario("quiet_iterator", "a server-side cursor over 8,000 rows", command("export_audit")),
        Scenario("quiet_read_write_read", "read, write, read back", post("/library/books/6/isbn/")),
        Scenario("quiet_lock", "select_for_update() once", post("/library/loans/9/lock/")),
        Scenario("quiet_login", "login, one page, logout", login_and_out),
        Scenario("quiet_form", "a form with three selects", get("/library/copies/add/")),
        Scenario("quiet_dashboard", "eight different queries", get("/library/dashboard/")),
        Scenario(
            "quiet_cascade",
            "queryset.delete() with a cascade",
            lambda pk: Browser().post(f"/library/books/{pk}/delete/"),
            prepare=a_book_to_delete,
        ),
        Scenario("quiet_few_rows", "an order of three items: too few to call a loop", get("/shop/orders/2/bad/")),
        Scenario("quiet_few_inserts", "three rows of one table", post("/library/write-three/"), prepare=no_marks),
        Scenario("quiet_wide_detail", "all 24 columns of one row, by key and by LIMIT 1", get("/shop/customers/3/")),
        Scenario("quiet_wide_insert", "a new row of 24 columns", post("/shop/customers/add/")),
        Scenario("quiet_offset", "page 40: OFFSET 975", get("/audit/page/bad/?page=40")),
        Scenario("quiet_small_table", "a whole table of 60 rows", get("/library/countries/")),
        Scenario(
            "quiet_joined_command", "a management command with select_related", command("list_authors", "--joined")
        ),
    ]


def hard():
    author = [nplus("forward_fk", "author", "library_book", "library_author")]
    return [
        Scenario(
            "hard_atomic",
            "the loop inside ATOMIC_REQUESTS",
            get("/library/fk/bad/"),
            author,
            db={"ATOMIC_REQUESTS": True},
        ),
        Scenario(
            "hard_two_loops",
            "two queries per row, in turns",
            get("/library/two-loops/"),
            author
            + [
                found(
                    "QP102",
                    "library_review",
                    20,
                    "library_book",
                    "reverse_fk",
                    "reviews",
                    field_any=["reviews", "review_set"],
                )
            ],
        ),
        Scenario(
            "hard_threads",
            "four requests at once",
            in_threads(4, "/library/fk/bad/"),
            [nplus("forward_fk", "author", "library_book", "library_author", 80, units=4)],
        ),
        Scenario(
            "hard_kept_sessions",
            "six requests of three users on one kept connection",
            users_take_turns,
            [
                nplus("forward_fk", "author", "library_book", "library_author", 60, units=6),
                found("QP303", "django_session", 6),
            ],
            prepare=logged_in("reader001", "reader002", "reader003"),
            db={"CONN_MAX_AGE": None},
        ),
        Scenario("hard_slow_rows", "a loop that spends 60 ms between queries", get("/library/slow-rows/"), author),
        Scenario(
            "hard_slow_writes",
            "an insert loop that spends 40 ms between statements",
            post("/library/slow-writes/"),
            [found("QP401", "library_review", 12)],
            prepare=no_marks,
        ),
        Scenario(
            "hard_slow_children",
            "each child takes 60 ms",
            get("/library/slow-children/"),
            [
                nplus(
                    "reverse_one_to_one",
                    "ranking",
                    "library_author",
                    "library_ranking",
                    relation_any=["reverse_one_to_one", "reverse_fk"],
                )
            ],
            at_most_ms=120,
        ),
        Scenario(
            "hard_iterator",
            "the loop inside iterator()",
            get("/library/export/"),
            [nplus("forward_fk", "author", "library_book", "library_author", 40)],
        ),
        Scenario(
            "hard_read_and_write",
            "a lazy read and an insert per row",
            post("/library/read-and-write/"),
            [nplus("forward_fk", "book", "library_loan", "library_book", 20), found("QP401", "library_review", 20)],
            prepare=no_marks,
        ),
        Scenario(
            "hard_prefetch_each",
            "a prefetch for one parent at a time",
            get("/library/prefetch-each/"),
            allowed=[
                nplus(
                    "reverse_fk",
                    "book_set",
                    "library_author",
                    "library_book",
                    why="a loop by its sense, a prefetch by its form: IN with one key, twenty times",
                )
            ],
        ),
        Scenario(
            "hard_command",
            "the loop in a management command",
            command("list_authors"),
            [nplus("forward_fk", "author", "library_book", "library_author", 40)],
        ),
        Scenario(
            "hard_kept_two_requests",
            "two requests of one view on a kept connection, with a pause",
            polling(["/library/short-list-open/"] * 2, 0.5),
            [nplus("forward_fk", "author", "library_book", "library_author", 20)],
            db={"CONN_MAX_AGE": None},
        ),
    ]
