package analyzer

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
	"github.com/ormlint/ormlint/rules"
)

// ReadsSource reports whether this build can read source.
const ReadsSource = django.Available

// An application is the source that a run reads; nil where there is none.
type application struct {
	*django.Project
	root, prefix string
	mappings     []link.Mapping
	alone        bool // without a log
	options      rules.Options
}

// openSource starts reading the models, while logs are read, and gives what
// waits for them.
func openSource(ctx context.Context, c Config) (func() (*application, error), error) {
	if c.Source == "" || c.NoSource {
		return func() (*application, error) { return nil, nil }, nil
	}
	if !ReadsSource {
		return nil, &UsageError{Msg: "this build of ormlint cannot read Python", Hint: "it was built without cgo (CGO_ENABLED=0)"}
	}
	if st, err := os.Stat(c.Source); err != nil || !st.IsDir() {
		return nil, &UsageError{Msg: fmt.Sprintf("%s is not a folder", c.Source), Hint: "--source takes the folder that holds manage.py, or one above it"}
	}
	roots, err := sourceRoots(c)
	if err != nil {
		return nil, err
	}
	type outcome struct {
		p   *django.Project
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		p, err := django.Open(ctx, django.Options{Root: c.Source, Version: c.DjangoVersion, Packages: true, Tests: c.Tests, Roots: roots, Workers: c.Workers})
		done <- outcome{p, err}
	}()
	return func() (*application, error) {
		o := <-done
		switch {
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case o.err != nil:
			return nil, &UsageError{Msg: fmt.Sprintf("read the source: %v", o.err), Hint: "--source takes a folder that can be read"}
		case len(c.Paths) == 0 && !hasModels(o.p):
			return nil, &UsageError{Msg: "no Django models found below " + c.Source, Hint: "--source takes the folder that holds manage.py, or one above it"}
		}
		return &application{Project: o.p, root: c.Source, prefix: prefixOf(c.Source), mappings: mappings(c), alone: len(c.Paths) == 0, options: c.rules()}, nil
	}, nil
}

// hasModels reports whether the source declares any model of its own.
func hasModels(p *django.Project) bool {
	for _, m := range p.Models.ByLabel {
		if m.Span.Known() {
			return true
		}
	}
	return false
}

// prefixOf is what leads from the current folder to files of root: "" where it
// is that folder or lies outside.
func prefixOf(root string) string {
	abs, err := filepath.Abs(root)
	if err != nil {
		return ""
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	rel, err := filepath.Rel(here, abs)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel) + "/"
}

// project is what rules look at: with a log, the source that its findings need.
func (a *application) project(ctx context.Context, w *watch) *link.Project {
	if a == nil {
		return &link.Project{}
	}
	focus := django.Focus{}
	if !a.alone {
		focus = w.focus()
	}
	return &link.Project{Models: a.Models, Index: a.Inspect(ctx, focus), Text: a.Text, Mappings: a.mappings}
}

// focus is what the log's patterns are about: the tables of their statements
// and the names of the units that ran them.
func (w *watch) focus() django.Focus {
	tables, views := map[string]bool{}, map[string]bool{}
	add := func(id sqlshape.ID) {
		if id == sqlshape.Other {
			return
		}
		s := w.set.Shape(id)
		for _, t := range slices.Concat(s.Reads, s.Writes) {
			tables[t] = true
		}
	}
	for c, l := range w.profile.Cases {
		add(c.Child)
		add(c.Parent)
		for _, p := range w.profile.Candidates(c.Parents) {
			add(p.Shape)
		}
		for _, p := range l.Places {
			if p.Name != 0 {
				views[w.names.Text(p.Name)] = true
			}
		}
	}
	return django.Focus{Tables: slices.Sorted(maps.Keys(tables)), Views: slices.Sorted(maps.Keys(views))}
}

// told is what was read, for the report.
func (a *application) told(p *link.Project) *finding.Source {
	if a == nil {
		return nil
	}
	x := p.Index
	t := &finding.Source{
		Root: a.root, Prefix: a.prefix, Files: x.Files, Bytes: x.Bytes, Queries: len(x.Queries), Fetches: len(x.Fetches),
		Django: a.Version, DjangoOrigin: a.Origin, AutoPrefetch: a.AutoPrefetch, Lost: finding.Lost{},
		Text: a.reader(),
	}
	for _, m := range a.Models.ByLabel {
		if m.Span.Known() {
			t.Models++
		}
	}
	for _, s := range x.Skipped {
		s.Span = a.at(s.Span)
		t.Skipped = append(t.Skipped, s)
	}
	for _, u := range a.Models.Unknown {
		t.Unknown = append(t.Unknown, a.prefix+u)
	}
	for what, n := range x.Lost {
		if n > 0 {
			t.Lost[what] = n
		}
	}
	return t
}

// reader gives files by their path in findings. Each is read once: what is
// shown and edited of a template, which the project does not keep, stays the
// same.
func (a *application) reader() func(path string) []byte {
	read := map[string][]byte{}
	return func(path string) []byte {
		text, ok := read[path]
		if !ok {
			text = a.Text(strings.TrimPrefix(path, a.prefix))
			read[path] = text
		}
		return text
	}
}

// at is a span as the report writes it.
func (a *application) at(s source.Span) source.Span {
	if s.Known() {
		s.Path = a.prefix + s.Path
	}
	return s
}

// prefixed gives the findings' places the prefix. Findings share slices, so
// they get new ones.
func (a *application) prefixed(found []finding.Finding) []finding.Finding {
	if a == nil || a.prefix == "" {
		return found
	}
	for i := range found {
		f := &found[i]
		f.Location = a.at(f.Location)
		f.Related = slices.Clone(f.Related)
		for k := range f.Related {
			f.Related[k].Span = a.at(f.Related[k].Span)
			f.Related[k].Message = strings.TrimSpace(f.Related[k].Message)
		}
		f.Rewrites = slices.Clone(f.Rewrites)
		for k := range f.Rewrites {
			edits := slices.Clone(f.Rewrites[k].Edits)
			for n := range edits {
				edits[n].Span = a.at(edits[n].Span)
			}
			f.Rewrites[k].Edits = edits
		}
		if f.Suppression != nil {
			f.Suppression.Place = a.at(f.Suppression.Place)
		}
	}
	return found
}
