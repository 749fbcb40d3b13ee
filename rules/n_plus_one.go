package rules

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/profile"
	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// n-plus-one: for each row that one statement fetched, another statement
// fetches what a relation leads to.
//
// Silent when no relation leads from any statement before the loop to it (that
// is get-in-loop or query-in-loop), when the arguments never vary, on prefetch
// batches, and when requests that follow each other on a kept connection
// explain the count.
var nPlusOne = &Rule{
	Code: "QP101", Name: "n-plus-one", Severity: finding.Warning,
	Summary: "a related row or rows are fetched once per row of a list",
	Doc:     page("n_plus_one.md"),
	loop:    explainNPlusOne,
	inspect: inspectNPlusOne,
}

// Notes of what a log cannot know.
const (
	severalFieldsNote = "several fields lead to the same table; the log does not show which one the loop reads"
	namedNote         = "a related_name in the model would replace the accessor's default name"
	filteredNote      = "the loop's query has further conditions: keep them in Prefetch(queryset=…)"
	genericNote       = "only a model that declares a GenericRelation can fetch along it"
)

// A lookup is one path that the rewrite names.
type lookup struct {
	path     string
	many     bool // takes prefetch_related
	filtered bool
	last     *loop
}

func explainNPlusOne(d *docket, l *loop) (finding.Finding, bool) {
	if !d.isPlainRelation(l) {
		return finding.Finding{}, false
	}
	paths := onePerPath(lookups(l, "", false))
	var names []string
	for _, p := range paths {
		names = append(names, p.path)
	}
	slices.Sort(names)
	field := strings.Join(slices.Compact(names), ",")
	owner := d.graph.Label(l.rel.Owner)

	sum := *l.ledger
	tables := []string{l.rel.Owner}
	source := l.rel.Source
	addLoops(&sum, l, &tables, &source)
	sum.Units = l.ledger.Units
	if l.rel.Kind != link.GenericFK {
		if extra := int64(0); !anyMany(paths) {
			extra = sum.Calls - sum.Wasted // joined: none of the child's queries stays
			sum.Wasted += extra
			sum.SavedTook = sum.Took
		}
	}

	f := d.finding(owner+"."+field, &sum, deepest(l).child, l.parent)
	f.Relation = finding.Relation{Kind: l.rel.Kind, Field: field}
	f.Message = fmt.Sprintf("%s: one query per row, "+countsHere, strings.Join(tables, " → "))
	f.Confidence = d.sure(l.ledger, source)
	if (l.nested || len(l.down) > 0) && l.ledger.Trust() <= profile.Fair && l.ledger.Reruns*2 >= l.ledger.Units {
		f.Confidence = finding.Possible // several requests may stand in one unit
	}
	f.Rewrites = d.eager(l, paths)
	f.Notes = append(f.Notes, "relation known from "+source.String(), boundNote(l.ledger.Trust()))
	if len(l.rel.Fields) > 1 {
		f.Notes = append(f.Notes, severalFieldsNote)
	}
	if named(l) {
		f.Notes = append(f.Notes, namedNote)
	}
	if isValues(l.child) {
		f.Notes = append(f.Notes, "the loop's query is one of values(), which no prefetch serves: collect the keys and run it once")
	}
	if l.rel.Filtered {
		f.Notes = append(f.Notes, filteredNote)
	}
	if l.rel.Owner == l.rel.Target && l.rel.Source == link.Guess {
		f.Confidence = finding.Possible
		f.Notes = append(f.Notes, "it may also be the same rows that are fetched again, by get() or refresh_from_db()")
	}
	if l.rel.Kind == link.GenericRelation && l.rel.Source != link.Models {
		f.Confidence = finding.Possible
		f.Notes = append(f.Notes, genericNote)
	}
	if l.up != nil {
		f.Notes = append(f.Notes, "its rows come from another loop, reported on its own")
	}
	return f, true
}

// addLoops adds up a loop's nested ones.
func addLoops(sum *profile.Ledger, l *loop, tables *[]string, source *link.Source) {
	*tables = append(*tables, l.rel.Target)
	*source = min(*source, l.rel.Source)
	for _, n := range l.down {
		sum.Calls += n.ledger.Calls
		sum.Wasted += n.ledger.Wasted
		sum.Took += n.ledger.Took
		sum.SavedTook += n.ledger.SavedTook
		sum.MaxCalls += n.ledger.MaxCalls
		addLoops(sum, n, tables, source)
	}
}

// lookups lists the paths to the leaves of a loop's tree.
func lookups(l *loop, prefix string, many bool) []lookup {
	var list []lookup
	for _, f := range l.rel.Fields {
		p := f
		if prefix != "" {
			p = prefix + "__" + f
		}
		m := many || l.rel.Many
		if len(l.down) == 0 {
			list = append(list, lookup{path: p, many: m, filtered: l.rel.Filtered, last: l})
		}
		for _, n := range l.down {
			list = append(list, lookups(n, p, m)...)
		}
	}
	return list
}

// onePerPath merges lookups of one path: several statements may follow one
// relation, with other conditions each, but Django takes each path once.
func onePerPath(list []lookup) []lookup {
	var merged []lookup
	for _, p := range list {
		i := slices.IndexFunc(merged, func(m lookup) bool { return m.path == p.path })
		if i < 0 {
			merged = append(merged, p)
			continue
		}
		merged[i].filtered = merged[i].filtered || p.filtered
	}
	return merged
}

func anyMany(paths []lookup) bool {
	return slices.ContainsFunc(paths, func(p lookup) bool { return p.many })
}

func deepest(l *loop) *loop {
	for len(l.down) > 0 {
		l = l.down[0]
	}
	return l
}

func named(l *loop) bool {
	for ; l != nil; l = first(l.down) {
		if l.rel.Named {
			return true
		}
	}
	return false
}

func first(ls []*loop) *loop {
	if len(ls) == 0 {
		return nil
	}
	return ls[0]
}

// eager writes the queryset with select_related and prefetch_related.
func (d *docket) eager(l *loop, paths []lookup) []finding.Rewrite {
	var joined, fetched []string
	for _, p := range paths {
		quoted := fmt.Sprintf("%q", p.path)
		switch {
		case p.filtered && p.many:
			_, model := d.graph.Model(p.last.rel.Target)
			fetched = append(fetched, fmt.Sprintf("Prefetch(%s, queryset=%s.objects.filter(…))", quoted, model))
		case p.many:
			fetched = append(fetched, quoted)
		default:
			joined = append(joined, quoted)
		}
	}
	_, model := d.graph.Model(l.rel.Owner)
	code, title := model+".objects", ""
	if len(joined) > 0 {
		code += ".select_related(" + strings.Join(joined, ", ") + ")"
		title = "join " + unquote(joined) + " in the first query"
	}
	if len(fetched) > 0 {
		code += ".prefetch_related(" + strings.Join(fetched, ", ") + ")"
		if title != "" {
			title += ", "
		}
		title += "fetch " + d.accessors(paths) + " for all rows in one more query"
		if strings.Contains(d.accessors(paths), "__") {
			title += " a level"
		}
	}
	rewrites := []finding.Rewrite{{Title: title, Code: code, Safe: len(l.rel.Fields) == 1 && !l.rel.Filtered && !isValues(l.child)}}
	if col := onlyColumn(d, l, paths); col != "" {
		rewrites = append(rewrites, finding.Rewrite{
			Title: "where that one column is all the loop reads",
			Code:  fmt.Sprintf("%s.objects.values_list(%q, flat=True)", model, paths[0].path+"__"+col),
		})
	}
	return rewrites
}

func unquote(list []string) string {
	return strings.ReplaceAll(strings.Join(list, " and "), `"`, "")
}

func (d *docket) accessors(paths []lookup) string {
	var names []string
	for _, p := range paths {
		if p.many {
			names = append(names, p.path)
		}
	}
	return strings.Join(names, " and ")
}

// onlyColumn is the one column of the child that is neither its key nor the
// relation's own: all that the loop can have wanted.
func onlyColumn(d *docket, l *loop, paths []lookup) string {
	if len(paths) != 1 || paths[0].many || l.rel.Kind == link.MTIChild {
		return ""
	}
	c := deepest(l).child
	if len(c.Columns) != c.Outputs {
		return ""
	}
	var rest []string
	for _, col := range c.Columns {
		if col.Name != d.graph.Key(c.Tables[0].Name) && !strings.HasSuffix(col.Name, "_id") && col.Name != "id" {
			rest = append(rest, col.Name)
		}
	}
	if len(rest) != 1 {
		return ""
	}
	return rest[0]
}

// sure is the confidence in a read loop: proven where an id bounds the unit
// and a schema or a join names the relation.
func (d *docket) sure(l *profile.Ledger, s link.Source) finding.Confidence {
	switch {
	case l.Trust() == profile.Certain && s >= link.Join:
		return finding.Proven
	case l.Trust() <= profile.Loose, s == link.Guess:
		return finding.Possible
	case s == 0 && l.Trust() == profile.Fair && l.Mates*2 >= l.Units:
		// Nothing relates the statement to one before it, and others repeat at
		// its rate: on a kept connection these may be requests.
		return finding.Possible
	}
	return finding.Likely
}

// counts is the part of a message that says how often.
func counts(c finding.Cost) string {
	switch {
	case c.Calls == 1:
		return "once"
	case c.Units == 1:
		return fmt.Sprintf("%s queries in one unit of work", number(c.Calls))
	case c.MaxCalls == 1:
		return fmt.Sprintf("once in each of %s units of work", number(c.Units))
	}
	return fmt.Sprintf("%s queries in %s units of work, up to %s in one", number(c.Calls), number(c.Units), number(c.MaxCalls))
}

// number writes 12345 as 12,345.
func number(n int64) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// half is the part of a write loop's time that bulk statements are taken to
// save: the round trips and the parsing, not the rows themselves.
func half(took int64) time.Duration { return time.Duration(took / 2) }

// filterNames are Django's names for the columns that a statement compares.
func filterNames(s *sqlshape.Shape) []string {
	var names []string
	for _, p := range s.Where {
		n := strings.TrimSuffix(p.Column.Name, "_id")
		if !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}

// isValues reports whether a statement comes from values() or values_list(),
// which name every column (AS "title", Django 4.2); rows of models never do.
func isValues(s *sqlshape.Shape) bool {
	return len(s.Columns) > 0 && strings.Contains(s.Text, `."`+s.Columns[0].Name+`" AS "`+s.Columns[0].Name+`"`)
}

// inspectNPlusOne tells of relations followed from the rows of a loop: one
// finding for each first step from a query's rows, with all that is followed
// from there.
//
// Silent on rows of values(), raw() and union(), on loops over a literal or a
// few rows, and on what eager loading or the row itself already holds.
func inspectNPlusOne(in *inspector) []witness {
	var found []witness
	for _, vs := range group(in.mine(), func(v *visit) string { return in.where(v.owner) + firstStep(v) }) {
		found = append(found, in.nPlusOne(vs))
	}
	return found
}

// firstStep is what visits of one finding have in common: the relation, or for
// foreign keys the model, as a log cannot tell created_by from updated_by.
func firstStep(v *visit) string {
	if f := v.fields[0]; f.Relation.Kind == link.ForwardFK {
		return "→" + targetOf(f)
	}
	return v.path[0]
}

func (in *inspector) nPlusOne(vs []*visit) witness {
	q := vs[0].owner
	leaves := leavesOf(vs)
	var names []string
	for _, v := range leaves {
		names = append(names, strings.Join(v.path, "__"))
		in.looped[v.Query] = true
	}
	slices.Sort(names)
	field := strings.Join(names, ",")
	w := in.witness(q.Model+"."+field, q.Span, q.Function, q, vs)
	w.Relation = finding.Relation{Kind: vs[0].fields[0].Relation.Kind, Field: field}
	w.Parent.Table = in.table(q.Model)
	w.Child.Table = in.table(targetOf(leaves[0].fields[len(leaves[0].fields)-1]))
	w.Message = fmt.Sprintf("%s: one query per row for %s", arrowOf(q.Model, leaves[0].fields), strings.Join(names, " and "))
	w.Confidence = in.sure(q, vs)
	w.show(vs, "each read runs a query")
	if vs[0].byFilter {
		w.Confidence = min(w.Confidence, finding.Likely)
		w.Notes = append(w.Notes, "the filter looks for the rows that belong to the loop's row, as its accessor does")
	}
	if slices.ContainsFunc(leaves, asksMore) {
		w.Notes = append(w.Notes, "the query in the loop has conditions or an order of its own: keep them in Prefetch(queryset=…)")
	}
	if q.Iterator && slices.ContainsFunc(leaves, func(v *visit) bool { return many(v.fields) }) {
		w.Notes = append(w.Notes, "iterator() prefetches only with chunk_size (Django 4.1)")
	}
	w.Rewrites = in.eagerly(q, leaves)
	return w
}

// asksMore reports whether a fetch has conditions or an order besides the
// relation's, so that a plain prefetch does not serve it.
func asksMore(v *visit) bool {
	if v.byFilter || v.Op == source.Get {
		return true
	}
	if v.Query == nil {
		return v.Filtered
	}
	return slices.ContainsFunc(v.Query.Calls, func(c source.Call) bool {
		// A manager's own conditions stand in its class; a prefetch keeps them.
		return c.Name != "all" && c.Name != "iterator" && c.Span.Path == v.Query.Span.Path
	})
}

// toMany reports whether a manager stands on the way.
func toMany(v *visit) bool {
	return slices.ContainsFunc(v.fields, func(f *schema.Field) bool { return f.Relation.Many })
}

// picks reports whether a condition of the fetch depends on the loop.
func picks(v *visit) bool {
	return v.Query != nil && slices.ContainsFunc(v.Query.Filters, func(f source.Filter) bool { return f.Varies })
}

// leavesOf are the visits with the longest paths, one for each.
func leavesOf(vs []*visit) []*visit {
	var leaves []*visit
	for _, v := range vs {
		longer := func(o *visit) bool {
			return len(o.path) > len(v.path) && slices.Equal(o.path[:len(v.path)], v.path) && !asksMore(v)
		}
		same := func(o *visit) bool { return slices.Equal(o.path, v.path) }
		if !slices.ContainsFunc(vs, longer) && !slices.ContainsFunc(leaves, same) {
			leaves = append(leaves, v)
		}
	}
	return leaves
}

// othersReach reports whether views and tasks reach a queryset that read none
// of what the visits do: a prefetch there costs them queries.
func othersReach(q *source.Query, vs []*visit) bool {
	return slices.ContainsFunc(q.Entries, func(e string) bool {
		return !slices.ContainsFunc(vs, func(v *visit) bool { return len(v.Entries) == 0 || slices.Contains(v.Entries, e) })
	})
}

// eagerly writes the queryset that fetches what the loop follows.
func (in *inspector) eagerly(q *source.Query, leaves []*visit) []finding.Rewrite {
	var joins, fetches, own []string
	for _, v := range leaves {
		path := strings.Join(v.path, "__")
		switch {
		case asksMore(v):
			child := className(targetOf(v.fields[len(v.fields)-1]))
			own = append(own, fmt.Sprintf("Prefetch(%q, queryset=%s.objects.filter(…))", path, child))
		case many(v.fields), q.Combined:
			fetches = append(fetches, path)
		default:
			joins = append(joins, joinable(v.fields))
		}
	}
	code, title := in.rootText(q), ""
	if len(joins) > 0 {
		code += ".select_related(" + quoteAll(joins) + ")"
		title = "join " + strings.Join(joins, " and ") + " in the first query"
	}
	if len(fetches)+len(own) > 0 {
		all := own
		if len(fetches) > 0 {
			all = append([]string{quoteAll(fetches)}, own...)
		}
		code += ".prefetch_related(" + strings.Join(all, ", ") + ")"
		if title != "" {
			title += ", "
		}
		title += "fetch the related rows for all rows in one more query a level"
	}
	if q.Combined {
		title += ": on the first queryset, before union(), which takes no such call"
	}
	words := finding.Rewrite{Title: title, Code: code}
	list := []finding.Rewrite{words}
	if len(own) == 1 && len(leaves) == 1 && !leaves[0].byFilter && !picks(leaves[0]) && leaves[0].Query != nil {
		rw, ok := rewrite.PrefetchTo(in.Text, in.Models, leaves[0].Fetch, q, strings.Join(leaves[0].path, "__"))
		list[0] = offer(words, rw, ok)
	}
	if len(own) == 0 {
		rw, ok := rewrite.Eager(in.Text, q, joins, fetches)
		if len(fetches) > 0 && othersReach(q, leaves) {
			rw.Safe = false
			rw.Title += "; others that reach it run these queries too"
		}
		list[0] = offer(words, rw, ok)
	}
	if in.atLeast(6, 1) && !slices.ContainsFunc(leaves, toMany) { // managers have no fetch mode
		if rw, ok := rewrite.FetchPeers(in.Text, q); ok {
			list = append(list, rw)
		}
	}
	return list
}
