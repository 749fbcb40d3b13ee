package analyzer

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/suppress"
	"github.com/ormlint/ormlint/rules"
)

// A note is a comment of the source with what it has silenced.
type note struct {
	suppress.Comment
	codes []map[string]bool // of each of Rules; nil: no rule has that name
	used  []bool            // each of Rules
	near  bool              // something is found on its Near lines
}

// works reports whether the comment silences anything at all.
func (n *note) works() bool { return n.Wrong == "" && (n.Noqa || n.Reason != "") }

// mark enters that a finding of that code is on its lines; false when the
// comment is about others. Comments without a code say nothing of comments.
func (n *note) mark(code string) bool {
	if n.Bare {
		return !rules.Find(code).FromComments()
	}
	hit := false
	for i, codes := range n.codes {
		if codes[code] {
			n.used[i], hit = true, true
		}
	}
	return hit
}

// names reports whether it is about a rule.
func (n *note) names(code string) bool {
	return n.Bare || slices.ContainsFunc(n.codes, func(codes map[string]bool) bool { return codes[code] })
}

// about reports whether the comment is about a place of its file.
func (n *note) about(s source.Span) bool {
	return n.Near.Touch(s) || !n.near && n.Wide.Touch(s)
}

// A silencer holds the comments of the files that it was asked about.
type silencer struct {
	*application
	files map[string][]*note
}

func (s *silencer) notes(path string) []*note {
	list, known := s.files[path]
	if known {
		return list
	}
	for _, c := range suppress.Read(path, s.Text(path)) {
		n := &note{Comment: c, used: make([]bool, len(c.Rules))}
		for _, r := range c.Rules {
			n.codes = append(n.codes, codesOf(r.Text))
		}
		list = append(list, n)
	}
	s.files[path] = list
	return list
}

// codesOf are the codes that a name in a comment means. Rules about comments
// have to be meant by name, or a comment for all rules would hide that it is
// not used.
func codesOf(name string) map[string]bool {
	found := rules.Match(name)
	about := func(r *rules.Rule) bool { return r.FromComments() }
	if !slices.ContainsFunc(found, func(r *rules.Rule) bool { return !about(r) }) {
		about = func(*rules.Rule) bool { return false }
	}
	var codes map[string]bool
	for _, r := range found {
		if codes == nil {
			codes = map[string]bool{}
		}
		codes[r.Code] = !about(r)
	}
	return codes
}

// spots are the places at which a comment can silence a finding: its queryset
// and all that it lists besides.
func spots(f *finding.Finding) []source.Span {
	var all []source.Span
	if f.Location.Known() {
		all = append(all, f.Location)
	}
	for _, r := range f.Related {
		all = append(all, r.Span)
	}
	return all
}

// silence sets the Suppression of findings that a comment silences. One that
// only lists what may be its queryset needs a comment for each of them: the one
// without may be it.
func (s *silencer) silence(found []finding.Finding) {
	for i := range found {
		for _, at := range spots(&found[i]) {
			for _, n := range s.notes(at.Path) {
				n.near = n.near || n.works() && n.Near.Touch(at) && n.names(found[i].Code)
			}
		}
	}
	quiet := map[source.Span]*note{} // querysets of silenced findings
	for i := range found {
		if f := &found[i]; f.Location.Known() {
			if n := s.first(f.Code, spots(f), nil); n != nil {
				quiet[f.Location] = n
				f.Suppression = &finding.Suppression{Kind: finding.InSource, Reason: n.Reason, Place: n.Span}
			}
		}
	}
	for i := range found {
		f := &found[i]
		if f.Location.Known() || len(f.Related) == 0 {
			continue
		}
		var first *note
		for _, at := range spots(f) {
			n := s.first(f.Code, []source.Span{at}, quiet)
			if n == nil {
				first = nil
				break
			}
			if first == nil {
				first = n
			}
		}
		if first != nil {
			f.Suppression = &finding.Suppression{Kind: finding.InSource, Reason: first.Reason, Place: first.Span}
		}
	}
}

// first is the comment that silences a code at the first of the places that has
// one; quiet are places that are silenced from elsewhere.
func (s *silencer) first(code string, places []source.Span, quiet map[source.Span]*note) *note {
	var first *note
	for _, at := range places {
		n := s.hit(code, at)
		if q := quiet[at]; n == nil && q != nil && q.names(code) {
			n = q
		}
		if first == nil {
			first = n
		}
	}
	return first
}

// hit is the first comment that silences a code at a place; all that do are
// marked.
func (s *silencer) hit(code string, at source.Span) *note {
	var first *note
	for _, n := range s.notes(at.Path) {
		if n.works() && n.about(at) && n.mark(code) && first == nil {
			first = n
		}
	}
	return first
}

// judge makes the findings about comments: in files that were followed, and
// for what is wrong with them in files with findings too. whole gives what the
// source shows without a log; it is asked only when a comment seems unused.
func (s *silencer) judge(index *source.Index, chosen map[string]bool, whole func() []finding.Finding) []finding.Finding {
	for _, path := range index.Followed {
		if suppress.Mentions(s.Text(path)) {
			s.notes(path)
		}
	}
	var found []finding.Finding
	asked := false
	judged := judgedBy(chosen)
	for _, path := range slices.Sorted(maps.Keys(s.files)) {
		_, followed := slices.BinarySearch(index.Followed, path)
		followed = followed && !s.blind(path)
		for _, n := range s.files[path] {
			if f, ok := rules.UnexplainedSuppression(&n.Comment); ok && chosen[f.Code] {
				found = append(found, f)
			}
			if !followed || !n.works() || !chosen[unusedCode] || len(n.unused(judged)) == 0 {
				continue
			}
			if !asked {
				asked = true
				s.markAll(whole())
			}
			if list := n.unused(judged); len(list) > 0 {
				found = append(found, rules.UnusedSuppression(&n.Comment, list))
			}
		}
	}
	rules.Number(found)
	return found
}

// unusedCode is the code of the rule about comments that silence nothing.
const unusedCode = "QP901"

// blind reports whether a file may have to do with a model that could not be
// read: what it does with its rows is not seen. A template does not name them.
func (s *silencer) blind(path string) bool {
	for _, u := range s.Models.Unknown { // "path:line Class: why"
		head, _, _ := strings.Cut(u, ": ")
		name := head[strings.LastIndexByte(head, ' ')+1:]
		if !strings.HasSuffix(path, ".py") || bytes.Contains(s.Text(path), []byte(name)) {
			return true
		}
	}
	return false
}

// judgedBy are the rules whose comments may be called unused: the chosen ones,
// all where only rules about comments are.
func judgedBy(chosen map[string]bool) map[string]bool {
	all := map[string]bool{}
	for _, r := range rules.All() {
		if chosen[r.Code] && !r.FromComments() {
			return chosen
		}
		all[r.Code] = true
	}
	return all
}

// unused lists which of Rules have silenced nothing, though this run could have
// found what they are about.
func (n *note) unused(judged map[string]bool) []int {
	var list []int
	for i, codes := range n.codes {
		if n.used[i] || len(codes) == 0 {
			continue
		}
		seen := true
		for code, about := range codes {
			r := rules.Find(code)
			seen = seen && (!about || judged[code] && r.FromSource() && !r.FromComments())
		}
		if seen {
			list = append(list, i)
		}
	}
	return list
}

// markAll enters findings that are there but not in this report.
func (s *silencer) markAll(found []finding.Finding) {
	for i := range found {
		for _, at := range spots(&found[i]) {
			for _, n := range s.notes(at.Path) {
				if n.works() && (n.Near.Touch(at) || n.Wide.Touch(at)) {
					n.mark(found[i].Code)
				}
			}
		}
	}
}

// whole is what the source shows, all of it and without the log. A run without
// a log has seen it already.
func (a *application) whole(ctx context.Context) []finding.Finding {
	if a.alone {
		return nil
	}
	return rules.Inspect(&link.Project{Models: a.Models, Index: a.Inspect(ctx, django.Focus{}), Text: a.Text}, a.options)
}
