package report

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// markdownFinding is a finding as a paragraph and what can be unfolded below it.
func markdownFinding(f *finding.Finding, src Source) string {
	at := anchorOf(f)
	place := markdownCode(clip(at.String(), markdownLine))
	switch {
	case at.path == "":
		place = "no place known"
	case !at.inSource:
		place = "log " + place
	}
	head := []string{"**" + markdownCode(f.Code) + " " + htmlText(price(f)) + "**", place}
	if at.inSource && f.Function != "" {
		head[1] += " in " + markdownCode(brief(f.Function, markdownLine))
	}
	head = append(head, f.Severity.String()+", "+f.Confidence.String())
	s := "\n" + strings.Join(head, " · ") + "  \n" + prose(brief(f.Message, markdownText)) + "\n"
	body := ""
	for i := range f.Rewrites {
		rw := markdownRewrite(&f.Rewrites[i], src)
		if len(body)+len(rw) > markdownBody {
			body += "More rewrites are not shown.\n\n"
			break
		}
		body += rw
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
	return s + folded(label, body)
}

func markdownRewrite(rw *finding.Rewrite, src Source) string {
	title := prose(brief(rw.Title, markdownLine))
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
	s := listed(len(items), func(i int) string { return "- " + items[i] + "\n" })
	if f.Child.SQL != "" {
		if s != "" {
			s += "\n"
		}
		s += fenced("sql", []string{clip(short(f.Child.SQL, markdownText), markdownText)})
	}
	return s
}
