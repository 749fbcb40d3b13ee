package config

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"

	"github.com/ormlint/ormlint/rules"
)

// settings enters all keys of a table.
func (r *reader) settings(root *value, s *Settings) {
	all := keys()
	var names []string
	for _, k := range all {
		names = append(names, k.name)
	}
	if root.kind != unstable.Table {
		r.expected("tool.ormlint", "a table", root)
		return
	}
	for _, p := range root.pairs {
		i := slices.Index(names, p.key)
		if i < 0 {
			r.unknown(p.at, names, elsewhere(p), "unknown key %q", p.key)
			continue
		}
		r.lines[p.key], _ = r.place(p.at)
		all[i].read(r, p.key, p.value, s)
	}
}

// elsewhere is the hint for a key that no known one is near to.
func elsewhere(p *pair) string {
	if p.key == "tool" || p.key == "ormlint" {
		return "keys stand at the top of ormlint.toml, or in [tool.ormlint] of pyproject.toml"
	}
	if slices.ContainsFunc(thresholds(), func(t threshold) bool { return t.name == p.key }) {
		return "it stands in [thresholds]"
	}
	return ""
}

// table checks that a value is one.
func (r *reader) table(name, of string, v *value) []*pair {
	if v.kind != unstable.Table {
		r.expected(name, of, v)
		return nil
	}
	return v.pairs
}

func (r *reader) str(name, what string, v *value) (string, bool) {
	if v.kind != unstable.String {
		r.expected(name, what, v)
		return "", false
	}
	if v.text == "" {
		r.bad(v.at, "", "%s: expected %s, found an empty string", name, what)
		return "", false
	}
	return v.text, true
}

func (r *reader) boolean(name string, v *value) bool {
	if v.kind != unstable.Bool {
		r.expected(name, "true or false", v)
	}
	return v.text == "true"
}

// numberMax is the largest number that a setting takes.
const numberMax = 1_000_000_000

// number reads a whole number from 1.
func (r *reader) number(name string, v *value) int {
	n, err := strconv.ParseInt(strings.ReplaceAll(v.text, "_", ""), 0, 64)
	switch {
	case v.kind != unstable.Integer || err == nil && n < 1:
		r.expected(name, "a whole number from 1", v)
		return 1
	case err != nil || n > numberMax:
		r.expected(name, "a whole number up to "+strconv.Itoa(numberMax), v)
		return 1
	}
	return int(n)
}

// oneOf reads one of some words; what says what they are.
func (r *reader) oneOf(name, what string, words []string, v *value) string {
	s, ok := r.str(name, "one of "+strings.Join(words, ", "), v)
	if ok && !slices.Contains(words, s) {
		r.unknown(v.at, words, "", "%s: unknown "+what+" %q", name, s)
	}
	return s
}

func (r *reader) version(name string, v *value) string {
	const what = `a version of Django such as "5.2"`
	s, ok := r.str(name, what, v)
	if ok && !IsVersion(s) {
		r.bad(v.at, "", "%s: expected %s, found %q", name, what, s)
	}
	return s
}

// strings reads a list of at least some strings, each of them what one says,
// and gives them to f.
func (r *reader) strings(name, one string, v *value, least int, f func(item *value, s string)) {
	if v.kind != unstable.Array {
		r.expected(name, "a list, each item "+one, v)
		return
	}
	if len(v.items) < least {
		r.bad(v.at, "leave the key out instead", "%s: expected a list, each item %s, found an empty one", name, one)
	}
	for _, item := range v.items {
		if s, ok := r.str(name, one, item); ok {
			f(item, s)
		}
	}
}

// rules reads a list of rules.
func (r *reader) rules(name string, v *value, least int) []string {
	list := []string{}
	r.strings(name, "the code or name of a rule", v, least, func(item *value, s string) {
		if r.isRule(name, item.at, s) {
			list = append(list, s)
		}
	})
	return list
}

func (r *reader) isRule(name string, at int, s string) bool {
	if len(rules.Match(s)) > 0 {
		return true
	}
	r.unknown(at, rules.Names(), "ormlint rules lists them", "%s: no rule %q", name, s)
	return false
}

// What a path has to lead to.
const (
	anything = iota
	aFile
	aFolder
)

// path reads a path relative to the file's folder.
func (r *reader) path(name string, v *value, to int) string {
	s, ok := r.str(name, "a path", v)
	if ok {
		r.leads(name, v.at, s, to)
	}
	return s
}

func (r *reader) paths(name string, v *value) []string {
	var list []string
	r.strings(name, "a folder", v, 1, func(item *value, s string) {
		r.leads(name, item.at, s, aFolder)
		list = append(list, s)
	})
	return list
}

// leads checks that a path leads to what it should.
func (r *reader) leads(name string, at int, s string, to int) {
	if to == anything {
		return
	}
	full := filepath.FromSlash(s)
	if !filepath.IsAbs(full) {
		full = filepath.Join(r.folder, full)
	}
	info, err := os.Stat(full)
	switch {
	case err == nil && to == aFolder && !info.IsDir():
		r.bad(at, "", "%s: %s is not a folder", name, s)
	case err == nil && to == aFile && info.IsDir():
		r.bad(at, "", "%s: %s is a folder", name, s)
	case err != nil:
		r.bad(at, "paths are relative to the folder of this file", "%s: there is no %s", name, s)
	}
}
