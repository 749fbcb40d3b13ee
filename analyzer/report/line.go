package report

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// An anchor is the one place that a format names for a finding.
type anchor struct {
	path         string // not cleaned; "" when there is none
	line, column int    // 0: not known
	inSource     bool   // else it is a place in a log
}

// anchorOf is the queryset to change. Where that is not known it is the log's
// first line of the finding: a place that can be opened, unlike a guess.
func anchorOf(f *finding.Finding) anchor {
	if f.Location.Known() {
		return anchor{f.Location.Path, f.Location.Line, f.Location.Column, true}
	}
	for i := range f.Examples {
		if e := &f.Examples[i]; e.Input != "" {
			return anchor{path: e.Input, line: int(e.Line)}
		}
	}
	return anchor{}
}

// String is the place as compilers write it, cleaned: path:line:column.
func (a anchor) String() string {
	s := cmp.Or(Clean(a.path), "-")
	if a.line > 0 {
		s += ":" + strconv.Itoa(a.line)
		if a.column > 0 {
			s += ":" + strconv.Itoa(a.column)
		}
	}
	return s
}

// headline is the place and what is wrong there, on one cleaned line:
// "app/views.py:12:13: QP101 one query per row (493 ms, 15%)".
func headline(f *finding.Finding) string { return anchorOf(f).String() + ": " + sentence(f) }

// sentence is headline without the place.
func sentence(f *finding.Finding) string {
	return Clean(f.Code) + " " + Clean(f.Message) + " (" + price(f) + ")"
}

// price is what a finding costs: "493 ms, 15%", or why that is not known.
func price(f *finding.Finding) string {
	switch {
	case f.Cost.Took > 0:
		return span(f.Cost.Took) + ", " + percent(f.Share)
	case !slices.Contains(f.Evidence, finding.Observed) && slices.Contains(f.Evidence, finding.Inferred):
		return "not measured"
	}
	return "no times in the log"
}

// safeEdit is the rewrite that ormlint fix makes without --unsafe-fixes, nil
// when it makes none.
func safeEdit(f *finding.Finding) *finding.Rewrite {
	if f.Confidence < finding.Likely {
		return nil
	}
	for i := range f.Rewrites {
		if rw := &f.Rewrites[i]; rw.Safe && len(rw.Edits) > 0 {
			return rw
		}
	}
	return nil
}

// levelOf is the severity to show where a reader cannot see how sure a finding
// is: what is only possible is a note.
func levelOf(f *finding.Finding) finding.Severity {
	if f.Confidence < finding.Likely {
		return finding.Note
	}
	return min(max(f.Severity, finding.Note), finding.Error)
}

// summary sums the findings up in one line.
func summary(r *finding.Report) string {
	parts := []string{verdict(r)}
	fixable := int64(0)
	for i := range r.Findings {
		if safeEdit(&r.Findings[i]) != nil {
			fixable++
		}
	}
	if fixable > 0 {
		parts = append(parts, count(fixable)+" that ormlint fix can change")
	}
	if n := len(r.Suppressed); n > 0 {
		parts = append(parts, count(int64(n))+" suppressed")
	}
	if n := len(r.Stale); n > 0 {
		parts = append(parts, counted(int64(n), "stale entry", "stale entries")+" in the baseline")
	}
	return strings.Join(parts, " · ")
}

// unread are the inputs that could not be read to their end.
func unread(r *finding.Report) []*finding.Input {
	var bad []*finding.Input
	for i := range r.Run.Inputs {
		if in := &r.Run.Inputs[i]; in.Problem != "" && !in.Empty {
			bad = append(bad, in)
		}
	}
	return bad
}

// notRead names the first of them; cleaned.
func notRead(bad []*finding.Input) string {
	const most = 3
	var names []string
	for i, in := range bad {
		if i == most {
			names = append(names, counted(int64(len(bad)-i), "more", "more"))
			break
		}
		names = append(names, Clean(in.Path)+" ("+Clean(in.Problem)+")")
	}
	return counted(int64(len(bad)), "input", "inputs") + " not read: " + clip(strings.Join(names, ", "), 600)
}

// clip cuts s to n UTF-16 units, in which the platforms count characters; they
// are never fewer than code points.
func clip(s string, n int) string {
	if len(s) <= n { // bytes are never fewer than units
		return s
	}
	units, keep := 0, 0
	for i, r := range s {
		if units+1 <= n { // room for …
			keep = i
		}
		if units += utf16.RuneLen(r); units > n {
			return s[:keep] + "…"
		}
	}
	return s
}

// brief is clip of Clean for text of any length.
func brief(s string, n int) string { return clip(Clean(s[:min(len(s), 4*n+4)]), n) }

// names gives each a name of its own: a second "x" is "x-2".
type names map[string]int

func (seen names) unique(name string) string {
	out := name
	for seen[out] > 0 {
		seen[name]++
		out = fmt.Sprintf("%s-%d", name, seen[name])
	}
	seen[out]++
	return out
}
