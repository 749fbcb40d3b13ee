package rewrite

import (
	"slices"
	"strings"
)

// An addedCall is one call of an insertion: ".select_related("author")".
type addedCall struct {
	lead string // white space before the dot
	name string
	args []string // as written, string literals
}

// eagerCalls reads an insertion that consists of select_related and
// prefetch_related calls with literals. ok is false for anything else.
func eagerCalls(text string) ([]addedCall, bool) {
	f := &file{text: []byte(text), toks: lex([]byte(text))}
	var calls []addedCall
	at := 0
	for i := 0; i < len(f.toks); {
		if f.toks[i].kind == lineToken {
			i++
			continue
		}
		t, after := f.trailer(i)
		if after < 0 || t.open < 0 || t.name != "select_related" && t.name != "prefetch_related" {
			return nil, false
		}
		c := addedCall{lead: text[at:t.start], name: t.name}
		for _, a := range f.args(&t) {
			if !a.literal {
				return nil, false
			}
			c.args = append(c.args, text[a.start:a.end])
		}
		calls = append(calls, c)
		at, i = t.end, after
	}
	return calls, len(calls) > 0 && at == len(text)
}

// joinCalls joins the calls of two insertions at one place.
func joinCalls(a, b []addedCall) string {
	out := slices.Clone(a)
	for _, c := range b {
		i := slices.IndexFunc(out, func(o addedCall) bool { return o.name == c.name })
		if i < 0 {
			out = append(out, c)
			continue
		}
		out[i].args = joinArgs(out[i].args, c.args)
	}
	var s strings.Builder
	for _, c := range out {
		s.WriteString(c.lead + "." + c.name + "(" + strings.Join(c.args, ", ") + ")")
	}
	return s.String()
}

// joinArgs joins two lists of literals, one for each path, without those that
// longer ones hold.
func joinArgs(a, b []string) []string {
	all := slices.Concat(a, b)
	paths := make([]string, len(all))
	for i, s := range all {
		paths[i] = s[1 : len(s)-1]
	}
	var out []string
	for _, p := range longest(paths) {
		out = append(out, all[slices.Index(paths, p)])
	}
	return out
}

// An itemList is an insertion into a list between brackets or of an import:
// names or paths with the commas that join them to what is there.
type itemList struct {
	lead, tail string // white space and commas
	items      []string
	literals   bool
}

func itemsOf(text string) (itemList, bool) {
	const edge = ", \t\r\n"
	body := strings.Trim(text, edge)
	l := itemList{lead: text[:len(text)-len(strings.TrimLeft(text, edge))], tail: text[len(strings.TrimRight(text, edge)):]}
	if body == "" || !strings.Contains(l.lead+l.tail, ",") {
		return l, false
	}
	for i, item := range strings.Split(body, ",") {
		item = strings.TrimSpace(item)
		_, literal := plainString(item)
		if i > 0 && literal != l.literals || !literal && strings.ContainsFunc(item, func(r rune) bool { return r != ' ' && !isName([]byte(string(r))) && (r < '0' || r > '9') }) {
			return l, false
		}
		l.literals = literal
		l.items = append(l.items, item)
	}
	return l, true
}

// joinItems joins two insertions into one list.
func joinItems(a, b string) (string, bool) {
	la, ok := itemsOf(a)
	lb, ok2 := itemsOf(b)
	if !ok || !ok2 || la.lead != lb.lead || la.tail != lb.tail || la.literals != lb.literals {
		return "", false
	}
	items := joinNames(la.items, lb.items)
	if la.literals {
		items = joinArgs(la.items, lb.items)
	}
	sep := la.lead
	switch {
	case la.lead == "":
		sep = la.tail
	case !strings.Contains(sep, ","):
		sep = "," + sep
	}
	return la.lead + strings.Join(items, sep) + la.tail, true
}

func joinNames(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}

// joinImports joins two insertions of one import line each: names of one
// module into one line.
func joinImports(a, b string) string {
	head, names, ok := strings.Cut(a, " import ")
	head2, names2, ok2 := strings.Cut(b, " import ")
	if !ok || !ok2 || head != head2 || strings.ContainsAny(names+names2, "()\\") {
		return a + b
	}
	n := strings.TrimRight(names, "\r\n")
	n2 := strings.TrimRight(names2, "\r\n")
	return head + " import " + strings.Join(joinNames(strings.Split(n, ", "), strings.Split(n2, ", ")), ", ") + names[len(n):]
}

// joinInserts joins two pieces of text that are put at one place: names of
// imports and paths of eager loading into one list, calls of select_related and
// prefetch_related into one call each. The order of such calls does not matter,
// so the results are the same whichever comes first.
func joinInserts(a, b string) (string, bool) {
	if a == b {
		return a, true
	}
	if isImport(a) && isImport(b) {
		return joinImports(a, b), true
	}
	if s, ok := joinItems(a, b); ok {
		return s, true
	}
	ca, ok := eagerCalls(a)
	cb, ok2 := eagerCalls(b)
	if !ok || !ok2 {
		return "", false
	}
	return joinCalls(ca, cb), true
}
