package django

import (
	"bytes"
	"cmp"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// isVersionNote tells files that say which Django a project runs on.
func isVersionNote(base string) bool {
	switch base {
	case "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "Pipfile", "pyproject.toml", "setup.cfg", "setup.py", "pylock.toml":
		return true
	}
	return noteRank(base) < lastRank
}

// noteRank orders files by how surely they tell what is installed.
func noteRank(base string) int {
	ext := path.Ext(base)
	switch {
	case strings.HasSuffix(base, ".lock") || base == "pylock.toml":
		return 0
	case ext == ".txt" && (strings.Contains(base, "requirements") || strings.Contains(base, "constraints")):
		return 1
	case base == "pyproject.toml" || base == "Pipfile":
		return 2
	case base == "setup.cfg" || base == "setup.py":
		return 3
	}
	return lastRank
}

const lastRank = 4

// Patterns of Django in the files that name dependencies.
var (
	// [[package]] name = "django" version = "5.2.1" of uv, poetry, pdm
	lockedDjango = regexp.MustCompile(`(?i)name = "django"\s+version = "([0-9][0-9.a-z]*)"`)
	// "django": {"hashes": […], "version": "==5.2.1"}
	pipfileDjango = regexp.MustCompile(`(?is)"django": \{[^}]*?"version": "==([0-9][0-9.a-z]*)"`)
	// django==5.2.1, Django[argon2]~=5.2, "django>=5.2,<6", django = "^5.2"
	namedDjango = regexp.MustCompile(`(?im)(?:^|[\s"'\[(,])django(?:\[[^\]]*\])?["']?\s*(?:@[^\n]*)?(===?|~=|>=|<=|<|>|=\s*["']?[\^~=>]*=?)\s*["']?v?([0-9]+(?:\.[0-9*]+)*)([^\n]*)`)
	// what makes relations of one row fetch those of all
	autoPrefetchName = regexp.MustCompile(`(?im)^[\s"'\-]*django[-_]auto[-_]prefetch|name = "django-auto-prefetch"`)
)

// maxNoteBytes bounds a lock file.
const maxNoteBytes = 16 << 20

// findVersion works out Django's version: as told, as installed in the virtual
// environment, as locked, as required.
func (p *Project) findVersion(t *tree) {
	notes := slices.Clone(t.notes)
	slices.SortFunc(notes, func(a, b string) int {
		return cmp.Or(
			cmp.Compare(noteRank(path.Base(a)), noteRank(path.Base(b))),
			cmp.Compare(strings.Count(a, "/"), strings.Count(b, "/")), strings.Compare(a, b))
	})
	if p.options.Version != "" {
		p.Version, p.Origin = p.options.Version, "--django-version"
	}
	for _, note := range notes {
		text := p.note(note)
		if autoPrefetchName.MatchString(text) {
			p.AutoPrefetch = true
		}
		if v := versionIn(path.Base(note), text); v != "" && p.Version == "" {
			p.Version, p.Origin = v, note
		}
	}
	if v := p.installedVersion(); v != "" && p.options.Version == "" && noteRank(path.Base(p.Origin)) > 0 {
		p.Version, p.Origin = v, "virtual environment"
	}
	p.findAutoPrefetch()
}

func (p *Project) note(name string) string {
	full := filepath.Join(p.root, filepath.FromSlash(name))
	info, err := os.Stat(full)
	if err != nil || info.Size() > maxNoteBytes {
		return ""
	}
	text, err := os.ReadFile(full)
	if err != nil {
		return ""
	}
	return string(text)
}

// versionIn finds Django's version in a file of that name, "" when it has none.
func versionIn(base, text string) string {
	if noteRank(base) == 0 {
		for _, re := range []*regexp.Regexp{lockedDjango, pipfileDjango} {
			if m := re.FindStringSubmatch(text); m != nil {
				return m[1]
			}
		}
		return ""
	}
	for _, m := range namedDjango.FindAllStringSubmatch(text, -1) {
		if strings.HasPrefix(m[1], "<") {
			continue // only what it may not be
		}
		return strings.TrimSuffix(m[2], ".*")
	}
	return ""
}

// installedVersion reads the version of the Django in a virtual environment.
func (p *Project) installedVersion() string {
	for _, site := range p.sites {
		for _, pattern := range []string{"django-*.dist-info", "Django-*.dist-info"} {
			found, err := filepath.Glob(filepath.Join(site, pattern))
			if err != nil || len(found) == 0 {
				continue
			}
			name := strings.TrimSuffix(filepath.Base(found[len(found)-1]), ".dist-info")
			return name[len("django-"):]
		}
	}
	return ""
}

// findAutoPrefetch looks for code that makes a row's relations be fetched for
// all its peers.
func (p *Project) findAutoPrefetch() {
	for _, m := range p.modules {
		if bytes.Contains(m.text, []byte("import auto_prefetch")) || bytes.Contains(m.text, []byte("from auto_prefetch ")) {
			p.AutoPrefetch = true
		}
	}
}

// atLeast reports whether Django is at least that version. An unknown version
// is taken for the oldest that is supported.
func (p *Project) atLeast(major, minor int) bool {
	a, b := versionParts(p.Version)
	if p.Version == "" {
		a, b = 4, 2
	}
	return a > major || a == major && b >= minor
}

func versionParts(v string) (major, minor int) {
	parts := strings.Split(v, ".")
	major, err := strconv.Atoi(parts[0])
	if err != nil {
		return 0, 0
	}
	if len(parts) > 1 {
		if n, err := strconv.Atoi(leadingDigits(parts[1])); err == nil {
			minor = n
		}
	}
	return major, minor
}

func leadingDigits(s string) string {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return s[:n]
}
