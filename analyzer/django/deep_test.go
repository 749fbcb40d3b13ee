//go:build cgo

package django

import (
	"strings"
	"testing"
)

// TestDeep follows what once ended the program: values that hold themselves,
// and a manager of the source at the end of the calls that are followed.
func TestDeep(t *testing.T) {
	ix := inspectShop(t, "", `
-- shop/urls.py --
from django.urls import path
from shop import views
urlpatterns = [path("a/", views.printed), path("b/", views.deep), path("c/", views.raised)]
-- shop/views.py --
from shop.deep import one

def printed(request):
    tree = []
    for part in request.GET.getlist("part"):
        tree = [tree, part] if part else tree
        tree.append([tree])
    print(tree)
    return str({"tree": tree})

def raised(request):
    tree = []
    tree.append(tree if request.GET else [tree])
    raise ValueError({"tree": tree})

def deep(request):
    return one(request)
-- shop/deep.py --
from django.db import models

class Rows(models.Manager):
    def get_queryset(self):
        return super().get_queryset().order_by("id")

class Part(models.Model):
    whole = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="parts")
    objects = Rows()

def one(request):
    return two(Part.objects.get(pk=1))

def two(part):
    return three(part)

def three(part):
    return four(part)

def four(part):
    return five(part)

def five(part):
    return six(part)

def six(part):
    return [p.pk for p in part.parts.all()]
`)
	if len(ix.Queries) == 0 {
		t.Error("nothing was followed")
	}
}

// TestCutShort: what a limit left unseen may do anything with the rows.
func TestCutShort(t *testing.T) {
	long := strings.Repeat("    x = request.GET.get('a') or request.GET.get('b')\n", maxSteps/8)
	ix := inspectShop(t, "", `
-- shop/urls.py --
from django.urls import path
from shop import views
urlpatterns = [path("a/", views.a)]
-- shop/views.py --
from shop.models import Thing

def a(request):
    things = Thing.objects.select_related("maker")
    print([t.name for t in things])
`+long+`
    return [t.maker.name for t in things]
`)
	if ix.Lost["source_steps"] == 0 {
		t.Fatal("the limit was not met")
	}
	for _, q := range ix.Queries {
		if len(q.Escapes) == 0 {
			t.Errorf("all rows of %s seem to be seen", q.Model)
		}
	}
}
