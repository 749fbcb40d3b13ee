package report

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// reportSchema is published: people validate reports with it.
const reportSchema = "../../docs/report.schema.json"

// TestReportSchema keeps the schema the same as the types that are written:
// fields, their types, and which are always there come from the types;
// descriptions and what narrows a value stay as the file has them. -update
// writes the file anew; a new field then lacks its description, which fails.
func TestReportSchema(t *testing.T) {
	old, err := os.ReadFile(reportSchema)
	if err != nil {
		t.Fatal(err)
	}
	var kept struct {
		Defs map[string]map[string]any `json:"$defs"`
	}
	decode(t, old, &kept)
	s := &schemaMaker{t: t, kept: kept.Defs, made: map[string]bool{}}
	report := s.typeOf(reflect.TypeFor[jReport]())
	records := []any{}
	for _, r := range []reflect.Type{
		reflect.TypeFor[jRunRecord](), reflect.TypeFor[jFindingRecord](), reflect.TypeFor[jSuppressedRecord](),
		reflect.TypeFor[jKnownRecord](), reflect.TypeFor[jEndpointRecord](), reflect.TypeFor[jShapeRecord](),
	} {
		records = append(records, s.typeOf(r))
	}
	s.defs = append(s.defs, member{"record", object{
		{"description", "A line of jsonl."},
		{"oneOf", records},
	}})
	doc := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:ormlint:report:1"},
		{"title", "The JSON report of ormlint"},
		{"description", "What ormlint check --format json prints, schema version 1. A line of --format jsonl is a #/$defs/record. Within a version fields may be added, never removed, renamed or changed in meaning."},
		report[0],
		{"$defs", s.defs},
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(doc); err != nil {
		t.Fatal(err)
	}
	switch {
	case bytes.Equal(old, b.Bytes()):
	case *update:
		if err := os.WriteFile(reportSchema, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("%s does not say what is written (-update rewrites it); it should be\n%s", reportSchema, b.Bytes())
	}
}

// An object keeps its members in order.
type (
	object []member
	member struct {
		name  string
		value any
	}
)

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := enc.Encode(m.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := enc.Encode(m.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// keptKeys are what the file says of a value besides its type, in order.
var keptKeys = []string{"description", "const", "enum", "pattern", "format", "minimum", "exclusiveMinimum", "maximum", "minLength", "minItems", "uniqueItems"}

type schemaMaker struct {
	t    *testing.T
	kept map[string]map[string]any
	made map[string]bool
	defs object
}

// typeOf is the schema of a type as written; structs get a definition.
func (s *schemaMaker) typeOf(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return s.typeOf(t.Elem())
	case reflect.Slice:
		return object{{"type", "array"}, {"items", s.typeOf(t.Elem())}}
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", s.typeOf(t.Elem())}}
	case reflect.Struct:
		s.define(t)
		return object{{"$ref", "#/$defs/" + defName(t)}}
	case reflect.String:
		return object{{"type", "string"}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int, reflect.Int64:
		return object{{"type", "integer"}}
	case reflect.Float64:
		return object{{"type", "number"}}
	}
	s.t.Fatalf("no schema for %v", t)
	return nil
}

// defName is jFindingRecord as finding_record.
func defName(t reflect.Type) string {
	var b strings.Builder
	for i, r := range strings.TrimPrefix(t.Name(), "j") {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func (s *schemaMaker) define(t reflect.Type) {
	name := defName(t)
	if s.made[name] {
		return
	}
	s.made[name] = true
	at := len(s.defs)
	s.defs = append(s.defs, member{name, nil}) // before those that it refers to
	props, required := s.fields(t)
	def := object{}
	if d, ok := s.kept[name]["description"].(string); ok && d != "" {
		def = append(def, member{"description", d})
	} else {
		s.t.Errorf("%s: $defs/%s has no description", reportSchema, name)
	}
	s.defs[at].value = append(def, object{
		{"type", "object"}, {"properties", props}, {"required", required}, {"additionalProperties", false},
	}...)
}

// fields are those of a struct, with those of what it embeds in their places.
func (s *schemaMaker) fields(t reflect.Type) (props object, required []string) {
	required = []string{}
	for f := range fieldsOf(t) {
		if f.Anonymous {
			more, req := s.fields(f.Type)
			props, required = append(props, more...), append(required, req...)
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
		old, _ := s.kept[defName(t)]["properties"].(map[string]any)
		was, _ := old[name].(map[string]any)
		prop := append(s.typeOf(f.Type), keep(was)...)
		if items, ok := was["items"].(map[string]any); ok && f.Type.Kind() == reflect.Slice {
			prop[1].value = append(s.typeOf(f.Type.Elem()), keep(items)...)
		}
		if !slices.ContainsFunc(prop, func(m member) bool { return m.name == "description" && m.value != "" }) {
			s.t.Errorf("%s: %s of $defs/%s has no description", reportSchema, name, defName(t))
		}
		props = append(props, member{name, prop})
	}
	return props, required
}

func fieldsOf(t reflect.Type) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

func keep(was map[string]any) (out object) {
	for _, k := range keptKeys {
		if v, ok := was[k]; ok {
			out = append(out, member{k, v})
		}
	}
	return out
}

// TestReportsAreValid holds what is written against the schema.
func TestReportsAreValid(t *testing.T) {
	whole := schemaOf(t, reportSchema, "", false)
	line := schemaOf(t, reportSchema, "#/$defs/record", false)
	all, _ := reportsAndOptions(t)
	for _, r := range all {
		for i := range r.Findings { // the hostile sample has text where ormlint has words of its own
			f := &r.Findings[i]
			if f.Fingerprint != Clean(f.Fingerprint) {
				f.Fingerprint, f.Evidence = "0123456789abcdef", []finding.Evidence{finding.Observed}
			}
		}
		var b bytes.Buffer
		if err := JSON(&b, r); err != nil {
			t.Fatal(err)
		}
		valid(t, whole, b.Bytes())
		for _, v := range values("jsonl", printed(t, "jsonl", r, Options{})) {
			valid(t, line, v)
		}
	}
	goldens, err := filepath.Glob("testdata/*.json.golden")
	if err != nil || len(goldens) < 4 {
		t.Fatalf("%d golden files: %v", len(goldens), err)
	}
	for _, path := range goldens {
		if name := filepath.Base(path); strings.HasPrefix(name, "hostile.") || strings.HasPrefix(name, "delta") {
			continue // a comparison is no report
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		valid(t, whole, b)
	}
	invalid(t, whole, `{"schema_version": 1}`)
	invalid(t, whole, strings.Replace(emptyJSON(t), `"findings": []`, `"findings": [], "more": 1`, 1))
	invalid(t, whole, strings.Replace(emptyJSON(t), `"schema_version": 1`, `"schema_version": 2`, 1))
	valid(t, line, []byte(`{"type": "shape", "sql": "SELECT 1", "calls": 1, "total_ms": 0.5}`))
	invalid(t, line, `{"type": "endpoint", "sql": "SELECT 1", "calls": 1, "total_ms": 0.5}`)
	invalid(t, line, `{"type": "shape", "sql": "SELECT 1", "calls": -1, "total_ms": 0.5}`)
	invalid(t, line, `{"type": "shape", "sql": "SELECT 1", "calls": 1, "total_ms": 0.5, "more": 1}`)
}

func emptyJSON(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := JSON(&b, &finding.Report{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
