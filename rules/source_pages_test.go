//go:build cgo

package rules_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer"
	"github.com/ormlint/ormlint/analyzer/django"
	"github.com/ormlint/ormlint/analyzer/finding"
	"github.com/ormlint/ormlint/analyzer/link"
	"github.com/ormlint/ormlint/rules"
)

// bookshop is the Django project whose models the pages' examples use.
const bookshop = "../testdata/django"

// bookshopFiles are what an example needs of it.
var bookshopFiles = []string{
	"manage.py", "requirements.txt", "bookshop/__init__.py", "bookshop/settings.py",
	"core/__init__.py", "core/models.py", "library/__init__.py", "library/models.py", "shop/__init__.py", "shop/models.py",
}

// viewImports stand in front of each example.
const viewImports = `import random
from datetime import date
from decimal import Decimal
from django.core.paginator import Paginator
from django.db import models, transaction
from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Subquery, Sum
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from core.models import AuditEntry, SiteSetting
from library.models import Author, Book, Comment, Copy, Country, Library, Loan, Place, Publisher, Review, Shelf, Tag
from shop.models import Category, Customer, Order, OrderItem, PriceChange, Product, Promotion, Stock
`

var viewName = regexp.MustCompile(`(?m)^def (\w+)\(request`)

// shopWith writes the bookshop with one module of views, and a URL for each of
// them, and more files where the test has some.
func shopWith(tb testing.TB, views string, more map[string]string) string {
	tb.Helper()
	files := map[string]string{"library/views.py": viewImports + views}
	for _, name := range bookshopFiles {
		b, err := os.ReadFile(filepath.Join(bookshop, name))
		if err != nil {
			tb.Fatal(err)
		}
		files[name] = string(b)
	}
	urls := "from django.urls import path\nfrom library import views\nurlpatterns = [\n"
	for _, m := range viewName.FindAllStringSubmatch(views, -1) {
		urls += fmt.Sprintf("    path(%q, views.%s),\n", m[1]+"/", m[1])
	}
	files["bookshop/urls.py"] = urls + "]\n"
	for name, text := range more {
		files[name] = text
	}
	dir := tb.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	return dir
}

// inspectFolder reads a Django project and returns what its source shows.
func inspectFolder(tb testing.TB, dir string) []finding.Finding {
	tb.Helper()
	p, err := django.Open(context.Background(), django.Options{Root: dir})
	if err != nil {
		tb.Fatal(err)
	}
	index := p.Inspect(context.Background(), django.Focus{})
	return rules.Inspect(&link.Project{Models: p.Models, Index: index, Text: p.Text}, rules.Options{})
}

// inspectWhole is inspectFolder with what is said of comments, as a run of
// ormlint has it.
func inspectWhole(tb testing.TB, dir string) []finding.Finding {
	tb.Helper()
	r, err := analyzer.Run(context.Background(), analyzer.Config{Source: dir})
	if err != nil {
		tb.Fatal(err)
	}
	return r.Findings
}

// sourceLines says what the source of an example shows, with lines counted
// from its first.
func sourceLines(found []finding.Finding) []string {
	head := strings.Count(viewImports, "\n")
	list := make([]string, 0, len(found))
	for _, f := range found {
		line := f.Location.Line
		if f.Location.Path == "library/views.py" {
			line -= head
		}
		list = append(list, fmt.Sprintf("%s:%d: %s %s: %s", filepath.Base(f.Location.Path), line, f.Code, f.Subject, f.Message))
	}
	return list
}

// TestPagesFromSource reads each page's example as the views of a project: Bad
// fires what the page says, Good is silent.
func TestPagesFromSource(t *testing.T) {
	for _, r := range rules.All() {
		t.Run(r.Name, func(t *testing.T) {
			doc, err := os.ReadFile(pageFile(r)) // as TestPages may have rewritten it
			if err != nil {
				t.Fatal(err)
			}
			p := parsePage(t, string(doc))
			look := inspectFolder
			if r.FromComments() {
				look = inspectWhole
			}
			if good := look(t, shopWith(t, p.sections["Good"].python, nil)); len(good) > 0 {
				t.Errorf("Good is not silent:\n%s", join(sourceLines(good)))
			}
			s := p.sections["Bad"]
			bad := look(t, shopWith(t, s.python, nil))
			got := sourceLines(bad)
			if r.FromSource() && !slices.ContainsFunc(bad, func(f finding.Finding) bool { return f.Code == r.Code }) {
				t.Errorf("Bad does not fire %s:\n%s", r.Code, join(got))
			}
			switch {
			case *update && s.source.at != 0:
				text := string(doc[:s.source.at]) + join(got) + string(doc[s.source.end:])
				if err := os.WriteFile(pageFile(r), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			case !slices.Equal(got, s.source.lines):
				t.Errorf("Bad:\n got\n%s\nwant\n%s", join(got), join(s.source.lines))
			}
		})
	}
}
