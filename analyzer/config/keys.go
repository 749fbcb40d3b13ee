package config

import (
	"github.com/ormlint/ormlint/rules"
)

// A key is one that a settings file may hold.
type key struct {
	name  string
	about string // a sentence for the schema and for editors that show it
	// schema is what JSON Schema says of the values.
	schema object
	// read enters a value into the settings, or tells the reader what is wrong.
	read func(r *reader, name string, v *value, s *Settings)
	// get gives the value to show: string, int, bool, []string or table; nil
	// when the key is not set and has no default.
	get func(s *Settings) any
}

// keys are all keys, those of one value before tables, as TOML wants them.
func keys() []key {
	return append(plainKeys(), tableKeys()...)
}

func plainKeys() []key {
	return []key{
		{
			"select", "Only these rules: codes, names, or the beginning of codes such as QP1. Without it, all rules.",
			list(ref("rule"), 1),
			func(r *reader, name string, v *value, s *Settings) { s.Select = r.rules(name, v, 1) },
			func(s *Settings) any { return some(s.Select) },
		},
		{
			"ignore", "Rules to leave out: codes, names, or the beginning of codes. Wins over select.",
			list(ref("rule"), 0),
			func(r *reader, name string, v *value, s *Settings) { s.Ignore = r.rules(name, v, 0) },
			func(s *Settings) any { return some(s.Ignore) },
		},
		{
			"fail-on", "The severity from which a finding that is likely or proven makes the exit code 1.",
			object{"enum": FailOns(), "default": Default().FailOn},
			func(r *reader, name string, v *value, s *Settings) {
				s.FailOn = r.oneOf(name, "severity", FailOns(), v)
			},
			func(s *Settings) any { return s.FailOn },
		},
		{
			"min-calls", "How often a statement must repeat in one unit of work to be a loop.",
			number(Default().MinCalls),
			func(r *reader, name string, v *value, s *Settings) { s.MinCalls = r.number(name, v) },
			func(s *Settings) any { return s.MinCalls },
		},
		{
			"source", "The folder of the Django project's source.",
			object{"type": "string", "minLength": 1},
			func(r *reader, name string, v *value, s *Settings) { s.Source = r.path(name, v, aFolder) },
			func(s *Settings) any { return nonZero(s.Source) },
		},
		{
			"source-roots", "The folders at or below the source that Python imports from, where detection gets them wrong.",
			list(object{"type": "string", "minLength": 1}, 1),
			func(r *reader, name string, v *value, s *Settings) { s.SourceRoots = r.paths(name, v) },
			func(s *Settings) any { return some(s.SourceRoots) },
		},
		{
			"source-tests", "Look at the source of tests and migrations too.",
			object{"type": "boolean", "default": false},
			func(r *reader, name string, v *value, s *Settings) { s.SourceTests = r.boolean(name, v) },
			func(s *Settings) any { return s.SourceTests },
		},
		{
			"django-version", "The version of Django that rewrites are for, where no lock file tells it.",
			object{"type": "string", "pattern": versionPattern},
			func(r *reader, name string, v *value, s *Settings) { s.DjangoVersion = r.version(name, v) },
			func(s *Settings) any { return nonZero(s.DjangoVersion) },
		},
		{
			"schema", "What pg_dump --schema-only wrote: true keys, columns and types.",
			object{"type": "string", "minLength": 1},
			func(r *reader, name string, v *value, s *Settings) { s.Schema = r.path(name, v, aFile) },
			func(s *Settings) any { return nonZero(s.Schema) },
		},
		{
			"baseline", "The file of findings that are known and do not count.",
			object{"type": "string", "minLength": 1},
			func(r *reader, name string, v *value, s *Settings) { s.Baseline = r.path(name, v, anything) },
			func(s *Settings) any { return nonZero(s.Baseline) },
		},
		{
			"strict-baseline", "Entries of the baseline that no finding answers to fail the run.",
			object{"type": "boolean", "default": false},
			func(r *reader, name string, v *value, s *Settings) { s.StrictBaseline = r.boolean(name, v) },
			func(s *Settings) any { return s.StrictBaseline },
		},
	}
}

func tableKeys() []key {
	return []key{
		{
			"per-file-ignores", "Rules to leave out by file: a glob, relative to this file's folder, and a list of rules.",
			object{"type": "object", "additionalProperties": list(ref("rule"), 0)},
			readFileIgnores, showFileIgnores,
		},
		{
			"severity", "Other severities for rules: a code, a name or the beginning of codes, and note, warning or error.",
			object{"type": "object", "propertyNames": ref("rule"), "additionalProperties": object{"enum": severities()}},
			readSeverity, showSeverity,
		},
		{
			"thresholds", "Where rules begin to speak.",
			thresholdSchema(), readThresholds, showThresholds,
		},
		{
			"path-map", "Where the source lies on the machines that write the logs: a folder there, and the folder here, relative to this file's.",
			object{"type": "object", "propertyNames": object{"minLength": 1}, "additionalProperties": object{"type": "string", "minLength": 1}},
			readPathMap, showPathMap,
		},
		{
			"budgets", "What one unit of work may come to: the name of an endpoint, in which * stands for any text, or default for all others, and limits. The first name that matches counts.",
			object{"type": "object", "propertyNames": object{"pattern": `\S`}, "additionalProperties": budgetSchema()},
			readBudgets, showBudgets,
		},
	}
}

// A threshold is a key of [thresholds].
type threshold struct {
	name, about string
	at          func(*rules.Thresholds) *int
}

func thresholds() []threshold {
	return []threshold{
		{"slow-query-ms", "slow-query tells of calls that take this many milliseconds or longer.", func(t *rules.Thresholds) *int { return &t.SlowQueryMS }},
		{"unbounded-ms", "unbounded-select tells of whole tables whose reads take this many milliseconds on average, or longer.", func(t *rules.Thresholds) *int { return &t.UnboundedMS }},
		{"unbounded-rows", "unbounded-select tells of whole tables that gave this many rows once, or more.", func(t *rules.Thresholds) *int { return &t.UnboundedRows }},
		{"wide-select-columns", "wide-select tells of lists of rows with this many columns or more.", func(t *rules.Thresholds) *int { return &t.WideSelectColumns }},
		{"wide-update-columns", "wide-update tells of save() that writes this many columns or more.", func(t *rules.Thresholds) *int { return &t.WideUpdateColumns }},
	}
}

// some is a list to show, nil when it is empty.
func some(list []string) any {
	if len(list) == 0 {
		return nil
	}
	return list
}

// nonZero is a text to show, nil when it is empty.
func nonZero(s string) any {
	if s == "" {
		return nil
	}
	return s
}
