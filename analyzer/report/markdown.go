package report

import (
	"io"
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Marker is the first line of the Markdown report: whoever posts it as a
// comment finds its former self by it.
const Marker = "<!-- ormlint:sticky -->"

const (
	// markdownMax is the length in bytes, which are never fewer than
	// characters however these are counted: GitHub takes comments of 65,536,
	// job summaries of 1 MiB.
	markdownMax = 60_000
	// Of each list in the report so many entries are shown.
	markdownList = 20
	// A line of code is cut at so many UTF-16 units, other text at so many.
	markdownLine = 200
	markdownText = 800
)

// Markdown writes a comment for a review, which is a good job summary too: the
// totals, the findings from the most expensive on, each with its rewrite as a
// diff to unfold. It ends between two findings where it would get too long.
// Nothing from outside is read as Markdown or HTML.
func Markdown(w io.Writer, r *finding.Report, o Options) error {
	var b strings.Builder
	b.WriteString(Marker + "\n" + markdownHead(r))
	end := markdownEnd(r)
	const more = 100 // bytes for "N more findings"
	shown := 0
	for ; shown < len(r.Findings); shown++ {
		block := markdownFinding(&r.Findings[shown], o.Source)
		if b.Len()+len(block)+len(end)+more > markdownMax {
			break
		}
		b.WriteString(block)
	}
	if rest := len(r.Findings) - shown; rest > 0 {
		b.WriteString("\n" + counted(int64(rest), "more finding", "more findings") + " would not fit here.\n")
	}
	b.WriteString(end)
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownHead(r *finding.Report) string {
	s := "### ormlint: "
	read := "Read " + readWhat(&r.Run) + "."
	if l := lost(r.Run.Lost); l != "" {
		read += " Left out: " + prose(clip(l, markdownText)) + "."
	}
	total, saved, _ := strings.Cut(verdict(r), " · ")
	s += total + "\n\n"
	if saved != "" {
		s += strings.ToUpper(saved[:1]) + htmlText(saved[1:]) + ". "
	}
	s += read + "\n"
	if bad := unread(r); len(bad) > 0 {
		s += "\n**" + counted(int64(len(bad)), "input was", "inputs were") + " not read:**\n\n"
		for i, in := range bad {
			if i == markdownList/2 {
				s += "- and " + count(int64(len(bad)-i)) + " more\n"
				break
			}
			s += "- " + markdownCode(brief(in.Path, markdownLine)) + ": " + prose(brief(in.Problem, markdownLine)) + "\n"
		}
	}
	return s
}

// htmlText escapes text of our own, which has no other mark than "<1%".
func htmlText(s string) string { return strings.ReplaceAll(s, "<", "&lt;") }

// readWhat says what was read: a run without findings must not look like one
// that read nothing.
func readWhat(r *finding.Run) string {
	var parts []string
	if r.Statements > 0 || r.Source == nil {
		parts = append(parts, counted(r.Statements, "statement", "statements"))
	}
	if r.Took > 0 {
		parts = append(parts, span(r.Took)+" of database time")
	}
	if r.Units > 0 {
		parts = append(parts, counted(r.Units, "unit of work", "units of work"))
	}
	if r.Source != nil {
		parts = append(parts, counted(int64(r.Source.Files), "source file", "source files"))
	}
	return strings.Join(parts, ", ")
}

// markdownEnd holds the lists that say what else there is, folded.
func markdownEnd(r *finding.Report) string {
	var s string
	if n := len(r.Suppressed); n > 0 {
		s += "\n<details><summary>" + count(int64(n)) + " suppressed</summary>\n\n"
		for i := range r.Suppressed {
			if i == markdownList {
				s += "- and " + count(int64(n-i)) + " more\n"
				break
			}
			f := &r.Suppressed[i]
			s += "- " + markdownCode(Clean(f.Code)) + " " + markdownCode(clip(anchorOf(f).String(), markdownLine)) + ": " +
				prose(clip(suppressedBy(f), markdownLine)) + "\n"
		}
		s += "\n</details>\n"
	}
	if n := len(r.Stale); n > 0 {
		s += "\n<details><summary>" + counted(int64(n), "entry", "entries") + " of the baseline not found any more</summary>\n\n"
		for i, k := range r.Stale {
			if i == markdownList {
				s += "- and " + count(int64(n-i)) + " more\n"
				break
			}
			s += "- " + markdownCode(Clean(k.Code)) + " " + markdownCode(brief(k.Subject, markdownLine)) + " " + markdownCode(brief(k.Place, markdownLine)) + "\n"
		}
		s += "\n</details>\n"
	}
	return s + markdownEndpoints(r)
}

func markdownEndpoints(r *finding.Report) string {
	if len(r.Endpoints) == 0 {
		return ""
	}
	s := "\n<details><summary>endpoints by database time</summary>\n\n| endpoint | units | statements | time | share |\n| --- | --: | --: | --: | --: |\n"
	for i := range r.Endpoints {
		e := &r.Endpoints[i]
		if i == markdownList {
			s += "\nand " + strconv.Itoa(len(r.Endpoints)-i) + " more\n"
			break
		}
		took, share := "-", "-"
		if e.Took > 0 {
			took, share = htmlText(span(e.Took)), htmlText(percent(e.Share))
		}
		s += "| " + markdownCode(brief(e.Name, markdownLine)) + " | " + count(e.Units) + " | " + count(e.Statements) + " | " + took + " | " + share + " |\n"
	}
	return s + "\n</details>\n"
}
