package django

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// Settings are what models need of Django's settings.
type settings struct {
	modules   []*module // read, the one that manage.py names first
	installed []string  // INSTALLED_APPS of all of them, in order
	tops      map[string]bool
	userModel string // AUTH_USER_MODEL, "auth.User"
	autoField string // class name: "BigAutoField"; "" when not set
	urls      []string
	known     bool // INSTALLED_APPS was found
	read      map[*module]map[string]setting
}

// readSettings finds the settings modules and reads what models need of them.
func (p *Project) readSettings() {
	s := &p.setting
	s.tops, s.read = map[string]bool{}, map[*module]map[string]setting{}
	named := p.namedSettings()
	var rest []*module
	for _, m := range p.modules {
		if !m.test && assignsApps(m.text) && !slices.Contains(named, m) {
			rest = append(rest, m)
		}
	}
	for _, m := range append(named, rest...) {
		p.readSettingsModule(m)
	}
	if s.userModel == "" {
		s.userModel = "auth.User"
	}
	for _, a := range s.installed {
		top, _, _ := strings.Cut(a, ".")
		s.tops[top] = true
	}
}

// assignsApps reports whether a text sets INSTALLED_APPS at the start of a line.
func assignsApps(text []byte) bool {
	const name = "INSTALLED_APPS"
	for rest := text; ; {
		i := bytes.Index(rest, []byte(name))
		if i < 0 {
			return false
		}
		line := rest[bytes.LastIndexByte(rest[:i], '\n')+1 : i]
		rest = rest[i+len(name):]
		next := bytes.TrimLeft(rest[:min(len(rest), 8)], " ")
		if len(bytes.TrimLeft(line, " \t")) == 0 && len(next) > 0 && bytes.IndexByte([]byte("=+:."), next[0]) >= 0 {
			return true
		}
	}
}

// namedSettings returns the modules that manage.py, wsgi.py and the like name
// in DJANGO_SETTINGS_MODULE.
func (p *Project) namedSettings() []*module {
	var list []*module
	for _, base := range []string{"manage.py", "wsgi.py", "asgi.py", "celery.py"} {
		for _, m := range p.modules {
			if path.Base(m.path) != base {
				continue
			}
			if s := p.moduleFrom(m, settingsName(m.text)); s != nil && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}

// settingsName finds the value after DJANGO_SETTINGS_MODULE in a text.
func settingsName(text []byte) string {
	_, rest, ok := bytes.Cut(text, []byte("DJANGO_SETTINGS_MODULE"))
	if !ok {
		return ""
	}
	rest = rest[:min(len(rest), 200)]
	rest = bytes.TrimLeft(rest, "\"']), =\t\n")
	n := 0
	for n < len(rest) && (isNameByte(rest[n]) || rest[n] == '.') {
		n++
	}
	return string(rest[:n])
}

// readSettingsModule adds what one settings module says to what is known.
func (p *Project) readSettingsModule(m *module) {
	s := &p.setting
	values := p.settingValues(m, 0)
	s.modules = append(s.modules, m)
	if apps, ok := values["INSTALLED_APPS"]; ok {
		s.known = true
		for _, a := range apps.list {
			if !slices.Contains(s.installed, a) {
				s.installed = append(s.installed, a)
			}
		}
	}
	if v := values["AUTH_USER_MODEL"].text; v != "" && s.userModel == "" {
		s.userModel = v
	}
	if v := values["DEFAULT_AUTO_FIELD"].text; v != "" && s.autoField == "" {
		s.autoField = v
	}
	if v := values["ROOT_URLCONF"].text; v != "" && !slices.Contains(s.urls, v) {
		s.urls = append(s.urls, v)
	}
}

// A setting is a string or a list of strings.
type setting struct {
	text string
	list []string
}

// A settingsReader runs the few statements that settings are made of. All
// branches are taken: which one runs depends on the machine.
type settingsReader struct {
	p      *Project
	values map[string]setting
}

// settingValues returns the settings that a module ends up with. Each module is
// read once; one that imports itself in a circle has none at that moment.
func (p *Project) settingValues(m *module, depth int) map[string]setting {
	if values, known := p.setting.read[m]; known || depth > maxHops {
		return values
	}
	p.setting.read[m] = nil
	e := settingsReader{p: p, values: map[string]setting{}}
	e.body(m, m.file().Body, depth)
	p.setting.read[m] = e.values
	return e.values
}

func (e *settingsReader) body(m *module, list []syntax.Stmt, depth int) {
	for _, s := range list {
		e.stmt(m, s, depth)
	}
}

func (e *settingsReader) stmt(m *module, s syntax.Stmt, depth int) {
	switch s := s.(type) {
	case *syntax.ImportFrom:
		from, ok := m.absolute(s)
		src := e.p.moduleFrom(m, from)
		if !ok || src == nil || !src.analyse {
			return
		}
		e.imports(s, src, depth)
	case *syntax.Assign:
		e.assign(s)
	case *syntax.ExprStmt:
		e.call(s.X)
	case *syntax.If:
		e.body(m, s.Body, depth)
		e.body(m, s.Else, depth)
	case *syntax.Try:
		e.body(m, s.Body, depth)
		for _, h := range s.Handlers {
			e.body(m, h.Body, depth)
		}
		e.body(m, s.Else, depth)
	case *syntax.With:
		e.body(m, s.Body, depth)
	case *syntax.ClassDef: // django-configurations keeps settings in classes
		e.body(m, s.Body, depth)
	case *syntax.BadStmt:
		e.body(m, s.Body, depth)
	}
}

// imports takes over the settings that a from import brings. Names in lower case
// are none, so what they come from is not read.
func (e *settingsReader) imports(s *syntax.ImportFrom, src *module, depth int) {
	if s.Star {
		maps.Copy(e.values, e.p.settingValues(src, depth+1))
		return
	}
	for _, a := range s.Names {
		if a.Name != strings.ToUpper(a.Name) {
			continue
		}
		as := a.As
		if as == "" {
			as = a.Name
		}
		if v, ok := e.p.settingValues(src, depth+1)[a.Name]; ok {
			e.values[as] = v
		}
	}
}

func (e *settingsReader) assign(s *syntax.Assign) {
	if s.Value == nil {
		return
	}
	v, ok := e.value(s.Value)
	for _, t := range s.Targets {
		name, isName := t.(*syntax.Name)
		if !isName {
			continue
		}
		switch {
		case s.Op == "+=":
			old := e.values[name.ID]
			e.values[name.ID] = setting{text: old.text + v.text, list: join(old.list, v.list)}
		case ok:
			e.values[name.ID] = v
		}
	}
}

// join returns a new list of both.
func join(a, b []string) []string { return append(slices.Clone(a), b...) }

// call knows INSTALLED_APPS.append(…), .extend(…), .insert(…) and .remove(…).
func (e *settingsReader) call(x syntax.Expr) {
	call, ok := x.(*syntax.Call)
	if !ok || len(call.Args) == 0 {
		return
	}
	attr, ok := call.Func.(*syntax.Attribute)
	if !ok {
		return
	}
	name, ok := attr.X.(*syntax.Name)
	if !ok {
		return
	}
	old := e.values[name.ID]
	v, _ := e.value(call.Args[len(call.Args)-1].Value)
	switch attr.Attr {
	case "append":
		if v.text != "" {
			old.list = join(old.list, []string{v.text})
		}
	case "insert":
		if v.text != "" {
			old.list = join([]string{v.text}, old.list)
		}
	case "extend":
		old.list = join(old.list, v.list)
	case "remove":
		return // in a branch, as a rule: the app stays known
	}
	e.values[name.ID] = old
}

// value works out a string or a list of strings; false when it is neither.
func (e *settingsReader) value(x syntax.Expr) (setting, bool) {
	switch x := x.(type) {
	case *syntax.String:
		return setting{text: x.Value}, !x.Formatted && !x.Bytes
	case *syntax.Name:
		v, ok := e.values[x.ID]
		return v, ok
	case *syntax.Attribute: // Base.INSTALLED_APPS, base.INSTALLED_APPS
		v, ok := e.values[x.Attr]
		return v, ok
	case *syntax.Sequence:
		return e.sequence(x)
	case *syntax.Binary:
		a, okA := e.value(x.X)
		b, okB := e.value(x.Y)
		if x.Op == "or" && !okA {
			return b, okB
		}
		return setting{text: a.text + b.text, list: join(a.list, b.list)}, okA || okB
	case *syntax.Conditional:
		a, okA := e.value(x.Body)
		b, okB := e.value(x.Else)
		if len(a.list)+len(b.list) > 0 {
			return setting{list: join(a.list, b.list)}, true
		}
		if okA {
			return a, true
		}
		return b, okB
	case *syntax.Call:
		return e.callValue(x)
	case *syntax.Starred:
		return e.value(x.X)
	}
	return setting{}, false
}

func (e *settingsReader) sequence(x *syntax.Sequence) (setting, bool) {
	list := []string{}
	for _, el := range x.Elts {
		v, ok := e.value(el)
		if !ok {
			continue
		}
		if v.text != "" {
			list = append(list, v.text)
		}
		list = append(list, v.list...)
	}
	return setting{list: list}, true
}

// callValue knows list(x), tuple(x), and the default of env("NAME", default=…).
func (e *settingsReader) callValue(x *syntax.Call) (setting, bool) {
	for _, a := range x.Args {
		if a.Name == "default" {
			return e.value(a.Value)
		}
	}
	switch lastName(dottedOf(x.Func)) {
	case "list", "tuple", "sorted", "set", "dict.fromkeys":
		if len(x.Args) > 0 {
			return e.value(x.Args[0].Value)
		}
	case "get", "getenv", "env", "config", "str", "environ":
		if len(x.Args) > 1 {
			return e.value(x.Args[1].Value)
		}
	}
	return setting{}, false
}
