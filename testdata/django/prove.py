#!/usr/bin/env python3
"""Prove ormlint's rewrites: each view of source.json before and after its patch, on a real Django and PostgreSQL.

python3 testdata/django/prove.py ORMLINT            # the program to test; Django 5.2 and the newest
python3 testdata/django/prove.py ORMLINT fk_bad     # only views whose name has one of these texts

For each bad view ormlint is asked for its findings from source alone. The edits of the finding that source.json expects
are applied to a copy of the project, and the view is asked before and after. The answer's bytes and the rows in the
database have to be the same, the queries fewer, the finding gone. Then all rewrites at once, the same way.
"""

import concurrent.futures
import filecmp
import json
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("CAPTURE_HOME", "/tmp/pg-source")
os.environ.setdefault("CAPTURE_PORT", "55433")

from capture import HERE, HOME, PORT, environment, newest_python  # noqa: E402

SLOTS = max(2, min(8, os.cpu_count() or 1))
ROUNDS = 5
PACKAGES = ["psycopg[binary]>=3.2,<4", "djangorestframework>=3.16,<4"]


def enter():
    """Run this script again inside the virtual environment, for psycopg."""
    python = environment("source-5.2", sys.executable, "Django==5.2.*", *PACKAGES)
    env = dict(os.environ, PROVE_INSIDE="1", PYTHONDONTWRITEBYTECODE="1", PYTHONPATH=str(HERE))
    os.execve(python, [str(python), str(HERE / "prove.py"), *sys.argv[1:]], env)


class Django:
    """One version of Django, with databases of its own."""

    def __init__(self, python):
        self.python = str(python)
        code = "import django; print('.'.join(map(str, django.VERSION[:2])), django.get_version())"
        done = subprocess.run([self.python, "-c", code], check=True, capture_output=True, text=True)
        self.version, self.full = done.stdout.split()
        self.database = "app_" + self.version.replace(".", "_")

    def newer(self, version):
        """Whether this is the version or a newer one."""
        return tuple(map(int, self.version.split("."))) >= tuple(map(int, version.split(".")))

    def child(self, *args, given=None):
        env = {k: v for k, v in os.environ.items() if k not in ("DB_ENGINE", "DB_PASSWORD", "SQL_COMMENTS", "DEBUG")}
        env.update(
            DJANGO_SETTINGS_MODULE="bookshop.settings",
            PYTHONPATH=str(HERE),
            DB_HOST="127.0.0.1",
            DB_PORT=PORT,
            DB_NAME=self.database,
            DB_USER="app",
        )
        command = [self.python, "-m", "proofs.child", *args]
        return subprocess.run(command, check=True, env=env, input=given, text=True, stdout=subprocess.PIPE).stdout

    def fill(self, server):
        """Make the database, then one copy of it for each slot."""
        with server.admin("postgres") as db:
            db.execute(f'CREATE DATABASE "{self.database}" OWNER app')
        self.child("prepare")
        with server.admin("postgres") as db:
            for slot in range(SLOTS):
                db.execute(f'CREATE DATABASE "{self.database}_{slot}" OWNER app TEMPLATE "{self.database}"')

    def run(self, jobs):
        return json.loads(self.child("run", given=json.dumps({"jobs": jobs, "slots": SLOTS})))


class Ormlint:
    def __init__(self, program, version):
        self.program = str(Path(program).resolve())
        self.version = version

    def __call__(self, root, *args):
        return self.bare(args[0], "--source", ".", "--django-version", self.version, *args[1:], root=root)

    def bare(self, *args, root=None, ok=(0, 1)):
        command = [self.program, *args]
        done = subprocess.run(command, capture_output=True, text=True, cwd=root)
        if done.returncode not in ok:
            said = done.stdout[-2000:] + done.stderr[-2000:]
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{said}")
        return done.stdout

    def findings(self, root):
        return json.loads(self(root, "check", "--format", "json"))["findings"]


class Case:
    """One expected finding of one bad view, its patch and what became of it."""

    def __init__(self, number, view, entry, finding, alone):
        self.number, self.view, self.entry, self.finding, self.alone = number, view, entry, finding, alone
        self.problems, self.note, self.tree = [], "", None
        self.before = self.after = self.good = None
        rewrites = finding["rewrites"] if finding else []
        self.rewrite = next((r for r in rewrites if r.get("edits")), None)

    def patch(self, folder):
        from proofs import edits

        if not self.finding:
            self.problems.append("not found from source")
            return
        if not self.rewrite:
            self.note = self.entry.get("no_patch", "")
            if not self.note:
                self.problems.append("no patch")
            return
        self.tree = edits.copy(HERE, folder / f"case-{self.number:03d}")
        try:
            changed = edits.apply(self.tree, self.rewrite["edits"])
        except (ValueError, IndexError, OSError) as problem:
            self.problems.append(f"the edits do not apply: {problem}")
            self.tree = None
            return
        complaint = edits.parses(self.tree, changed)
        if complaint:
            self.problems.append(f"does not parse: {complaint}")

    def recheck(self, ormlint, seen):
        """The patched project does not have the finding any more, hence no more edits for it."""
        if not self.tree or not fresh(seen, self.view["view"], self.rewrite["edits"]):
            return
        for finding in ormlint.findings(self.tree):
            if finding["fingerprint"] == self.finding["fingerprint"]:
                self.problems.append("found again after the patch")

    def judge(self):
        for name, result in (("before", self.before), ("good", self.good), ("after", self.after)):
            if result and ("error" in result or result["status"] != 200):
                self.problems.append(f"{name}: {result.get('error') or result['status']}")
                return
        if not self.after:
            return
        before, after = self.before, self.after
        if after["body"] != before["body"]:
            self.problems.append(f"another answer:\n      {before['text'][:300]}\n      {after['text'][:300]}")
        if "unsafe" in self.entry:
            self.note = self.entry["unsafe"]
            if self.rewrite["safe"]:
                self.problems.append("a safe rewrite, though " + self.note)
        elif after.get("state") != before.get("state"):
            names = [name for name in before["state"] if before["state"][name] != after["state"].get(name)]
            self.problems.append(f"other rows in {', '.join(names)}")
        if cost(after) >= cost(before):
            self.problems.append(f"not cheaper: {cost(before)}, then {cost(after)} (queries, cells, length)")
        if self.alone and after["queries"] > self.limit():
            self.problems.append(f"{after['queries']} queries, at most {self.limit()} expected")

    def limit(self):
        if "after" in self.view:
            return self.view["after"]
        return self.good["queries"] if self.good else self.before["queries"]

    def row(self):
        def number(result):
            return str(result.get("queries", "-")) if result else "-"

        name = self.view["view"].split(".", 1)[0] + "." + self.view["view"].rpartition(".")[2]
        verdict = "; ".join(self.problems) or "ok"
        if not self.problems and self.rewrite and not self.rewrite["safe"]:
            verdict += ", not safe"
        if not self.problems and self.note:
            verdict += ("" if self.rewrite else ", no patch") + f": {self.note}"
        counts = f"{number(self.before):>4} {number(self.after):>4} {number(self.good):>4}"
        return f"  {self.entry['code']} {name:<34} {counts}  {verdict}"


def fresh(seen, *what):
    """Whether this was not seen before; another version of Django mostly gets the same patch."""
    key = json.dumps(what)
    if key in seen:
        return False
    seen.add(key)
    return True


def cost(result):
    return result["queries"], result["cells"], result["length"]


def cases_of(django, truth, found, chosen):
    from proofs.truth import fits

    out = []
    for view in truth["bad"]:
        if chosen and not any(text in view["view"] for text in chosen):
            continue
        for entry in view["findings"]:
            if "before" in entry and django.newer(entry["before"]):
                continue
            finding = next((f for f in found if fits(HERE, view["view"], entry, f)), None)
            out.append(Case(len(out), view, entry, finding, len(view["findings"]) == 1))
    return out


def prove(django, ormlint, cases, truth, folder, seen):
    """Every case on one Django version; the number of those that fail."""
    for case in cases:
        case.patch(folder)
    with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool:
        list(pool.map(lambda case: case.recheck(ormlint, seen), cases))
    goods = {view["url"].split("?")[0]: view for view in truth["good"]}
    views = {case.view["view"]: case.view for case in cases}
    asked = list(views.values()) + [goods[v["good"]] for v in views.values() if v.get("good") in goods]
    jobs = [{"tree": str(HERE), "views": asked}]
    patched = [case for case in cases if case.tree]
    jobs += [{"tree": str(case.tree), "views": [case.view]} for case in patched]
    answers = django.run(jobs)
    plain = {view["url"].split("?")[0]: answer for view, answer in zip(asked, answers[0], strict=True)}
    for case, answer in zip(patched, answers[1:], strict=True):
        case.after = answer[0]
    for case in cases:
        case.before = plain[case.view["url"].split("?")[0]]
        case.good = plain.get(case.view.get("good"))
        case.judge()
    print(f"Django {django.full}: code, view, queries before, after and in the good view")
    for case in cases:
        print(case.row())
    failed = sum(bool(case.problems) for case in cases)
    print(f"Django {django.full}: {len(cases)} findings, {len(patched)} patched, {failed} wrong", flush=True)
    return failed


# What a log alone shows of a pattern, where that is another code; None: nothing.
LOGGED = {
    "QP103": ["QP103", "QP101"],  # a get() by a foreign key's value is what a lazy read does
    "QP106": ["QP106", "QP101"],
    "QP107": ["QP107", "QP301"],  # the same query each time
    "QP202": None,
    "QP205": None,
    "QP206": ["QP206", "QP101"],
    "QP207": None,
    "QP406": ["QP406", "QP401"],  # a through model with a column of its own looks like any other model
    "QP407": None,
}


def logs(django, ormlint, server, cases, folder):
    """Each bad view's own log: found from it alone (and the schema), and joined with the source."""
    views = list({case.view["view"]: case.view for case in cases}.values())
    start = server.sizes()
    job = {"tree": str(HERE), "views": views, "logged": True, "middleware": ["core.sqlcomments.SqlCommenter"]}
    django.run([job])
    entries = by_application(server, start, {f"view-{number}" for number in range(len(views))})
    folder.mkdir(parents=True, exist_ok=True)
    schema = folder / "schema.sql"
    schema.write_bytes(server.schema(django.database))
    numbers = {view["view"]: number for number, view in enumerate(views)}

    def look(case):
        path = folder / f"{case.view['view']}.json"
        path.write_bytes(b"".join(entries.get(f"view-{numbers[case.view['view']]}", [])))
        codes = LOGGED.get(case.entry["code"], [case.entry["code"]])
        if codes is None or case.view.get("few"):
            return []
        out = []
        args = ["check", str(path), "--no-source", "--schema", str(schema), "--format", "json"]
        alone = json.loads(ormlint.bare(*args))["findings"]
        if not any(finding["code"] in codes for finding in alone):
            out.append(f"not found from its log: {sorted({f['code'] for f in alone})}")
        if "apart" in case.entry:
            return out
        both = json.loads(ormlint(HERE, "check", str(path), "--format", "json"))["findings"]
        joined = [f for f in both if truth.fits(HERE, case.view["view"], case.entry, f)]
        if not joined:
            got = [f for f in both if "observed" in f["evidence"]]
            got = sorted({f"{f['code']} {f['subject']} at {short(f.get('location'))}" for f in got})
            out.append(f"not found from log and source: {got}")
        elif not all("observed" in f["evidence"] for f in joined):
            out.append("found from source beside the log, not joined with it")
        return out

    from proofs import truth

    with concurrent.futures.ThreadPoolExecutor(SLOTS) as pool:
        answers = zip(cases, pool.map(look, cases), strict=True)
        problems = [f"{c.entry['code']} {c.view['view']}: {problem}" for c, found in answers for problem in found]
    for problem in problems:
        print(f"  {problem}")
    print(f"Django {django.full}: logs of {len(views)} bad views, {len(problems)} wrong", flush=True)
    return len(problems)


def by_application(server, start, names, seconds=20):
    """The log's entries since start by application name, once all of the names are in it.

    The collector writes with a delay, longer on a busy machine: for a moment the files may stand still and agree
    without the last session.
    """
    deadline = time.monotonic() + seconds
    while True:
        entries = {}
        for line in server.drain(start)["json"].splitlines(keepends=True):
            name = json.loads(line).get("application_name") or ""
            entries.setdefault(name, []).append(line)
        missing = names - entries.keys()
        if not missing:
            return entries
        if time.monotonic() > deadline:
            raise SystemExit(f"prove: after {seconds} s the log has nothing of {sorted(missing)}")
        time.sleep(0.2)


def short(location):
    return location and f"{location['path']}:{location['line']}"


def together(django, ormlint, cases, folder):
    """All rewrites at once: git apply of the diff and fix do the same, twice is once, the views still answer."""
    from proofs import edits

    problems = []
    fixed = edits.copy(HERE, folder / "fixed")
    applied = edits.copy(HERE, folder / "applied")
    for _ in range(ROUNDS):  # rewrites of one place wait for each other
        diff = ormlint(applied, "check", "--diff", "--unsafe-fixes")
        if not diff.strip():
            break
        done = subprocess.run(["git", "apply", "-p1"], input=diff, text=True, cwd=applied, capture_output=True)
        if done.returncode:
            problems.append(f"git apply: {done.stderr.strip()}")
            break
    ormlint(fixed, "fix", "--unsafe-fixes")
    paths = [str(p.relative_to(fixed)) for p in sorted(fixed.rglob("*")) if p.is_file()]
    _, different, missing = filecmp.cmpfiles(fixed, applied, paths, shallow=False)
    if different or missing:
        problems.append(f"git apply and fix differ: {different[:5] + missing[:5]}")
    complaint = edits.parses(fixed, paths)
    if complaint:
        problems.append(f"fixed, it does not parse: {complaint}")
        print(f"  {problems[-1]}")
        return 1
    twice = edits.copy(fixed, folder / "twice")
    ormlint(twice, "fix", "--unsafe-fixes")
    _, different, _ = filecmp.cmpfiles(fixed, twice, paths, shallow=False)
    if different:
        problems.append(f"fixing twice changes {different[:5]}")
    views = {case.view["view"]: case for case in cases if case.rewrite}
    answers = django.run([{"tree": str(fixed), "views": [case.view for case in views.values()]}])[0]
    for case, after in zip(views.values(), answers, strict=True):
        every = all(other.rewrite for other in cases if other.view is case.view)
        whole = Case(0, case.view, case.entry, case.finding, every)
        whole.before, whole.good, whole.after = case.before, case.good, after
        whole.judge()
        problems += [f"all rewrites, {case.view['view']}: {problem}" for problem in whole.problems]
    for problem in problems:
        print(f"  {problem}")
    print(f"Django {django.full}: all rewrites at once: {len(views)} views, {len(problems)} wrong", flush=True)
    return len(problems)


def main():
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    if not os.environ.get("PROVE_INSIDE"):
        enter()
    from captures.server import Server
    from proofs import truth

    began = time.monotonic()
    chosen, written = sys.argv[2:], truth.read()
    newest = environment("source-newest", newest_python(), "Django", *PACKAGES)
    versions = [Django(sys.executable), Django(newest)]
    if versions[0].version == versions[1].version:
        print(f"no Python here runs a newer Django than {versions[0].full}")
        versions.pop()
    server = Server()
    server.create()
    failed, seen = 0, set()
    try:
        for django in versions:
            django.fill(server)
            folder = HOME / "trees" / django.version
            ormlint = Ormlint(sys.argv[1], django.version)
            cases = cases_of(django, written, ormlint.findings(HERE), chosen)
            failed += prove(django, ormlint, cases, written, folder, seen)
            if not chosen:
                failed += together(django, ormlint, cases, folder)
            if django is versions[0]:
                failed += logs(django, ormlint, server, cases, HOME / "logs")
    finally:
        server.stop()
    print(f"{time.monotonic() - began:.0f} s")
    if failed:
        raise SystemExit(f"prove: {failed} wrong")


if __name__ == "__main__":
    main()
