package rewrite_test

import (
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A piece is a file of a test with the marks of its spans taken out:
// «name:text» marks text as the span of that name. Marks may be nested.
type piece struct {
	path  string
	text  string
	spans map[string]source.Span
}

func scan(t testing.TB, path, marked string) piece {
	t.Helper()
	p := piece{path: path, spans: map[string]source.Span{}}
	var b strings.Builder
	type open struct {
		name  string
		start int
	}
	var stack []open
	for i := 0; i < len(marked); {
		rest := marked[i:]
		switch {
		case strings.HasPrefix(rest, "«"):
			name, _, ok := strings.Cut(rest[len("«"):], ":")
			if !ok {
				t.Fatalf("a mark without a name: %.20q", rest)
			}
			stack = append(stack, open{name, b.Len()})
			i += len("«") + len(name) + 1
		case strings.HasPrefix(rest, "»"):
			o := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			p.spans[o.name] = source.Span{Path: path, Start: o.start, End: b.Len()}
			i += len("»")
		default:
			b.WriteByte(marked[i])
			i++
		}
	}
	p.text = b.String()
	for name, s := range p.spans {
		s.Line, s.Column = place(p.text, s.Start)
		s.EndLine, s.EndColumn = place(p.text, s.End)
		p.spans[name] = s
	}
	return p
}

func place(text string, offset int) (line, column int) {
	head := text[:offset]
	return strings.Count(head, "\n") + 1, len([]rune(head[strings.LastIndexByte(head, '\n')+1:])) + 1
}

func (p piece) Text(path string) []byte {
	if path != p.path {
		return nil
	}
	return []byte(p.text)
}

// query makes the Query of the marks "q" and "root" (else the name or the two
// names that q begins with).
func (p piece) query() *source.Query {
	q := &source.Query{Model: "library.Book", Span: p.spans["q"], Root: p.spans["root"]}
	if !q.Root.Known() && q.Span.Known() {
		text := p.text[q.Span.Start:q.Span.End]
		n := strings.IndexAny(text, "([ \n\\")
		if i := strings.Index(text, ".objects"); i >= 0 {
			n = i + len(".objects")
		}
		if n < 0 {
			n = len(text)
		}
		q.Root = source.Span{Path: p.path, Start: q.Span.Start, End: q.Span.Start + n}
	}
	return q
}

func (p piece) apply(t testing.TB, rw finding.Rewrite) string {
	t.Helper()
	out, err := rewrite.Apply([]byte(p.text), rw.Edits)
	if err != nil {
		t.Fatalf("Apply: %v in %+v", err, rw.Edits)
	}
	for _, e := range rw.Edits {
		line, column := place(p.text, e.Span.Start)
		endLine, endColumn := place(p.text, e.Span.End)
		if e.Span.Line != line || e.Span.Column != column || e.Span.EndLine != endLine || e.Span.EndColumn != endColumn {
			t.Errorf("edit %+v is not at %d:%d to %d:%d", e, line, column, endLine, endColumn)
		}
	}
	return string(out)
}
