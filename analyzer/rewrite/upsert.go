package rewrite

import (
	"slices"
	"strings"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/schema"
	"github.com/ormlint/ormlint/analyzer/source"
)

// Upsert replaces get_or_create() and update_or_create() in a loop by one
// bulk_create() that leaves alone, or updates, the rows that are there.
func Upsert(code Code, f *source.Fetch) (finding.Rewrite, bool) {
	b, ok := code.batchOf(f)
	if !ok || b.outer == nil || b.m == nil || len(b.m.Parents) > 0 || !b.unused() || len(b.s.Calls) != 1 || !code.atLeast(4, 1) {
		return finding.Rewrite{}, false
	}
	call := b.s.Calls[0]
	update := call.Name == "update_or_create"
	class := b.class(f.Span.Start, b.m)
	rows := b.slice(b.s.Root)
	if owner, attr, _ := strings.Cut(rows, "."); owner != class || strings.Contains(attr, ".") || !update && call.Name != "get_or_create" {
		return finding.Rewrite{}, false
	}
	keys, defaults, ok := b.upsertArgs(call)
	if !ok || !unique(b.m, keys) {
		return finding.Rewrite{}, false
	}
	var parts, fields []string
	for _, p := range append(slices.Clone(keys), defaults...) {
		parts = append(parts, p[0]+"="+p[1])
	}
	element := class + "(" + strings.Join(parts, ", ") + ")"
	b.bypasses("save", "pre_save", "post_save")
	rest := []string{"ignore_conflicts=True"}
	title := "insert all rows in one statement that leaves those alone that are there"
	if update && len(defaults) > 0 {
		title = "insert or update all rows in one statement"
		b.different("each key may come once only")
		for _, d := range defaults {
			fields = append(fields, d[0])
		}
		for _, auto := range b.m.Fields {
			if auto.Auto == "auto_now" && !slices.Contains(fields, auto.Name) {
				fields = append(fields, auto.Name)
			}
		}
		var names []string
		for _, k := range keys {
			names = append(names, k[0])
		}
		rest = []string{
			"update_conflicts=True", "unique_fields=[" + strings.Join(b.quoteAll(names), ", ") + "]",
			"update_fields=[" + strings.Join(b.quoteAll(fields), ", ") + "]",
		}
	}
	if b.lone() && !strings.Contains(element, "\n") {
		b.comprehension(rows+".bulk_create(", element, rest...)
		return b.finish(title)
	}
	base := plural(snake(b.m.Name))
	name := b.fresh(b.s.Whole.Start, base, "new_"+base)
	b.collect(name, element, rows+".bulk_create("+name+", "+strings.Join(rest, ", ")+")")
	return b.finish(title)
}

// upsertArgs are the lookups and the defaults of the call, name and value.
func (b *batch) upsertArgs(call source.Call) (keys, defaults [][2]string, ok bool) {
	for _, a := range call.Arguments {
		switch {
		case a.Star != "" || a.Name == "" || strings.Contains(a.Name, "__") || a.Name == "create_defaults":
			return nil, nil, false
		case a.Name != "defaults":
			keys = append(keys, [2]string{a.Name, b.slice(a.Span)})
		default:
			if defaults, ok = b.pairs(a.Span); !ok {
				return nil, nil, false
			}
		}
	}
	return keys, defaults, len(keys) > 0
}

// pairs reads a dict display whose keys are plain strings.
func (f *file) pairs(s source.Span) ([][2]string, bool) {
	open := f.at(s.Start)
	end := f.close(open)
	if f.str(open) != "{" || end < 0 || f.toks[end].end != s.End {
		return nil, false
	}
	var out [][2]string
	for i := f.next(open + 1); i < end; {
		key, ok := plainString(f.str(i))
		colon := f.next(i + 1)
		if !ok || !identifier(key) || f.str(colon) != ":" {
			return nil, false
		}
		first := f.next(colon + 1)
		last := first
		for last < end && !(f.str(last) == "," && f.toks[last].depth == f.toks[i].depth) {
			last++
		}
		if last <= first {
			return nil, false
		}
		out = append(out, [2]string{key, string(f.text[f.toks[first].start:f.toks[last-1].end])})
		i = f.next(last + 1)
	}
	return out, true
}

// unique reports whether the model allows one row only for the lookups.
func unique(m *schema.Model, keys [][2]string) bool {
	var names []string
	for _, k := range keys {
		f := m.Field(k[0])
		if f == nil || f.Column == "" {
			return false
		}
		names = append(names, f.Name)
	}
	slices.Sort(names)
	if f := m.Field(names[0]); len(names) == 1 && (f.Unique || slices.Equal(m.PrimaryKey, names)) {
		return true
	}
	return slices.ContainsFunc(m.Unique, func(u []string) bool {
		u = slices.Sorted(slices.Values(u))
		return slices.Equal(u, names)
	})
}

// atLeast reports whether the framework's version is known not to be older, or
// not known.
func (code Code) atLeast(major, minor int) bool {
	if code.Models == nil || code.Models.Version == "" {
		return true
	}
	var have [2]int
	for i, part := range strings.SplitN(code.Models.Version, ".", 3) {
		if i < 2 {
			for _, r := range part {
				if r < '0' || r > '9' {
					break
				}
				have[i] = have[i]*10 + int(r-'0')
			}
		}
	}
	return have[0] == 0 || have[0] > major || have[0] == major && have[1] >= minor
}
