package rules

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// A visit is a Fetch with what was worked out about the loops around it.
type visit struct {
	*source.Fetch
	// owner is the query over whose rows a loop runs the fetch, path the
	// accessors from those rows, fields what they are. Nil: none is known.
	owner  *source.Query
	path   []string
	fields []*schema.Field
	// byFilter: no accessor leads there in the code, but a filter compares a
	// foreign key with the loop's row, which is the same query.
	byFilter bool
}

// inner is the innermost loop around the fetch that is worth the name.
func (v *visit) inner() *source.Loop {
	for i := len(v.Loops) - 1; i >= 0; i-- {
		if !few(&v.Loops[i]) {
			return &v.Loops[i]
		}
	}
	return nil
}

// few reports whether a loop has fewer rounds than make a finding: it goes
// over a literal or a slice of a few rows. A while mostly tries again, walks up
// a tree or takes batch after batch: nothing that one query could replace.
func few(l *source.Loop) bool {
	return l.Literal || l.Kind == "while" || l.Over != nil && len(l.Path) == 0 && l.Over.Sliced && l.Over.Limit > 0 && l.Over.Limit < DefaultMinCalls
}

// visit finds the query whose rows a fetch is run for.
func (in *inspector) visit(f *source.Fetch) *visit {
	v := &visit{Fetch: f}
	if f.Of == nil {
		in.followFilter(v)
		return v
	}
	root, path := climb(f.Of, f.Path)
	for i := range f.Loops {
		l := &f.Loops[i]
		if l.Over == nil || few(l) {
			continue
		}
		over, lead := climb(l.Over, l.Path)
		if over != root || len(lead) >= len(path) || !slices.Equal(lead, path[:len(lead)]) {
			continue
		}
		v.owner, v.path = root, path
		if len(lead) > 0 && len(l.Path) == 0 {
			// A single row's related rows: they have a queryset of their own.
			v.owner, v.path = l.Over, path[len(lead):]
		}
		// A template builds no queryset that an edit could change: the view's
		// row is fetched with what belongs to it.
		for v.owner.From != nil && !strings.HasSuffix(v.owner.Span.Path, ".py") && plain(v.owner) {
			v.owner, v.path = v.owner.From, append(slices.Clone(v.owner.Path), v.path...)
		}
		v.fields = in.follow(v.owner.Model, v.path)
		return v
	}
	// A column or relation of the loop's own rows may come without a path.
	if f.Op == source.Deferred && len(f.Path) == 0 {
		for i := range f.Loops {
			if l := &f.Loops[i]; l.Over == f.Of && len(l.Path) == 0 && !few(l) {
				v.owner = f.Of
			}
		}
	}
	return v
}

// climb goes from a related manager's plain queryset to the query that gave
// the row it belongs to: what is prefetched there serves it.
func climb(q *source.Query, path []string) (*source.Query, []string) {
	for range climbMax {
		if q.From == nil || !plain(q) {
			break
		}
		path = append(slices.Clone(q.Path), path...)
		q = q.From
	}
	return q, path
}

// climbMax is how many levels of related managers are followed.
const climbMax = 8

// plain reports whether a related manager's queryset is all() and nothing
// else, so that a prefetch serves it.
func plain(q *source.Query) bool {
	if q.Dynamic || q.Sliced || q.Raw || q.Annotated || q.Combined || q.Distinct || len(q.Filters) > 0 {
		return false
	}
	for _, c := range q.Calls {
		if c.Name != "all" {
			return false
		}
	}
	return true
}

// follow finds the fields along accessors from a model, nil when one of them
// is not known.
func (in *inspector) follow(label string, path []string) []*schema.Field {
	m := in.model(label)
	var fields []*schema.Field
	for _, name := range path {
		if m == nil {
			return nil
		}
		f := m.Field(name)
		if f == nil || f.Relation == nil {
			return nil
		}
		fields = append(fields, f)
		m = f.Relation.Target
	}
	return fields
}

// followFilter finds the relation in Book.objects.filter(author=author) inside
// a loop over authors.
func (in *inspector) followFilter(v *visit) {
	l := v.inner()
	if v.Query == nil || l == nil || l.Over == nil || len(l.Path) > 0 || l.Over.Raw || v.Query.From != nil {
		return
	}
	child, rows := in.model(v.Query.Model), in.model(l.Over.Model)
	if child == nil || rows == nil {
		return
	}
	for _, f := range v.Query.Filters {
		if !f.Varies || f.Exclude || f.Lookup != "exact" {
			continue
		}
		field := child.Field(f.Path)
		if field == nil || field.Relation == nil || field.Relation.Kind != link.ForwardFK || field.Relation.Target != rows || field.Relation.Inverse == nil {
			continue
		}
		v.owner, v.path, v.byFilter = l.Over, []string{field.Relation.Inverse.Name}, true
		v.fields = in.follow(v.owner.Model, v.path)
		return
	}
}

// sort says which rule tells of a fetch, "" when none does.
func (in *inspector) sort(v *visit) string {
	if v.Covered || in.eagerByItself(v) {
		return ""
	}
	if in.isBatch(v) || v.Query != nil && isNone(v.Query) || v.Op == source.Update && in.inserts(v) {
		return ""
	}
	if v.inner() == nil {
		if v.Op == source.Update && v.Method == "save" && len(v.Loops) == 0 {
			return "QP405"
		}
		return ""
	}
	switch v.Op {
	case source.Insert:
		return "QP401"
	case source.Update:
		if v.Method == "save" && in.copies(v) {
			return "QP401"
		}
		return "QP402"
	case source.Remove:
		return "QP403"
	case source.GetOrCreate:
		return "QP404"
	case source.AddRelated:
		return "QP406"
	case source.Savepoint:
		return "QP407"
	}
	return in.sortRead(v)
}

// inserts reports whether the same save() may insert: then it is told as that.
func (in *inspector) inserts(v *visit) bool {
	return in.inserted[v.Span]
}

// copies reports whether rows get another key before they are saved: row.pk =
// None makes save() insert.
func (in *inspector) copies(v *visit) bool {
	m := in.model(v.Model)
	return v.Of != nil && m != nil && slices.ContainsFunc(v.Of.Reads, func(r source.Read) bool {
		return r.Write && slices.Equal(r.Path, v.Path) && (r.Field == "pk" || slices.Contains(m.PrimaryKey, r.Field))
	})
}

// isBatch reports whether each round of the loop serves many values: a page, a
// list of keys, a range of them, or a bulk call.
func (in *inspector) isBatch(v *visit) bool {
	if strings.Contains(v.Method, "bulk") {
		return true
	}
	q := v.Query
	if q == nil || v.Of != nil {
		return false
	}
	if q.Sliced && q.Limit == 0 && v.Op == source.Fetched {
		return true
	}
	batch := false
	low, high := map[string]bool{}, map[string]bool{}
	for _, f := range q.Filters {
		if !f.Varies {
			continue
		}
		switch f.Lookup {
		case "in", "range":
			batch = true
		case "gt", "gte":
			low[f.Path] = true
			batch = batch || high[f.Path] || in.isKeyPath(q.Model, f.Path)
		case "lt", "lte":
			high[f.Path] = true
			batch = batch || low[f.Path] || in.isKeyPath(q.Model, f.Path)
		default:
			return false
		}
	}
	return batch
}

// isKeyPath reports whether a lookup names the primary key: rows behind a key
// are a page.
func (in *inspector) isKeyPath(label, path string) bool {
	m := in.model(label)
	return path == "pk" || m != nil && slices.Contains(m.PrimaryKey, path)
}

func (in *inspector) sortRead(v *visit) string {
	related := v.owner != nil && len(v.fields) > 0 && follows(v.owner)
	if related && v.owner.Combined && v.Op != source.Related && v.Op != source.All {
		related = false // annotate() has no place there
	}
	switch {
	case v.Defeats && related:
		return "QP106"
	case v.Op == source.Deferred:
		if v.owner == nil {
			return ""
		}
		return "QP104"
	case v.Op == source.Related:
		if !related {
			return ""
		}
		if v.OnlyKey {
			return "QP206"
		}
		return "QP101"
	case related && (v.Op == source.CountRows || v.Op == source.ExistsRows || v.Op == source.Aggregate):
		return "QP102"
	case related && (v.Op == source.First || v.Sliced):
		return "QP105"
	case related:
		return "QP101"
	}
	if v.Of != nil && v.owner == nil && !v.Varies {
		return "" // one row's relation, read in a loop over something else
	}
	if v.Query == nil && v.Op != source.Refresh && v.Op != source.Get || in.isCached(v.Model) {
		return ""
	}
	if (v.Op == source.Get || v.Op == source.Refresh) && (v.Varies || v.Op == source.Refresh) {
		return "QP103"
	}
	return "QP107"
}

// follows reports whether the rows of a query can be given related rows: those
// of values() and raw() cannot, those of union() only by a prefetch_related of
// its first queryset.
func follows(q *source.Query) bool { return !q.Raw && q.Model != "" && !isNone(q) }

// isNone reports whether a queryset is empty by none().
func isNone(q *source.Query) bool {
	return slices.ContainsFunc(q.Calls, func(c source.Call) bool { return c.Name == "none" })
}

// isCached reports whether Django keeps the rows of a model in memory.
func (in *inspector) isCached(label string) bool {
	return label == "contenttypes.ContentType" || label == "sites.Site"
}

// eagerByItself reports whether the rows fetch what they lack for all of them
// at once: fetch_mode (Django 6.1), django-auto-prefetch.
func (in *inspector) eagerByItself(v *visit) bool {
	if v.Op != source.Related && v.Op != source.Deferred {
		return false
	}
	if in.Models != nil && in.Models.AutoPrefetch {
		return true
	}
	q := v.owner
	if q == nil {
		q = v.Of
	}
	return q != nil && slices.ContainsFunc(q.Calls, func(c source.Call) bool { return c.Name == "fetch_mode" })
}
