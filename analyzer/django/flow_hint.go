package django

import (
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// hinted returns what an annotation promises: rows, querysets and objects of
// which nothing else is known. nil: nothing that matters.
func (it *interp) hinted(e syntax.Expr, m *module) value { return it.hint(e, m, 0) }

// maxHint is how deep an annotation is read.
const maxHint = 6

func (it *interp) hint(e syntax.Expr, m *module, depth int) value {
	if depth > maxHint {
		return nil
	}
	switch e := e.(type) {
	case *syntax.Name, *syntax.Attribute:
		return it.hintedBy(it.p.resolveExpr(m, e))
	case *syntax.String:
		return it.hintedBy(it.p.resolve(m, strings.TrimSpace(e.Value)))
	case *syntax.Binary:
		if e.Op == "|" {
			return it.eitherHint(it.hint(e.X, m, depth+1), it.hint(e.Y, m, depth+1))
		}
	case *syntax.Subscript:
		return it.genericHint(e, m, depth)
	}
	return nil
}

func (it *interp) eitherHint(a, b value) value {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	return it.join(a, b)
}

func (it *interp) hintedBy(s symbol) value {
	if s.kind != classSymbol {
		return nil
	}
	if model := it.p.modelOf(s.class); model != nil {
		return &row{model: model, state: &rowState{}, hops: len(it.hops)}
	}
	if s.class.inherits("django.db.models.QuerySet", "django.db.models.Manager") {
		return nil
	}
	return &instance{class: s.class, attrs: map[string]value{}}
}

func (it *interp) genericHint(e *syntax.Subscript, m *module, depth int) value {
	if len(e.Index) == 0 {
		return nil
	}
	name := lastName(it.p.resolveExpr(m, e.X).path)
	inner := e.Index[len(e.Index)-1]
	switch name {
	case "Optional", "Annotated", "Final", "ClassVar", "Required", "NotRequired":
		return it.hint(e.Index[0], m, depth+1)
	case "Union":
		var out value
		for _, x := range e.Index {
			out = it.eitherHint(out, it.hint(x, m, depth+1))
		}
		return out
	case "list", "List", "Iterable", "Sequence", "set", "Set", "Collection", "Iterator", "Generator", "frozenset":
		if name == "Generator" {
			inner = e.Index[0]
		}
		if v := it.hint(inner, m, depth+1); v != nil {
			return &sequence{kind: syntax.ListSeq, elem: v}
		}
	case "dict", "Dict", "Mapping", "DefaultDict":
		if v := it.hint(inner, m, depth+1); v != nil {
			return &dict{elem: v}
		}
	case "QuerySet", "Manager", "RelatedManager", "QuerySetAny":
		if r, ok := it.hint(e.Index[0], m, depth+1).(*row); ok {
			return &queryset{model: r.model, fact: &queryFact{}}
		}
	}
	return nil
}
