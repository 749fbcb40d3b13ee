package rewrite

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aymanbagabas/go-udiff"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// Diff writes the edits as one unified diff that git apply takes, files in
// order of their paths, which get the prefixes a/ and b/. Files that cannot be
// read or whose edits do not fit are an error, and there is no diff then.
func Diff(text Text, edits []finding.Edit) (string, error) {
	var b strings.Builder
	for _, path := range Paths(edits) {
		old := text(path)
		if old == nil {
			return "", fmt.Errorf("%s: cannot be read", path)
		}
		now, err := Apply(old, Of(path, edits))
		if err != nil {
			return "", fmt.Errorf("%s: %w", path, err)
		}
		if !bytes.Equal(old, now) {
			b.WriteString(udiff.Unified(diffLabel("a/"+path), diffLabel("b/"+path), string(old), string(now)))
		}
	}
	return b.String(), nil
}

// diffLabel is a path as git writes it into the head of a diff: quoted where
// it holds a character that would end the line or the quotes.
func diffLabel(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }) {
		return strconv.Quote(path)
	}
	return path
}

// Paths are the files that the edits change, sorted.
func Paths(edits []finding.Edit) []string {
	var paths []string
	for _, e := range edits {
		paths = append(paths, e.Span.Path)
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// Of are the edits of one file.
func Of(path string, edits []finding.Edit) []finding.Edit {
	return slices.DeleteFunc(slices.Clone(edits), func(e finding.Edit) bool { return e.Span.Path != path })
}
