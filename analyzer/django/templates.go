package django

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/ormlint/ormlint/analyzer/django/template"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Limits of templates, with their counters in Index.Lost.
const (
	maxTemplates     = 20_000  // files in templates folders: source_templates
	maxTemplateBytes = 1 << 20 // of one: source_templates
	maxIncludes      = 12      // templates inside each other: source_includes
)

// Templates are the files of the source's templates folders by the names that
// code gives them. The zero value is ready.
type templates struct {
	once   sync.Once
	byName map[string][]string // "library/book_list.html": paths below the root, sorted
	parsed sync.Map            // path: *template.Template
}

// template returns the template of a name, nil when the source has none. Of
// several that of the nearest folder by path wins, as apps override others.
func (p *Project) template(name string) *template.Template {
	t := &p.templates
	t.once.Do(func() { t.byName = p.findTemplates() })
	list := t.byName[name]
	if len(list) == 0 {
		return nil
	}
	if x, ok := t.parsed.Load(list[0]); ok {
		return x.(*template.Template)
	}
	full := filepath.Join(p.root, filepath.FromSlash(list[0]))
	if info, err := os.Stat(full); err != nil || info.Size() > maxTemplateBytes {
		p.lose("source_templates", 1)
		return nil
	}
	text, err := os.ReadFile(full)
	if err != nil {
		p.lose("source_templates", 1)
		return nil
	}
	x, _ := t.parsed.LoadOrStore(list[0], template.Parse(list[0], text))
	return x.(*template.Template)
}

// findTemplates lists what stands below folders named templates.
func (p *Project) findTemplates() map[string][]string {
	byName := map[string][]string{}
	count := 0
	err := filepath.WalkDir(p.root, func(full string, d fs.DirEntry, err error) error {
		if err != nil {
			if d != nil && d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if d.IsDir() {
			name := d.Name()
			if full != p.root && (skippedFolders[name] || strings.HasPrefix(name, ".") || isVenv(full)) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(p.root, full)
		if err != nil {
			return nil
		}
		rel = filepath.ToSlash(rel)
		_, name, ok := cutLast(rel, "templates/")
		if !ok {
			return nil
		}
		if count++; count > maxTemplates {
			p.lose("source_templates", 1)
			return filepath.SkipAll
		}
		byName[name] = append(byName[name], rel)
		return nil
	})
	if err != nil {
		p.lose("source_templates", 1)
	}
	for _, list := range byName {
		slices.SortFunc(list, func(a, b string) int {
			if d := strings.Count(a, "/") - strings.Count(b, "/"); d != 0 {
				return d
			}
			return strings.Compare(a, b)
		})
	}
	return byName
}

func isVenv(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "pyvenv.cfg"))
	return err == nil
}

// cutLast cuts a path after the last folder of that name, "templates/".
func cutLast(path, folder string) (before, after string, ok bool) {
	if i := strings.LastIndex(path, "/"+folder); i >= 0 {
		return path[:i], path[i+1+len(folder):], true
	}
	if rest, ok := strings.CutPrefix(path, folder); ok {
		return "", rest, true
	}
	return path, "", false
}

// A rendering is one template at work.
type rendering struct {
	it     *interp
	file   *template.Template
	name   string // as code calls it
	scopes []map[string]value
	blocks map[string][]override // of the templates that extend this one, the last first
	depth  int
}

// An override is a block in a template.
type override struct {
	file *template.Template
	body []template.Node
}

// render runs a template with a context, from a place in the source.
func (it *interp) render(names []string, context value, at source.Span) {
	var file *template.Template
	name := ""
	for _, name = range names {
		if file = it.p.template(name); file != nil {
			break
		}
	}
	if file == nil {
		it.escape(context, &spot{at}, "passed to a template that is not in the source")
		return
	}
	scope := map[string]value{}
	for _, v := range each(context) {
		d, ok := v.(*dict)
		if !ok {
			continue
		}
		for _, k := range d.keys {
			if k.kind == textConstant {
				scope[k.text] = d.values[k]
			}
		}
	}
	r := &rendering{it: it, file: file, name: name, scopes: []map[string]value{scope}, blocks: map[string][]override{}}
	it.standing(source.Hop{Span: at, Function: name}, func() { r.run() })
}

// standing runs f outside of any function, one step further on the way.
func (it *interp) standing(hop source.Hop, f func()) {
	if len(it.hops) >= maxDepth {
		it.lose("source_calls")
		return
	}
	hops := it.hops
	it.hops = append(it.hops[:len(it.hops):len(it.hops)], hop)
	it.frame = &frame{module: it.frame.module, env: newEnv(it.frame.module, nil), base: len(it.loops), outer: it.frame}
	f()
	it.frame = it.frame.outer
	it.hops = hops
}

// run renders the file, or what it extends.
func (r *rendering) run() {
	for _, n := range r.file.Nodes {
		x, ok := n.(*template.Extends)
		if !ok {
			continue
		}
		r.collect(r.file.Nodes)
		parent := r.it.p.template(x.Name.Literal)
		if x.Name.Path != nil || parent == nil || r.depth >= maxIncludes {
			r.all(r.file.Nodes) // its blocks are rendered all the same
			return
		}
		r.file, r.name = parent, x.Name.Literal
		r.depth++
		r.run()
		return
	}
	r.all(r.file.Nodes)
}

// collect notes the blocks of a template that extends another.
func (r *rendering) collect(nodes []template.Node) {
	for _, n := range nodes {
		if b, ok := n.(*template.Block); ok {
			r.blocks[b.Name] = append(r.blocks[b.Name], override{r.file, b.Body})
			r.collect(b.Body)
		}
	}
}

// at returns where a part of the template stands.
func (r *rendering) at(x template.Range) *spot {
	s := source.Span{Path: r.file.Path, Start: x.Start, End: x.End}
	s.Line, s.Column = r.file.Line(x.Start)
	s.EndLine, s.EndColumn = r.file.Line(x.End)
	return &spot{s}
}

func (r *rendering) all(nodes []template.Node) {
	for _, n := range nodes {
		if !r.it.step() {
			return
		}
		r.node(n)
	}
}

func (r *rendering) push(scope map[string]value) { r.scopes = append(r.scopes, scope) }
func (r *rendering) pop()                        { r.scopes = r.scopes[:len(r.scopes)-1] }

func (r *rendering) node(n template.Node) {
	switch n := n.(type) {
	case *template.Variable:
		r.print(n.X)
	case *template.For:
		r.loop(n)
	case *template.If:
		r.choice(n)
	case *template.With:
		r.push(r.sets(n.Sets))
		r.all(n.Body)
		r.pop()
	case *template.Include:
		r.include(n)
	case *template.Block:
		r.block(n)
	case *template.Regroup:
		r.regroup(n)
	case *template.Tag:
		r.tag(n)
	}
}

func (r *rendering) sets(list []template.Set) map[string]value {
	scope := map[string]value{}
	for _, s := range list {
		scope[s.Name] = r.eval(s.X)
	}
	return scope
}

func (r *rendering) loop(n *template.For) {
	v := r.eval(n.Iter)
	at := r.at(n.Iter.Range)
	item := r.it.enter("template", r.at(n.Range).span, v, at)
	scope := map[string]value{"forloop": nil}
	if len(n.Targets) == 1 {
		scope[n.Targets[0]] = item
	} else {
		for i, name := range n.Targets {
			scope[name] = r.it.placed(item, i)
		}
	}
	r.push(scope)
	r.all(n.Body)
	r.pop()
	r.it.leave()
	r.all(n.Otherwise)
}

// groupParts are the parts of a group that {% regroup %} makes, in order: it
// is a named tuple.
var groupParts = []string{"grouper", "list"}

// placed is the nth part of what is taken apart.
func (it *interp) placed(v value, i int) value {
	if d, ok := v.(*dict); ok && i < len(groupParts) {
		return d.values[constant{textConstant, groupParts[i]}]
	}
	s, ok := v.(*sequence)
	if ok && s.elem == nil && i < len(s.elts) {
		return s.elts[i]
	}
	if ok {
		return it.taken(it.elements(s), s.deps)
	}
	return unknown(depends(v))
}

func (r *rendering) choice(n *template.If) {
	arms := make([]func() bool, 0, len(n.Arms)+1)
	last := false
	for _, a := range n.Arms {
		for _, t := range a.Tests {
			if v := r.eval(t.X); t.Alone {
				r.it.truth(v, r.at(t.X.Range))
			}
		}
		last = a.Tests == nil
		arms = append(arms, func() bool {
			r.all(a.Body)
			return false
		})
	}
	if !last {
		arms = append(arms, func() bool { return false })
	}
	r.it.choose(arms...)
}

func (r *rendering) include(n *template.Include) {
	scope := r.sets(n.Sets)
	names := []string{n.Name.Literal}
	if n.Name.Path != nil {
		v := r.eval(n.Name)
		names = nil
		for _, x := range each(v) {
			if t, ok := textOf(x); ok {
				names = append(names, t)
			}
		}
	}
	for _, name := range names {
		file := r.it.p.template(name)
		if file == nil {
			continue
		}
		if r.depth >= maxIncludes {
			r.it.lose("source_includes")
			return
		}
		inner := &rendering{it: r.it, file: file, name: name, blocks: map[string][]override{}, depth: r.depth + 1}
		if !n.Only {
			inner.scopes = slices.Clone(r.scopes)
		}
		inner.push(scope)
		r.it.standing(source.Hop{Span: r.at(n.Range).span, Function: name}, func() { inner.run() })
		return
	}
	for _, s := range n.Sets {
		r.it.escape(scope[s.Name], r.at(n.Range), "passed to a template that is not in the source")
	}
}

// block renders the outermost of the templates that fill a block.
func (r *rendering) block(n *template.Block) {
	list := append(slices.Clip(r.blocks[n.Name]), override{r.file, n.Body})
	r.override(list)
}

func (r *rendering) override(list []override) {
	if len(list) == 0 || r.depth >= maxIncludes {
		return
	}
	file := r.file
	r.file = list[0].file
	r.depth++
	r.push(map[string]value{"block": &blockValue{list[1:]}})
	r.all(list[0].body)
	r.pop()
	r.depth--
	r.file = file
}

// A blockValue is {{ block }}, of which super is what it overrides.
type blockValue struct{ above []override }

// regroup is {% regroup rows by attr as name %}: all rows are read there.
func (r *rendering) regroup(n *template.Regroup) {
	at := r.at(n.Rows.Range)
	item := r.it.enter("template", r.at(n.Range).span, r.eval(n.Rows), at)
	v := item
	for _, part := range n.By {
		v = r.step(v, part, r.at(n.Range))
	}
	r.it.leave()
	group := &dict{literal: true, values: map[constant]value{}}
	for _, x := range []struct {
		name string
		v    value
	}{{groupParts[0], v}, {groupParts[1], &sequence{kind: 1, elem: item}}} {
		k := constant{textConstant, x.name}
		group.keys = append(group.keys, k)
		group.values[k] = x.v
	}
	r.scopes[len(r.scopes)-1][n.As] = &sequence{kind: 1, elem: group}
}

// quietTags are Django's own that keep nothing of what they are given.
var quietTags = map[string]bool{
	"url": true, "trans": true, "translate": true, "blocktrans": true, "blocktranslate": true, "cycle": true, "now": true,
	"firstof": true, "static": true, "load": true, "csrf_token": true, "cache": true, "widthratio": true, "autoescape": true,
	"plural": true, "filter": true, "get_current_language": true, "language": true, "lorem": true, "resetcycle": true,
	"templatetag": true, "querystring": true, "get_static_prefix": true, "get_media_prefix": true, "localize": true,
	"spaceless": true, "localtime": true, "timezone": true, "debug": true, "thumbnail": true, "number": true,
}

func (r *rendering) tag(n *template.Tag) {
	for _, x := range n.Args {
		v := r.eval(x)
		if quietTags[n.Name] {
			for _, row := range pick[*row](v) {
				r.it.str(row, r.at(x.Range))
			}
			continue
		}
		r.it.escape(v, r.at(n.Range), "passed to the tag "+n.Name)
	}
	if n.As != "" {
		r.scopes[len(r.scopes)-1][n.As] = nil
	}
}
