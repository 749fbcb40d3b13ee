package django

import (
	"bytes"

	"github.com/ormlint/ormlint/analyzer/source"
)

// forms whose fields are rendered.
var formBases = []string{"django.forms.Form", "django.forms.ModelForm", "django.forms.BaseForm", "django.forms.BaseModelForm"}

// formMethods are what a template calls to render a form.
var formMethods = map[string]bool{"as_p": true, "as_table": true, "as_ul": true, "as_div": true, "render": true}

func isForm(i *instance) bool { return i.class != nil && i.class.inherits(formBases...) }

// printForm is {{ form }} and {{ form.field }}. It is false for other objects.
func (it *interp) printForm(i *instance, at *spot) bool {
	switch {
	case isForm(i):
		for _, name := range it.formFields(i) {
			it.formField(i, name, at)
		}
		return true
	case i.base == "bound field":
		owner, _ := i.attrs["form"].(*instance)
		name, _ := textOf(i.attrs["name"])
		if owner != nil {
			it.formField(owner, name, at)
		}
		return true
	}
	return false
}

// formPart is {{ form.part }}.
func (it *interp) formPart(i *instance, part string, at *spot) value {
	if formMethods[part] {
		it.printForm(i, at)
		return nil
	}
	if part == "instance" {
		v, _ := i.args.arg(-1, "instance")
		return v
	}
	return &instance{base: "bound field", attrs: map[string]value{"form": i, "name": constant{textConstant, part}}}
}

// formFields lists the fields that a form's classes declare, in their order.
func (it *interp) formFields(i *instance) []string {
	var names []string
	seen := map[string]bool{}
	for _, k := range i.class.mro() {
		for _, name := range k.scope().order {
			if !seen[name] {
				seen[name] = true
				names = append(names, name)
			}
		}
	}
	return names
}

// formField renders one field: each choice of a ModelChoiceField is a row's
// str().
func (it *interp) formField(i *instance, name string, at *spot) {
	x, ok := i.class.lookup(name)
	if !ok || x.kind != boundValue || x.value == nil {
		return
	}
	field, ok := it.memberValue(x, i, at).(*instance)
	if !ok || field.args == nil || !isChoices(field) || it.setsQueryset(i.class) {
		return
	}
	if w, ok := field.args.arg(-1, "widget"); ok && !isSelect(w) {
		return
	}
	v, ok := field.args.arg(0, "queryset")
	if m, isManager := v.(*managerValue); isManager {
		v = it.callMember(m, "all", nil, &call{at: x.value})
	}
	q, isQuery := v.(*queryset)
	if !ok || !isQuery {
		return
	}
	q = it.derive(q, nil)
	span := x.class.module.span(x.value)
	it.hopping(source.Hop{Span: at.span, Function: className(x.class) + "." + name}, x.class, func() {
		row := it.enter("form", span, q, &spot{span})
		if n := len(q.fact.Evals); n > 0 {
			q.fact.Evals[n-1].Kind = source.Choices
		}
		if def, k := methodIn(field.class, "label_from_instance"); def != nil {
			it.call(it.boundTo(def, k, field), &call{at: &spot{span}, args: []value{row}})
		} else {
			it.str(row, &spot{span})
		}
		key := "pk"
		if v, ok := field.args.arg(-1, "to_field_name"); ok {
			if t, ok := textOf(v); ok {
				key = t
			}
		}
		it.attrOf(row, key, &spot{span})
		it.leave()
	})
}

func isChoices(i *instance) bool {
	for _, name := range []string{"django.forms.ModelChoiceField", "django.forms.ModelMultipleChoiceField"} {
		if i.base == external(name) || i.class != nil && i.class.inherits(name) {
			return true
		}
	}
	return false
}

// isSelect reports whether a widget renders all of its choices.
func isSelect(v value) bool {
	name := ""
	switch v := v.(type) {
	case external:
		name = lastName(string(v))
	case *instance:
		name = lastName(string(v.base))
	}
	switch name {
	case "Select", "SelectMultiple", "RadioSelect", "CheckboxSelectMultiple":
		return true
	}
	return false
}

// setsQueryset reports whether a form gives its fields other rows when it is
// made: which ones is not known here.
func (it *interp) setsQueryset(k *class) bool {
	def, owner := k.method("__init__")
	if def == nil {
		return false
	}
	text := owner.module.text[def.Start:def.End]
	return bytes.Contains(text, []byte(".queryset")) || bytes.Contains(text, []byte(".choices")) || bytes.Contains(text, []byte(".widget"))
}

// hopping runs f at the top level of a class's module, one step further on the
// way.
func (it *interp) hopping(hop source.Hop, k *class, f func()) {
	it.standing(hop, func() {
		module, name := it.frame.module, it.frame.name
		it.frame.module, it.frame.name = k.module, className(k)
		f()
		it.frame.module, it.frame.name = module, name
	})
}
