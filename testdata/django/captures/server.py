"""A throw-away PostgreSQL server that logs everything, and slices of its logs."""

import contextlib
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import psycopg

csv.field_size_limit(1 << 30)

HOME = Path(os.environ.get("CAPTURE_HOME", "/tmp/pg-capture"))
PORT = int(os.environ.get("CAPTURE_PORT", "55432"))
FORMATS = {"log": "server.log", "csv": "server.csv", "json": "server.json"}

DEFAULTS = {
    "log_min_duration_statement": "0",
    "log_line_prefix": "'%m [%p] %q%u@%d '",
    "log_statement": "none",
    "log_duration": "off",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_error_verbosity": "default",
    "log_min_duration_sample": "-1",
    "log_statement_sample_rate": "1.0",
    "session_preload_libraries": "''",
}

FIXED = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{home}'
fsync = off
autovacuum = off
shared_buffers = 64MB
max_connections = 40
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
logging_collector = on
log_destination = 'stderr,csvlog,jsonlog'
log_directory = '{home}/log'
log_filename = 'server.log'
log_file_mode = 0644
log_rotation_age = 0
log_rotation_size = 0
log_checkpoints = off
"""

# In the stderr file an entry starts at each line that does not begin with a
# tab; DETAIL and its like belong to the entry before.
SEVERITY = re.compile(
    rb"(LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d|DETAIL|HINT|QUERY|CONTEXT|STATEMENT|LOCATION):  "
)
SECONDARY = {b"DETAIL", b"HINT", b"QUERY", b"CONTEXT", b"STATEMENT", b"LOCATION"}


def tool(name):
    """The path of a PostgreSQL server program, newest installed version first."""
    found = os.environ.get("PG_BIN") and os.path.join(os.environ["PG_BIN"], name)
    for path in [found, *sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), reverse=True), shutil.which(name)]:
        if path and os.path.exists(path):
            return path
    raise SystemExit(f"capture: {name} not found; set PG_BIN to PostgreSQL's bin folder")


def as_postgres(*command):
    """Run a server program; root has to be someone else for it."""
    if os.geteuid() == 0:
        command = ("su", "postgres", "-c", " ".join(f"'{part}'" for part in command))
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/")


class Server:
    def __init__(self):
        self.data = HOME / "data"
        self.logs = HOME / "log"

    def create(self):
        """Start from nothing: stop and remove what an earlier run left."""
        if (self.data / "postmaster.pid").exists():
            self.stop()
        for folder in (self.data, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
        HOME.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(HOME, "postgres", "postgres")
        as_postgres(
            tool("initdb"),
            "-D",
            str(self.data),
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
        )
        conf = FIXED.format(port=PORT, home=HOME) + "".join(f"{k} = {v}\n" for k, v in DEFAULTS.items())
        with open(self.data / "postgresql.conf", "a") as out:
            out.write(conf)
        self.start()
        with self.admin("postgres") as db:
            db.execute("CREATE ROLE app LOGIN")
            db.execute("CREATE DATABASE app OWNER app")

    def start(self):
        as_postgres(tool("pg_ctl"), "-D", str(self.data), "-l", str(HOME / "startup.log"), "-w", "start")

    def stop(self):
        as_postgres(tool("pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "stop")

    @contextlib.contextmanager
    def admin(self, dbname="app"):
        # log_duration and the like are off for this session before it says anything.
        quiet = (
            "-c log_min_duration_statement=-1 -c log_statement=none -c log_duration=off -c log_min_duration_sample=-1"
        )
        quiet += " -c session_preload_libraries="
        with psycopg.connect(
            host="127.0.0.1", port=PORT, user="postgres", dbname=dbname, autocommit=True, options=quiet
        ) as db:
            yield db

    def schema(self, dbname):
        """What pg_dump --schema-only says of a database."""
        command = [tool("pg_dump"), "--schema-only", "--no-owner", "-h", "127.0.0.1", "-p", str(PORT), "-U", "app"]
        return subprocess.run([*command, dbname], check=True, stdout=subprocess.PIPE).stdout

    @contextlib.contextmanager
    def settings(self, **changes):
        """Change server settings for every connection opened inside the block."""
        self.configure(changes)
        try:
            yield
        finally:
            self.configure({name: None for name in changes})

    def configure(self, changes):
        with self.admin() as db:
            db.execute("LOAD 'auto_explain'")  # ALTER SYSTEM takes only settings that it knows
            for name, value in changes.items():
                if value is None:
                    db.execute(f"ALTER SYSTEM RESET {name}")
                else:
                    db.execute(f"ALTER SYSTEM SET {name} = {value}")
            before = db.execute("SELECT pg_conf_load_time()").fetchone()
            db.execute("SELECT pg_reload_conf()")
            for _ in range(500):
                time.sleep(0.01)
                if db.execute("SELECT pg_conf_load_time()").fetchone() != before:
                    break
        time.sleep(0.2)  # The postmaster forks the next backends: let it have reloaded too.

    def sizes(self):
        return {kind: (self.logs / name).stat().st_size for kind, name in FORMATS.items()}

    def read(self, begin):
        out = {}
        for kind, name in FORMATS.items():
            with open(self.logs / name, "rb") as source:
                source.seek(begin[kind])
                out[kind] = source.read()
        return out

    def drain(self, begin, seconds=20, sessions=True):
        """Wait until every session that began after the offsets has ended and all three files tell of it.

        Without sessions in the log, wait until the files stand still and agree. Returns the bytes that the
        files gained since, by format.
        """
        last = None
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.05 if sessions else 1)
            slices = self.read(begin)
            if slices == last and (not sessions or balanced(slices)) and agree(slices):
                return slices
            last = slices
        raise SystemExit(f"capture: the log files do not agree after {seconds} s: {counts(last)}")


def counts(slices):
    """How many entries each format holds."""
    heads = (SEVERITY.search(line) for line in slices["log"].split(b"\n") if not line.startswith(b"\t"))
    stderr = sum(1 for head in heads if head and head[1] not in SECONDARY)
    table = sum(1 for _ in csv.reader(io.StringIO(slices["csv"].decode(), newline="")))
    return {"log": stderr, "csv": table, "json": slices["json"].count(b"\n")}


def slowest(slices):
    """The longest duration of the slices in milliseconds."""
    return max((float(ms) for ms in re.findall(rb'"message":"duration: ([0-9.]+) ms', slices["json"])), default=0)


def balanced(slices):
    """Whether all sessions of the slices have ended, in every file."""
    if not slices["json"].endswith(b"\n"):
        return False
    messages = [json.loads(line)["message"] for line in slices["json"].splitlines()]
    opened = sum(m.startswith("connection authorized") for m in messages)
    closed = sum(m.startswith("disconnection") for m in messages)
    return opened > 0 and opened == closed


def agree(slices):
    """Whether all formats hold the same number of entries."""
    n = counts(slices)
    return n["log"] == n["csv"] == n["json"]
