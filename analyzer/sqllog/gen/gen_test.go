package gen

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strings"
	"testing"
)

func logOf(t *testing.T, f Format, size int64) (string, int64) {
	t.Helper()
	var b bytes.Buffer
	n, err := New(3).Write(&b, size, f)
	if err != nil {
		t.Fatal(err)
	}
	if int64(b.Len()) < size || int64(b.Len()) > size+64<<10 {
		t.Errorf("%s: %d bytes, asked for %d", f, b.Len(), size)
	}
	return b.String(), n
}

func TestSameSeedSameBytes(t *testing.T) {
	a, _ := logOf(t, Stderr, 1<<20)
	b, _ := logOf(t, Stderr, 1<<20)
	if a != b {
		t.Error("two runs differ")
	}
}

// TestFormatsAgree reads the statements back with other people's readers.
func TestFormatsAgree(t *testing.T) {
	var want []string
	text, n := logOf(t, Stderr, 1<<20)
	for _, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		if strings.HasPrefix(l, "\t") {
			want[len(want)-1] += "\n" + l[1:]
			continue
		}
		_, message, _ := strings.Cut(l, "LOG:  ")
		want = append(want, message)
	}
	if int64(len(want)) != n {
		t.Fatalf("%d entries, %d statements", len(want), n)
	}
	for _, f := range []Format{CSV, JSON} {
		text, _ := logOf(t, f, 1<<20)
		got := messages(t, f, text)
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("%s entry %d\n got %q\nwant %q", f, i, got[i], want[i])
			}
		}
	}
}

func messages(t *testing.T, f Format, text string) (list []string) {
	t.Helper()
	if f == CSV {
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if len(r) != 26 {
				t.Fatalf("%d columns", len(r))
			}
			list = append(list, r[13])
		}
		return list
	}
	for dec := json.NewDecoder(strings.NewReader(text)); ; {
		var e struct{ Message string }
		if err := dec.Decode(&e); err == io.EOF {
			return list
		} else if err != nil {
			t.Fatal(err)
		}
		list = append(list, e.Message)
	}
}

func BenchmarkWrite(b *testing.B) {
	for f := range formats {
		b.Run(f.String(), func(b *testing.B) {
			g := New(1)
			const size = 4 << 20
			b.SetBytes(size)
			for b.Loop() {
				if _, err := g.Write(io.Discard, size, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
