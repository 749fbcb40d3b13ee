package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/report"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// fixes are the edits that a report's rewrites come to, and what became of
// each finding.
type fixes struct {
	edits []finding.Edit
	made  []fixed
	left  []fixed
	// of left, why: no rewrite has edits, only unsafe ones have, the finding
	// is only possible, or others are in the way.
	noEdit, unsafe, unsure, clashed int
}

// A fixed finding is one with the rewrite that was chosen, or why none was.
type fixed struct {
	*finding.Finding
	title string // of the rewrite
	why   string
}

// name tells findings apart in messages: "app/views.py:12 QP101 library.Book.author".
func (f fixed) name() string {
	place := ""
	if f.Location.Known() {
		place = f.Location.Path + ":" + strconv.Itoa(f.Location.Line) + " "
	}
	return place + f.Code + " " + f.Subject
}

// fixesOf chooses a rewrite for each finding: the first with edits, of those
// that are safe unless all are asked for. Findings that are only possible may
// point at the wrong queryset, so they count as unsafe.
func fixesOf(r *finding.Report, all bool) *fixes {
	x := &fixes{}
	var choices []rewrite.Choice
	var chosen []fixed
	for i := range r.Findings {
		f := fixed{Finding: &r.Findings[i]}
		rw, any := firstEdits(f.Rewrites, all)
		switch {
		case rw != nil && (all || f.Confidence >= finding.Likely):
			f.title = rw.Title
			chosen = append(chosen, f)
			choices = append(choices, rewrite.Choice{Rewrite: *rw, Name: f.name(), Place: f.Location})
			continue
		case rw != nil:
			f.why = "only possible: --unsafe-fixes takes it"
			x.unsure++
		case any:
			f.why = "results may change: --unsafe-fixes takes it"
			x.unsafe++
		default:
			f.why = "no edit is known"
			x.noEdit++
		}
		x.left = append(x.left, f)
	}
	edits, made, refused := rewrite.Merge(choices)
	x.edits = edits
	done := make(map[int]bool, len(made))
	for _, n := range made {
		done[n] = true
		x.made = append(x.made, chosen[n])
	}
	for n, f := range chosen {
		if !done[n] {
			f.why = "gets in the way of " + refused[0].With
			refused = refused[1:]
			x.left = append(x.left, f)
			x.clashed++
		}
	}
	return x
}

func firstEdits(rewrites []finding.Rewrite, all bool) (first *finding.Rewrite, any bool) {
	for i := range rewrites {
		if len(rewrites[i].Edits) == 0 {
			continue
		}
		any = true
		if all || rewrites[i].Safe {
			return &rewrites[i], true
		}
	}
	return nil, any
}

// summary says what a diff does not hold: "1 finding needs --unsafe-fixes".
func (x *fixes) summary() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{x.noEdit, "without an edit"},
		{x.unsafe, "with edits that may change results (--unsafe-fixes)"},
		{x.unsure, "only possible (--unsafe-fixes)"},
		{x.clashed, "that get in the way of others (ormlint fix makes them one after the other)"},
	} {
		if p.n > 0 {
			parts = append(parts, strconv.Itoa(p.n)+" "+p.what)
		}
	}
	return strings.Join(parts, ", ")
}

// disk is where a path of a report's findings is.
func disk(r *finding.Report, path string) string {
	s := r.Run.Source
	if s == nil {
		return path
	}
	return filepath.Join(cmp.Or(s.Root, "."), filepath.FromSlash(strings.TrimPrefix(path, s.Prefix)))
}

// sourceText gives the files that a report's findings are in, as they were
// when they were analysed; nil where no source was read.
func sourceText(r *finding.Report) func(path string) []byte {
	if r.Run.Source == nil {
		return nil
	}
	return r.Run.Source.Text
}

// printDiff writes the edits as one diff, and to standard error what is not in
// it.
func (a *app) printDiff(r *finding.Report, all bool) error {
	x := fixesOf(r, all)
	diff, err := rewrite.Diff(sourceText(r), x.edits)
	if err != nil {
		return fmt.Errorf("make the diff: %w", err)
	}
	if _, err := a.stdout.WriteString(diff); err != nil {
		return err
	}
	switch s := x.summary(); {
	case s != "":
		a.say("not in the diff: "+s, "")
	case len(r.Findings) == 0:
		a.say("no findings", "")
	}
	return nil
}

// list prints findings under a heading, each in one line.
func (a *app) list(head string, fs []fixed) error {
	if len(fs) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintln(&b, head)
	for _, f := range fs {
		fmt.Fprintln(&b, "  "+report.Clean(f.name())+": "+report.Clean(cmp.Or(f.why, f.title)))
	}
	_, err := a.stdout.WriteString(b.String())
	return err
}
