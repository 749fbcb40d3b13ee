package django

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
)

// A tree is what walk finds below the root. Paths are relative, with slashes.
type tree struct {
	files    []string
	packages map[string]bool // folders with an __init__.py
	roots    []string        // folders that Python may import from, by what stands in them
	venvs    []string
	sites    []string // folders that pip has installed packages into, kept in the project
	notes    []string // lock files, requirements …, for the version
}

// skippedFolders never hold a project's own source.
var skippedFolders = map[string]bool{
	"site-packages": true, "dist-packages": true, "node_modules": true, "__pycache__": true,
	"bower_components": true, "__pypackages__": true,
}

// builtFolders hold none unless they are packages.
var builtFolders = map[string]bool{
	"build": true, "dist": true, "venv": true, "env": true, "virtualenv": true, "vendor": true,
	"third_party": true, "_vendor": true, "htmlcov": true,
}

// rootMarks are files that stand where a project's imports begin.
var rootMarks = map[string]bool{
	"manage.py": true, "pyproject.toml": true, "setup.py": true, "setup.cfg": true,
}

// walk lists the Python files below the root.
func (p *Project) walk(ctx context.Context) (*tree, error) {
	t := &tree{packages: map[string]bool{}}
	if err := p.walkFolder(ctx, t, "", nil); err != nil {
		return nil, err
	}
	slices.Sort(t.files)
	return t, nil
}

func (p *Project) walkFolder(ctx context.Context, t *tree, folder string, ignored []ignore) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	entries, err := os.ReadDir(filepath.Join(p.root, filepath.FromSlash(folder)))
	if err != nil {
		if folder == "" {
			return fmt.Errorf("source: %w", err)
		}
		p.skip(folder, "the folder cannot be read")
		return nil
	}
	has := func(name string) bool {
		_, found := slices.BinarySearchFunc(entries, name, func(e fs.DirEntry, s string) int { return strings.Compare(e.Name(), s) })
		return found
	}
	if has("pyvenv.cfg") && folder != "" {
		t.venvs = append(t.venvs, folder)
		return nil
	}
	if folder != "" && slices.ContainsFunc(entries, isInstalled) {
		t.sites = append(t.sites, folder)
		return nil
	}
	if has("__init__.py") {
		t.packages[folder] = true
	} else if folder != "" && builtFolders[path.Base(folder)] {
		return nil
	}
	if has(".gitignore") {
		ignored = append(slices.Clip(ignored), readIgnore(p.root, folder)...)
	}
	for _, e := range entries {
		if err := p.walkEntry(ctx, t, path.Join(folder, e.Name()), e, ignored); err != nil {
			return err
		}
	}
	return nil
}

func (p *Project) walkEntry(ctx context.Context, t *tree, name string, e fs.DirEntry, ignored []ignore) error {
	base := path.Base(name)
	switch {
	case e.IsDir():
		if base == ".venv" {
			t.venvs = append(t.venvs, name)
		}
		if skippedFolders[base] || base[0] == '.' || strings.HasSuffix(base, ".egg-info") {
			return nil
		}
		if isIgnored(ignored, name, true) {
			if _, err := os.Stat(filepath.Join(p.root, filepath.FromSlash(name), "pyvenv.cfg")); err == nil {
				t.venvs = append(t.venvs, name)
			}
			return nil
		}
		return p.walkFolder(ctx, t, name, ignored)
	case !e.Type().IsRegular():
		return nil
	}
	if rootMarks[base] {
		t.roots = append(t.roots, path.Dir(name))
	}
	if isVersionNote(base) {
		t.notes = append(t.notes, name)
	}
	if !strings.HasSuffix(base, ".py") || isGenerated(base) || isIgnored(ignored, name, false) {
		return nil
	}
	if len(t.files) >= maxFiles {
		p.lose("source files", 1)
		return nil
	}
	t.files = append(t.files, name)
	return nil
}

// isInstalled tells what pip writes beside each package that it installs: with
// --target, folders of them stand in a project under any name.
func isInstalled(e fs.DirEntry) bool {
	return e.IsDir() && strings.HasSuffix(e.Name(), ".dist-info")
}

// isGenerated tells names that only programs write.
func isGenerated(base string) bool {
	return strings.HasSuffix(base, "_pb2.py") || strings.HasSuffix(base, "_pb2_grpc.py")
}

// read loads the files on all workers. Tests and migrations are left on disk
// unless asked for.
func (p *Project) read(ctx context.Context, t *tree) error {
	var names []string
	for _, f := range t.files {
		if p.options.Tests || !isTest(f) && !isMigration(f) {
			names = append(names, f)
		}
	}
	modules := make([]*module, len(names))
	var total atomic.Int64
	err := p.each(ctx, len(names), func(i int) {
		modules[i] = p.load(names[i], &total)
	})
	for _, m := range modules {
		if m != nil {
			p.modules = append(p.modules, m)
			p.byPath[m.path] = m
		}
	}
	return err
}

// load reads one file; nil when it is not to be analysed.
func (p *Project) load(name string, total *atomic.Int64) *module {
	full := filepath.Join(p.root, filepath.FromSlash(name))
	info, err := os.Stat(full)
	if err != nil {
		p.skip(name, "cannot be read")
		return nil
	}
	if info.Size() > maxFileBytes {
		p.skip(name, "larger than 4 MiB")
		return nil
	}
	if total.Add(info.Size()) > maxBytes {
		p.lose("source bytes", info.Size())
		return nil
	}
	text, err := os.ReadFile(full)
	if err != nil {
		p.skip(name, "cannot be read")
		return nil
	}
	head := text[:min(len(text), 512)]
	if bytes.Contains(head, []byte("@generated")) || bytes.Contains(head, []byte("DO NOT EDIT")) {
		return nil
	}
	return newModule(p, name, text)
}

// isTest tells test code by its path.
func isTest(name string) bool {
	base := path.Base(name)
	if base == "tests.py" || base == "conftest.py" || strings.HasPrefix(base, "test_") || strings.HasSuffix(base, "_test.py") {
		return true
	}
	return hasFolder(name, "tests") || hasFolder(name, "test")
}

// isMigration tells Django's migrations by their folder.
func isMigration(name string) bool {
	return hasFolder(name, "migrations") || hasFolder(name, "south_migrations")
}

func hasFolder(name, folder string) bool {
	return strings.HasPrefix(name, folder+"/") || strings.Contains(name, "/"+folder+"/")
}
