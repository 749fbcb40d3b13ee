#!/usr/bin/env python3
"""Make testdata/logs again: a fresh server, a fresh database, every scenario, every log format.

python3 testdata/django/capture.py            # everything
python3 testdata/django/capture.py scenarios  # one part; see PARTS
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
LOGS = HERE.parent / "logs"
HOME = Path(os.environ.setdefault("CAPTURE_HOME", "/tmp/pg-capture"))
PORT = os.environ.setdefault("CAPTURE_PORT", "55432")
MAIN = "5.2"


def environment(version, python, *packages):
    """A virtual environment with one Django version; made once, kept between runs."""
    folder = HOME / f"venv-{version}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin/pip", "install", "--quiet", *packages], check=True)
        (folder / "done").touch()
    return folder / "bin/python"


def enter():
    """Run this script again inside its virtual environment."""
    python = environment(MAIN, sys.executable, "-r", str(HERE / "requirements.txt"))
    env = dict(
        os.environ,
        CAPTURE_INSIDE="1",
        DJANGO_SETTINGS_MODULE="bookshop.captured",
        PYTHONPATH=str(HERE),
        PYTHONDONTWRITEBYTECODE="1",
        DB_HOST="127.0.0.1",
        DB_PORT=PORT,
        DB_NAME="app",
        DB_USER="app",
    )
    for name in ("DB_ENGINE", "DB_PASSWORD", "CONN_MAX_AGE", "SQL_COMMENTS", "DEBUG"):
        env.pop(name, None)
    os.execve(python, [str(python), str(HERE / "capture.py"), *sys.argv[1:]], env)


def on_thread(work, *args):
    """Run work on a new thread, hence on connections of its own, and close them."""
    from django.db import connections

    result = {}

    def target():
        try:
            result["value"] = work(*args)
        except BaseException:
            result["error"] = traceback.format_exc()
        finally:
            connections.close_all()

    thread = threading.Thread(target=target)
    thread.start()
    thread.join()
    if "error" in result:
        raise SystemExit(result["error"])
    return result.get("value")


class Capture:
    def __init__(self, server):
        self.server = server

    def run(self, scenario):
        """Run a scenario once unseen, then until its durations fit its truth; return what that run logged, by format.

        A busy machine makes slow queries of quick ones: up to twelve tries, a breath between them.
        """
        from captures.server import slowest

        self.once(scenario)
        tries = []
        for number in range(12):
            time.sleep(0.5 * (number > 0))
            slices = self.once(scenario)
            tries.append(slowest(slices))
            if scenario.at_least_ms <= tries[-1] <= scenario.at_most_ms:
                return slices
        raise SystemExit(
            f"capture: the costliest statement of {scenario.name} took {tries} ms; "
            f"its truth holds from {scenario.at_least_ms} to {scenario.at_most_ms} ms"
        )

    def once(self, scenario):
        """Run a scenario; return what it logged, by format."""
        from django.db import connections
        from django.test.utils import override_settings

        config = connections.settings["default"]
        before = dict(config)
        config.update(scenario.db)
        try:
            with override_settings(**scenario.settings):
                start = self.server.sizes()
                ready = on_thread(scenario.prepare) if scenario.prepare else None
                if scenario.prepare:
                    self.server.drain(start)
                start = self.server.sizes()
                on_thread(scenario.run, ready)
                return self.server.drain(start)
        finally:
            config.clear()
            config.update(before)

    def write(self, stem, slices, kinds=("log", "csv", "json")):
        stem.parent.mkdir(parents=True, exist_ok=True)
        for kind in kinds:
            stem.with_name(f"{stem.name}.{kind}").write_bytes(slices[kind])


def part_scenarios(capture):
    from captures.scenarios import scenarios

    truth = []
    shutil.rmtree(LOGS / "scenarios", ignore_errors=True)
    for scenario in scenarios():
        slices = capture.run(scenario)
        capture.write(LOGS / "scenarios" / scenario.name, slices)
        entry = {"name": scenario.name, "files": [f"scenarios/{scenario.name}"], "pattern": scenario.pattern}
        entry["findings"] = scenario.findings
        if scenario.allowed:
            entry["allowed"] = scenario.allowed
        truth.append(entry)
        print(f"  {scenario.name}: {slices['json'].count(bytes([10]))} entries", flush=True)
    write_truth("scenarios", truth)


def write_truth(section, entries):
    """Replace one section of truth.json, one line an entry."""
    path = LOGS / "truth.json"
    truth = json.loads(path.read_text()) if path.exists() else {}
    truth[section] = entries
    lines = []
    for name in sorted(truth):
        body = ",\n".join("  " + json.dumps(entry) for entry in truth[name])
        lines.append(f'"{name}": [\n{body}\n]')
    path.write_text("{" + ",\n".join(lines) + "}\n")


def part_settings(capture):
    from captures import variants

    shutil.rmtree(LOGS / "settings", ignore_errors=True)
    write_truth("settings", variants.part_settings(capture, LOGS))


def part_prefixes(capture):
    from captures import variants

    shutil.rmtree(LOGS / "prefixes", ignore_errors=True)
    index = variants.part_prefixes(capture, LOGS)
    (LOGS / "prefixes.json").write_text(json.dumps(index, indent=1) + "\n")
    plain = [f"prefixes/{name[:-4]}" for name in index if name != variants.HOSTILE]
    write_truth(
        "prefixes",
        [
            {
                "name": "prefixes",
                "files": plain,
                "pattern": "every line prefix",
                "statements": variants.SHORT,
                "findings": [variants.LOOPS[1]],
            },
            {
                "name": "prefix_hostile",
                "files": [f"prefixes/{variants.HOSTILE[:-4]}"],
                "pattern": "an application name that is a log entry: nobody can tell, and nothing may break",
                "findings": None,
            },
        ],
    )


def part_schema(capture):
    (LOGS / "schema.sql").write_bytes(capture.server.schema("app"))


def part_talk(capture):
    from captures import talk

    with capture.server.settings(log_connections="off", log_disconnections="off"):
        start = capture.server.sizes()
        on_thread(talk.run)
        slices = capture.server.drain(start, sessions=False)
    (LOGS / "talk.log").write_bytes(slices["log"])
    write_truth(
        "talk",
        [
            {
                "name": "talk",
                "files": ["talk"],
                "pattern": "the talk's page among everything else",
                "first": talk.FIRST,
            }
        ],
    )


def part_comments(capture):
    from captures import comments

    shutil.rmtree(LOGS / "comments", ignore_errors=True)
    write_truth("comments", comments.part_comments(capture, LOGS))


def newest_python():
    """The newest Python of this machine: the newest Django wants one of the last few."""
    home = Path.home() / ".pyenv/versions"
    for minor in range(20, 9, -1):
        own = sorted(home.glob(f"3.{minor}.*/bin/python3"))
        found = own[-1] if own else shutil.which(f"python3.{minor}")
        if found:
            return str(found)
    return sys.executable


def part_django(capture):
    """testdata/logs/django: Django's own query log, from three versions and two databases."""
    from captures.variants import LOOPS

    shutil.rmtree(LOGS / "django", ignore_errors=True)
    runs = [  # name, virtual environment, database, what Django logs of a transaction
        ("3.2", environment("3.2", sys.executable, "Django==3.2.*", "psycopg2-binary"), "postgresql", 0),
        ("4.2", environment("4.2", sys.executable, "Django==4.2.*", "psycopg2-binary"), "postgresql", 2),
        ("5.2", sys.executable, "postgresql", 2),
        ("newest", environment("newest", newest_python(), "Django", "psycopg[binary]"), "postgresql", 2),
        ("sqlite", sys.executable, "sqlite3", 2),
    ]
    truth = []
    for name, python, engine, extra in runs:
        env = dict(os.environ, DEBUG="1", DB_ENGINE=engine)
        if engine == "sqlite3":
            env["DB_NAME"] = str(HOME / "capture.sqlite3")
            Path(env["DB_NAME"]).unlink(missing_ok=True)
            for command in ("migrate", "seed"):
                subprocess.run([python, HERE / "manage.py", command, "-v0"], check=True, env=dict(env, DEBUG=""))
        version = subprocess.run(
            [python, "-c", "import django; print('.'.join(django.get_version().split('.')[:2]))"],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        stem = "sqlite" if engine == "sqlite3" else version
        if any(entry["name"] == f"django_{stem}" for entry in truth):
            print(f"  {name}: this machine's newest Python runs no newer Django than {version}", flush=True)
            continue
        subprocess.run([python, "-m", "captures.djangolog", LOGS / "django", stem], check=True, env=env, cwd=HERE)
        truth.append(
            {
                "name": f"django_{stem}",
                "pattern": f"Django {version}'s own log, {engine}",
                "files": [f"django/{stem}-{kind}" for kind in ("message", "verbose", "colour", "json")],
                "statements": 36 + extra,
                "findings": LOOPS,
            }
        )
        print(f"  {stem}: Django {version}, {engine}", flush=True)
    write_truth("django", truth)


PARTS = {
    "schema": part_schema,
    "scenarios": part_scenarios,
    "settings": part_settings,
    "prefixes": part_prefixes,
    "talk": part_talk,
    "comments": part_comments,
    "django": part_django,
}


def main():
    if not os.environ.get("CAPTURE_INSIDE"):
        enter()
    names = sys.argv[1:] or list(PARTS)
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SystemExit(f"capture: no part {unknown[0]}; there are {', '.join(PARTS)}")

    from captures.server import Server

    server = Server()
    server.create()
    try:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        settings.DEBUG_PROPAGATE_EXCEPTIONS = True
        start = server.sizes()
        on_thread(lambda: call_command("migrate", verbosity=0))
        on_thread(lambda: call_command("seed"))
        with server.admin() as db:
            db.execute("ANALYZE")
        server.drain(start)
        for name in names:
            began = time.monotonic()
            print(f"{name} …", flush=True)
            PARTS[name](Capture(server))
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
