package django

import (
	"slices"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

func TestMentions(t *testing.T) {
	words := map[string]bool{"author": true, "Book": true}
	for text, want := range map[string]bool{
		"":                                  false,
		"authors = 1":                       false,
		"x.author":                          true,
		"filter(author__name='x')":          true,
		"order_by('publisher__author__id')": true,
		"class Bookshop: pass":              false,
		"for b in Book.objects.all():":      true,
		"é.author_id":                       false,
	} {
		if got := mentions([]byte(text), words); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// TestFocus: with a table in focus only the files that name a way to it are
// followed.
func TestFocus(t *testing.T) {
	if !syntax.Available {
		t.Skip("built without cgo")
	}
	p := open(t, `
-- manage.py --
-- library/__init__.py --
-- library/models.py --
from django.db import models

class Author(models.Model):
    name = models.CharField(max_length=9)

class Book(models.Model):
    author = models.ForeignKey(Author, models.CASCADE, related_name="works")
    tags = models.ManyToManyField("Tag")

class Tag(models.Model):
    name = models.CharField(max_length=9)
-- library/names.py --
def names(rows):
    return [r.author.name for r in rows]
-- library/tags.py --
def tags(row):
    return list(row.tags.all())
-- library/other.py --
def other():
    return 1
`)
	for table, want := range map[string][]string{
		"library_author":    {"library/models.py", "library/names.py"},
		"library_book_tags": {"library/models.py", "library/tags.py"},
		"no_such_table":     nil,
	} {
		list, err := p.mentioning(t.Context(), p.focusWords([]string{table}))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range list {
			got = append(got, m.path)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", table, got, want)
		}
	}
}
