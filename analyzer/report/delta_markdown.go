package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
)

const (
	// deltaMarker is the first line of the comment: what posts it finds its
	// own by it.
	deltaMarker = "<!-- ormlint:diff -->"
	// deltaMax is the most characters of a comment. GitHub refuses 65,536
	// (mshick/add-pr-comment#93); the rest is for what a bot adds.
	deltaMax = 60_000
	// deltaName is the widest name in a comment.
	deltaName = 200
)

// DeltaMarkdown writes what changed as GitHub-flavoured Markdown for a comment
// on the change: a hidden marker, one sentence, a table, the findings, the
// lesser ones folded. It is at most 60,000 characters long.
func DeltaMarkdown(w io.Writer, d *finding.Delta, o Options) error {
	m := &comment{}
	m.add(deltaMarker + "\n**" + deltaSentence(d) + "**\n")
	if bad := regressions(d); bad != "" {
		m.add("\nRegression: " + bad + ".\n")
	}
	for _, n := range d.Notes {
		m.add("\n> " + deltaText(n) + "\n")
	}
	m.table(d, o.Top)
	for _, c := range []finding.Change{finding.New, finding.Worse} {
		m.findings(d, c, o.Top)
	}
	m.folded(d, o.Top)
	_, err := io.WriteString(w, m.String())
	return err
}

// A comment is Markdown of bounded length: a block that does not fit any more
// is left out whole, and all after it.
type comment struct {
	strings.Builder
	full bool
}

// deltaEnd is what stands at the end of a comment that is cut.
const deltaEnd = "\n… more does not fit here: `ormlint diff` shows all.\n"

// add appends a block; bytes are counted, which are never fewer than
// characters.
func (m *comment) add(block string) bool {
	if m.full {
		return false
	}
	if m.Len()+len(block) > deltaMax-len(deltaEnd) {
		m.full = true
		m.WriteString(deltaEnd)
		return false
	}
	m.WriteString(block)
	return true
}

func deltaSentence(d *finding.Delta) string {
	s := deltaSummary(d, deltaCode)
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// table lists the endpoints with a change.
func (m *comment) table(d *finding.Delta, top int) {
	var rows strings.Builder
	n, changed := 0, 0
	for i := range d.Endpoints {
		e := &d.Endpoints[i]
		if !e.Queries.Changed && !e.Time.Changed {
			continue
		}
		if changed++; top > 0 && changed > top {
			continue
		}
		n++
		fmt.Fprintf(&rows, "| %s | %s | %s | %s | %s |\n", deltaCode(e.Name), deltaCounts(&e.Queries), emphasis(&e.Queries, signed(e.Queries.By())),
			deltaTimes(&e.Time), deltaVersus(e))
	}
	if n == 0 {
		return
	}
	if changed > n {
		fmt.Fprintf(&rows, "\n%s more with a change.\n", count(int64(changed-n)))
	}
	m.add("\n| endpoint | queries per unit of work | | time per unit of work | |\n|---|--:|--:|--:|--:|\n" + rows.String())
}

func deltaCounts(s *finding.Shift) string {
	if !s.Changed {
		return plainNumber(s.Head)
	}
	return plainNumber(s.Base) + " → " + plainNumber(s.Head)
}

// emphasis is the change of a figure, bold where it is a regression.
func emphasis(s *finding.Shift, by string) string {
	switch {
	case s.Regressed:
		return "**" + by + "**"
	case s.Changed:
		return by
	}
	return ""
}

func deltaTimes(s *finding.Shift) string {
	if !s.Known {
		return ""
	}
	return span(time.Duration(s.Base)) + " → " + span(time.Duration(s.Head))
}

func deltaVersus(e *finding.EndpointDelta) string {
	switch {
	case !e.Time.Known:
		return ""
	case !e.Time.Changed:
		return "within noise (" + odds(e) + ")"
	}
	return emphasis(&e.Time, versus(&e.Time)) + " (" + odds(e) + ")"
}

func (m *comment) findings(d *finding.Delta, c finding.Change, top int) {
	n := 0
	for i := range d.Findings {
		f := &d.Findings[i]
		if f.Change != c {
			continue
		}
		if n++; n == 1 {
			m.add("\n### " + capital(changeHead(c, tally(d)[c])) + "\n\n")
		}
		if top == 0 || n <= top {
			m.add(deltaFinding(f))
		}
	}
	if top > 0 && n > top {
		m.add("- … and " + count(int64(n-top)) + " more\n")
	}
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// deltaFinding is an item of a list.
func deltaFinding(f *finding.FindingDelta) string {
	facts := []string{f.Severity.String() + ", " + f.Confidence.String()}
	if r := rate(f); r != "" {
		facts = append(facts, r)
	}
	if f.Cost.Took > 0 {
		facts = append(facts, span(f.Cost.Took)+" in "+counted(f.Cost.Units, "unit", "units"))
	}
	if len(f.Endpoints) > 0 {
		facts = append(facts, "in "+deltaCode(f.Endpoints[0]))
	}
	if k := len(f.Endpoints) - 1; k > 0 {
		facts[len(facts)-1] += " and " + count(int64(k)) + " more"
	}
	if s := where(&f.Finding); s != "" {
		facts = append(facts, "at "+deltaCode(s))
	}
	s := "- **" + deltaText(f.Code) + " " + deltaText(f.Rule) + "** " + deltaCode(f.Subject) + ": " + strings.Join(facts, " · ") + "\n"
	if f.Change == finding.New || f.Change == finding.Worse {
		s += "  <br>" + deltaText(deltaHeadline(&f.Finding)) + "\n"
	}
	if len(f.Rewrites) > 0 && f.Rewrites[0].Title != "" && f.Change == finding.New {
		s += "  <br>Fix: " + deltaText(f.Rewrites[0].Title) + "\n"
	}
	if f.Note != "" {
		s += "  <br>Note: " + deltaText(f.Note) + "\n"
	}
	return s
}

// folded holds what a reviewer need not see at once.
func (m *comment) folded(d *finding.Delta, top int) {
	n := tally(d)
	var heads []string
	var body strings.Builder
	left := 0
	for _, c := range []finding.Change{finding.Fixed, finding.Better, finding.Suppressed, finding.Unseen} {
		if n[c] > 0 {
			heads = append(heads, changeHead(c, n[c]))
		}
		if c == finding.Unseen {
			for _, why := range unseen(d) {
				body.WriteString("- not compared, " + deltaText(why) + "\n")
			}
			continue
		}
		shown := 0
		for i := range d.Findings {
			f := &d.Findings[i]
			if f.Change != c {
				continue
			}
			if shown++; top > 0 && shown > top {
				left++
				continue
			}
			body.WriteString(deltaFinding(f))
		}
	}
	if len(heads) == 0 {
		return
	}
	if left > 0 {
		body.WriteString("- … and " + count(int64(left)) + " more\n")
	}
	m.add("\n<details><summary>" + strings.Join(heads, ", ") + "</summary>\n\n" + body.String() + "\n</details>\n")
}

// deltaCode and deltaText are markdownCode and prose of bounded length.
func deltaCode(s string) string { return markdownCode(shorten(Clean(s), deltaName)) }

func deltaText(s string) string { return prose(shorten(Clean(s), 4*deltaName)) }
