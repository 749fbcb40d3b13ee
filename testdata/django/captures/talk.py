"""testdata/logs/talk.log: an afternoon of a small site, the talk's page among everything else.

Three workers, a connection for each request (Django's default), Debian's line prefix, nothing else logged.
"""

import random
import threading

from django.db import connections

from captures.client import Browser
from captures.scenarios import nplus

WORKERS = 3

# How often each page is asked for. The talk's page is not the most frequent: it is the costliest.
ANONYMOUS = [
    ("/phones/bad/", 30),
    ("/library/books/?page={page}", 90),
    ("/library/books/{book}/", 230),
    ("/library/books/{book}/reviews/good/", 90),
    ("/library/dashboard/", 10),
    ("/library/search/good/?q=S", 40),
    ("/library/search/bad/?q=river", 25),
    ("/library/fk/bad/", 4),
    ("/library/m2m/good/", 20),
    ("/library/count/good/", 15),
    ("/shop/orders/1/bad/", 3),
    ("/shop/products/good/", 40),
    ("/shop/customers/bad/", 6),
    ("/audit/page/good/?after=40", 10),
]
POSTS = [("/library/loans/{book}/lock/", 40), ("/shop/restock/good/", 10), ("/shop/customers/{book}/phone/good/", 30)]
ACCOUNT = 30
LOGINS = 3

FIRST = nplus("reverse_one_to_one", "profile", "auth_user", "core_profile", 3000)


def visits():
    """The requests in a fixed random order, each a method and a URL."""
    chance = random.Random(20240214)
    out = []
    for method, pages in (("GET", ANONYMOUS), ("POST", POSTS)):
        for url, times in pages:
            for _ in range(times):
                out.append((method, url.format(page=chance.randrange(1, 15), book=chance.randrange(1, 140))))
    out += [("GET", "/account/")] * ACCOUNT
    chance.shuffle(out)
    return out


def run():
    queue = visits()
    lock = threading.Lock()
    failures = []

    def work(number):
        anonymous, member = Browser(), Browser()
        try:
            for _ in range(LOGINS):
                member.login(f"reader{number + 1:03d}")
            while True:
                with lock:
                    if not queue:
                        return
                    method, url = queue.pop()
                browser = member if url == "/account/" else anonymous
                if method == "GET":
                    browser.get(url)
                else:
                    browser.post(url)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
