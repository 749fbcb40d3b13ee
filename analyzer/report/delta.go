package report

import (
	"cmp"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// A DeltaPrinter writes what changed between two reports in one format, under
// the promises of a Printer.
type DeltaPrinter struct {
	Name  string // as in --format NAME
	About string
	Print func(w io.Writer, d *finding.Delta, o Options) error
}

// DeltaPrinters lists the formats in the order in which help shows them.
func DeltaPrinters() []DeltaPrinter {
	return []DeltaPrinter{
		{"text", "for people", DeltaText},
		{"markdown", "for a comment on the change", DeltaMarkdown},
		{"json", "for programs, see docs/diff.md", func(w io.Writer, d *finding.Delta, _ Options) error { return DeltaJSON(w, d) }},
	}
}

// FindDelta returns the printer of that name.
func FindDelta(name string) (DeltaPrinter, bool) {
	for _, p := range DeltaPrinters() {
		if p.Name == name {
			return p, true
		}
	}
	return DeltaPrinter{}, false
}

// summaryEndpoints is how many endpoints the summary names.
const summaryEndpoints = 3

// deltaSummary says in one sentence what the change does; name marks the endpoints'
// names and must make them safe.
func deltaSummary(d *finding.Delta, name func(string) string) string {
	s := "this change " + patterns(d)
	var said []string
	more := 0
	say := func(what string) {
		if len(said) < summaryEndpoints {
			said = append(said, what)
		} else {
			more++
		}
	}
	for i := range d.Endpoints {
		if e := &d.Endpoints[i]; e.Queries.Changed {
			say(signed(e.Queries.By()) + " " + noun(e.Queries.By(), "query", "queries") + " per " + finding.UnitNoun(e.Name) + " on " + name(e.Name))
		}
	}
	for i := range d.Endpoints {
		if e := &d.Endpoints[i]; e.Time.Regressed && !e.Queries.Changed { // more queries take longer: said
			say(name(e.Name) + " takes " + span(time.Duration(e.Time.By())) + " longer")
		}
	}
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Change == finding.New && f.HeadCalls > 0 && !slices.ContainsFunc(d.Endpoints, func(e finding.EndpointDelta) bool {
			return e.Base != nil && slices.Contains(f.Endpoints, e.Name)
		}) && len(f.Endpoints) > 0 {
			say(plainNumber(f.HeadCalls) + " " + noun(f.HeadCalls, "query", "queries") + " per " + finding.UnitNoun(f.Endpoints[0]) + " on " + name(f.Endpoints[0]) + ", which the base does not have")
		}
	}
	if len(said) == 0 {
		return s
	}
	s += ": " + strings.Join(said, ", ")
	if more > 0 {
		s += " and " + counted(int64(more), "change", "changes") + " more"
	}
	return s
}

// patterns counts the findings that came, went and got worse.
func patterns(d *finding.Delta) string {
	n := tally(d)
	var parts []string
	for _, p := range []struct {
		change      finding.Change
		verb, after string
	}{{finding.New, "adds ", ""}, {finding.Worse, "makes ", " worse"}, {finding.Fixed, "fixes ", ""}, {finding.Better, "makes ", " better"}} {
		k := n[p.change]
		if k == 0 {
			continue
		}
		what := count(k)
		if len(parts) == 0 {
			what = counted(k, "pattern", "patterns")
		}
		parts = append(parts, p.verb+what+p.after)
	}
	switch len(parts) {
	case 0:
		return "adds no pattern"
	case 1:
		return parts[0]
	}
	last := len(parts) - 1
	return strings.Join(parts[:last], ", ") + " and " + parts[last]
}

func tally(d *finding.Delta) map[finding.Change]int64 {
	n := map[finding.Change]int64{}
	for i := range d.Findings {
		n[d.Findings[i].Change]++
	}
	return n
}

// unseen counts the findings that could not be compared by why, the most
// first: they say nothing of the change, and may be many.
func unseen(d *finding.Delta) []string {
	n := map[string]int64{}
	for i := range d.Findings {
		if f := &d.Findings[i]; f.Change == finding.Unseen {
			n[f.Note]++
		}
	}
	notes := slices.SortedFunc(maps.Keys(n), func(a, b string) int { return cmp.Or(cmp.Compare(n[b], n[a]), strings.Compare(a, b)) })
	for i, note := range notes {
		notes[i] = count(n[note]) + ": " + note
	}
	return notes
}

// regressions words what --fail-on-regression fails on, "" when there is none.
func regressions(d *finding.Delta) string {
	var added, worse, queries, slower int64
	for i := range d.Findings {
		switch f := &d.Findings[i]; {
		case f.Regressed && f.Change == finding.New:
			added++
		case f.Regressed:
			worse++
		}
	}
	for i := range d.Endpoints {
		if d.Endpoints[i].Queries.Regressed {
			queries++
		}
		if d.Endpoints[i].Time.Regressed {
			slower++
		}
	}
	var parts []string
	for _, p := range []struct {
		n         int64
		one, many string
	}{
		{added, "new finding", "new findings"},
		{worse, "worse finding", "worse findings"},
		{queries, "endpoint with more queries", "endpoints with more queries"},
		{slower, "slower endpoint", "slower endpoints"},
	} {
		if p.n > 0 {
			parts = append(parts, counted(p.n, p.one, p.many))
		}
	}
	return strings.Join(parts, ", ")
}

// plainNumber writes a mean with one decimal, none where it is whole.
func plainNumber(f float64) string {
	f = math.Round(f*10) / 10
	whole, part := math.Modf(math.Abs(f))
	s := count(int64(whole))
	if part > 0.01 {
		s += "." + strconv.Itoa(int(math.Round(part*10)))
	}
	if f < 0 {
		s = "-" + s
	}
	return s
}

// decimal writes a mean with one decimal always, for columns.
func decimal(f float64) string {
	s := plainNumber(f)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

func signed(f float64) string {
	if f >= 0 {
		return "+" + plainNumber(f)
	}
	return plainNumber(f)
}

func noun(n float64, one, many string) string {
	if math.Abs(math.Abs(n)-1) < 0.05 {
		return one
	}
	return many
}

// versus writes a change as a share of what it was: +12.3%, +5,900%.
func versus(s *finding.Shift) string {
	if s.Base == 0 {
		return "from 0"
	}
	p := 100 * s.By() / s.Base
	if math.Abs(p) >= 100 {
		p = math.Round(p)
	}
	return signed(p) + "%"
}

// odds is how sure a difference of times is: "p=0.003 n=20+22".
func odds(e *finding.EndpointDelta) string {
	n := "n=" + count(e.Base.Units) + "+" + count(e.Head.Units)
	if !e.Time.Tested {
		return n
	}
	return "p=" + strconv.FormatFloat(e.Time.P, 'f', 3, 64) + " " + n
}

// spread is a mean with its standard deviation: "3.1 ms ±  8%".
func spread(mean, dev float64, n int64) string {
	s := span(time.Duration(mean))
	if n < 2 || mean <= 0 {
		return s + strings.Repeat(" ", len(" ± 99%")-1)
	}
	p := strconv.Itoa(int(math.Round(100 * dev / mean)))
	return s + " ± " + strings.Repeat(" ", max(0, 2-len(p))) + p + "%"
}

// where says the place of a finding: "app/views.py:12 in books".
func where(f *finding.Finding) string {
	if !f.Location.Known() {
		return ""
	}
	s := f.Location.Path + ":" + strconv.Itoa(f.Location.Line)
	if f.Function != "" {
		s += " in " + f.Function
	}
	return s
}

// deltaHeadline is the message without what it rests on, which a report that was
// read back has in one with it.
func deltaHeadline(f *finding.Finding) string {
	s, _, _ := strings.Cut(f.Message, "; ")
	return s
}

// rate says how often a finding's statement runs on both sides.
func rate(f *finding.FindingDelta) string {
	unit := "unit of work"
	if len(f.Endpoints) == 1 {
		unit = finding.UnitNoun(f.Endpoints[0])
	}
	switch {
	case f.BaseCalls == 0 && f.HeadCalls == 0:
		return ""
	case f.Was == nil || f.BaseCalls == 0:
		return plainNumber(f.HeadCalls) + " " + noun(f.HeadCalls, "call", "calls") + " per " + unit
	case f.Change == finding.Fixed || f.Change == finding.Unseen || f.HeadCalls == 0:
		return plainNumber(f.BaseCalls) + " " + noun(f.BaseCalls, "call", "calls") + " per " + unit + " in the base"
	}
	return plainNumber(f.BaseCalls) + " → " + plainNumber(f.HeadCalls) + " calls per " + unit
}
