package django

import (
	"path"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// An app is a Django application: a package whose modules declare models.
type app struct {
	name      string // dotted: "library", "django.contrib.auth"
	label     string
	autoField string // class name of AppConfig.default_auto_field, "" none
	installed bool
	folder    string // relative, of an app in the source; "" when not
	own       bool   // in the project's source
}

// findApps lists the installed apps, then all other packages with models.
func (p *Project) findApps() {
	for _, entry := range p.setting.installed {
		if a := p.appOf(entry); a != nil {
			p.addApp(a)
		}
	}
	for _, m := range p.modules {
		base := path.Base(m.path)
		dir := path.Dir(m.path)
		switch {
		case base == "models.py" || base == "apps.py" && len(p.configs(m)) > 0:
		case base == "__init__.py" && path.Base(dir) == "models":
			dir = path.Dir(dir)
		default:
			continue
		}
		if dir == "." {
			dir = ""
		}
		if !slices.ContainsFunc(p.apps, func(a *app) bool { return a.own && a.folder == dir }) {
			a := p.plainApp(m, dir)
			p.addApp(a)
		}
	}
}

// addApp adds an app unless one of that name and folder is known.
func (p *Project) addApp(a *app) {
	for _, old := range p.apps {
		if old.name == a.name && old.folder == a.folder {
			return
		}
	}
	p.apps = append(p.apps, a)
}

// plainApp is an app that no INSTALLED_APPS names.
func (p *Project) plainApp(m *module, dir string) *app {
	name := parentName(m.name) // "library" of library.models, be that a file or a folder
	a := &app{name: name, folder: dir, own: true}
	a.label = lastName(name)
	if a.label == "" {
		a.label = lastName(packageAbove(p.root))
	}
	if a.label == "" {
		a.label = path.Base(strings.ReplaceAll(p.root, "\\", "/"))
	}
	if config := p.defaultConfig(p.byPath[path.Join(dir, "apps.py")]); config != nil {
		config.fill(a)
	}
	return a
}

// appOf reads one entry of INSTALLED_APPS.
func (p *Project) appOf(entry string) *app {
	a := &app{name: entry, installed: true}
	if s := p.dotted(nil, entry); s.kind == externalSymbol {
		// Not a module: a config class, or a package outside of the source.
		if c := p.configClass(entry); c != nil {
			config := p.readConfig(c)
			a.name = config.name
			if a.name == "" {
				a.name = parentName(c.module.name)
			}
			config.fill(a)
		} else if last := lastName(entry); strings.Contains(entry, ".apps.") && strings.HasSuffix(last, "Config") {
			a.name = entry[:strings.Index(entry, ".apps.")]
		}
	} else if config := p.defaultConfig(p.module(entry + ".apps")); config != nil {
		config.fill(a)
	}
	if m := p.module(a.name); m != nil && m.analyse {
		a.own, a.folder = true, path.Dir(m.path)
	} else if m := p.anyBelow(a.name); m != "" {
		a.own, a.folder = true, m
	}
	if a.folder == "." {
		a.folder = ""
	}
	if a.label == "" {
		a.label = lastName(a.name)
	}
	return a
}

// anyBelow returns the folder of a package without __init__.py.
func (p *Project) anyBelow(name string) string {
	for _, file := range []string{".models", ".apps"} {
		if m := p.module(name + file); m != nil && m.analyse {
			dir := path.Dir(m.path)
			if m.pkg {
				dir = path.Dir(dir)
			}
			return dir
		}
	}
	return ""
}

// configClass returns the class of a dotted path to an AppConfig.
func (p *Project) configClass(dotted string) *class {
	m := p.module(parentName(dotted))
	if m == nil {
		return nil
	}
	if s := p.resolve(m, lastName(dotted)); s.kind == classSymbol {
		return s.class
	}
	return nil
}

// A config is what an AppConfig class says.
type config struct {
	name, label, autoField string
	isDefault              bool
}

func (c *config) fill(a *app) {
	if c.label != "" {
		a.label = c.label
	}
	if c.autoField != "" {
		a.autoField = c.autoField
	}
}

// configs returns the AppConfig classes that a module declares.
func (p *Project) configs(m *module) []*class {
	var list []*class
	if m == nil {
		return nil
	}
	s := m.scope()
	for _, name := range s.order {
		for _, b := range s.names[name] {
			if b.kind != boundClass {
				continue
			}
			c := p.classOf(m, b.stmt.(*syntax.ClassDef))
			if slices.ContainsFunc(c.external(), func(e string) bool { return strings.HasSuffix(e, "AppConfig") || strings.HasSuffix(e, "Config") }) {
				list = append(list, c)
			}
		}
	}
	return list
}

// defaultConfig is the config that Django takes for a package: the only one, or
// the one that says so.
func (p *Project) defaultConfig(m *module) *config {
	list := p.configs(m)
	if len(list) == 1 {
		return p.readConfig(list[0])
	}
	for _, c := range list {
		if x := p.readConfig(c); x.isDefault {
			return x
		}
	}
	return nil
}

func (p *Project) readConfig(c *class) *config {
	text := func(name string) string {
		if x, ok := c.lookup(name); ok {
			if s, ok := x.value.(*syntax.String); ok {
				return s.Value
			}
		}
		return ""
	}
	x := &config{name: text("name"), label: text("label"), autoField: lastName(text("default_auto_field"))}
	if d, ok := c.lookup("default"); ok {
		k, isConstant := d.value.(*syntax.Constant)
		x.isDefault = isConstant && k.Text == "True"
	}
	return x
}

// appFor returns the app that a module's models belong to: of the installed ones
// the one with the longest name or folder that holds it, else of the others.
// Nil: none is known.
func (p *Project) appFor(m *module) *app {
	var best *app
	size := -1
	for _, a := range p.apps {
		n := -1
		switch {
		case m.analyse && a.own:
			if a.folder == "" || strings.HasPrefix(m.path, a.folder+"/") {
				n = len(a.folder)
			}
		case !m.analyse && !a.own:
			if m.name == a.name || strings.HasPrefix(m.name, a.name+".") {
				n = len(a.name)
			}
		}
		if n < 0 || best != nil && best.installed && !a.installed {
			continue
		}
		if n > size || best != nil && a.installed && !best.installed {
			best, size = a, n
		}
	}
	return best
}

// labelOf returns the app label of a module's models, "" when none can be told.
func (p *Project) labelOf(m *module) (label, autoField string) {
	if a := p.appFor(m); a != nil {
		return a.label, a.autoField
	}
	if m.analyse {
		name := m.folder()
		if lastName(name) == "models" {
			name = parentName(name)
		}
		return lastName(name), ""
	}
	if rest, ok := strings.CutPrefix(m.name, "django.contrib."); ok {
		top, _, _ := strings.Cut(rest, ".")
		return top, ""
	}
	return "", ""
}
