package template

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func dumpExpr(x Expr) string {
	s := strings.Join(x.Path, ".")
	if x.Path == nil {
		s = fmt.Sprintf("%q", x.Literal)
	}
	for _, f := range x.Filters {
		s += "|" + f.Name
		if f.Arg != nil {
			s += ":" + dumpExpr(*f.Arg)
		}
	}
	return s
}

func dumpSets(list []Set) string {
	var s string
	for _, x := range list {
		s += " " + x.Name + "=" + dumpExpr(x.X)
	}
	return s
}

func dump(nodes []Node) string {
	var parts []string
	for _, n := range nodes {
		switch n := n.(type) {
		case *Variable:
			parts = append(parts, dumpExpr(n.X))
		case *For:
			s := "for " + strings.Join(n.Targets, ",") + " in " + dumpExpr(n.Iter)
			if n.Reversed {
				s += " reversed"
			}
			parts = append(parts, s+" {"+dump(n.Body)+"} {"+dump(n.Otherwise)+"}")
		case *If:
			s := "if"
			for _, a := range n.Arms {
				for _, t := range a.Tests {
					s += " " + dumpExpr(t.X)
					if t.Alone {
						s += "?"
					}
				}
				s += " {" + dump(a.Body) + "}"
			}
			parts = append(parts, s)
		case *With:
			parts = append(parts, "with"+dumpSets(n.Sets)+" {"+dump(n.Body)+"}")
		case *Include:
			s := "include " + dumpExpr(n.Name) + dumpSets(n.Sets)
			if n.Only {
				s += " only"
			}
			parts = append(parts, s)
		case *Extends:
			parts = append(parts, "extends "+dumpExpr(n.Name))
		case *Block:
			parts = append(parts, "block "+n.Name+" {"+dump(n.Body)+"}")
		case *Regroup:
			parts = append(parts, "regroup "+dumpExpr(n.Rows)+" by "+strings.Join(n.By, ".")+" as "+n.As)
		case *Tag:
			s := n.Name
			for _, x := range n.Args {
				s += " " + dumpExpr(x)
			}
			if n.As != "" {
				s += " as " + n.As
			}
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "; ")
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ text, want, err string }{
		{"a {{ book.author.name }} b", "book.author.name", ""},
		{`{{ a|default:"x | y"|date:"Y m" }}`, `a|default:"x | y"|date:"Y m"`, ""},
		{"{{ a|add:b.c }}{{ 'x' }}{{ 3 }}{{ _('t') }}", `a|add:b.c; "x"; "3"; "t"`, ""},
		{"{% for b in books.all %}{{ b }}{% empty %}{{ none }}{% endfor %}", "for b in books.all {b} {none}", ""},
		{"{% for k , v in d.items reversed %}{% endfor %}", "for k,v in d.items reversed {} {}", ""},
		{"{% if a and not b.c %}1{% elif d|length > 2 %}{{ x }}{% else %}{{ y }}{% endif %}", `if a? b.c? {} d|length "2" {x} {y}`, ""},
		{"{% if x in y or z %}{% endif %}", "if x y z? {}", ""},
		{"{% with a=b.c d=e|f %}{{ a }}{% endwith %}", "with a=b.c d=e|f {a}", ""},
		{"{% with b.c as a %}{{ a }}{% endwith %}", "with a=b.c {a}", ""},
		{`{% include "x.html" with a=b only %}{% include t %}`, `include "x.html" a=b only; include t`, ""},
		{`{% extends "b.html" %}{% block m %}{{ block.super }}{% endblock m %}`, `extends "b.html"; block m {block.super}`, ""},
		{"{# {{ no }} #}{% comment %}{{ no }}{% if %}{% endcomment %}{{ yes }}", "yes", ""},
		{"{% verbatim x %}{{ no }}{% endverbatim %}{{ no }}{% endverbatim x %}{{ yes }}", "yes", ""},
		{"{% regroup books by author.name as groups %}", "regroup books by author.name as groups", ""},
		{`{% url "book" pk=book.pk as u %}{% trans "x" %}{% my_tag a b="c" %}`, `url "book" book.pk as u; trans "x"; my_tag a "c"`, ""},
		{"{% autoescape off %}{{ a }}{% endautoescape %}{% spaceless %}{{ b }}{% endspaceless %}", "autoescape off; a; spaceless; b", ""},
		{"{% ifchanged a.b %}{{ a }}{% else %}{{ c }}{% endifchanged %}", "if a.b? {a} {c}", ""},
		{"{% for x in y %}{{ a }}", "for x in y {a} {}", "expected endfor"},
		{"{% endif %}{{ a }}", "a", "nothing to end here"},
		{"{% for x %}{{ a }}{% endfor %}", "for  in \"\" {a} {}", "for … in is not complete"},
		{"{{ a\n }}{% if b\n %}{{ c }}", "c", ""},
		{"{{ }}{% %}{", "", "an empty tag"},
		{"{{ a.b( }}{{ c }}", "c", ""},
	} {
		got := Parse("t.html", []byte(tt.text))
		if s := dump(got.Nodes); s != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.text, s, tt.want)
		}
		msg := ""
		if len(got.Errors) > 0 {
			msg = got.Errors[0].Msg
		}
		if msg != tt.err {
			t.Errorf("%s: error %q, want %q", tt.text, msg, tt.err)
		}
	}
}

func TestPlaces(t *testing.T) {
	text := "é\n{% for a in bücher.all %}{{ a.x|f:b }}{% endfor %}"
	tpl := Parse("t.html", []byte(text))
	loop := tpl.Nodes[0].(*For)
	if got := text[loop.Iter.Start:loop.Iter.End]; got != "bücher.all" {
		t.Errorf("iter %q", got)
	}
	if got := text[loop.Start:loop.End]; got != "{% for a in bücher.all %}" {
		t.Errorf("tag %q", got)
	}
	x := loop.Body[0].(*Variable).X
	if got := text[x.Start:x.End]; got != "a.x|f:b" {
		t.Errorf("variable %q", got)
	}
	if line, column := tpl.Line(loop.Iter.Start); line != 2 || column != 13 {
		t.Errorf("at %d:%d, want 2:13", line, column)
	}
}

func TestLimits(t *testing.T) {
	deep := strings.Repeat("{% if a %}", 5*depthMax) + "{{ b }}" + strings.Repeat("{% endif %}", 5*depthMax)
	if got := Parse("t.html", []byte(deep)); len(got.Errors) == 0 {
		t.Error("no error beyond the depth")
	}
	if got := Parse("t.html", make([]byte, bytesMax+1)); len(got.Errors) != 1 {
		t.Errorf("beyond the size: %v", got.Errors)
	}
}

func FuzzTemplate(f *testing.F) {
	f.Add([]byte("{% for a, b in c|d:'e' %}{{ a.b }}{% empty %}{% include 'x' with y=z only %}{% endfor %}"))
	f.Add([]byte("{% if a %}{% elif b == c %}{% else %}{% endif %}{% with a=b %}{% endwith %}{% block x %}{% endblock %}"))
	f.Add([]byte("{% comment %}{% endcomment %}{% verbatim %}{{{% endverbatim %}{# #}{% regroup a by b as c %}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		got := Parse("t.html", text)
		check(t, got, got.Nodes)
	})
}

func check(t *testing.T, tpl *Template, nodes []Node) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *Variable:
			checkRange(t, tpl, n.X.Range)
		case *For:
			checkRange(t, tpl, n.Iter.Range)
			check(t, tpl, n.Body)
			check(t, tpl, n.Otherwise)
		case *If:
			for _, a := range n.Arms {
				check(t, tpl, a.Body)
			}
		case *With:
			check(t, tpl, n.Body)
		case *Block:
			check(t, tpl, n.Body)
		}
	}
}

func checkRange(t *testing.T, tpl *Template, r Range) {
	if r.Start < 0 || r.Start > r.End || r.End > len(tpl.Text) {
		t.Fatalf("range %v of %d bytes", r, len(tpl.Text))
	}
	tpl.Line(r.Start)
}

func TestComments(t *testing.T) {
	const in = "{# a #}{{ b }}{# c\n#}{% comment %}{# d #}{% endcomment %}{% verbatim %}{# e #}{% endverbatim %} {# f #}{#"
	var got []string
	for _, r := range Comments([]byte(in)) {
		got = append(got, in[r.Start:r.End])
	}
	if want := []string{"{# a #}", "{# f #}"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
