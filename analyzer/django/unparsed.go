package django

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/template"
	"github.com/ormlint/ormlint/analyzer/source"
)

// maxUnparsed is how many places of one file are told of; a file that is no
// Python at all has hundreds.
const maxUnparsed = 3

// unparsed are the parts of the project's own files that were parsed, now or
// before, and are not what their names say. The rest of such a file was read.
func (p *Project) unparsed() []source.Skip {
	var list []source.Skip
	for _, m := range p.modules {
		if m.tree == nil { // nothing led there
			continue
		}
		for _, e := range m.tree.Errors[:min(len(m.tree.Errors), maxUnparsed)] {
			list = append(list, source.Skip{Span: m.spanOf(e.Start, e.End), Msg: e.Msg + ", passed over"})
		}
	}
	p.templates.parsed.Range(func(path, t any) bool {
		found := t.(*template.Template)
		for _, e := range found.Errors[:min(len(found.Errors), maxUnparsed)] {
			s := source.Span{Path: path.(string), Start: e.Start, End: e.End}
			s.Line, s.Column = found.Line(e.Start)
			s.EndLine, s.EndColumn = found.Line(e.End)
			list = append(list, source.Skip{Span: s, Msg: "template: " + e.Msg})
		}
		return true
	})
	return list
}

// sortSkips orders by path and line: files that were not read at all first.
func sortSkips(list []source.Skip) {
	slices.SortFunc(list, func(a, b source.Skip) int {
		return cmp.Or(strings.Compare(a.Span.Path, b.Span.Path), cmp.Compare(a.Span.Line, b.Span.Line), cmp.Compare(a.Span.Start, b.Span.Start), strings.Compare(a.Msg, b.Msg))
	})
}
