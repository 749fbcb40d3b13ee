package sqllog

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/sqlshape"
)

// sites lists where the statements of a log were run, in order.
func sites(t *testing.T, log string) string {
	t.Helper()
	set, names := sqlshape.NewSet(lexical, 1000), &Names{}
	var list []string
	_, err := Read(t.Context(), fileOf(t, []byte(log)), set, names, Options{Workers: 3, BlockBytes: 256}, func(es []Event) error {
		for _, e := range es {
			s := names.Site(e.Site)
			list = append(list, strings.TrimSpace(fmt.Sprintf("%s %s:%d:%s", names.Text(e.Name), s.Path, s.Line, s.Function)))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

func TestSites(t *testing.T) {
	const head = "2026-11-22 07:06:20.755 UTC [12] LOG:  duration: 1.000 ms  statement: SELECT 1 FROM t "
	const json = `{"duration":0.001,"sql":"SELECT 1 FROM t",`
	for _, c := range []struct{ name, log, want string }{
		{"OpenTelemetry, stable names", head + "/*code.file.path='%2Fapp%2Fviews.py',code.function.name='app.views.books',code.line.number='12',route='books%2F'*/", "/books/ /app/views.py:12:app.views.books"},
		{"OpenTelemetry, old names", head + "/*code.filepath='/app/views.py',code.function='get',code.lineno='7',code.namespace='app.views.Books'*/", "/app/views.py:7:app.views.Books.get"},
		{"source_location", head + "/*controller:books,source_location:app/x.py:12*/", "books app/x.py:12:"},
		{"marginalia's line", head + "/*line:/srv/app/models.rb:33:in `name'*/", "/srv/app/models.rb:33:name"},
		{"file and line", head + "/*file='x.py',line='4'*/", "x.py:4:"},
		{"a drive", head + "/*source_location:C:/app/x.py:12*/", "C:/app/x.py:12:"},
		{"only the view", head + "/*controller='library.views.books',route='books%2F'*/", "/books/ :0:library.views.books"},
		{"none", head + "/*route='books'*/", "/books :0:"},
		{"JSON: a Python stack", json + `"view":"books","stack":"  File \"/app/views.py\", line 12, in books\n    return render(request)\n  File \"/app/models.py\", line 30, in byline\n    return self.author.name\n  File \"/venv/lib/python3.12/site-packages/django/db/models/query.py\", line 99, in get\n    clone\n"}`, "books /app/models.py:30:byline"},
		{"JSON: frames as arrays", json + `"frames":[["/app/views.py",12,"books"],["/usr/lib/python3.12/threading.py",1,"run"]]}`, "/app/views.py:12:books"},
		{"JSON: frames as objects", json + `"frames":[{"filename":"app/views.py","lineno":12,"function":"books"}]}`, "app/views.py:12:books"},
		{"JSON: frames as texts", json + `"stacktrace":["app/views.py:12 in books"]}`, "app/views.py:12:books"},
		{"JSON: lines", json + `"stack":"app/a.py:3 in f\napp/views.py:12 in books\n"}`, "app/views.py:12:books"},
		{"JSON: another system's path", json + `"stack":"File \"C:\\app\\views.py\", line 12, in books"}`, "/app/views.py:12:books"},
		{"JSON: fields of a formatter that knows", json + `"code_filepath":"/app/views.py","code_lineno":3,"code_function":"books"}`, "/app/views.py:3:books"},
		{"JSON: the logger's own call", json + `"pathname":"/venv/lib/python3.12/site-packages/django/db/backends/utils.py","lineno":151,"funcName":"debug_sql"}`, ":0:"},
		{"JSON: an installed package only", json + `"pathname":"/venv/lib/python3.12/site-packages/rest_framework/mixins.py","lineno":1}`, ":0:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			// The same twice, and once more as another entry, so that what a worker remembers counts.
			got := sites(t, c.log+"\n"+c.log+"\n"+strings.Replace(c.log, " 1 FROM", " 2 FROM", 1)+"\n")
			if want := strings.Join([]string{c.want, c.want, c.want}, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Sites beyond the limit are none, and counted.
func TestSitesAreBounded(t *testing.T) {
	var n Names
	for i := range NamesMax + 3 {
		n.internSite(Site{Path: "x.py", Line: i + 1}.text())
	}
	last := n.internSite(Site{Path: "x.py", Line: NamesMax}.text())
	if n.Lost() != 3 || n.Site(last) != (Site{Path: "x.py", Line: NamesMax}) || n.Site(0) != (Site{}) || n.internSite(Site{Path: "y.py"}.text()) != 0 {
		t.Error(n.Lost(), last, n.Site(last))
	}
}

// FuzzStack: whatever stands in a stack, a frame that is found has a path.
func FuzzStack(f *testing.F) {
	f.Add(`File \"/app/views.py\", line 12, in books\n`)
	f.Add(`[["x.py",1,"f"],["\\\\srv\\y.py",99999999999,"g"]]`)
	f.Add(`.py.py:.pyc`)
	f.Fuzz(func(t *testing.T, text string) {
		s := stackSite([]byte(text))
		if s.Path == "" && s != (Site{}) || s.Line < 0 || s.Path != "" && !strings.HasSuffix(s.Path, ".py") {
			t.Errorf("%+v", s)
		}
		if a, b := splitName(markName("n", s)); s.Path != "" && (a != "n" || b == "") {
			t.Errorf("%q %q", a, b)
		}
	})
}
