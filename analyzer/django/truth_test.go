package django

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// A metaModel is one model as Django's _meta and as schema.Models tell it.
type metaModel struct {
	Table       string      `json:"table"`
	Module      string      `json:"module"`
	Managed     bool        `json:"managed"`
	AutoCreated bool        `json:"auto_created"`
	Proxy       string      `json:"proxy"`
	PK          []string    `json:"pk"`
	Parents     []string    `json:"parents"`
	Ordering    []string    `json:"ordering"`
	Unique      [][]string  `json:"unique"`
	Indexes     [][]string  `json:"indexes"`
	Manager     string      `json:"manager"`
	Fields      []metaField `json:"fields"`
	Reverse     []metaBack  `json:"reverse"`
}

type metaField struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Column string `json:"column"`
	Null   bool   `json:"null"`
	Unique bool   `json:"unique"`
	Auto   string `json:"auto"`
	Model  string `json:"model"`
	Kind   string `json:"kind"`
	Target string `json:"target"`
	Extra  string `json:"extra"`
}

type metaBack struct {
	Name   string `json:"name"`
	Query  string `json:"query"`
	Type   string `json:"type"`
	Target string `json:"target"`
	Extra  string `json:"extra"`
	Of     string `json:"of"`
	Kind   string `json:"kind"`
}

// djangoPython returns a Python that has Django: $ORMLINT_PYTHON, the one on the
// path, the one of CI's capture step, or in CI a new environment.
func djangoPython(t *testing.T) string {
	t.Helper()
	found, err := filepath.Glob("/tmp/pg-capture-ci/venv-*/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	for _, python := range append([]string{os.Getenv("ORMLINT_PYTHON"), "python3"}, found...) {
		if python == "" {
			continue
		}
		if exec.Command(python, "-c", "import django, rest_framework, psycopg; assert django.VERSION >= (5, 2)").Run() == nil {
			return python
		}
	}
	if os.Getenv("CI") == "" {
		t.Skip("no Python with Django 5.2 here")
	}
	home := t.TempDir()
	for _, args := range [][]string{{"python3", "-m", "venv", home}, {home + "/bin/pip", "install", "-q", "Django>=5.2,<5.3", "djangorestframework", "psycopg[binary]"}} {
		if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	return home + "/bin/python"
}

// metaOf asks Django itself.
func metaOf(t *testing.T, python, folder, settings string) map[string]metaModel {
	t.Helper()
	script, err := filepath.Abs("testdata/dump_meta.py")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-B", script, folder, settings)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v", folder, settings, err)
	}
	var all map[string]metaModel
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// oursOf turns models read from the source into the form of the truth.
func oursOf(ms *schema.Models) map[string]metaModel {
	all := map[string]metaModel{}
	for label, m := range ms.ByLabel {
		x := metaModel{
			Table: m.Table, Module: m.Module, Managed: m.Managed, AutoCreated: m.AutoCreated,
			PK: m.PrimaryKey, Ordering: m.Ordering, Unique: sortedLists(m.Unique), Manager: m.DefaultManager,
		}
		if m.Proxy != nil {
			x.Proxy = m.Proxy.Label()
		} else {
			x.Parents = []string{}
			for _, p := range m.Parents {
				x.Parents = append(x.Parents, p.Label())
			}
			slices.Sort(x.Parents)
		}
		for _, f := range m.Fields {
			x.Fields = append(x.Fields, metaFieldOf(f))
		}
		for _, f := range m.Reverse {
			x.Reverse = append(x.Reverse, metaBackOf(f))
		}
		slices.SortFunc(x.Reverse, func(a, b metaBack) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Target, b.Target), strings.Compare(a.Of, b.Of))
		})
		all[label] = x
	}
	return all
}

func sortedLists(lists [][]string) [][]string {
	lists = slices.Clone(lists)
	slices.SortFunc(lists, func(a, b []string) int { return slices.Compare(a, b) })
	return lists
}

func metaFieldOf(f *schema.Field) metaField {
	x := metaField{Name: f.Name, Type: f.Type, Column: f.Column, Null: f.Null, Unique: f.Unique, Auto: f.Auto, Model: f.Model.Label()}
	r := f.Relation
	if r == nil {
		return x
	}
	x.Kind = r.Kind
	if r.Target != nil {
		x.Target = r.Target.Label()
	}
	switch r.Kind {
	case kindGeneric, kindGenericRelation:
		x.Extra = r.TypeField + " " + r.IDField
	case kindMany:
		through := ""
		if r.Through != nil {
			through = r.Through.Label()
		}
		x.Extra = strings.Join([]string{r.ThroughTable, r.SourceColumn, r.TargetColumn, through}, " ")
	default:
		x.Extra = r.ToField
	}
	return x
}

func metaBackOf(f *schema.Field) metaBack {
	x := metaBack{Name: f.Name, Query: f.Query, Type: f.Type, Target: f.Relation.Target.Label(), Of: f.Relation.Inverse.Name, Kind: f.Relation.Kind}
	if x.Query == "" {
		x.Query = x.Name
	}
	if x.Kind == kindMany {
		x.Extra = strings.Join([]string{f.Relation.ThroughTable, f.Relation.SourceColumn, f.Relation.TargetColumn}, " ")
	}
	return x
}

// compareMeta reports every difference, both ways.
func compareMeta(t *testing.T, want, got map[string]metaModel) {
	t.Helper()
	for label, w := range want {
		g, ok := got[label]
		if !ok {
			t.Errorf("%s: not read", label)
			continue
		}
		if len(w.Indexes) > 0 {
			g.Indexes = w.Indexes // Meta's own are a part of ours: see TestIndexes
		}
		differ(t, label, w, g)
	}
	for label := range got {
		if _, ok := want[label]; !ok {
			t.Errorf("%s: read, but Django has no such model", label)
		}
	}
}

func differ(t *testing.T, label string, w, g metaModel) {
	t.Helper()
	for i := range max(len(w.Fields), len(g.Fields)) {
		var a, b metaField
		if i < len(w.Fields) {
			a = w.Fields[i]
		}
		if i < len(g.Fields) {
			b = g.Fields[i]
		}
		if a != b {
			t.Errorf("%s field %d:\n got %+v\nwant %+v", label, i, b, a)
		}
	}
	for i := range max(len(w.Reverse), len(g.Reverse)) {
		var a, b metaBack
		if i < len(w.Reverse) {
			a = w.Reverse[i]
		}
		if i < len(g.Reverse) {
			b = g.Reverse[i]
		}
		if a != b {
			t.Errorf("%s reverse %d:\n got %+v\nwant %+v", label, i, b, a)
		}
	}
	w.Fields, g.Fields, w.Reverse, g.Reverse = nil, nil, nil, nil
	if a, b := asJSON(w), asJSON(g); a != b {
		t.Errorf("%s:\n got %s\nwant %s", label, b, a)
	}
}

// asJSON prints a model so that empty and nil lists are the same.
func asJSON(m metaModel) string {
	return fmt.Sprintf("%s %s managed=%t auto=%t proxy=%q pk=%q parents=%q order=%q unique=%q manager=%s",
		m.Module, m.Table, m.Managed, m.AutoCreated, m.Proxy, m.PK, m.Parents, m.Ordering, sortedLists(m.Unique), m.Manager)
}

// TestModelsAgainstDjango compares every model, field, column, table, relation
// and accessor with what Django itself says, both ways.
func TestModelsAgainstDjango(t *testing.T) {
	if !syntax.Available {
		t.Skip("built without cgo: Python is not parsed")
	}
	python := djangoPython(t)
	for _, c := range []struct{ name, folder, settings string }{
		{"nasty", "testdata/nasty", "conf.settings.local"},
		{"bookshop", "../../testdata/django", "bookshop.settings"},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := metaOf(t, python, c.folder, c.settings)
			p, err := Open(t.Context(), Options{Root: c.folder, Version: "5.2"})
			if err != nil {
				t.Fatal(err)
			}
			if len(p.Models.Unknown) > 0 {
				t.Errorf("unknown: %q", p.Models.Unknown)
			}
			compareMeta(t, want, oursOf(p.Models))
		})
	}
}

// TestContribAgainstDjango reads Django's own package, where its models stand as
// they are written, and the same models as this program brings them along.
func TestContribAgainstDjango(t *testing.T) {
	needsParser(t)
	python := djangoPython(t)
	folder := layOut(t, `
-- bare.py --
INSTALLED_APPS = ["django.contrib." + a for a in ("admin", "auth", "contenttypes", "sessions", "sites", "flatpages", "redirects")]
SECRET_KEY = "x"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
`)
	want := metaOf(t, python, folder, "bare")
	out, err := exec.Command(python, "-c", "import django; print(django.__path__[0])").Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, root := range map[string]string{"source": strings.TrimSpace(string(out)), "built in": folder} {
		t.Run(name, func(t *testing.T) {
			p, err := Open(t.Context(), Options{Root: root, Version: "5.2"})
			if err != nil {
				t.Fatal(err)
			}
			got := oursOf(p.Models)
			for label := range got {
				if app, _, _ := strings.Cut(label, "."); app == "gis" {
					delete(got, label) // of database backends that are not in use
				}
			}
			compareMeta(t, want, got)
		})
	}
}
