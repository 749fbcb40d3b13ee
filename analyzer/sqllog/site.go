package sqllog

import (
	"bytes"
	"strconv"
	"strings"
)

// A SiteID numbers the places in the application's code that a log carries,
// from 1 in order of first use; 0: the log does not say. They are kept and
// bounded as names are.
type SiteID uint32

// A Site is a place in the application's code, as a log writes it.
type Site struct {
	Path     string // as on the machine that ran it: "/app/library/views.py"; "" when only the endpoint's function is known
	Line     int    // 0: not known
	Function string // "" when not known; may be qualified: "library.views.BookList.get"
}

// Site gives what an id stands for; the zero Site for 0 and for places beyond
// the limit.
func (n *Names) Site(id SiteID) Site {
	if id == 0 || int(id) > len(n.sites) {
		return Site{}
	}
	return n.sites[id-1]
}

// internSite numbers a site. It belongs to the goroutine that keeps the order.
func (n *Names) internSite(text string) SiteID {
	if id, ok := n.bySite[text]; ok {
		return id
	}
	if len(n.sites) >= NamesMax {
		n.lost++
		return 0
	}
	if n.bySite == nil {
		n.bySite = map[string]SiteID{}
	}
	parts := strings.SplitN(text, siteMark, 3)
	line, _ := strconv.Atoi(parts[1])
	n.sites = append(n.sites, Site{Path: parts[0], Line: line, Function: parts[2]})
	id := SiteID(len(n.sites))
	n.bySite[text] = id
	return id
}

// A worker's name may carry a site behind this mark, its parts too: so a
// record needs no second number. No name holds control characters.
const siteMark = "\x00"

// text joins the parts of a site; it is "" when nothing tells the file or the
// function.
func (s Site) text() string {
	if s.Path == "" && s.Function == "" {
		return ""
	}
	line := ""
	if s.Line > 0 {
		line = strconv.Itoa(s.Line)
	}
	return cleanName(s.Path) + siteMark + line + siteMark + cleanName(s.Function)
}

// markName puts a name and a site together as a worker's names have them.
func markName(name string, s Site) string {
	if t := s.text(); t != "" {
		return name + siteMark + t
	}
	return name
}

// splitName takes them apart.
func splitName(s string) (name, site string) {
	name, site, _ = strings.Cut(s, siteMark)
	return name, site
}

// codeTags are the tags of a comment that say where in the code its statement
// was run.
type codeTags struct{ file, line, function, namespace []byte }

// set keeps the value of a key: OpenTelemetry's attributes of both
// generations, Rails' source_location, marginalia's line.
func (t *codeTags) set(k, v []byte) {
	switch string(k) {
	case "code.filepath", "code.file.path", "file", "filepath", "source_location":
		t.file = v
	case "code.lineno", "code.line.number", "line", "lineno":
		t.line = v
	case "code.function", "code.function.name", "function", "func":
		t.function = v
	case "code.namespace":
		t.namespace = v
	}
}

func (t *codeTags) known() bool { return len(t.file)+len(t.line)+len(t.function) > 0 }

// site decodes the tags. A file may come with its line: "app/x.py:12" or
// "app/x.rb:12:in `index'".
func (t *codeTags) site() Site {
	s := Site{Path: unescapeTag(t.file), Function: unescapeTag(t.function)}
	if ns := unescapeTag(t.namespace); ns != "" && s.Function != "" && !strings.Contains(s.Function, ".") {
		s.Function = ns + "." + s.Function
	}
	line := unescapeTag(t.line)
	if n, err := strconv.Atoi(line); err == nil {
		s.Line = n
	} else if s.Path == "" {
		s.Path = line
	}
	if path, rest, ok := cutLine(s.Path); ok {
		s.Path = path
		if s.Line == 0 {
			s.Line, _ = strconv.Atoi(rest[:digits(rest)])
		}
		if _, fn, ok := strings.Cut(rest, "in "); ok && s.Function == "" {
			s.Function = strings.Trim(fn, "`'\" ")
		}
	}
	return s
}

// cutLine cuts "x.py:12…" behind the path; a drive's colon is none.
func cutLine(s string) (path, rest string, ok bool) {
	for i := 2; i+1 < len(s); i++ {
		if s[i] == ':' && s[i+1] >= '0' && s[i+1] <= '9' {
			return s[:i], s[i+1:], true
		}
	}
	return "", "", false
}

func digits(s string) int {
	n := 0
	for n < len(s) && n < 9 && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// stackBytes is how much of a stack is looked at, from its inner end.
const stackBytes = 16 << 10

// stackSite is the innermost frame of the application in a stack as formatters
// write it: Python's own text, "path:line in function", or arrays and objects
// of these in JSON, still escaped. Frames of installed packages are passed
// over. The last frame is taken for the innermost, as Python prints it.
func stackSite(v []byte) Site {
	if len(v) > stackBytes {
		v = v[len(v)-stackBytes:]
	}
	for end := len(v); ; {
		i := bytes.LastIndex(v[:end], []byte(".py"))
		if i < 0 {
			return Site{}
		}
		end = i
		if i+3 < len(v) && v[i+3] != '\\' && isPathByte(v[i+3]) {
			continue // .pyc, .python
		}
		from := pathStart(v, i)
		path := string(v[min(from, i) : i+3])
		if isLibrary(path) {
			end = from
			continue
		}
		s := Site{Path: strings.ReplaceAll(strings.ReplaceAll(path, `\\`, `/`), `\/`, `/`)}
		s.Line, s.Function = frameRest(v[i+3:])
		return s
	}
}

// pathStart walks back from the end of a path in a JSON string, where a
// backslash of the path is two and a single one escapes what follows.
func pathStart(v []byte, from int) int {
	for from > 0 && isPathByte(v[from-1]) {
		if v[from-1] != '\\' {
			from--
			continue
		}
		if from < 2 || v[from-2] != '\\' {
			return from + 1
		}
		from -= 2
	}
	return from
}

// isPathByte reports whether c can stand in a path of a stack.
func isPathByte(c byte) bool {
	return c == '/' || c == '.' || c == '_' || c == '-' || c == '\\' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// isLibrary reports whether a path is of an installed package or of Python.
func isLibrary(path string) bool {
	for _, p := range []string{"site-packages", "dist-packages", "/lib/python", loggerPath} {
		if strings.Contains(path, p) {
			return true
		}
	}
	return false
}

// frameBytes is how far behind a frame's path its line and function stand.
const frameBytes = 160

// frameRest reads the line and the function behind a frame's path: the first
// number, and the first identifier after it that is no word of a format.
func frameRest(v []byte) (line int, function string) {
	v = v[:min(len(v), frameBytes)]
	for i := 0; i < len(v); {
		c := v[i]
		switch {
		case c >= '0' && c <= '9':
			n := digits(string(v[i:]))
			if line == 0 {
				line, _ = strconv.Atoi(string(v[i : i+n]))
			}
			i += n
		case c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z':
			e := i
			for e < len(v) && (v[e] == '_' || v[e] == '.' || v[e]|0x20 >= 'a' && v[e]|0x20 <= 'z' || v[e] >= '0' && v[e] <= '9') {
				e++
			}
			if w := string(v[i:e]); line > 0 && !frameWord(w) {
				return line, w
			}
			i = e
		case c == '\\':
			i += 2
			if line > 0 && i <= len(v) && v[i-1] == 'n' {
				return line, function // the frame's line ended
			}
		default:
			i++
		}
	}
	return line, function
}

// frameWord reports whether a word belongs to the format of a frame.
func frameWord(w string) bool {
	switch w {
	case "line", "lineno", "in", "function", "func", "name", "co_name", "method", "lineNo", "line_number":
		return true
	}
	return false
}
