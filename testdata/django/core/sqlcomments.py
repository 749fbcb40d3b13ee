"""Middleware that says in a comment of each statement which request runs it.

`SqlCommenter` writes what google-cloud-sqlcommenter and OpenTelemetry write, `MarginaliaLeading` and
`MarginaliaTrailing` what Rails' marginalia and its Python ports write.
"""

import contextlib
import os
import urllib.parse

import django
from django.db import connections


class Commenter:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with contextlib.ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(Wrapper(self.comment, request)))
            return self.get_response(request)


class Wrapper:
    """Adds the comment when a statement runs: only then is the view known."""

    def __init__(self, comment, request):
        self.comment = comment
        self.request = request

    def __call__(self, execute, sql, params, many, context):
        return execute(self.comment(self.request, sql), params, many, context)


class SqlCommenter(Commenter):
    def comment(self, request, sql):
        match = request.resolver_match
        version = ".".join(str(part) for part in django.VERSION[:2])
        tags = {
            "controller": match.view_name if match else None,
            "app_name": match.app_name if match else None,
            "route": match.route if match else None,
            "db_driver": "django.db.backends.postgresql",
            "framework": f"django:{version}",
            "traceparent": request.META.get("HTTP_TRACEPARENT"),
        }
        # google's library doubles the percent sign for the driver's sake, also where no parameters follow.
        text = ",".join(f"{key}='{quote(value)}'" for key, value in sorted(tags.items()) if value)
        return f"{sql.rstrip().rstrip(';')} /*{text}*/"


def quote(value):
    return urllib.parse.quote(value, safe="").replace("'", "\\'").replace("%", "%%")


class Marginalia(Commenter):
    def tags(self, request):
        match = request.resolver_match
        tags = ["application:Bookshop"]
        if match:
            module, _, name = match._func_path.rpartition(".")
            tags += [f"controller:{module}", f"action:{name}"]
        return "/*" + ",".join(tags + [f"pid:{os.getpid()}"]) + "*/"


class MarginaliaLeading(Marginalia):
    def comment(self, request, sql):
        return f"{self.tags(request)} {sql}"


class MarginaliaTrailing(Marginalia):
    def comment(self, request, sql):
        return f"{sql} {self.tags(request)}"
