package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/schema"
)

// reverse gives models the accessors that relations of others lead back by.
func (p *Project) reverse() {
	for _, d := range p.registry.order {
		p.throughColumns(d)
	}
	own := map[*schema.Model][]*schema.Field{}
	for _, d := range p.registry.order {
		for _, f := range d.fields {
			x := d.made[f]
			if x.Relation == nil || x.Relation.Target == nil {
				continue
			}
			if back := p.reverseField(d, f, x); back != nil {
				to := x.Relation.Target
				if to.Proxy != nil {
					to = to.Proxy
				}
				back.Model = to
				own[to] = append(own[to], back)
			}
		}
	}
	done := map[*schema.Model]bool{}
	for _, d := range p.registry.order {
		p.inheritReverse(d, own, done)
	}
}

// reverseField makes the accessor at the other end of x; nil when there is none.
func (p *Project) reverseField(d *draft, f *fieldDef, x *schema.Field) *schema.Field {
	r := x.Relation
	lower := strings.ToLower(d.class.name)
	name := p.relatedName(d, f, "related_name")
	query := p.relatedName(d, f, "related_query_name")
	if f.kind == genericRelation {
		if query == "" || strings.HasSuffix(query, "+") || f.inherited {
			return nil
		}
		return &schema.Field{Name: query, Type: "GenericRel", Null: true, Relation: &schema.Relation{
			Kind: kindReverseGeneric, Target: d.model, Inverse: x, TypeField: r.TypeField, IDField: r.IDField, Many: true,
		}}
	}
	if f.kind == manyToMany && r.Target == d.model && p.isSymmetrical(f) {
		return nil
	}
	if name == "" {
		name, _ = p.metaText(d.meta, "default_related_name")
		name = p.formatName(d, name)
	}
	if strings.HasSuffix(name, "+") {
		return nil
	}
	if query == "" {
		query = name
	}
	if query == "" {
		query = lower
	}
	back := &schema.Field{Name: name, Null: true, Span: x.Span, Relation: &schema.Relation{Target: d.model, Inverse: x, Many: true, ToField: x.Name}}
	switch f.kind {
	case oneToOne:
		back.Relation.Kind, back.Relation.Many, back.Type = kindReverseOne, false, "OneToOneRel"
		if r.Kind == kindParent {
			back.Relation.Kind = kindChild
		}
	case manyToMany:
		back.Type = "ManyToManyRel"
		back.Relation = &schema.Relation{
			Kind: kindMany, Target: d.model, Inverse: x, Many: true,
			Through: r.Through, ThroughTable: r.ThroughTable, SourceColumn: r.TargetColumn, TargetColumn: r.SourceColumn,
		}
	case foreignObject:
		back.Relation.Kind, back.Type = kindReverse, "ForeignObjectRel"
	default:
		back.Relation.Kind, back.Type = kindReverse, "ManyToOneRel"
	}
	if back.Name == "" {
		back.Name = lower
		if back.Relation.Many {
			back.Name += "_set"
		}
	}
	if query != back.Name {
		back.Query = query
	}
	r.Inverse = back
	return back
}

// isSymmetrical tells an m2m to itself that is its own reverse.
func (p *Project) isSymmetrical(f *fieldDef) bool {
	if v, ok := f.named["symmetrical"]; ok && !isNone(v.expr) {
		return p.truth(v)
	}
	s, ok := p.text(f.target())
	return ok && s == "self"
}

// relatedName reads related_name or related_query_name of a field as it is for
// one concrete class.
func (p *Project) relatedName(d *draft, f *fieldDef, keyword string) string {
	s, _ := p.text(f.named[keyword])
	return p.formatName(d, s)
}

// formatName fills in what Django lets related names of abstract classes hold.
func (p *Project) formatName(d *draft, s string) string {
	if !strings.Contains(s, "%(") {
		return s
	}
	lower := strings.ToLower(d.class.name)
	return strings.NewReplacer("%(class)s", lower, "%(model_name)s", lower, "%(app_label)s", strings.ToLower(d.app)).Replace(s)
}

// inheritReverse fills Reverse: what the parents have comes first, but for the
// accessors to children themselves.
func (p *Project) inheritReverse(d *draft, own map[*schema.Model][]*schema.Field, done map[*schema.Model]bool) {
	m := d.model
	if done[m] {
		return
	}
	done[m] = true
	seen := map[*schema.Field]bool{}
	for _, up := range d.parents {
		if up.draft.model == nil {
			continue
		}
		p.inheritReverse(up.draft, own, done)
		for _, x := range up.draft.model.Reverse {
			if seen[x] || x.Relation.Kind == kindChild && !d.proxy {
				continue
			}
			seen[x] = true
			m.Reverse = append(m.Reverse, x)
		}
	}
	if !d.proxy {
		m.Reverse = append(m.Reverse, own[m]...)
	}
}
