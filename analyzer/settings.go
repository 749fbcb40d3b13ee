package analyzer

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/glob"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/rules"
)

// rules are the options of the rules.
func (c *Config) rules() rules.Options {
	return rules.Options{MinCalls: c.MinCalls, Types: c.Schema != "", Thresholds: c.Thresholds}
}

// A spared set of files has rules, by code, that are left out there.
type spared struct {
	folder, pattern string
	codes           map[string]bool
}

// spare checks the settings that leave rules out by file.
func spare(list []FileIgnores) ([]spared, error) {
	var all []spared
	for _, f := range list {
		if !glob.Valid(f.Pattern) {
			return nil, &UsageError{Msg: fmt.Sprintf("%q is no glob", f.Pattern), Hint: "as in app/**/*.py"}
		}
		codes, unknown, ok := rules.Codes(f.Rules)
		if !ok {
			return nil, unknownRule(unknown)
		}
		all = append(all, spared{f.Folder, f.Pattern, codes})
	}
	return all, nil
}

// spares reports whether a finding lies in a file where its rule is left out.
// Its path is still relative to the source's root.
func (a *application) spares(list []spared, f *finding.Finding) bool {
	if a == nil || !f.Location.Known() {
		return false
	}
	for _, s := range list {
		if !s.codes[f.Code] {
			continue
		}
		path, ok := relative(s.folder, filepath.Join(a.root, filepath.FromSlash(f.Location.Path)))
		if ok && glob.Within(s.pattern, path) {
			return true
		}
	}
	return false
}

// relative is the way from a folder to a path, with slashes.
func relative(folder, path string) (string, bool) {
	from, err := filepath.Abs(folder)
	if err != nil {
		return "", false
	}
	to, err := filepath.Abs(path)
	if err != nil {
		return "", false
	}
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err == nil
}

// sourceRoots are c.SourceRoots relative to the source.
func sourceRoots(c Config) ([]string, error) {
	var roots []string
	for _, r := range c.SourceRoots {
		rel, ok := relative(c.Source, r)
		if !ok || !filepath.IsLocal(filepath.FromSlash(rel)) {
			return nil, &UsageError{Msg: fmt.Sprintf("the source root %s is not below the source, %s", r, c.Source), Hint: "source-roots takes folders that Python imports from"}
		}
		if st, err := os.Stat(r); err != nil || !st.IsDir() {
			return nil, &UsageError{Msg: fmt.Sprintf("the source root %s is not a folder", r), Hint: "source-roots takes folders that Python imports from"}
		}
		roots = append(roots, rel)
	}
	return roots, nil
}

// mappings are c.PathMap relative to the source. A folder beside the source
// maps to paths that no file of it has.
func mappings(c Config) []link.Mapping {
	var list []link.Mapping
	for _, m := range c.PathMap {
		if rel, ok := relative(c.Source, m.To); ok {
			list = append(list, link.Mapping{From: m.From, To: rel})
		}
	}
	return list
}
