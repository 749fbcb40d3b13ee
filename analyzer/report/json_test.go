package report

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
)

func TestJSON(t *testing.T) {
	tests := []struct {
		name string
		r    *finding.Report
	}{
		{"sample", sampleReport()},
		{"hostile", hostileReport()},
		{"empty", &finding.Report{}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b, again bytes.Buffer
			if err := JSON(&b, tt.r); err != nil {
				t.Fatal(err)
			}
			if err := JSON(&again, tt.r); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(b.Bytes(), again.Bytes()) {
				t.Error("printing twice gives different bytes")
			}
			checkJSON(t, b.Bytes())
			golden(t, tt.name+".json.golden", b.Bytes())
		})
	}
}

// checkJSON fails unless b is one JSON value without null, bare control
// characters, or bytes that are no UTF-8.
func checkJSON(t *testing.T, b []byte) {
	t.Helper()
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		t.Fatal(err)
	}
	if path := findNull(v, "$"); path != "" {
		t.Errorf("%s is null", path)
	}
	if !utf8.Valid(b) {
		t.Error("output is not UTF-8")
	}
	for _, r := range string(b) {
		if r != '\n' && hostile(r) {
			t.Errorf("bare %U in the output", r)
		}
	}
}

func findNull(v any, path string) string {
	switch v := v.(type) {
	case nil:
		return path
	case map[string]any:
		for k, e := range v {
			if p := findNull(e, path+"."+k); p != "" {
				return p
			}
		}
	case []any:
		for _, e := range v {
			if p := findNull(e, path+"[]"); p != "" {
				return p
			}
		}
	}
	return ""
}

// What Clean shows escaped, JSON must bring back as it was (but for the
// invalid bytes).
func TestJSONKeepsText(t *testing.T) {
	const name = "a\x1b[31m\u009b\u202e\u2028<b>&\U000e0041 é日本"
	var b bytes.Buffer
	if err := JSON(&b, &finding.Report{Endpoints: []finding.Endpoint{{Name: name}}}); err != nil {
		t.Fatal(err)
	}
	var got struct{ Endpoints []struct{ Name string } }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Endpoints[0].Name != name {
		t.Errorf("got %q, want %q", got.Endpoints[0].Name, name)
	}
}
