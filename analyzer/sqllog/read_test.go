package sqllog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

func lexical(sql string) (sqlshape.Facts, error) { return sqlshape.Extract(sql), nil }

// outcome is all that a run may tell.
type outcome struct {
	events []Event
	sum    Summary
	shapes []string
	names  []string
	err    error
}

// readInput reads in with o and checks what must hold for any input.
func readInput(t testing.TB, in Input, o Options) outcome {
	t.Helper()
	set, names := sqlshape.NewSet(lexical, 100000), &Names{}
	var out outcome
	var seen int64
	o.Progress = func(n int64) {
		if n < seen {
			t.Errorf("progress went back from %d to %d", seen, n)
		}
		seen = n
	}
	out.sum, out.err = Read(context.Background(), in, set, names, o, func(e []Event) error {
		out.events = append(out.events, e...)
		return nil
	})
	statements := int64(0)
	for _, e := range out.events {
		if e.Flags&Closed == 0 {
			statements++
		}
		if int64(e.Line) < 1 || int64(e.Line) > out.sum.Lines+1 {
			t.Errorf("line %d of %d", e.Line, out.sum.Lines)
		}
		if e.Session == 0 {
			t.Error("event without a session")
		}
	}
	if statements != out.sum.Statements {
		t.Errorf("%d events, Summary says %d", statements, out.sum.Statements)
	}
	for i := 1; i <= set.Len(); i++ {
		out.shapes = append(out.shapes, set.Shape(sqlshape.ID(i)).Text)
	}
	for i := 1; i <= names.Len(); i++ {
		out.names = append(out.names, names.Text(NameID(i)))
	}
	return out
}

// fileOf writes text to a file and gives it as an input.
func fileOf(t testing.TB, text []byte) Input {
	t.Helper()
	p := filepath.Join(t.TempDir(), "in.log")
	if err := os.WriteFile(p, text, 0o600); err != nil {
		t.Fatal(err)
	}
	ins, errs := Expand([]string{p})
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	return ins[0]
}

// pipeOf gives text as a stream.
func pipeOf(path string, r func() io.Reader) Input {
	return Input{Path: path, Size: -1, Open: func() (io.ReadCloser, error) { return io.NopCloser(r()), nil }}
}

// lines gives an outcome by session, for people and for comparing formats.
func (o *outcome) lines(flags Flag) string {
	seq := map[uint32][]string{}
	var order []uint32
	for _, e := range o.events {
		text := "closed"
		if e.Flags&Closed == 0 && e.Shape > 0 {
			text = o.shapes[e.Shape-1]
		}
		name := ""
		if e.Name > 0 {
			name = o.names[e.Name-1]
		}
		if seq[e.Session] == nil {
			order = append(order, e.Session)
		}
		seq[e.Session] = append(seq[e.Session], fmt.Sprintf("%016x %dus rows=%d flags=%d unit=%x name=%s %s", e.Args, e.Took/1000, e.Rows, e.Flags&flags, e.Unit, name, text))
	}
	var b strings.Builder
	for _, s := range order {
		fmt.Fprintf(&b, "session %d\n\t%s\n", s, strings.Join(seq[s], "\n\t"))
	}
	return b.String()
}

// sameAnyhow checks that the number of workers, the block size and the way of
// reading change nothing.
func sameAnyhow(t *testing.T, text []byte, o Options) outcome {
	t.Helper()
	o.Workers, o.BlockBytes = 1, 1<<20
	in := fileOf(t, text)
	want := readInput(t, in, o)
	for k, block := range []int{64, 100, 333, 1024, 4096, 65536, 64, 777} {
		o.Workers, o.BlockBytes = 1+k%4, block
		got := readInput(t, in, o)
		diff(t, fmt.Sprintf("file, %d workers, blocks of %d", o.Workers, block), want, got)
	}
	readers := map[string]func() io.Reader{
		"pipe":      func() io.Reader { return bytes.NewReader(text) },
		"half":      func() io.Reader { return iotest.HalfReader(bytes.NewReader(text)) },
		"data+EOF":  func() io.Reader { return iotest.DataErrReader(bytes.NewReader(text)) },
		"one bytes": func() io.Reader { return iotest.OneByteReader(bytes.NewReader(text)) },
	}
	for name, r := range readers {
		o.Workers, o.BlockBytes = 2, 777
		got := readInput(t, pipeOf(in.Path, r), o)
		diff(t, name, want, got)
	}
	return want
}

func diff(t *testing.T, how string, want, got outcome) {
	t.Helper()
	if !reflect.DeepEqual(want.events, got.events) {
		t.Fatalf("%s: events differ\nwant\n%s\ngot\n%s", how, want.lines(0xff), got.lines(0xff))
	}
	if !reflect.DeepEqual(want.sum, got.sum) || !reflect.DeepEqual(want.shapes, got.shapes) || !reflect.DeepEqual(want.names, got.names) {
		t.Fatalf("%s:\nwant %+v %q %q\ngot  %+v %q %q", how, want.sum, want.shapes, want.names, got.sum, got.shapes, got.names)
	}
}

// TestCaptures reads logs of a real server (and of Django) in testdata.
func TestCaptures(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*")
	if err != nil || len(files) == 0 {
		t.Fatal("no captures", err)
	}
	for _, p := range files {
		if strings.HasSuffix(p, ".want") || strings.HasPrefix(filepath.ToSlash(p), "testdata/fuzz/") {
			continue
		}
		t.Run(filepath.ToSlash(strings.TrimPrefix(p, "testdata/")), func(t *testing.T) {
			text, err := os.ReadFile(p)
			if err != nil {
				t.Fatal(err)
			}
			got := sameAnyhow(t, text, Options{})
			var bad *InputError
			if got.err != nil && !errors.As(got.err, &bad) {
				t.Fatal(got.err)
			}
		})
	}
}

// TestOneServerThreeFormats: stderr, csv and json of one run tell the same of
// each session.
func TestOneServerThreeFormats(t *testing.T) {
	logs, _ := filepath.Glob("testdata/pg15/*.log")
	if len(logs) == 0 {
		t.Fatal("no captures")
	}
	for _, p := range logs {
		t.Run(filepath.Base(p), func(t *testing.T) {
			var want string
			for k, ext := range []string{".log", ".csv", ".json"} {
				text, err := os.ReadFile(strings.TrimSuffix(p, ".log") + ext)
				if err != nil {
					t.Fatal(err)
				}
				o := readInput(t, fileOf(t, text), Options{})
				if o.sum.Skipped > 0 {
					t.Errorf("%s: %d skipped: %v", ext, o.sum.Skipped, o.sum.Problems)
				}
				got := o.lines(^Opened)
				if k == 0 {
					want = got
				} else if got != want {
					t.Errorf("%s differs from .log\nwant\n%s\ngot\n%s", ext, want, got)
				}
			}
		})
	}
}
