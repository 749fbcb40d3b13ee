package rewrite

import (
	"strings"
	"testing"
)

func TestLex(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"names and operators", "a.b(c,*d)//=e!=f->g:=...", "a¦.¦b¦(¦c¦,¦*¦d¦)¦//=¦e¦!=¦f¦->¦g¦:=¦..."},
		{"numbers", "1_0.5e-3 0xff 1j 2if", "1_0.5e-3¦0xff¦1j¦2if"},
		{"strings", `'a' "b\"c" r'\'' + rb"x" ''`, `'a'¦"b\"c"¦r'\''¦+¦rb"x"¦''`},
		{"triple", `"""a "b" \""" c"""x`, `"""a "b" \""" c"""¦x`},
		{"f-string", `f"{a["b"]!r:>{w}} {{c}}"x`, `f"{a["b"]!r:>{w}} {{c}}"¦x`},
		{"f-string of a dict", `f'{ {1: "}"}[1] }'x`, `f'{ {1: "}"}[1] }'¦x`},
		{"open string", "'abc\nd", "'abc¦¶¦d"},
		{"open f-string", "f'{a\nd", "f'{a¦¶¦d"},
		{"no prefix", `fur"a"`, `fur¦"a"`},
		{"comment", "a # b\n# c\nd", "a¦# b¦¶¦# c¦d"},
		{"lines", "\n\na\n\n  b\n", "a¦¶¦b¦¶"},
		{"continued", "a \\\n b \\\r\n c", "a¦b¦c"},
		{"brackets", "(a\n,\n)\nb", "(¦a¦,¦)¦¶¦b"},
		{"crlf", "a\r\nb\rc", "a¦¶¦b¦¶¦c"},
		{"mark", "\ufeffa", "a"},
		{"letters", "naïve = 日本", "naïve¦=¦日本"},
		{"too many closing", ")) a\nb", ")¦)¦a¦¶¦b"},
		{"end", "a\\", "a"},
		{"end of string", `"a\`, `"a\`},
		{"continued string", "'a\\\r\nb'c", "'a\\\r\nb'¦c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, k := range lex([]byte(tt.in)) {
				s := tt.in[k.start:k.end]
				if k.kind == lineToken {
					s = "¶"
				}
				got = append(got, s)
			}
			if g := strings.Join(got, "¦"); g != tt.want {
				t.Errorf("got  %s\nwant %s", g, tt.want)
			}
		})
	}
}

func BenchmarkLex(b *testing.B) {
	text := []byte(strings.Repeat("def f(request):\n    books = Book.objects.filter(title='x', year__gte=1990)  # why\n    return render(request, f\"{books}\")\n", 500))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		lex(text)
	}
}
