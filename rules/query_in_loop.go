package rules

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// query-in-loop: any other SELECT that runs again and again in one unit with
// arguments that vary.
//
// Silent when a more telling rule fits, when the arguments do not vary, on
// walks through a table page by page (OFFSET, keyset, ranges of keys), and when
// requests on a kept connection explain the count.
var queryInLoop = &Rule{
	Code: "QP107", Name: "query-in-loop", Severity: finding.Warning,
	Summary: "a query runs in a loop with arguments that vary",
	Doc:     page("query_in_loop.md"),
	loop:    explainQuery,
	inspect: inspectQuery,
}

func explainQuery(d *docket, l *loop) (finding.Finding, bool) {
	if d.isPage(l.child) || isFramework(l.child) || l.child.Exists && d.isByKey(l.child) {
		return finding.Finding{}, false
	}
	f := d.finding(d.subject(l.child), l.ledger, l.child, l.parent)
	by := d.varying(l.child)
	f.Message = fmt.Sprintf("%s is queried in a loop, "+countsHere, statement(l.child).Table)
	f.Relation = finding.Relation{Kind: "query", Field: by}
	f.Confidence = d.sure(l.ledger, 0)
	f.Notes = append(f.Notes, boundNote(l.ledger.Trust()))
	if isProbeShape(l.child) {
		f.Rewrites = []finding.Rewrite{d.askOnce(l.child)}
		return f, true
	}
	code := d.model(l.child) + ".objects.filter(…)  # for all of them"
	if by != "" {
		code = fmt.Sprintf("%s.objects.filter(%s__in=…)", d.model(l.child), by)
	}
	f.Rewrites = []finding.Rewrite{{Title: "fetch for all values at once, then group in Python", Code: code}}
	return f, true
}

// isPage reports whether a statement is one step of a walk through a table: a
// page by OFFSET, the rows after a key, or those between two keys.
func (d *docket) isPage(s *sqlshape.Shape) bool {
	if s.Offset != sqlshape.Absent {
		return true
	}
	for _, p := range s.Where {
		switch p.Op {
		case ">", ">=", "<", "<=", "BETWEEN":
			if d.graph.IsUnique(p.Column.Table, p.Column.Name) || s.Limit > 0 && slices.Contains(s.Order, p.Column) {
				return true
			}
		}
	}
	return false
}

// isFramework reports whether a statement fills one of Django's own caches,
// which happens once in a process.
func isFramework(s *sqlshape.Shape) bool {
	return statement(s).Table == "django_content_type"
}

// inspectQuery tells of the querysets that a loop evaluates in each round and
// that no relation explains: by values that vary with the loop, or the same
// each time.
//
// Silent on the latter when the loop writes to the model: the answer changes.
func inspectQuery(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), spot) {
		v := vs[0]
		varies := slices.ContainsFunc(vs, func(v *visit) bool { return v.Varies })
		if !varies && (v.Query == nil || v.Query.Dynamic || in.writesIn(v) || !in.ofModel(v.Query)) {
			continue
		}
		at, function := built(v)
		w := in.witness(in.label(v.Query, v.Model), at, function, nil, vs)
		w.Relation = finding.Relation{Kind: "query", Field: variable(v.Query)}
		w.Child.Table = in.table(v.Model)
		w.Confidence = in.sure(nil, vs)
		if at != v.Span {
			w.show(vs, "each round runs the query")
		}
		w.showLoop(vs)
		if varies {
			w.Message = className(v.Model) + " is queried in a loop"
			rw, ok := rewrite.Group(in.code(), v.Fetch)
			if !ok {
				rw, ok = rewrite.Between(in.code(), v.Fetch)
			}
			w.Rewrites = []finding.Rewrite{offer(finding.Rewrite{
				Title: "fetch for all values at once, then group in Python",
				Code:  in.ofAll(v),
			}, rw, ok)}
		} else {
			w.Message = className(v.Model) + " is queried in a loop, with the same answer in each round"
			if slices.ContainsFunc(v.Query.Filters, func(f source.Filter) bool { return !f.Literal }) {
				w.Confidence = finding.Possible // what its values depend on may be out of sight
			}
			words := finding.Rewrite{Title: "run it once, before the loop", Code: orText(oneLine(in.text(v.Span)), className(v.Model)+".objects…")}
			rw, ok := rewrite.Hoist(in.code(), v.Fetch)
			w.Rewrites = []finding.Rewrite{offer(words, rw, ok)}
		}
		in.looped[v.Query] = true
		found = append(found, w)
	}
	return found
}

// ofAll begins the query that fetches for all values what a visit does for one.
func (in *inspector) ofAll(v *visit) string {
	root := className(v.Model) + ".objects"
	if q := v.Query; q != nil && q.Accessor != "" && q.Root.Path == v.Span.Path {
		root = in.rootText(q)
	}
	by := variable(v.Query)
	if v.Query == nil && len(v.Args) == 1 && !strings.Contains(v.Args[0], "__") {
		return fmt.Sprintf("%s.filter(%s__in=…)", root, v.Args[0])
	}
	if by == "" || slices.ContainsFunc(v.Query.Filters, func(f source.Filter) bool {
		return f.Varies && (f.Exclude || f.Lookup != "exact" && f.Lookup != "in")
	}) {
		return root + ".filter(…)  # for all of them"
	}
	return fmt.Sprintf("%s.filter(%s__in=…)", root, by)
}

// ofModel reports whether a queryset begins at a model's manager. One that
// begins at an object's gives other rows where that object is another one.
func (in *inspector) ofModel(q *source.Query) bool {
	root := in.text(q.Root)
	if root == "" {
		return q.From == nil
	}
	first, _ := utf8.DecodeRuneInString(root)
	return unicode.IsUpper(first) || strings.HasPrefix(root, "cls.") || strings.HasPrefix(root, "get_user_model(")
}

// built is where the queryset of a fetch is built: what an edit changes. The
// fetch itself where that is in another file.
func built(v *visit) (source.Span, string) {
	if q := v.Query; q != nil && q.Span.Path == v.Span.Path {
		return q.Span, q.Function
	}
	return v.Span, v.Function
}

// variable is the lookup whose value depends on the loop, "" when there are
// several or none.
func variable(q *source.Query) string {
	if q == nil {
		return ""
	}
	name := ""
	for _, f := range q.Filters {
		if f.Varies && name != "" {
			return ""
		}
		if f.Varies {
			name = f.Path
		}
	}
	return name
}

// writesIn reports whether the innermost loop around a visit writes to the
// model that it reads.
func (in *inspector) writesIn(v *visit) bool {
	l := v.inner()
	return slices.ContainsFunc(in.Index.Fetches, func(f *source.Fetch) bool {
		switch f.Op {
		case source.Insert, source.Update, source.Remove, source.GetOrCreate, source.AddRelated:
			return (f.Model == v.Model || f.Model == "") && slices.ContainsFunc(f.Loops, func(o source.Loop) bool { return o.Span == l.Span })
		}
		return false
	})
}

// oneLine is a text without line ends and runs of spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
