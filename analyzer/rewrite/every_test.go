//go:build cgo

package rewrite_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// TestEveryEditParses tries each rewrite of loops on each fetch in a loop of a
// whole project, whether a rule would or not: it makes no edit, or one that
// applies and parses. REWRITE_SOURCES adds projects, separated by colons.
func TestEveryEditParses(t *testing.T) {
	if !syntax.Available {
		t.Skip("built without cgo")
	}
	roots := []string{"../../testdata/django"}
	if more := os.Getenv("REWRITE_SOURCES"); more != "" {
		roots = append(roots, strings.Split(more, ":")...)
	}
	for _, root := range roots {
		p, err := django.Open(context.Background(), django.Options{Root: root})
		if err != nil {
			t.Fatal(err)
		}
		index := p.Inspect(context.Background(), django.Focus{})
		code := rewrite.Code{Text: p.Text, Models: p.Models, Index: index}
		made := map[string]int{}
		for _, f := range index.Fetches {
			for name, rule := range loopRules {
				if rw, ok := rule.make(code, []*source.Fetch{f}); ok && len(f.Loops) > 0 {
					made[name]++
					applies(t, p.Text, rw, name)
				}
			}
		}
		t.Logf("%s: %d fetches, edits %v", root, len(index.Fetches), made)
		if root == roots[0] && len(made) < len(loopRules)-1 {
			t.Errorf("edits of few kinds only: %v", made)
		}
	}
}

// applies makes the edits of each file and parses what comes out.
func applies(t *testing.T, text rewrite.Text, rw finding.Rewrite, name string) {
	t.Helper()
	paths := map[string][]finding.Edit{}
	for _, e := range rw.Edits {
		paths[e.Span.Path] = append(paths[e.Span.Path], e)
	}
	for path, edits := range paths {
		before := slices.Clone(text(path))
		out, err := rewrite.Apply(before, edits)
		if err != nil {
			t.Errorf("%s %s: %v", name, path, err)
			continue
		}
		if !strings.HasSuffix(path, ".py") {
			continue
		}
		old, now := syntax.Parse(path, before), syntax.Parse(path, out)
		if len(now.Errors) > len(old.Errors) {
			t.Errorf("%s %s: %v\n%s", name, path, now.Errors, rw.Code)
		}
	}
}
