"""Runs inside one Django version: fills the database, or asks views of many copies of the project.

    python -m proofs.child prepare
    python -m proofs.child run < jobs.json

A job is {"tree": a copy of the project, "views": […]}; each runs in a process of its own, forked after Django itself
is imported and before anything of the project is. The answer is a list of lists, in the order of the jobs.
"""

import contextlib
import importlib
import json
import os
import selectors
import sys
import traceback

# Imported once, before forking. None of them needs settings.
EARLY = [
    "django.db.models",
    "django.db.backends.postgresql.base",
    "django.forms",
    "django.template.loader",
    "django.test.client",
    "django.urls",
    "django.views.generic",
    "django.core.management",
    "psycopg",
]


def prepare():
    from django.core.management import call_command

    from proofs.requests import setup

    setup()
    call_command("migrate", verbosity=0)
    call_command("seed")
    call_command("seed_catalog")


def work(job):
    """Ask all views of one tree, in this process."""
    from proofs.requests import Runner, setup

    os.chdir(job["tree"])
    sys.path.insert(0, job["tree"])
    setup(job.get("middleware", ()))
    runner = Runner()
    if job.get("logged"):
        return [runner.logged(f"view-{number}", view) for number, view in enumerate(job["views"])]
    return [runner.run(view) for view in job["views"]]


def start(job, slot):
    """Fork a process for a job; its answer comes through the pipe."""
    receive, send = os.pipe()
    pid = os.fork()
    if pid:
        os.close(send)
        return pid, receive
    status = 1
    try:
        os.close(receive)
        os.environ["DB_NAME"] += f"_{slot}"
        try:
            answer = work(job)
        except BaseException:
            answer = [{"error": traceback.format_exc(limit=-4)}] * len(job["views"])
        with os.fdopen(send, "w") as out:
            json.dump(answer, out)
        status = 0
    finally:
        os._exit(status)


def run(jobs, slots):
    """Work through the jobs, each slot with a database of its own."""
    answers = [None] * len(jobs)
    todo = list(range(len(jobs)))[::-1]
    free = list(range(slots))
    running = {}
    with selectors.DefaultSelector() as ready:
        while todo or running:
            while todo and free:
                n, slot = todo.pop(), free.pop()
                pid, pipe = start(jobs[n], slot)
                running[pipe] = (n, slot, pid, [])
                ready.register(pipe, selectors.EVENT_READ)
            for key, _ in ready.select():
                n, slot, pid, parts = running[key.fd]
                part = os.read(key.fd, 1 << 20)
                if part:
                    parts.append(part)
                    continue
                ready.unregister(key.fd)
                os.close(key.fd)
                os.waitpid(pid, 0)
                del running[key.fd]
                free.append(slot)
                text = b"".join(parts)
                answers[n] = json.loads(text) if text else [{"error": "no answer"}] * len(jobs[n]["views"])
    return answers


def main():
    if sys.argv[1] == "prepare":
        return prepare()
    # The project is the job's tree, not the folder that this file is in: only proofs is taken from here.
    import proofs.requests  # noqa: F401

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path[:] = [path for path in sys.path if path and os.path.abspath(path) != here]
    for name in EARLY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    given = json.load(sys.stdin)
    json.dump(run(given["jobs"], given["slots"]), sys.stdout)


if __name__ == "__main__":
    main()
