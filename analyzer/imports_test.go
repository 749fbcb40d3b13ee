package analyzer_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/ormlint/ormlint"

// layers is docs/architecture.md's table: what each package may import of
// this module.
var layers = map[string][]string{
	"analyzer/sqlshape":         {},
	"analyzer/source":           {},
	"analyzer/glob":             {},
	"analyzer/spelling":         {},
	"analyzer/schema":           {"analyzer/source"},
	"analyzer/finding":          {"analyzer/source"},
	"analyzer/sample":           {},
	"analyzer/compare":          {"analyzer/finding", "analyzer/sample"},
	"analyzer/django/syntax":    {},
	"analyzer/django/template":  {},
	"analyzer/django":           {"analyzer/django/syntax", "analyzer/django/template", "analyzer/schema", "analyzer/source"},
	"analyzer/rewrite":          {"analyzer/finding", "analyzer/schema", "analyzer/source"},
	"analyzer/suppress":         {"analyzer/django/template", "analyzer/finding", "analyzer/rewrite", "analyzer/source"},
	"analyzer/baseline":         {"analyzer/finding"},
	"analyzer/change":           {"analyzer/rewrite", "analyzer/source"},
	"analyzer/sqllog":           {"analyzer/glob", "analyzer/sqlshape"},
	"analyzer/sqllog/gen":       {},
	"analyzer/sqlshape/pgparse": {"analyzer/sqlshape", "analyzer/schema"},
	"analyzer/work":             {"analyzer/sqllog", "analyzer/sqlshape"},
	"analyzer/profile":          {"analyzer/sqllog", "analyzer/sqlshape", "analyzer/work"},
	"analyzer/link":             {"analyzer/schema", "analyzer/source", "analyzer/sqlshape"},
	"analyzer/report":           {"analyzer/finding", "analyzer/source"},
	"rules":                     {"analyzer/finding", "analyzer/link", "analyzer/profile", "analyzer/rewrite", "analyzer/sample", "analyzer/schema", "analyzer/source", "analyzer/spelling", "analyzer/sqllog", "analyzer/sqlshape", "analyzer/suppress", "analyzer/work"},
	"analyzer/config":           {"analyzer/finding", "analyzer/glob", "analyzer/spelling", "rules"},
	"analyzer": {
		"analyzer/baseline", "analyzer/change", "analyzer/django", "analyzer/finding", "analyzer/glob", "analyzer/link", "analyzer/profile", "analyzer/schema",
		"analyzer/source", "analyzer/sqllog", "analyzer/sqlshape", "analyzer/sqlshape/pgparse", "analyzer/suppress", "analyzer/work", "rules",
	},
	"cmd/ormlint": {
		"analyzer", "analyzer/baseline", "analyzer/compare", "analyzer/config", "analyzer/finding", "analyzer/report", "analyzer/rewrite", "analyzer/source",
		"analyzer/spelling", "rules",
	},
}

// owners says which package alone may import a third-party module.
var owners = map[string]string{
	"github.com/pganalyze/pg_query_go/v5": "analyzer/sqlshape/pgparse",
	"google.golang.org/protobuf":          "analyzer/sqlshape/pgparse",
	"github.com/tree-sitter":              "analyzer/django/syntax",
	"github.com/aymanbagabas/go-udiff":    "analyzer/rewrite",
	"github.com/fatih/color":              "analyzer/report",
	"golang.org/x/term":                   "analyzer/report",
	"github.com/rivo/uniseg":              "analyzer/report",
	"github.com/klauspost/compress":       "analyzer/sqllog",
	"github.com/ulikunitz/xz":             "analyzer/sqllog",
	"github.com/bmatcuk/doublestar/v4":    "analyzer/glob",
	"github.com/pelletier/go-toml/v2":     "analyzer/config",
	"github.com/aclements/go-moremath":    "analyzer/sample",
	"github.com/spf13/cobra":              "cmd/ormlint",
	"github.com/spf13/pflag":              "cmd/ormlint",
	"github.com/schollz/progressbar/v3":   "cmd/ormlint",
}

// TestLayers asserts the table of layers, and that cgo stays where it is.
func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,CgoFiles", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath        string
			Imports, CgoFiles []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, ok := layers[name]
		if !ok {
			t.Errorf("%s is in no layer: add it to the table here and in docs/architecture.md", name)
			continue
		}
		seen++
		if len(p.CgoFiles) > 0 && name != "analyzer/django/syntax" { // tree-sitter's bindings are one C call each
			t.Errorf("%s uses cgo", name)
		}
		for _, imp := range p.Imports {
			checkImport(t, name, imp, allowed)
		}
	}
	if seen != len(layers) {
		t.Errorf("%d packages, but %d in the table", seen, len(layers))
	}
}

func checkImport(t *testing.T, name, imp string, allowed []string) {
	t.Helper()
	if own, ok := strings.CutPrefix(imp, module+"/"); ok {
		if !slices.Contains(allowed, own) {
			t.Errorf("%s must not import %s", name, own)
		}
		return
	}
	if !strings.Contains(strings.SplitN(imp, "/", 2)[0], ".") {
		return // standard library
	}
	for mod, owner := range owners {
		if imp == mod || strings.HasPrefix(imp, mod+"/") {
			if owner != name {
				t.Errorf("%s must not import %s, which is %s's", name, imp, owner)
			}
			return
		}
	}
	t.Errorf("%s imports %s, a module that nobody owns", name, imp)
}
