package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
	"github.com/ormlint/ormlint/analyzer/source"
)

// rowMethods are Django's own methods of a model instance.
var rowMethods = map[string]bool{
	"save": true, "delete": true, "refresh_from_db": true, "full_clean": true, "clean": true, "clean_fields": true,
	"validate_unique": true, "validate_constraints": true, "serializable_value": true, "get_deferred_fields": true,
	"save_base": true, "prepare_database_save": true, "unique_error_message": true, "date_error_message": true,
	"asave": true, "adelete": true, "arefresh_from_db": true, "from_db": true, "check": true,
}

// rowCall is row.name(…).
func (it *interp) rowCall(r *row, name string, attr *syntax.Attribute, c *call) value {
	def, k := methodIn(it.classOfModel(r.model), name)
	if def == nil {
		if rowMethods[name] || strings.HasPrefix(name, "get_") {
			return it.plainRowCall(r, name, c)
		}
		var at syntax.Node = c.at
		if attr != nil {
			at = attr
		}
		v := it.rowAttr(r, name, at)
		if !isBlank(v) {
			if _, ok := v.(*method); !ok {
				return it.call(v, c)
			}
		}
		it.escape(r, c.at, "its method "+name+"() is not in the source")
		return it.unknownCall(name, r.deps, c)
	}
	switch syncName(name) {
	case "save", "delete":
		v := it.plainRowCall(r, name, c)
		it.writing++
		it.call(it.memberValue(member{name: name, class: k, binding: binding{kind: boundFunction, stmt: def}}, r, c.at), c)
		it.writing--
		return v
	}
	return it.call(it.memberValue(member{name: name, class: k, binding: binding{kind: boundFunction, stmt: def}}, r, c.at), c)
}

// plainRowCall is Django's own method of a model instance.
func (it *interp) plainRowCall(r *row, name string, c *call) value {
	o := fetchOf{method: name, at: c.at, row: r, model: r.model}
	switch syncName(name) {
	case "save":
		o.op = source.Update
		if r.fresh && !r.state.saved || c.has("force_insert") {
			o.op = source.Insert
		}
		o.fields = updateFields(c)
		if o.op == source.Insert {
			o.fields = sortedKeys(r.state.set)
		}
		it.fetch(o)
		r.state.saved = true
		return none
	case "delete", "adelete":
		o.op = source.Remove
		it.fetch(o)
		return &sequence{kind: syntax.TupleSeq, elts: []value{nil, nil}}
	case "refresh_from_db":
		o.op = source.Refresh
		it.fetch(o)
		r.state.cached = nil
		return none
	}
	if rest, ok := strings.CutPrefix(name, "get_"); ok {
		if field, ok := strings.CutSuffix(rest, "_display"); ok {
			it.read(r, field, c.at)
			return unknown(r.deps)
		}
	}
	return unknown(r.deps | c.deps())
}

func (c *call) has(name string) bool {
	_, ok := c.arg(-1, name)
	return ok
}

// updateFields reads save(update_fields=[…]).
func updateFields(c *call) []string {
	v, ok := c.arg(-1, "update_fields")
	if !ok {
		return nil
	}
	s, ok := v.(*sequence)
	if !ok {
		return nil
	}
	var names []string
	for _, x := range s.elts {
		if t, ok := textOf(x); ok {
			names = append(names, t)
		}
	}
	return names
}

// pageCall is a method of a paginator or page.
func (it *interp) pageCall(p *page, name string, c *call) value {
	switch name {
	case "page", "get_page", "aget_page", "apage":
		return it.pageOf(p, c)
	case "has_next", "has_previous", "has_other_pages", "next_page_number", "get_elided_page_range":
		return nil
	}
	return it.unknownCall(name, 0, c)
}

// pageOf is one page: a slice of the rows.
func (it *interp) pageOf(p *page, c *call) value {
	var out value
	for i, v := range each(p.rows) {
		if q, ok := v.(*queryset); ok {
			d := it.derive(q, nil)
			d.fact.Sliced, d.plain = true, false
			if d.fact.key != "" {
				d.fact.key += " page"
			}
			it.fetch(it.of(q, fetchOf{op: source.CountRows, method: "count", at: c.at}))
			v = d
		}
		if i == 0 {
			out = v
			continue
		}
		out = it.join(out, v)
	}
	return &page{rows: out}
}

func (it *interp) pageAttr(p *page, name string) value {
	switch name {
	case "object_list":
		return p.rows
	case "paginator":
		return &page{rows: p.rows, whole: true}
	case "page", "get_page", "has_next", "has_previous", "has_other_pages":
		return &method{self: p, name: name}
	}
	return nil
}
