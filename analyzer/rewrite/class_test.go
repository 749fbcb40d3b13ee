package rewrite_test

import (
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/rewrite"
)

func TestEagerOfClasses(t *testing.T) {
	tests := []struct {
		name, in       string
		joins, fetches string
		joined         string
		want           string
	}{
		{
			name: "admin", in: "class A(ModelAdmin):\n    \"\"\"d\"\"\"\n\n    list_display = [\n        \"a\",\n    ]  # b\n    ordering = [\"id\"]\n", joins: "author__country",
			want: "class A(ModelAdmin):\n    \"\"\"d\"\"\"\n\n    list_display = [\n        \"a\",\n    ]  # b\n    list_select_related = [\"author__country\"]\n    ordering = [\"id\"]\n",
		},
		{
			name: "admin's own joins", in: "class A(ModelAdmin):\n\tlist_display = ('a', 'author')", joins: "author__country shelf", joined: "author publisher",
			want: "class A(ModelAdmin):\n\tlist_display = ('a', 'author')\n\tlist_select_related = ['publisher', 'author__country', 'shelf']",
		},
		{
			name: "admin has some", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n    list_select_related = (\"b\",)\n", joins: "author",
			want: "class A(ModelAdmin):\n    list_display = [\"a\"]\n    list_select_related = (\"b\", \"author\",)\n",
		},
		{name: "admin takes all", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n    list_select_related = True\n", joins: "author"},
		{name: "admin without columns", in: "class A(ModelAdmin):\n    pass\n", joins: "author"},
		{name: "admin in one line", in: "class A(ModelAdmin): list_display = [\"a\"]\n", joins: "author"},
		{name: "a prefetch has no place there", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n", fetches: "tags"},
		{name: "of a nested class", in: "class A(ModelAdmin):\n    class Media:\n        list_display = [\"a\"]\n", joins: "author"},
		{
			name: "view", in: "class V(ListView):\n    model = Book  # b\n    x = 1\n", joins: "author", fetches: "tags",
			want: "class V(ListView):\n    model = Book  # b\n    queryset = Book.objects.select_related(\"author\").prefetch_related(\"tags\")\n    x = 1\n",
		},
		{
			name: "view, last line", in: "class V(ListView):\r\n    x = 1\r\n    model = models.Book", joins: "author",
			want: "class V(ListView):\r\n    x = 1\r\n    model = models.Book\r\n    queryset = models.Book.objects.select_related(\"author\")",
		},
		{name: "not of a class", in: "model = Book\n", joins: "author"},
		{name: "a call", in: "class V(ListView):\n    model = Book()\n", joins: "author"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			mark := "class «q:A»"
			in := strings.Replace(tt.in, "class A", mark, 1)
			for _, name := range []string{"models.Book", "Book"} {
				if strings.Contains(in, "model = "+name) {
					in = strings.Replace(in, "model = "+name, "model = «q:"+name+"»", 1)
					break
				}
			}
			p := scan(t, "app/admin.py", in)
			q := p.query()
			q.Root, q.Dynamic, q.Joined = q.Span, true, strings.Fields(tt.joined)
			rw, ok := rewrite.Eager(p.Text, q, strings.Fields(tt.joins), strings.Fields(tt.fetches))
			if ok != (tt.want != "") {
				t.Fatalf("ok = %v, %+v", ok, rw)
			}
			if !ok {
				return
			}
			if got := p.apply(t, rw); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			if rw.Code == "" {
				t.Error("no code")
			}
		})
	}
}
