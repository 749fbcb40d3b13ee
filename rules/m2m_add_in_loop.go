package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// m2m-add-in-loop: add() on a many-to-many relation with one object at a time.
//
// Silent on add() with several objects and on set(), which insert by batches.
var m2mAddInLoop = &Rule{
	Code: "QP406", Name: "m2m-add-in-loop", Severity: finding.Warning,
	Summary: "add() of a many-to-many relation is called with one object at a time",
	Doc:     page("m2m_add_in_loop.md"),
	pattern: patM2MAdd,
	explain: explainM2MAdd,
}

func explainM2MAdd(d *docket, e *evidence) (finding.Finding, bool) {
	through := statement(e.child).Table
	from, to := strings.TrimSuffix(e.child.Columns[0].Name, "_id"), strings.TrimSuffix(e.child.Columns[1].Name, "_id")
	field, subject := to+"s", d.graph.Label(through)
	if i := strings.LastIndex(through, "_"+from+"_"); i >= 0 {
		field = through[i+len(from)+2:]
		subject = d.graph.Label(through[:i+len(from)+1]) + "." + field
	}
	f := d.writeLoop(e, subject, "gets one pair at a time")
	f.Relation = finding.Relation{Kind: "m2m", Field: field}
	f.Rewrites = []finding.Rewrite{
		{Title: "add all objects at once", Code: fmt.Sprintf("%s.%s.add(*%s)", from, field, plural(to)), Safe: true},
		{Title: "or, over several " + plural(from) + ", through the table of pairs", Code: fmt.Sprintf("%s.%s.through.objects.bulk_create(pairs, ignore_conflicts=True)", title(from), field)},
	}
	return f, true
}

func plural(s string) string { return strings.TrimSuffix(s, "s") + "s" }

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
