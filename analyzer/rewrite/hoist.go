package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Hoist moves a query that is the same in every round before its loop.
func Hoist(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	s := f.Site
	if f.Built != nil {
		s = f.Built
	}
	if len(f.Via) > 0 {
		s = f.Via[0].Site
	}
	if f.Varies || s == nil || len(s.Blocks) == 0 || len(s.Calls) == 0 || s.Name == "" || s.Try {
		return finding.Rewrite{}, false
	}
	place, ok := hoist(s, append(slices.Clone(s.Names), s.Name))
	if !ok || code.writes(f, &s.Blocks[place.block], f.Model) {
		return finding.Rewrite{}, false
	}
	if f.Query != nil && f.Query.Iterator {
		return finding.Rewrite{}, false
	}
	c := code.change(s.Whole.Path)
	if !c.ok {
		return finding.Rewrite{}, false
	}
	inner := &s.Blocks[len(s.Blocks)-1]
	if s.Form == source.Assigned && len(s.Targets) == 1 && direct(inner, s.Stmt) && len(inner.Body) > 1 && !rebound(s) && s.Beyond == 0 {
		c.put(place.anchor, c.slice(s.Stmt))
		c.remove(s.Stmt)
	} else {
		name := c.fresh(s.Whole.Start, code.valueNames(f, s)...)
		if name == "" {
			return finding.Rewrite{}, false
		}
		c.put(place.anchor, name+" = "+c.slice(s.Whole))
		c.replace(s.Whole, name)
	}
	title := "run it once, before the loop"
	safe := len(f.Via) == 0 && !f.Conditional && f.Op != source.Get
	if f.Op == source.Get {
		title += "; it runs then even where the loop has no rows"
	}
	show := place.anchor
	return c.done(title, safe, show)
}

// rebound reports whether the loop gives the statement's name other values, or
// changes the one it has.
func rebound(s *source.Site) bool {
	return slices.ContainsFunc(s.Uses, func(u source.Use) bool { return u.Write })
}

// valueNames are names for what the expression gives.
func (code Code) valueNames(f *source.Fetch, s *source.Site) []string {
	base := "rows"
	if m := code.Models.Model(f.Model); m != nil {
		base = snake(m.Name)
	}
	if len(f.Via) > 0 {
		base = s.Calls[len(s.Calls)-1].Name
		for _, verb := range []string{"get_", "fetch_", "load_", "find_", "compute_", "current_"} {
			if rest, ok := strings.CutPrefix(base, verb); ok {
				return []string{rest, rest + "_value"}
			}
		}
		if i := strings.LastIndexByte(base, '_'); i > 0 {
			return []string{base[i+1:], base + "_value"}
		}
		return []string{base + "_value"}
	}
	switch f.Op {
	case source.CountRows:
		return []string{base + "_count"}
	case source.ExistsRows:
		return []string{"has_" + base, "any_" + base}
	case source.Aggregate:
		return []string{base + "_totals"}
	case source.Get, source.First:
		return []string{base, base + "_row"}
	}
	return []string{plural(base), "all_" + plural(base)}
}
