//go:build cgo

package rewrite

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/source"
)

// parser skips the test where no Python can be parsed.
func parser(t testing.TB) {
	t.Helper()
	if len(syntax.Parse("a.py", []byte("x = 1\n")).Errors) > 0 {
		t.Skip("no parser without cgo")
	}
}

// samples are the Python files that the tests rewrite: the project of
// testdata, and those below ORMLINT_PYTHON.
func samples(t testing.TB) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	for _, root := range []string{"../../testdata/django", os.Getenv("ORMLINT_PYTHON")} {
		if root == "" {
			continue
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".py") {
				return err
			}
			b, err := os.ReadFile(path)
			files[path] = b
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// The tokens are Python's own: each name, attribute, string, number and call
// that the parser finds begins and ends where a token does.
func TestLexAgreesWithParser(t *testing.T) {
	parser(t)
	for path, text := range samples(t) {
		agree(t, path, text)
	}
}

func agree(t testing.TB, path string, text []byte) {
	t.Helper()
	f := open(func(string) []byte { return text }, "a.py")
	tree := syntax.Parse("a.py", text)
	if f == nil || len(tree.Errors) > 0 || !bytes.Equal(tree.Text, text) {
		return
	}
	syntax.WalkBody(tree.Body, func(n syntax.Node) bool {
		r := n.Pos()
		if !f.starts(r.Start) || !f.ends(r.End) && !f.endsInside(r.End) {
			t.Errorf("%s: no token at %d or %d: %.60q", path, r.Start, r.End, text[r.Start:r.End])
			return false
		}
		if c, ok := n.(*syntax.Call); ok && text[c.Lparen] == '(' && f.toks[f.close(f.at(c.Lparen))].start != c.Rparen {
			t.Errorf("%s: the bracket at %d closes elsewhere", path, c.Lparen)
		}
		s, ok := n.(*syntax.String)
		return !ok || !s.Formatted // what is in f-strings are no tokens
	})
}

// endsInside allows for nodes whose end holds a line end or white space: a
// block's.
func (f *file) endsInside(offset int) bool {
	i := f.before(offset)
	return i < 0 || strings.Trim(string(f.text[f.toks[i].end:offset]), " \t\r\n\f\\") == ""
}

// Whatever is rewritten still parses, and no edit overlaps another.
func TestRewritesParse(t *testing.T) {
	parser(t)
	made := map[string]int{}
	files := samples(t)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		text := files[path]
		rewriteAll(t, path, text, made)
	}
	for _, name := range []string{"eager", "only", "peers"} {
		if made[name] == 0 {
			t.Errorf("no %s was made: %v", name, made)
		}
	}
	t.Log(made)
}

// pieces are statements that FuzzRewrites puts together; the first of a file
// may be any of opening.
var (
	opening = []string{
		"from django.db import models\n",
		"\"\"\"d\"\"\"\nfrom __future__ import annotations\nfrom django.db.models import (\n  Q,\n  F)\n",
		"# a comment\n\n",
		"import os, sys  # b\n",
	}
	pieces = []string{
		"x = Book.objects.all()\n",
		"x = (\n    Book.objects\n    .filter(a=1)  # b\n    .only(\"a\", \"b\")\n)[:5]\n",
		"def f():\n\tfor b in Book.objects.select_related(\n\t\t'a', # x\n\t\t'b'\n\t): print(f'{b.title!r:>{w}}')\n",
		"x = Book.objects \\\n  .prefetch_related(Prefetch('a'), *y) \\\n  .all()\nif x: pass\nn = len(x)\n",
		"x = [b.title for b in Book.objects.defer('body',)]\n",
		"if Book.objects.filter(a=1).exists(): x = y; z = q.filter(b=lambda: 1)[1:2]\n",
		"class A:\n    def g(self):\n        return self.books.order_by('a').values_list('b', flat=True)\n",
		"\n# a line\n",
	}
)

// FuzzRewrites rewrites files put together of the pieces that each byte picks.
func FuzzRewrites(f *testing.F) {
	parser(f)
	f.Add([]byte{0, 0})
	f.Add([]byte{1, 1, 2, 3})
	f.Add([]byte{2, 4, 5, 6})
	f.Add([]byte{7, 7, 6, 5, 4})
	f.Fuzz(func(t *testing.T, picks []byte) {
		if len(picks) == 0 || len(picks) > 16 {
			return
		}
		text := opening[int(picks[0])%len(opening)]
		for _, b := range picks[1:] {
			text += pieces[int(b)%len(pieces)]
		}
		if picks[0]&4 != 0 {
			text = strings.ReplaceAll(text, "\n", "\r\n")
		}
		rewriteAll(t, "a.py", []byte(text), map[string]int{})
	})
}

// chainsMax is how many chains of a file are rewritten in a test.
const chainsMax = 8

// rewriteAll makes each kind of rewrite for chains of a file, first those of a
// kind together, then all that go together.
func rewriteAll(t testing.TB, name string, text []byte, made map[string]int) {
	t.Helper()
	tree := syntax.Parse("a.py", text)
	if len(tree.Errors) > 0 || !bytes.Equal(tree.Text, text) {
		return
	}
	src := func(path string) []byte { return text }
	kinds := map[string][]Choice{}
	var all []Choice
	queries := queriesOf(tree)
	for i := 0; i < len(queries); i += 1 + len(queries)/chainsMax {
		for kind, rw := range every(src, queries[i]) {
			made[kind]++
			kinds[kind] = append(kinds[kind], Choice{Rewrite: rw, Name: kind})
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		edits, _, _ := Merge(kinds[kind])
		parses(t, name, kind, text, edits)
		all = append(all, kinds[kind]...)
	}
	edits, _, _ := Merge(all)
	parses(t, name, "all", text, edits)
}

// queriesOf takes every chain of names and calls of the file for a queryset.
func queriesOf(tree *syntax.File) []*source.Query {
	var out []*source.Query
	bound := targets(tree)
	syntax.WalkBody(tree.Body, func(n syntax.Node) bool {
		x, ok := n.(syntax.Expr)
		if !ok {
			return true
		}
		if s, ok := n.(*syntax.String); bound[n.Pos()] || ok && s.Formatted {
			return false
		}
		if q := queryOf(tree, x); q != nil {
			out = append(out, q)
		}
		return true
	})
	return out
}

// targets are the expressions that are assigned to or deleted: no querysets.
func targets(tree *syntax.File) map[syntax.Range]bool {
	bound := map[syntax.Range]bool{}
	bind := func(xs ...syntax.Expr) {
		for _, x := range xs {
			if x == nil {
				continue
			}
			bound[x.Pos()] = true
		}
	}
	syntax.WalkBody(tree.Body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Assign:
			bind(n.Targets...)
		case *syntax.For:
			bind(n.Target)
		case *syntax.Delete:
			bind(n.Targets...)
		case *syntax.With:
			for _, item := range n.Items {
				bind(item.As)
			}
		case *syntax.NamedExpr:
			bound[n.Target.Pos()] = true
		case *syntax.Comprehension:
			for _, c := range n.Clauses {
				bind(c.Target)
			}
		}
		return true
	})
	return bound
}

func parses(t testing.TB, name, kind string, text []byte, edits []finding.Edit) {
	t.Helper()
	now, err := Apply(text, edits)
	if err != nil {
		t.Errorf("%s: %s: %v", name, kind, err)
		return
	}
	if after := syntax.Parse("a.py", now); len(after.Errors) > 0 {
		e := after.Errors[0]
		t.Errorf("%s: %s: %s at %d\n%s\n%+v", name, kind, e.Msg, e.Start, now[max(0, e.Start-300):min(len(now), e.End+100)], edits)
	}
}

// queryOf takes a chain of names and calls for a queryset: its root is its
// first two names, or what a method gives.
func queryOf(tree *syntax.File, x syntax.Expr) *source.Query {
	q := &source.Query{Model: "app.Model", Span: spanOf(tree, x.Pos())}
	for {
		switch e := x.(type) {
		case *syntax.Call:
			a, ok := e.Func.(*syntax.Attribute)
			if !ok {
				return nil
			}
			arg := source.Span{}
			for _, g := range e.Args {
				if s, ok := g.Value.(*syntax.String); ok && g.Name == "" && g.Star == "" && !s.Formatted {
					arg = spanOf(tree, s.Pos())
					eager := source.Eager{Path: s.Value, Join: a.Attr == "select_related", Span: arg}
					switch a.Attr {
					case "select_related", "prefetch_related":
						q.Eager = append(q.Eager, eager)
					case "only":
						q.Only = append(q.Only, s.Value)
					case "defer":
						q.Defer = append(q.Defer, s.Value)
					}
				}
			}
			x = a.X
		case *syntax.Subscript:
			x = e.X
		case *syntax.Attribute:
			q.Root = spanOf(tree, e.Pos())
			return q
		case *syntax.Name:
			q.Root = spanOf(tree, e.Pos())
			return q
		default:
			return nil
		}
	}
}

func spanOf(tree *syntax.File, r syntax.Range) source.Span {
	s := source.Span{Path: "a.py", Start: r.Start, End: r.End}
	s.Line, s.Column = tree.Line(r.Start)
	s.EndLine, s.EndColumn = tree.Line(r.End)
	return s
}

// every makes each rewrite that the functions agree to.
func every(text Text, q *source.Query) map[string]finding.Rewrite {
	out := map[string]finding.Rewrite{}
	add := func(kind string, rw finding.Rewrite, ok bool) {
		if ok {
			out[kind] = rw
		}
	}
	plain := *q
	plain.Eager, plain.Only, plain.Defer = nil, nil, nil
	rw, ok := Eager(text, q, []string{"zone", "zone__area"}, []string{"items", "zone__tags"})
	add("eager", rw, ok)
	rw, ok = FetchPeers(text, q)
	add("peers", rw, ok)
	rw, ok = Only(text, &plain, []string{"title", "id"})
	add("only", rw, ok)
	rw, ok = OnlyAdd(text, q, "zone")
	add("only add", rw, ok)
	for _, field := range q.Defer {
		rw, ok = OnlyAdd(text, q, field)
		add("undefer", rw, ok)
	}
	rw, ok = DropOnly(text, q)
	add("drop only", rw, ok)
	for _, e := range q.Eager {
		rw, ok = DropEager(text, q, e)
		add("drop "+e.Path, rw, ok)
	}
	ask := source.Eval{Span: q.Span}
	rw, ok = CountRows(text, q, ask)
	add("count", rw, ok)
	rw, ok = ExistsRows(text, q, ask)
	add("exists", rw, ok)
	rw, ok = FetchOnce(text, q, ask, source.Eval{Span: q.Root})
	add("once", rw, ok)
	rw, ok = UpdateFields(text, &source.Fetch{Span: q.Span}, []string{"title"})
	add("update", rw, ok)
	rw, ok = ValuesList(text, &plain, []string{"title"}, false)
	add("named", rw, ok)
	return out
}
