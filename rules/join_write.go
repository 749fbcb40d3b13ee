package rules

import (
	"fmt"
	"slices"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// locate writes into a log's finding what the source says of it.
func (j *joiner) locate(f *finding.Finding, o *observed, v *verdict) {
	switch {
	case len(v.witnesses) == 1:
		j.joined[v.witnesses[0]] = true
		both(f, &j.witnesses[v.witnesses[0]], v.basis)
	case len(v.witnesses) > 1:
		j.several(f, v)
	case len(v.queries) == 1:
		j.built(f, o, v.queries[0], v.basis)
	case len(v.queries) > 1:
		f.Related = nil
		for _, q := range v.queries {
			f.Related = append(f.Related, finding.Related{Span: q.Span, Message: "may be the queryset, in " + orText(q.Function, q.Span.Path)})
		}
		j.candidates(f, len(v.queries))
	case len(v.fetches) == 1:
		at := v.fetches[0]
		f.Location, f.Function = at.Span, at.Function
		f.Place = source.Place(f.Location, f.Function)
		f.Notes = append(f.Notes, basisNote(v.basis))
	case len(v.fetches) > 1:
		f.Related = nil
		for _, x := range v.fetches {
			f.Related = append(f.Related, finding.Related{Span: x.Span, Message: "may run the statement"})
		}
		j.candidates(f, len(v.fetches))
	}
}

// both joins a log's finding with the witness of the same loop: the source
// says what and where, the log what it costs.
func both(f *finding.Finding, w *witness, basis link.Basis) {
	seen := *f
	*f = w.Finding
	f.Evidence = []finding.Evidence{finding.Observed, finding.Inferred}
	f.Confidence = min(finding.Proven, max(seen.Confidence, w.Confidence)+1)
	f.Cost, f.Share, f.Examples, f.Endpoints = seen.Cost, seen.Share, seen.Examples, seen.Endpoints
	f.Child, f.Parent = seen.Child, seen.Parent
	if seen.Code == w.Code {
		f.Message = seen.Message
		f.Severity = max(seen.Severity, w.Severity)
	} else {
		f.Message = w.Message + ", " + countsHere
	}
	if f.Relation == (finding.Relation{}) {
		f.Relation = seen.Relation
	}
	if seen.Code == w.Code {
		f.Rewrites = moreRewrites(f.Rewrites, seen.Rewrites)
	}
	f.Notes = append(slices.Clone(w.Notes), basisNote(basis))
	if seen.Code == w.Code {
		for _, n := range seen.Notes {
			if !slices.Contains(f.Notes, n) && !answered(n) {
				f.Notes = append(f.Notes, n)
			}
		}
	}
}

// moreRewrites adds to the source's rewrites those of the log that say another
// thing; its first is the one that the source has with edits.
func moreRewrites(own, log []finding.Rewrite) []finding.Rewrite {
	if len(own) == 0 {
		return log
	}
	own = slices.Clone(own)
	for _, r := range log[min(1, len(log)):] {
		if !slices.ContainsFunc(own, func(o finding.Rewrite) bool { return o.Title == r.Title || o.Code == r.Code }) {
			own = append(own, r)
		}
	}
	return own
}

// answered reports whether a note of the log says what it cannot know and the
// source does.
func answered(note string) bool {
	return slices.Contains([]string{severalFieldsNote, namedNote, filteredNote, genericNote}, note)
}

func basisNote(b link.Basis) string {
	switch b {
	case link.ByLine:
		return "the log names the line"
	case link.ByFunction:
		return "the log names the function"
	case link.ByEntry:
		return "found in the source by the endpoint's view and the statement"
	}
	return "found in the source by the statement alone"
}

// several: more than one place shows what the log shows. None is chosen; a
// rewrite stays only where all of them have the same.
func (j *joiner) several(f *finding.Finding, v *verdict) {
	f.Evidence = []finding.Evidence{finding.Observed, finding.Inferred}
	f.Related = nil
	first := &j.witnesses[v.witnesses[0]]
	place, same := first.Place, true
	for _, i := range v.witnesses {
		w := &j.witnesses[i]
		j.perhaps[i] = true
		f.Related = append(f.Related, finding.Related{Span: w.Location, Message: "may be the queryset, in " + orText(w.Function, w.Location.Path)})
		same = same && w.Code == first.Code && w.Subject == first.Subject && slices.EqualFunc(w.Rewrites, first.Rewrites, sameRewrite)
		if w.Place != place {
			place = ""
		}
	}
	if first.Code == f.Code || same {
		f.Place = place
	}
	if same {
		j.adopt(f, first)
	}
	j.candidates(f, len(v.witnesses))
}

// adopt takes what all candidates say alike.
func (j *joiner) adopt(f *finding.Finding, w *witness) {
	if f.Code != w.Code {
		f.Code, f.Rule, f.Severity, f.Message = w.Code, w.Rule, w.Severity, w.Message+", "+countsHere
	}
	f.Subject, f.Relation = w.Subject, w.Relation
	if len(w.Rewrites) == 0 {
		return
	}
	f.Rewrites = slices.Clone(w.Rewrites)
	f.Notes = slices.DeleteFunc(slices.Clone(f.Notes), answered)
}

// sameRewrite reports whether two rewrites are one: the same edits of the same
// places.
func sameRewrite(a, b finding.Rewrite) bool {
	return a.Title == b.Title && a.Code == b.Code && a.Safe == b.Safe && slices.Equal(a.Edits, b.Edits)
}

// candidates says that the log's finding has several places. The loop is as
// sure as the log makes it, so a finding that fails a run without source still
// does.
func (j *joiner) candidates(f *finding.Finding, n int) {
	if f.Confidence == finding.Proven {
		f.Confidence = finding.Likely
	}
	f.Related = f.Related[:min(len(f.Related), placeMax)]
	note := fmt.Sprintf("%d places in the source can have made it; nothing in the log tells which", n)
	if n > placeMax {
		note += fmt.Sprintf("; the first %d are listed", placeMax)
	}
	f.Notes = append(f.Notes, note)
}

// placeMax is how many candidates a finding lists.
const placeMax = 20

// built: the source shows the queryset, but not what reads its rows. The log's
// own rewrite is made there.
func (j *joiner) built(f *finding.Finding, o *observed, q *source.Query, basis link.Basis) {
	f.Location, f.Function = q.Span, q.Function
	f.Place = source.Place(f.Location, f.Function)
	f.Notes = append(slices.Clone(f.Notes), basisNote(basis))
	if o.loop == nil {
		return
	}
	f.Notes = append(f.Notes, "what runs the statement for each row was not found in the source")
	for _, x := range j.project.Index.Fetches {
		if x.Of == q && len(f.Related) < relatedMax {
			if _, ok := j.project.FetchBasis(o.child, x, "", nil); ok {
				f.Related = append(f.Related, finding.Related{Span: x.Span, Message: "may run the statement"})
			}
		}
	}
	if o.Code != "QP101" || !j.isPlainRelation(o.loop) || o.loop.rel.Filtered || len(o.loop.rel.Fields) != 1 {
		return
	}
	var joins, fetches []string
	for _, p := range onePerPath(lookups(o.loop, "", false)) {
		switch {
		case p.filtered:
			return
		case p.many:
			fetches = append(fetches, p.path)
		default:
			joins = append(joins, p.path)
		}
	}
	if j.project.Text == nil {
		return
	}
	if r, ok := rewrite.Eager(j.project.Text, q, joins, fetches); ok {
		f.Rewrites = append([]finding.Rewrite{r}, f.Rewrites[min(1, len(f.Rewrites)):]...)
	}
}

// rest are the findings of the source that the log has no part in.
func (j *joiner) rest() []finding.Finding {
	ran := j.ran()
	var found []finding.Finding
	for i := range j.witnesses {
		if j.joined[i] {
			continue
		}
		w := &j.witnesses[i]
		f := w.Finding
		if j.perhaps[i] {
			f.Notes = append(slices.Clone(f.Notes), "the log shows this loop here or at another place with the same statements: its cost stands with the finding that lists them")
		} else if units := unitsOf(w, ran); units > 0 {
			f.Confidence = max(finding.Possible, f.Confidence-1)
			f.Notes = append(slices.Clone(f.Notes), fmt.Sprintf("the log has %s units of its endpoints, and the statement did not repeat there: few rows, or another branch", number(units)))
		}
		found = append(found, f)
	}
	return found
}

// ran counts the units in the log by the entries that their names mean.
func (j *joiner) ran() map[string]int64 {
	units := map[string]int64{}
	for p, t := range j.profile.Places {
		if p.Name == 0 {
			continue
		}
		for _, e := range j.project.Entries(j.names.Text(p.Name)) {
			units[e] += t.Units
		}
	}
	return units
}

// unitsOf is how many units ran the entries of a witness, 0 where it is about
// something else than repetition.
func unitsOf(w *witness, ran map[string]int64) int64 {
	if len(w.fetches) == 0 {
		return 0
	}
	entries := map[string]bool{}
	for _, f := range w.fetches {
		for _, e := range f.Entries {
			entries[e] = true
		}
	}
	sum := int64(0)
	for e := range entries {
		sum += ran[e]
	}
	return sum
}
