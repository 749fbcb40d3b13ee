package rules

import (
	"fmt"
	"regexp"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

// discarded-queryset: a queryset method is called for nothing. Querysets do not
// change: qs.prefetch_related("x") gives a new one, which nobody takes here.
//
// Silent on methods that run or write something: delete(), update(), get().
var discardedQueryset = &Rule{
	Code: "QP205", Name: "discarded-queryset", Severity: finding.Warning,
	Summary: "a queryset method's result is thrown away",
	Doc:     page("discarded_queryset.md"),
	inspect: inspectDiscarded,
}

func inspectDiscarded(in *inspector) []witness {
	var found []witness
	for _, n := range in.Index.Notes {
		if n.Kind != source.Discarded {
			continue
		}
		w := in.note(n, n.Model+"."+n.Name+"()")
		w.Message = fmt.Sprintf("%s: %s() gives a new queryset, which is thrown away here", className(n.Model), n.Name)
		w.Confidence = finding.Proven
		if n.Model == "" {
			w.Message = fmt.Sprintf("%s() gives a new queryset, which is thrown away here", n.Name)
			w.Confidence = finding.Likely
		}
		w.Relation = finding.Relation{Kind: "discarded", Field: n.Name}
		rw, ok := rewrite.Replace("keep what it gives", n.Span, in.kept(n), n.Name == "select_related" || n.Name == "prefetch_related")
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "keep what it gives", Code: "queryset = queryset." + n.Name + "(…)"}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// kept is the statement that assigns what is thrown away to the name that the
// chain starts from, "" when it starts from no name.
func (in *inspector) kept(n source.Note) string {
	if n.Replacement != "" {
		return n.Replacement
	}
	text := in.text(n.Span)
	if m := startsAtName.FindStringSubmatch(text); m != nil {
		return m[1] + " = " + text
	}
	return ""
}

// startsAtName matches a call on a variable; classes and what hangs on objects
// are no place for a queryset.
var startsAtName = regexp.MustCompile(`^([a-z_]\w*)\.\w+\(`)

// note starts a witness about a Note.
func (in *inspector) note(n source.Note, subject string) witness {
	w := in.witness(subject, n.Span, n.Function, n.Query, []*visit{})
	w.Child.Table = in.table(n.Model)
	for _, e := range n.Entries {
		if len(w.Endpoints) < endpointMax {
			w.Endpoints = append(w.Endpoints, e)
		}
	}
	return w
}
