package glob_test

import (
	"testing"

	"github.com/ormlint/ormlint/analyzer/glob"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name   string
		matches, within bool
	}{
		{"a/views.py", "a/views.py", true, true},
		{"a/*.py", "a/views.py", true, true},
		{"a/*.py", "a/b/views.py", false, false},
		{"a/**/*.py", "a/views.py", true, true},
		{"a/**/*.py", "a/b/c/views.py", true, true},
		{"**/admin.py", "admin.py", true, true},
		{"{a,b}/x.py", "b/x.py", true, true},
		{"a", "a/b/views.py", false, true},
		{"a/", "a/b/views.py", false, true},
		{"*/b", "a/b/views.py", false, true},
		{"a", "ab/views.py", false, false},
		{"../a/*.py", "../a/views.py", true, true},
		{"views.py", "a/views.py", false, false},
		{"a/[", "a/[", false, false},
	} {
		if got := glob.Match(c.pattern, c.name); got != c.matches {
			t.Errorf("Match(%q, %q) = %v, want %v", c.pattern, c.name, got, c.matches)
		}
		if got := glob.Within(c.pattern, c.name); got != c.within {
			t.Errorf("Within(%q, %q) = %v, want %v", c.pattern, c.name, got, c.within)
		}
	}
	if glob.Valid("a/[") || !glob.Valid("a/**/[ab].py") {
		t.Error("Valid takes a pattern for what it is not")
	}
}
