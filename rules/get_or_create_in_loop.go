package rules

import (
	"fmt"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// get-or-create-in-loop: a lookup and an INSERT (or, locked, an UPDATE) of the
// same table take turns, as get_or_create() and update_or_create() make them.
//
// Silent when fewer than two of the lookups are followed by a write, and on
// get() and save() in a loop, which are two other patterns.
var getOrCreateInLoop = &Rule{
	Code: "QP404", Name: "get-or-create-in-loop", Severity: finding.Warning,
	Summary: "get_or_create() or update_or_create() runs in a loop",
	Doc:     page("get_or_create_in_loop.md"),
	pattern: patGetOrCreate,
	explain: explainGetOrCreate,
	inspect: inspectGetOrCreate,
}

func explainGetOrCreate(d *docket, e *evidence) (finding.Finding, bool) {
	call, code := "get_or_create()", "%s.objects.bulk_create(objects, ignore_conflicts=True)"
	if e.Variant == 1 {
		call = "update_or_create()"
		code = "%s.objects.bulk_create(objects, update_conflicts=True, unique_fields=[" + quotedList(filterNames(e.child)) + "], update_fields=[…])"
	}
	f := d.writeLoop(e, d.subject(e.child), "is read and written by "+call+" one row at a time")
	if e.parent != nil { // the lookup comes first, the write is its child
		f.Parent, f.Child = f.Child, f.Parent
	}
	f.Notes = append(f.Notes, "bulk_create needs a unique constraint on the lookup's columns, and calls neither save() nor signals")
	f.Rewrites = []finding.Rewrite{{Title: "one statement for all rows", Code: fmt.Sprintf(code, d.model(e.child))}}
	return f, true
}

// inspectGetOrCreate tells of get_or_create() and update_or_create() in a loop.
func inspectGetOrCreate(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		m := in.model(v.Model)
		if m == nil || !v.Varies {
			continue
		}
		w := in.writes(withColumns(v.Model, in.getColumns(v)), vs, "is read and written by "+v.Method+"() one row at a time")
		w.passedBy(m, true, m.Signals)
		w.Notes = append(w.Notes, "bulk_create needs a unique constraint on the lookup's columns, and calls neither save() nor signals")
		code := className(v.Model) + ".objects.bulk_create(objects, ignore_conflicts=True)"
		if v.Method == "update_or_create" {
			code = fmt.Sprintf("%s.objects.bulk_create(objects, update_conflicts=True, unique_fields=[%s], update_fields=[…])", className(v.Model), quotedList(v.Args))
		}
		rw, ok := rewrite.Upsert(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "one statement for all rows", Code: code}, rw, ok)}
		found = append(found, w)
	}
	return found
}
