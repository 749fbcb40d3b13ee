"""What Django's own logger writes: run as a script inside the virtual environment of one Django version.

    python -m captures.djangolog FOLDER NAME

writes FOLDER/NAME-message.log, NAME-verbose.log, NAME-colour.log and NAME-json.jsonl, all of the same run. It must
work on Django 3.2 with psycopg2.
"""

import json
import logging
import sys
from pathlib import Path


class Colour(logging.Formatter):
    """Colours as django-extensions, colorlog and many projects' own formatters write them."""

    def format(self, record):
        return f"\x1b[36m{self.formatTime(record)}\x1b[0m \x1b[1;32m{record.levelname}\x1b[0m \x1b[33m{record.getMessage()}\x1b[0m"


class Lines(logging.Formatter):
    """One JSON object a line with the fields that Django gives each record."""

    def format(self, record):
        out = {
            "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
            "thread": record.thread,
        }
        for name in ("duration", "sql", "params", "alias"):
            if hasattr(record, name):
                value = getattr(record, name)
                out[name] = value if isinstance(value, (float, str)) or value is None else repr(value)
        return json.dumps(out)


FORMATTERS = {
    "message.log": logging.Formatter("%(message)s"),
    "verbose.log": logging.Formatter("%(levelname)s %(asctime)s %(process)d %(thread)d %(message)s"),
    "colour.log": Colour(),
    "json.jsonl": Lines(),
}


def run():
    """36 entries besides BEGIN and COMMIT, which Django logs from 4.2 on."""
    from django.db import connection

    from captures.client import Browser
    from captures.hostile import FAKE

    browser = Browser()
    browser.get("/library/short-list-open/")  # 11
    browser.get("/team/")  # 11
    browser.post("/library/write-few/")  # 8
    browser.post("/notes/add/", {"title": "torture", "text": FAKE})  # 1
    browser.post("/notes/add/", {"title": "(9.999) SELECT 6; args=(1,); alias=default", "text": "'; SELECT 5; --"})  # 1
    browser.get("/library/short-list-joined/")  # 1
    browser.post("/library/loans/9/lock/")  # 2, in a transaction
    with connection.cursor() as cursor:  # 1: "2 times: INSERT …" with %s left in it
        cursor.executemany("INSERT INTO core_note (title, text) VALUES (%s, %s)", [("one", "1"), ("two", "it's 2")])


def main():
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    settings.DEBUG_PROPAGATE_EXCEPTIONS = True
    run()  # unseen: imports, templates, caches
    connection.close()
    logger = logging.getLogger("django.db.backends")
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    folder, name = Path(sys.argv[1]), sys.argv[2]
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, formatter in FORMATTERS.items():
        # newline="": a CR inside a literal stays what it is.
        handler = logging.StreamHandler(open(folder / f"{name}-{suffix}", "w", newline="", encoding="utf-8"))
        handler.setFormatter(formatter)
        logger.addHandler(handler)
    run()
    for handler in logger.handlers:
        handler.stream.close()


if __name__ == "__main__":
    main()
