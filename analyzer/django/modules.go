package django

import (
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A module is one Python file. Its tree is made when first asked for.
type module struct {
	name    string   // dotted, from the nearest import root: "library.models"
	aliases []string // other names that an import may use for it, longest root last
	path    string   // relative to the root with slashes; of installed packages absolute or below the root
	text    []byte
	pkg     bool // an __init__.py
	// analyse: part of the project's own source; not builtin, not installed.
	analyse bool
	test    bool // a test or a migration: here only when asked for
	heads   []classHead

	parse sync.Once
	tree  *syntax.File
	bind  sync.Once
	names scope
}

// newModule makes a module of the project's own source.
func newModule(p *Project, name string, text []byte) *module {
	m := &module{path: name, text: text, pkg: path.Base(name) == "__init__.py", analyse: true}
	m.test = isTest(name) || isMigration(name)
	m.heads = scanClasses(text)
	return m
}

// file returns the module's tree. It never fails: see syntax.File.Errors.
func (m *module) file() *syntax.File {
	m.parse.Do(func() { m.tree = syntax.Parse(m.path, m.text) })
	return m.tree
}

// span returns where a node stands. The node must be of this module.
func (m *module) span(n syntax.Node) source.Span {
	r := n.Pos()
	return m.spanOf(r.Start, r.End)
}

// spanOf returns the span of the bytes from start to end.
func (m *module) spanOf(start, end int) source.Span {
	f := m.file()
	s := source.Span{Path: m.path, Start: start, End: end}
	s.Line, s.Column = f.Line(start)
	s.EndLine, s.EndColumn = f.Line(end)
	return s
}

// folder returns the dotted package that relative imports start from.
func (m *module) folder() string {
	if m.pkg {
		return m.name
	}
	return parentName(m.name)
}

// parentName drops the last part of a dotted name.
func parentName(dotted string) string {
	if i := strings.LastIndexByte(dotted, '.'); i >= 0 {
		return dotted[:i]
	}
	return ""
}

// lastName returns the last part of a dotted name.
func lastName(dotted string) string { return dotted[strings.LastIndexByte(dotted, '.')+1:] }

// joinName joins two dotted names, either of which may be empty.
func joinName(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// nameModules gives each module its dotted names. Where Python's path is not
// known, every place that imports usually start from gives one.
func (p *Project) nameModules(t *tree) {
	roots, prefix := p.importRoots(t), p.rootPackage(t)
	for _, m := range p.modules {
		m.aliases = moduleNames(m.path, roots, prefix)
		m.name = m.aliases[0]
		for _, n := range m.aliases {
			p.byName[n] = append(p.byName[n], m)
		}
	}
}

// importRoots are the folders that imports start from; true: for sure.
func (p *Project) importRoots(t *tree) map[string]bool {
	if len(p.options.Roots) > 0 {
		roots := map[string]bool{"": false} // so that each file has a name
		for _, r := range p.options.Roots {
			if r = path.Clean(r); r == "." {
				r = ""
			}
			roots[r] = true
		}
		return roots
	}
	roots := map[string]bool{"": true}
	for _, r := range t.roots {
		if r == "." {
			r = ""
		}
		roots[r] = true
	}
	for _, f := range t.files {
		dir := path.Dir(f)
		for d := dir; d != "."; d = path.Dir(d) {
			if path.Base(d) == "src" && !t.packages[d] {
				roots[d] = true
			}
			if t.packages[d] && !t.packages[path.Dir(d)] && !(path.Dir(d) == "." && t.packages[""]) {
				top := path.Dir(d)
				if top == "." {
					top = ""
				}
				if !roots[top] {
					roots[top] = false // weak: its packages may be parts of a namespace above
				}
			}
		}
	}
	return roots
}

// rootPackage returns the dotted name of the root itself when it is a package.
func (p *Project) rootPackage(t *tree) string {
	if !t.packages[""] || len(p.options.Roots) > 0 {
		return ""
	}
	return packageAbove(p.root)
}

// moduleNames returns the dotted names of a file, the likeliest first: from the
// deepest sure root, then the other sure ones, then the weak ones.
func moduleNames(file string, roots map[string]bool, prefix string) []string {
	var sure, weak []string
	for _, r := range slices.Sorted(maps.Keys(roots)) {
		rest, ok := file, true
		if r != "" {
			rest, ok = strings.CutPrefix(file, r+"/")
		}
		if !ok {
			continue
		}
		name := strings.TrimSuffix(rest, ".py")
		if path.Base(name) == "__init__" {
			name = path.Dir(name)
		}
		if name == "." || name == "" {
			continue
		}
		name = strings.ReplaceAll(name, "/", ".")
		if roots[r] {
			sure = append(sure, name)
		} else {
			weak = append(weak, name)
		}
	}
	slices.SortStableFunc(sure, func(a, b string) int { return len(a) - len(b) })
	slices.SortStableFunc(weak, func(a, b string) int { return len(a) - len(b) })
	names := append(sure, weak...)
	if prefix != "" {
		whole := strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "__init__")
		whole = strings.ReplaceAll(strings.TrimSuffix(whole, "/"), "/", ".")
		names = append([]string{joinName(prefix, whole)}, names...)
	}
	if len(names) == 0 {
		names = []string{"__init__"}
	}
	return slices.Compact(names)
}

// module returns the module that an import of the dotted name in from gets, nil
// when it is not in the source. Where several projects below the root have one
// of that name, it is the one nearest to from, which may be nil.
func (p *Project) moduleFrom(from *module, dotted string) *module {
	list := p.byName[dotted]
	if from != nil && !from.analyse || isDjangoItself(dotted) {
		list = nil // an installed package does not import the project
	}
	if len(list) == 0 {
		return p.packageModule(from, dotted)
	}
	best := list[0]
	if from == nil || len(list) == 1 {
		return best
	}
	near := -1
	for _, m := range list {
		n := commonPrefix(m.path, from.path)
		if n > near || n == near && m.name == dotted && best.name != dotted {
			best, near = m, n
		}
	}
	return best
}

// isDjangoItself tells the modules whose names mean something to this program,
// so that they stay names even where Django's own source is what is read.
func isDjangoItself(dotted string) bool {
	rest, ok := strings.CutPrefix(dotted, "django.")
	return dotted == "django" || ok && rest != "contrib" && !strings.HasPrefix(rest, "contrib.") ||
		strings.HasPrefix(rest, "contrib.contenttypes.fields") || strings.HasPrefix(rest, "contrib.postgres.fields")
}

// module is moduleFrom without a place to start from.
func (p *Project) module(dotted string) *module { return p.moduleFrom(nil, dotted) }

// commonPrefix returns how many folders two paths share.
func commonPrefix(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n++
		}
	}
	return n
}
