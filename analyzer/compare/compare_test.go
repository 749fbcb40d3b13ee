package compare

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// found is a finding of a log as the tests need it.
func found(rule, subject, place string, units, calls, most int64, endpoints ...string) finding.Finding {
	return finding.Finding{
		Key: finding.Key{Rule: rule, Subject: subject, Place: place}, Fingerprint: rule + subject + place, Code: "QP101",
		Severity: finding.Warning, Confidence: finding.Likely, Evidence: []finding.Evidence{finding.Observed}, Endpoints: endpoints,
		Cost: finding.Cost{Units: units, Calls: calls, MaxCalls: most, Took: time.Duration(calls) * time.Millisecond},
	}
}

// logged is a report of a log in which the endpoints ran.
func logged(fs ...finding.Finding) *finding.Report {
	r := &finding.Report{Findings: fs, Run: finding.Run{Statements: 100}}
	for _, name := range []string{"/a/", "/b/"} {
		r.Endpoints = append(r.Endpoints, finding.Endpoint{Name: name, Named: true, Units: 10, Queries: 50, Took: time.Second, Spread: 5 * time.Millisecond})
	}
	return r
}

func sourced(r *finding.Report) *finding.Report {
	r.Run.Source = &finding.Source{Root: "."}
	return r
}

// in gives a finding a place in the source too.
func in(f finding.Finding) finding.Finding {
	f.Evidence = append(f.Evidence, finding.Inferred)
	f.Location = source.Span{Path: f.Place, Line: 1}
	return f
}

func silent(r *finding.Report, fs ...finding.Finding) *finding.Report {
	r.Suppressed = fs
	return r
}

// said is what became of the findings: "new! rule subject: note".
func said(d finding.Delta) string {
	var b strings.Builder
	for _, f := range d.Findings {
		mark := ""
		if f.Regressed {
			mark = "!"
		}
		fmt.Fprintf(&b, "%s%s %s@%s", f.Change, mark, f.Subject, f.Place)
		if f.Note != "" {
			fmt.Fprintf(&b, ": %s", f.Note)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestFindings(t *testing.T) {
	n1 := func(units, calls, most int64) finding.Finding {
		return found("n-plus-one", "a.B.c", "", units, calls, most, "/a/")
	}
	maybe := n1(2, 20, 10)
	maybe.Confidence = finding.Possible
	note := n1(2, 20, 10)
	note.Severity = finding.Note
	gone := found("n-plus-one", "a.B.c", "", 1, 9, 9, "/gone/")
	onlySource := finding.Finding{
		Key: finding.Key{Rule: "r", Subject: "s", Place: "v.py:f"}, Fingerprint: "x", Severity: finding.Warning, Confidence: finding.Likely,
		Evidence: []finding.Evidence{finding.Inferred},
	}
	at := func(place string, units, calls int64) finding.Finding {
		return in(found("n-plus-one", "a.B.c", place, units, calls, calls/units, "/a/"))
	}
	tests := []struct {
		name       string
		base, head *finding.Report
		want       string
	}{
		{"new", logged(), logged(n1(2, 20, 10)), "new! a.B.c@\n"},
		{"new, only possible", logged(), logged(maybe), "new a.B.c@\n"},
		{"new, a note", logged(), logged(note), "new a.B.c@\n"},
		{"new where the base did not run", logged(), logged(gone), "new! a.B.c@: none of its endpoints ran in the base\n"},
		{"fixed", logged(n1(2, 20, 10)), logged(), "fixed a.B.c@\n"},
		{"did not run", logged(gone), logged(), "unseen a.B.c@: none of its endpoints ran in the head\n"},
		{"the same in a longer log", logged(n1(2, 20, 10)), logged(n1(200, 2000, 10)), "same a.B.c@\n"},
		{"worse", logged(n1(2, 20, 10)), logged(n1(2, 24, 12)), "worse! a.B.c@\n"},
		{"by less than one call", logged(n1(10, 50, 5)), logged(n1(10, 59, 6)), "same a.B.c@\n"},
		{"by less than a tenth", logged(n1(1, 100, 100)), logged(n1(1, 109, 109)), "same a.B.c@\n"},
		{"another mix of requests", logged(n1(10, 100, 50)), logged(n1(10, 300, 50)), "same a.B.c@\n"},
		{"better", logged(n1(2, 20, 10)), logged(n1(2, 10, 5)), "better a.B.c@\n"},
		{"suppressed in head", logged(n1(2, 20, 10)), silent(logged(), n1(2, 20, 10)), "suppressed a.B.c@\n"},
		{"suppressed in base", silent(logged(), n1(2, 20, 10)), logged(n1(2, 90, 45)), "same a.B.c@: suppressed in the base, not in the head\n"},
		{"suppressed in both", silent(logged(), n1(2, 20, 10)), silent(logged(), n1(2, 20, 10)), ""},
		{
			"moved", sourced(logged(at("v.py:f", 2, 20))), sourced(logged(at("w.py:g", 2, 20))),
			"same a.B.c@w.py:g: moved here from v.py:f\n",
		},
		{
			"moved and worse", sourced(logged(at("v.py:f", 2, 20))), sourced(logged(at("w.py:g", 2, 60))),
			"worse! a.B.c@w.py:g: moved here from v.py:f\n",
		},
		{
			"one of two is left", sourced(logged(at("v.py:f", 2, 20), at("v.py:g", 2, 20))), sourced(logged(at("w.py:h", 2, 20))),
			"new! a.B.c@w.py:h\nfixed a.B.c@v.py:f\nfixed a.B.c@v.py:g\n",
		},
		{
			"source in head only", logged(n1(4, 40, 10)), sourced(logged(at("v.py:f", 2, 20), at("v.py:g", 2, 20))),
			"same a.B.c@v.py:f\n",
		},
		{
			"source in base only, other case", sourced(logged(at("v.py:f", 2, 20))), logged(found("n-plus-one", "a.b.C", "", 2, 20, 10, "/a/")),
			"same a.b.C@\n",
		},
		{"only the head's source shows it", logged(), sourced(logged(onlySource)), "unseen s@v.py:f: the base was read without source, which alone shows it\n"},
		{"new in the source", sourced(logged()), sourced(logged(onlySource)), "new! s@v.py:f\n"},
		{"only the base's source shows it", sourced(logged(onlySource)), logged(), "unseen s@v.py:f: the head was read without source, which alone shows it\n"},
		{"a log after source alone", sourced(&finding.Report{}), sourced(logged(n1(2, 20, 10))), "unseen a.B.c@: the base has no log, which alone shows it\n"},
		{"source with a log after source alone", sourced(&finding.Report{Findings: []finding.Finding{onlySource}}), sourced(logged()), "unseen s@v.py:f: the head has a log, and with one only the source that it is about is looked at\n"},
		{"source alone twice", sourced(&finding.Report{Findings: []finding.Finding{onlySource}}), sourced(&finding.Report{}), "fixed s@v.py:f\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := said(Compare(tt.base, tt.head)); got != tt.want {
				t.Errorf("got\n%swant\n%s", got, tt.want)
			}
		})
	}
}

// A finding that takes longer is worse only where its endpoint does so beyond
// noise.
func TestSlowerFinding(t *testing.T) {
	f := found("slow-query", "a.B", "", 10, 10, 1, "/a/")
	slow := f
	slow.Cost.Took = time.Second
	base, head := logged(f), logged(slow)
	if got := said(Compare(base, head)); got != "same a.B@\n" {
		t.Errorf("its endpoint is as fast as before: got %s", got)
	}
	head.Endpoints[0].Took = 2 * time.Second
	if got := said(Compare(base, head)); got != "worse! a.B@: its endpoint takes longer, and so does it\n" {
		t.Errorf("got %s", got)
	}
}

func TestEndpoints(t *testing.T) {
	ms := func(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }
	// ten units of 5 queries and 100 ± 5 ms
	usual := finding.Endpoint{Name: "/a/", Named: true, Units: 10, Queries: 50, Took: ms(1000), Spread: ms(5), Rows: 100, RowsKnown: true}
	with := func(change func(*finding.Endpoint)) finding.Endpoint {
		e := usual
		change(&e)
		return e
	}
	tests := []struct {
		name          string
		base, head    finding.Endpoint
		queries, time string // "": the same, "changed", "regressed"
	}{
		{"the same", usual, usual, "", ""},
		{"one query more", usual, with(func(e *finding.Endpoint) { e.Queries = 60 }), "regressed", ""},
		{"less than one more", usual, with(func(e *finding.Endpoint) { e.Queries = 59 }), "changed", ""},
		{"less than a tenth more", with(func(e *finding.Endpoint) { e.Queries = 500 }), with(func(e *finding.Endpoint) { e.Queries = 540 }), "changed", ""},
		{"fewer", usual, with(func(e *finding.Endpoint) { e.Queries = 10 }), "changed", ""},
		{"a longer log", usual, with(func(e *finding.Endpoint) { e.Units, e.Queries, e.Took = 1000, 5000, ms(100000) }), "", ""},
		{"more, without a name", usual, with(func(e *finding.Endpoint) { e.Queries, e.Named = 90, false }), "changed", ""},
		{"slower", usual, with(func(e *finding.Endpoint) { e.Took = ms(1200) }), "", "regressed"},
		{"slower, without a name", usual, with(func(e *finding.Endpoint) { e.Took, e.Named = ms(1200), false }), "", "changed"},
		{"slower by less than a tenth", usual, with(func(e *finding.Endpoint) { e.Took = ms(1090) }), "", "changed"},
		{
			"slower by less than 5 ms", with(func(e *finding.Endpoint) { e.Took, e.Spread = ms(100), ms(.1) }),
			with(func(e *finding.Endpoint) { e.Took, e.Spread = ms(140), ms(.1) }), "", "changed",
		},
		{"slower within noise", usual, with(func(e *finding.Endpoint) { e.Took, e.Spread = ms(1200), ms(60) }), "", ""},
		{"slower in two units", usual, with(func(e *finding.Endpoint) { e.Units, e.Queries, e.Took = 2, 10, ms(400) }), "", ""},
		{"faster", usual, with(func(e *finding.Endpoint) { e.Took = ms(500) }), "", "changed"},
		{"no times", usual, with(func(e *finding.Endpoint) { e.Took, e.Spread = 0, 0 }), "", ""},
		{"no units", usual, with(func(e *finding.Endpoint) { e.Units = 0 }), "", ""},
	}
	word := func(s finding.Shift) string {
		switch {
		case s.Regressed:
			return "regressed"
		case s.Changed:
			return "changed"
		}
		return ""
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := Compare(&finding.Report{Endpoints: []finding.Endpoint{tt.base}}, &finding.Report{Endpoints: []finding.Endpoint{tt.head}})
			e := d.Endpoints[0]
			if q, s := word(e.Queries), word(e.Time); q != tt.queries || s != tt.time {
				t.Errorf("got %q and %q, want %q and %q: %+v %+v", q, s, tt.queries, tt.time, e.Queries, e.Time)
			}
		})
	}
}

// Among many endpoints one is slower by chance: the level is divided.
func TestManyEndpoints(t *testing.T) {
	base, head := &finding.Report{}, &finding.Report{}
	for i := range 100 {
		e := finding.Endpoint{Name: fmt.Sprintf("/%02d/", i), Named: true, Units: 10, Queries: 50, Took: time.Second, Spread: 20 * time.Millisecond}
		base.Endpoints = append(base.Endpoints, e)
		if i == 7 {
			e.Took = 1220 * time.Millisecond // p is 0.02
		}
		head.Endpoints = append(head.Endpoints, e)
	}
	d := Compare(base, head)
	if math.Abs(d.Alpha-0.0005) > 1e-12 {
		t.Errorf("alpha is %v", d.Alpha)
	}
	i := slices.IndexFunc(d.Endpoints, func(e finding.EndpointDelta) bool { return e.Name == "/07/" })
	if got := d.Endpoints[i].Time; got.P > 0.05 || got.Changed {
		t.Errorf("among a hundred: %+v", got)
	}
	one := Compare(&finding.Report{Endpoints: base.Endpoints[7:8]}, &finding.Report{Endpoints: head.Endpoints[7:8]})
	if got := one.Endpoints[0].Time; !got.Regressed {
		t.Errorf("alone: %+v", got)
	}
}

// The order: changed queries, changed times, the others, one side only.
func TestOrder(t *testing.T) {
	e := func(name string, queries int64, took time.Duration) finding.Endpoint {
		return finding.Endpoint{Name: name, Named: true, Units: 10, Queries: queries, Took: took, Spread: time.Millisecond}
	}
	base := &finding.Report{Endpoints: []finding.Endpoint{e("same", 10, 3*time.Second), e("gone", 10, time.Second), e("slower", 10, time.Second), e("fewer", 90, time.Second), e("more", 10, time.Second), e("most", 10, time.Second)}}
	head := &finding.Report{Endpoints: []finding.Endpoint{e("same", 10, 3*time.Second), e("came", 10, 9*time.Second), e("slower", 10, 2*time.Second), e("fewer", 10, time.Second), e("more", 20, time.Second), e("most", 90, time.Second)}}
	var got []string
	for _, d := range Compare(base, head).Endpoints {
		got = append(got, d.Name)
	}
	if want := []string{"most", "more", "fewer", "slower", "same", "came", "gone"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestNotes(t *testing.T) {
	base, head := sourced(logged()), &finding.Report{}
	base.Run.Inputs = []finding.Input{{Path: "a.log", Problem: "cut off"}, {Path: "b.log", Problem: "empty file", Empty: true}}
	want := []string{
		"source was read for the base and not for the head: findings are matched by rule and subject, not by place",
		"the base is not whole: a.log: cut off",
		"the head has no log: nothing is known of its queries and times",
	}
	if got := Compare(base, head).Notes; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
