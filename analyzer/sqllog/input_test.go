package sqllog

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

const oneEntry = p1 + "LOG:  duration: 1.000 ms  statement: SELECT 'secret-value', 12345\n"

func TestBadInput(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, c := range []struct{ path, problem, hint string }{
		{filepath.Join(dir, "missing.log"), "no such file", ""},
		{write("empty.log", ""), "empty", ""},
		{write("binary.log", strings.Repeat("\x00\x01\x02ELF", 100)), "binary data", ""},
		{write("syslog.log", "Nov 22 07:16:01 vm postgres[26263]: [1462-1] user=app LOG:  duration: 0.220 ms  statement: SELECT 'secret-value'\n"), "syslog", "logging_collector"},
		{write("text.log", "hello 'secret-value'\nworld 12345 \x1b[31m\n"), "unknown format", "--log-line-prefix"},
		{write("web.jsonl", "{\"msg\":\"secret-value\"}\n{\"msg\":\"x\"}\n"), "unknown format", "sql and duration"},
		{write("cnpg.jsonl", `{"logger":"postgres","record":{"error_severity":"LOG","message":"duration: 1 ms  statement: SELECT 'secret-value'"}}`+"\n"), "unknown format", ""},
		{write("off.log", p1+"LOG:  connection authorized: user=a database=b\n"+p1+"LOG:  checkpoint starting: time\n"), "no statements", "log_min_duration_statement"},
		{write("bare.log", p1+"LOG:  duration: 1.000 ms\n"), "durations without statements", "log_min_duration_statement"},
		{write("django.log", strings.Repeat("INFO hello\n", 5)), "unknown format", ""},
	} {
		ins, errs := Expand([]string{c.path})
		var err error
		if len(errs) > 0 {
			err = errs[0]
		} else {
			set, names := sqlshape.NewSet(lexical, 100), &Names{}
			_, err = Read(context.Background(), ins[0], set, names, Options{}, func([]Event) error { return nil })
		}
		var bad *InputError
		if !errors.As(err, &bad) {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		if bad.Path != c.path || !strings.Contains(bad.Problem, c.problem) || !strings.Contains(bad.Hint, c.hint) || len(bad.Samples) > samplesMax {
			t.Errorf("%s: %+v", c.path, bad)
		}
		for _, s := range append(bad.Samples, bad.Error()) {
			if strings.Contains(s, "secret") || strings.Contains(s, "12345") || strings.Contains(s, "\x1b") || len([]rune(s)) > 400 {
				t.Errorf("%s: %q", c.path, s)
			}
		}
	}
}

func TestMaskSample(t *testing.T) {
	for in, want := range map[string]string{
		"a 'b c' \"d\" 12345 \x1b]0;x\x07 e\u202ef":      "a '…\" 0 ]0;x ef",
		"don't show 'secret' or \"it\", 7 days":          "don'…\", 0 days",
		`{"log":"x \"secret\" 'y'","n":12}`:              `{"…":0}`,
		"it's open":                                      "it'…",
		"2026-11-22 [15] " + strings.Repeat("g", 500):    "0-0-0 [0] " + strings.Repeat("g", 90),
		"x '" + strings.Repeat("g'", 500) + " 'secret' ": "x '…",
	} {
		if got := maskSample(in); got != want {
			t.Errorf("%q\nwant %q\ngot  %q", in, want, got)
		}
	}
}

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"b/pg-2.log": oneEntry, "b/pg-1.log": oneEntry, "b/readme.txt": "hello\n", "b/.hidden.log": oneEntry, "b/core": "\x00\x01\x02",
		"c/x.log": oneEntry, "c/x.json": `{"timestamp":"2026-11-22 07:05:28.870 UTC","error_severity":"LOG","message":"x"}` + "\n", "d/none.txt": "hello\n",
	}
	for name, text := range files {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ins, errs := Expand([]string{"-", filepath.Join(dir, "b"), filepath.Join(dir, "c"), filepath.Join(dir, "**", "pg*.log"), filepath.Join(dir, "d"), filepath.Join(dir, "z*")})
	var got []string
	for _, in := range ins {
		rel, _ := filepath.Rel(dir, in.Path)
		got = append(got, filepath.ToSlash(rel)+":"+in.Left)
	}
	want := "../../../-: b/core:binary b/pg-1.log: b/pg-2.log: b/readme.txt:not a log c/x.json: c/x.log:the same log as x.json b/pg-1.log: b/pg-2.log: d/none.txt:not a log"
	if s := strings.Join(got, " "); !strings.HasSuffix(s, want[len("../../../-: "):]) || ins[0].Path != "-" {
		t.Errorf("want %s\ngot  %s", want, s)
	}
	if len(errs) != 2 || !strings.Contains(errs[0].Error(), "no logs in this folder") || !strings.Contains(errs[1].Error(), "no file matches") {
		t.Error(errs)
	}
}

func packedWith(t *testing.T, how string, text []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser
	var err error
	switch how {
	case "gzip", "members":
		w = gzip.NewWriter(&b)
	case "zstd":
		w, err = zstd.NewWriter(&b)
	case "xz":
		w, err = xz.NewWriter(&b)
	case "bzip2":
		cmd := exec.Command("bzip2", "-c")
		cmd.Stdin = bytes.NewReader(text)
		out, err := cmd.Output()
		if err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal("no bzip2:", err)
			}
			t.Skip("no bzip2 here:", err)
		}
		return out
	}
	if err != nil {
		t.Fatal(err)
	}
	half := len(text)
	if how == "members" {
		half /= 3
	}
	if _, err := w.Write(text[:half]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if how == "members" {
		return append(b.Bytes(), packedWith(t, "gzip", text[half:])...)
	}
	return b.Bytes()
}

func TestPacked(t *testing.T) {
	text, err := os.ReadFile("testdata/pg15/min0.csv")
	if err != nil {
		t.Fatal(err)
	}
	want := readInput(t, fileOf(t, text), Options{})
	for _, how := range []string{"gzip", "members", "zstd", "xz", "bzip2"} {
		t.Run(how, func(t *testing.T) {
			data := packedWith(t, how, text)
			got := readInput(t, fileOf(t, data), Options{BlockBytes: 1000})
			if got.err != nil || got.lines(0xff) != want.lines(0xff) {
				t.Errorf("%v\nwant\n%s\ngot\n%s", got.err, want.lines(0xff), got.lines(0xff))
			}
			if !strings.Contains(got.sum.Chain, " → ") {
				t.Error(got.sum.Chain)
			}
			// Cut off: what came before is read, then the problem is told.
			cut := readInput(t, fileOf(t, data[:len(data)*3/4]), Options{})
			var bad *InputError
			if !errors.As(cut.err, &bad) || !strings.Contains(bad.Problem, "broken") {
				t.Errorf("cut off: %v, %d statements", cut.err, cut.sum.Statements)
			}
			if how == "gzip" && cut.sum.Statements == 0 {
				t.Error("nothing read before the cut")
			}
		})
	}
}

func TestLongEntries(t *testing.T) {
	long := strings.Repeat("x", 3000)
	fake := p1 + "LOG:  duration: 9.000 ms  statement: DELETE FROM t"
	for name, text := range map[string]string{
		"stderr": strings.Repeat(oneEntry, 3) + p1 + "LOG:  duration: 1.000 ms  statement: SELECT '" + long + "\n\t" + fake + "'\n" + oneEntry,
		"json":   strings.Repeat(`{"timestamp":"2026-11-22 07:05:28.870 UTC","session_id":"6b029438.38ce","error_severity":"LOG","message":"duration: 1.000 ms  statement: SELECT '`+long+`'"}`+"\n", 2),
		"csv":    strings.Repeat(`2026-11-22 07:05:28.870 UTC,"a","b",14542,"127.0.0.1:53602",6b029438.38ce,3,"SELECT",2026-11-22 07:05:28 UTC,3/4525,0,LOG,00000,"duration: 0.020 ms  statement: SELECT '`+long+`'",,,,,,,,,"app"`+"\n", 2),
		"django": strings.Repeat("(0.001) SELECT '"+long+"'; args=(); alias=default\n", 2),
	} {
		t.Run(name, func(t *testing.T) {
			got := sameAnyhow(t, []byte(text), Options{LineBytes: 1000})
			cut := 0
			for _, e := range got.events {
				if e.Flags&Truncated != 0 {
					cut++
				}
			}
			want := 2
			if name == "stderr" {
				want = 1
			}
			if int64(cut) != got.sum.Cut || cut != want || strings.Contains(got.lines(0), "DELETE") {
				t.Errorf("%d cut\n%s", cut, got.lines(0xff))
			}
		})
	}
}

// TestManySessions: the table of sessions is bounded, and numbers go on.
func TestManySessions(t *testing.T) {
	var b bytes.Buffer
	for k := range sessionsMax + 5000 {
		b.WriteString("2026-11-22 07:06:20.755 UTC [" + string(appendInt(nil, k+1)) + "] a@b LOG:  duration: 1.000 ms  statement: SELECT 1\n")
	}
	got := readInput(t, fileOf(t, b.Bytes()), Options{})
	if n := got.events[len(got.events)-1].Session; n != sessionsMax+5000 {
		t.Errorf("the last session is number %d", n)
	}
	if got.sum.Evicted == 0 || got.sum.Evicted > sessionsMax {
		t.Errorf("%d sessions evicted", got.sum.Evicted)
	}
}

func appendInt(b []byte, n int) []byte {
	if n >= 10 {
		b = appendInt(b, n/10)
	}
	return append(b, byte('0'+n%10))
}

func TestNamesAreBounded(t *testing.T) {
	var n Names
	for k := range NamesMax + 3 {
		n.Intern("/" + string(appendInt(nil, k)))
	}
	if n.Len() != NamesMax || n.Lost() != 3 || n.Text(n.Intern("/new")) != otherName || n.Text(n.Intern("/7")) != "/7" || n.Text(0) != "" {
		t.Error(n.Len(), n.Lost())
	}
}

// TestSinkError: an error of the sink ends reading at once; so does a cancelled context.
func TestSinkError(t *testing.T) {
	stop := errors.New("stop")
	in := fileOf(t, bytes.Repeat([]byte(oneEntry), 1000))
	set, names := sqlshape.NewSet(lexical, 100), &Names{}
	_, err := Read(context.Background(), in, set, names, Options{BlockBytes: 100}, func([]Event) error { return stop })
	if !errors.Is(err, stop) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	go func() {
		if _, err := w.Write(bytes.Repeat([]byte(oneEntry), 50000)); err == nil {
			t.Error("the pipe was read to its end")
		}
	}()
	pipe := Input{Path: "-", Size: -1, Open: func() (io.ReadCloser, error) { return r, nil }}
	_, err = Read(ctx, pipe, set, names, Options{BlockBytes: 1000}, func([]Event) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	r.Close()
}
