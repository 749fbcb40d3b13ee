// Package baseline reads and writes the file of findings that are known and
// accepted for now, so that only new ones count.
//
// An entry is a finding's key: rule, subject and place. Lines, counts, times
// and messages are not in the file, so none of them makes a known finding new.
package baseline

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Version is the schema version of the file.
const Version = 1

// Name is the file's usual name. It is read only where it is asked for.
const Name = ".ormlint-baseline.json"

// An entry is one finding in the file, its fields in the order of the file.
type entry struct {
	Code    string `json:"code"`
	Rule    string `json:"rule"`
	Subject string `json:"subject"`
	// Place is "" for what a log shows without a place in the source.
	Place string `json:"place"`
	// Fingerprint is for people who look for one; matching does not read it.
	Fingerprint string `json:"fingerprint,omitempty"`
	LogOnly     bool   `json:"log_only,omitempty"`
	Reason      string `json:"reason,omitempty"`
}

// Of is the entry for a finding.
func Of(f *finding.Finding) finding.Known {
	return finding.Known{
		Key: f.Key, Code: f.Code, Fingerprint: f.Fingerprint,
		Logged: len(f.Evidence) > 0 && !slices.Contains(f.Evidence, finding.Inferred),
	}
}

// Format writes the file: one entry a line, by place, so that two branches
// seldom change the same lines. Of entries with one key the first stays.
func Format(known []finding.Known) []byte {
	known = slices.Clone(known)
	slices.SortStableFunc(known, func(a, b finding.Known) int {
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Subject, b.Subject))
	})
	known = slices.CompactFunc(known, func(a, b finding.Known) bool { return a.Key == b.Key })
	var b bytes.Buffer
	fmt.Fprintf(&b, "{\n  \"schema_version\": %d,\n  \"findings\": [", Version)
	for i, k := range known {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n    ")
		b.Write(line(k))
	}
	if len(known) > 0 {
		b.WriteString("\n  ")
	}
	b.WriteString("]\n}\n")
	return b.Bytes()
}

func line(k finding.Known) []byte {
	fields := []string{pair("code", k.Code), pair("rule", k.Rule), pair("subject", k.Subject), pair("place", k.Place)}
	if k.Fingerprint != "" {
		fields = append(fields, pair("fingerprint", k.Fingerprint))
	}
	if k.Logged {
		fields = append(fields, `"log_only": true`)
	}
	if k.Reason != "" {
		fields = append(fields, pair("reason", k.Reason))
	}
	return escape("{" + strings.Join(fields, ", ") + "}")
}

func pair(name, value string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		panic(fmt.Sprintf("baseline: %v", err)) // a string always encodes
	}
	return `"` + name + `": ` + strings.TrimSuffix(b.String(), "\n")
}

// escape writes what a terminal or an editor may act on or hide as \u: control
// and invisible characters, bidirectional overrides. In JSON they can only
// stand inside strings.
func escape(s string) []byte {
	var b []byte
	for _, r := range s {
		switch {
		case unicode.IsGraphic(r):
			b = append(b, string(r)...)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			b = fmt.Appendf(b, `\u%04x\u%04x`, hi, lo)
		default:
			b = fmt.Appendf(b, `\u%04x`, r)
		}
	}
	return b
}
