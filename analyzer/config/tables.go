package config

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/glob"
	"github.com/ormlint/ormlint/rules"
)

func readFileIgnores(r *reader, name string, v *value, s *Settings) {
	for _, p := range r.table(name, "a table of globs with lists of rules", v) {
		own := r.entry(name, p)
		switch {
		case !glob.Valid(p.key) || p.key == "":
			r.bad(p.at, "as in app/**/*.py", "%s: %q is no glob", name, p.key)
		case strings.HasPrefix(p.key, "/"):
			r.bad(p.at, "globs are relative to the folder of this file", "%s: %q begins with a slash", name, p.key)
		}
		s.PerFileIgnores = append(s.PerFileIgnores, FileIgnores{p.key, r.rules(own, p.value, 0)})
	}
}

func severities() []string {
	return []string{finding.Note.String(), finding.Warning.String(), finding.Error.String()}
}

func readSeverity(r *reader, name string, v *value, s *Settings) {
	lines := map[string]int{} // by the rules meant
	for _, p := range r.table(name, "a table of rules with severities", v) {
		own := r.entry(name, p)
		if r.isRule(name, p.at, p.key) {
			line, _ := r.place(p.at)
			means := meaning(p.key)
			if first := lines[means]; first > 0 {
				r.bad(p.at, "", "%s: line %d has a severity for it already", own, first)
			}
			lines[means] = line
		}
		severity, _ := finding.SeverityOf(r.oneOf(own, "severity", severities(), p.value))
		s.Severity = append(s.Severity, RuleSeverity{p.key, severity})
	}
}

// meaning is the same for selectors of the same rules.
func meaning(selector string) string {
	var codes []string
	for _, rule := range rules.Match(selector) {
		codes = append(codes, rule.Code)
	}
	return strings.Join(codes, " ")
}

func readThresholds(r *reader, name string, v *value, s *Settings) {
	all := thresholds()
	var names []string
	for _, t := range all {
		names = append(names, t.name)
	}
	for _, p := range r.table(name, "a table of numbers", v) {
		own := r.entry(name, p)
		i := slices.Index(names, p.key)
		if i < 0 {
			r.unknown(p.at, names, "", "%s: unknown key %q", name, p.key)
			continue
		}
		*all[i].at(&s.Thresholds) = r.number(own, p.value)
	}
}

func readPathMap(r *reader, name string, v *value, s *Settings) {
	for _, p := range r.table(name, "a table of folders", v) {
		own := r.entry(name, p)
		if p.key == "" {
			r.bad(p.at, `as in "/app" = "backend"`, "%s: expected a folder as logs write it, found an empty key", name)
		}
		s.PathMap = append(s.PathMap, PathMap{p.key, r.path(own, p.value, aFolder)})
	}
}

// budgetLimits are the keys of a budget.
func budgetLimits() []string { return []string{"queries", "rows", "ms"} }

func readBudgets(r *reader, name string, v *value, s *Settings) {
	for _, p := range r.table(name, "a table of endpoints with limits", v) {
		own := r.entry(name, p)
		if strings.TrimSpace(p.key) == "" {
			r.bad(p.at, `as in "GET /books/*"`, "%s: expected the name of an endpoint, found an empty key", name)
		}
		s.Budgets = append(s.Budgets, r.budget(own, p))
	}
	slices.SortStableFunc(s.Budgets, func(a, b rules.Budget) int {
		rank := func(b rules.Budget) int {
			if b.Pattern == rules.DefaultBudget {
				return 1
			}
			return 0
		}
		return cmp.Compare(rank(a), rank(b))
	})
}

func (r *reader) budget(name string, p *pair) rules.Budget {
	b := rules.Budget{Pattern: p.key}
	const what = "a table such as {queries = 20, ms = 100, rows = 5000}"
	limits := r.table(name, what, p.value)
	if p.kind == unstable.Table && len(limits) == 0 {
		r.bad(p.at, "", "%s: expected %s, found no limit", name, what)
	}
	for _, l := range limits {
		own := dotted(name, l.key)
		switch l.key {
		case "queries":
			b.Queries = int64(r.number(own, l.value))
		case "rows":
			b.Rows = int64(r.number(own, l.value))
		case "ms":
			b.Took = r.milliseconds(own, l.value)
		default:
			r.unknown(l.at, budgetLimits(), "", "%s: unknown key %q", name, l.key)
		}
	}
	return b
}

// milliseconds reads a time, whole or with a fraction.
func (r *reader) milliseconds(name string, v *value) time.Duration {
	if v.kind == unstable.Integer {
		return time.Duration(r.number(name, v)) * time.Millisecond
	}
	ms, err := strconv.ParseFloat(strings.ReplaceAll(v.text, "_", ""), 64)
	if v.kind != unstable.Float || err != nil || !(ms >= 0.001 && ms <= numberMax) {
		r.expected(name, "a number of milliseconds above 0", v)
		return 0
	}
	return time.Duration(ms * float64(time.Millisecond))
}

// entry notes the line of a table's key and returns its whole name.
func (r *reader) entry(table string, p *pair) string {
	name := dotted(table, p.key)
	r.lines[name], _ = r.place(p.at)
	return name
}

// A table is the entries of one to show, in order.
type table []entry

type entry struct {
	key   string
	value any
}

func showFileIgnores(s *Settings) any {
	var t table
	for _, f := range s.PerFileIgnores {
		t = append(t, entry{f.Pattern, f.Rules})
	}
	return t
}

func showSeverity(s *Settings) any {
	var t table
	for _, e := range s.Severity {
		t = append(t, entry{e.Rule, e.Severity.String()})
	}
	return t
}

func showThresholds(s *Settings) any {
	var t table
	for _, e := range thresholds() {
		t = append(t, entry{e.name, *e.at(&s.Thresholds)})
	}
	return t
}

func showPathMap(s *Settings) any {
	var t table
	for _, m := range s.PathMap {
		t = append(t, entry{m.From, m.To})
	}
	return t
}

func showBudgets(s *Settings) any {
	var t table
	for _, b := range s.Budgets {
		var limits table
		if b.Queries > 0 {
			limits = append(limits, entry{"queries", int(b.Queries)})
		}
		if b.Rows > 0 {
			limits = append(limits, entry{"rows", int(b.Rows)})
		}
		if b.Took > 0 {
			limits = append(limits, entry{"ms", float64(b.Took) / float64(time.Millisecond)})
		}
		t = append(t, entry{b.Pattern, limits})
	}
	return t
}
