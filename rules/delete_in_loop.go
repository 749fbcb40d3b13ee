package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// delete-in-loop: objects are deleted one at a time, each with the queries
// that Django runs for what points at it.
//
// Silent on queryset.delete(), which deletes by lists.
var deleteInLoop = &Rule{
	Code: "QP403", Name: "delete-in-loop", Severity: finding.Warning,
	Summary: "rows are deleted one at a time",
	Doc:     page("delete_in_loop.md"),
	pattern: patDeleteLoop,
	explain: explainDelete,
	inspect: inspectDelete,
}

func explainDelete(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.writeLoop(e, d.graph.Label(statement(e.child).Table), "rows are deleted one at a time")
	f.Rewrites = []finding.Rewrite{{
		Title: "delete them in one go (a custom delete() is not called, signals are)",
		Code:  fmt.Sprintf("%s.objects.filter(…).delete()", d.model(e.child)),
	}}
	return f, true
}

// inspectDelete tells of delete() in a loop: of rows, or of what the loop's
// value picks.
func inspectDelete(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		m := in.model(v.Model)
		if m == nil || v.Of == nil && !v.Varies {
			continue
		}
		w := in.writes(v.Model, vs, "rows are deleted one at a time")
		w.passedBy(m, true, nil)
		rw, ok := rewrite.BulkDelete(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{
			Title: "delete them in one go (a custom delete() is not called, signals are)",
			Code:  className(v.Model) + ".objects.filter(…).delete()",
		}, rw, ok)}
		found = append(found, w)
	}
	return found
}
