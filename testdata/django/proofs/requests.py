"""Requests to the project in this process, and what each one costs and changes."""

import contextlib
import hashlib
import re
import traceback

CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value=")[^"]*"')


def setup(middleware=()):
    """Start Django with the project of the current folder."""
    import django
    from django.conf import settings

    django.setup()
    settings.MIDDLEWARE = [*middleware, *settings.MIDDLEWARE]
    settings.ALLOWED_HOSTS = ["*"]
    settings.DEBUG_PROPAGATE_EXCEPTIONS = True


class Meter:
    """Counts statements, the cells that they return, and the length of their text."""

    def __init__(self):
        self.statements = []
        self.cells = 0
        self.length = 0

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        self.statements.append(sql)
        self.length += len(sql)
        cursor = context["cursor"]
        if cursor.description and cursor.rowcount > 0:
            self.cells += cursor.rowcount * len(cursor.description)
        return result


def tables(cursor):
    cursor.execute(
        "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position) FROM information_schema.columns "
        "WHERE table_schema = 'public' AND column_name <> 'id' "
        "AND table_name NOT LIKE 'django%' AND table_name NOT LIKE 'auth%' GROUP BY 1 ORDER BY 1"
    )
    return cursor.fetchall()


def state(cursor, names):
    """A hash of each table's rows, without the keys that sequences gave."""
    parts = []
    for table, columns in names:
        row = ", ".join(f'"{column}"' for column in columns)
        parts.append(
            f"SELECT '{table}' AS t, count(*), "
            f"md5(coalesce(string_agg(r, '|' ORDER BY r), '')) FROM (SELECT ROW({row})::text AS r FROM \"{table}\") x"
        )
    cursor.execute(" UNION ALL ".join(parts) + " ORDER BY 1")
    return {table: [count, digest] for table, count, digest in cursor.fetchall()}


class Undo(Exception):
    """Rolls back."""


class Runner:
    """Asks for views, each in a transaction that is rolled back."""

    def __init__(self):
        from django.apps import apps
        from django.contrib.contenttypes.models import ContentType
        from django.db import connection

        self.connection = connection
        ContentType.objects.get_for_models(*apps.get_models())  # into its cache, as on a server that has run a while
        with connection.cursor() as cursor:
            # The audit log is large and no view writes to it.
            self.tables = [t for t in tables(cursor) if t[0] not in ("core_auditentry", "library_ranking")]

    def run(self, view):
        """The view's answer, its cost and its writes, as plain data."""
        try:
            return self.ask(view)
        except Exception:
            return {"error": traceback.format_exc(limit=-4)}

    def ask(self, view):
        from django.db import transaction
        from django.test import Client

        client = Client()
        out = {}
        with contextlib.suppress(Undo), transaction.atomic():
            if view.get("login"):
                client.force_login(self.user(view["login"]))
            for setup in view.get("sql", []):
                with self.connection.cursor() as cursor:
                    cursor.execute(setup)
            meter = Meter()
            with self.connection.execute_wrapper(meter):
                response = getattr(client, view.get("method", "get").lower())(view["url"])
                body = getattr(response, "content", b"")
            body = CSRF.sub(rb"\1\"", body)
            out = {
                "status": response.status_code,
                "body": hashlib.sha256(body).hexdigest(),
                "text": body[:2000].decode(errors="replace"),
                "queries": len(meter.statements),
                "cells": meter.cells,
                "length": meter.length,
                "statements": meter.statements[:60],
            }
            if view.get("method") == "POST":
                with self.connection.cursor() as cursor:
                    out["state"] = state(cursor, self.tables)
            raise Undo
        return out

    def logged(self, name, view):
        """Ask once more, on a connection of its own whose log entries bear a name; the answer alone does not count."""
        self.connection.close()
        options = self.connection.settings_dict["OPTIONS"]
        options["application_name"] = name
        self.run(view)
        self.connection.close()

    def user(self, name):
        from django.contrib.auth.models import User

        return User.objects.get(username=name)
