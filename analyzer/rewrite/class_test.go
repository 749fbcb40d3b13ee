package rewrite_test

import (
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/rewrite"
	"github.com/ormlint/ormlint/analyzer/source"
)

func TestEagerOfClasses(t *testing.T) {
	tests := []struct {
		name, in       string
		joins, fetches string
		joined         string
		made           source.Made
		manager        string
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
		{
			name: "a prefetch has no place there", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n\nx = 1\n", fetches: "tags",
			want: "class A(ModelAdmin):\n    list_display = [\"a\"]\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).prefetch_related(\"tags\")\n\nx = 1\n",
		},
		{
			name: "a prefetch and a join", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n", fetches: "tags", joins: "author__country", joined: "author shelf",
			want: "class A(ModelAdmin):\n    list_display = [\"a\"]\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related(\"shelf\", \"author__country\").prefetch_related(\"tags\")\n",
		},
		{name: "a prefetch and a join beside others", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n    list_select_related = [\"b\"]\n", fetches: "tags", joins: "author"},
		{name: "with a get_queryset", in: "class A(ModelAdmin):\n    list_display = [\"a\"]\n\n    def get_queryset(self, request):\n        return x\n", fetches: "tags"},
		{name: "of a nested class", in: "class A(ModelAdmin):\n    class Media:\n        list_display = [\"a\"]\n", joins: "author"},
		{
			name: "view", in: "class V(ListView):\n    model = Book  # b\n    x = 1\n", joins: "author", fetches: "tags",
			want: "class V(ListView):\n    model = Book  # b\n    queryset = Book.objects.select_related(\"author\").prefetch_related(\"tags\")\n    x = 1\n",
		},
		{
			name: "view, last line", in: "class V(ListView):\r\n    x = 1\r\n    model = models.Book", joins: "author",
			want: "class V(ListView):\r\n    x = 1\r\n    model = models.Book\r\n    queryset = models.Book.objects.select_related(\"author\")",
		},
		{
			name: "view, another manager", in: "class V(ListView):\n    model = Book\n", joins: "author", manager: "published",
			want: "class V(ListView):\n    model = Book\n    queryset = Book.published.select_related(\"author\")\n",
		},
		{
			name: "inline", made: source.ByInline, in: "class I(TabularInline):\n    model = Book\n    extra = 0\n\n    def x(self):\n        return 1\n    # c\n\n\nclass B: pass\n", joins: "author", fetches: "tags",
			want: "class I(TabularInline):\n    model = Book\n    extra = 0\n\n    def x(self):\n        return 1\n\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related(\"author\").prefetch_related(\"tags\")\n    # c\n\n\nclass B: pass\n",
		},
		{
			name: "inline, tabs, last line", made: source.ByInline, in: "class O:\r\n\tclass I(TabularInline):\r\n\t\tmodel = Book", joins: "author",
			want: "class O:\r\n\tclass I(TabularInline):\r\n\t\tmodel = Book\r\n\r\n\t\tdef get_queryset(self, request):\r\n\t\t\treturn super().get_queryset(request).select_related(\"author\")",
		},
		{name: "inline in one line", made: source.ByInline, in: "class I(TabularInline): model = Book\n", joins: "author"},
		{
			name: "given to a function", made: source.OfClass, in: "b = get_object_or_404(\n    self.model, pk=1)\n", joins: "author",
			want: "b = get_object_or_404(\n    self.model.objects.select_related(\"author\"), pk=1)\n",
		},
		{
			name: "given to a function, a name", made: source.OfClass, manager: "published", in: "b = get_object_or_404(Book, pk=1)\n", joins: "author",
			want: "b = get_object_or_404(Book.published.select_related(\"author\"), pk=1)\n",
		},
		{
			name: "given to a function by a call", made: source.OfClass, in: "b = get_object_or_404(get_user_model(), pk=1)\n", joins: "author",
			want: "b = get_object_or_404(get_user_model().objects.select_related(\"author\"), pk=1)\n",
		},
		{name: "registered without a class", made: source.Unnamed, in: "admin.site.register(Book)\n", joins: "author"},
		{name: "not of a class", in: "model = Book\n", joins: "author"},
		{name: "a call", in: "class V(ListView):\n    model = Book()\n", joins: "author"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			made := tt.made
			if made == "" {
				made = source.ByView
			}
			in := tt.in
			for old, mark := range map[string]string{"(Book": "(«q:Book»", "self.model": "«q:self.model»", "get_user_model()": "«q:get_user_model()»", "admin.site.register(Book)": "«q:admin.site.register(Book)»"} {
				if made == source.OfClass && old != "admin.site.register(Book)" || made == source.Unnamed && old == "admin.site.register(Book)" {
					in = strings.Replace(in, old, mark, 1)
				}
			}
			if strings.Contains(in, "class A") {
				made, in = source.ByList, strings.Replace(in, "class A", "class «q:A»", 1)
			}
			for _, name := range []string{"models.Book", "Book"} {
				if strings.Contains(in, "model = "+name) {
					in = strings.Replace(in, "model = "+name, "model = «q:"+name+"»", 1)
					break
				}
			}
			p := scan(t, "app/admin.py", in)
			q := p.query()
			q.Root, q.Dynamic, q.Joined = q.Span, true, strings.Fields(tt.joined)
			q.Made, q.Manager = made, tt.manager
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
