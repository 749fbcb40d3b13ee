package django

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// benchLines is how many lines the generated project has; ORMLINT_BENCH_LINES
// changes it.
const benchLines = 50_000

// BenchmarkInspect reads and follows a generated project, ORMLINT_BENCH_SOURCE
// another one.
func BenchmarkInspect(b *testing.B) {
	if !syntax.Available {
		b.Skip("no parser without cgo")
	}
	root := os.Getenv("ORMLINT_BENCH_SOURCE")
	if root == "" {
		root = b.TempDir()
		lines := benchLines
		if n, err := strconv.Atoi(os.Getenv("ORMLINT_BENCH_LINES")); err == nil {
			lines = n
		}
		generate(b, root, lines)
	}
	for b.Loop() {
		p, err := Open(context.Background(), Options{Root: root})
		if err != nil {
			b.Fatal(err)
		}
		ix := p.Inspect(context.Background(), Focus{})
		b.SetBytes(ix.Bytes)
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.HeapAlloc)/(1<<20), "heap-MB")
		b.ReportMetric(float64(len(ix.Fetches)), "fetches")
		b.ReportMetric(float64(ix.Lost["source_steps"]), "cut-roots")
	}
}

// generate writes a project of about that many lines: apps with models, views
// that loop over them, and plain code.
func generate(b *testing.B, root string, lines int) {
	b.Helper()
	put := func(name, text string) {
		full := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	put("manage.py", "")
	for app, made := 0, 0; made < lines; app++ {
		name := fmt.Sprintf("app%d", app)
		models := strings.ReplaceAll(benchModels, "APP", name)
		put(name+"/__init__.py", "")
		put(name+"/models.py", models)
		made += strings.Count(models, "\n")
		for file := range 8 {
			var s strings.Builder
			s.WriteString(strings.ReplaceAll(benchHead, "APP", name))
			for i := range 40 {
				s.WriteString(strings.ReplaceAll(strings.ReplaceAll(benchViews, "APP", name), "NUM", strconv.Itoa(i)))
			}
			put(fmt.Sprintf("%s/views%d.py", name, file), s.String())
			made += strings.Count(s.String(), "\n")
		}
	}
}

const benchModels = `from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)

    def __str__(self):
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=100)
    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="books")

    @property
    def byline(self):
        return f"{self.title} by {self.author}"
`

const benchHead = `import datetime

from django.http import JsonResponse

from APP.models import Author, Book

`

const benchViews = `
def total_NUM(values, start=0):
    total = start
    for value in values:
        if value is None:
            continue
        total += int(value) * 2
    return {"total": total, "average": total / max(len(values), 1)}


def label_NUM(book):
    return f"{book.title}: {book.author.name}"


def listing_NUM(request):
    books = Book.objects.filter(title__startswith=request.GET["q"]).order_by("id")
    if request.GET.get("author"):
        books = books.filter(author_id=request.GET["author"])
    rows = []
    for book in books[:50]:
        rows.append({"label": label_NUM(book), "by": book.byline, "day": datetime.date.today()})
    return JsonResponse({"rows": rows, "sum": total_NUM([1, 2, 3])})


def authors_NUM(request):
    data = []
    for author in Author.objects.prefetch_related("books"):
        data.append([author.name, author.books.count(), [book.title for book in author.books.all()]])
    return JsonResponse({"data": data})


class Report_NUM:
    def __init__(self, request):
        self.request = request
        self.books = Book.objects.select_related("author")

    def rows(self):
        return [self.row(book) for book in self.books]

    def row(self, book):
        return [book.title, book.author.name, self.format(len(book.title))]

    def format(self, number):
        parts = []
        while number > 0:
            parts.insert(0, str(number % 1000))
            number //= 1000
        return ",".join(parts)

`
