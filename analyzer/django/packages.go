package django

import (
	"embed"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// builtin holds the models of Django's own apps, with their classes' bases and
// the methods that read their fields, as far as any of that can matter to a
// query. Version 5.2; what later and earlier versions have differs in no column.
//
//go:embed builtin/*.py
var builtin embed.FS

// builtinModule returns a module of Django that this package brings along.
func builtinModule(dotted string) *module {
	if !strings.HasPrefix(dotted, "django.contrib.") {
		return nil
	}
	text, err := builtin.ReadFile("builtin/" + strings.TrimPrefix(dotted, "django.contrib.") + ".py")
	if err != nil {
		return nil
	}
	return &module{name: dotted, aliases: []string{dotted}, text: text, heads: scanClasses(text)}
}

// findPackages finds the site-packages folders of virtual environments: below
// or beside the root, and the active one.
func (p *Project) findPackages(t *tree) {
	if !p.options.Packages {
		return
	}
	var homes []string
	for _, v := range t.venvs {
		homes = append(homes, filepath.Join(p.root, filepath.FromSlash(v)))
	}
	for _, name := range []string{".venv", "venv", "env"} {
		homes = append(homes, filepath.Join(p.root, name), filepath.Join(filepath.Dir(p.root), name))
	}
	if active := os.Getenv("VIRTUAL_ENV"); active != "" {
		homes = append(homes, active)
	}
	for _, h := range homes {
		found, err := filepath.Glob(filepath.Join(h, "lib", "python3*", "site-packages"))
		if err != nil {
			continue
		}
		windows := filepath.Join(h, "Lib", "site-packages")
		if info, err := os.Stat(windows); err == nil && info.IsDir() {
			found = append(found, windows)
		}
		for _, f := range found {
			if !slices.Contains(p.sites, f) {
				p.sites = append(p.sites, f)
			}
		}
	}
}

// packageModule returns a module of Django's or of an installed app's, nil when
// it is not there or not to be read.
func (p *Project) packageModule(dotted string) *module {
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, known := p.packages[dotted]; known {
		return m
	}
	m := builtinModule(dotted)
	if m == nil && p.installed(dotted) {
		m = p.installedModule(dotted)
	}
	p.packages[dotted] = m
	return m
}

// installed reports whether a dotted name belongs to the top package of an
// installed app: only those are read. Django itself is builtin.
func (p *Project) installed(dotted string) bool {
	top, _, _ := strings.Cut(dotted, ".")
	return top != "django" && p.setting.tops[top]
}

// installedModule reads a module from the first site-packages that has it.
func (p *Project) installedModule(dotted string) *module {
	rel := filepath.FromSlash(strings.ReplaceAll(dotted, ".", "/"))
	for _, site := range p.sites {
		for _, file := range []string{filepath.Join(rel, "__init__.py"), rel + ".py"} {
			full := filepath.Join(site, file)
			info, err := os.Stat(full)
			if err != nil || !info.Mode().IsRegular() || info.Size() > maxFileBytes {
				continue
			}
			text, err := os.ReadFile(full)
			if err != nil {
				continue
			}
			return &module{
				name: dotted, aliases: []string{dotted}, path: p.shown(full), text: text,
				pkg: filepath.Base(file) == "__init__.py", heads: scanClasses(text),
			}
		}
	}
	return nil
}

// shown returns a file's path as spans give it: relative below the root.
func (p *Project) shown(full string) string {
	if rel, err := filepath.Rel(p.root, full); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(full)
}

// packageAbove returns the dotted name of a folder that is a package, "" when
// it is none.
func packageAbove(folder string) string {
	name := ""
	for range maxHops {
		if _, err := os.Stat(filepath.Join(folder, "__init__.py")); err != nil {
			return name
		}
		name = joinName(filepath.Base(folder), name)
		folder = filepath.Dir(folder)
	}
	return name
}

// siblings lists the other Python files of an installed package's folder.
func (p *Project) siblings(m *module) []string {
	full := m.path
	if !filepath.IsAbs(full) {
		full = filepath.Join(p.root, filepath.FromSlash(full))
	}
	entries, err := os.ReadDir(filepath.Dir(full))
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".py") && e.Name() != "__init__.py" {
			names = append(names, e.Name())
		}
	}
	return names
}
