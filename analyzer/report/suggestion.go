package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

const (
	// suggestionLines is how many lines one suggestion may replace: a reviewer
	// has to read them all, and a review can only show lines of one hunk.
	suggestionLines = 50
	// suggestionBytes is how long its text may be; rdjsonl lines have a limit.
	suggestionBytes = 16 << 10
)

// A suggestion is the text that whole lines of a file are replaced with, the
// line end of the last one apart. All edits of a rewrite are in it, for review
// tools apply suggestions one by one.
type suggestion struct {
	first, last int
	text        string
}

// suggest makes one suggestion of the first rewrite that has edits, when all
// are in the file of the place that the finding is shown at. Its lines take in
// the place's: GitHub wants them to be the lines of the comment, and GitLab
// counts them from where the comment stands. False: there are no edits, the
// text is not known, or they are too far apart.
func suggest(t *texts, f *finding.Finding, at source.Span) (suggestion, bool) {
	var edits []finding.Edit
	if rw := offered(f); rw != nil {
		edits = rw.Edits
	}
	file := t.file(at.Path)
	if len(edits) == 0 || file == nil || len(file.bytes) == 0 || file.mixed() {
		return suggestion{}, false
	}
	first, last := at.Line, max(at.Line, at.EndLine)
	var cuts []splice
	for _, e := range edits {
		from, ok1 := file.offset(e.Span.Line, e.Span.Column)
		to, ok2 := file.offset(e.Span.EndLine, e.Span.EndColumn)
		if e.Span.Path != at.Path || !ok1 || !ok2 {
			return suggestion{}, false
		}
		cuts = append(cuts, splice{from, to, e.Text})
		first, last = min(first, e.Span.Line), max(last, e.Span.EndLine)
	}
	if first < 1 || !ordered(cuts) {
		return suggestion{}, false
	}
	s, ok := file.replace(first, last, cuts)
	return s, ok && s.last-s.first < suggestionLines && len(s.text) <= suggestionBytes
}

// A splice is an edit in bytes.
type splice struct {
	from, to int
	text     string
}

// ordered sorts the cuts by place, insertions first, and reports whether they
// can be made together.
func ordered(cuts []splice) bool {
	slices.SortStableFunc(cuts, func(a, b splice) int { return cmp.Or(a.from-b.from, a.to-b.to) })
	at := 0
	for _, c := range cuts {
		if c.from < at || c.to < c.from {
			return false
		}
		at = c.to
	}
	return true
}

// replace makes lines first to last anew. Where nothing would be left of them,
// which review tools take for their removal, or where the edits take away the
// line end of the file's last line, the line before comes along.
func (f *textFile) replace(first, last int, cuts []splice) (suggestion, bool) {
	end := f.last()
	whole := last > end // an edit reaches behind the last line end
	first, last = min(first, end), min(last, end)
	to := f.end(last)
	if whole {
		to = len(f.bytes)
	}
	for ; first > 0; first-- {
		text := spliced(f.bytes, f.starts[first-1], to, cuts)
		if whole {
			body, ok := strings.CutSuffix(text, string(f.bytes[f.end(last):]))
			if !ok {
				continue
			}
			text = body
		}
		if text != "" {
			return suggestion{first, last, text}, true
		}
	}
	return suggestion{}, false
}

// spliced is the text between from and to with the cuts made, which lie there.
func spliced(b []byte, from, to int, cuts []splice) string {
	var out strings.Builder
	for _, c := range cuts {
		out.Write(b[from:c.from])
		out.WriteString(c.text)
		from = c.to
	}
	out.Write(b[from:max(from, to)])
	return out.String()
}
