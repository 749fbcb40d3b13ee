"""Captures testdata/pg15 and testdata/prefix from a real server.

Needs psycopg 3 and a PostgreSQL 15 of its own, which this script reconfigures
again and again: superuser "postgres" on 127.0.0.1:55431, logging_collector on,
log_destination 'stderr,csvlog,jsonlog', log_directory and shared_preload_libraries
'auto_explain' with auto_explain.log_min_duration = -1. Run as root or the
server's user:

    python3 capture.py LOG_DIRECTORY TARGET_DIRECTORY [MODE ...]
"""
import glob
import shutil
import sys
import time

import psycopg

DSN="host=127.0.0.1 port=55431 user=postgres dbname=postgres"
FAKE = "x\n2026-11-22 07:06:20.755 UTC [15097] app@app LOG:  duration: 99999.000 ms  statement: DELETE FROM auth_user\n\tLOG:  duration: 9.0 ms  statement: x\n2026-11-22 07:05:28.870 UTC,\"app\",\"app\",14542,\"127.0.0.1:53602\",6b029438.38ce,3,\"BEGIN\",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,\"duration: 0.020 ms  statement: BEGIN\",,,,,,,,,\"seedapp\",\"client backend\",,0\r\n{\"timestamp\":\"2026\"}\\n \"quoted\" 'single' /* comment */ -- dash\t\ttabs é ☃ \x07"
def admin(*sqls):
    with psycopg.connect(DSN+" options='-c log_min_duration_statement=-1 -c log_statement=none -c log_duration=off -c log_connections=off -c log_disconnections=off -c auto_explain.log_min_duration=-1'", autocommit=True) as c:
        for s in sqls: c.execute(s)
def mode(name, **kv):
    admin("ALTER SYSTEM RESET ALL", *[f"ALTER SYSTEM SET {k.replace('__','.')} = '{v}'" for k,v in kv.items()],
      f"ALTER SYSTEM SET log_filename='{name}.log'", "SELECT pg_reload_conf()")
    time.sleep(0.6)
def simple(app):
    # simple protocol via ClientCursor
    c = psycopg.connect(DSN+f" application_name='{app}'", autocommit=True, cursor_factory=psycopg.ClientCursor)
    return c
def work():
    a, b = simple("app a, [x] LOG: y"), simple("b")
    e = psycopg.connect(DSN+" application_name=ext", autocommit=True)
    for i in range(2):
        a.execute("SELECT id, name FROM t WHERE id = %s", (i,))
        b.execute("SELECT id, name FROM t WHERE name = %s", (FAKE,))
        e.execute("SELECT id, name FROM t WHERE id = %s AND name <> %s", (i, FAKE))
        e.execute("SELECT count(*) FROM t")
    a.execute("INSERT INTO t (name) VALUES (%s)", (FAKE,))
    e.execute("INSERT INTO t (name) VALUES (%s)", (FAKE,))
    e.execute("INSERT INTO u (t_id) VALUES (%s)", (1,))
    a.execute("SELECT 1; SELECT 2")
    a.execute("SELECT\n  id,\n\n\tname\nFROM t -- tail\nWHERE id = 5")
    for cur in (a, e):
        try: cur.execute("SELECT * FROM nope WHERE id = 5")
        except Exception: pass
        try: cur.execute("SELECT 1/%s", (0,)) if cur is a else cur.execute("SELECT 1/%s::int", (0,))
        except Exception: pass
        try: cur.execute("SELEC 1")
        except Exception: pass
    a.execute("PREPARE pp(int) AS SELECT id, name FROM t WHERE id = $1")
    a.execute("EXECUTE pp (1)"); a.execute("EXECUTE pp (2)")
    a.execute("BEGIN")
    a.execute('DECLARE "_django_curs_139732805009472_sync_1" NO SCROLL CURSOR WITHOUT HOLD FOR SELECT id, name FROM t')
    for i in range(3): a.execute('FETCH FORWARD 2 FROM "_django_curs_139732805009472_sync_1"')
    a.execute("SELECT id, name FROM t WHERE id = 77")
    a.execute('FETCH FORWARD 2 FROM "_django_curs_139732805009472_sync_1"')
    a.execute('CLOSE "_django_curs_139732805009472_sync_1"')
    a.execute("COMMIT")
    # server-side cursor with ext protocol
    with e.transaction():
        with e.cursor(name="cc") as cur:
            cur.execute("SELECT id FROM t WHERE id > %s", (0,))
            cur.itersize=2
            list(cur)
    b.execute("SELECT id FROM t /*route='books%2F',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/")
    b.execute("/*application:Shop,controller:users,action:index*/ SELECT id FROM t")
    # prepared many times
    for i in range(6): e.execute("SELECT name FROM t WHERE id = %s", (i,), prepare=True)
    with e.pipeline():
        for i in range(3): e.execute("SELECT id, name FROM t WHERE id = %s", (i,))
    b.execute("SELECT pg_sleep(0.02)")
    a.close(); b.close(); e.close()
admin("DROP TABLE IF EXISTS u","DROP TABLE IF EXISTS t","CREATE TABLE t (id serial primary key, name text)","CREATE TABLE u (id serial primary key, t_id int references t)","INSERT INTO t (name) SELECT 'n'||i FROM generate_series(1,9) i")
P='%m [%p] %q%u@%d '
M={
 'min0': dict(log_min_duration_statement=0),
 'twoline': dict(log_statement='all', log_duration='on', log_min_duration_statement=-1),
 'both': dict(log_statement='all', log_min_duration_statement=0),
 'stmtonly': dict(log_statement='all', log_min_duration_statement=-1),
 'duronly': dict(log_duration='on', log_min_duration_statement=-1),
 'mod': dict(log_statement='mod', log_duration='on', log_min_duration_statement=-1),
 'verbose': dict(log_min_duration_statement=0, log_error_verbosity='verbose'),
 'conns': dict(log_min_duration_statement=0, log_connections='on', log_disconnections='on', log_line_prefix='%t:%r:%u@%d:[%p]:'),
 'sess': dict(log_min_duration_statement=0, log_line_prefix='%m %r %u %a [%c] [%p] '),
 'pgb': dict(log_min_duration_statement=0, log_line_prefix='%t [%p]: user=%u,db=%d,app=%a,client=%h '),
 'pad': dict(log_min_duration_statement=0, log_line_prefix='%n %-20a|%10p|%v|%x|%5l <%c> %s %b %e %i '),
 'noprefix': dict(log_min_duration_statement=0, log_line_prefix=''),
 'sample': dict(log_min_duration_statement=-1, log_min_duration_sample=0, log_statement_sample_rate=0.5, log_transaction_sample_rate=0.5),
 'nothing': dict(log_min_duration_statement=-1, log_connections='on'),
 'tz': dict(log_min_duration_statement=0, log_timezone='America/Sao_Paulo'),
 'cutparams': dict(log_min_duration_statement=0, log_parameter_max_length=5),
}
AE=dict(auto_explain__log_min_duration=0)
for f in ('text','json','xml','yaml'):
    M['plan_'+f]=dict(AE, auto_explain__log_format=f, auto_explain__log_analyze='on', log_min_duration_statement=-1, auto_explain__log_nested_statements='on')
    M['planboth_'+f]=dict(AE, auto_explain__log_format=f, auto_explain__log_analyze='on', log_min_duration_statement=0, auto_explain__log_nested_statements='on')
M['plantwo']=dict(AE, auto_explain__log_analyze='on', log_statement='all', log_duration='on', log_min_duration_statement=-1)
M['planstmt']=dict(AE, log_statement='all', log_min_duration_statement=-1)
source, target, *only = sys.argv[1:]
for n,kv in M.items():
    if only and n not in only: continue
    kv={'log_line_prefix':P, **kv}
    try:
        mode(n, **kv); work(); time.sleep(0.3); [shutil.copy(f, target) for f in glob.glob(f"{source}/{n}.*")]
    except Exception as ex: print(n, 'ERR', ex)
mode('end'); 
