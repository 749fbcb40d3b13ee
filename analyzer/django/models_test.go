package django

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ormlint/ormlint/analyzer/schema"
)

func TestManagers(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- app/models.py --
from django.db import models
from taggit.managers import TaggableManager
class BookQuerySet(models.QuerySet):
    def live(self): return self.filter(live=True)
class BookManager(models.Manager):
    def get_queryset(self): return super().get_queryset().select_related("x")
Mixed = BookManager.from_queryset(BookQuerySet)
class Base(models.Model):
    inherited = BookManager()
    class Meta:
        abstract = True
class A(Base):
    published = BookQuerySet.as_manager()
    tags = TaggableManager()
class B(models.Model):
    objects = Mixed()
    other = models.Manager.from_queryset(BookQuerySet)()
class C(models.Model):
    pass
class D(Base):
    class Meta(Base.Meta):
        default_manager_name = "second"
    first = models.Manager()
    second = models.Manager()
`)
	for name, want := range map[string]string{
		"A": "published=django.db.models.Manager/app.models.BookQuerySet inherited=app.models.BookManager/",
		"B": "objects=app.models.Mixed/app.models.BookQuerySet other=app.models.B.other/app.models.BookQuerySet",
		"C": "objects=django.db.models.Manager/",
		"D": "first=django.db.models.Manager/ second=django.db.models.Manager/ inherited=app.models.BookManager/",
	} {
		m := p.Models.ByLabel["app."+name]
		if m == nil {
			t.Errorf("%s is not there", name)
			continue
		}
		var got []string
		for _, x := range p.managers(m) {
			got = append(got, x.name+"="+x.class.path+"/"+x.queryset.path)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s:\n got %s\nwant %s", name, strings.Join(got, " "), want)
		}
	}
	for name, want := range map[string]string{"A": "published", "B": "objects", "C": "objects", "D": "second"} {
		if got := p.Models.ByLabel["app."+name].DefaultManager; got != want {
			t.Errorf("%s: default manager %s, want %s", name, got, want)
		}
	}
	if f := p.Models.ByLabel["app.A"].Field("tags"); f == nil || f.Column != "" || !f.Relation.Many {
		t.Errorf("tags: %+v", f)
	}
}

func TestSignalsAndSave(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- app/models.py --
from django.db import models
class Saves(models.Model):
    def save(self, *args, **kwargs): super().save(*args, **kwargs)
    class Meta:
        abstract = True
class A(Saves): pass
class B(models.Model):
    tags = models.ManyToManyField("A")
class C(models.Model):
    at = models.DateTimeField(auto_now=True)
    made = models.DateField(auto_now_add=True)
-- app/receivers.py --
from django.db.models import signals
from django.db.models.signals import post_save, m2m_changed
from django.dispatch import receiver
from .models import A, B
@receiver([post_save, signals.pre_delete], sender=A)
def one(sender, **kwargs): pass
def two(sender, **kwargs): pass
m2m_changed.connect(two, sender=B.tags.through)
signals.post_delete.connect(two, sender="app.B")
-- app/tests/test_a.py --
from django.db.models.signals import post_save
post_save.connect(print)
`)
	for label, want := range map[string]string{
		"app.A": "true post_save pre_delete", "app.B": "false m2m_changed post_delete", "app.C": "false", "app.B_tags": "false m2m_changed",
	} {
		m := p.Models.ByLabel[label]
		got := "false"
		if m.SaveOverride {
			got = "true"
		}
		if got = strings.TrimSpace(got + " " + strings.Join(m.Signals, " ")); got != want {
			t.Errorf("%s: got %q, want %q", label, got, want)
		}
	}
	c := p.Models.ByLabel["app.C"]
	if c.Field("at").Auto != "auto_now" || c.Field("made").Auto != "auto_now_add" {
		t.Error("auto_now is not seen")
	}
	p = open(t, "-- a/models.py --\nfrom django.db import models\nfrom django.db.models.signals import post_save\nclass A(models.Model): pass\npost_save.connect(print)\n")
	if got := p.Models.ByLabel["a.A"].Signals; !slices.Equal(got, []string{"post_save"}) {
		t.Errorf("a receiver of all senders: %q", got)
	}
}

// TestUnknownBases: what cannot be known is said, and the rest is read.
func TestUnknownBases(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- app/models.py --
from django.db import models
from django import forms
from elsewhere.models import Page
from wherever import Something, SomeMixin
from rest_framework import serializers
import dataclasses
class Home(Page):
    title = models.CharField(max_length=9)
class Odd(Something):
    owner = models.ForeignKey(Home, models.CASCADE)
class Plain(Something):
    x = 1
class Mixed(SomeMixin, models.Model):
    pass
class Form(forms.Form):
    name = forms.CharField()
class Ser(serializers.Serializer):
    name = serializers.CharField()
class Lost(models.Model):
    to = models.ForeignKey("nowhere.Thing", models.CASCADE)
    for i in range(3):
        pass
class Broken(models.Model)
    name = = models.CharField()
class After(models.Model):
    name = models.CharField(max_length=9)
`)
	var labels []string
	for l, m := range p.Models.ByLabel {
		if m.App == "app" {
			if m.Partial {
				l += "*"
			}
			labels = append(labels, l)
		}
	}
	slices.Sort(labels)
	if want := []string{"app.After", "app.Home*", "app.Lost*", "app.Mixed", "app.Odd*"}; !slices.Equal(slices.DeleteFunc(slices.Clone(labels), func(s string) bool { return strings.HasPrefix(s, "app.Broken") }), want) {
		t.Errorf("got %q, want %q", labels, want)
	}
	want := []string{"app/models.py:7 Home: no source of its base elsewhere.models.Page", "app/models.py:9 Odd: no source of its base wherever.Something"}
	if !slices.Equal(p.Models.Unknown, want) {
		t.Errorf("unknown %q", p.Models.Unknown)
	}
	if r := p.Models.ByLabel["app.Lost"].Field("to").Relation; r == nil || r.Target != nil || r.Kind != kindForeign {
		t.Errorf("a target that is not there: %+v", r)
	}
	if back := p.Models.ByLabel["app.Home"].Field("odd_set"); back == nil || back.Relation.Target.Name != "Odd" {
		t.Error("Home has no odd_set")
	}
}

// TestNoSettings: apps are found by their models alone, labels by AppConfig or
// folder, and Django's own models are there.
func TestNoSettings(t *testing.T) {
	needsParser(t)
	p := open(t, `
-- plugin/__init__.py --
-- plugin/apps.py --
from django.apps import AppConfig
class PluginConfig(AppConfig):
    name = "plugin"
    label = "the_plugin"
-- plugin/models/__init__.py --
from .thing import Thing
-- plugin/models/thing.py --
from django.db import models
from django.contrib.auth.models import User
class Thing(models.Model):
    user = models.ForeignKey(User, models.CASCADE)
    data = models.JSONField()
    name = models.CharField(max_length=9, db_index=True)
    class Meta:
        ordering = ["-name"]
        indexes = [models.Index(fields=["-name", "user"], name="x"), models.Index(models.F("name"), name="y")]
-- lonely/models.py --
from plugin.models import Thing
class Sub(Thing): pass
`)
	m := p.Models.ByLabel["the_plugin.Thing"]
	if m == nil {
		t.Fatal("the_plugin.Thing is not there")
	}
	if m.Table != "the_plugin_thing" || m.Module != "plugin.models.thing" || !m.Field("data").Wide || m.Field("name").Wide {
		t.Errorf("%+v", m)
	}
	user := p.Models.ByLabel["auth.User"]
	if m.Field("user").Relation.Target != user || user.Field("thing_set") == nil || user.Span.Known() || p.Models.ByTable["auth_user"] != user {
		t.Error("auth.User is not what it should be")
	}
	if want := [][]string{{"name", "user"}, {"user"}, {"name"}}; !slices.EqualFunc(m.Indexes, want, slices.Equal) {
		t.Errorf("indexes %q", m.Indexes)
	}
	sub := p.Models.ByLabel["lonely.Sub"]
	if sub == nil || !slices.Equal(sub.Parents, []*schema.Model{m}) || !slices.Equal(sub.Ordering, []string{"-name"}) || m.Field("sub").Relation.Kind != kindChild {
		t.Errorf("lonely.Sub is %+v", sub)
	}
	if got := string(p.Text(m.Span.Path)[m.Span.Start:m.Span.End]); got != "Thing" || m.Span.Line != 3 || m.Span.Column != 7 {
		t.Errorf("span %+v is %q", m.Span, got)
	}
	if f := m.Field("name").Span; string(p.Text(f.Path)[f.Start:f.End]) != "name = models.CharField(max_length=9, db_index=True)" {
		t.Errorf("the field's span is %+v", f)
	}
}

// TestInstalledPackages: apps from a virtual environment are read when asked
// for, and then bases from packages too.
func TestInstalledPackages(t *testing.T) {
	needsParser(t)
	dir := layOut(t, `
-- manage.py --
-- conf/settings.py --
INSTALLED_APPS = ["blog", "thirdparty.apps.ThirdConfig"]
-- blog/models.py --
from django.db import models
from mixins_only.models import Stamped
from thirdparty.models import Thing
class Post(Stamped):
    thing = models.ForeignKey(Thing, models.CASCADE, null=True)
-- .venv/pyvenv.cfg --
-- .venv/lib/python3.12/site-packages/django-5.1.4.dist-info/METADATA --
-- .venv/lib/python3.12/site-packages/thirdparty/__init__.py --
-- .venv/lib/python3.12/site-packages/thirdparty/apps.py --
from django.apps import AppConfig
class ThirdConfig(AppConfig):
    name = "thirdparty"
    label = "third"
-- .venv/lib/python3.12/site-packages/thirdparty/models.py --
from django.db import models
class Thing(models.Model):
    size = models.IntegerField()
-- .venv/lib/python3.12/site-packages/mixins_only/__init__.py --
-- .venv/lib/python3.12/site-packages/mixins_only/models.py --
from django.db import models
class Stamped(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    class Meta:
        abstract = True
-- .venv/lib/python3.12/site-packages/idle/models.py --
from django.db import models
class Idle(models.Model): pass
`)
	t.Setenv("VIRTUAL_ENV", "")
	p, err := Open(t.Context(), Options{Root: dir, Packages: true})
	if err != nil {
		t.Fatal(err)
	}
	post, thing := p.Models.ByLabel["blog.Post"], p.Models.ByLabel["third.Thing"]
	if thing == nil || post == nil || post.Partial || post.Field("created") == nil || post.Field("thing").Relation.Target != thing {
		t.Errorf("post %+v thing %+v", post, thing)
	}
	if p.Models.ByLabel["idle.Idle"] != nil {
		t.Error("a package that is no installed app has models")
	}
	if p.Version != "5.1.4" || p.Origin != "virtual environment" {
		t.Errorf("version %s from %s", p.Version, p.Origin)
	}
	p, err = Open(t.Context(), Options{Root: dir})
	if err != nil {
		t.Fatal(err)
	}
	if m := p.Models.ByLabel["blog.Post"]; m == nil || !m.Partial || len(p.Models.Unknown) != 1 || p.Models.ByLabel["third.Thing"] != nil {
		t.Errorf("without packages: %+v, unknown %q", m, p.Models.Unknown)
	}
}

// TestHostile: source that is no Python, or goes in circles, ends nothing.
func TestHostile(t *testing.T) {
	needsParser(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir := layOut(t, `
-- a/models.py --
from django.db import models
from .models import *
from b.models import *
class A(A): pass
class B(C): pass
class C(B, models.Model): pass
class D(models.Model):
    class Meta(Meta): pass
    x = x
    y = models.ForeignKey
    z = models.ForeignKey()
    m = models.ManyToManyField()
    g = models.ManyToManyField("self", through="a.D")
    o = models.OneToOneField("D", parent_link=True)
class E(D, D, models.Model): pass
class F(E):
    d_ptr = None
class P(models.Model):
    class Meta:
        proxy = True
class Q(P):
    class Meta:
        proxy = True
NAME = NAME
class R(models.Model):
    class Meta:
        db_table = NAME
        ordering = ORDER
        unique_together = ("a", ("b",))
ORDER = [*ORDER]
__all__ = ["A"] + other
-- b/models.py --
from a.models import *
from b import models
class Z(A, models.models.Z): pass
`)
	for name, text := range map[string][]byte{
		"nul.py": []byte("class \x00(models.Model):\n x = 1"), "models.py": {0xff, 0xfe, 'c'}, "empty/models.py": {},
		"deep/models.py": []byte("class A(" + strings.Repeat("(", 5000) + "Model"),
	} {
		full := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(ctx, Options{Root: dir, Tests: true})
	if err != nil {
		t.Fatal(err)
	}
	if p.Models.ByLabel["a.R"] == nil || p.Models.ByLabel["a.D"] == nil {
		t.Error("the models between are lost")
	}
}
