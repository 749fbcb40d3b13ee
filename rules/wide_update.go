package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// wide-update: save() writes every column of a wide row.
//
// Silent on narrow tables, on update() of some columns, on statements that a
// loop finding already tells of, and when the log shows columns of the table
// that the UPDATE leaves alone.
var wideUpdate = &Rule{
	Code: "QP405", Name: "wide-update", Severity: finding.Note,
	Summary: "save() writes every column of a wide row",
	Doc:     page("wide_update.md"),
	pattern: patWideUpdate,
	watch:   isWideUpdate,
	explain: explainWideUpdate,
	inspect: inspectWideUpdate,
}

func isWideUpdate(s *sqlshape.Shape) bool {
	return s.Kind == sqlshape.Update && isOneRow(s) && !s.Computed
}

func explainWideUpdate(d *docket, e *evidence) (finding.Finding, bool) {
	if d.looped[e.Child] {
		return finding.Finding{}, false
	}
	table := statement(e.child).Table
	set := map[string]bool{}
	for _, c := range e.child.Columns {
		set[c.Name] = true
	}
	left := 0
	cols, all := d.graph.Columns(table)
	for _, c := range cols {
		if !set[c] && c != d.graph.Key(table) {
			left++
		}
	}
	if left > 0 {
		return finding.Finding{}, false
	}
	f := d.finding(d.graph.Label(table), e.Ledger, e.child, nil)
	f.Cost.Saved = 0 // what narrower UPDATEs save is not to be seen in a log
	f.Message = fmt.Sprintf("%s: save() writes all %d columns, "+countsHere, table, len(e.child.Columns))
	f.Relation = finding.Relation{Kind: "write"}
	f.Confidence = finding.Possible
	if all || len(cols) > 0 {
		f.Confidence = finding.Likely
	}
	f.Rewrites = []finding.Rewrite{{
		Title: "write only what has changed",
		Code:  identifier(table) + `.save(update_fields=["…"])`,
	}}
	return f, true
}

// inspectWideUpdate tells of save() of a fetched row of a wide model after a
// few of its fields were assigned. Loops are update-in-loop's.
//
// Silent when nothing or much was assigned in sight, when the row goes out of
// sight, and when save() is overridden.
func inspectWideUpdate(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		m := in.model(v.Model)
		if m == nil || v.Of == nil || len(v.Fields) > 0 || v.Of.Raw || len(v.Of.Escapes) > 0 || v.Of.Dynamic || m.SaveOverride || m.Partial {
			continue
		}
		columns, set := len(m.Fields)-len(m.PrimaryKey), in.assignedTo(v)
		if columns < in.options.WideUpdateColumns || len(set) == 0 || len(set)*wideUpdateShare > columns || !in.allFields(m, set) {
			continue
		}
		for _, f := range m.Fields { // update_fields would leave it out
			if f.Auto == "auto_now" && !slices.Contains(set, f.Name) {
				set = append(set, f.Name)
			}
		}
		w := in.witness(v.Model, v.Span, v.Function, nil, vs)
		w.Relation = finding.Relation{Kind: "write"}
		w.Child.Table = m.Table
		w.Message = fmt.Sprintf("%s: save() writes all %d columns where %s changed", m.Name, columns, strings.Join(set, ", "))
		w.Confidence = finding.Likely
		if slices.ContainsFunc(vs, func(v *visit) bool { return v.Conditional }) || len(vs) > 1 {
			w.Confidence = finding.Possible
		}
		rw, ok := rewrite.UpdateFields(in.Text, v.Fetch, set)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "write only what has changed", Code: "….save(update_fields=[" + quoteAll(set) + "])"}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// wideUpdateShare: at most one of so many columns may have been assigned.
const wideUpdateShare = 3

// allFields reports whether every name is a field with a column.
func (in *inspector) allFields(m *schema.Model, names []string) bool {
	return !slices.ContainsFunc(names, func(n string) bool {
		f := m.Field(n)
		return f == nil || f.Column == ""
	})
}
