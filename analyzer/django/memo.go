package django

import (
	"strconv"
	"strings"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// maxMemoArgs is the most arguments of a call whose result is kept.
const maxMemoArgs = 6

// A memoKey says that two calls see the same: one function, the same things
// given, in the same loop.
type memoKey struct {
	def   *syntax.FunctionDef
	args  [maxMemoArgs]any
	names string
	loop  *loop
	muted bool
}

// A rowKey stands for a row and its place: aliases of it are the same.
type rowKey struct {
	state *rowState
	loops int
}

// memo returns the key of a call, false when the same arguments can mean
// something else the next time.
func (it *interp) memo(f *function, c *call) (memoKey, bool) {
	k := memoKey{def: f.def, muted: it.muted > 0}
	if f.around != nil || c.open || len(c.args)+len(c.keywords) > maxMemoArgs {
		return k, false
	}
	if n := len(it.loops); n > 0 {
		k.loop = it.loops[n-1]
	}
	n := 0
	put := func(v value) bool {
		x, ok := memoArg(v)
		k.args[n] = x
		n++
		return ok
	}
	for _, v := range c.args {
		if !put(v) {
			return k, false
		}
	}
	var names strings.Builder
	names.WriteString(strconv.Itoa(len(c.args)))
	for _, kw := range c.keywords {
		names.WriteString(" " + kw.name)
		if !put(kw.value) {
			return k, false
		}
	}
	k.names = names.String()
	return k, true
}

func memoArg(v value) (any, bool) {
	switch v := v.(type) {
	case nil, constant, external, *class, *module, *queryset:
		return v, true
	case *opaque:
		return v.deps, true
	case *row:
		return rowKey{v.state, len(v.loops)}, true
	}
	return nil, false
}

// procedure reports whether a function gives back nothing that can hold rows:
// its returns are bare, or literals and comparisons.
func (r *relevance) procedure(def *syntax.FunctionDef) bool {
	if p, ok := r.procedures.Load(def); ok {
		return p.(bool)
	}
	plain := true
	syntax.WalkBody(def.Body, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef, *syntax.Lambda, *syntax.ClassDef:
			return false
		case *syntax.Yield:
			plain = false
		case *syntax.Return:
			plain = plain && (n.Value == nil || isPlainExpr(n.Value))
		}
		return plain
	})
	r.procedures.Store(def, plain)
	return plain
}

func isPlainExpr(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Constant, *syntax.Number, *syntax.String, *syntax.Compare:
		return true
	case *syntax.Unary:
		return e.Op == "not" || isPlainExpr(e.X)
	}
	return false
}
