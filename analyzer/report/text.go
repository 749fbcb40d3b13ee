package report

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

const (
	// sqlLines is how many lines of a statement a finding shows.
	sqlLines = 4
	// sqlBytes is how much of a statement is looked at for that.
	sqlBytes = 64 << 10
	// endpointNames is how many endpoints a finding names.
	endpointNames = 4
	// examplesMax is how many examples a finding shows.
	examplesMax = 2
	// shapesMax is how many costly statements without a finding are shown;
	// those below shapeShare of all time are not worth a line.
	shapesMax  = 5
	shapeShare = 0.01
)

// Text writes the report for people in a hurry: what was read, the findings,
// the costliest first, the endpoints, costly statements without a finding, and
// what to do next. No line is wider than the options say, names and code that
// cannot be broken apart.
func Text(w io.Writer, r *finding.Report, o Options) error {
	t := &text{inks: newInks(o.Color), width: o.width(), total: r.Run.Took, source: o.Source}
	shown := r.Findings
	if o.Top > 0 && len(shown) > o.Top {
		shown = shown[:o.Top]
	}
	if !o.Quiet {
		t.header(&r.Run)
	}
	for i := range shown {
		t.gap()
		t.finding(i+1, &shown[i])
	}
	if !o.Quiet {
		t.endpoints(r.Endpoints, o.Top)
		t.shapes(r)
	}
	if !o.Quiet || len(shown) < len(r.Findings) {
		t.footer(r, len(shown), o.Quiet)
	}
	_, err := w.Write(t.out.Bytes())
	return err
}

// text collects the lines. Every string from outside passes Clean on its way
// into put, para, field or a table cell.
type text struct {
	inks
	out    bytes.Buffer
	width  int
	total  time.Duration // of the run
	source Source        // nil: no lines are shown
}

func (t *text) put(parts ...string) {
	for _, s := range parts {
		t.out.WriteString(s)
	}
	t.out.WriteByte('\n')
}

// gap ends a block with an empty line, unless nothing stands above it.
func (t *text) gap() {
	if t.out.Len() > 0 {
		t.out.WriteByte('\n')
	}
}

// para writes s wrapped, its first line indented by indent and the others by
// hang.
func (t *text) para(indent, hang int, style ink, s string) {
	pad := indent
	for i, line := range wrap(s, t.width-max(indent, hang)) {
		if i > 0 {
			pad = hang
		}
		t.put(strings.Repeat(" ", pad), style(line))
	}
}

// fieldIndent is where the values of a finding's fields start.
const fieldIndent = 10

func label(name string) string {
	return fmt.Sprintf("   %-*s", fieldIndent-3, name)
}

// field writes a labelled value of a finding, wrapped.
func (t *text) field(name string, style ink, value string) {
	t.lines(name, style, wrap(value, t.width-fieldIndent))
}

func (t *text) facts(name string, facts ...string) {
	t.lines(name, t.plain, wrapFacts(facts, t.width-fieldIndent))
}

func (t *text) lines(name string, style ink, lines []string) {
	head := t.faint(label(name))
	for _, line := range lines {
		t.put(head, style(line))
		head = strings.Repeat(" ", fieldIndent)
	}
}

func (t *text) header(r *finding.Run) {
	if r.Statements == 0 {
		what := "read no statement"
		if r.Source != nil && len(r.Inputs) == 0 {
			what = "read the source, no log"
		}
		t.put(t.head(what))
		t.inputs(r.Inputs)
		t.sourceLine(r.Source)
		return
	}
	sum := []string{counted(r.Statements, "statement", "statements"), t.timed(r.Took, "of database time")}
	switch {
	case r.Units > 0 && r.ExactUnits == r.Units:
		sum = append(sum, counted(r.Units, "unit of work", "units of work")+", each marked by an id in the log")
	case r.Units > 0 && r.ExactUnits == 0:
		sum = append(sum, counted(r.Units, "unit of work", "units of work")+" found without ids in the log")
	case r.Units > 0:
		sum = append(sum, counted(r.Units, "unit of work", "units of work")+", "+count(r.ExactUnits)+" marked by an id in the log")
	}
	sum[0] = "read " + sum[0]
	for i, line := range wrapFacts(sum, t.width-2) {
		t.put(strings.Repeat("  ", min(i, 1)), t.head(line))
	}
	t.inputs(r.Inputs)
	t.sourceLine(r.Source)
}

func (t *text) timed(d time.Duration, what string) string {
	if d <= 0 {
		return "no times in the log"
	}
	return span(d) + " " + what
}

func (t *text) finding(rank int, f *finding.Finding) {
	t.title(rank, f)
	t.para(3, 3, t.plain, Clean(f.Message))
	t.facts("cost", costs(f)...) // how often is said in the message
	t.places(f)
	t.where(f)
	t.sql("parent", f.Parent.SQL)
	t.sql("child", f.Child.SQL)
	for i := range f.Rewrites {
		t.rewrite(i, &f.Rewrites[i])
	}
	for _, n := range f.Notes {
		t.field("note", t.faint, Clean(n))
	}
}

// title is the rank, the rule and how sure it is, with the time at the right
// edge where the eye can run down.
func (t *text) title(rank int, f *finding.Finding) {
	style := t.severity(f.Severity)
	left := strconv.Itoa(rank) + ". " + Clean(f.Code) + " " + Clean(f.Rule)
	mid := f.Severity.String() + ", " + f.Confidence.String()
	if e := evidence(f.Evidence); e != "" {
		mid += ", " + e
	}
	right := ""
	if f.Cost.Took > 0 {
		right = span(f.Cost.Took) + "  " + fmt.Sprintf("%4s", percent(f.Share))
	}
	room := t.width - cells(left) - cells(right) - 2
	oneLine := cells(mid) <= room-2
	line := style(left)
	if oneLine {
		line += "  " + t.faint(mid)
		room -= cells(mid) + 2
	}
	if right != "" {
		line += strings.Repeat(" ", max(room, 0)+2) + t.head(right)
	}
	t.put(line)
	if !oneLine {
		t.para(3, 3, t.faint, mid)
	}
}

// evidence says where a finding was seen.
func evidence(all []finding.Evidence) string {
	log, code := slices.Contains(all, finding.Observed), slices.Contains(all, finding.Inferred)
	switch {
	case log && code:
		return "in log and source"
	case log:
		return "in the log"
	case code:
		return "in the source"
	}
	return ""
}

func costs(f *finding.Finding) []string {
	facts := []string{"no times in the log"}
	if !slices.Contains(f.Evidence, finding.Observed) && slices.Contains(f.Evidence, finding.Inferred) {
		facts[0] = "from source, not measured"
	}
	if f.Cost.Took > 0 {
		facts[0] = span(f.Cost.Took) + ", " + percent(f.Share) + " of all database time"
	}
	if saved := savings(&f.Cost); saved != "" {
		facts = append(facts, "the rewrite saves "+saved)
	}
	return facts
}

func savings(c *finding.Cost) string {
	switch {
	case c.Saved > 0 && c.Wasted > 0:
		return "about " + span(c.Saved) + " and " + counted(c.Wasted, "call", "calls")
	case c.Saved > 0:
		return "about " + span(c.Saved)
	case c.Wasted > 0:
		return counted(c.Wasted, "call", "calls")
	}
	return ""
}

func (t *text) where(f *finding.Finding) {
	var names []string
	for i, e := range f.Endpoints {
		if i == endpointNames {
			names = append(names, count(int64(len(f.Endpoints)-i))+" more")
			break
		}
		names = append(names, shorten(Clean(e), t.width-fieldIndent))
	}
	if len(names) > 0 {
		t.facts("in", names...)
	}
	for i, e := range f.Examples {
		if i == examplesMax {
			break
		}
		if len(f.Endpoints) == 1 && f.Endpoints[0] == e.Unit {
			e.Unit = "" // said one line above
		}
		t.field("see", t.plain, t.example(&e))
	}
}

// example says where to look: "app.log:120 at 2026-11-22 10:01:02 UTC (40 calls in GET /books/)".
func (t *text) example(e *finding.Example) string {
	s := shorten(Clean(e.Input), t.width/2) + ":" + strconv.FormatInt(e.Line, 10)
	if !e.Start.IsZero() {
		s += " at " + e.Start.UTC().Format("2006-01-02 15:04:05 MST")
	}
	s += " (" + counted(e.Calls, "call", "calls")
	if e.Unit != "" {
		s += " in " + shorten(Clean(e.Unit), t.width/2)
	}
	return s + ")"
}

func (t *text) sql(name, sql string) {
	if sql == "" {
		return
	}
	t.field(name, t.plain, short(sql, sqlLines*(t.width-fieldIndent)))
}

// short is a statement with its long lists and, if need be, its middle left
// out so that it takes about room columns.
func short(sql string, room int) string {
	cutOff := len(sql) > sqlBytes
	if cutOff {
		sql = sql[:sqlBytes]
	}
	s := elide(Clean(sql))
	if cutOff {
		s += " …"
	}
	return shortenWords(s, room)
}

func (t *text) rewrite(i int, rw *finding.Rewrite) {
	name := "fix"
	if i > 0 {
		name = "or"
	}
	if rw.Title != "" {
		title := []string{Clean(rw.Title)}
		if !rw.Safe {
			title = append(title, "check that the results stay the same")
		}
		t.facts(name, title...)
		name = ""
	}
	if t.changes(rw.Edits) || rw.Code == "" {
		return
	}
	const indent = fieldIndent + 2
	for _, line := range breakCode(rw.Code, t.width-indent) {
		t.put(t.faint(label(name)), "  ", t.code(line))
		name = ""
	}
}

func (t *text) endpoints(all []finding.Endpoint, top int) {
	if len(all) == 0 {
		return
	}
	shown := all
	if top > 0 && len(shown) > top {
		shown = shown[:top]
	}
	rows := [][]string{{"endpoints by database time", "units", "statements", "time", "share"}}
	for _, e := range shown {
		row := []string{Clean(e.Name), count(e.Units), count(e.Statements), span(e.Took), percent(e.Share)}
		if e.Took <= 0 {
			row[3], row[4] = "-", "-"
		}
		rows = append(rows, row)
	}
	t.gap()
	t.table(rows)
	if rest := all[len(shown):]; len(rest) > 0 {
		var units int64
		var took time.Duration
		for _, e := range rest {
			units += e.Units
			took += e.Took
		}
		t.put("  ", t.faint("… and "+counted(int64(len(rest)), "more", "more")+", "+counted(units, "unit", "units")+", "+span(took)))
	}
}

// table writes rows under their heading, the first column left, the others
// right aligned; what does not fit is cut from the middle of the first column.
func (t *text) table(rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], cells(s))
		}
	}
	first := t.width - 2
	for _, w := range widths[1:] {
		first -= w + 2
	}
	first = min(first, widths[0])
	for i, row := range rows {
		line := shorten(row[0], first)
		if i == 0 {
			line = shorten(row[0], first+2)
			line += strings.Repeat(" ", first+2-cells(line))
		} else {
			line = "  " + line + strings.Repeat(" ", first-cells(line))
		}
		for j, s := range row[1:] {
			line += strings.Repeat(" ", 2+widths[j+1]-cells(s)) + s
		}
		if i == 0 {
			line = t.head(line)
		}
		t.put(line)
	}
}

// shapes lists costly statements that no finding explains.
func (t *text) shapes(r *finding.Report) {
	covered := map[string]bool{}
	for _, list := range [][]finding.Finding{r.Findings, r.Suppressed} {
		for i := range list {
			covered[list[i].Parent.SQL] = true
			covered[list[i].Child.SQL] = true
		}
	}
	n := 0
	for _, s := range r.Shapes {
		if covered[s.SQL] || s.Took <= 0 || float64(s.Took) < shapeShare*float64(r.Run.Took) {
			continue
		}
		if n++; n > shapesMax {
			return
		}
		if n == 1 {
			t.gap()
			t.put(t.head("costliest statements without a finding"))
		}
		line := span(s.Took) + ", " + percent(float64(s.Took)/float64(r.Run.Took)) + ", " + counted(s.Calls, "call", "calls")
		t.put("  ", line)
		t.para(4, 4, t.faint, short(s.SQL, 2*(t.width-4)))
	}
}
