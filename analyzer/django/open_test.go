package django

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

// layOut lays a txtar archive out in a folder and returns it.
func layOut(t *testing.T, archive string) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		full := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// open reads a project given as a txtar archive.
func open(t *testing.T, archive string) *Project {
	t.Helper()
	p, err := Open(t.Context(), Options{Root: layOut(t, archive)})
	if err != nil {
		t.Fatal(err)
	}
	return p
}
