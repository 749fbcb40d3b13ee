package django

import (
	"fmt"
	"strings"

	"github.com/ormlint/ormlint/analyzer/source"
)

// dump renders an Index as text: a line for each query, fetch and note.
func dump(ix *source.Index, text func(path string) []byte) string {
	var b strings.Builder
	cut := func(s source.Span) string {
		t := text(s.Path)
		if s.End > len(t) || s.Start > s.End {
			return "?"
		}
		return strings.Join(strings.Fields(string(t[s.Start:s.End])), " ")
	}
	for _, q := range ix.Queries {
		fmt.Fprintf(&b, "Q%d %s %s:%d %s `%s`", q.ID, q.Model, q.Span.Path, q.Span.Line, q.Function, cut(q.Span))
		if q.From != nil {
			fmt.Fprintf(&b, " from=Q%d.%s", q.From.ID, strings.Join(q.Path, "."))
		}
		for _, f := range q.Filters {
			fmt.Fprintf(&b, " %s__%s", f.Path, f.Lookup)
			if f.Varies {
				b.WriteString("~")
			}
		}
		for _, e := range q.Eager {
			kind := "prefetch"
			if e.Join {
				kind = "join"
			}
			used := "unused"
			if e.Used {
				used = "used"
			}
			fmt.Fprintf(&b, " %s(%s)%s", kind, e.Path, used)
		}
		flags := map[string]bool{"sliced": q.Sliced, "raw": q.Raw, "dynamic": q.Dynamic, "annotated": q.Annotated, "iterator": q.Iterator}
		for _, name := range []string{"sliced", "raw", "dynamic", "annotated", "iterator"} {
			if flags[name] {
				b.WriteString(" " + name)
			}
		}
		var reads []string
		for _, r := range q.Reads {
			s := strings.Join(append(append([]string{}, r.Path...), r.Field), ".")
			if r.Write {
				s += "="
			}
			reads = append(reads, s)
		}
		if len(reads) > 0 {
			fmt.Fprintf(&b, " reads=%s", strings.Join(reads, ","))
		}
		for _, e := range q.Evals {
			fmt.Fprintf(&b, " %s", e.Kind)
		}
		for _, e := range q.Escapes {
			fmt.Fprintf(&b, " escape[%s]", e.Why)
		}
		b.WriteString("\n")
	}
	for _, f := range ix.Fetches {
		b.WriteString(dumpFetch(f, cut) + "\n")
	}
	for _, n := range ix.Notes {
		fmt.Fprintf(&b, "N %s %s:%d %s `%s` %s -> %s\n", n.Kind, n.Span.Path, n.Span.Line, n.Function, cut(n.Span), n.Name, n.Replacement)
	}
	return b.String()
}

func dumpFetch(f *source.Fetch, cut func(source.Span) string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "F %s %s %s:%d %s `%s`", f.Op, f.Model, f.Span.Path, f.Span.Line, f.Function, cut(f.Span))
	if f.Of != nil {
		fmt.Fprintf(&b, " of=Q%d", f.Of.ID)
	}
	if len(f.Path) > 0 {
		fmt.Fprintf(&b, " path=%s", strings.Join(f.Path, "."))
	}
	if f.Query != nil {
		fmt.Fprintf(&b, " query=Q%d", f.Query.ID)
	}
	for _, l := range f.Loops {
		b.WriteString(" in[" + l.Kind)
		if l.Over != nil {
			fmt.Fprintf(&b, " Q%d", l.Over.ID)
		}
		if len(l.Path) > 0 {
			b.WriteString("." + strings.Join(l.Path, "."))
		}
		if l.Literal {
			b.WriteString(" literal")
		}
		b.WriteString("]")
	}
	for _, x := range []struct {
		name string
		on   bool
	}{{"varies", f.Varies}, {"covered", f.Covered}, {"defeats", f.Defeats}, {"onlykey", f.OnlyKey}, {"conditional", f.Conditional}} {
		if x.on {
			b.WriteString(" " + x.name)
		}
	}
	if len(f.Fields) > 0 {
		fmt.Fprintf(&b, " fields=%s", strings.Join(f.Fields, ","))
	}
	if len(f.Args) > 0 {
		fmt.Fprintf(&b, " args=%s", strings.Join(f.Args, ","))
	}
	for _, h := range f.Via {
		fmt.Fprintf(&b, " via=%s", h.Function)
	}
	return b.String()
}
