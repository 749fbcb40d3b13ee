"""A stand-in for what GitHub does with an action: the runner and the part of the API that comments use.

Only what action.yml uses is understood; anything else fails the test.
"""

import http.server
import json
import os
import re
import subprocess
import threading
import urllib.parse

import yaml

REPOSITORY = "shop/shop"


class Api:
    """The comments of pull request 7, over HTTP on 127.0.0.1."""

    def __init__(self):
        self.comments = []
        self.requests = []  # (method, path, authorization)
        self.may_write = True
        self.login = None  # whom the token belongs to; None as for a job's token, which may not ask
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                api.requests.append((self.command, self.path, self.headers.get("Authorization")))
                status, body = api.answer(self.command, self.path, json.loads(self.rfile.read(length) or b"null"))
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, path, body):
        url = urllib.parse.urlsplit(path)
        refused = 403, {"message": "Resource not accessible by integration"}
        if url.path == "/user":
            return (200, {"login": self.login}) if self.login else refused
        if url.path == f"/repos/{REPOSITORY}/issues/7/comments" and method == "GET":
            query = dict(urllib.parse.parse_qsl(url.query))
            size, page = int(query["per_page"]), int(query["page"])
            return 200, self.comments[size * (page - 1) : size * page]
        if not self.may_write:
            return refused
        if len(body["body"]) > 65536:
            return 422, {"message": "body is too long (maximum is 65536 characters)"}
        if url.path == f"/repos/{REPOSITORY}/issues/7/comments" and method == "POST":
            self.say(body["body"], self.login or "github-actions[bot]", "User" if self.login else "Bot")
            return 201, self.comments[-1]
        if found := re.fullmatch(rf"/repos/{REPOSITORY}/issues/comments/(\d+)", url.path):
            for comment in self.comments:
                if method == "PATCH" and comment["id"] == int(found[1]):
                    comment["body"] = body["body"]
                    return 200, comment
        return 404, {"message": "Not Found"}

    def say(self, body, login, kind):
        self.comments.append({"id": 1000 + len(self.comments), "body": body, "user": {"login": login, "type": kind}})

    def writes(self):
        return [method for method, _, _ in self.requests if method not in ("GET",)]


class Runner:
    """Runs the steps of action.yml as GitHub's runner would."""

    def __init__(self, action, workspace, temp, api_url):
        self.action, self.workspace, self.temp = action, workspace, temp
        self.event = {"pull_request": {"number": 7, "head": {"repo": {"full_name": REPOSITORY}}}}
        self.event_name = "pull_request"
        self.api_url = api_url
        self.cached = True  # the binary is in temp/ormlint

    def run(self, **inputs):
        """Runs the action with inputs; the result has log, code, outputs, summary and used."""
        definition = yaml.safe_load((self.action / "action.yml").read_text())
        unknown = set(inputs) - set(definition["inputs"])
        assert not unknown, f"no such input: {unknown}"
        self.values = {
            "github.token": "a-token", "github.event_name": self.event_name, "github.repository": REPOSITORY,
            "github.event.pull_request.head.repo.full_name": self.event.get("pull_request", {}).get("head", {}).get("repo", {}).get("full_name", ""),
        }
        for name, about in definition["inputs"].items():
            self.values[f"inputs.{name}"] = self.fill(inputs.get(name, about["default"]))
        result = Result()
        for step in definition["runs"]["steps"]:
            failed = result.code != 0
            if failed or ("if" in step and not self.true(step["if"])):
                continue
            if "uses" in step:
                self.use(step, result)
            else:
                self.step(step, result)
        result.outputs = {n: self.fill(o["value"]) for n, o in definition["outputs"].items()}
        return result

    def use(self, step, result):
        values = {k: self.fill(v) if isinstance(v, str) else v for k, v in step["with"].items()}
        result.used[step["uses"].split("@")[0]] = values
        if step["uses"].startswith("actions/cache@"):
            assert values["path"] == str(self.temp / "ormlint")
            self.values[f"steps.{step['id']}.outputs.cache-hit"] = "true" if self.cached else ""

    def step(self, step, result):
        assert "${{" not in step["run"], "values in a script are code: hand them over in env"
        output, summary, event = (self.temp / n for n in ("output", "summary", "event.json"))
        output.write_text("")
        event.write_text(json.dumps(self.event))
        env = {
            **os.environ, **{k: self.fill(v) for k, v in step.get("env", {}).items()},
            "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(self.action), "GITHUB_API_URL": self.api_url,
            "GITHUB_EVENT_NAME": self.event_name, "GITHUB_EVENT_PATH": str(event), "GITHUB_OUTPUT": str(output),
            "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_ARCH": "X64", "RUNNER_OS": "Linux", "RUNNER_TEMP": str(self.temp), "no_proxy": "127.0.0.1",
        }
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=self.workspace, env=env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600,
        )
        result.log += done.stdout
        result.code = done.returncode
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            self.values[f"steps.{step['id']}.outputs.{name}"] = value
        result.summary = summary.read_text() if summary.exists() else ""

    def value(self, name):
        """What an expression's name stands for; an output that was not set is empty."""
        if name.startswith("steps."):
            return self.values.get(name, "")
        return self.values[name]

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda m: str(self.evaluate(m[1]) or ""), str(text))

    def true(self, condition):
        return bool(self.evaluate(condition))

    def evaluate(self, expression):
        """GitHub's expressions are Python's, but for the names, && and ||."""
        names = []

        def name(m):
            if m[1]:
                return m[1]
            names.append(self.value(m[2]))
            return f"names[{len(names) - 1}]"

        python = re.sub(r"('[^']*')|([a-z][\w.-]*)", name, expression)
        python = python.replace("&&", " and ").replace("||", " or ")
        return eval(" ".join(python.split()), {"__builtins__": {}}, {"names": names})


class Result:
    def __init__(self):
        self.log, self.code, self.summary, self.outputs, self.used = "", 0, "", {}, {}
