package syntax

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"
)

func tree(body []Stmt) string {
	var b strings.Builder
	dumpStmts(&b, "", body)
	return strings.TrimSpace(b.String())
}

// TestTrees compares the trees of testdata/trees.txtar: each file of Python is
// followed by its tree.
func TestTrees(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	archive, err := txtar.ParseFile("testdata/trees.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(archive.Files); i += 2 {
		code, want := archive.Files[i], archive.Files[i+1]
		t.Run(code.Name, func(t *testing.T) {
			f := Parse(code.Name, code.Data)
			got := tree(f.Body)
			for _, e := range f.Errors {
				line, column := f.Line(e.Start)
				got += "\n" + fmt.Sprintf("error %d:%d %s", line, column, e.Msg)
			}
			if want := strings.TrimSpace(string(want.Data)); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			checkRanges(t, f)
		})
	}
}

// checkRanges asserts that what a node holds lies inside it, but for
// decorators, and that all of it lies inside the file.
func checkRanges(tb testing.TB, f *File) {
	tb.Helper()
	WalkBody(f.Body, func(n Node) bool {
		at := n.Pos()
		if at.Start < 0 || at.Start > at.End || at.End > len(f.Text) {
			tb.Fatalf("%T at %v of %d bytes", n, at, len(f.Text))
		}
		f.Source(n)
		f.Line(at.End)
		switch n := n.(type) {
		case *Call:
			if n.Lparen < at.Start || n.Rparen > at.End || n.Rparen < n.Lparen {
				tb.Fatalf("parentheses of a call at %v: %d, %d", at, n.Lparen, n.Rparen)
			}
		case *Attribute:
			if n.Dot < at.Start || n.Dot > n.AttrPos.Start || n.AttrPos.End > at.End {
				tb.Fatalf("attribute at %v: dot %d, name %v", at, n.Dot, n.AttrPos)
			}
		}
		return true
	})
}

func TestOffsets(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	text := "x = (\n    Book.objects\n    .filter(a=1,)  # why\n    [0]\n)\n"
	f := Parse("x.py", []byte(text))
	sub := f.Body[0].(*Assign).Value.(*Subscript)
	call := sub.X.(*Call)
	attr := call.Func.(*Attribute)
	for _, tt := range []struct {
		what string
		got  string
		want string
	}{
		{"value", f.Source(sub), text[10:55]},
		{"bracket", text[sub.Lbrack : sub.Lbrack+3], "[0]"},
		{"parentheses", text[call.Lparen : call.Rparen+1], "(a=1,)"},
		{"dot", text[attr.Dot:attr.AttrPos.End], ".filter"},
		{"comment", text[f.Comments[0].Start:f.Comments[0].End], "# why"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.what, tt.got, tt.want)
		}
	}
	if !call.TrailingComma {
		t.Error("the trailing comma is not seen")
	}
	if line, column := f.Line(attr.Dot); line != 3 || column != 5 {
		t.Errorf("dot at %d:%d, want 3:5", line, column)
	}
}

func TestEncodings(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	for _, tt := range []struct{ name, text, want, err string }{
		{"bom", "\ufeffx = 1\n", "{x = 1}", ""},
		{"crlf", "if a:\r\n    b = '''c\r\nd'''\r\ne\r\n", `{if a {b = "c\nd"}; e}`, ""},
		{"cr", "if a:\r    b\rc\r", "{if a {b}; c}", ""},
		{"form feed", "a\n\f\ndef f():\n    b\n\x0c\n    c\n", "{a; def f() {b; c}}", ""},
		{"latin-1", "# -*- coding: latin-1 -*-\nx = 'caf\xe9'\ny\n", `{x = "caf\xe9"; y}`, "not UTF-8"},
		{"nul", "x = 1\x00\ny = 2\n", "{x = 1; y = 2}", "a NUL byte"},
		{"letters", "größe = naïve.été\n", "{größe = naïve.été}", ""},
		{"no line end", "x", "{x}", ""},
		{"empty", "", "", ""},
		{"space", " \n\t\n", "", ""},
		{"comment", "# a", "", ""},
		{"tabs", "if a:\n\tb\n\tif c:\n\t\td\n", "{if a {b; if c {d}}}", ""},
		{"joined lines", "x = a \\\n  .b\n", "{x = a.b}", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := Parse("x.py", []byte(tt.text))
			if got := tree(f.Body); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			got := ""
			if len(f.Errors) > 0 {
				got = f.Errors[0].Msg
			}
			if got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
			checkRanges(t, f)
		})
	}
}

// TestRepair: what follows a broken part, and what surrounds it, is there.
func TestRepair(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	const after = "\n    def good(self):\n        return 1\n\n\ndef last(x):\n    return [a for a in x]\n\n\nclass Z:\n    y = 1\n"
	for _, tt := range []struct{ name, broken string }{
		{"open parenthesis", "        x = f(1,\n"},
		{"open bracket", "        return [1, 2\n"},
		{"open brace", "        d = {'a': 1,\n"},
		{"open header", ""},
		{"open string", "        x = 'abc\n"},
		{"two names", "        x y z\n"},
		{"dangling operator", "        x = 1 +\n"},
		{"merge conflict", "<<<<<<< HEAD\n        a = 1\n=======\n        a = 2\n>>>>>>> b\n"},
		{"python 2", "        print 'a'\n        exec 'b'\n        raise E, 'x'\n"},
		{"bad decorator", "    @\n"},
		{"half a class", "    class\n"},
		{"stray closing", "        x = 1)\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			head := "import a\n\n\ndef first():\n    return 0\n\n\nclass A(B):\n    z = 1\n\n    def bad(self):\n        ok = 1\n"
			if tt.name == "open header" {
				head = strings.Replace(head, "bad(self)", "bad(self", 1)
			}
			f := Parse("x.py", []byte(head+tt.broken+after))
			if len(f.Errors) == 0 {
				t.Error("no error")
			}
			found := map[string]bool{}
			WalkBody(f.Body, func(n Node) bool {
				switch n := n.(type) {
				case *FunctionDef:
					found[n.Name] = true
				case *ClassDef:
					found[n.Name] = true
				}
				return true
			})
			for _, name := range []string{"first", "A", "good", "last", "Z"} {
				if !found[name] {
					t.Errorf("%s is lost: %s", name, tree(f.Body))
				}
			}
			for _, s := range f.Body {
				if c, ok := s.(*ClassDef); ok && c.Name == "A" {
					for _, m := range c.Body {
						if d, ok := m.(*FunctionDef); ok && d.Name == "last" {
							t.Error("last is inside A")
						}
					}
				}
			}
			checkRanges(t, f)
		})
	}
}

// TestNoStall gives the parser what takes the longest or nests the deepest.
func TestNoStall(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	indents := &bytes.Buffer{}
	for i := range 600 {
		indents.WriteString(strings.Repeat(" ", i) + "if a:\n")
	}
	for _, tt := range []struct{ name, text string }{
		{"parentheses", strings.Repeat("(", 20_000)},
		{"brackets closed", strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000)},
		{"braces", strings.Repeat("{", 20_000)},
		{"calls", strings.Repeat("f(", 10_000)},
		{"sum", "x = 1" + strings.Repeat(" + 1", 20_000)},
		{"attributes", "x" + strings.Repeat(".a", 20_000)},
		{"chain", "x" + strings.Repeat(".a()", 10_000)},
		{"not", strings.Repeat("not ", 20_000) + "x"},
		{"minus", strings.Repeat("-", 20_000) + "1"},
		{"lambda", strings.Repeat("lambda: ", 10_000) + "x"},
		{"conditional", strings.Repeat("a if b else ", 10_000) + "x"},
		{"assignment", strings.Repeat("a = ", 20_000) + "x"},
		{"elif", "if a: b\n" + strings.Repeat("elif a: b\n", 10_000)},
		{"indents", indents.String()},
		{"quotes", strings.Repeat("'", 99_999)},
		{"triple quotes", strings.Repeat("'''\n", 10_001)},
		{"f-strings", strings.Repeat("f'{", 10_000)},
		{"garbage", strings.Repeat("$?!\x01 \\ ", 10_000)},
		{"commas", strings.Repeat(",", 20_000)},
		{"colons", strings.Repeat("x:\n", 10_000)},
		{"defs", strings.Repeat("def f(\n", 5_000)},
		{"decorators", strings.Repeat("@\n", 10_000)},
		{"backslashes", strings.Repeat("\\\n", 10_000)},
		{"stars", "f(" + strings.Repeat("*", 20_000)},
		{"print", strings.Repeat("print ", 10_000)},
		{"match", "match x:\n case " + strings.Repeat("[", 10_000)},
		{"random words", strings.Repeat("if for while in is not lambda yield await ", 3_000)},
		{"large", strings.Repeat("x = 1\n", 1_000_000)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			start := time.Now()
			f := Parse("x.py", []byte(tt.text))
			if took := time.Since(start); took > time.Minute {
				t.Errorf("took %v", took)
			} else {
				t.Log(took, len(f.Errors))
			}
			checkRanges(t, f)
		})
	}
}

func TestLimits(t *testing.T) {
	if !Available {
		t.Skip("built without cgo")
	}
	line := "x = 1\n"
	fits := bytes.Repeat([]byte(line), bytesMax/len(line))
	if f := Parse("x.py", append(fits, "y = 1\n"...)); len(f.Body) != 0 || len(f.Errors) != 1 {
		t.Errorf("beyond the limit: %d statements, %v", len(f.Body), f.Errors)
	}
	nested := func(n int) string { return "x = " + strings.Repeat("[", n) + strings.Repeat("]", n) }
	if f := Parse("x.py", []byte(nested(depthMax-10))); len(f.Errors) != 0 {
		t.Errorf("below the depth: %v", f.Errors)
	}
	if f := Parse("x.py", []byte(nested(depthMax+10)+"\ny = 1\n")); len(f.Errors) == 0 || len(f.Body) != 2 {
		t.Errorf("beyond the depth: %v, %d statements", f.Errors, len(f.Body))
	}
}

func TestWithoutCgo(t *testing.T) {
	if Available {
		t.Skip("built with cgo")
	}
	if f := Parse("x.py", []byte("x = 1\n")); len(f.Errors) != 1 || len(f.Body) != 0 {
		t.Errorf("got %v", f.Errors)
	}
}

func FuzzSyntax(f *testing.F) {
	if !Available {
		f.Skip("built without cgo")
	}
	archive, err := txtar.ParseFile("testdata/trees.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range archive.Files {
		if filepath.Ext(file.Name) == ".py" {
			f.Add(file.Data)
		}
	}
	if own, err := os.ReadFile("../../../testdata/django/library/views.py"); err == nil {
		f.Add(own)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := Parse("x.py", text)
		checkRanges(t, file)
		for _, e := range file.Errors {
			if e.Start < 0 || e.End > len(text) || e.Start > e.End {
				t.Fatalf("error at %v of %d bytes", e.Range, len(text))
			}
		}
		if again := Parse("x.py", text); tree(again.Body) != tree(file.Body) {
			t.Fatal("another tree the second time")
		}
	})
}
