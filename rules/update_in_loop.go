package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
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
