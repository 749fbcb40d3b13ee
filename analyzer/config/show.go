package config

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// An Origin says where the value of a key comes from: "default",
// "ormlint.toml:3", "--select". Keys of tables have their whole name.
type Origin func(key string) string

// WriteTOML writes settings as a file that Load takes, each key with its
// origin behind it. Keys without a value are named in comments.
func WriteTOML(w io.Writer, s *Settings, from Origin) error {
	var b strings.Builder
	for _, k := range keys() {
		switch v := k.get(s).(type) {
		case nil:
			fmt.Fprintf(&b, "# %s is not set\n", k.name)
		case table:
			if len(v) == 0 {
				fmt.Fprintf(&b, "\n# [%s] is empty\n", k.name)
				continue
			}
			fmt.Fprintf(&b, "\n[%s]\n", k.name)
			for _, e := range v {
				fmt.Fprintf(&b, "%s = %s  # %s\n", dotted("", e.key), literal(e.value), clean(from(dotted(k.name, e.key))))
			}
		default:
			fmt.Fprintf(&b, "%s = %s  # %s\n", k.name, literal(v), clean(from(k.name)))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteJSON writes settings as a JSON object with the path of their file, ""
// for none, and the list of keys with value and origin, in order.
func WriteJSON(w io.Writer, s *Settings, path string, from Origin) error {
	type row struct {
		Key    string `json:"key"`
		Value  any    `json:"value"` // null: not set
		Origin string `json:"origin"`
	}
	out := struct {
		SchemaVersion int    `json:"schema_version"`
		File          string `json:"file"`
		Settings      []row  `json:"settings"`
	}{SchemaVersion: 1, File: path}
	for _, k := range keys() {
		v := k.get(s)
		t, ok := v.(table)
		if !ok {
			out.Settings = append(out.Settings, row{k.name, v, from(k.name)})
			continue
		}
		for _, e := range t {
			if limits, ok := e.value.(table); ok {
				e.value = limits.object()
			}
			name := dotted(k.name, e.key)
			out.Settings = append(out.Settings, row{name, e.value, from(name)})
		}
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

func (t table) object() object {
	o := object{}
	for _, e := range t {
		o[e.key] = e.value
	}
	return o
}

// literal is a value as TOML writes it.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		return quote(v)
	case []string:
		var parts []string
		for _, s := range v {
			parts = append(parts, quote(s))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case table:
		var parts []string
		for _, e := range v {
			parts = append(parts, dotted("", e.key)+" = "+literal(e.value))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// quote writes a string as TOML does, in one line and with nothing in it that
// a terminal would obey.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r < 1<<16:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			fmt.Fprintf(&b, `\U%08X`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// clean is a text for a comment.
func clean(s string) string {
	q := quote(s)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(q[1 : len(q)-1])
}
