package django

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// metaValue returns an attribute of a Meta class; its expr is nil when there is
// none.
func (p *Project) metaValue(meta *class, name string) operand {
	if meta == nil {
		return operand{}
	}
	x, ok := meta.lookup(name)
	if !ok || x.kind != boundValue || x.value == nil {
		return operand{}
	}
	return operand{x.value, x.class.module, x.class.scope()}
}

// metaText is metaValue of a string.
func (p *Project) metaText(meta *class, name string) (string, bool) {
	v := p.metaValue(meta, name)
	if v.expr == nil {
		return "", false
	}
	return p.text(v)
}

// elements returns the parts of a list or tuple, through names and sums.
func (p *Project) elements(a operand, depth int) ([]operand, bool) {
	if depth > maxHops || a.expr == nil {
		return nil, false
	}
	switch x := a.expr.(type) {
	case *syntax.Sequence:
		var list []operand
		sure := true
		for _, e := range x.Elts {
			if star, ok := e.(*syntax.Starred); ok {
				inner, ok := p.elements(operand{star.X, a.module, a.local}, depth+1)
				list, sure = append(list, inner...), sure && ok
				continue
			}
			list = append(list, operand{e, a.module, a.local})
		}
		return list, sure
	case *syntax.Binary:
		l, okL := p.elements(operand{x.X, a.module, a.local}, depth+1)
		r, okR := p.elements(operand{x.Y, a.module, a.local}, depth+1)
		return append(l, r...), okL && okR
	case *syntax.Name, *syntax.Attribute:
		s := p.resolveIn(a.module, a.local, dottedOf(x), 0)
		if s.kind == valueSymbol {
			return p.elements(operand{s.value, s.module, nil}, depth+1)
		}
	case *syntax.Call:
		if n := dottedOf(x.Func); (n == "list" || n == "tuple") && len(x.Args) == 1 {
			return p.elements(operand{x.Args[0].Value, a.module, a.local}, depth+1)
		}
	}
	return nil, false
}

// texts returns the strings of a list.
func (p *Project) texts(a operand) []string {
	parts, _ := p.elements(a, 0)
	var list []string
	for _, e := range parts {
		if s, ok := p.text(e); ok {
			list = append(list, s)
		}
	}
	return list
}

// metaLists fills what a model's Meta says of order, indexes and uniqueness.
func (p *Project) metaLists(d *draft) {
	m := d.model
	m.Ordering = p.ordering(d)
	m.Unique = append(m.Unique, p.metaParts(d.meta, "unique_together")...)
	m.Indexes = append(m.Indexes, p.metaParts(d.meta, "index_together")...)
	list, _ := p.elements(p.metaValue(d.meta, "constraints"), 0)
	for _, a := range list {
		if call, ok := a.expr.(*syntax.Call); ok && lastName(dottedOf(call.Func)) == "UniqueConstraint" && keyword(call, "condition") == nil {
			if fields := p.texts(operand{keyword(call, "fields"), a.module, a.local}); len(fields) > 0 {
				m.Unique = append(m.Unique, fields)
			}
		}
	}
	list, _ = p.elements(p.metaValue(d.meta, "indexes"), 0)
	for _, a := range list {
		call, ok := a.expr.(*syntax.Call)
		if !ok || keyword(call, "condition") != nil {
			continue
		}
		fields := p.texts(operand{keyword(call, "fields"), a.module, a.local})
		for i, f := range fields {
			fields[i] = strings.TrimPrefix(f, "-")
		}
		if len(fields) > 0 {
			m.Indexes = append(m.Indexes, fields)
		}
	}
	p.fieldIndexes(d)
}

// fieldIndexes adds the indexes that fields ask for themselves.
func (p *Project) fieldIndexes(d *draft) {
	for _, f := range d.fields {
		if d.proxy || f.relational() && f.kind != foreignKey || f.private() {
			continue
		}
		want := f.kind == foreignKey || f.typ == "SlugField"
		if v, ok := f.named["db_index"]; ok {
			want = p.truth(v)
		}
		if x := d.made[f]; want && x != nil && !x.Unique {
			d.model.Indexes = append(d.model.Indexes, []string{f.name})
		}
	}
}

// keyword returns the value of a call's keyword argument, nil when not given.
func keyword(call *syntax.Call, name string) syntax.Expr {
	for _, a := range call.Args {
		if a.Name == name {
			return a.Value
		}
	}
	return nil
}

// metaParts reads unique_together: one tuple of names, or several.
func (p *Project) metaParts(meta *class, name string) [][]string {
	v := p.metaValue(meta, name)
	parts, _ := p.elements(v, 0)
	if len(parts) == 0 {
		return nil
	}
	if _, ok := p.text(parts[0]); ok {
		return [][]string{p.texts(v)}
	}
	var list [][]string
	for _, a := range parts {
		if names := p.texts(a); len(names) > 0 {
			list = append(list, names)
		}
	}
	return list
}

// ordering works out Meta.ordering: of the class, or of the concrete model that
// it extends.
func (p *Project) ordering(d *draft) []string {
	for range maxHops {
		if v := p.metaValue(d.meta, "order_with_respect_to"); v.expr != nil && !isNone(v.expr) {
			return []string{"_order"}
		}
		v := p.metaValue(d.meta, "ordering")
		if v.expr != nil {
			return p.orderNames(v)
		}
		if d.ordering == nil {
			return nil
		}
		d = d.ordering
	}
	return nil
}

func (p *Project) orderNames(v operand) []string {
	parts, _ := p.elements(v, 0)
	var list []string
	for _, a := range parts {
		if s, ok := p.text(a); ok {
			list = append(list, s)
		} else if s := orderExpression(a.expr); s != "" {
			list = append(list, s)
		}
	}
	return list
}

// orderExpression reads F("name").desc() and the like; "" when it sorts by more
// than a column.
func orderExpression(e syntax.Expr) string {
	call, ok := e.(*syntax.Call)
	if !ok {
		return ""
	}
	if attr, ok := call.Func.(*syntax.Attribute); ok {
		name := orderExpression(attr.X)
		switch {
		case name == "" || attr.Attr == "asc":
			return name
		case attr.Attr == "desc":
			return "-" + name
		}
	}
	if lastName(dottedOf(call.Func)) == "F" && len(call.Args) == 1 {
		if s, ok := call.Args[0].Value.(*syntax.String); ok {
			return s.Value
		}
	}
	return ""
}

// keyNames returns the names of the primary key.
func (p *Project) keyNames(d *draft) []string {
	for _, f := range d.fields {
		if f.kind == compositeKey {
			var names []string
			for _, a := range f.args {
				if s, ok := p.text(a); ok {
					names = append(names, d.fieldName(s))
				}
			}
			return names
		}
		if p.truth(f.named["primary_key"]) {
			return []string{f.name}
		}
	}
	switch {
	case d.proxy && len(d.parents) > 0:
		return p.keyNames(d.parents[0].draft)
	case len(d.parents) > 0 && d.parents[0].link != nil:
		return []string{d.parents[0].link.name}
	}
	if slices.ContainsFunc(d.fields, func(f *fieldDef) bool { return f.auto && f.name == "id" }) {
		return []string{"id"}
	}
	return nil
}

// fieldName turns "author_id" into "author" where that is a foreign key.
func (d *draft) fieldName(name string) string {
	for _, f := range d.fields {
		if f.kind == foreignKey || f.kind == oneToOne {
			if f.name+"_id" == name {
				return f.name
			}
		}
	}
	return name
}
