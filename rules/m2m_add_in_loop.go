package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
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
	inspect: inspectM2MAdd,
}

func explainM2MAdd(d *docket, e *evidence) (finding.Finding, bool) {
	through := statement(e.child).Table
	from, to := strings.TrimSuffix(e.child.Columns[0].Name, "_id"), strings.TrimSuffix(e.child.Columns[1].Name, "_id")
	field, subject := to+"s", d.graph.Label(through)
	if i := strings.LastIndex(through, "_"+from+"_"); i >= 0 {
		field = through[i+len(from)+2:]
		subject = d.graph.Label(through[:i+len(from)+1]) + "." + field
	}
	if owner, name, ok := d.graph.Pairs(through, e.child.Columns[0].Name); ok {
		field, subject = name, d.graph.Label(owner)+"."+name
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

// inspectM2MAdd tells of add(), set() and remove() of a many-to-many relation
// in a loop. Those of a reverse foreign key are silent: they are an UPDATE.
func inspectM2MAdd(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		field := in.added(v)
		if field == nil || field.Relation.Kind != link.ManyToMany {
			continue
		}
		owner, name := field.Model, field.Name
		if inv := field.Relation.Inverse; inv != nil && field.Relation.Target != nil && slices.Contains(field.Relation.Target.Fields, inv) {
			owner, name = field.Relation.Target, inv.Name // the table is the forward field's
		}
		if owner == nil {
			continue
		}
		w := in.writes(owner.Label()+"."+name, vs, "gets one pair at a time")
		w.Message = owner.Name + "." + name + " gets one pair at a time"
		w.Relation = finding.Relation{Kind: "m2m", Field: name}
		w.Child.Table = field.Relation.ThroughTable
		rw, ok := rewrite.AddMany(in.code(), v.Fetch)
		w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{
			Title: "add all objects at once",
			Code:  fmt.Sprintf("….%s.%s(*%s)", field.Name, orText(v.Method, "add"), plural(strings.ToLower(className(targetOf(field))))),
		}, rw, ok)}
		found = append(found, w)
	}
	return found
}

// added is the relation whose manager adds, nil when it is not known.
func (in *inspector) added(v *visit) *schema.Field {
	q, path := v.Of, v.Path
	if q == nil && v.Query != nil && v.Query.From != nil {
		q, path = v.Query.From, v.Query.Path
	}
	if q == nil {
		return nil
	}
	fields := in.follow(q.Model, path)
	if len(fields) == 0 {
		return nil
	}
	return fields[len(fields)-1]
}
