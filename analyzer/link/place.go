package link

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/source"
)

// A Site is a place in the code as a log writes it: Path as on the machine
// that ran it, Function perhaps qualified by class and module, Line 0 where
// not known.
type Site struct {
	Path     string
	Line     int
	Function string
	Mapped   bool // Path is that of a file of the source, or of none
}

// A Mapping says which folder of the source a folder is on the machine that
// wrote the log: From "/app", To "backend", "." for the source's root.
type Mapping struct{ From, To string }

// Site is a place of a log with its path mapped to the source, by the longest
// From that leads to it.
func (p *Project) Site(logged string, line int, function string) Site {
	s := Site{Path: logged, Line: line, Function: function}
	slashed := strings.ReplaceAll(logged, `\`, "/")
	longest := -1
	for _, m := range p.Mappings {
		from := strings.TrimRight(strings.ReplaceAll(m.From, `\`, "/"), "/")
		rest, ok := strings.CutPrefix(slashed, from)
		if ok && strings.HasPrefix(rest, "/") && len(from) > longest {
			longest = len(from)
			s.Path, s.Mapped = path.Join(m.To, rest), true
		}
	}
	return s
}

// isIn reports whether a site lies in a file of the source.
func (s *Site) isIn(file string) bool {
	if s.Mapped {
		return s.Path == file
	}
	return samePath(s.Path, file)
}

// Entries are the dotted paths of the views, tasks and commands that a unit's
// name can mean: a URL with or without its method, a route, a view's path or
// bare name, a task. None when the source has nothing of that name.
func (p *Project) Entries(unit string) []string {
	if p.Index == nil || unit == "" {
		return nil
	}
	found, known := p.found.entries[unit]
	if !known {
		if p.found.entries == nil {
			p.found.entries = map[string][]string{}
			p.found.routes = routesOf(p.Index)
		}
		found = p.meanings(unit)
		p.found.entries[unit] = found
	}
	return found
}

func (p *Project) meanings(unit string) []string {
	unit = strings.TrimSpace(unit)
	if method, rest, ok := strings.Cut(unit, " "); ok && method == strings.ToUpper(method) {
		unit = strings.TrimSpace(rest)
	}
	unit, _, _ = strings.Cut(unit, "?")
	var found []string
	clean := cleanRoute(unit)
	parts := strings.Split(clean, "/")
	for _, r := range p.found.routes {
		if r.is(unit, clean, parts) || r.Name != "" && r.Name == unit || sameView(r.View, unit) {
			found = append(found, r.View)
		}
	}
	if len(found) == 0 {
		found = p.calledLike(unit)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// calledLike looks for a unit's name among the entries that queries and
// fetches are reached from, and among the functions that they stand in.
func (p *Project) calledLike(unit string) []string {
	var found, functions []string
	add := func(entries []string, at source.Span, function string) {
		for _, e := range entries {
			if sameView(e, unit) {
				found = append(found, e)
			}
		}
		if d := dotted(at.Path, function); function != "" && sameView(d, unit) {
			functions = append(functions, d)
		}
	}
	for _, q := range p.Index.Queries {
		add(q.Entries, q.Span, q.Function)
	}
	for _, f := range p.Index.Fetches {
		add(f.Entries, f.Span, f.Function)
	}
	if len(found) > 0 {
		return found
	}
	return functions
}

// dotted is the path by which Python names a function of a file.
func dotted(file, function string) string {
	module := strings.TrimSuffix(strings.TrimSuffix(file, ".py"), "/__init__")
	return strings.ReplaceAll(module, "/", ".") + "." + function
}

// sameView reports whether a name means a view's dotted path: the path, its
// end, or the class behind as_view, with a method perhaps.
func sameView(view, unit string) bool {
	unit = strings.ReplaceAll(strings.ReplaceAll(unit, "/", "."), "#", ".")
	unit = strings.Trim(unit, ".")
	if unit == "" || view == "" {
		return false
	}
	for _, u := range []string{unit, strings.TrimSuffix(unit, path.Ext(unit))} {
		if u == view || strings.HasSuffix(view, "."+u) && (u == unit || strings.Contains(u, ".")) {
			return true
		}
	}
	return false
}

// parameter is a converter of a route or a group of a regular expression.
var parameter = regexp.MustCompile(`<[^<>]*>|\(\?P<\w+>[^()]*(?:\([^()]*\)[^()]*)*\)|\([^()]*\)`)

// A route is one of the source with its pattern made comparable.
type route struct {
	source.Route
	clean string
	parts []string
}

func routesOf(x *source.Index) []route {
	var list []route
	for _, r := range x.Routes {
		if r.View == "" {
			continue
		}
		clean := cleanRoute(r.Pattern)
		list = append(list, route{Route: r, clean: clean, parts: strings.Split(clean, "/")})
	}
	return list
}

// is reports whether a unit's name is the route's pattern, or a URL that it
// matches.
func (r *route) is(unit, clean string, parts []string) bool {
	url := strings.Contains(unit, "/")
	if !url && strings.Contains(unit, ".") {
		return false // a dotted path
	}
	if r.clean == clean {
		return url || clean != ""
	}
	if !url || len(r.parts) != len(parts) {
		return false
	}
	for i, p := range r.parts {
		if p != parts[i] && (!strings.Contains(p, "<>") || !fitsSegment(p, parts[i])) {
			return false
		}
	}
	return true
}

// fitsSegment reports whether a segment with parameters can be that text.
func fitsSegment(pattern, text string) bool {
	before, after, _ := strings.Cut(pattern, "<>")
	if i := strings.LastIndex(after, "<>"); i >= 0 {
		after = after[i+2:]
	}
	return text != "" && strings.HasPrefix(text, before) && strings.HasSuffix(text, after)
}

// cleanRoute takes anchors and outer slashes away and names all parameters
// alike.
func cleanRoute(s string) string {
	s = parameter.ReplaceAllString(s, "<>")
	s = strings.NewReplacer("^", "", "$", "", `\Z`, "", `\.`, ".", `\-`, "-").Replace(s)
	for strings.Contains(s, "//") {
		s = strings.ReplaceAll(s, "//", "/")
	}
	return strings.Trim(s, "/")
}

// querySpans are the places at which a frame stands while a query of q runs.
func querySpans(q *source.Query) []source.Span {
	spans := []source.Span{q.Span, q.Root}
	for _, c := range q.Calls {
		spans = append(spans, c.Span)
	}
	for _, e := range q.Evals {
		spans = append(spans, e.Span)
	}
	return spans
}

// basisOf says what ties a place in the source, reached from entries of its
// own, to a statement that one of the wanted entries ran; it is false where
// they speak against each other.
func basisOf(reached []string, function string, spans []source.Span, wanted []string, sites []Site) (Basis, bool) {
	basis := Basis(0)
	for _, s := range sites {
		basis = max(basis, siteBasis(s, function, spans))
	}
	if basis > 0 {
		return basis, true
	}
	if len(wanted) == 0 {
		return ByShape, true
	}
	for _, w := range wanted {
		if slices.Contains(reached, w) || len(spans) > 0 && isIn(w, spans[0].Path, function) {
			return ByEntry, true
		}
	}
	// The log names a view that the source has, and this is none of its code as
	// far as can be seen: the statement alone would be a guess.
	return 0, false
}

func siteBasis(s Site, function string, spans []source.Span) Basis {
	basis := Basis(0)
	for _, sp := range spans {
		if !s.isIn(sp.Path) {
			continue
		}
		if s.Line > 0 && s.Line >= sp.Line && s.Line <= max(sp.EndLine, sp.Line) {
			return ByLine
		}
		if sameFunction(s.Function, function) {
			basis = ByFunction
		}
	}
	return basis
}

// isIn reports whether a function of a file is a view, or a method of it.
func isIn(view, file, function string) bool {
	if function == "" {
		return false
	}
	d := "." + dotted(file, function) + "."
	return strings.Contains(d, "."+view+".")
}

// samePath reports whether a path of a log, "/app/library/views.py" in a
// container, is a file of the source, "backend/library/views.py". Where the
// one does not end with the other, the last two parts have to be the same.
func samePath(logged, file string) bool {
	if logged == "" || file == "" {
		return false
	}
	a := strings.Split(strings.Trim(strings.ReplaceAll(logged, `\`, "/"), "/"), "/")
	b := strings.Split(file, "/")
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	return n > 0 && n == min(len(a), len(b)) || n >= 2
}

// sameFunction compares names of which either may be qualified.
func sameFunction(logged, function string) bool {
	logged = strings.ReplaceAll(logged, ".<locals>", "")
	for strings.HasSuffix(logged, ">") { // a comprehension or lambda of the function
		i := strings.LastIndexByte(logged, '.')
		if i < 0 {
			return false
		}
		logged = logged[:i]
	}
	if logged == "" || function == "" {
		return false
	}
	return logged == function || strings.HasSuffix(logged, "."+function) || strings.HasSuffix(function, "."+logged)
}
