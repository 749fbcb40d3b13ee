package sqllog

import (
	"bytes"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

// fuzzFormat reads any bytes as one format, whole and cut at many places: the
// events must be the same.
func fuzzFormat(f *testing.F, format string, seeds ...string) {
	for _, s := range seeds {
		f.Add([]byte(s), uint16(64))
	}
	f.Fuzz(func(t *testing.T, text []byte, block uint16) {
		if len(text) > 1<<14 || len(text) == 0 {
			return
		}
		o := Options{Format: format, Workers: 1, BlockBytes: 1 << 20, LineBytes: 400}
		in := pipeOf("in", func() io.Reader { return bytes.NewReader(text) })
		want := readInput(t, in, o)
		o.Workers, o.BlockBytes = 3, int(block)%2000+16
		diff(t, fmt.Sprintf("blocks of %d", o.BlockBytes), want, readInput(t, in, o))
		o.Workers = 1
		half := pipeOf("in", func() io.Reader { return iotest.HalfReader(bytes.NewReader(text)) })
		diff(t, "half reads", want, readInput(t, half, o))
	})
}

func FuzzStderr(f *testing.F) {
	fuzzFormat(f, PostgresStderr, oneEntry+p2+"LOG:  duration: 1 ms  bind a: SELECT $1\n"+p2+"DETAIL:  parameters: $1 = 'a''b\n\tc'\n",
		p1+"LOG:  statement: SELECT 1\n"+p1+"LOG:  duration: 3.000 ms\n", p1+"LOG:  duration: 1.000 ms  plan:\n\tQuery Text: SELECT 1\n\tResult  (cost=0.00..0.01 rows=1 width=4)\n")
}

func FuzzCSV(f *testing.F) {
	head := `2026-11-22 07:05:28.870 UTC,"a","b",14542,"127.0.0.1:53602",6b029438.38ce,3,"SELECT",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,`
	f.Add([]byte("x"), uint16(1))
	fuzzFormat(f, PostgresCSV, head+`"duration: 0.020 ms  statement: SELECT ""x"", 'a`+"\n"+head+`""b""'",,,,,,,,,"app"`+"\n"+head+`"duration: 1 ms  execute a: SELECT $1","parameters: $1 = 'x'",,,,,,,,"app"`+"\n",
		head+`"duration: 0.020 ms  statement: SELECT "x`+"\n"+head+`"duration: 0.020 ms  statement: SELECT 1",,,,,,,,,"app"`+"\n")
}

func FuzzJSON(f *testing.F) {
	fuzzFormat(f, PostgresJSON, `{"timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.38ce","error_severity":"LOG","message":"duration: 1.000 ms  statement: SELECT \"a\", 'b\n\u0041\\'","detail":"x"}`+"\n{}\n",
		`{"message":"duration: 1 ms  plan:\n{\n  \"Query Text\": \"SELECT 1\",\n \"Actual Rows\": 3}","error_severity":"LOG"}`+"\n")
}

func FuzzDjango(f *testing.F) {
	fuzzFormat(f, Django, "DEBUG (0.003) SELECT 'a\nDEBUG (9.000) DELETE FROM t; args=(); alias=default\nb'; args=(); alias=default\nINFO x\nDEBUG (0.000) COMMIT; args=None; alias=default\n",
		"(0.003) SELECT 'it\\'s' -- it's\n; args=()\n(0.003) SELECT 1\n")
}

func FuzzDjangoJSON(f *testing.F) {
	fuzzFormat(f, DjangoJSON, `{"sql":"SELECT %s","duration":0.1,"params":["a"],"extra":{"alias":"x"}}`+"\n"+`{"message":"(0.002) SELECT 1; args=(); alias=default"}`+"\n")
}

// FuzzLiteral puts any text into a literal, as each format writes it: there is
// one statement with one argument, the same in all.
func FuzzLiteral(f *testing.F) {
	for _, s := range []string{"x", "\n" + oneEntry, "'\"\\\r\n\t/*c*/ -- $$", "\"\n2026-11-22 07:05:28.870 UTC,\"a\",\"b\",1,\"c\",6b.1,3,\"S\",,,,LOG,0,\"duration: 1 ms  statement: X\"\n", "\n(0.001) SELECT 2; args=(); alias=default\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		// What a server cannot log: NUL, and (in json) bytes that are no text.
		s = strings.ToValidUTF8(strings.ReplaceAll(s, "\x00", ""), "?")
		if len(s) > 1<<12 {
			return
		}
		sql := "SELECT a FROM t WHERE b = '" + strings.ReplaceAll(s, "'", "''") + "' AND c = 5"
		csvHead := `2026-11-22 07:05:28.870 UTC,"a","b",11,"127.0.0.1:53602",6b029438.b,3,"SELECT",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,`
		json := func(s string) string {
			var b strings.Builder
			for _, c := range []byte(s) {
				switch {
				case c == '"' || c == '\\':
					b.WriteString("\\" + string(c))
				case c == '\n':
					b.WriteString("\\n")
				case c < 0x20:
					fmt.Fprintf(&b, "\\u%04x", c)
				default:
					b.WriteByte(c)
				}
			}
			return b.String()
		}
		end := "duration: 2.000 ms  statement: COMMIT"
		logs := map[string]string{
			PostgresStderr: p1 + "LOG:  duration: 1.000 ms  statement: " + strings.ReplaceAll(sql, "\n", "\n\t") + "\n" + p1 + "LOG:  " + end + "\n",
			PostgresCSV:    csvHead + `"duration: 1.000 ms  statement: ` + strings.ReplaceAll(sql, `"`, `""`) + `",,,,,,,,,"app"` + "\n" + csvHead + `"` + end + `",,,,,,,,,"app"` + "\n",
			PostgresJSON: `{"timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.b","error_severity":"LOG","message":"duration: 1.000 ms  statement: ` + json(sql) + `"}` + "\n" +
				`{"timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.b","error_severity":"LOG","message":"` + end + `"}` + "\n",
			Django: "(0.001) " + sql + "; args=(1,); alias=default\n(0.002) COMMIT; args=None; alias=default\n",
		}
		var want []uint64
		for _, format := range []string{PostgresStderr, PostgresCSV, PostgresJSON, Django} {
			text := logs[format]
			for _, block := range []int{37, 1 << 20} {
				in := pipeOf("in", func() io.Reader { return strings.NewReader(text) })
				got := readInput(t, in, Options{Format: format, BlockBytes: block})
				if len(got.events) != 2 || got.events[1].Took != 2e6 || got.sum.Skipped != 0 {
					t.Fatalf("%s, blocks of %d: %+v\n%s\n%s", format, block, got.sum, got.short(), text)
				}
				args := []uint64{got.events[0].Args, uint64(got.events[0].Took)}
				if want == nil {
					want = args
				}
				if !reflect.DeepEqual(args, want) || got.shapes[0] != "SELECT a FROM t WHERE b = ? AND c = ?" {
					t.Fatalf("%s: args %x, want %x, shape %q\n%s", format, args, want, got.shapes[0], text)
				}
			}
		}
	})
}

// FuzzPrefix compiles any prefix and matches any line.
func FuzzPrefix(f *testing.F) {
	f.Add("%m [%p] %q%u@%d ", p1+"LOG:  x")
	f.Add("%u%a,%a%-5p%c%v", strings.Repeat(",", 50)+"LOG:  x")
	f.Fuzz(func(t *testing.T, text, line string) {
		guessPrefix(severityLines([][]byte{[]byte(line)}))
		m, err := compile(text)
		if err != nil {
			return
		}
		var c clock
		var p, q prefix
		var memo prefixMemo
		ok := m.match([]byte(line), &c, &p)
		if ok && (p.body < 0 || p.body > len(line)) {
			t.Fatalf("message at %d of %d", p.body, len(line))
		}
		for range 2 { // the second time from the memo
			if m.matchFast([]byte(line), &c, &q, &memo) != ok || ok && (p.body != q.body || p.key != q.key || p.at != q.at) {
				t.Fatalf("%+v %+v", p, q)
			}
		}
	})
}

// FuzzParts feeds the small parsers.
func FuzzParts(f *testing.F) {
	f.Add([]byte("Query Text: SELECT 1\nResult  (cost=0) (actual rows=2.00 loops=1)"))
	f.Add([]byte("route='a%2F',traceparent='00-5bd66ef5095369c7b0d1f8f4bd33716a-c532cb4098ac3dd2-01'"))
	f.Add([]byte("parameters: $1 = 'a''b', $2 = NULL"))
	f.Add([]byte("<Query-Text>a &lt; b</Query-Text><Actual-Rows>3</Actual-Rows>"))
	f.Fuzz(func(t *testing.T, b []byte) {
		readPlan(b)
		tags := readTags(b)
		tags.unitID()
		if name := tags.endpoint(); len(name) > nameBytes || strings.ContainsAny(name, "\x00\x1b\n\r") {
			t.Fatalf("name %q", name)
		}
		parameters(b)
		preparedText(b)
		if s := maskSample(string(b)); len([]rune(s)) > sampleRunes || strings.ContainsAny(s, "\x00\x1b\n\r123456789") {
			t.Fatalf("sample %q", s)
		}
		decodeJSON(nil, b)
		decodeCSV(nil, b)
	})
}
