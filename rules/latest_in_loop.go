package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// latest-in-loop: the first row or rows of each group, one group at a time:
// latest(), first() or a slice per row of a list.
//
// Silent when the row is looked up by a key (get-in-loop).
var latestInLoop = &Rule{
	Code: "QP105", Name: "latest-in-loop", Severity: finding.Warning,
	Summary: "the latest or first related row is fetched once per row of a list",
	Doc:     page("latest_in_loop.md"),
	loop:    explainLatest,
	inspect: inspectLatest,
}

func explainLatest(d *docket, l *loop) (finding.Finding, bool) {
	if !d.isTopN(l.child) || !l.related && !filtersForeign(l.child) {
		return finding.Finding{}, false
	}
	subject := d.subject(l.child)
	by := "…"
	if names := filterNames(l.child); len(names) > 0 {
		by = names[0]
	}
	kind, field := "latest", by
	if l.related {
		subject = d.graph.Label(l.rel.Owner) + "." + l.rel.Fields[0] + sliceOf(l.child)
		kind, field = l.rel.Kind, l.rel.Fields[0]
	}
	f := d.finding(subject, l.ledger, l.child, l.parent)
	f.Relation = finding.Relation{Kind: kind, Field: field}
	f.Confidence = d.sure(l.ledger, l.rel.Source)
	f.Message = fmt.Sprintf("%s: %s of each group, one group at a time, "+countsHere, d.arrow(l), firstRows(l.child))
	f.Notes = append(f.Notes, "a plain prefetch_related would fetch every row of every group", boundNote(l.ledger.Trust()))
	if l.related {
		f.Notes = append(f.Notes, "relation known from "+l.rel.Source.String())
	}
	order := orderOf(l)
	child := d.model(l.child)
	if l.related && l.child.Limit == 1 && l.rel.Column != "" {
		_, owner := d.graph.Model(l.rel.Owner)
		by, outer := l.correlation()
		f.Rewrites = append(f.Rewrites, finding.Rewrite{
			Title: "where one column of it is enough, a subquery",
			Code: fmt.Sprintf("latest = %s.objects.filter(%s=OuterRef(%q))%s\n%s.objects.annotate(latest_%s=Subquery(latest.values(%q)[:1]))",
				child, by, outer, order, owner, strings.ToLower(child), "pk"),
		})
	}
	distinct := ""
	if l.child.Limit == 1 && d.varying(l.child) != "" {
		distinct = fmt.Sprintf(".order_by(%q%s).distinct(%q)", by, orderArgs(l), by)
		f.Rewrites = append(f.Rewrites, finding.Rewrite{
			Title: "all of them in one query, DISTINCT ON",
			Code:  fmt.Sprintf("%s.objects.filter(%s__in=…)%s", child, by, distinct),
		})
		return f, true
	}
	if l.child.Limit == 1 || !l.related {
		if len(f.Rewrites) == 0 {
			f.Rewrites = []finding.Rewrite{{Title: "rank the rows of all groups in one query", Code: "Window(RowNumber(), partition_by=[…]" + orderWindow(l) + ")"}}
		}
		return f, true
	}
	f.Rewrites = append(f.Rewrites, finding.Rewrite{
		Title: "a sliced prefetch (Django 4.2)",
		Code:  fmt.Sprintf("Prefetch(%q, queryset=%s.objects%s[:%d])", field, child, order, l.child.Limit),
	})
	return f, true
}

// orderOf writes the loop's ORDER BY as order_by(…), "" when it has none.
func orderOf(l *loop) string {
	args := strings.TrimPrefix(orderArgs(l), ", ")
	if args == "" {
		return ""
	}
	return ".order_by(" + args + ")"
}

// orderArgs lists the columns ordered by, descending ones with a minus.
func orderArgs(l *loop) string {
	var b strings.Builder
	for _, c := range l.child.Order {
		minus := ""
		if strings.Contains(l.child.Text, `"`+c.Name+`" DESC`) {
			minus = "-"
		}
		fmt.Fprintf(&b, ", %q", minus+strings.TrimSuffix(c.Name, "_id"))
	}
	return b.String()
}

// sliceOf names what a top-n statement takes, as a subject.
func sliceOf(c *sqlshape.Shape) string {
	if c.Limit == 1 {
		return ".first()"
	}
	return fmt.Sprintf("[:%d]", c.Limit)
}

// firstRows is the same for a sentence.
func firstRows(c *sqlshape.Shape) string {
	if c.Limit == 1 {
		return "the first row"
	}
	return fmt.Sprintf("the first %d rows", c.Limit)
}

func orderWindow(l *loop) string {
	if args := strings.TrimPrefix(orderArgs(l), ", "); args != "" {
		return ", order_by=[" + args + "]"
	}
	return ""
}

// inspectLatest tells of the first related row or rows of each row of a loop.
func inspectLatest(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), func(v *visit) string { return in.where(v.owner) + strings.Join(v.path, ".") + taken(v) }) {
		v := vs[0]
		q, path := v.owner, strings.Join(v.path, "__")
		w := in.witness(q.Model+"."+path+taken(v), q.Span, q.Function, q, vs)
		w.Relation = finding.Relation{Kind: v.fields[0].Relation.Kind, Field: path}
		w.Parent.Table, w.Child.Table = in.table(q.Model), in.table(targetOf(v.fields[len(v.fields)-1]))
		rows := "the first row"
		if v.Op != source.First {
			rows = "the first rows"
		}
		w.Message = fmt.Sprintf("%s: %s of each group, one group at a time", arrowOf(q.Model, v.fields), rows)
		w.Notes = append(w.Notes, "a plain prefetch_related would fetch every row of every group")
		w.Confidence = in.sure(q, vs)
		if v.byFilter {
			w.Confidence = min(w.Confidence, finding.Likely)
		}
		w.show(vs, "each call runs a query")
		rw, ok := rewrite.Latest(in.code(), w.fetches)
		w.Rewrites = []finding.Rewrite{offer(in.firstOfEach(v), rw, ok)}
		in.looped[v.Query] = true
		found = append(found, w)
	}
	return found
}

// taken is what is taken of the related rows, as the log's subject has it.
func taken(v *visit) string {
	if v.Op != source.First && v.Query != nil && v.Query.Limit > 1 {
		return fmt.Sprintf("[:%d]", v.Query.Limit)
	}
	return ".first()"
}

func (in *inspector) firstOfEach(v *visit) finding.Rewrite {
	head, last := v.fields[:len(v.fields)-1], v.fields[len(v.fields)-1]
	child := className(targetOf(last))
	order := ""
	if v.Query != nil && len(v.Query.Ordering) > 0 {
		order = ".order_by(" + quoteAll(v.Query.Ordering) + ")"
	}
	if v.Op != source.First {
		return finding.Rewrite{
			Title: "a sliced prefetch (Django 4.2)",
			Code:  fmt.Sprintf("Prefetch(%q, queryset=%s.objects%s[:%d])", strings.Join(v.path, "__"), child, order, v.Query.Limit),
		}
	}
	return finding.Rewrite{
		Title: "where one column of it is enough, a subquery",
		Code: fmt.Sprintf("latest = %s.objects.filter(%s=OuterRef(%q))%s\n%s", child, backOf(last), outerOf(head), order,
			in.onRows(v, head, fmt.Sprintf("annotate(latest_%s=Subquery(latest.values(\"pk\")[:1]))", strings.ToLower(child)))),
	}
}
