"""One fixed run under many server settings, and under many line prefixes.

The run is two loops, eight inserts and two inserts whose text tries to pass for log entries.
"""

import contextlib

import psycopg
from django.db import connection, transaction

from captures.client import Browser
from captures.hostile import FAKE
from captures.scenarios import Scenario, found, no_marks, nplus
from captures.server import PORT
from core.models import Note
from library.models import Review


def typical(_):
    """Two loops, eight inserts, two hostile notes, five plain reads: 37 statements and no transaction."""
    browser = Browser()
    browser.get("/library/short-list-open/")  # 11
    browser.get("/team/")  # 11
    browser.post("/library/write-few/")  # 8
    browser.post("/notes/add/", {"title": "torture", "text": FAKE})  # 1
    browser.post("/notes/add/", {"title": "LOG:  duration: 44444.000 ms  statement: x", "text": "'; SELECT 5; --"})  # 1
    browser.get("/library/short-list-joined/")  # 1
    browser.get("/users/pick/?owner=3&editor=9&article=5")  # 4


TYPICAL = 37


def brief(_):
    """The same without the second loop and the plain reads, for settings that write a lot per statement."""
    browser = Browser()
    browser.get("/library/short-list-open/")  # 11
    browser.post("/library/write-few/")  # 8
    browser.post("/notes/add/", {"title": "torture", "text": FAKE})  # 1
    browser.post("/notes/add/", {"title": "LOG:  duration: 44444.000 ms  statement: x", "text": "'; SELECT 5; --"})  # 1


BRIEF = 21

# What the run's loops are; the second is missing from the brief run.
LOOPS = [
    nplus("forward_fk", "author", "library_book", "library_author", 10),
    nplus("reverse_one_to_one", "profile", "auth_user", "core_profile", 10),
    found("QP401", "library_review", 8),
]
FEWER = [LOOPS[0], LOOPS[2]]


def clean():
    no_marks()
    Note.objects.all().delete()


def cursors(_):
    Browser().get("/library/export/")
    Browser().get("/library/copies/add/")


def errors(_):
    """What goes wrong in a day: each statement but the last fails, or is rolled back."""
    bad = [
        ("SELECT nothing FROM library_book WHERE id = %s", [1]),
        ("INSERT INTO library_tag (name) VALUES (%s), (%s)", ["twice", "twice"]),
        ("SELECT 1 / (id - %s) FROM library_book WHERE id = 1", [1]),
        ("SELEC id FROM library_book", None),
        ("SELECT id\nFROM library_book\nWHERE title = 'LOG:  duration: 1.000 ms  statement: SELECT 1'\nAND", None),
        ("SET statement_timeout = 20", None),
        ("SELECT pg_sleep(%s)", [5]),
        ("SET statement_timeout = 0", None),
        ("DO $$ BEGIN RAISE WARNING 'LOG:  duration: 9.000 ms  statement: SELECT 1'; END $$", None),
    ]
    with connection.cursor() as cursor:
        for sql, params in bad:
            with contextlib.suppress(Exception):
                cursor.execute(sql, params)
    with contextlib.suppress(Exception), transaction.atomic():
        Review.objects.create(book_id=1, stars=1, text="shelf-mark rolled back")
        Review.objects.create(book_id=999999, stars=1, text="shelf-mark without a book")
    Browser().get("/library/short-list-open/")


def raw(_):
    """What does not come from the ORM: several statements in one string, PREPARE, COPY, DO, odd layouts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1; SELECT count(*) FROM library_book; SELECT 'a;b'")
        cursor.execute("PREPARE pick (bigint) AS SELECT title FROM library_book WHERE id = $1")
        for number in range(1, 4):
            cursor.execute(f"EXECUTE pick({number})")
        cursor.execute("DEALLOCATE pick")
        cursor.execute("SELECT title\n\n\tFROM library_book -- a comment\n  /* another\n one */ WHERE id = 1\n")
        cursor.execute("DO $body$\nBEGIN\n  PERFORM count(*) FROM library_book;\nEND\n$body$")
        cursor.execute("SELECT E'it\\'s', $q$a 'quoted' text$q$, U&'d\\0061ta', B'101', X'1F', 1e10, -5, .5")
        cursor.execute("WITH newest AS (SELECT * FROM library_book ORDER BY id DESC LIMIT 3) SELECT title FROM newest")
        cursor.execute("EXPLAIN SELECT * FROM library_book")
        cursor.execute("SHOW work_mem")
        cursor.execute("")
    with connection.cursor() as cursor, cursor.copy("COPY (SELECT id FROM library_book LIMIT 5) TO STDOUT") as out:
        list(out)


def named_statements(_):
    """psycopg's own prepared statements: named from the first use on."""
    with psycopg.connect(
        host="127.0.0.1", port=PORT, user="app", dbname="app", autocommit=True, prepare_threshold=0
    ) as db:
        for number in range(1, 13):
            db.execute("SELECT id, name FROM library_author WHERE id = %s LIMIT 21", [number]).fetchall()
        db.execute("INSERT INTO core_note (title, text) VALUES (%s, %s)", ["torture", FAKE])
        db.execute("SELECT %s::text IS NULL, %s::bytea, %s::int[]", [None, b"\x00\xff'", [1, 2]])
        with db.cursor() as cursor:
            cursor.executemany("INSERT INTO core_note (title, text) VALUES (%s, %s)", [["n", str(n)] for n in range(3)])


BINDING = {"OPTIONS": {"server_side_binding": True}}
ALL = {"log_statement": "'all'"}
OFF = {"log_min_duration_statement": "-1"}
EXPLAIN = {
    "session_preload_libraries": "'auto_explain'",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_nested_statements": "on",
    "auto_explain.log_analyze": "on",
}


# name, what it is, server settings, database settings, the run, the statements it runs, findings.
# A number of None: the log cannot say, or the run does not care.
SETTINGS = [
    ("simple", "simple protocol, log_min_duration_statement=0", {}, {}, typical, TYPICAL, LOOPS),
    ("extended", "extended protocol with parameters", {}, BINDING, typical, TYPICAL, LOOPS),
    (
        "named",
        "named prepared statements",
        {},
        {},
        named_statements,
        None,
        [found("QP103", "library_author", 12, relation="get")],
    ),
    (
        "two_line",
        "log_statement=all and log_duration=on",
        {**ALL, **OFF, "log_duration": "on"},
        {},
        typical,
        TYPICAL,
        LOOPS,
    ),
    (
        "two_line_extended",
        "the same with the extended protocol",
        {**ALL, **OFF, "log_duration": "on"},
        BINDING,
        brief,
        BRIEF,
        FEWER,
    ),
    ("both", "log_statement=all and log_min_duration_statement=0", ALL, {}, brief, BRIEF, FEWER),
    ("both_extended", "the same with the extended protocol", ALL, BINDING, brief, BRIEF, FEWER),
    ("statement_only", "log_statement=all, no durations", {**ALL, **OFF}, {}, typical, TYPICAL, LOOPS),
    ("statement_only_extended", "the same with the extended protocol", {**ALL, **OFF}, BINDING, brief, BRIEF, FEWER),
    ("duration_only", "log_duration=on: durations, no statements", {**OFF, "log_duration": "on"}, {}, typical, 0, []),
    (
        "sampling",
        "half of the statements, by chance",
        {**OFF, "log_min_duration_sample": "0", "log_statement_sample_rate": "0.5"},
        {},
        typical,
        None,
        None,
    ),
    (
        "auto_explain_text",
        "plans next to statements",
        {**EXPLAIN, "auto_explain.log_format": "'text'"},
        {},
        brief,
        BRIEF,
        FEWER,
    ),
    (
        "auto_explain_json",
        "plans as JSON next to statements",
        {**EXPLAIN, "auto_explain.log_format": "'json'"},
        {},
        brief,
        BRIEF,
        FEWER,
    ),
    (
        "auto_explain_only",
        "plans and nothing else",
        {**EXPLAIN, **OFF, "auto_explain.log_format": "'text'"},
        {},
        brief,
        BRIEF,
        FEWER,
    ),
    (
        "auto_explain_extended",
        "plans with the extended protocol",
        {**EXPLAIN, "auto_explain.log_format": "'text'"},
        BINDING,
        brief,
        BRIEF,
        FEWER,
    ),
    ("verbose", "log_error_verbosity=verbose", {"log_error_verbosity": "'verbose'"}, {}, brief, BRIEF, FEWER),
    (
        "cursors",
        "server-side cursors",
        {},
        {},
        cursors,
        None,
        [nplus("forward_fk", "author", "library_book", "library_author", 40)],
    ),
    ("errors", "failing statements", {}, {}, errors, None, LOOPS[:1]),
    (
        "errors_extended",
        "failing statements, extended protocol, parameters of errors shown",
        {"log_parameter_max_length_on_error": "-1"},
        BINDING,
        errors,
        None,
        LOOPS[:1],
    ),
    ("raw", "statements no ORM writes", {}, {}, raw, None, []),
]

# The prefixes people use (log-formats 1.3), then one for every escape that a plain server can fill.
PREFIXES = [
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%t:%r:%u@%d:[%p]:",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t-%c-",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p] %q[user=%u,db=%d,app=%a] ",
    "%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ",
    "%m [%p][%v] : [%l-1] %q[app=%a] ",
    "%t [%p-%l] %q%u@%d ",
    "%t [%p]: [%l-1] user=%u,db=%d - PG-%e ",
    "%t [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ",
    "%m %r %u %a [%c] [%p] ",
    "%p-%s-%c-%l-%h-%u-%d-%m ",
    "%m [%p][%b][%v][%x] %q[user=%u,db=%d,app=%a] ",
    "%t [%p] %q%u@%d %h ",
    "pid=%p,user=%u,db=%d,app=%a,client=%h ",
    " sql_error_code = %e ",
    'sql_error_code = %e time_ms = "%m" pid="%p" proc_start_time="%s" session_id="%c" vtid="%v" tid="%x" '
    'log_line="%l" %qdatabase="%d" connection_source="%r" user="%u" application_name="%a" ',
    "",
    "user=%u,db=%d,app=%a,client=%h ",
    "[%l-1] [%p][%b][%v][%x] [user=%u,db=%d,app=%a] ",
    "%n [%p] ",
    "%n %c %v ",
    "%-12a|%10u|%-8d|%6p|%m ",
    "%m [%P] [%p] %i %Q %q%u ",
    "%%%m%% <%c> ",
    "%c %l ",
    "%t ",
    "%m %a ",
    "%m [%p] %a: ",
]

# An application name may hold spaces, commas and brackets, or a whole log entry.
NAMES = {"%m %a ": "web, [1] (blue)", "%m [%p] %a: ": "web LOG:  duration: 1.000 ms  statement: x"}
HOSTILE = f"{len(PREFIXES):02d}.log"


def short(_):
    """A loop over ten rows, eight different reads, a note of several lines, two singles, a short transaction."""
    browser = Browser()
    browser.get("/team/")  # 11
    browser.get("/library/dashboard/")  # 8
    browser.post("/notes/add/", {"title": "torture", "text": FAKE})  # 1
    browser.get("/library/books/5/")  # 2
    browser.post("/library/loans/9/lock/")  # 4: BEGIN, SELECT, UPDATE, COMMIT


SHORT = 26


def part_settings(capture, logs):
    """testdata/logs/settings: the truth of each file."""
    truth = []
    for name, pattern, server, db, run, statements, findings in SETTINGS:
        scenario = Scenario(name, pattern, run, prepare=clean, db=db)
        with capture.server.settings(**server):
            slices = capture.run(scenario)
        capture.write(logs / "settings" / name, slices)
        entry = {"name": f"settings_{name}", "files": [f"settings/{name}"], "pattern": pattern, "findings": findings}
        if statements is not None:
            entry["statements"] = statements
        truth.append(entry)
        print(f"  {name}", flush=True)
    return truth


def part_prefixes(capture, logs):
    """testdata/logs/prefixes: NN.log under each prefix, and prefixes.json, which says which."""
    index = {}
    for number, prefix in enumerate(PREFIXES, 1):
        options = {"OPTIONS": {"application_name": NAMES.get(prefix, "bookshop")}}
        scenario = Scenario(f"{number:02d}", prefix, short, prepare=clean, db=options)
        with capture.server.settings(log_line_prefix="'" + prefix.replace("'", "''") + "'"):
            slices = capture.once(scenario)
        capture.write(logs / "prefixes" / scenario.name, slices, kinds=("log",))
        index[f"{number:02d}.log"] = prefix
        print(f"  {number:02d} {prefix!r}", flush=True)
    return index
