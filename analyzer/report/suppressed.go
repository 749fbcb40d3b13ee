package report

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// staleMax is how many entries of the baseline without a finding are listed.
const staleMax = 10

// suppressed counts the findings that do not count, by what silenced them:
// "3 suppressed (2 by comments, 1 in the baseline)".
func suppressed(list []finding.Finding) string {
	if len(list) == 0 {
		return ""
	}
	var parts []string
	for _, k := range []struct {
		kind        finding.SuppressionKind
		placed      bool
		one, others string
	}{
		{finding.InSource, true, " by a comment", " by comments"},
		{finding.InBaseline, true, " in the baseline", " in the baseline"},
		{finding.Unchanged, true, " on unchanged lines", " on unchanged lines"},
		{finding.Unchanged, false, " without a place in the source", " without a place in the source"},
	} {
		n := int64(0)
		for i := range list {
			s := list[i].Suppression
			placed := s == nil || s.Kind != finding.Unchanged || list[i].Location.Known() || len(list[i].Related) > 0
			if s != nil && s.Kind == k.kind && placed == k.placed {
				n++
			}
		}
		switch {
		case n == 1:
			parts = append(parts, count(n)+k.one)
		case n > 1:
			parts = append(parts, count(n)+k.others)
		}
	}
	return count(int64(len(list))) + " suppressed (" + strings.Join(parts, ", ") + ")"
}

// stale lists the entries of the baseline that no finding answers to.
func (t *text) stale(list []finding.Known) {
	if len(list) == 0 {
		return
	}
	t.para(0, 2, t.warn, counted(int64(len(list)), "entry of the baseline is stale", "entries of the baseline are stale")+": ormlint baseline prune removes what is gone")
	for i, k := range list {
		if i == staleMax {
			t.put("  ", t.faint("… and "+counted(int64(len(list)-i), "more", "more")))
			break
		}
		t.para(2, 4, t.plain, Entry(k))
	}
}

// Entry names an entry of a baseline in one line: "QP101 library.Book.author in
// library/views.py:shelf".
func Entry(k finding.Known) string {
	name := k.Code
	if name == "" {
		name = k.Rule
	}
	s := Clean(name) + " " + Clean(k.Subject)
	if k.Place != "" {
		s += " in " + Clean(k.Place)
	}
	return s
}
