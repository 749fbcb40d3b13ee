package django

import (
	"os"
	"path"
	"path/filepath"
	"strings"
)

// An ignore is one line of a .gitignore.
type ignore struct {
	folder  string // where the file stands, "" at the root
	pattern string
	keep    bool // "!pattern"
	folders bool // "pattern/": folders only
	fixed   bool // holds a slash: a path from folder, not a name anywhere below
}

// readIgnore reads a folder's .gitignore. Patterns with "**" between names are
// taken without it at the ends only; that covers what people write.
func readIgnore(root, folder string) []ignore {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(folder), ".gitignore"))
	if err != nil {
		return nil
	}
	var list []ignore
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		g := ignore{folder: folder}
		line, g.keep = strings.CutPrefix(line, "!")
		line, g.folders = strings.CutSuffix(line, "/")
		line = strings.TrimSuffix(line, "/**")
		rest, anywhere := strings.CutPrefix(line, "**/")
		g.fixed = strings.Contains(rest, "/") && !anywhere
		g.pattern = strings.TrimPrefix(rest, "/")
		if g.pattern != "" {
			list = append(list, g)
		}
	}
	return list
}

// isIgnored reports whether the last matching line hides name.
func isIgnored(list []ignore, name string, folder bool) bool {
	hidden := false
	for _, g := range list {
		if g.folders && !folder {
			continue
		}
		what := path.Base(name)
		if g.fixed {
			what = strings.TrimPrefix(strings.TrimPrefix(name, g.folder), "/")
		}
		if ok, err := path.Match(g.pattern, what); ok && err == nil {
			hidden = !g.keep
		}
	}
	return hidden
}
