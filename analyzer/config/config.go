// Package config reads the settings of a project: one TOML file, the nearest
// ormlint.toml, .ormlint.toml or pyproject.toml with a table [tool.ormlint].
//
//	folder ─► Find ─► Load: TOML ─► tree with places ─► keys ─► Settings, or an Error with every problem's line
//
// What a key is called, means, takes and how it is shown stands in one table,
// keys.go; the JSON Schema and `ormlint config show` are made from it.
package config

import (
	"regexp"
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/rules"
)

// Settings are what a file can set, after its keys: PerFileIgnores is
// per-file-ignores. Paths and globs are relative to the file's folder. The
// zero value of a field means what the key's default is.
type Settings struct {
	Select         []string // codes, names or beginnings of codes
	Ignore         []string
	FailOn         string // one of FailOns
	MinCalls       int
	Source         string
	SourceRoots    []string
	SourceTests    bool
	DjangoVersion  string
	Schema         string
	Baseline       string
	StrictBaseline bool
	PerFileIgnores []FileIgnores
	Severity       []RuleSeverity
	Thresholds     rules.Thresholds
	PathMap        []PathMap
	Budgets        []rules.Budget // rules.DefaultBudget last, the others in order of the file
}

// FileIgnores are the rules to leave out in the files that a glob matches.
type FileIgnores struct {
	Pattern string
	Rules   []string
}

// A RuleSeverity gives the rules that a selector means a severity.
type RuleSeverity struct {
	Rule     string
	Severity finding.Severity
}

// A PathMap says that what logs call From is the folder To.
type PathMap struct{ From, To string }

// Default returns the settings without a file.
func Default() Settings {
	return Settings{FailOn: "warning", MinCalls: rules.DefaultMinCalls, Thresholds: rules.DefaultThresholds()}
}

// FailOns are the values of fail-on.
func FailOns() []string { return []string{"note", "warning", "error", "never"} }

// Severities are the severities that s gives rules, by code. Where several
// entries mean a rule, the one that means the fewest counts.
func (s *Settings) Severities() map[string]finding.Severity {
	list := slices.Clone(s.Severity)
	slices.SortStableFunc(list, func(a, b RuleSeverity) int { return len(rules.Match(b.Rule)) - len(rules.Match(a.Rule)) })
	codes := map[string]finding.Severity{}
	for _, e := range list {
		for _, r := range rules.Match(e.Rule) {
			codes[r.Code] = e.Severity
		}
	}
	return codes
}

// versionPattern is a version of Django, in JSON Schema's dialect too.
const versionPattern = `^[1-9][0-9]?\.[0-9]{1,2}(\.[0-9]{1,3})?$`

var version = regexp.MustCompile(versionPattern)

// IsVersion reports whether s can be a version of Django: "5.2", "4.2.11".
func IsVersion(s string) bool { return version.MatchString(s) }
