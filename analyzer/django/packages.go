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

// findPackages finds the folders of installed packages: those in the project,
// and the site-packages of virtual environments below or beside the root and of
// the active one.
func (p *Project) findPackages(t *tree) {
	if !p.options.Packages {
		return
	}
	for _, f := range t.sites {
		p.sites = append(p.sites, filepath.Join(p.root, filepath.FromSlash(f)))
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

// packageModule returns a module of Django's or of an installed package's, nil
// when it is not there or not to be read.
func (p *Project) packageModule(from *module, dotted string) *module {
	if !strings.HasPrefix(dotted, "django.") && !p.readable(from, dotted) {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if m, known := p.packages[dotted]; known {
		return m
	}
	m := builtinModule(dotted)
	if m == nil && !strings.HasPrefix(dotted, "django.") {
		m = p.installedModule(dotted)
	}
	p.packages[dotted] = m
	return m
}

// closedPackages are known by their names alone, installed or not: what they do
// to querysets is in this program, and their source would only hide it.
var closedPackages = map[string]bool{
	"rest_framework": true, "django_filters": true, "celery": true, "graphene": true, "graphene_django": true,
	"import_export": true, "crispy_forms": true, "debug_toolbar": true, "strawberry": true, "strawberry_django": true,
	"ninja": true, "channels": true, "dramatiq": true, "huey": true, "django_q": true, "django_rq": true,
	"django_tables2": true, "drf_spectacular": true, "typing": true,
}

// readable reports whether a module of an installed package may be read: of
// installed apps, of what packages import themselves, and of others the parts
// that model classes come from.
func (p *Project) readable(from *module, dotted string) bool {
	top, rest, _ := strings.Cut(dotted, ".")
	if len(p.sites) == 0 || top == "django" || closedPackages[top] && dotted != "rest_framework.authtoken.models" {
		return false
	}
	if p.setting.tops[top] || from != nil && !from.analyse {
		return true
	}
	for part := range strings.SplitSeq(rest, ".") {
		switch part {
		case "models", "abstract_models", "fields", "managers", "querysets", "query":
			return true
		}
	}
	return false
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
