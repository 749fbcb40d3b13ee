package rewrite

import (
	"cmp"
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
)

// An importLine is one import statement at the left margin of a file.
type importLine struct {
	first, last int    // tokens
	module      string // of "from module import", "" for a plain import
	plain       string // first module of a plain import
	names       []importName
	star        bool
}

// An importName is a name that a from import binds.
type importName struct {
	name, as   string
	start, end int
}

// use makes names of a module, "django.db.models", available at offset. It
// returns what to write for each: the name itself, another name that the file
// has given it, or one through its module; and the edits that import what is
// missing. Nothing is imported under a name that the file uses for something
// else.
func (f *file) use(offset int, module string, names ...string) (local []string, edits []finding.Edit, ok bool) {
	lines := f.importLines(offset)
	var missing []string
	for _, name := range names {
		as := f.known(lines, module, name)
		if as == "" {
			as = name
			if f.taken(name) {
				as = "Django" + name
				if f.taken(as) {
					return nil, nil, false
				}
				name += " as " + as
			}
			missing = append(missing, name)
		}
		local = append(local, as)
	}
	if len(missing) == 0 {
		return local, nil, true
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	for i := range lines {
		if l := &lines[i]; l.module == module && !l.star && len(l.names) > 0 {
			return local, f.extend(l, missing), true
		}
	}
	at, text := f.place(lines, offset, "from "+module+" import "+strings.Join(missing, ", "))
	if at > offset || !f.atLine(at) {
		return nil, nil, false
	}
	return local, []finding.Edit{f.insert(at, text)}, true
}

// atLine reports whether an offset is a line's end, or its beginning but for a
// byte order mark. An indented first statement, which Python refuses, has no
// place for an import.
func (f *file) atLine(at int) bool {
	start := f.lineStart(at)
	return start == at || f.lineEnd(at) == at || start == 0 && string(f.text[:at]) == "\ufeff"
}

// known is what the file calls module's name already, "" when nothing.
func (f *file) known(lines []importLine, module, name string) string {
	parent, leaf := "", module
	if i := strings.LastIndexByte(module, '.'); i >= 0 {
		parent, leaf = module[:i], module[i+1:]
	}
	through := ""
	for _, l := range lines {
		if l.module == module && l.star {
			return name
		}
		for _, n := range l.names {
			switch {
			case l.module == module && n.name == name:
				return n.as
			case l.module == parent && n.name == leaf && !f.bound(lines, n.as, l.first):
				through = n.as + "." + name
			}
		}
	}
	return through
}

// bound reports whether another import than the one at token first gives the
// name another meaning.
func (f *file) bound(lines []importLine, as string, first int) bool {
	return slices.ContainsFunc(lines, func(l importLine) bool {
		return l.first != first && slices.ContainsFunc(l.names, func(n importName) bool { return n.as == as })
	})
}

// taken reports whether the file uses the name for anything: but as an
// attribute or a keyword argument.
func (f *file) taken(name string) bool {
	for i, t := range f.toks {
		if t.kind != nameToken || f.str(i) != name || f.str(i-1) == "." {
			continue
		}
		if t.depth > 0 && f.str(i+1) == "=" {
			continue
		}
		return true
	}
	return false
}

// importLines reads the imports at the left margin that stand before offset
// and before the first function or class.
func (f *file) importLines(offset int) []importLine {
	var lines []importLine
	for i := 0; i < len(f.toks) && f.toks[i].start < offset; {
		end := i
		for end < len(f.toks) && f.toks[end].kind != lineToken {
			end++
		}
		first := f.next(i)
		if first < end && f.lineStart(f.toks[first].start) == f.toks[first].start-f.bom(first) {
			switch f.str(first) {
			case "def", "class", "async", "@":
				return lines
			case "from", "import":
				if l, ok := f.importOf(first, end); ok {
					lines = append(lines, l)
				}
			}
		}
		i = end + 1
	}
	return lines
}

// bom is the length of the byte order mark in front of a token.
func (f *file) bom(i int) int {
	if f.toks[i].start == 3 && strings.HasPrefix(string(f.text[:3]), "\ufeff") {
		return 3
	}
	return 0
}

// importOf reads the import statement of the tokens first to end.
func (f *file) importOf(first, end int) (importLine, bool) {
	l := importLine{first: first, last: end - 1}
	for l.last > first && f.toks[l.last].kind == commentToken {
		l.last--
	}
	if slices.ContainsFunc(f.toks[first:end], func(t token) bool { return f.text[t.start] == ';' && t.kind == opToken }) {
		return l, false
	}
	i := first + 1
	if f.str(first) == "import" {
		for ; i < end && f.str(i) != "as" && f.str(i) != ","; i++ {
			l.plain += f.str(i)
		}
		return l, true
	}
	for ; i < end && f.str(i) != "import"; i++ {
		l.module += f.str(i)
	}
	for i++; i < end; i++ {
		switch t := f.toks[i]; {
		case f.str(i) == "*":
			l.star = true
		case t.kind != nameToken:
		case f.str(i) == "as" && len(l.names) > 0 && i+1 < end:
			i++
			n := &l.names[len(l.names)-1]
			n.as, n.end = f.str(i), f.toks[i].end
		default:
			l.names = append(l.names, importName{f.str(i), f.str(i), t.start, t.end})
		}
	}
	return l, true
}

// extend adds names to a from import: in order where its names are in order,
// else at its end.
func (f *file) extend(l *importLine, names []string) []finding.Edit {
	byName := func(a, b importName) int { return strings.Compare(a.name, b.name) }
	if !slices.IsSortedFunc(l.names, byName) {
		return f.appendItems(l.names[len(l.names)-1].end, names)
	}
	var edits []finding.Edit
	for _, name := range names {
		i, _ := slices.BinarySearchFunc(l.names, name, func(n importName, s string) int { return cmp.Compare(n.name, s) })
		if i == len(l.names) {
			rest := names[slices.Index(names, name):]
			return append(edits, f.appendItems(l.names[i-1].end, rest)...)
		}
		edits = append(edits, f.prependItem(l.names[i].start, name))
	}
	return edits
}

// prependItem puts an item before the one of a bracketed list that starts at
// offset: on a line of its own where that one has one.
func (f *file) prependItem(offset int, item string) finding.Edit {
	sep := ", "
	if f.lineStart(offset)+len(f.indent(offset)) == offset {
		sep = "," + f.newline() + f.indent(offset)
	}
	return f.insert(offset, item+sep)
}

// appendItems puts items behind the last one of a list, which ends at offset:
// on lines of their own where that one has one, with a comma behind the last
// where the list has one.
func (f *file) appendItems(offset int, items []string) []finding.Edit {
	i := f.before(offset)
	if !f.ownLine(i) {
		return []finding.Edit{f.insert(offset, ", "+strings.Join(items, ", "))}
	}
	lead := f.newline() + f.indent(offset)
	text := ""
	for _, item := range items {
		text += lead + item + ","
	}
	comma := f.next(i + 1)
	trailing := f.str(comma) == ","
	at := offset
	if trailing {
		at = f.toks[comma].end
	}
	after := f.before(at) + 1
	var edits []finding.Edit
	if after < len(f.toks) && f.toks[after].kind == commentToken && f.toks[after].start < f.lineEnd(at) { // it stays with its item
		if !trailing {
			edits = append(edits, f.insert(offset, ","))
		}
		at = f.toks[after].end
	} else if !trailing {
		text = "," + text
	}
	if !trailing {
		text = strings.TrimSuffix(text, ",")
	}
	return append(edits, f.insert(at, text))
}

// ownLine reports whether the item of a list whose last token is i begins the
// line after its bracket or the item before it.
func (f *file) ownLine(i int) bool {
	depth := f.toks[i].depth
	if depth == 0 {
		return false
	}
	for j := i; j > 0; j-- {
		t := f.toks[j-1]
		if t.kind == opToken && (t.depth < depth || t.depth == depth && f.str(j-1) == ",") {
			start := f.toks[f.next(j)].start
			return f.lineStart(start)+len(f.indent(start)) == start
		}
	}
	return false
}

// place finds where a new import line goes, and its text: among Django's in
// alphabetical order, else before the first relative import, else behind the
// last import, else behind the docstring.
func (f *file) place(lines []importLine, offset int, stmt string) (at int, text string) {
	nl := f.newline()
	module := strings.Fields(stmt)[1]
	var last, relative *importLine
	for i := range lines {
		l := &lines[i]
		name := cmp.Or(l.module, l.plain)
		switch {
		case name == "django" || strings.HasPrefix(name, "django."):
			if name > module && l.module != "" {
				return f.toks[l.first].start, stmt + nl
			}
			last, relative = l, nil
		case strings.HasPrefix(name, "."):
			if relative == nil && (last == nil || !strings.HasPrefix(cmp.Or(last.module, last.plain), "django")) {
				relative = l
			}
		case last == nil || !strings.HasPrefix(cmp.Or(last.module, last.plain), "django"):
			last = l
		}
	}
	if last != nil {
		return f.below(last.last, stmt)
	}
	if relative != nil {
		return f.toks[relative.first].start, stmt + nl + nl
	}
	i := f.next(0)
	if i < len(f.toks) && f.toks[i].kind == stringToken {
		at, text = f.below(i, stmt)
		return at, nl + text
	}
	if i >= len(f.toks) || f.toks[i].start > offset {
		return offset + 1, ""
	}
	return f.toks[i].start, stmt + nl + nl
}

// below puts a statement on the line below the one that ends with token i.
func (f *file) below(i int, stmt string) (at int, text string) {
	at = f.lineEnd(f.toks[i].end - 1)
	return at, f.newline() + stmt
}

// isImport reports whether the text of an insertion is a line of imports.
func isImport(text string) bool {
	s := strings.TrimSpace(text)
	return strings.HasPrefix(s, "from ") || strings.HasPrefix(s, "import ")
}

// importAt reports whether an edit at offset changes an import.
func (f *file) importAt(offset int) bool {
	start, end, ok := f.statement(offset)
	if !ok {
		return offset == 0
	}
	return isImport(string(f.text[start:end]))
}
