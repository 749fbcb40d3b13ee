package report

import (
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// The most inputs listed one by one: of those that were read, of those with a
// problem, of files of a folder that were passed over.
const (
	inputsMax   = 8
	problemsMax = 10
	leftMax     = 3
	// badLinesMax is how many of the lines not understood are shown.
	badLinesMax = 3
)

// inputs lists what was read, what was not, and what was passed over.
func (t *text) inputs(all []finding.Input) {
	var read, bad, left int
	for i := range all {
		in := &all[i]
		var n *int
		most := 0
		switch {
		case in.Problem != "":
			n, most = &bad, problemsMax
		case in.Left != "":
			n, most = &left, leftMax
		default:
			n, most = &read, inputsMax
		}
		if *n++; *n <= most {
			t.input(in)
		}
	}
	for _, rest := range []struct {
		n     int
		what  string
		style ink
	}{{read - inputsMax, "read", t.faint}, {bad - problemsMax, "not read", t.bad}, {left - leftMax, "passed over", t.faint}} {
		if rest.n > 0 {
			t.put("  ", rest.style("… and "+counted(int64(rest.n), "more input ", "more inputs ")+rest.what))
		}
	}
}

func (t *text) input(in *finding.Input) {
	style := t.plain
	about := aboutInput(t, in)
	path := shorten(Clean(in.Path), t.width-4)
	if in.Left != "" {
		style = t.faint
		about = []string{"passed over: " + Clean(in.Left)}
	}
	if len(about) > 0 {
		about[0] = path + ": " + about[0]
	} else {
		about = []string{path}
	}
	for i, line := range wrapFacts(about, t.width-4) {
		t.put(strings.Repeat("  ", 1+min(i, 1)), style(line))
	}
	for i, l := range ProblemLines(in) {
		t.para(4, 6, [...]ink{t.bad, t.plain}[min(i, 1)], Clean(l))
	}
	if in.Hint != "" {
		t.para(4, 6, t.warn, "hint: "+Clean(in.Hint))
	}
	for i, l := range in.Lines {
		if i == badLinesMax {
			break
		}
		t.para(4, 6, t.faint, "line "+strconv.FormatInt(l.Line, 10)+": "+Clean(l.Msg))
	}
}

func aboutInput(t *text, in *finding.Input) []string {
	var about []string
	switch {
	case in.Chain != "":
		about = append(about, Clean(in.Chain))
	case in.Format != "":
		about = append(about, Clean(in.Format))
	}
	if in.Statements > 0 {
		about = append(about, counted(in.Statements, "statement", "statements"), t.timed(in.Took, "in total"))
	}
	if in.Untimed > 0 {
		about = append(about, count(in.Untimed)+" without a duration")
	}
	if in.Skipped > 0 {
		about = append(about, counted(in.Skipped, "line", "lines")+" not understood")
	}
	return about
}

// ProblemLines tells what is wrong with an input: the problem, what was
// detected, what was expected, a few of its lines. It is empty for an input
// that was read. The lines are not cleaned yet.
func ProblemLines(in *finding.Input) []string {
	if in.Problem == "" {
		return nil
	}
	lines := []string{"problem: " + in.Problem}
	if in.Detected != "" {
		lines = append(lines, "detected: "+in.Detected)
	}
	if in.Expected != "" {
		lines = append(lines, "expected: "+in.Expected)
	}
	for _, s := range in.Samples {
		lines = append(lines, "it says: "+s)
	}
	return lines
}
