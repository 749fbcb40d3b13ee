package syntax

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// source is one file of the corpus.
type source struct {
	path string
	text []byte
}

// corpus reads the Python files under ORMLINT_DJANGO, in CI those of the newest
// Django from pip.
func corpus(tb testing.TB) []source {
	tb.Helper()
	root := os.Getenv("ORMLINT_DJANGO")
	if root == "" {
		if os.Getenv("CI") == "" {
			tb.Skip("ORMLINT_DJANGO names no folder with Django's source")
		}
		root = download(tb)
	}
	var list []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") {
			return err
		}
		text, err := os.ReadFile(path)
		list = append(list, source{path, text})
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	if len(list) == 0 {
		tb.Fatalf("no Python under %s", root)
	}
	return list
}

// download installs Django in a folder of its own.
func download(tb testing.TB) string {
	tb.Helper()
	home, target := tb.TempDir(), tb.TempDir()
	for _, args := range [][]string{
		{"python3", "-m", "venv", home},
		{home + "/bin/pip", "install", "-q", "--no-deps", "--target", target, "Django"},
	} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			tb.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return filepath.Join(target, "django")
}

// BenchmarkParse says how fast Django's own source is parsed on one CPU, and
// how many times as long as reading the files it takes.
func BenchmarkParse(b *testing.B) {
	if !Available {
		b.Skip("built without cgo")
	}
	files := corpus(b)
	var size int64
	start := time.Now()
	for _, f := range files {
		text, err := os.ReadFile(f.path)
		if err != nil {
			b.Fatal(err)
		}
		size += int64(len(text))
	}
	reading := time.Since(start)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, f := range files {
			Parse(f.path, f.text)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(reading), "x-reading")
}

// TestDjango parses every file of Django: all of it is Python but for the
// files that are broken on purpose.
func TestDjango(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	for _, s := range corpus(t) {
		f := Parse(s.path, s.text)
		broken := strings.Contains(filepath.Base(s.path), "broken") || strings.Contains(filepath.Base(s.path), "syntax_error")
		if len(f.Errors) > 0 && !broken {
			line, column := f.Line(f.Errors[0].Start)
			t.Errorf("%s:%d:%d: %s", s.path, line, column, f.Errors[0].Msg)
		}
	}
}
