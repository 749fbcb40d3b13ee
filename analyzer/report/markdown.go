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

// markdownFinding is a finding as a paragraph and what can be unfolded below it.
func markdownFinding(f *finding.Finding, src Source) string {
	at := anchorOf(f)
	place := markdownCode(clip(at.String(), markdownLine))
	if !at.inSource {
		place = "log " + place
	}
	head := []string{"**" + markdownCode(Clean(f.Code)) + " " + htmlText(price(f)) + "**", place}
	if at.inSource && f.Function != "" {
		head[1] += " in " + markdownCode(brief(f.Function, markdownLine))
	}
	head = append(head, f.Severity.String()+", "+f.Confidence.String())
	s := "\n" + strings.Join(head, " · ") + "  \n" + prose(brief(f.Message, markdownText)) + "\n"
	body := ""
	for i := range f.Rewrites {
		body += markdownRewrite(&f.Rewrites[i], src)
	}
	body += markdownFacts(f)
	label := "details"
	switch {
	case safeEdit(f) != nil:
		label = "the fix, results stay the same"
	case len(f.Rewrites) > 0:
		label = "a rewrite, to check by hand"
	}
	if body == "" {
		return s
	}
	return s + "\n<details><summary>" + label + "</summary>\n\n" + strings.TrimRight(body, "\n") + "\n\n</details>\n"
}

func markdownRewrite(rw *finding.Rewrite, src Source) string {
	title := prose(brief(rw.Title, markdownText))
	if !rw.Safe {
		title = strings.TrimSpace(title + " (check that the results stay the same)")
	}
	lang, code := diffLines(rw, src)
	if len(code) == 0 {
		return title + "\n\n"
	}
	if title != "" {
		title += ":\n\n"
	}
	if rest := len(code) - diffMax; rest > 0 {
		code = append(code[:diffMax:diffMax], "… "+counted(int64(rest), "more line", "more lines"))
	}
	for i, l := range code {
		code[i] = clip(l, markdownLine)
	}
	return title + fenced(lang, code) + "\n"
}

// diffLines is a rewrite as cleaned lines: a diff where its edits can be made,
// else the code that it comes to.
func diffLines(rw *finding.Rewrite, src Source) (language string, lines []string) {
	if changes, ok := changesOf(src, rw.Edits); ok {
		for _, c := range changes {
			switch c.op {
			case '@':
				lines = append(lines, "@@ "+Clean(c.text)+" @@")
			default:
				lines = append(lines, string(c.op)+plain(c.text[:min(len(c.text), lineMax)]))
			}
		}
		return "diff", lines
	}
	if rw.Code == "" {
		return "", nil
	}
	for l := range strings.SplitSeq(strings.TrimRight(rw.Code, "\n"), "\n") {
		lines = append(lines, plain(l[:min(len(l), lineMax)]))
	}
	return "python", lines
}

// markdownFacts is what a finding rests on: places, endpoints, the statement.
func markdownFacts(f *finding.Finding) string {
	var items []string
	for i, rel := range f.Related {
		if i == relatedMax {
			items = append(items, "and "+counted(int64(len(f.Related)-i), "more place", "more places"))
			break
		}
		items = append(items, "at "+markdownCode(clip(spot(rel.Span, ""), markdownLine))+": "+prose(brief(rel.Message, markdownLine)))
	}
	var in []string
	for i, e := range f.Endpoints {
		if i == endpointNames {
			in = append(in, count(int64(len(f.Endpoints)-i))+" more")
			break
		}
		in = append(in, markdownCode(brief(e, markdownLine)))
	}
	if len(in) > 0 {
		items = append(items, "in "+strings.Join(in, ", "))
	}
	if s := savings(&f.Cost); s != "" {
		items = append(items, "the rewrite saves "+s)
	}
	for i, n := range f.Notes {
		if i == relatedMax {
			break
		}
		items = append(items, "note: "+prose(brief(n, markdownLine)))
	}
	s := ""
	for _, item := range items {
		s += "- " + item + "\n"
	}
	if f.Child.SQL != "" {
		if s != "" {
			s += "\n"
		}
		s += fenced("sql", []string{clip(short(f.Child.SQL, markdownText), markdownText)})
	}
	return s
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
