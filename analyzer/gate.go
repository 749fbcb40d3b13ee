package analyzer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/ormlint/ormlint/analyzer/baseline"
	"github.com/ormlint/ormlint/analyzer/change"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/rules"
)

// A gate decides which findings count: first the comments in the source have a
// say, then the baseline, then what changed.
type gate struct {
	chosen  map[string]bool             // codes
	exempt  []spared                    // rules that do not count in some files
	weights map[string]finding.Severity // of rules, by code, where they are not the catalogue's
	known   []finding.Known             // of the baseline
	changes *change.Changes             // nil: old findings count too
}

// openGate reads what the gate needs before any log is read: an hour of reading
// must not end in a broken baseline.
func openGate(ctx context.Context, c Config, chosen map[string]bool) (*gate, error) {
	g := &gate{chosen: chosen, weights: c.Severities}
	var err error
	if g.exempt, err = spare(c.PerFileIgnores); err != nil {
		return nil, err
	}
	if c.Baseline != "" {
		if g.known, err = ReadBaseline(c.Baseline); err != nil {
			return nil, err
		}
	}
	if c.NewSince == "" {
		return g, nil
	}
	if c.Source == "" || c.NoSource {
		return nil, &UsageError{
			Msg:  "--new-from-merge-base needs the source: a log alone does not tell which lines changed",
			Hint: "name the project's folder with --source",
		}
	}
	g.changes, err = change.Since(ctx, c.Source, c.NewSince)
	var wrong *change.Error
	if errors.As(err, &wrong) {
		return nil, &UsageError{Msg: "--new-from-merge-base: " + wrong.Msg, Hint: wrong.Hint}
	}
	return g, err
}

// ReadBaseline returns the entries of a baseline file in its order. The error
// is a *UsageError.
func ReadBaseline(path string) ([]finding.Known, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &UsageError{Msg: fmt.Sprintf("read the baseline: no file %s", path), Hint: "ormlint baseline write makes it"}
	}
	if err != nil {
		return nil, &UsageError{Msg: fmt.Sprintf("read the baseline: %v", err)}
	}
	known, err := baseline.Parse(path, text)
	var bad *baseline.SyntaxError
	if errors.As(err, &bad) {
		return nil, &UsageError{Msg: bad.Error(), Hint: bad.Hint}
	}
	return known, err
}

// A passed is what a gate makes of the findings.
type passed struct {
	found, silenced []finding.Finding
	stale           []finding.Known
}

// pass splits the findings, of all rules; those that were not chosen only tell
// which comments are used. src and index are nil where no source was read;
// logged tells that a log was, from end to end.
func (g *gate) pass(ctx context.Context, found []finding.Finding, src *application, index *source.Index, logged bool) passed {
	whole := func() []finding.Finding { return nil }
	if src != nil {
		whole = once(func() []finding.Finding { return src.whole(ctx) })
		s := &silencer{application: src, files: map[string][]*note{}}
		s.silence(found)
		more := s.judge(index, g.chosen, whole)
		s.silence(more)
		found = append(found, more...)
	}
	found = slices.DeleteFunc(found, func(f finding.Finding) bool { return !g.chosen[f.Code] || src.spares(g.exempt, &f) })
	found = rules.Weigh(found, g.weights)
	stale := g.accept(found, whole, src != nil, logged)
	g.keepNew(found, src)
	p := passed{stale: stale}
	for _, f := range found {
		if f.Suppression != nil {
			p.silenced = append(p.silenced, f)
			continue
		}
		p.found = append(p.found, f)
	}
	return p
}

// once is f, called when first asked for.
func once[T any](f func() T) func() T {
	var v T
	done := false
	return func() T {
		if !done {
			v, done = f(), true
		}
		return v
	}
}

// accept sets the Suppression of findings that the baseline knows, and lists
// its entries that this run could have found and did not.
func (g *gate) accept(found []finding.Finding, whole func() []finding.Finding, sourced, logged bool) []finding.Known {
	left := g.match(found)
	left = slices.DeleteFunc(left, func(k finding.Known) bool { return !g.couldFind(k, sourced, logged) })
	if len(left) == 0 {
		return nil
	}
	there := map[finding.Key]bool{} // in the source, whatever the log led to
	for _, f := range whole() {
		there[f.Key] = true
	}
	return slices.DeleteFunc(left, func(k finding.Known) bool { return there[k.Key] })
}

// match sets the Suppression of findings that have an entry, and returns the
// entries that are left. Findings that a comment silences come last: theirs is
// the entry that nothing else needs.
func (g *gate) match(found []finding.Finding) (left []finding.Known) {
	var order []int
	for _, silenced := range []bool{false, true} {
		for i := range found {
			if (found[i].Suppression != nil) == silenced {
				order = append(order, i)
			}
		}
	}
	keys := make([]finding.Key, len(order))
	for n, i := range order {
		keys[n] = found[i].Key
	}
	of, left := baseline.Match(g.known, keys)
	for n, i := range order {
		if of[n] >= 0 && found[i].Suppression == nil {
			found[i].Suppression = &finding.Suppression{Kind: finding.InBaseline, Reason: g.known[of[n]].Reason}
		}
	}
	return left
}

// couldFind reports whether a run with such inputs would find what an entry is
// about, if it was still there.
func (g *gate) couldFind(k finding.Known, sourced, logged bool) bool {
	r := rules.Find(k.Rule)
	switch {
	case r == nil:
		return true // no rule has that name any more
	case !g.chosen[r.Code], k.Place != "" && !sourced:
		return false
	case r.FromComments():
		return !logged // with a log not all files are looked at
	}
	return logged || !k.Logged && k.Place != "" && r.FromSource()
}

// keepNew sets the Suppression of findings that no changed line has to do
// with. What has no place in the source cannot be told to be new and is set
// aside too, but for the budgets: they hold for a whole endpoint, whoever
// broke them.
func (g *gate) keepNew(found []finding.Finding, src *application) {
	if g.changes == nil {
		return
	}
	for i := range found {
		f := &found[i]
		if f.Suppression != nil {
			continue
		}
		all := spots(f)
		reason := "no line of it changed since " + g.changes.Ref
		if len(all) == 0 {
			reason = "it has no place in the source, so nothing tells whether it is new"
		}
		changed := slices.ContainsFunc(all, func(s source.Span) bool { return g.changes.Touch(s, src.Text(s.Path)) })
		if changed || len(all) == 0 && rules.Find(f.Code).FromBudgets() {
			continue
		}
		f.Suppression = &finding.Suppression{Kind: finding.Unchanged, Reason: reason}
	}
}
