package rewrite

import (
	"fmt"
	"strings"
	"testing"
)

// TestComments shows each comment with the statement it stands at, in one
// line, and the code directly below.
func TestComments(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"behind", "a = 1  # c\nb", "c: a = 1"},
		{"above", "# c\nb = 2\n", "c alone: b = 2 | below b"},
		{"stacked", "# c\n  # d\nb = 2\n", "c alone: b = 2 | below b; d alone: b = 2 | below b"},
		{"an empty line between", "# c\n\nb = 2\n", "c alone: -"},
		{"at the end", "b\n# c", "c alone: -"},
		{"inside", "f(\n  a,  # c\n  # d\n  b,\n)", "c inside: f( a, # c # d b, ); d alone inside: f( a, # c # d b, ) | below b"},
		{"last line", "f(\n  a,\n)  # c\nb", "c: f( a, )"},
		{"continued", "a = \\\n  b  # c\n", "c: a = \\ b"},
		{"head of a block", "for a in b:  # c\n    d\n", "c: for a in b:"},
		{"above a block", "# c\nfor a in b:\n    d\n", "c alone: for a in b: | below f"},
		{"decorators", "# c\n@d\n@e(1)\ndef f(a):\n    g\n", "c alone: @d @e(1) def f(a): | below @"},
		{"on a decorator", "@d  # c\nclass F:\n    g\n", "c inside: @d # c class F:"},
		{"in strings", "a = '# ormlint: x'\nb = \"\"\"\n# c\n\"\"\"\nc = f\"{a}# d\"\n", ""},
		{"after a string", "a = \"\"\"\n# no\n\"\"\"  # c\n", "c: a = \"\"\" # no \"\"\""},
		{"crlf", "a = 1  # c\r\n# d\r\nb\r\n", "c: a = 1; d alone: b | below b"},
		{"mark", "\ufeff# c\na", "c alone: a | below a"},
		{"two on a line", "a  # c # d\n", "c # d: a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, c := range Comments([]byte(tt.in)) {
				s := strings.TrimPrefix(tt.in[c.Start:c.End], "# ")
				if c.Alone {
					s += " alone"
				}
				if c.Inside {
					s += " inside"
				}
				code := "-"
				if c.First >= 0 {
					code = strings.Join(strings.Fields(tt.in[c.First:c.Last]), " ")
				}
				s += ": " + code
				if c.Below >= 0 {
					s += fmt.Sprintf(" | below %c", tt.in[c.Below])
				}
				got = append(got, s)
			}
			if g := strings.Join(got, "; "); g != tt.want {
				t.Errorf("got  %s\nwant %s", g, tt.want)
			}
		})
	}
}

func TestStatement(t *testing.T) {
	const in = "a = f(\n  b,\n  # c\n)\nfor d in e:\n    g\n"
	for at, want := range map[string]string{"b,": "a = f( b, # c )", "d in": "for d in e:", "g": "g"} {
		first, last := Statement([]byte(in), strings.Index(in, at))
		if got := strings.Join(strings.Fields(in[first:last]), " "); got != want {
			t.Errorf("at %q: got %q, want %q", at, got, want)
		}
	}
}
