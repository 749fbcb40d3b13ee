//go:build cgo

package rewrite_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// A loopRule is a rewrite of loops and the operations that it is for.
type loopRule struct {
	ops  []source.Op
	make func(rewrite.Code, []*source.Fetch) (finding.Rewrite, bool)
}

func one(f func(rewrite.Code, *source.Fetch) (finding.Rewrite, bool)) func(rewrite.Code, []*source.Fetch) (finding.Rewrite, bool) {
	return func(c rewrite.Code, fs []*source.Fetch) (finding.Rewrite, bool) { return f(c, fs[0]) }
}

var loopRules = map[string]loopRule{
	"Annotate":       {[]source.Op{source.CountRows, source.ExistsRows, source.Aggregate}, rewrite.Annotate},
	"Top":            {[]source.Op{source.All, source.Fetched}, rewrite.Latest},
	"Latest":         {[]source.Op{source.First}, rewrite.Latest},
	"InBulk":         {[]source.Op{source.Get, source.First}, one(rewrite.InBulk)},
	"Hoist":          {[]source.Op{source.Get, source.CountRows, source.Fetched, source.All}, one(rewrite.Hoist)},
	"Group":          {[]source.Op{source.Fetched, source.All}, one(rewrite.Group)},
	"Between":        {[]source.Op{source.Fetched}, one(rewrite.Between)},
	"BulkCreate":     {[]source.Op{source.Insert}, one(rewrite.BulkCreate)},
	"BulkUpdate":     {[]source.Op{source.Update}, one(rewrite.BulkUpdate)},
	"BulkDelete":     {[]source.Op{source.Remove}, one(rewrite.BulkDelete)},
	"Upsert":         {[]source.Op{source.GetOrCreate}, one(rewrite.Upsert)},
	"AddMany":        {[]source.Op{source.AddRelated}, one(rewrite.AddMany)},
	"OneTransaction": {[]source.Op{source.Savepoint}, one(rewrite.OneTransaction)},
}

// TestLoops rewrites each testdata/loops/*.txtar: what is found in "before" by
// the whole way from source, edited as its rule says, is "after"; an empty
// "after" is a form that must be left alone.
func TestLoops(t *testing.T) {
	files, err := filepath.Glob("testdata/loops/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { loopCase(t, file) })
	}
}

func loopCase(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, want := archive.Files[0].Data, archive.Files[1].Data
	head, _, _ := strings.Cut(string(archive.Comment), "\n")
	rule, ok := loopRules[strings.TrimPrefix(head, "rule: ")]
	if !ok {
		t.Fatalf("no rule %q", head)
	}
	got, rw := rewriteLoop(t, before, rule)
	comment := head + "\n"
	if rw.Title != "" {
		comment += "title: " + rw.Title + "\n"
		if rw.Safe {
			comment += "safe\n"
		}
	}
	if *update {
		archive.Comment = []byte(comment)
		archive.Files[1].Data = got
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, want) || comment != string(archive.Comment) {
		t.Errorf("got\n%s%s\nwant\n%s%s", comment, got, archive.Comment, want)
	}
}

// shelf writes a project of testdata/django's models and one file of views.
func shelf(t testing.TB, views []byte) string {
	t.Helper()
	root := t.TempDir()
	put := func(name string, data []byte) {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, app := range []string{"core", "library", "shop"} {
		models, err := os.ReadFile("../../testdata/django/" + app + "/models.py")
		if err != nil {
			t.Fatal(err)
		}
		put(app+"/__init__.py", nil)
		put(app+"/models.py", models)
	}
	put("manage.py", []byte("import os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"settings\")\n"))
	put("settings.py", []byte(`INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "core", "library", "shop"]`+"\n"))
	put("library/views.py", views)
	return root
}

// rewriteLoop finds the rule's fetches and makes its edits; nil when there are
// none.
func rewriteLoop(t *testing.T, before []byte, rule loopRule) ([]byte, finding.Rewrite) {
	t.Helper()
	p, err := django.Open(context.Background(), django.Options{Root: shelf(t, before), Version: "5.2"})
	if err != nil {
		t.Fatal(err)
	}
	index := p.Inspect(context.Background(), django.Focus{})
	var fs []*source.Fetch
	for _, f := range index.Fetches {
		if f.Span.Path == "library/views.py" && len(f.Loops) > 0 && slices.Contains(rule.ops, f.Op) && !f.Covered {
			fs = append(fs, f)
		}
	}
	if len(fs) == 0 {
		t.Fatalf("no fetch found among %d", len(index.Fetches))
	}
	rw, ok := rule.make(rewrite.Code{Text: p.Text, Models: p.Models, Index: index}, fs)
	if !ok {
		return nil, finding.Rewrite{}
	}
	out, err := rewrite.Apply(before, rw.Edits)
	if err != nil {
		t.Fatal(err)
	}
	if syntax.Available {
		if f := syntax.Parse("library/views.py", out); len(f.Errors) > 0 {
			t.Errorf("the result does not parse: %v\n%s", f.Errors, out)
		}
	}
	return out, rw
}

// djangoPython is a Python with Django: ORMLINT_PYTHON, the one on the path,
// one of CI's earlier steps, or in CI a new environment.
func djangoPython(t *testing.T) string {
	t.Helper()
	found, _ := filepath.Glob("/tmp/pg-*-ci/venv-*/bin/python")
	for _, python := range append([]string{os.Getenv("ORMLINT_PYTHON"), "python3"}, found...) {
		if python != "" && exec.Command(python, "-c", "import django; assert django.VERSION >= (5, 2)").Run() == nil {
			return python
		}
	}
	if os.Getenv("CI") == "" {
		t.Skip("needs python3 with Django")
	}
	home := t.TempDir()
	for _, args := range [][]string{{"python3", "-m", "venv", home}, {home + "/bin/pip", "install", "-q", "Django>=5.2,<5.3"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return home + "/bin/python"
}

// TestLoopsRun runs before and after of all cases with Django on the same rows:
// they give the same, in fewer queries.
func TestLoopsRun(t *testing.T) {
	python := djangoPython(t)
	folder := t.TempDir()
	cases := 0
	files, _ := filepath.Glob("testdata/loops/*.txtar")
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if len(archive.Files[1].Data) == 0 || bytes.Contains(archive.Comment, []byte("PostgreSQL")) {
			continue
		}
		dir := filepath.Join(folder, strings.TrimSuffix(filepath.Base(file), ".txtar"))
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		for i, name := range []string{"before.py", "after.py"} {
			if err := os.WriteFile(filepath.Join(dir, name), archive.Files[i].Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		cases++
	}
	cmd := exec.Command(python, "testdata/loops/run.py", folder, "../../testdata/django")
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, stderr.Bytes())
	}
	type outcome struct {
		Result  string
		Queries int
	}
	var got map[string]struct{ Before, After outcome }
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got) != cases {
		t.Errorf("%d of %d cases ran", len(got), cases)
	}
	for name, o := range got {
		if o.Before.Result != o.After.Result {
			t.Errorf("%s: before %s\nafter %s", name, o.Before.Result, o.After.Result)
		}
		if o.After.Queries >= o.Before.Queries {
			t.Errorf("%s: %d queries before, %d after", name, o.Before.Queries, o.After.Queries)
		}
	}
}
