package django

import (
	"github.com/ormlint/ormlint/analyzer/django/template"
	"github.com/ormlint/ormlint/analyzer/source"
)

// print is {{ expr }}.
func (r *rendering) print(x template.Expr) {
	v := r.eval(x)
	for _, one := range each(v) {
		switch one := one.(type) {
		case *blockValue:
			r.override(one.above)
		case *instance:
			if !r.it.printForm(one, r.at(x.Range)) {
				r.it.str(one, r.at(x.Range))
			}
		default:
			r.it.str(one, r.at(x.Range))
		}
	}
}

// eval is a variable with its filters.
func (r *rendering) eval(x template.Expr) value {
	at := r.at(x.Range)
	v := r.variable(x, at)
	for _, f := range x.Filters {
		v = r.filter(f, v, at)
	}
	return v
}

func (r *rendering) variable(x template.Expr, at *spot) value {
	if x.Path == nil {
		return constant{textConstant, x.Literal}
	}
	v := r.lookup(x.Path[0])
	for i, part := range x.Path[1:] {
		if part == "super" {
			if b, ok := v.(*blockValue); ok {
				return b
			}
		}
		if i == 0 && part == "user" && x.Path[0] == "request" {
			v = r.it.requestUser()
			continue
		}
		v = r.step(v, part, at)
	}
	return v
}

func (r *rendering) lookup(name string) value {
	for i := len(r.scopes) - 1; i >= 0; i-- {
		if v, ok := r.scopes[i][name]; ok {
			return v
		}
	}
	if name == "user" {
		return r.it.requestUser()
	}
	return nil
}

// step is one part of a dotted name: a key, an attribute or an index, called
// when it can be.
func (r *rendering) step(v value, part string, at *spot) value {
	if u, ok := v.(union); ok {
		var out value
		for i, x := range u {
			s := r.step(x, part, at)
			if i == 0 {
				out = s
				continue
			}
			out = r.it.join(out, s)
		}
		return out
	}
	digits := part[0] >= '0' && part[0] <= '9'
	switch x := v.(type) {
	case nil, *opaque, constant:
		return unknown(depends(v))
	case *dict:
		k := constant{textConstant, part}
		if _, ok := x.values[k]; ok || part != "items" && part != "keys" && part != "values" {
			return r.it.dictItem(x, []value{k})
		}
		return r.it.dictCall(x, part, &call{at: at})
	case *sequence:
		if digits {
			return r.it.listItem(x, false, []value{constant{numberConstant, part}})
		}
		return unknown(x.deps)
	case *instance:
		if isForm(x) {
			return r.it.formPart(x, part, at)
		}
	case *queryset:
		if digits {
			r.it.ask(x, source.Iterate, at)
			return r.it.cachedItem(x)
		}
	}
	return r.called(r.it.attrOf(v, part, at), at)
}

// called calls what can be called without arguments, as templates do.
func (r *rendering) called(v value, at *spot) value {
	switch x := v.(type) {
	case *bound:
		if x.fn.def != nil && len(x.fn.def.Params) > 1 && x.fn.def.Params[1].Star == "" && x.fn.def.Params[1].Default == nil {
			return nil // the call fails, silently
		}
		return r.it.call(x, &call{at: at})
	case *method:
		if alters[x.name] {
			return nil
		}
		v = r.it.call(x, &call{at: at})
		for _, q := range pick[*queryset](v) {
			if q.fact.Root.Path == r.file.Path {
				unwritten(q)
			}
		}
	}
	return v
}

// alters are methods that templates refuse to call.
var alters = map[string]bool{
	"delete": true, "save": true, "create": true, "bulk_create": true, "get_or_create": true, "update_or_create": true,
	"update": true, "bulk_update": true, "add": true, "remove": true, "clear": true, "set": true,
}

// passing filters give what they are given.
var passing = map[string]bool{
	"safe": true, "escape": true, "force_escape": true, "slice": true, "dictsort": true, "dictsortreversed": true,
	"safeseq": true, "escapeseq": true,
}

// plain filters read the text or number of what they are given.
var plainFilters = map[string]bool{
	"upper": true, "lower": true, "title": true, "capfirst": true, "date": true, "time": true, "timesince": true,
	"timeuntil": true, "truncatechars": true, "truncatewords": true, "truncatewords_html": true, "truncatechars_html": true,
	"floatformat": true, "pluralize": true, "yesno": true, "striptags": true, "linebreaks": true, "linebreaksbr": true,
	"urlize": true, "urlencode": true, "add": true, "cut": true, "slugify": true, "wordcount": true, "stringformat": true,
	"filesizeformat": true, "intcomma": true, "intword": true, "naturaltime": true, "naturalday": true, "escapejs": true,
	"addslashes": true, "center": true, "ljust": true, "rjust": true, "divisibleby": true, "make_list": true,
	"phone2numeric": true, "iriencode": true, "wordwrap": true, "linenumbers": true, "get_digit": true, "unordered_list": true,
	"localize": true, "unlocalize": true, "localtime": true, "utc": true, "timezone": true, "apnumber": true, "ordinal": true,
}

func (r *rendering) filter(f template.Filter, v value, at *spot) value {
	var arg value
	if f.Arg != nil {
		arg = r.variable(*f.Arg, at)
	}
	switch {
	case f.Name == "default" || f.Name == "default_if_none":
		return r.it.join(v, arg)
	case passing[f.Name]:
		return v
	case f.Name == "length" || f.Name == "length_is":
		for _, q := range pick[*queryset](v) {
			r.it.ask(q, source.Len, at)
		}
		return unknown(depends(v))
	case f.Name == "first" || f.Name == "last" || f.Name == "random":
		return r.pickOne(f.Name, v, at)
	case f.Name == "join":
		r.it.enter("template", at.span, v, at)
		r.it.leave()
		return unknown(depends(v))
	case plainFilters[f.Name]:
		for _, x := range pick[*row](v) {
			r.it.str(x, at)
		}
		return unknown(depends(v))
	}
	r.it.escape(v, at, "passed to the filter "+f.Name)
	return unknown(depends(v))
}

// pickOne is |first: of a queryset that was not evaluated it is a query for one
// row.
func (r *rendering) pickOne(name string, v value, at *spot) value {
	for _, x := range each(v) {
		switch x := x.(type) {
		case *queryset:
			if name == "first" && !x.filled {
				return r.it.callMember(x, "first", nil, &call{at: at})
			}
			r.it.ask(x, source.Iterate, at)
			return r.it.cachedItem(x)
		case *sequence:
			return r.it.taken(r.it.elements(x), x.deps)
		}
	}
	return unknown(depends(v))
}
