package django

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"golang.org/x/tools/txtar"
)

// FuzzInspect: no Python, however mangled, crashes or stalls the interpreter.
func FuzzInspect(f *testing.F) {
	if !syntax.Available {
		f.Skip("no parser without cgo")
	}
	files, err := filepath.Glob("testdata/flow/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	var models string
	for _, name := range files {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, x := range archive.Files {
			switch {
			case strings.HasSuffix(x.Name, "models.py"):
				models = string(x.Data)
			case x.Name != "want":
				f.Add(string(x.Data), uint64(0))
				f.Add(string(x.Data), uint64(7))
			}
		}
	}
	root := f.TempDir()
	must := func(err error) {
		if err != nil {
			f.Fatal(err)
		}
	}
	must(os.MkdirAll(filepath.Join(root, "shop"), 0o755))
	must(os.WriteFile(filepath.Join(root, "shop", "models.py"), []byte(models), 0o644))
	f.Fuzz(func(t *testing.T, text string, seed uint64) {
		if len(text) > 20_000 {
			return
		}
		if err := os.WriteFile(filepath.Join(root, "shop", "views.py"), []byte(mangle(text, seed)), 0o644); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		p, err := Open(context.Background(), Options{Root: root, Workers: 1})
		if err != nil {
			t.Fatal(err)
		}
		ix := p.Inspect(context.Background(), Focus{})
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("took %v", took)
		}
		if ix.Lost == nil {
			t.Error("no counters")
		}
	})
}

// mangle moves lines and swaps words of a text, so that what parses means
// something else. Seed 0 leaves it.
func mangle(text string, seed uint64) string {
	if seed == 0 {
		return text
	}
	r := rand.New(rand.NewPCG(seed, 1))
	words := strings.FieldsFunc(text, func(c rune) bool { return !(c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') })
	lines := strings.SplitAfter(text, "\n")
	for range 1 + r.IntN(12) {
		if len(lines) < 2 || len(words) < 2 {
			break
		}
		switch i, j := r.IntN(len(lines)), r.IntN(len(lines)); r.IntN(4) {
		case 0:
			lines[i], lines[j] = lines[j], lines[i]
		case 1:
			lines[i] = strings.Replace(lines[i], words[r.IntN(len(words))], words[r.IntN(len(words))], 1)
		case 2:
			lines[i] = "    " + lines[i]
		case 3:
			lines[i] = strings.Replace(lines[i], words[r.IntN(len(words))], words[r.IntN(len(words))]+"("+words[r.IntN(len(words))]+")", 1)
		}
	}
	return strings.Join(lines, "")
}

// TestMangled runs the interpreter over many mangled texts.
func TestMangled(t *testing.T) {
	if !syntax.Available {
		t.Skip("no parser without cgo")
	}
	archive, err := txtar.ParseFile("testdata/flow/calls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var view string
	for _, f := range archive.Files {
		if f.Name == "shop/views.py" {
			view = string(f.Data)
		}
	}
	for i := range archive.Files {
		if archive.Files[i].Name == "want" {
			archive.Files[i].Data = nil
		}
	}
	rounds := uint64(60)
	if testing.Short() {
		rounds = 10
	}
	for seed := uint64(1); seed <= rounds; seed++ {
		for i := range archive.Files {
			if archive.Files[i].Name == "shop/views.py" {
				archive.Files[i].Data = []byte(mangle(view, seed))
			}
		}
		p := open(t, string(txtar.Format(archive)))
		if ix := p.Inspect(t.Context(), Focus{}); ix.Files == 0 {
			t.Fatal("nothing read")
		}
	}
}
