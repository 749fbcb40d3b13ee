package django

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestFlow compares what Inspect finds in small projects with what their
// archives say.
func TestFlow(t *testing.T) {
	if !syntax.Available {
		t.Skip("no parser without cgo")
	}
	files, err := filepath.Glob("testdata/flow/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no archives", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var want string
			var rest []txtar.File
			for _, f := range archive.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				rest = append(rest, f)
			}
			archive.Files = rest
			p := open(t, string(txtar.Format(archive)))
			got := dump(p.Inspect(t.Context(), Focus{}), p.Text)
			if *update {
				archive.Files = append(rest, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("got\n%s", firstDifference(got, want))
			}
		})
	}
}

// firstDifference shows the first lines that differ.
func firstDifference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range g {
		if i >= len(w) || g[i] != w[i] {
			end := min(i+3, len(g))
			text := strings.Join(g[i:end], "\n")
			if i < len(w) {
				text += "\nwant\n" + strings.Join(w[i:min(i+3, len(w))], "\n")
			}
			return text
		}
	}
	return "less than wanted"
}

// TestInspectWorkers: the same project gives the same Index, however many read it.
func TestInspectWorkers(t *testing.T) {
	if !syntax.Available {
		t.Skip("no parser without cgo")
	}
	archive, err := os.ReadFile("testdata/flow/calls.txtar")
	if err != nil {
		t.Fatal(err)
	}
	root := layOut(t, string(archive))
	var first string
	for _, workers := range []int{1, 2, 7} {
		p, err := Open(t.Context(), Options{Root: root, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		got := dump(p.Inspect(t.Context(), Focus{}), p.Text)
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("%d workers: got\n%s", workers, firstDifference(got, first))
		}
	}
}
