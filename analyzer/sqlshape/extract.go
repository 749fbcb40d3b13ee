package sqlshape

import (
	"sort"
	"strings"
)

// An extractor reads facts off the tokens of one masked text. It knows
// PostgreSQL's grammar as far as ORMs write it, and enough of MySQL's,
// SQLite's and Oracle's; what it does not know it passes over.
type extractor struct {
	text          string
	toks          []token
	f             *Facts
	reads, writes map[string]bool
	ctes          map[string]bool
	depth         int // of nested queries
	steps         int // groups looked into; bounded, see groupsMax
}

// groupsMax bounds the work on one text: queries nest, and each level is
// looked through again by the one above it.
const (
	groupsMax = 20_000
	queryMax  = 100
)

// Extract reads the facts off a masked text without parsing it. It takes any
// text: what is cut or unknown gives the facts up to there.
func Extract(masked string) Facts {
	f := Facts{Limit: Absent, Offset: Absent}
	if len(masked) > textMax+len(ellipsis)+1 { // not from Mask
		masked = cut(masked)
	}
	x := &extractor{
		text: masked, toks: tokens(masked), f: &f,
		reads: map[string]bool{}, writes: map[string]bool{}, ctes: map[string]bool{},
	}
	hi := len(x.toks)
	for k, t := range x.toks {
		if t.sym(";") {
			f.Multi = f.Multi || k+1 < len(x.toks)
			hi = min(hi, k)
		}
	}
	x.statement(0, hi)
	f.Reads, f.Writes = sorted(x.reads), sorted(x.writes)
	return f
}

func sorted(set map[string]bool) []string {
	if len(set) == 0 {
		return nil
	}
	names := make([]string, 0, len(set))
	for n := range set {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// at returns the token at i, a tkEnd outside the text.
func (x *extractor) at(i int) token {
	if i < 0 || i >= len(x.toks) {
		return token{match: -1}
	}
	return x.toks[i]
}

// simple are the statements that are known by their first word alone.
var simple = map[string]Kind{
	"begin": Begin, "start": Begin, "commit": Commit, "end": Commit, "abort": Rollback,
	"savepoint": Savepoint, "release": Savepoint,
	"set": Setting, "reset": Setting, "show": Setting, "pragma": Setting, "use": Setting,
}

// utility are the first words of the statements that are Utility.
var utility = words(`alter analyze call checkpoint cluster comment create deallocate describe discard do drop execute
	explain grant import listen load lock notify optimize prepare reassign refresh reindex revoke security truncate
	unlisten vacuum attach detach`)

// statement reads the statement in toks[lo:hi].
func (x *extractor) statement(lo, hi int) {
	first := x.at(lo)
	if lo >= hi {
		return
	}
	switch {
	case first.is("select"), first.is("values"), first.sym("("):
		x.query(lo, hi)
	case first.is("table"):
		x.f.Kind = Select
		x.from(lo+1, hi, newScope(true))
	case first.is("with"):
		x.f.Recursive = true
		x.statement(x.with(lo+1, hi), hi)
	case first.is("insert"), first.is("replace"):
		x.insert(lo, hi)
	case first.is("update"):
		x.update(lo, hi)
	case first.is("delete"):
		x.delete(lo, hi)
	case first.is("merge"):
		x.merge(lo, hi)
	case first.is("declare"), first.is("fetch"), first.is("move"), first.is("close"):
		x.cursor(first.s, lo, hi)
	case first.is("rollback"):
		x.f.Kind = Rollback
		for i := lo; i < hi; i++ {
			if x.toks[i].is("to") {
				x.f.Kind = Savepoint
			}
		}
	case first.is("copy"):
		x.copy(lo, hi)
	case first.is("prepare") && x.at(lo+1).is("transaction"):
		x.f.Kind = Utility
	case first.is("truncate"):
		x.f.Kind = Utility
		x.truncate(lo, hi)
	case first.kind == tkWord && simple[first.s] != 0:
		x.f.Kind = simple[first.s]
	case first.in(utility):
		x.f.Kind = Utility
	}
}

// query reads a SELECT, VALUES or a set operation as the statement.
func (x *extractor) query(lo, hi int) {
	x.f.Kind = Select
	x.queryTop(lo, hi)
	if x.settings(lo) {
		x.f.Kind = Setting
	}
}

// settings reports SELECT set_config(…), which sets the time zone and more.
func (x *extractor) settings(lo int) bool {
	i := lo + 1
	if x.at(i).is("pg_catalog") && x.at(i+1).sym(".") {
		i += 2
	}
	return x.at(lo).is("select") && x.at(i).is("set_config") && x.at(i+1).sym("(")
}

// with reads common table expressions and returns where the statement proper
// starts.
func (x *extractor) with(lo, hi int) int {
	i := lo
	if x.at(i).is("recursive") {
		i++
	}
	// The names first: a recursive query reads its own.
	for k := i; k < hi; k++ {
		if x.toks[k].isName() && (x.at(k+1).is("as") || x.at(k+1).sym("(") && x.at(x.at(k+1).match+1).is("as")) {
			x.ctes[x.toks[k].s] = true
		}
		if x.toks[k].sym("(") {
			k = x.toks[k].match
		}
	}
	for i < hi {
		t := x.at(i)
		switch {
		case t.sym("("):
			if x.at(i-1).is("as") || x.at(i-1).is("materialized") {
				x.nested(i+1, t.match)
			}
			i = t.match + 1
		case t.is("select"), t.is("insert"), t.is("update"), t.is("delete"), t.is("merge"), t.is("values"):
			return i
		default:
			i++
		}
	}
	return hi
}

// table reads a possibly qualified name at toks[i] and returns the index
// after it; ok is false when there is no name.
func (x *extractor) table(i, hi int) (t Table, next int, ok bool) {
	for i < hi && x.at(i).is("only") {
		i++
	}
	if i >= hi || !x.at(i).isName() {
		return t, i, false
	}
	t.Name = x.at(i).s
	i++
	for i+1 < hi && x.at(i).sym(".") && (x.at(i+1).kind == tkName || x.at(i+1).kind == tkWord) {
		t.Schema, t.Name = t.Name, x.at(i+1).s
		i += 2
	}
	if i < hi && x.at(i).sym("*") { // FROM t *
		i++
	}
	return t, i, true
}

// target reads the table that is written, with its alias.
func (x *extractor) target(i, hi int, sc *scope) int {
	t, i, ok := x.table(i, hi)
	if !ok {
		return i
	}
	t.Alias, i = x.alias(i, hi)
	x.writes[t.Name] = true
	sc.add(t)
	if x.depth == 0 {
		x.f.Tables = append(x.f.Tables, t)
	}
	return i
}

func (x *extractor) copy(lo, hi int) {
	x.f.Kind = Copy
	t, i, ok := x.table(lo+1, hi)
	if !ok {
		x.nestedIn(lo, hi)
		return
	}
	x.f.Tables = append(x.f.Tables, t)
	for ; i < hi; i++ {
		switch w := x.at(i); {
		case w.sym("("):
			i = w.match
		case w.is("from"):
			x.writes[t.Name] = true
			return
		case w.is("to"):
			x.reads[t.Name] = true
			return
		}
	}
}

func (x *extractor) truncate(lo, hi int) {
	i := lo + 1
	if x.at(i).is("table") {
		i++
	}
	for i < hi {
		t, next, ok := x.table(i, hi)
		if !ok {
			return
		}
		x.writes[t.Name] = true
		x.f.Tables = append(x.f.Tables, t)
		if !x.at(next).sym(",") {
			return
		}
		i = next + 1
	}
}

// cursor reads DECLARE, FETCH, MOVE and CLOSE.
func (x *extractor) cursor(verb string, lo, hi int) {
	switch verb {
	case "declare":
		x.f.Cursor = x.name(lo + 1)
		for i := lo + 1; i < hi; i++ {
			if x.at(i).is("for") {
				x.statement(i+1, hi)
				break
			}
		}
		x.f.Kind = Declare
		return
	case "close":
		x.f.Kind = Close
	default:
		x.f.Kind = Fetch
	}
	// The name comes last; unquoted ones are a word and, masked, "?" marks.
	for i := hi - 1; i > lo; i-- {
		if x.at(i).is("from") || x.at(i).is("in") || i == lo+1 {
			if x.at(i).is("from") || x.at(i).is("in") {
				i++
			}
			x.f.Cursor = x.name(i)
			return
		}
	}
}

// name returns the masked name at toks[i]: unquoted it may be several tokens.
func (x *extractor) name(i int) string {
	t := x.at(i)
	if t.kind != tkWord || t.is("all") {
		return t.s
	}
	hi := t.hi
	for k := i + 1; x.at(k).kind != tkEnd && x.at(k).lo == hi; k++ {
		hi = x.at(k).hi
	}
	return strings.ToLower(x.text[t.lo:hi])
}
