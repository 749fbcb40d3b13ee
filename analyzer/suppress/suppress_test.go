package suppress

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/rewrite"
)

// show says what a comment means: its rules, reason, and the lines near and wide.
func show(c Comment) string {
	var names []string
	for _, r := range c.Rules {
		names = append(names, r.Text)
	}
	s := fmt.Sprintf("%d:%d [%s] %q", c.Span.Line, c.Span.Column, strings.Join(names, " "), c.Reason)
	if c.Noqa {
		s = strings.Replace(s, "[", "noqa[", 1)
	}
	if c.Bare {
		s += " bare"
	}
	if c.Wrong != "" {
		return s + " wrong: " + strings.TrimSuffix(c.Wrong, ": "+form)
	}
	return s + fmt.Sprintf(" %d-%d %d-%d", c.Near.First, c.Near.Last, c.Wide.First, c.Wide.Last)
}

func TestRead(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"behind", "a = b  # ormlint: ignore[QP101] three rows", `1:8 [QP101] "three rows" 1-1 1-1`},
		{"several", "a  # ormlint: ignore[n-plus-one, QP2 ,qp301]: few", `1:4 [n-plus-one QP2 qp301] "few" 1-1 1-1`},
		{"tight", "a  #ormlint:ignore[QP101]-x", `1:4 [QP101] "x" 1-1 1-1`},
		{"no reason", "a  # ormlint: ignore[QP101]", `1:4 [QP101] "" 1-1 1-1`},
		{"a dash is no reason", "a  # ormlint: ignore[QP101] --", `1:4 [QP101] "" 1-1 1-1`},
		{"above", "# ormlint: ignore[QP101] why\na = b(\n  c)\n", `1:1 [QP101] "why" 2-3 2-3`},
		{"stacked", "# ormlint: ignore[QP101] why\n# more\na\n", `1:1 [QP101] "why" 3-3 3-3`},
		{"not directly above", "# ormlint: ignore[QP101] why\n\na\n", `1:1 [QP101] "why" 0-0 0-0`},
		{"first line", "a = b(  # ormlint: ignore[QP101] why\n  c,\n  d)\n", `1:9 [QP101] "why" 1-3 1-3`},
		{"last line", "a = b(\n  c,\n)  # ormlint: ignore[QP101] why\n", `3:4 [QP101] "why" 1-3 1-3`},
		{"line between", "a = b(\n  c,  # ormlint: ignore[QP101] why\n)\n", `2:7 [QP101] "why" 2-2 1-3`},
		{"alone between", "a = b(\n  # ormlint: ignore[QP101] why\n  c,\n)\n", `2:3 [QP101] "why" 3-3 1-4`},
		{"decorated", "# ormlint: ignore[QP101] why\n@a\ndef b():\n    c\n", `1:1 [QP101] "why" 2-3 2-3`},
		{"in a string", "a = '# ormlint: ignore[QP101] why'\n'''\n# noqa: QP101\n'''\n", ""},
		{"quoted", "a  # see '# ormlint: ignore[QP101] why'\n", ""},
		{"letters", "a = 'é'  # ormlint: ignore[QP101] été", `1:10 [QP101] "été" 1-1 1-1`},
		{"no brackets", "a  # ormlint: ignore QP101", `1:4 [] "" wrong: it names no rule`},
		{"empty brackets", "a  # ormlint: ignore[ ,] why", `1:4 [] "" wrong: it names no rule`},
		{"open bracket", "a  # ormlint: ignore[QP101 why", `1:4 [] "" wrong: its bracket does not end`},
		{"another verb", "a  # ormlint: disable=QP101", `1:4 [] "" wrong: it says nothing that ormlint knows`},
		{"a slip", "a  # ormlint: ignroe[QP101] why", `1:4 [] "" wrong: it says ignroe, not ignore`},
		{"no colon", "a  # ormlint ignore[QP101] why", `1:4 [] "" wrong: a colon is missing behind ormlint`},
		{"prose", "a  # ormlint finds this", ""},

		{"noqa", "a  # noqa: QP101", `1:4 noqa[QP101] "" 1-1 1-1`},
		{"noqa with others", "a  #NOQA:E501,qp101 , F401 why", `1:4 noqa[qp101] "why" 1-1 1-1`},
		{"noqa of others", "a  # noqa: E501", ""},
		{"noqa of nothing", "a  # noqa: why", ""},
		{"bare", "a  # noqa", `1:4 noqa[] "" bare 1-1 1-1`},
		{"bare and prose", "a  # noqa because", `1:4 noqa[] "" bare 1-1 1-1`},
		{"noqa is about its line", "a(\n  b,  # noqa: QP101\n)\n", `2:7 noqa[QP101] "" 2-2 0-0`},
		{"noqa behind a statement", "a(\n  b,\n)  # noqa: QP101\n", `3:4 noqa[QP101] "" 1-3 1-3`},
		{"noqa alone", "# noqa: QP101\na\n", `1:1 noqa[QP101] "" 1-1 0-0`},
		{"no word", "a  # noqaQP101", ""},
		{"of a file", "# flake8: noqa\n# ruff: noqa: QP101\na\n", ""},

		{"behind another", "a  # type: ignore  # ormlint: ignore[QP101] why", `1:20 [QP101] "why" 1-1 1-1`},
		{"before another", "a  # ormlint: ignore[QP101] why  # noqa: QP1", `1:4 [QP101] "why" 1-1 1-1; 1:34 noqa[QP1] "" 1-1 1-1`},
		{"an issue is a reason", "a  # ormlint: ignore[QP101] see #12 # later", `1:4 [QP101] "see #12 # later" 1-1 1-1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range Read("a.py", []byte(tt.in)) {
				got = append(got, show(c))
			}
			if g := strings.Join(got, "; "); g != tt.want {
				t.Errorf("got  %s\nwant %s", g, tt.want)
			}
		})
	}
}

func TestReadTemplate(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"behind", "<b>{{ a.b }}</b> {# ormlint: ignore[QP101] few #}\n", `1:18 [QP101] "few" 1-1 0-0`},
		{"above", "x\n  {# ormlint: ignore[QP101] few #}\n{{ a.b }}\n", `2:3 [QP101] "few" 3-3 0-0`},
		{"stacked", "{# ormlint: ignore[QP101] few #}\n{# ormlint: ignore[QP2] few #}\n{{ a.b }}\n", `1:1 [QP101] "few" 3-3 0-0; 2:1 [QP2] "few" 3-3 0-0`},
		{"before", "{# noqa: QP101 #}{{ a.b }}\n", `1:1 noqa[QP101] "" 1-1 0-0`},
		{"a comment of Python", "# ormlint: ignore[QP101] few\n", ""},
		{"in a comment block", "{% comment %}{# ormlint: ignore[QP101] few #}{% endcomment %}\n", ""},
		{"wrong", "{# ormlint: ignore #}\n{{ a }}", `1:1 [] "" wrong: it names no rule`},
		{"at the end", "a\n{# ormlint: ignore[QP101] few #}", `2:1 [QP101] "few" 0-0 0-0`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range Read("a.html", []byte(tt.in)) {
				got = append(got, show(c))
			}
			if g := strings.Join(got, "; "); g != tt.want {
				t.Errorf("got  %s\nwant %s", g, tt.want)
			}
		})
	}
}

func TestMentions(t *testing.T) {
	for in, want := range map[string]bool{
		"a  # ormlint: ignore[QP101] why": true, "a  # NOQA:E501,qP101": true, "a  # noqa: QP1": true,
		"a  # noqa": false, "a  # noqa: E501\nQP101": false, "a = 'QP101'": false, "": false,
	} {
		if got := Mentions([]byte(in)); got != want {
			t.Errorf("%q: got %v", in, got)
		}
	}
}

// TestWithout takes the names of that index out of the first comment.
func TestWithout(t *testing.T) {
	tests := []struct {
		name, path, in string
		gone           []int
		want           string
	}{
		{"behind code", "a.py", "a = b  # ormlint: ignore[QP101] why  \nc\n", []int{0}, "a = b\nc\n"},
		{"alone", "a.py", "x\n    # ormlint: ignore[QP101] why\n    c\n", []int{0}, "x\n    c\n"},
		{"crlf", "a.py", "x\r\n# ormlint: ignore[QP101] why\r\nc # noqa\r\n", []int{0}, "x\r\nc # noqa\r\n"},
		{"behind code, crlf", "a.py", "x # ormlint: ignore[QP101] why\r\nc\r\n", []int{0}, "x\r\nc\r\n"},
		{"at the end", "a.py", "x\n# ormlint: ignore[QP101] why", []int{0}, "x\n"},
		{"behind another", "a.py", "a  # type: ignore  # ormlint: ignore[QP101] why\n", []int{0}, "a  # type: ignore\n"},
		{"before another", "a.py", "a  # noqa: QP101  # type: ignore\n", []int{0}, "a  # type: ignore\n"},
		{"one of two", "a.py", "a  # ormlint: ignore[QP101,  QP301] why\n", []int{0}, "a  # ormlint: ignore[QP301] why\n"},
		{"noqa of others stays", "a.py", "a  # noqa: E501, QP101 F401 why\n", []int{0}, "a  # noqa: E501,F401 why\n"},
		{"mark", "a.py", "\ufeff# ormlint: ignore[QP101] why\na\n", []int{0}, "\ufeffa\n"},
		{"template", "a.html", "<b>{{ a }} {# ormlint: ignore[QP101] why #}\n", []int{0}, "<b>{{ a }}\n"},
		{"template, between", "a.html", "<b>{# noqa: QP101 #}{{ a }}\n", []int{0}, "<b>{{ a }}\n"},
		{"template, alone", "a.html", "x\n  {# noqa: QP101 #}\ny\n", []int{0}, "x\ny\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			found := Read(tt.path, []byte(tt.in))
			if len(found) == 0 {
				t.Fatal("no comment")
			}
			got, err := rewrite.Apply([]byte(tt.in), []finding.Edit{found[0].Without(tt.gone)})
			if err != nil || string(got) != tt.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

// FuzzRead: no text makes it panic, and every edit stays inside.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"a  # ormlint: ignore[QP101] why\n", "f(\n# noqa: QP1\n)", "{# ormlint: ignore[QP1] a #}", "# ormlint: ignore[", "#noqa:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, path := range []string{"a.py", "a.html"} {
			for _, c := range Read(path, []byte(s)) {
				var all []int
				for i, r := range c.Rules {
					all = append(all, i)
					if s[r.Span.Start:r.Span.End] != r.Text {
						t.Errorf("%q is not at its span", r.Text)
					}
				}
				if len(all) == 0 {
					continue
				}
				if _, err := rewrite.Apply([]byte(s), []finding.Edit{c.Without(all)}); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
