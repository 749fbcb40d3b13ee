"""A browser for the WSGI application: real requests, with request_started and request_finished, without a socket."""

import io
import re
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urlsplit

from django.core.handlers.wsgi import WSGIHandler


class Browser:
    """One client with its own cookies. Not for two threads at once."""

    def __init__(self, trace=None):
        self.app = WSGIHandler()
        self.cookies = {}
        self.trace = trace  # a random.Random: each request carries a traceparent made from it

    def get(self, url):
        return self.request("GET", url)

    def post(self, url, data=None):
        data = dict(data or {})
        if "csrftoken" not in self.cookies:
            self.cookies["csrftoken"] = "k" * 32
        data["csrfmiddlewaretoken"] = self.cookies["csrftoken"]
        return self.request("POST", url, urlencode(data).encode())

    def login(self, username):
        self.get("/accounts/login/")
        return self.post("/accounts/login/", {"username": username, "password": "secret"})

    def request(self, method, url, body=b""):
        parts = urlsplit(url)
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "SERVER_NAME": "shop.example.com",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        if self.trace:
            environ["HTTP_TRACEPARENT"] = f"00-{self.trace.getrandbits(128):032x}-{self.trace.getrandbits(64):016x}-01"
        answer = {}

        def start_response(status, headers, exc_info=None):
            answer["status"] = int(status.split()[0])
            answer["headers"] = headers

        response = self.app(environ, start_response)
        try:
            text = b"".join(response).decode()
        finally:
            response.close()  # request_finished: Django closes or keeps its connection
        for name, value in answer["headers"]:
            if name.lower() == "set-cookie":
                for cookie in SimpleCookie(value).values():
                    self.cookies[cookie.key] = cookie.value
        if answer["status"] >= 400:
            raise RuntimeError(f"{method} {parts.path}: {answer['status']}: {re.sub(r'<[^>]*>', ' ', text)[:500]}")
        return text
