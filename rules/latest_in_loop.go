package rules

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
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
