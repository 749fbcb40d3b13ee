package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
)

// insert-in-loop: rows are inserted one at a time.
//
// Silent on bulk_create's batches, and on what get-or-create-in-loop and
// m2m-add-in-loop tell better.
var insertInLoop = &Rule{
	Code: "QP401", Name: "insert-in-loop", Severity: finding.Warning,
	Summary: "rows are inserted one at a time",
	Doc:     page("insert_in_loop.md"),
	pattern: patInsertLoop,
	explain: explainInsert,
	inspect: inspectInsert,
}

func explainInsert(d *docket, e *evidence) (finding.Finding, bool) {
	f := d.writeLoop(e, d.graph.Label(e.child.Writes[0]), "is inserted into one row at a time")
	if isChild(e.child) {
		f.Notes = append(f.Notes, "bulk_create cannot insert into a model with multi-table inheritance")
		f.Rewrites = []finding.Rewrite{{
			Title: "at least one transaction around the loop",
			Code:  "with transaction.atomic():\n    …",
		}}
		return f, true
	}
	if e.child.OnConflict != "" { // only bulk_create writes that
		f.Rewrites = []finding.Rewrite{{
			Title: "bulk_create is called with one object at a time: collect them",
			Code:  d.model(e.child) + ".objects.bulk_create(objects, …)",
		}}
		return f, true
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "insert all rows at once (save() and signals are not called)",
		Code:  d.model(e.child) + ".objects.bulk_create(objects)",
	}}
	return f, true
}

// writeLoop starts a finding about a loop of writes.
func (d *docket) writeLoop(e *evidence, subject, does string) finding.Finding {
	f := d.finding(subject, e.Ledger, e.child, e.parent)
	f.Cost.Saved = half(e.SavedTook)
	f.Message = fmt.Sprintf("%s %s, "+countsHere, statement(e.child).Table, does)
	f.Relation = finding.Relation{Kind: "write", Field: ""}
	f.Confidence = d.sure(e.Ledger, 0)
	f.Notes = append(f.Notes, boundNote(e.Trust()))
	return f
}

// inspectInsert tells of create() and of save() of new objects in a loop.
func inspectInsert(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		m := in.model(v.Model)
		if m == nil {
			continue
		}
		w := in.writes(v.Model, vs, "is inserted into one row at a time")
		if len(m.Parents) > 0 {
			w.Notes = append(w.Notes, "bulk_create cannot insert into a model with multi-table inheritance")
			w.Rewrites = []finding.Rewrite{{
				Title: "at least one transaction around the loop",
				Code:  "with transaction.atomic():\n    …",
			}}
		} else {
			w.passedBy(m, v.Method == "save" || v.Method == "create", m.Signals)
			rw, ok := rewrite.BulkCreate(in.code(), v.Fetch)
			w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{
				Title: "insert all rows at once (save() and signals are not called)",
				Code:  className(v.Model) + ".objects.bulk_create(objects)",
			}, rw, ok)}
		}
		found = append(found, w)
	}
	return found
}

// writes starts a witness about writes in a loop.
func (in *inspector) writes(subject string, vs []*visit, does string) witness {
	v := vs[0]
	w := in.witness(subject, v.Span, v.Function, nil, vs)
	w.Relation = finding.Relation{Kind: "write"}
	w.Child.Table = in.table(v.Model)
	w.Message = className(v.Model) + " " + does
	w.Confidence = in.sure(nil, vs)
	w.showLoop(vs)
	return w
}

// passedBy notes what bulk calls would leave out. save: an overridden save()
// or delete() would run.
func (w *witness) passedBy(m *schema.Model, save bool, signals []string) {
	if save && m.SaveOverride {
		w.Notes = append(w.Notes, m.Name+" overrides save() or delete(), which bulk calls pass by")
	}
	if len(signals) > 0 {
		w.Notes = append(w.Notes, "bulk calls send no "+strings.Join(signals, ", "))
	}
}
