package config

import (
	"encoding/json"
	"slices"

	"github.com/ormlint/ormlint/rules"
)

// An object is one of JSON.
type object map[string]any

// Schema returns the JSON Schema of settings files, draft 7, which is the
// newest that editors' TOML plug-ins and SchemaStore take. It describes
// ormlint.toml and the table [tool.ormlint]. What it accepts Load takes too,
// but for paths that lead nowhere and globs that are none.
func Schema() []byte {
	properties := object{}
	for _, k := range keys() {
		s := object{"description": k.about}
		for name, v := range k.schema {
			s[name] = v
		}
		properties[k.name] = s
	}
	text, err := json.MarshalIndent(object{
		"$schema":              "http://json-schema.org/draft-07/schema#",
		"$id":                  "https://raw.githubusercontent.com/ormlint/ormlint/main/docs/ormlint.schema.json",
		"title":                "ormlint",
		"description":          "Settings of ormlint: ormlint.toml, or [tool.ormlint] in pyproject.toml.",
		"type":                 "object",
		"additionalProperties": false,
		"properties":           properties,
		"definitions":          object{"rule": object{"enum": selectors()}},
	}, "", "  ")
	if err != nil {
		panic(err) // only maps, lists and scalars are in it
	}
	return append(text, '\n')
}

// selectors are all ways to name rules: beginnings of codes, codes, names.
func selectors() []string {
	var list, names []string
	for _, r := range rules.All() {
		for n := len("QP"); n <= len(r.Code); n++ {
			list = append(list, r.Code[:n])
		}
		names = append(names, r.Name)
	}
	slices.Sort(list)
	slices.Sort(names)
	return append(slices.Compact(list), names...)
}

func ref(name string) object { return object{"$ref": "#/definitions/" + name} }

func list(of object, least int) object {
	o := object{"type": "array", "items": of}
	if least > 0 {
		o["minItems"] = least
	}
	return o
}

// number is a whole number from 1.
func number(normal int) object {
	o := object{"type": "integer", "minimum": 1, "maximum": numberMax}
	if normal > 0 {
		o["default"] = normal
	}
	return o
}

func thresholdSchema() object {
	properties := object{}
	normal := rules.DefaultThresholds()
	for _, t := range thresholds() {
		s := number(*t.at(&normal))
		s["description"] = t.about
		properties[t.name] = s
	}
	return object{"type": "object", "additionalProperties": false, "properties": properties}
}

func budgetSchema() object {
	queries, rows := number(0), number(0)
	queries["description"] = "The most queries of one unit."
	rows["description"] = "The most rows that one unit reads and writes, where the log tells them."
	return object{
		"type": "object", "additionalProperties": false, "minProperties": 1,
		"properties": object{
			"queries": queries, "rows": rows,
			"ms": object{"type": "number", "minimum": 0.001, "maximum": numberMax, "description": "The most time that the units take on average, in milliseconds."},
		},
	}
}
