package report

import (
	"cmp"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// narrow is the width below which tables leave out what can be spared.
const narrow = 80

// DeltaText writes what changed for people: tables of endpoints in the manner
// of benchstat, findings that came, went and changed, and one sentence that
// sums up.
func DeltaText(w io.Writer, d *finding.Delta, o Options) error {
	t := &text{inks: newInks(o.Color), width: o.width()}
	if !o.Quiet {
		t.side("base", &d.Base)
		t.side("head", &d.Head)
		for _, n := range d.Notes {
			t.para(2, 4, t.warn, "note: "+Clean(n))
		}
		t.queriesTable(d, o.Top)
		t.timesTable(d, o.Top)
		t.rowsTable(d, o.Top)
		t.oneSided(d, "head", o.Top)
		t.oneSided(d, "base", o.Top)
	}
	for _, c := range finding.Changes() {
		if c == finding.New || c == finding.Worse || !o.Quiet && c != finding.Same {
			t.changed(d, c, o.Top)
		}
	}
	if !o.Quiet {
		t.deltaFooter(d)
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

func (t *text) side(name string, s *finding.Side) {
	facts := []string{name + "  " + shorten(Clean(s.Name), t.width/2)}
	switch {
	case s.Statements > 0:
		facts[0] += ": " + counted(s.Statements, "statement", "statements") + " in " + counted(s.Units, "unit of work", "units of work")
		facts = append(facts, t.timed(s.Took, "of database time"))
	default:
		facts[0] += ": no log"
	}
	if s.Source {
		facts = append(facts, "with source")
	}
	for i, line := range wrapFacts(facts, t.width-6) {
		t.put(strings.Repeat(" ", 6*min(i, 1)), t.head(line))
	}
	if l := lost(s.Lost); l != "" {
		t.para(6, 6, t.warn, "left out: "+l)
	}
}

// ranked are the endpoints of which a figure is known on both sides, in their
// order, those with a change of it first; changed is how many those are.
func ranked(d *finding.Delta, of func(*finding.EndpointDelta) *finding.Shift) (list []*finding.EndpointDelta, changed int) {
	for i := range d.Endpoints {
		if e := &d.Endpoints[i]; of(e).Known {
			list = append(list, e)
			if of(e).Changed {
				changed++
			}
		}
	}
	slices.SortStableFunc(list, func(a, b *finding.EndpointDelta) int {
		return cmp.Compare(bit(of(b).Changed), bit(of(a).Changed))
	})
	return list, changed
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

func queriesOf(e *finding.EndpointDelta) *finding.Shift { return &e.Queries }
func timeOf(e *finding.EndpointDelta) *finding.Shift    { return &e.Time }
func rowsOf(e *finding.EndpointDelta) *finding.Shift    { return &e.Rows }

func atMost(n, top int) int {
	if top > 0 {
		return min(n, top)
	}
	return n
}

// queriesTable and rowsTable list changes only: counts that stay are many and
// say nothing.
func (t *text) queriesTable(d *finding.Delta, top int) {
	t.counts(d, "queries per unit of work", queriesOf, top, true)
}

func (t *text) rowsTable(d *finding.Delta, top int) {
	t.counts(d, "rows per unit of work", rowsOf, top, false)
}

func (t *text) counts(d *finding.Delta, title string, of func(*finding.EndpointDelta) *finding.Shift, top int, always bool) {
	list, changed := ranked(d, of)
	if len(list) == 0 || changed == 0 && !always {
		return
	}
	t.gap()
	if changed == 0 {
		t.para(0, 2, t.head, title+": the same on "+sameOn(len(list)))
		return
	}
	shown := atMost(changed, top)
	rows := [][]string{{title, "base", "head", "", "vs base"}}
	for _, e := range list[:shown] {
		s := of(e)
		rows = append(rows, []string{Clean(e.Name), decimal(s.Base), decimal(s.Head), signedDecimal(s.By()), versus(s)})
	}
	t.table(rows)
	t.rest(changed-shown, "more changed", len(list)-changed, "without a change")
}

func sameOn(n int) string {
	if n == 1 {
		return "the one endpoint of both"
	}
	return "all " + count(int64(n)) + " endpoints of both"
}

func signedDecimal(f float64) string {
	if f >= 0 {
		return "+" + decimal(f)
	}
	return decimal(f)
}

func (t *text) rest(more int, moreWord string, same int, sameWord string) {
	var parts []string
	if more > 0 {
		parts = append(parts, count(int64(more))+" "+moreWord)
	}
	if same > 0 {
		parts = append(parts, count(int64(same))+" "+sameWord)
	}
	if len(parts) > 0 {
		t.put("  ", t.faint("… and "+strings.Join(parts, ", ")))
	}
}

func (t *text) timesTable(d *finding.Delta, top int) {
	list, _ := ranked(d, timeOf)
	if len(list) == 0 {
		return
	}
	rows := [][]string{{"time per unit of work", "base", "head", "vs base", "p, n"}}
	if t.width < narrow {
		rows[0][0] = "time per unit"
	}
	shown := atMost(len(list), top)
	for _, e := range list[:shown] {
		s := &e.Time
		row := []string{Clean(e.Name), spread(s.Base, s.BaseSpread, e.Base.Units), spread(s.Head, s.HeadSpread, e.Head.Units), "~", "(" + odds(e) + ")"}
		if t.width < narrow {
			row[1], row[2], row[4] = span(time.Duration(s.Base)), span(time.Duration(s.Head)), odds(e)
		}
		if s.Changed {
			row[3] = versus(s)
		}
		rows = append(rows, row)
	}
	t.gap()
	t.table(rows)
	t.rest(len(list)-shown, "more", 0, "")
}

// oneSided lists endpoints that ran on one side only.
func (t *text) oneSided(d *finding.Delta, side string, top int) {
	rows := [][]string{{"only in the " + side, "units", "queries", "time"}}
	n := 0
	for i := range d.Endpoints {
		e, other := d.Endpoints[i].Base, d.Endpoints[i].Head
		if side == "head" {
			e, other = other, e
		}
		if e == nil || other != nil {
			continue
		}
		if n++; top > 0 && n > top {
			continue
		}
		rows = append(rows, []string{Clean(d.Endpoints[i].Name), count(e.Units), decimal(e.QueriesPerUnit()), span(time.Duration(e.TookPerUnit()))})
	}
	if n == 0 {
		return
	}
	t.gap()
	t.table(rows)
	t.rest(n-len(rows)+1, "more", 0, "")
}

// changeHead stands over the findings of one change.
func changeHead(c finding.Change, n int64) string {
	switch c {
	case finding.Suppressed:
		return counted(n, "finding", "findings") + " now suppressed"
	case finding.Unseen:
		return counted(n, "finding", "findings") + " not compared"
	}
	return counted(n, string(c)+" finding", string(c)+" findings")
}

// changeMark stands before a finding, for eyes that run down the edge.
func changeMark(c finding.Change) string {
	switch c {
	case finding.New:
		return "+"
	case finding.Worse:
		return "!"
	case finding.Fixed, finding.Better:
		return "-"
	}
	return "·"
}

func (t *text) changed(d *finding.Delta, c finding.Change, top int) {
	n := 0
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Change != c {
			continue
		}
		n++
		if n == 1 {
			t.gap()
			t.put(t.head(changeHead(c, tally(d)[c])))
		}
		if c == finding.Unseen || top > 0 && n > top {
			continue
		}
		t.change(f)
	}
	switch {
	case c == finding.Unseen:
		for _, why := range unseen(d) {
			t.para(2, 4, t.plain, Clean(why))
		}
	case top > 0 && n > top:
		t.rest(n-top, "more", 0, "")
	}
}

func (t *text) change(f *finding.FindingDelta) {
	style := t.plain
	if f.Change == finding.New || f.Change == finding.Worse {
		style = t.severity(f.Severity)
	}
	t.para(2, 4, style, changeMark(f.Change)+" "+Clean(f.Code)+" "+Clean(f.Rule)+" "+Clean(f.Subject))
	facts := []string{f.Severity.String() + ", " + f.Confidence.String()}
	if r := rate(f); r != "" {
		facts = append(facts, r)
	}
	if f.Cost.Took > 0 {
		facts = append(facts, span(f.Cost.Took)+" in "+counted(f.Cost.Units, "unit", "units"))
	}
	for i, e := range f.Endpoints {
		if i == 2 {
			facts = append(facts, count(int64(len(f.Endpoints)-i))+" endpoints more")
			break
		}
		facts = append(facts, "in "+shorten(Clean(e), t.width/2))
	}
	for _, line := range wrapFacts(facts, t.width-4) {
		t.put("    ", line)
	}
	if s := where(&f.Finding); s != "" {
		t.para(4, 6, t.plain, "at "+Clean(s))
	}
	if f.Change == finding.New || f.Change == finding.Worse {
		t.para(4, 4, t.plain, Clean(deltaHeadline(&f.Finding)))
	}
	if f.Note != "" {
		t.para(4, 6, t.faint, "note: "+Clean(f.Note))
	}
}

func (t *text) deltaFooter(d *finding.Delta) {
	t.gap()
	t.para(0, 2, t.head, deltaSummary(d, Clean))
	if bad := regressions(d); bad != "" {
		t.para(0, 2, t.bad, "regression: "+bad)
	} else {
		t.para(0, 2, t.plain, "no regression")
	}
	if list, changed := ranked(d, timeOf); len(list) > changed {
		t.para(0, 2, t.faint, "~ is no more than noise: p is not below "+strconv.FormatFloat(d.Alpha, 'g', 2, 64)+" (Welch's t-test), or there are too few units")
	}
}
