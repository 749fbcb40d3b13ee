package analyzer

import (
	"slices"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/baseline"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/rules"
)

func known(code, subject, place string, logged bool) finding.Known {
	return finding.Known{Key: finding.Key{Rule: rules.Find(code).Name, Subject: subject, Place: place}, Code: code, Logged: logged}
}

func allRules() map[string]bool {
	chosen := map[string]bool{}
	for _, r := range rules.All() {
		chosen[r.Code] = true
	}
	return chosen
}

// TestBaselineKey: what a later version or another log says of a finding does
// not make it new; another rule, subject or place does.
func TestBaselineKey(t *testing.T) {
	first := finding.Finding{
		Key: finding.Key{Rule: "n-plus-one", Subject: "library.Book.author", Place: "views.py:shelf"}, Code: "QP101", Severity: finding.Warning,
		Confidence: finding.Likely, Fingerprint: "0123456789abcdef", Message: "one query per row, 6 queries in one unit of work",
		Evidence: []finding.Evidence{finding.Inferred}, Location: source.Span{Path: "views.py", Line: 5, EndLine: 5},
	}
	text := baseline.Format([]finding.Known{baseline.Of(&first)})
	tests := []struct {
		name   string
		change func(*finding.Finding)
		known  bool
	}{
		{"the same", func(*finding.Finding) {}, true},
		{"another message", func(f *finding.Finding) { f.Message = "a loop of queries"; f.Notes = []string{"a note"} }, true},
		{"other counts", func(f *finding.Finding) { f.Cost.Calls, f.Cost.Units, f.Cost.MaxCalls = 900, 30, 60 }, true},
		{"other times", func(f *finding.Finding) { f.Cost.Took, f.Cost.Saved, f.Share = time.Hour, time.Minute, 0.9 }, true},
		{"other lines", func(f *finding.Finding) { f.Location.Line, f.Location.EndLine, f.Location.Start = 90, 95, 2000 }, true},
		{"surer and worse", func(f *finding.Finding) { f.Confidence, f.Severity = finding.Proven, finding.Error }, true},
		{"in a log too", func(f *finding.Finding) { f.Evidence = append(f.Evidence, finding.Observed) }, true},
		{"another fingerprint", func(f *finding.Finding) { f.Fingerprint = "fedcba9876543210" }, true},
		{"another rule", func(f *finding.Finding) { f.Rule = "get-in-loop" }, false},
		{"another subject", func(f *finding.Finding) { f.Subject = "library.Book.publisher" }, false},
		{"another place", func(f *finding.Finding) { f.Place = "views.py:shelves" }, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			entries, err := baseline.Parse("f", text)
			if err != nil {
				t.Fatal(err)
			}
			g := &gate{chosen: allRules(), known: entries}
			f := first
			f.Evidence = slices.Clone(first.Evidence)
			tt.change(&f)
			p := g.pass(t.Context(), []finding.Finding{f}, nil, nil, false)
			if got := len(p.silenced) == 1; got != tt.known {
				t.Errorf("known: %v", got)
			}
		})
	}
}

// TestStale: an entry is stale only in a run that would find what it is about.
func TestStale(t *testing.T) {
	sourced := known("QP101", "a", "views.py:f", false)
	logOnly := known("QP101", "a", "views.py:f", true)
	slow := known("QP501", "a", "views.py:f", true)
	unplaced := known("QP101", "a", "", true)
	comment := known("QP901", "ignore[QP101]", "views.py", false)
	gone := finding.Known{Key: finding.Key{Rule: "no-such-rule", Subject: "a"}}
	tests := []struct {
		name            string
		entry           finding.Known
		sourced, logged bool
		want            bool
	}{
		{"source, in source", sourced, true, false, true},
		{"source, in both", sourced, true, true, true},
		{"source, in a log alone", sourced, false, true, false},
		{"log, in source", logOnly, true, false, false},
		{"log, in both", logOnly, true, true, true},
		{"a rule of logs, in source", slow, true, false, false},
		{"a rule of logs, in both", slow, true, true, true},
		{"no place, in source", unplaced, true, false, false},
		{"no place, in a log", unplaced, false, true, true},
		{"a comment, in source", comment, true, false, true},
		{"a comment, with a log", comment, true, true, false},
		{"no such rule", gone, false, true, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := &gate{chosen: allRules(), known: []finding.Known{tt.entry}}
			none := func() []finding.Finding { return nil }
			if got := len(g.accept(nil, none, tt.sourced, tt.logged)) == 1; got != tt.want {
				t.Errorf("stale: %v", got)
			}
			there := func() []finding.Finding { return []finding.Finding{{Key: tt.entry.Key}} }
			if len(g.accept(nil, there, tt.sourced, tt.logged)) > 0 {
				t.Error("stale, though the source has it where the log did not lead")
			}
			if r := rules.Find(tt.entry.Rule); r != nil {
				delete(g.chosen, r.Code)
				if len(g.accept(nil, none, tt.sourced, tt.logged)) > 0 {
					t.Error("stale, though its rule was not chosen")
				}
			}
		})
	}
}

// TestNumbers: of two querysets of one key the one that stays takes the first
// number, so that one entry is stale and none is new; one more is new.
func TestNumbers(t *testing.T) {
	of := func(places ...string) (list []finding.Finding) {
		for _, p := range places {
			list = append(list, finding.Finding{Key: finding.Key{Rule: "n-plus-one", Subject: "a", Place: p}, Code: "QP101"})
		}
		return list
	}
	g := &gate{chosen: allRules(), known: []finding.Known{known("QP101", "a", "v.py:f", false), known("QP101", "a", "v.py:f#2", false)}}
	for _, tt := range []struct {
		found            []finding.Finding
		fresh, old, gone int
	}{
		{of("v.py:f", "v.py:f#2"), 0, 2, 0},
		{of("v.py:f"), 0, 1, 1},
		{of("v.py:f", "v.py:f#2", "v.py:f#3"), 1, 2, 0},
		{of("v.py:f#2"), 0, 1, 1},
		{of("v.py:f#4", "v.py:g"), 1, 1, 1}, // a comment silences others of them
	} {
		none := func() []finding.Finding { return nil }
		stale := g.accept(tt.found, none, true, false)
		old := 0
		for _, f := range tt.found {
			if f.Suppression != nil {
				old++
			}
		}
		if len(tt.found)-old != tt.fresh || old != tt.old || len(stale) != tt.gone {
			t.Errorf("%d findings: got %d new, %d known, %d stale, want %d, %d, %d", len(tt.found), len(tt.found)-old, old, len(stale), tt.fresh, tt.old, tt.gone)
		}
	}
}
