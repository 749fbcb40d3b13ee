package sqlshape

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"sync"
	"testing"

	"github.com/ormlint/ormlint/analyzer/sqllog/gen"
)

// encode writes sql as a log of that encoding has it, up to and after the
// closing quote.
func encode(sql []byte, enc Encoding) []byte {
	switch enc {
	case JSON:
		b := []byte(nil)
		for _, c := range sql { // as PostgreSQL does
			switch {
			case c == '"' || c == '\\':
				b = append(b, '\\', c)
			case c == '\n':
				b = append(b, `\n`...)
			case c == '\t':
				b = append(b, `\t`...)
			case c == '\r':
				b = append(b, `\r`...)
			case c < ' ':
				b = fmt.Appendf(b, `\u%04x`, c)
			default:
				b = append(b, c)
			}
		}
		return append(b, `","application_name":"x"}`...)
	case CSV:
		return append(bytes.ReplaceAll(sql, []byte(`"`), []byte(`""`)), `",,,"x"`+"\n"+`"y"`...)
	}
	return sql
}

// uncached scans without the prefix cache.
func uncached(s *Scanner, b []byte, enc Encoding) Statement {
	s.heads.pause = 1 << 30
	return s.Scan(b, enc)
}

// same compares what two Scanners found, by shape and not by local number.
func same(t *testing.T, what string, sql []byte, a, b *Scanner, x, y Statement) {
	t.Helper()
	if h, g := a.Shape(x.Index), b.Shape(y.Index); h != g || x.Args != y.Args || x.Placeholders != y.Placeholders || string(x.Comment) != string(y.Comment) {
		t.Fatalf("%s: %q\n%x %+v\n%q\n%x %+v\n%q", what, sql, h.Hash, x, h.Text, g.Hash, y, g.Text)
	}
}

const noise = "'\"(),$%?:-/*[] 0aE.;\\\n\t\r=…N"

// TestEncodingsAgree: cached = uncached = JSON = CSV, for statements as they
// are and mangled ones.
func TestEncodingsAgree(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	set := NewSet(func(string) (Facts, error) { return Facts{}, nil }, 1<<20)
	scanners := [encodings]*Scanner{}
	for e := range scanners {
		scanners[e] = NewScanner(set, Postgres)
	}
	plain := NewScanner(set, Postgres)
	g := gen.New(7)
	known := statements(t)
	n := 60_000
	if testing.Short() {
		n = 10_000
	}
	for k := range n {
		q := g.SQL(nil, k%4 == 0)
		if k%9 == 0 {
			q = []byte(known[r.Intn(len(known))])
		}
		if k%11 == 0 {
			q = append([]byte("/* route='a\"b',x='"+fmt.Sprint(k)+"' */ "), q...)
		}
		if k%3 == 0 {
			for range 1 + r.Intn(3) {
				q[r.Intn(len(q))] = noise[r.Intn(len(noise))]
			}
		}
		if k%7 == 0 {
			q = q[:r.Intn(len(q)+1)]
		}
		want := uncached(plain, q, Plain)
		for e, s := range scanners {
			b := encode(q, Encoding(e))
			got := s.Scan(b, Encoding(e))
			same(t, fmt.Sprint("encoding ", e), q, plain, s, want, got)
			if end := len(encode(q, Encoding(e))) - len(encode(nil, Encoding(e))); got.End != end {
				t.Fatalf("encoding %d: %q ends at %d, want %d", e, b, got.End, end)
			}
		}
	}
	for e, s := range scanners {
		if s.heads.bytes == 0 {
			t.Errorf("encoding %d: nothing was cached", e)
		}
	}
}

func TestUnescape(t *testing.T) {
	for _, want := range []string{"SELECT 'a\x01\x1fb'", "SELECT 'ü€😀'", `SELECT '\u0041\'`, "SELECT '\r\n\t\b\f'", "SELECT '\x7f/'"} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		ascii := []byte(nil) // another writer: everything escaped
		for _, r := range want {
			if r > 0xffff {
				ascii = fmt.Appendf(ascii, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
				continue
			}
			ascii = fmt.Appendf(ascii, `\u%04X`, r)
		}
		for _, e := range [][]byte{b[1:], append(ascii, '"')} {
			end, _ := closing(e, JSON)
			if got := decode(nil, e[:end], JSON); string(got) != want {
				t.Errorf("%s: %q, want %q", e, got, want)
			}
		}
	}
	for in, want := range map[string]string{`a\ud800b`: "a\uFFFDb", `a\ud800\u0041`: "a\uFFFDA", `\u12`: "u12", `a\`: "a", `\/\q`: "/q"} {
		if got := decode(nil, []byte(in), JSON); string(got) != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func TestComment(t *testing.T) {
	s := NewScanner(NewSet(nil, 0), Postgres)
	for _, c := range []struct{ sql, want string }{
		{`SELECT 1 /*route='a%2Fb'*/`, `route='a%2Fb'`},
		{`/* app:shop */ SELECT 1`, ` app:shop `},
		{`/* app:shop */ SELECT 1 -- request_id:7`, ` request_id:7`},
		{`SELECT '/*a=1*/' /* plain */`, ``},
		{`SELECT /*+ SeqScan(a=b) */ 1`, ``},
		{`SELECT x /* a='"q"' */ FROM t /* note */`, ` a='"q"' `},
	} {
		for e := range encodings {
			for range 2 { // the second time perhaps from the cache
				long := strings.Replace(c.sql, "1", `1 AS "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"`, 1)
				for _, q := range []string{c.sql, long} {
					if got := s.Scan(encode([]byte(q), e), e).Comment; string(got) != c.want {
						t.Errorf("encoding %d: %s: comment %q, want %q", e, q, got, c.want)
					}
				}
			}
		}
	}
}

// TestCommentsKeepTheCache: tags that differ with each request, before or
// after the statement, must not cost the prefix cache its hits.
func TestCommentsKeepTheCache(t *testing.T) {
	const q = `SELECT "shop_model1"."id", "shop_model1"."name", "shop_model1"."created_at" FROM "shop_model1"`
	for _, form := range []string{"/*id=%d*/ " + q, q + " /*id=%d*/", q + ` WHERE "shop_model1"."id" = 5 /*id=%d*/`} {
		for e := range encodings {
			s := NewScanner(NewSet(nil, 0), Postgres)
			const n = 1000
			for k := range n {
				s.Scan(encode(fmt.Appendf(nil, form, k), e), e)
			}
			if s.heads.hits != n-1 {
				t.Errorf("encoding %d: %s: %d hits of %d", e, form, s.heads.hits, n)
			}
		}
	}
}

// TestCacheGivesUp: when heads do not repeat the cache stays small and pauses.
func TestCacheGivesUp(t *testing.T) {
	s := NewScanner(NewSet(nil, 10), Postgres)
	for k := range 3 * headWindow {
		s.Scan(fmt.Appendf(nil, `SELECT "t%d"."id", "t%d"."name", "t%d"."created_at", "t%d"."owner_id" FROM "t%d" WHERE "t%d"."id" = %d`, k, k, k, k, k, k, k), Plain)
	}
	if s.heads.pause == 0 || s.heads.bytes != 0 {
		t.Errorf("pause %d, %d bytes", s.heads.pause, s.heads.bytes)
	}
	long := bytes.Repeat([]byte("x"), headMax-100)
	for k := range 400 {
		s.heads.pause = 0
		s.Scan(fmt.Appendf(nil, `SELECT a%d FROM t, "%s" WHERE x = %d`, k, long, k), Plain)
		if s.heads.bytes > headBytes {
			t.Fatalf("cache holds %d bytes", s.heads.bytes)
		}
	}
}

func TestScanDoesNotAllocate(t *testing.T) {
	g := gen.New(5)
	for e := range encodings {
		s := NewScanner(NewSet(nil, 0), Postgres)
		var list [][]byte
		for k := range 3000 {
			list = append(list, encode(g.SQL(nil, k%4 == 0), e))
		}
		for range 3 {
			for _, q := range list {
				s.Scan(q, e)
			}
		}
		k := 0
		if n := testing.AllocsPerRun(len(list), func() { s.Scan(list[k%len(list)], e); k++ }); n != 0 {
			t.Errorf("encoding %d: %v allocations a statement", e, n)
		}
	}
}

func TestSetNumbers(t *testing.T) {
	set := NewSet(nil, 2)
	a, b, c := set.Add("SELECT 1 FROM a"), set.Add("SELECT 1 FROM b"), set.Add("SELECT 1 FROM c")
	if set.Number(b) != 1 || set.Number(a) != 2 || set.Number(c) != Other || set.Number(b) != 1 || set.Len() != 2 || set.Others() != 1 {
		t.Errorf("%d numbered, %d others", set.Len(), set.Others())
	}
	if set.Shape(1) != b || set.Shape(2) != a || set.Shape(Other).Text != "(other)" || set.Shape(99).Text != "(other)" {
		t.Error("wrong shapes")
	}
	if d := set.Add("SELECT 1 FROM d"); set.Number(d) != Other || len(set.byHash) != 3 {
		t.Errorf("a full Set took %q", d.Text)
	}
	if set.Add("SELECT 1  FROM a") != a {
		t.Error("a known shape is lost")
	}
}

// TestSetParsesOnce: however many workers meet a shape, it is parsed once.
func TestSetParsesOnce(t *testing.T) {
	var mu sync.Mutex
	parsed := map[string]int{}
	set := NewSet(func(sql string) (Facts, error) {
		mu.Lock()
		defer mu.Unlock()
		parsed[sql]++
		return Facts{Kind: Select}, nil
	}, 0)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			s, g := NewScanner(set, Postgres), gen.New(9)
			for k := range 5000 {
				if sh := s.Shape(s.Scan(g.SQL(nil, k%4 == w), Plain).Index); sh.Kind != Select {
					t.Errorf("%q not parsed", sh.Text)
				}
			}
		})
	}
	wg.Wait()
	for sql, n := range parsed {
		if n != 1 {
			t.Errorf("%q parsed %d times", sql, n)
		}
	}
	if len(parsed) < 300 {
		t.Errorf("only %d shapes", len(parsed))
	}
}

// TestRescan: the printed form has the hash of the statement it came from, so
// that a shape read from a report is the same shape.
func TestRescan(t *testing.T) {
	set := NewSet(nil, 0)
	g := gen.New(2)
	list := statements(t)
	for k := range 5000 {
		list = append(list, string(g.SQL(nil, k%4 == 0)))
	}
	for _, sql := range list {
		sh := set.Add(sql)
		if again := set.Add(sh.Text); again != sh {
			t.Errorf("%s\nagain %s\n%x %x", sh.Text, again.Text, sh.Hash, again.Hash)
		}
	}
}

func TestAlike(t *testing.T) {
	set := NewSet(nil, 0)
	for _, group := range [][]string{
		{`SELECT a FROM t WHERE b = 1`, `SELECT a FROM t WHERE b = '1'`, `SELECT a FROM t WHERE b = $1`, `SELECT a FROM t WHERE b = %s`, `SELECT a FROM t WHERE b = %(x)s`, `SELECT a FROM t WHERE b = -1`, `SELECT a FROM t WHERE b = '1'::int`, `SELECT a FROM t WHERE b = $$1$$`, "SELECT a\nFROM t -- x\n WHERE b = 1;"},
		{`SELECT a FROM t WHERE b IN (1, 2)`, `SELECT a FROM t WHERE b IN ('x','y','z')`, `SELECT a FROM t WHERE b IN ($1, $2, NULL)`},
		{`SELECT a FROM t WHERE b IN (1)`, `SELECT a FROM t WHERE b IN ('x'::uuid)`},
		{`SELECT a FROM t LIMIT 21`, `SELECT a FROM t LIMIT 21 ;`},
		{`SELECT a FROM t LIMIT 20`},
		{`SELECT a FROM t LIMIT 5 OFFSET 20`, `SELECT a FROM t LIMIT 5 OFFSET 40`},
		{`SELECT a FROM t LIMIT 5 OFFSET 2000`, `SELECT a FROM t LIMIT 5 OFFSET 40000`},
		{`INSERT INTO t (a, b) VALUES (1, 2)`},
		{`INSERT INTO t (a, b) VALUES (1, 2), (NULL, 3)`, `INSERT INTO t (a, b) VALUES (1, 2), (2, 3), (DEFAULT, 'x')`},
		{`SAVEPOINT "s1_x1"`, `SAVEPOINT "s22_x3"`},
	} {
		first := set.Add(group[0])
		for _, sql := range group[1:] {
			if sh := set.Add(sql); sh != first {
				t.Errorf("%s\nis not %s", sh.Text, first.Text)
			}
		}
	}
	if len(set.byHash) != 10 {
		t.Errorf("%d shapes", len(set.byHash))
	}
}

func TestArgs(t *testing.T) {
	s := NewScanner(NewSet(nil, 0), Postgres)
	args := func(sql string) uint64 { return s.Scan([]byte(sql), Plain).Args }
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{`SELECT a FROM t WHERE b = 1 AND c = 2`, `SELECT a FROM t WHERE b = 2 AND c = 1`, false},
		{`SELECT a FROM t WHERE b = -1`, `SELECT a FROM t WHERE b = 1`, false},
		{`SELECT a FROM t WHERE b IN (1, 2)`, `SELECT a FROM t WHERE b IN (1, 3)`, false},
		{`SELECT a FROM t WHERE b IN (1, 2)`, `SELECT a  FROM t WHERE b IN (1,2)`, true},
		{`SELECT a FROM t WHERE b = 1 LIMIT 21`, `SELECT a FROM t WHERE b = 1 LIMIT 5`, true},
		{`SELECT a FROM t LIMIT 5 OFFSET 20`, `SELECT a FROM t LIMIT 5 OFFSET 40`, false},
		{`SELECT a FROM t LIMIT 5000`, `SELECT a FROM t LIMIT 6000`, false},
		{`SELECT 1 AS a FROM t`, `SELECT 2 AS a FROM t`, true},
		{`SELECT a FROM t WHERE b LIKE '%x'`, `SELECT a FROM t WHERE b LIKE '%y'`, false},
		{`INSERT INTO t VALUES (1, NULL), (2, 3)`, `INSERT INTO t VALUES (1, 2), (NULL, 3)`, false},
		{`SELECT a FROM t WHERE b = 1 /*id='7'*/`, `SELECT a FROM t WHERE b = 1 /*id='8'*/`, true},
	} {
		if (args(c.a) == args(c.b)) != c.same {
			t.Errorf("%s | %s: same = %v", c.a, c.b, !c.same)
		}
	}
	if MixArgs(MixArgs(0, []byte("1")), []byte("2")) == MixArgs(MixArgs(0, []byte("2")), []byte("1")) {
		t.Error("MixArgs forgets the order")
	}
}
