package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ormlint/ormlint/rules"
)

var update = flag.Bool("update", false, "rewrite docs/ormlint.schema.json")

const (
	published = "../../docs/ormlint.schema.json"
	page      = "../../docs/config.md"
)

func TestSchemaIsPublished(t *testing.T) {
	if *update {
		if err := os.WriteFile(published, Schema(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(published)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(text, Schema()) {
		t.Errorf("%s is out of date: -update rewrites it", published)
	}
}

// compiled returns the schema, itself checked against that of draft 7.
func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("ormlint.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("ormlint.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance is a TOML text as JSON has it, [tool.ormlint] of a whole
// pyproject.toml.
func instance(t *testing.T, text string) any {
	t.Helper()
	var all map[string]any
	if err := toml.Unmarshal([]byte(text), &all); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	var own any = all
	if tool, ok := all["tool"].(map[string]any); ok && tool["ormlint"] != nil {
		own = tool["ormlint"]
	}
	b, err := json.Marshal(own)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestKeysAreTheSettings compares the fields of Settings with the keys that
// are read, shown, published and documented.
func TestKeysAreTheSettings(t *testing.T) {
	doc, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]struct{ Properties map[string]any }
	}
	if err := json.Unmarshal(Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var names, documented []string
	for _, k := range keys() {
		names = append(names, k.name)
		row := "\n| `" + k.name + "` |"
		if reflect.TypeOf(k.get(&Settings{})) == reflect.TypeFor[table]() {
			row = "\n| `[" + k.name + "]` |"
		}
		if strings.Contains(string(doc), row) {
			documented = append(documented, k.name)
		}
	}
	same(t, "keys and fields of Settings", names, fields(reflect.TypeFor[Settings]()))
	same(t, "keys and properties of the schema", names, sortedKeys(schema.Properties))
	same(t, "keys and rows of docs/config.md", names, documented)

	var limits []string
	for _, l := range thresholds() {
		limits = append(limits, l.name)
		if !strings.Contains(string(doc), "\n| `"+l.name+"` |") {
			t.Errorf("docs/config.md has no row for %s", l.name)
		}
	}
	same(t, "thresholds and fields of rules.Thresholds", limits, fields(reflect.TypeFor[rules.Thresholds]()))
	same(t, "thresholds and the schema", limits, sortedKeys(schema.Properties["thresholds"].Properties))

	budget := fields(reflect.TypeFor[rules.Budget]())
	budget = slices.DeleteFunc(budget, func(s string) bool { return s == "pattern" })
	budget[slices.Index(budget, "took")] = "ms"
	same(t, "limits and fields of rules.Budget", budgetLimits(), budget)
	limits = sortedKeys(budgetSchema()["properties"].(object))
	same(t, "limits and the schema", budgetLimits(), limits)
}

// same compares two lists without regard to order.
func same(t *testing.T, what string, a, b []string) {
	t.Helper()
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	if !slices.Equal(a, b) {
		t.Errorf("%s differ:\n%s\n%s", what, strings.Join(a, " "), strings.Join(b, " "))
	}
}

func sortedKeys[V any](m map[string]V) []string {
	var list []string
	for k := range m {
		list = append(list, k)
	}
	return list
}

// fields are the names of a struct's fields as keys: MinCalls → min-calls,
// SlowQueryMS → slow-query-ms.
func fields(typ reflect.Type) []string {
	var list []string
	for i := range typ.NumField() {
		name := typ.Field(i).Name
		var b strings.Builder
		for j, c := range name {
			upper := c >= 'A' && c <= 'Z'
			if upper && j > 0 && !(name[j-1] >= 'A' && name[j-1] <= 'Z') {
				b.WriteByte('-')
			}
			b.WriteString(strings.ToLower(string(c)))
		}
		list = append(list, b.String())
	}
	return list
}

// TestDocsExamples reads every TOML block of docs/config.md.
func TestDocsExamples(t *testing.T) {
	doc, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	schema := compiled(t)
	blocks := strings.Split(string(doc), "```toml\n")[1:]
	if len(blocks) < 3 {
		t.Fatalf("%d examples found", len(blocks))
	}
	for i, b := range blocks {
		text, _, _ := strings.Cut(b, "```")
		name := "ormlint.toml"
		if strings.Contains(text, "[tool.ormlint]") {
			name = pyproject
		}
		if _, err := load(t, name, text); err != nil {
			t.Errorf("example %d: %v", i+1, err)
		}
		if err := schema.Validate(instance(t, text)); err != nil {
			t.Errorf("example %d: the schema refuses it: %v", i+1, err)
		}
	}
}

// load loads a text as a file of a folder that holds what examples name.
func load(t testing.TB, name, text string) (*File, error) {
	t.Helper()
	dir := t.TempDir()
	for _, folder := range []string{"backend", "third_party"} {
		if err := os.Mkdir(filepath.Join(dir, folder), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, name)
	for p, s := range map[string]string{path: text, filepath.Join(dir, "schema.sql"): ""} {
		if err := os.WriteFile(p, []byte(s), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return Load(path)
}
