package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// get-in-loop: rows of one table are fetched one at a time by a key, for
// values that do not come from a relation which the log shows.
//
// Silent when a relation leads there (n-plus-one) or columns were deferred
// (deferred-in-loop), and when the same row is fetched again and again
// (duplicate-query).
var getInLoop = &Rule{
	Code: "QP103", Name: "get-in-loop", Severity: finding.Warning,
	Summary: "rows are fetched one at a time with get()",
	Doc:     page("get_in_loop.md"),
	loop:    explainGet,
	inspect: inspectGet,
}

func explainGet(d *docket, l *loop) (finding.Finding, bool) {
	if l.related || isFramework(l.child) || isProbeShape(l.child) || !d.isByKey(l.child) && l.child.Limit != sqlshape.GetLimit {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	f.Message = fmt.Sprintf("%s is fetched one row at a time, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "get", Field: keyName(d, l.child)}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust()))
	model := d.model(l.child)
	if d.isByKey(l.child) {
		code := model + ".objects.in_bulk(ids)"
		if k := keyName(d, l.child); k != "id" && k != "pk" && k != d.graph.Key(statement(l.child).Table) {
			code = fmt.Sprintf("%s.objects.in_bulk(values, field_name=%q)", model, k)
		}
		f.Rewrites = []finding.Rewrite{
			{Title: "fetch all rows at once, by key (a missing key is left out, no DoesNotExist)", Code: code},
		}
		return f, true
	}
	code := model + ".objects.filter(…)  # for all of them"
	if by := d.varying(l.child); by != "" {
		code = fmt.Sprintf("%s.objects.filter(%s__in=…)", model, by)
	}
	f.Rewrites = []finding.Rewrite{{Title: "fetch all rows at once", Code: code}}
	return f, true
}

// varying is Django's name for the column whose values make the loop, "" when
// the log leaves several: one that is unique, else the only foreign key, else
// the only column of the table that is compared with one value.
func (d *docket) varying(s *sqlshape.Shape) string {
	var plain, foreign []string
	for _, p := range s.Where {
		if p.Op != "=" && (p.Op != "IN" || p.List != sqlshape.OneItem) || p.Function != "" || p.Column.Table != "" && p.Column.Table != statement(s).Table {
			continue
		}
		name := strings.TrimSuffix(p.Column.Name, "_id")
		switch {
		case d.graph.IsUnique(statement(s).Table, p.Column.Name):
			return name
		case strings.HasSuffix(p.Column.Name, "content_type_id"):
		case name != p.Column.Name:
			foreign = append(foreign, name)
		default:
			plain = append(plain, name)
		}
	}
	switch {
	case len(foreign) == 1 && len(plain) == 0:
		return foreign[0]
	case len(plain) == 1 && len(foreign) == 0:
		return plain[0]
	}
	return ""
}

// keyName is Django's name for the column that a get() looks up.
func keyName(d *docket, s *sqlshape.Shape) string {
	for _, p := range s.Where {
		if p.Op == "=" && d.graph.IsUnique(statement(s).Table, p.Column.Name) {
			return p.Column.Name
		}
	}
	if names := filterNames(s); len(names) > 0 {
		return names[0]
	}
	return "pk"
}

// inspectGet tells of get() in a loop by a value that varies with it, and of
// rows that are read again. One get() outside of a loop is no finding.
func inspectGet(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		cols := in.getColumns(v)
		w := in.witness(withColumns(v.Model, cols), v.Span, v.Function, nil, vs)
		w.Relation = finding.Relation{Kind: "get", Field: strings.Join(v.Args, ",")}
		w.Child.Table = in.table(v.Model)
		w.Message = fmt.Sprintf("%s is fetched one row at a time", className(v.Model))
		if v.Op == source.Refresh {
			w.Message = fmt.Sprintf("%s is read again row by row", className(v.Model))
		}
		w.Confidence = in.sure(nil, vs)
		w.showLoop(vs)
		code := className(v.Model) + ".objects.in_bulk(…)"
		if len(v.Args) == 1 && v.Args[0] != "pk" && v.Args[0] != "id" {
			code = fmt.Sprintf("%s.objects.in_bulk(…, field_name=%q)", className(v.Model), v.Args[0])
			if m := in.model(v.Model); m == nil || m.Field(v.Args[0]) == nil || !m.Field(v.Args[0]).Unique {
				code = in.ofAll(v)
			}
		}
		rw, ok := rewrite.InBulk(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{Title: "fetch all rows at once, by key (a missing key is left out, no DoesNotExist)", Code: code}, rw, ok)}
		in.looped[v.Query] = true
		found = append(found, w)
	}
	return found
}

// getColumns are the columns that a get() compares.
func (in *inspector) getColumns(v *visit) []string {
	if v.Op == source.Refresh {
		if k := keyColumn(in.model(v.Model)); k != "" {
			return []string{k}
		}
		return nil
	}
	if v.Query != nil && len(v.Query.Filters) > 0 {
		return in.columns(v.Query)
	}
	var cols []string
	for _, a := range v.Args {
		path, _, _ := strings.Cut(a, "__")
		if c := in.column(v.Model, path); c != "" {
			cols = append(cols, c)
		}
	}
	return cols
}
