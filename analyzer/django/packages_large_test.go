//go:build cgo

package django

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// largePackages are Django itself and what people built with it, with the
// folders that they install.
var largePackages = []struct{ name, folder string }{
	{"Django", "django"},
	{"wagtail", "wagtail"},
	{"django-oscar", "oscar"},
	{"djangorestframework", "rest_framework"},
	{"django-cms", "cms"},
	{"django-allauth", "allauth"},
	{"Mezzanine", "mezzanine"},
	{"django-import-export", "import_export"},
	{"nautobot", "nautobot"},
	{"pretix", "pretix"},
	{"pulpcore", "pulpcore"},
	{"django-machina", "machina"},
	{"mayan-edms", "mayan"},
	{"kolibri", "kolibri"},
}

// packageFolders are the folders that ORMLINT_PACKAGES names, or in CI those of
// largePackages from pip.
func packageFolders(t *testing.T) []string {
	t.Helper()
	if list := filepath.SplitList(os.Getenv("ORMLINT_PACKAGES")); len(list) > 0 {
		return list
	}
	if os.Getenv("CI") == "" {
		t.Skip("ORMLINT_PACKAGES names no folders")
	}
	home, target := t.TempDir(), t.TempDir()
	if out, err := exec.Command("python3", "-m", "venv", home).CombinedOutput(); err != nil {
		t.Fatalf("venv: %v\n%s", err, out)
	}
	var list []string
	for _, p := range largePackages {
		folder := filepath.Join(target, p.folder)
		args := []string{"install", "-q", "--no-deps", "--only-binary", ":all:", "--target", folder, p.name}
		if out, err := exec.Command(home+"/bin/pip", args...).CombinedOutput(); err != nil {
			t.Errorf("pip %s: %v\n%s", p.name, err, out)
			continue
		}
		list = append(list, filepath.Join(folder, p.folder))
	}
	return append(list, djangoTests(t, home+"/bin/pip", target))
}

// djangoTests unpacks the test suite of Django, which only its source
// distribution holds.
func djangoTests(t *testing.T, pip, target string) string {
	t.Helper()
	if out, err := exec.Command(pip, "download", "-q", "--no-deps", "--no-binary", "django", "-d", target, "django==5.2.8").CombinedOutput(); err != nil {
		t.Fatalf("pip download django: %v\n%s", err, out)
	}
	if out, err := exec.Command("tar", "-xzf", filepath.Join(target, "django-5.2.8.tar.gz"), "-C", target).CombinedOutput(); err != nil {
		t.Fatalf("tar: %v\n%s", err, out)
	}
	return filepath.Join(target, "django-5.2.8", "tests")
}

// TestPackages reads what people wrote: no crash, no stall.
func TestPackages(t *testing.T) {
	for _, root := range packageFolders(t) {
		t.Run(filepath.Base(root), func(t *testing.T) {
			start := time.Now()
			p, err := Open(t.Context(), Options{Root: root, Tests: true})
			if err != nil {
				t.Fatal(err)
			}
			ix := p.Inspect(t.Context(), Focus{})
			took := time.Since(start)
			t.Logf("%d files, %.1f MB in %v; %d models, %d queries, %d fetches, %d routes, lost %v", ix.Files, float64(ix.Bytes)/1e6, took,
				len(p.Models.ByLabel), len(ix.Queries), len(ix.Fetches), len(ix.Routes), ix.Lost)
			if ix.Files == 0 {
				t.Error("nothing was read")
			}
			if took > 10*time.Minute {
				t.Errorf("took %v", took)
			}
		})
	}
}
