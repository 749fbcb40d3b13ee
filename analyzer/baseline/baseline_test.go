package baseline

import (
	"bytes"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

var sample = []finding.Known{
	{Key: finding.Key{Rule: "slow-query", Subject: "shop_order"}, Code: "QP501", Fingerprint: "0123456789abcdef", Logged: true},
	{Key: finding.Key{Rule: "n-plus-one", Subject: "library.Book.author", Place: "library/views.py:shelf"}, Code: "QP101", Reason: `soon, <b>"é"</b>`},
	{Key: finding.Key{Rule: "n-plus-one", Subject: "library.Book.author", Place: "library/views.py:shelf#2"}, Code: "QP101"},
}

func TestFormat(t *testing.T) {
	shuffled := []finding.Known{sample[2], sample[0], sample[1], sample[0]}
	got := Format(shuffled)
	const want = `{
  "schema_version": 1,
  "findings": [
    {"code": "QP501", "rule": "slow-query", "subject": "shop_order", "place": "", "fingerprint": "0123456789abcdef", "log_only": true},
    {"code": "QP101", "rule": "n-plus-one", "subject": "library.Book.author", "place": "library/views.py:shelf", "reason": "soon, <b>\"é\"</b>"},
    {"code": "QP101", "rule": "n-plus-one", "subject": "library.Book.author", "place": "library/views.py:shelf#2"}
  ]
}
`
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	back, err := Parse("x", got)
	if err != nil || !reflect.DeepEqual(back, sample) {
		t.Errorf("got %+v, %v\nwant %+v", back, err, sample)
	}
	if got := Format(nil); string(got) != "{\n  \"schema_version\": 1,\n  \"findings\": []\n}\n" {
		t.Errorf("empty: got %s", got)
	}
}

// TestFormatHostile: nothing that a terminal acts on or hides stands in the file
// as it is.
func TestFormatHostile(t *testing.T) {
	k := finding.Known{Key: finding.Key{Rule: "r", Subject: "a\u202eb\x1b[2J\x7f\u200b\U000e0001", Place: "c\nd\xff"}}
	got := Format([]finding.Known{k})
	if i := bytes.IndexFunc(got, func(r rune) bool { return r != '\n' && r != ' ' && (r < ' ' || r > '~') && r != '\ufffd' }); i >= 0 {
		t.Errorf("%q stands in %s", got[i:i+4], got)
	}
	back, err := Parse("x", got)
	if err != nil || len(back) != 1 || back[0].Subject != k.Subject {
		t.Errorf("got %+v, %v", back, err)
	}
}

// TestOf: nothing but the key and what it is derived from reaches the file.
func TestOf(t *testing.T) {
	f := finding.Finding{Key: sample[1].Key, Code: "QP101", Fingerprint: "f", Evidence: []finding.Evidence{finding.Observed}}
	want := Of(&f)
	if !want.Logged {
		t.Error("a finding of a log alone is not marked")
	}
	f.Message, f.Severity, f.Confidence = "another sentence", finding.Error, finding.Proven
	f.Cost = finding.Cost{Calls: 7, Took: time.Hour}
	f.Location = source.Span{Path: "library/views.py", Line: 99}
	if got := Of(&f); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	f.Evidence = append(f.Evidence, finding.Inferred)
	if Of(&f).Logged {
		t.Error("a finding that the source shows too is marked as the log's")
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", " \n", "f:1:1: the file is empty, expected a JSON object"},
		{"an array", "[]", "f:1:1: expected an object with schema_version and findings"},
		{"text", "hello", "f:1:1: not JSON: invalid character 'h' looking for beginning of value"},
		{"commas", ",", "f:1:1: not JSON: invalid character ',' looking for beginning of value"},
		{"cut off", "{\"schema_version\": 1,\n \"findings\": [", "f:2:15: the file ends too early"},
		{"cut off in an entry", "{\"schema_version\": 1,\n \"findings\": [{\"code\": \"QP", "f:2:27: the file ends too early"},
		{"a comma too much", "{\"schema_version\": 1,\n \"findings\": [\n  {\"rule\": \"r\", \"subject\": \"s\"},\n ]}", "f:4:2: not JSON: invalid character ']' looking for beginning of value"},
		{"behind the end", "{\"schema_version\": 1, \"findings\": []}\nx", "f:2:1: not JSON: invalid character 'x' after top-level value"},
		{"no version", "{\"findings\": []}", "f:1:1: no schema_version, expected 1"},
		{"no findings", "{\"schema_version\": 1}", "f:1:1: no findings, expected an array"},
		{"newer", "{\n  \"schema_version\": 2, \"x\": 1}", "f:2:21: schema_version 2 is newer than this ormlint, which knows 1"},
		{"version 0", "{\"schema_version\": 0}", "f:1:20: schema_version 0, expected 1"},
		{"version is text", "{\"schema_version\": \"1\"}", "f:1:20: schema_version is no whole number, expected 1"},
		{"another field", "{\"schema_version\": 1,\n\"é\": 1}", "f:2:1: unknown field \"é\", expected schema_version or findings"},
		{"findings are an object", "{\"schema_version\": 1, \"findings\": {}}", "f:1:35: findings is no array"},
		{"an entry is text", "{\"schema_version\": 1, \"findings\": [\n\"x\"]}", "f:2:3: this is a string, expected an object"},
		{"a field too much", "{\"schema_version\": 1, \"findings\": [\n {\"rule\": \"r\", \"subject\": \"s\", \"line\": 7}]}", "f:2:2: unknown field \"line\""},
		{"no rule", "{\"schema_version\": 1, \"findings\": [\n {\"subject\": \"s\"}]}", "f:2:2: an entry without rule, expected code, rule, subject and place"},
		{"no subject", "{\"schema_version\": 1, \"findings\": [ \n {\"rule\": \"s\"}]}", "f:2:2: an entry without subject, expected code, rule, subject and place"},
		{"conflict", "{\n\"findings\": [\n=======\n]}", "f:3:1: a merge conflict, expected JSON"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			known, err := Parse("f", []byte(tt.in))
			var bad *SyntaxError
			if known != nil || !errors.As(err, &bad) || err.Error() != tt.want {
				t.Errorf("got  %v\nwant %s", err, tt.want)
			}
		})
	}
}

// FuzzParse: no text makes it panic, errors are inside of it, and what is read
// is read again as written.
func FuzzParse(f *testing.F) {
	f.Add(string(Format(sample)))
	f.Add("{\"schema_version\": 1, \"findings\": [{}]}")
	f.Add("\ufeff{}")
	f.Fuzz(func(t *testing.T, s string) {
		known, err := Parse("f", []byte(s))
		var bad *SyntaxError
		if errors.As(err, &bad) {
			if bad.Line < 1 || bad.Line > 1+strings.Count(s, "\n") || bad.Column < 1 {
				t.Errorf("%v is outside of the text", err)
			}
			return
		}
		text := Format(known)
		again, err := Parse("f", text)
		if err != nil || !slices.Equal(text, Format(again)) {
			t.Errorf("%s is not read again: %v", text, err)
		}
	})
}

// TestMatch pairs findings with the entries f, f#2, f#2 again, and g.
func TestMatch(t *testing.T) {
	key := func(place string) finding.Key { return finding.Key{Rule: "r", Subject: "s", Place: place} }
	var known []finding.Known
	for _, p := range []string{"f", "f#2", "f#2", "g"} {
		known = append(known, finding.Known{Key: key(p)})
	}
	tests := []struct {
		found []string
		of    []int
		left  []string
	}{
		{[]string{"f", "f#2", "g"}, []int{0, 1, 3}, nil},
		{[]string{"f#2", "g", "f"}, []int{1, 3, 0}, nil},
		{[]string{"f", "g"}, []int{0, 3}, []string{"f#2"}},
		{[]string{"f#3", "f", "f#4"}, []int{1, 0, -1}, []string{"g"}},
		{[]string{"g#2", "h"}, []int{3, -1}, []string{"f", "f#2"}},
		{nil, []int{}, []string{"f", "f#2", "g"}},
	}
	for _, tt := range tests {
		var keys []finding.Key
		for _, p := range tt.found {
			keys = append(keys, key(p))
		}
		of, rest := Match(known, keys)
		var left []string
		for _, k := range rest {
			left = append(left, k.Place)
		}
		if !slices.Equal(of, tt.of) || !slices.Equal(left, tt.left) {
			t.Errorf("%v: got %v, left %v, want %v, left %v", tt.found, of, left, tt.of, tt.left)
		}
	}
}
