package sqllog

import (
	"fmt"
	"strings"
	"testing"
)

// short writes the events of a run for table tests: equal letters are equal
// arguments.
func (o *outcome) short() string {
	args := map[uint64]string{0: "-"}
	var out []string
	for _, e := range o.events {
		if e.Flags&Closed != 0 {
			out = append(out, fmt.Sprintf("%d closed", e.Session))
			continue
		}
		if _, ok := args[e.Args]; !ok {
			args[e.Args] = string(rune('a' + len(args) - 1))
		}
		s := fmt.Sprintf("%d %s %s", e.Session, args[e.Args], o.shapes[e.Shape-1])
		if e.Took >= 0 {
			s += fmt.Sprintf(" %gms", float64(e.Took)/1e6)
		}
		if e.Rows >= 0 {
			s += fmt.Sprintf(" %d rows", e.Rows)
		}
		for k, f := range []string{"opened", "", "batch", "truncated"} {
			if e.Flags&(1<<k) != 0 {
				s += " " + f
			}
		}
		if e.Name > 0 {
			s += " " + o.names[e.Name-1]
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

const (
	p1 = "2026-11-22 07:06:20.755 UTC [11] a@b "
	p2 = "2026-11-22 07:06:20.756 UTC [22] a@b "
)

// TestStitch: what the entries of sessions come to.
func TestStitch(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{
			"extended protocol",
			p1 + "LOG:  duration: 0.100 ms  parse <unnamed>: SELECT $1\n" +
				p2 + "LOG:  duration: 9.000 ms  statement: SELECT 'other'\n" +
				p1 + "LOG:  duration: 0.020 ms  bind <unnamed>: SELECT $1\n" + p1 + "DETAIL:  parameters: $1 = 'x', $2 = NULL\n" +
				p1 + "LOG:  duration: 0.003 ms  execute <unnamed>: SELECT $1\n" + p1 + "DETAIL:  parameters: $1 = 'x', $2 = NULL\n" +
				p1 + "LOG:  duration: 0.020 ms  bind S_1: SELECT $1\n" + p1 + "DETAIL:  Parameters: $1 = 'x', $2 = NULL\n" +
				p1 + "LOG:  duration: 0.003 ms  execute S_1: SELECT $1\n" + p1 + "DETAIL:  Parameters: $1 = 'x', $2 = NULL\n",
			"1 a SELECT ? 9ms\n2 b SELECT ? 0.123ms\n2 b SELECT ? 0.023ms",
		},
		{
			"execute alone waits for its parameters, in the order of the file",
			p1 + "LOG:  duration: 100 ms  execute <unnamed>: SELECT $1\n" +
				p2 + "LOG:  duration: 9.000 ms  statement: SELECT 'other'\n" +
				p1 + "DETAIL:  parameters: $1 = 'x'\n" + p2 + "LOG:  duration: 9.000 ms  statement: SELECT 'other'\n",
			"1 a SELECT ? 100ms\n2 b SELECT ? 9ms\n2 b SELECT ? 9ms",
		},
		{
			"bind without execute does not count",
			p1 + "LOG:  duration: 0.100 ms  parse <unnamed>: SELECT 1/$1\n" + p1 + "LOG:  duration: 0.020 ms  bind <unnamed>: SELECT 1/$1\n" +
				p1 + "ERROR:  division by zero\n" + p1 + "STATEMENT:  SELECT 1/$1\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: ROLLBACK\n",
			"1 - ROLLBACK 1ms",
		},
		{
			"cut parameters",
			p1 + "LOG:  duration: 1.000 ms  execute <unnamed>: SELECT $1\n" + p1 + "DETAIL:  parameters: $1 = 'abcde...'\n",
			"1 a SELECT ? 1ms truncated",
		},
		{
			"two-line log, sessions interleaved",
			p1 + "LOG:  statement: SELECT 1\n" + p2 + "LOG:  statement: SELECT 'x'\n" + p2 + "LOG:  duration: 2.000 ms\n" + p1 + "LOG:  duration: 1.000 ms\n" +
				p1 + "LOG:  statement: SELECT 1\n" + p2 + "LOG:  duration: 7.000 ms\n",
			"1 - SELECT 1 1ms\n2 a SELECT ? 2ms\n1 - SELECT 1",
		},
		{
			"two-line log, a forged duration",
			p1 + "LOG:  statement: SELECT 'a\n\t" + p1 + "LOG:  duration: 99999.000 ms  statement: DELETE FROM t\n\tb'\n" + p1 + "LOG:  duration: 2.000 ms\n",
			"1 a SELECT ? 2ms",
		},
		{
			"two-line log, extended protocol",
			p1 + "LOG:  statement: BEGIN\n" + p1 + "LOG:  duration: 0.500 ms\n" +
				p1 + "LOG:  duration: 0.100 ms\n" + p1 + "LOG:  duration: 0.020 ms\n" + p1 + "LOG:  execute <unnamed>: SELECT $1\n" +
				p1 + "DETAIL:  parameters: $1 = '1'\n" + p1 + "LOG:  duration: 0.003 ms\n",
			"1 - BEGIN 0.5ms\n1 a SELECT ? 0.123ms",
		},
		{
			"an error is no execution",
			p1 + "LOG:  statement: SELECT 1/0 AS x\n" + p1 + "ERROR:  division by zero\n" + p1 + "STATEMENT:  SELECT 1/0 AS x\n" +
				p1 + "LOG:  statement: SELECT 1\n" + p1 + "ERROR:  syntax error\n" + p1 + "STATEMENT:  SELEC\n",
			"1 - SELECT 1",
		},
		{
			"cursor: the fetches that follow at once are one read",
			p1 + "LOG:  duration: 1.000 ms  statement: DECLARE c CURSOR FOR SELECT 1\n" + p1 + "LOG:  duration: 2.000 ms  statement: FETCH 10 FROM c\n" +
				p1 + "LOG:  duration: 4.000 ms  statement: FETCH 10 FROM c\n" + p2 + "LOG:  duration: 1.000 ms  statement: SELECT 2\n" +
				p1 + "LOG:  duration: 8.000 ms  statement: CLOSE c\n" + p1 + "LOG:  duration: 8.000 ms  statement: FETCH 10 FROM d\n",
			"1 - SELECT 2 1ms\n2 - DECLARE c CURSOR FOR SELECT 1 7ms batch\n2 - CLOSE c 8ms\n2 a FETCH ? FROM d 8ms batch",
		},
		{
			"cursor without durations",
			p1 + "LOG:  statement: DECLARE c CURSOR FOR SELECT 1\n" + p1 + "LOG:  statement: FETCH 10 FROM c\n" + p1 + "LOG:  statement: FETCH 10 FROM c\n" + p1 + "LOG:  statement: SELECT 2\n" + p1 + "LOG:  statement: FETCH 10 FROM c\n",
			"1 - DECLARE c CURSOR FOR SELECT 1 batch\n1 - SELECT 2\n1 a FETCH ? FROM c batch",
		},
		{
			"cursor in a two-line log",
			p1 + "LOG:  statement: DECLARE c CURSOR FOR SELECT 1\n" + p1 + "LOG:  duration: 1.000 ms\n" + p1 + "LOG:  statement: FETCH 10 FROM c\n" + p1 + "LOG:  duration: 2.000 ms\n" + p1 + "LOG:  statement: SELECT 2\n" + p1 + "LOG:  duration: 4.000 ms\n",
			"1 - DECLARE c CURSOR FOR SELECT 1 3ms batch\n1 - SELECT 2 4ms",
		},
		{
			"portal",
			p1 + "LOG:  duration: 1.000 ms  execute S_1/C_1: SELECT $1\n" + p1 + "DETAIL:  parameters: $1 = '1'\n" +
				p1 + "LOG:  duration: 2.000 ms  execute fetch from S_1/C_1: SELECT $1\n" + p1 + "DETAIL:  parameters: $1 = '1'\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: COMMIT\n",
			"1 a SELECT ? 3ms batch\n1 - COMMIT 1ms",
		},
		{
			"prepared by SQL",
			p1 + "LOG:  duration: 1.000 ms  statement: EXECUTE pp (7)\n" + p1 + "DETAIL:  prepare: PREPARE pp(int) AS SELECT x FROM t WHERE id = $1;\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: SELECT x FROM t WHERE id = 7\n",
			"1 a SELECT x FROM t WHERE id = ? 1ms\n1 a SELECT x FROM t WHERE id = ? 1ms",
		},
		{
			"a plan gives its rows to the statement after it; nested ones are left aside",
			p1 + "LOG:  duration: 0.500 ms  plan:\n\tQuery Text: SELECT 1 FROM ONLY \"x\" FOR KEY SHARE OF x\n\tSeq Scan on x  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=1 loops=1)\n" +
				p1 + "CONTEXT:  SQL statement \"SELECT 1 FROM ONLY x\"\n" +
				p1 + "LOG:  duration: 0.500 ms  plan:\n\tQuery Text: SELECT 'a\n\tSeq Scan  (cost=1 rows=3) (actual rows=9)' FROM t\n\tSeq Scan on t  (cost=0.00..1.00 rows=1 width=4) (actual time=0.1..0.2 rows=42 loops=1)\n\t  Filter: (id > 3)\n" +
				p1 + "LOG:  duration: 0.600 ms  statement: SELECT 'a\n\tSeq Scan  (cost=1 rows=3) (actual rows=9)' FROM t\n",
			"1 a SELECT ? FROM t 0.6ms 42 rows",
		},
		{
			"pid used again",
			p1 + "LOG:  connection received: host=x port=1\n" + p1 + "LOG:  connection authorized: user=a\n" + p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1\n" +
				p1 + "LOG:  connection received: host=x port=1\n" + p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1\n" +
				p1 + "LOG:  disconnection: session time: 0:00:00.1 user=a\n" + p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1\n",
			"1 - SELECT 1 1ms opened\n1 closed\n2 - SELECT 1 1ms opened\n2 closed\n3 - SELECT 1 1ms",
		},
		{
			"comments",
			p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1 /*route='books%2F',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'*/\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1 /*controller=\"a.views\",action='list'*/\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: /*application:Shop,controller:users,action:index*/ SELECT 1\n" +
				p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1 /*route='x%%2Fy'*/\n",
			"1 - SELECT 1 1ms /books/\n1 - SELECT 1 1ms a.views/list\n1 - SELECT 1 1ms users/index\n1 - SELECT 1 1ms /x/y",
		},
		{
			"foreign lines, NUL, changed prefix",
			"P00   INFO: archive-push command end\n" + p1 + "LOG:  duration: 1.000 ms  statement: SELECT 1, 'a\x00b'\n\nsome text\n\tmore\n" +
				"2026-11-22 07:06:21 UTC [11]: user=a,db=b,app=x, y LOG:  z,client=1.2.3.4 LOG:  duration: 1.000 ms  statement: SELECT 1\n",
			"1 a SELECT 1, ? 1ms\n1 - SELECT 1 1ms",
		},
		{
			"CRLF file",
			strings.ReplaceAll(p1+"LOG:  duration: 1.000 ms  statement: SELECT 'a\n\tb'\n"+p1+"LOG:  duration: 1.000 ms  statement: SELECT 'a\n\tb'\n", "\n", "\r\n"),
			"1 a SELECT ? 1ms\n1 a SELECT ? 1ms",
		},
		{
			"verbose",
			p1 + "LOG:  00000: duration: 1.000 ms  statement: SELECT 1\n" + p1 + "LOCATION:  exec_simple_query, postgres.c:1361\n",
			"1 - SELECT 1 1ms",
		},
		{
			"RDS's prefix with a zone of digits",
			"2026-11-22 07:06:20 -03:10.0.0.5(51234):app@shop:[123]:LOG:  duration: 1.000 ms  statement: SELECT 1\n2026-11-22 07:06:20 -03::@:[9]:LOG:  checkpoint starting: time\n" +
				"2026-11-22 07:06:20 -03:10.0.0.5(51234):app@shop:[123]:ERROR:  x\n",
			"1 - SELECT 1 1ms",
		},
		{
			"no way to tell sessions apart",
			"LOG:  connection received: host=x port=1\nLOG:  duration: 1.000 ms  statement: SELECT 1\nLOG:  disconnection: session time: 0:00:00.1 user=a\nLOG:  duration: 1.000 ms  statement: SELECT 1\n",
			"1 - SELECT 1 1ms\n1 - SELECT 1 1ms",
		},
		{
			"csv of version 12 and 13, json in another order",
			`2026-11-22 07:05:28.870 UTC,"a","b",14542,"127.0.0.1:53602",6b029438.38ce,3,"SELECT",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,"duration: 0.020 ms  statement: SELECT ""x"" = 'a` + "\n" + `2026-11-22 07:05:28.870 UTC,""a"",""b""'",,,,,,,,,"app"` + "\n" +
				`2026-11-22 07:05:28.870 UTC,"a","b",14542,"127.0.0.1:53602",6b029438.38ce,4,"SELECT",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,"duration: 0.020 ms  execute <unnamed>: SELECT $1","parameters: $1 = 'q""x'",,,,,,,,"app","client backend"` + "\n",
			"1 a SELECT \"x\" = ? 0.02ms opened\n1 b SELECT ? 0.02ms",
		},
		{
			"json",
			`{"message":"duration: 0.020 ms  statement: SELECT \"x\" = 'a\nb\\'","error_severity":"LOG","timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.38ce"}` + "\n" +
				"garbage\n" +
				`{"timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.38ce","error_severity":"LOG","message":"duration: 0.020 ms  execute <unnamed>: SELECT $1","detail":"Parameters: $1 = 'q\"x'"}` + "\n",
			"1 a SELECT \"x\" = ? 0.02ms opened\n1 b SELECT ? 0.02ms",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sameAnyhow(t, []byte(c.log), Options{})
			if got.short() != c.want {
				t.Errorf("want\n%s\ngot\n%s\n%+v %v", c.want, got.short(), got.sum, got.err)
			}
		})
	}
}

// TestDjangoForms: the text of Django's versions and common formatters.
func TestDjangoForms(t *testing.T) {
	for _, c := range []struct{ name, log, want string }{
		{
			"3.2", "(0.003) SELECT 1 WHERE \"a\" = 'x'; args=('x',)\n(0.001) SELECT 1 WHERE \"a\" = %s; args=('y',)\n(0.001) SELECT 1 WHERE \"a\" = %s; args=('z',)\n",
			"1 a SELECT 1 WHERE \"a\" = ? 3ms\n1 b SELECT 1 WHERE \"a\" = ? 1ms\n1 c SELECT 1 WHERE \"a\" = ? 1ms",
		},
		{
			"forged", "(0.003) SELECT 'a\n(9.000) DELETE FROM t; args=(); alias=default\nb'; args=(\"a; args=(1)\",); alias=default\n(0.000) COMMIT; args=None; alias=default\n",
			"1 a SELECT ? 3ms\n1 - COMMIT 0ms",
		},
		{
			"backslashes", "(0.003) SELECT E'it\\'s'; args=(); alias=default\n(0.003) SELECT E'it\\'s'; args=(); alias=default\n",
			"1 a SELECT ? 3ms\n1 a SELECT ? 3ms",
		},
		{
			"threads and other loggers",
			"DEBUG 2026-11-22 07:06:20,755 utils 12 140272646822784 (0.001) BEGIN; args=None; alias=default\n" +
				"INFO 2026-11-22 07:06:20,755 basehttp 12 140272646822784 \"GET / HTTP/1.1\" 200 12\n" +
				"DEBUG 2026-11-22 07:06:20,756 utils 12 140272646822785 (0.002) SELECT\n  1\nFROM t; args=(); alias=default\n" +
				"DEBUG 2026-11-22 07:06:20,757 utils 12 140272646822784 (0.001) COMMIT; args=None; alias=default\n",
			"1 - BEGIN 1ms\n2 - SELECT 1 FROM t 2ms\n1 - COMMIT 1ms",
		},
		{
			"executemany", "(0.003) INSERT INTO t (a) VALUES (%s); args=[(1,), (2,)]; alias=default\n(0.003) 2 times: INSERT INTO t (a) VALUES (%s); args=[(1,), (2,)]; alias=default\n",
			"1 a INSERT INTO t (a) VALUES (?) 3ms batch\n1 a INSERT INTO t (a) VALUES (?) 3ms batch",
		},
		{
			"colours", "\x1b[36mDEBUG\x1b[0m (0.003) \x1b[33mSELECT\x1b[39m 1; args=(); alias=default\n\x1b[36mDEBUG\x1b[0m (0.003) \x1b[33mSELECT\x1b[39m 1; args=(); alias=default\n",
			"1 - SELECT 1 3ms\n1 - SELECT 1 3ms",
		},
		{
			"json", `{"alias":"default","params":["a"],"extra":{"duration":0.0015,"sql":"SELECT \"a\" = %s"},"pid":1,"request_id":"abc"}` + "\n" + `{"message":"(0.002) SELECT 1; args=(); alias=default","pid":2}` + "\n" + `{"message":"GET /"}` + "\n",
			"1 a SELECT \"a\" = ? 1.5ms\n2 - SELECT 1 2ms",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := sameAnyhow(t, []byte(c.log), Options{})
			if got.short() != c.want {
				t.Errorf("want\n%s\ngot\n%s\n%+v %v", c.want, got.short(), got.sum, got.err)
			}
		})
	}
}
