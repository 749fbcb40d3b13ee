"""Statements that say in a comment which request ran them: on a kept connection, and behind a pool."""

import random
import threading

from django.conf import settings
from django.db import connections
from django.test.utils import override_settings

from captures.client import Browser
from captures.scenarios import Scenario, found, no_marks, nplus

SHORT = ["library/short-list-open/", "library.views.hard.short_list_open"]
TEAM = ["team/", "core.views.team"]
WRITE = ["library/write-few/", "library.views.hard.write_few"]


def one_after_the_other(_):
    """Twenty-four requests on one connection without a pause: only the comments tell them apart."""
    browser = Browser(random.Random(1))
    for _ in range(3):
        browser.get("/library/short-list-open/")
        browser.get("/library/short-list-joined/")
        browser.get("/team/")
    for number in range(8):
        browser.get("/library/loans/open/")
        browser.get(f"/library/books/{number + 1}/poll/")
    browser.post("/library/write-few/")


PLAN = [
    ["/library/short-list-open/", "/library/short-list-open/"],
    ["/team/", "/team/"],
    ["/library/books/7/", "/library/short-list-open/", "/library/authors/3/"],
    ["/library/short-list-joined/"] * 3 + ["/library/loans/open/"] * 6,
    ["/library/dashboard/", "/team/"],
    ["/library/loans/open/"] * 4 + ["/library/short-list-open/"],
]


def pooled(_):
    """Six workers on two backends, a statement at a time, as a pooler in transaction mode deals them out."""
    backends = [open_backend() for _ in range(2)]
    ready = threading.Barrier(len(PLAN))
    failures = []

    def work(number):
        own = connections["default"]
        own.connect()
        own.connection.close()
        own.connection = backends[number % 2]
        browser = Browser(random.Random(100 + number))
        try:
            ready.wait()
            for url in PLAN[number]:
                browser.get(url)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            own.connection = None

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(PLAN))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for backend in backends:
        backend.close()
    if failures:
        raise failures[0]


def open_backend():
    """A connection set up as Django does, taken away from its wrapper."""
    wrapper = connections["default"].copy()
    wrapper.connect()
    return wrapper.connection


def named(endpoint, finding):
    """The endpoint's name holds one of the given texts."""
    return {**finding, "endpoint_any": endpoint}


def author(calls, units, endpoint=SHORT):
    return named(endpoint, nplus("forward_fk", "author", "library_book", "library_author", calls, units=units))


def profile(calls, units, endpoint=TEAM):
    return named(endpoint, nplus("reverse_one_to_one", "profile", "auth_user", "core_profile", calls, units=units))


REVIEWS = found("QP401", "library_review", 8, units=1)
KEPT = [author(30, 3), profile(30, 3), named(WRITE, REVIEWS)]
ACTIONS = [
    author(30, 3, ["short_list_open"]),
    profile(30, 3, ["team"]),
    named(["write_few"], REVIEWS),
]


def marked(_):
    """Requests of views that run a loop or one query each; what names the view does not name the request."""
    browser = Browser()
    for _ in range(3):
        browser.get("/library/short-list-open/")
        browser.get("/library/short-list-joined/")
        browser.get("/team/")
    browser.post("/library/write-few/")


RUNS = [
    ("sqlcommenter_kept", "SqlCommenter", "sqlcommenter on one kept connection", one_after_the_other, KEPT),
    (
        "sqlcommenter_pooled",
        "SqlCommenter",
        "sqlcommenter, six workers on two backends",
        pooled,
        [author(40, 4), profile(30, 3)],
    ),
    ("marginalia_leading", "MarginaliaLeading", "marginalia before the statement, kept connection", marked, ACTIONS),
    ("marginalia_trailing", "MarginaliaTrailing", "marginalia after the statement, kept connection", marked, ACTIONS),
]


def part_comments(capture, logs):
    truth = []
    for name, middleware, pattern, run, findings in RUNS:
        scenario = Scenario(name, pattern, run, prepare=no_marks, db={"CONN_MAX_AGE": None})
        with override_settings(MIDDLEWARE=[f"core.sqlcomments.{middleware}", *settings.MIDDLEWARE]):
            slices = capture.run(scenario)
        capture.write(
            logs / "comments" / name, slices, kinds=("log", "json") if middleware == "SqlCommenter" else ("log",)
        )
        truth.append({"name": name, "files": [f"comments/{name}"], "pattern": pattern, "findings": findings})
        print(f"  {name}", flush=True)
    return truth
