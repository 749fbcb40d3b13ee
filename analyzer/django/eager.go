package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
)

// tree is what the rows of a queryset have loaded.
func (it *interp) tree(q *queryset) *eager {
	root := &eager{}
	if q.served && q.eager != nil {
		return q.eager
	}
	for i, l := range q.loads {
		root.plant(q, l, eagerMark{q.fact, i})
	}
	root.columns(q)
	return root
}

// plant adds one path to the tree.
func (e *eager) plant(q *queryset, l load, mark eagerMark) {
	if l.path == "" {
		e.everything = true
		e.marks = append(e.marks, mark)
		return
	}
	m := q.model
	at := e
	parts := strings.Split(l.path, "__")
	for i, name := range parts {
		var f *schema.Field
		if m != nil {
			f = accessor(m, name, l.join)
		}
		key := name
		if f != nil {
			key = f.Name
		}
		last := i == len(parts)-1
		if last && l.toAttr != "" {
			key = l.toAttr
		}
		at = at.child(key)
		at.join = at.join || l.join
		if last {
			at.marks = append(at.marks, mark)
			at.toAttr = l.toAttr != ""
			at.rows, at.field = l.rows, f
		}
		if m = nextModel(f, at); m == nil && f == nil && !last && at.rows == nil {
			continue
		}
	}
	if l.rows != nil {
		at.graft(l.rows)
	}
}

func nextModel(f *schema.Field, e *eager) *schema.Model {
	if f != nil && f.Relation != nil {
		return f.Relation.Target
	}
	if e.rows != nil {
		return e.rows.model
	}
	return nil
}

// accessor returns the field that a name of select_related (join) or
// prefetch_related means.
func accessor(m *schema.Model, name string, join bool) *schema.Field {
	if join {
		return m.Lookup(name)
	}
	if f := m.Field(name); f != nil {
		return f
	}
	return m.Lookup(name)
}

func (e *eager) child(name string) *eager {
	if e.next == nil {
		e.next = map[string]*eager{}
	}
	if e.next[name] == nil {
		e.next[name] = &eager{}
	}
	return e.next[name]
}

// graft adds what a Prefetch's own queryset loads.
func (e *eager) graft(q *queryset) {
	for i, l := range q.loads {
		e.plant(q, l, eagerMark{q.fact, i})
	}
	e.columns(q)
}

// columns notes what only() and defer() leave out at each level.
func (e *eager) columns(q *queryset) {
	if len(q.fact.Only) > 0 {
		e.onlyColumns(q)
	}
	for _, path := range q.fact.Defer {
		at := e
		parts := strings.Split(path, "__")
		for _, name := range parts[:len(parts)-1] {
			if at != nil {
				at = at.next[name]
			}
		}
		if at == nil {
			continue // not joined: defer() of it says nothing
		}
		if at.deferred == nil {
			at.deferred = map[string]bool{}
		}
		at.deferred[columnName(q.model, parts)] = true
	}
}

func columnName(m *schema.Model, parts []string) string {
	name := parts[len(parts)-1]
	if len(parts) == 1 && m != nil {
		if f := m.Field(name); f != nil {
			return f.Name
		}
	}
	return strings.TrimSuffix(name, "_id")
}

func (e *eager) onlyColumns(q *queryset) {
	for _, path := range q.fact.Only {
		at := e
		m := q.model
		parts := strings.Split(path, "__")
		for i, name := range parts {
			if at.only == nil {
				at.only = map[string]bool{}
				if m != nil {
					for _, pk := range m.PrimaryKey {
						at.only[pk] = true
					}
				}
			}
			var f *schema.Field
			if m != nil {
				f = m.Lookup(name)
			}
			if f != nil {
				name = f.Name
			}
			at.only[name] = true
			if i == len(parts)-1 {
				break
			}
			if at.next[name] == nil {
				break // not joined: only() of it says nothing
			}
			at = at.next[name]
			m = nil
			if f != nil && f.Relation != nil {
				m = f.Relation.Target
			}
		}
	}
}
