package report

import (
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

const (
	// claimMax, notesMax and labelMax are how many characters of a finding's
	// sentence, of its notes, and of a short text such as a title are kept.
	claimMax = 1000
	notesMax = 1000
	labelMax = 200
)

// claim is the sentence of a finding with what it costs in front, so that the
// impact is read first where there is room for little: "9.3 s in 8,480 queries,
// 41% of the database time: one query per row". On one line, cleaned, no full
// stop.
func claim(f *finding.Finding) string {
	said := kept(Clean(f.Message), claimMax)
	if f.Cost.Took <= 0 {
		return said
	}
	cost := span(f.Cost.Took)
	if f.Cost.Calls > 0 {
		cost += " in " + counted(f.Cost.Calls, "query", "queries")
	}
	if f.Share > 0 {
		cost += ", " + percent(f.Share) + " of the database time"
	}
	return cost + ": " + said
}

// remedy is what a rewrite does, and its warning.
func remedy(rw *finding.Rewrite) string {
	s := kept(Clean(rw.Title), labelMax)
	if !rw.Safe {
		s += "; may change what the code does, review it"
	}
	return s
}

// offered is the rewrite that formats with room for one tell of: the first that
// has edits, else the first; nil when there is none.
func offered(f *finding.Finding) *finding.Rewrite {
	for i := range f.Rewrites {
		if len(f.Rewrites[i].Edits) > 0 {
			return &f.Rewrites[i]
		}
	}
	if len(f.Rewrites) > 0 {
		return &f.Rewrites[0]
	}
	return nil
}

// kept is the first n characters of s.
func kept(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	r := []rune(s)
	return string(r[:n-1]) + "…"
}

// A spotting is the one place that a finding is shown at in formats that want
// a file. A place in a log has a line and no columns.
type spotting struct {
	source.Span
	inLog bool
}

// primary is where a finding is: at the queryset to change. Where that is not
// known it is the log's line, if the log lies below the current folder, which
// review tools take for the repository; else the first of the places that can
// have made the finding. False: there is no place that can be told.
func primary(f *finding.Finding) (spotting, bool) {
	if f.Location.Known() {
		return spotting{Span: f.Location}, true
	}
	for _, e := range f.Examples {
		if p := path.Clean(filepath.ToSlash(e.Input)); e.Input != "-" && e.Line > 0 && filepath.IsLocal(e.Input) && p != "." {
			return spotting{source.Span{Path: p, Line: int(e.Line)}, true}, true
		}
	}
	for _, r := range f.Related {
		if r.Span.Known() {
			return spotting{Span: r.Span}, true
		}
	}
	return spotting{}, false
}

// basis is what a finding rests on, cleaned, "" when there is nothing to say:
// that it is only possible, where formats do not know how sure a finding is,
// then its notes.
func basis(f *finding.Finding) string {
	notes := f.Notes
	if f.Confidence < finding.Likely {
		notes = append([]string{"only possible, not certain"}, notes...)
	}
	return kept(Clean(strings.Join(notes, "; ")), notesMax)
}
