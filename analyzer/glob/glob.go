// Package glob matches paths with patterns: * and ? within one part
// between slashes, [ab] and {a,b}, and ** for any number of parts.
package glob

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Files lists the files on disk that a pattern matches, as the operating
// system writes paths. It fails on a pattern that is none.
func Files(pattern string) ([]string, error) {
	return doublestar.FilepathGlob(pattern, doublestar.WithFilesOnly())
}

// Valid reports whether a pattern is well formed.
func Valid(pattern string) bool { return doublestar.ValidatePattern(pattern) }

// Match reports whether a pattern matches the whole of a path with slashes. A
// pattern that is not Valid matches nothing.
func Match(pattern, path string) bool { return doublestar.MatchUnvalidated(pattern, path) }

// Within reports whether a pattern matches a path or a folder above it.
func Within(pattern, path string) bool {
	pattern = strings.TrimSuffix(pattern, "/")
	return Match(pattern, path) || Match(pattern+"/**", path)
}
