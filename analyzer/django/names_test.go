package django

import (
	"slices"
	"strings"
	"testing"

	"github.com/ormlint/ormlint/analyzer/django/syntax"
)

// needsParser skips a test where the build cannot parse Python.
func needsParser(t *testing.T) {
	t.Helper()
	if !syntax.Available {
		t.Skip("built without cgo: Python is not parsed")
	}
}

func kindName(k symbolKind) string {
	return [...]string{"unknown", "external", "module", "class", "function", "value"}[k]
}

func TestResolve(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- manage.py --
-- shop/__init__.py --
from .core import Thing as Exported
-- shop/core.py --
from typing import TYPE_CHECKING
import os.path, shop.deep.far
from django.db import models as m
from django.db.models.fields.related import ForeignKey as FK
from . import deep
from .deep.far import *
from .deep.loop import Circle
from ..above import lost
from round import two
try:
    from fastlib import Speed
except ImportError:
    Speed = None
if TYPE_CHECKING:
    from .deep.far import OnlyTyped
class Thing:
    size = 1
    class Inner: pass
    def run(self): pass
Alias = Thing
Other = Alias.Inner
number = 3
number = 4
def make(): pass
for i in range(3): pass
with open("x") as f:
    late = 1
class Thing2(Thing): pass
-- shop/deep/__init__.py --
-- shop/deep/far.py --
__all__ = ["Shown"]
class Shown: pass
class Hidden: pass
class OnlyTyped: pass
-- round/__init__.py --
from .one import *
-- round/one.py --
from . import two
-- round/two.py --
class Two: pass
-- shop/deep/loop.py --
from .loop2 import Circle
-- shop/deep/loop2.py --
from .loop import Circle
`)
	m := p.module("shop.core")
	for name, want := range map[string]string{
		"Thing":               "class shop.core.Thing",
		"Alias":               "class shop.core.Thing",
		"Alias.Inner":         "class shop.core.Thing.Inner",
		"Other":               "class shop.core.Thing.Inner",
		"Thing.run":           "function shop.core.Thing.run",
		"Thing2.run":          "function shop.core.Thing.run",
		"Thing.size":          "value shop.core.Thing.size",
		"make":                "function shop.core.make",
		"number":              "value shop.core.number",
		"late":                "value shop.core.late",
		"i":                   "unknown ",
		"m.ForeignKey":        "external django.db.models.ForeignKey",
		"FK":                  "external django.db.models.ForeignKey",
		"os.path.join":        "external os.path.join",
		"shop.deep.far.Shown": "class shop.deep.far.Shown",
		"shop.Exported":       "class shop.core.Thing",
		"deep.far.Hidden":     "class shop.deep.far.Hidden",
		"Shown":               "class shop.deep.far.Shown",
		"Hidden":              "external builtins.Hidden",
		"OnlyTyped":           "class shop.deep.far.OnlyTyped",
		"Speed":               "external fastlib.Speed",
		"Circle":              "unknown ",
		"len":                 "external builtins.len",
		"two.Two":             "class round.two.Two",
	} {
		s := p.resolve(m, name)
		got := kindName(s.kind) + " " + s.path
		if name == "Speed" && s.kind == valueSymbol { // None in the except clause says less than the import
			t.Errorf("Speed: the fallback won")
			continue
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestLineage(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- app/__init__.py --
-- app/models.py --
from django.db import models
from django.views.generic.list import ListView
class Q1(models.QuerySet):
    def a(self): pass
class M1(models.Manager):
    def b(self): pass
M2 = M1.from_queryset(Q1)
class M3(M1.from_queryset(Q1)): pass
class A: 
    x = 1
class B(A): pass
class C(A):
    x = 2
class D(B, C): pass
class V(D, ListView): pass
class Round(Trip): pass
class Trip(Round): pass
class Odd(*things, metaclass=type): pass
-- app/views.py --
from django.views.generic import ListView
class ListView(ListView): pass
`)
	m := p.module("app.models")
	get := func(name string) *class {
		t.Helper()
		s := p.resolve(m, name)
		if s.class == nil {
			t.Fatalf("%s is no class", name)
		}
		return s.class
	}
	names := func(list []*class) string {
		var s []string
		for _, c := range list {
			s = append(s, c.name)
		}
		return strings.Join(s, " ")
	}
	for name, want := range map[string]string{
		"D": "D B C A", "V": "V D B C A", "M3": "M3 from_queryset M1 Q1", "M2": "M2 M1 Q1",
	} {
		got := names(get(name).mro())
		got = strings.Replace(got, "M3  M1", "M3 from_queryset M1", 1)
		if got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	own := p.resolve(p.module("app.views"), "ListView")
	if !get("V").inherits("django.views.generic.ListView") || !own.class.inherits("django.views.generic.ListView") {
		t.Error("V and ListView do not inherit from Django's ListView")
	}
	if x, ok := get("D").lookup("x"); !ok || x.class.name != "C" {
		t.Errorf("D.x is %v", x.class)
	}
	for _, name := range []string{"M2", "M3"} {
		if def, _ := get(name).method("a"); def == nil {
			t.Errorf("%s has no method a of its queryset", name)
		}
	}
	if !get("Odd").lineage().unknown || !get("Round").lineage().unknown {
		t.Error("bases that cannot be told are taken for known")
	}
}

// TestTwoProjects: each project's imports find its own modules, and of a label
// that both have the first counts.
func TestTwoProjects(t *testing.T) {
	needsParser(t)
	const models = `
from django.db import models
class Item(models.Model):
    name = models.CharField(max_length=9)
`
	p := open(t, `
-- one/manage.py --
-- one/core/__init__.py --
-- one/core/models.py --`+models+`
-- one/core/views.py --
from core.models import Item
-- two/manage.py --
-- two/core/__init__.py --
-- two/core/models.py --`+models+`
-- two/core/views.py --
from core.models import Item
`)
	for _, dir := range []string{"one", "two"} {
		s := p.resolve(p.byPath[dir+"/core/views.py"], "Item")
		if s.class == nil || s.class.module.path != dir+"/core/models.py" {
			t.Errorf("%s: Item is %+v", dir, s)
		}
	}
	if m := p.Models.ByLabel["core.Item"]; m == nil || m.Span.Path != "one/core/models.py" {
		t.Errorf("core.Item is %+v", m)
	}
	want := []string{"two/core/models.py:2 Item: the label core.Item is taken by one/core/models.py"}
	if !slices.Equal(p.Models.Unknown, want) {
		t.Errorf("unknown: %q", p.Models.Unknown)
	}
}
