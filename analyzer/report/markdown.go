package report

import (
	"io"
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
	// Of each list in the report so many entries are shown, as far as they take
	// no more than so many bytes; hostile text takes six for a character.
	markdownList = 20
	markdownRoom = 4000
	// markdownBody is how many bytes of a finding's rewrites are shown.
	markdownBody = 16_000
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
		s += listed(len(bad), func(i int) string {
			return "- " + markdownCode(brief(bad[i].Path, markdownLine)) + ": " + prose(brief(bad[i].Problem, markdownLine)) + "\n"
		})
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
		s += folded(count(int64(n))+" suppressed", listed(n, func(i int) string {
			f := &r.Suppressed[i]
			return "- " + markdownCode(f.Code) + " " + markdownCode(clip(anchorOf(f).String(), markdownLine)) + ": " +
				prose(clip(suppressedBy(f), markdownLine)) + "\n"
		}))
	}
	if n := len(r.Stale); n > 0 {
		s += folded(counted(int64(n), "entry", "entries")+" of the baseline not found any more", listed(n, func(i int) string {
			k := &r.Stale[i]
			return "- " + markdownCode(k.Code) + " " + markdownCode(brief(k.Subject, markdownLine)) + " " + markdownCode(brief(k.Place, markdownLine)) + "\n"
		}))
	}
	if n := len(r.Endpoints); n > 0 {
		const head = "| endpoint | units | statements | time | share |\n| --- | --: | --: | --: | --: |\n"
		s += folded("endpoints by database time", head+listed(n, func(i int) string {
			e := &r.Endpoints[i]
			took, share := "-", "-"
			if e.Took > 0 {
				took, share = htmlText(span(e.Took)), htmlText(percent(e.Share))
			}
			return "| " + markdownCode(brief(e.Name, markdownLine)) + " | " + count(e.Units) + " | " + count(e.Statements) + " | " + took + " | " + share + " |\n"
		}))
	}
	return s
}

// folded is a part that one click shows.
func folded(title, body string) string {
	return "\n<details><summary>" + title + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
}

// listed joins the first of n items, as far as there is room, and says how
// many there are besides.
func listed(n int, item func(i int) string) string {
	s := ""
	for i := range n {
		next := ""
		if i < markdownList {
			next = item(i)
		}
		if next == "" || len(s)+len(next) > markdownRoom {
			return s + "\nand " + count(int64(n-i)) + " more\n"
		}
		s += next
	}
	return s
}
