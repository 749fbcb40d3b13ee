package report

import (
	"bytes"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// schemaOf reads a JSON Schema; part is a place in it, "" the whole. Strict: no
// object may have fields that the schema does not name.
func schemaOf(t testing.TB, path, part string, strict bool) *jsonschema.Schema {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if strict {
		tighten(doc)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json" + part)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// tighten closes what a schema leaves open.
func tighten(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["additionalProperties"] == true {
			v["additionalProperties"] = false
		}
		if _, ref := v["$ref"]; ref {
			delete(v, "additionalProperties") // it would look at the reference alone
		}
		for _, e := range v {
			tighten(e)
		}
	case []any:
		for _, e := range v {
			tighten(e)
		}
	}
}

func valid(t testing.TB, s *jsonschema.Schema, b []byte) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%v in %.200q", err, b)
	}
	if err := s.Validate(v); err != nil {
		t.Errorf("%v\nin %.2000s", err, b)
	}
}

func invalid(t testing.TB, s *jsonschema.Schema, text string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	if s.Validate(v) == nil {
		t.Errorf("the schema takes %s", text)
	}
}

const (
	sarifSchema      = "testdata/schemas/sarif-2.1.0.json"
	rdResultSchema   = "testdata/schemas/rdf-DiagnosticResult.json"
	diagnosticSchema = "testdata/schemas/rdf-Diagnostic.json"
)

// reportsAndOptions are what all schemas are held against.
func reportsAndOptions(t testing.TB) ([]*finding.Report, Options) {
	machine, text := machineReport(t)
	return append(samples(), machine, hostileSource(), manyFindings(300)), Options{Source: text, Rules: testRules()}
}

func TestOtherSchemas(t *testing.T) {
	all, o := reportsAndOptions(t)
	sarif := schemaOf(t, sarifSchema, "", false) // it is strict, but for property bags
	result := schemaOf(t, rdResultSchema, "", true)
	diagnostic := schemaOf(t, diagnosticSchema, "", true)
	for _, r := range all {
		for _, o := range []Options{o, {}} {
			valid(t, sarif, printed(t, "sarif", r, o))
			valid(t, result, printed(t, "rdjson", r, o))
			for _, line := range values("rdjsonl", printed(t, "rdjsonl", r, o)) {
				if len(line) > 0 {
					valid(t, diagnostic, line)
				}
			}
		}
	}
	invalid(t, sarif, `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "m"}, "level": "bad"}]}]}`)
	invalid(t, result, `{"diagnostics": [{"location": {"path": "a", "range": {"start": {"line": 1, "colum": 2}}}}]}`)
	invalid(t, diagnostic, `{"message": "m", "relatedLocations": []}`)
}
