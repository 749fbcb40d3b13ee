package django

import "github.com/ormlint/ormlint/analyzer/django/syntax"

// Available reports whether this build can read Python, which takes cgo.
const Available = syntax.Available
