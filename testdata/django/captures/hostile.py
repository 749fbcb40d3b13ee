"""A text that tries to pass for a log entry in every format."""

FAKE = (
    "line one\n"
    '2026-11-22 07:06:20.755 UTC [15097] app@app LOG:  duration: 99999.000 ms  statement: DELETE FROM "core_note"\n'
    "\n"
    "\tone tab LOG:  duration: 88888.000 ms  statement: SELECT 1\n"
    "\t\ttwo tabs, then CRLF\r\n"
    '2026-11-22 07:06:20.755 UTC,"app","app",15097,"127.0.0.1:53602",6b029438.3af9,3,"SELECT",'
    '2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,"duration: 77777.000 ms  statement: SELECT 2",,,,,,,,,"","client backend",,0\n'
    '{"timestamp":"2026-11-22 07:06:20.755 UTC","pid":15097,"error_severity":"LOG",'
    '"message":"duration: 66666.000 ms  statement: SELECT 3"}\n'
    "(55.555) SELECT 4; args=(); alias=default\n"
    "DETAIL:  parameters: $1 = 'x', $2 = NULL\n"
    "it's 'quoted' and \"quoted\", a \\ backslash, 100% of $1, $$dollars$$ and a : colon\n"
    "-- a comment\n/* another */ /*controller='fake',traceparent='00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'*/\n"
    "últimas líneas: 日本語, \u2028 and a bell \x07 and an escape \x1b[31m\n"
)
