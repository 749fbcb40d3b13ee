package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// update-in-loop: rows are updated one at a time.
//
// Silent on bulk_update's batches (CASE WHEN over an IN list), and on update()
// of rows that neither a key nor a foreign key picks.
var updateInLoop = &Rule{
	Code: "QP402", Name: "update-in-loop", Severity: finding.Warning,
	Summary: "rows are updated one at a time",
	Doc:     page("update_in_loop.md"),
	pattern: patUpdateLoop,
	explain: explainUpdate,
	inspect: inspectUpdate,
}

func explainUpdate(d *docket, e *evidence) (finding.Finding, bool) {
	does := "is updated one row at a time"
	if !d.isByKey(e.child) {
		if !filtersForeign(e.child) {
			return finding.Finding{}, false // rows by their state: a set, and not in a loop over it
		}
		does = "is updated for one object at a time"
	}
	d.looped[e.Child] = true
	subject := d.subject(e.child)
	f := d.writeLoop(e, subject, does)
	model := d.model(e.child)
	cols := setColumns(e.child)
	f.Rewrites = []finding.Rewrite{
		{
			Title: "where the new values follow from the old ones or are all the same",
			Code:  fmt.Sprintf("%s.objects.filter(…).update(%s)", model, assigned(cols)),
		},
		{
			Title: "all rows in one statement (save() and signals are not called)",
			Code:  fmt.Sprintf("%s.objects.bulk_update(objects, [%s])", model, quotedList(cols)),
		},
	}
	return f, true
}

// setColumns are Django's names for the columns that an UPDATE sets.
func setColumns(s *sqlshape.Shape) []string {
	var names []string
	for _, c := range s.Columns {
		names = append(names, strings.TrimSuffix(c.Name, "_id"))
	}
	return names
}

// assigned writes columns as keyword arguments; a full save() has too many to
// tell which of them changed.
func assigned(cols []string) string {
	if len(cols) == 0 || len(cols) > 3 {
		return "…"
	}
	return strings.Join(cols, "=…, ") + "=…"
}

// quotedList writes names as Python strings, the first few of a long list.
func quotedList(names []string) string {
	const most = 4
	var b strings.Builder
	for i, n := range names {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == most && len(names) > most+1 {
			b.WriteString("…")
			break
		}
		fmt.Fprintf(&b, "%q", n)
	}
	return b.String()
}

// inspectUpdate tells of save() of fetched rows, and of update() of rows that
// the loop picks by a key, in a loop.
func inspectUpdate(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		m := in.model(v.Model)
		if m == nil || v.Method == "update" && !in.picksByKey(v) {
			continue
		}
		subject, does := withColumns(v.Model, []string{keyColumn(m)}), "is updated one row at a time"
		if v.Method == "update" {
			subject, does = in.label(v.Query, v.Model), "is updated for one object at a time"
		}
		w := in.writes(subject, vs, does)
		if v.Method != "update" {
			w.passedBy(m, true, m.Signals)
			for _, f := range m.Fields {
				if f.Auto == "auto_now" {
					w.Notes = append(w.Notes, f.Name+" is set by save() (auto_now), not by bulk_update or update()")
				}
			}
		}
		rw, ok := rewrite.BulkUpdate(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{
			Title: "all rows in one statement (save() and signals are not called)",
			Code:  fmt.Sprintf("%s.objects.bulk_update(objects, [%s])", className(v.Model), orText(quotedList(in.assignedTo(v)), "…")),
		}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// picksByKey reports whether update() takes the rows of one object: by a value
// of the loop that a key or foreign key is compared with.
func (in *inspector) picksByKey(v *visit) bool {
	if v.Query == nil || !v.Varies {
		return false
	}
	m := in.model(v.Query.Model)
	return slices.ContainsFunc(v.Query.Filters, func(f source.Filter) bool {
		if !f.Varies || f.Lookup != "exact" || m == nil {
			return false
		}
		field := m.Lookup(f.Path)
		return field != nil && (field.Unique || field.Relation != nil || slices.Contains(m.PrimaryKey, field.Name))
	})
}

// assignedTo are the fields that the code sets before it saves: those of
// update_fields, else those assigned to the rows.
func (in *inspector) assignedTo(v *visit) []string {
	if len(v.Fields) > 0 || v.Of == nil {
		return v.Fields
	}
	m := in.model(v.Model)
	var names []string
	for _, r := range v.Of.Reads {
		if m != nil && m.Field(r.Field) == nil {
			continue // an attribute that is no field
		}
		if r.Write && slices.Equal(r.Path, v.Path) && !slices.Contains(names, r.Field) {
			names = append(names, r.Field)
		}
	}
	return names
}
