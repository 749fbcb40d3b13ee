// Package django reads a Django project's source: which modules there are, what
// models they declare, and where querysets are built, read and run.
//
//	files ─► module (text, lazily a syntax tree) ─► names, classes ─► schema.Models
//	                                                        │
//	                       source.Index ◄─ flow through querysets, views, templates
//
// Nothing of the project is run: names are resolved as Python's imports would,
// and what cannot be told that way is left unknown and counted.
package django

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Options say what to read. Only Root is needed.
type Options struct {
	Root     string // folder of the project, or one above several
	Version  string // of Django, "5.2"; "": from lock files and requirements
	Packages bool   // read the models of installed packages too
	Tests    bool   // analyse tests and migrations too
	// Roots are the folders that Python imports from, relative to Root with
	// slashes, "." for Root itself; empty: from what the folders hold.
	Roots   []string
	Workers int // 0: one for each CPU
}

// Limits of what is read.
const (
	maxFiles     = 200_000
	maxFileBytes = 4 << 20
	maxBytes     = 2 << 30
)

// A Project is a folder of source with the models that it declares. Its methods
// are safe for several goroutines.
type Project struct {
	Models *schema.Models
	// Version is Django's version as far as known, "5.2.1" or "5.2"; Origin is
	// where it stands: "uv.lock", "--django-version".
	Version, Origin string
	// AutoPrefetch: rows fetch relations for all their peers (django-auto-prefetch,
	// fetch_mode), so lazy reads in loops cost one query.
	AutoPrefetch bool

	options   Options
	root      string    // absolute
	modules   []*module // of the project's own source, sorted by path
	byName    map[string][]*module
	byPath    map[string]*module
	sites     []string // site-packages folders, absolute
	setting   settings
	apps      []*app
	classes   classIndex
	registry  registry
	templates templates
	router    router

	mu       sync.Mutex
	packages map[string]*module // builtin and site-packages modules by dotted name; nil: not there
	lost     map[string]int64
	skipped  []source.Skip
}

// Open reads the source below o.Root and builds its models. It fails when the
// folder cannot be read or ctx ends; single files that cannot be read are
// records of the Index.
func Open(ctx context.Context, o Options) (*Project, error) {
	root, err := filepath.Abs(o.Root)
	if err != nil {
		return nil, err
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	p := &Project{
		options: o, root: root,
		byName: map[string][]*module{}, byPath: map[string]*module{},
		packages: map[string]*module{}, lost: map[string]int64{},
	}
	tree, err := p.walk(ctx)
	if err != nil {
		return nil, err
	}
	if err := p.read(ctx, tree); err != nil {
		return nil, err
	}
	p.nameModules(tree)
	p.findPackages(tree)
	p.findVersion(tree)
	p.readSettings()
	p.findApps()
	if err := p.buildModels(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

// Text returns the bytes of a file below the root, nil when it cannot be read.
// The caller must not change them.
func (p *Project) Text(path string) []byte {
	if m := p.byPath[path]; m != nil {
		return m.text
	}
	for _, site := range p.sites {
		if strings.HasPrefix(path, p.shown(site)+"/") {
			return nil
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(path)) {
		return nil
	}
	text, err := os.ReadFile(filepath.Join(p.root, filepath.FromSlash(path)))
	if err != nil {
		return nil
	}
	return text
}

// lose counts something that a limit left out.
func (p *Project) lose(what string, n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost[what] += n
}

// skip records a file that was not read.
func (p *Project) skip(path, msg string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.skipped = append(p.skipped, source.Skip{Span: source.Span{Path: path}, Msg: msg})
}

// losses returns what was left out so far, for the Index.
func (p *Project) losses() (map[string]int64, []source.Skip) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.lost), slices.Clone(p.skipped)
}

// each runs f for every index below n on the project's workers. It stops early
// when ctx ends.
func (p *Project) each(ctx context.Context, n int, f func(i int)) error {
	var wg sync.WaitGroup
	next := make(chan int)
	for range min(p.options.Workers, max(n, 1)) {
		wg.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	var err error
	for i := range n {
		if err = ctx.Err(); err != nil {
			break
		}
		next <- i
	}
	close(next)
	wg.Wait()
	return err
}
