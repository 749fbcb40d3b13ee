package report

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", `SELECT "é" FROM 日本 WHERE a = ? -- 👍`, `SELECT "é" FROM 日本 WHERE a = ? -- 👍`},
		{"empty", "", ""},
		{"colour", "a\x1b[31mb", `a\x1b[31mb`},
		{"window title", "\x1b]0;owned\a", `\x1b]0;owned\x07`},
		{"line ends", "a\nb\rc\r\nd\te\vf", `a\nb\rc\r\nd\te\x0bf`},
		{"nul and del", "a\x00b\x7f", `a\x00b\x7f`},
		{"c1 csi", "\u009b2J", `\u009b2J`},
		{"c1 as a byte", "\x9b2J", `\x9b2J`},
		{"bidi override", "user\u202etxt.exe", `user\u202etxt.exe`},
		{"bidi isolate", "\u2066a\u2069", `\u2066a\u2069`},
		{"direction marks", "\u200ea\u200f\u061c", `\u200ea\u200f\u061c`},
		{"zero width", "ad\u200bmin\ufeff", `ad\u200bmin\ufeff`},
		{"line separator", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"tag", "a\U000e0041", `a\U000e0041`},
		{"private use", "\ue000", `\ue000`},
		{"blank letter", "a\u3164", `a\u3164`},
		{"invalid utf-8", "a\xff\xfeb\xc3", `a\xff\xfeb\xc3`},
		{"replacement character", "a\ufffd", "a\ufffd"},
		{"overlong slash", "\xc0\xaf", `\xc0\xaf`},
		{"azure command", "a ##vso[task.x]b", `a #\x23vso[task.x]b`},
		{"github's old command", "###[Error]b", `##\x23[Error]b`},
		{"github command", "::error file=a::b", `:\x3aerror file=a::b`},
		{"github command, any case", "a ::Add-Mask::b", `a :\x3aAdd-Mask::b`},
		{"github command behind colons", ":::error::", `::\x3aerror::`},
		{"cast", `"a"::text, b::errors`, `"a"::text, b::errors`},
		{"heading", "## a [b]", "## a [b]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "a\x1b[31m", "\u202e\xff\n", "é日本👍", `\x1b`, "###[", ":::error::error"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Clean(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, hostile) {
			t.Fatalf("Clean(%q) = %q", s, got)
		}
		if again := Clean(got); again != got {
			t.Fatalf("Clean is not idempotent: %q, then %q", got, again)
		}
	})
}

// Whatever stands in a report, text is cleaned, and no line is wider than
// asked for but where a word of code is.
func TestTextIsSafe(t *testing.T) {
	for _, width := range []int{60, 77, 120} {
		for _, r := range samples() {
			for i := range r.Findings {
				r.Findings[i].Rewrites = nil // code may stay whole
			}
			var b bytes.Buffer
			if err := Text(&b, r, Options{Width: width}); err != nil {
				t.Fatal(err)
			}
			for line := range strings.SplitSeq(b.String(), "\n") {
				if strings.ContainsFunc(line, hostile) || !utf8.ValidString(line) {
					t.Errorf("width %d: unsafe line %q", width, line)
				}
				if n := cells(line); n > width {
					t.Errorf("width %d: %d columns: %q", width, n, line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("width %d: trailing space: %q", width, line)
				}
			}
		}
	}
}
