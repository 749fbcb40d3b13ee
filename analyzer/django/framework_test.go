//go:build cgo

package django

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ormlint/ormlint/analyzer/source"
)

// shopModels are the models of the small projects below.
const shopModels = `
-- manage.py --
-- shop/__init__.py --
-- shop/settings.py --
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "shop.urls"
-- shop/models.py --
from django.db import models

class Country(models.Model):
    name = models.CharField(max_length=10)

class Maker(models.Model):
    name = models.CharField(max_length=10)
    country = models.ForeignKey(Country, on_delete=models.CASCADE)
    owner = models.ForeignKey("self", null=True, on_delete=models.CASCADE)

    def __str__(self):
        return self.name

class Thing(models.Model):
    name = models.CharField(max_length=10)
    maker = models.ForeignKey(Maker, on_delete=models.CASCADE, related_name="things")
    tags = models.ManyToManyField("Tag")

    def __str__(self):
        return f"{self.name} of {self.maker.name}"

class Tag(models.Model):
    word = models.CharField(max_length=10)
`

// inspectShop inspects the small project with more files.
func inspectShop(t *testing.T, version, files string) *source.Index {
	t.Helper()
	root := t.TempDir()
	for _, f := range txtar.Parse([]byte(shopModels + files)).Files {
		name := filepath.Join(root, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(context.Background(), Options{Root: root, Version: version})
	if err != nil {
		t.Fatal(err)
	}
	return p.Inspect(context.Background(), Focus{})
}

// perRow lists what runs once for each row, as "kind: Model path".
func perRow(ix *source.Index) []string {
	var list []string
	for _, f := range ix.Fetches {
		if len(f.Loops) == 0 || f.Covered || f.Of == nil {
			continue
		}
		line := f.Loops[len(f.Loops)-1].Kind + ": " + f.Of.Model + " " + strings.Join(f.Path, ".")
		if !slices.Contains(list, line) {
			list = append(list, line)
		}
	}
	slices.Sort(list)
	return list
}

// TestFrameworks gives views, serializers, forms and admin classes with a query
// for each row, and next to each the same without.
func TestFrameworks(t *testing.T) {
	drf := "-- shop/views.py --\nfrom rest_framework import serializers, generics, viewsets\nfrom rest_framework.response import Response\nfrom shop.models import Maker, Thing, Tag\n\n"
	cbv := "-- shop/views.py --\nfrom django.shortcuts import render\nfrom django.template.loader import render_to_string\nfrom django.views.generic import ListView, DetailView, TemplateView\nfrom shop.models import Maker, Thing\n\n"
	adm := "-- shop/admin.py --\nfrom django.contrib import admin\nfrom shop.models import Maker, Tag, Thing\n\n"
	form := "-- shop/views.py --\nfrom django import forms\nfrom django.shortcuts import render\nfrom shop.models import Maker, Thing\n\n"
	page := "-- shop/templates/p.html --\n"
	for _, tt := range []struct {
		name, files, version string
		want                 []string
	}{
		{"render", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% for t in things %}{{ t.maker.name }}{% endfor %}", "", []string{"template: shop.Thing maker"}},
		{"render joined", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.select_related('maker')})\n" + page + "{% for t in things %}{{ t.maker.name }}{% endfor %}", "", nil},
		{"key alone", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% for t in things %}{{ t.maker_id }}{% endfor %}", "", nil},
		{"outside of the loop", cbv + "def v(request, pk):\n    return render(request, 'p.html', {'t': Thing.objects.get(pk=pk)})\n" + page + "{{ t.maker.name }}", "", nil},
		{"render_to_string", cbv + "def v():\n    return render_to_string('p.html', {'things': Thing.objects.all()})\n" + page + "{% for t in things %}{{ t }}{% endfor %}", "", []string{"template: shop.Thing maker"}},
		{"all and count", cbv + "def v(request):\n    return render(request, 'p.html', {'makers': Maker.objects.all()})\n" + page + "{% for m in makers %}{{ m.things.count }}{% for t in m.things.all %}{{ t.name }}{% endfor %}{% endfor %}", "", []string{"template: shop.Maker things"}},
		{"include", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% for t in things %}{% include 'q.html' with x=t.maker only %}{% endfor %}\n-- shop/templates/q.html --\n{{ x.country.name }}", "", []string{"template: shop.Thing maker", "template: shop.Thing maker.country"}},
		{"extends and super", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% extends 'b.html' %}{% block x %}{{ block.super }}{% endblock %}\n-- shop/templates/b.html --\n{% block x %}{% for t in things %}{{ t.maker }}{% endfor %}{% endblock %}", "", []string{"template: shop.Thing maker"}},
		{"overridden block", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% extends 'b.html' %}{% block x %}{% endblock %}\n-- shop/templates/b.html --\n{% block x %}{% for t in things %}{{ t.maker }}{% endfor %}{% endblock %}", "", nil},
		{"regroup", cbv + "def v(request):\n    return render(request, 'p.html', {'things': Thing.objects.all()})\n" + page + "{% regroup things by maker.name as g %}", "", []string{"template: shop.Thing maker"}},
		{"list view", cbv + "class V(ListView):\n    model = Thing\n-- shop/templates/shop/thing_list.html --\n{% for t in object_list %}{{ t.maker.name }}{% endfor %}{% for t in thing_list %}{{ t.name }}{% endfor %}", "", []string{"template: shop.Thing maker"}},
		{"detail view", cbv + "class V(DetailView):\n    model = Maker\n    template_name = 'p.html'\n" + page + "{{ maker.country.name }}{% for t in object.things.all %}{{ t.maker.name }}{% for g in t.tags.all %}{{ g.word }}{% endfor %}{% endfor %}", "", []string{"template: shop.Maker things.tags"}},
		{"context", cbv + "class V(TemplateView):\n    template_name = 'p.html'\n    def get_context_data(self, **kwargs):\n        return super().get_context_data(things=Thing.objects.all(), **kwargs)\n" + page + "{% for t in things %}{{ t.maker.name }}{% endfor %}", "", []string{"template: shop.Thing maker"}},
		{"nested serializers", drf + "class M(serializers.ModelSerializer):\n    class Meta:\n        model = Maker\n        fields = ['name', 'country']\nclass S(serializers.ModelSerializer):\n    maker = M()\n    class Meta:\n        model = Thing\n        fields = ['name', 'maker']\nclass V(generics.ListAPIView):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", []string{"serializer: shop.Thing maker"}},
		{"keys of many", drf + "class S(serializers.ModelSerializer):\n    class Meta:\n        model = Thing\n        fields = '__all__'\nclass V(viewsets.ModelViewSet):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", []string{"serializer: shop.Thing tags"}},
		{"keys of many prefetched", drf + "class S(serializers.ModelSerializer):\n    class Meta:\n        model = Thing\n        fields = '__all__'\nclass V(viewsets.ModelViewSet):\n    queryset = Thing.objects.prefetch_related('tags')\n    serializer_class = S\n", "", nil},
		{"fields that a method chooses", drf + "class S(serializers.ModelSerializer):\n    class Meta:\n        model = Thing\n        fields = '__all__'\n    def get_field_names(self, declared, info):\n        return ['name']\nclass V(viewsets.ModelViewSet):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", nil},
		{"generic relations are no fields", drf + "from shop.notes import Note\nclass S(serializers.ModelSerializer):\n    class Meta:\n        model = Note\n        fields = '__all__'\nclass V(viewsets.ModelViewSet):\n    queryset = Note.objects.all()\n    serializer_class = S\n-- shop/notes.py --\nfrom django.contrib.contenttypes.fields import GenericRelation\nfrom django.db import models\nclass Note(models.Model):\n    text = models.TextField()\n    marks = GenericRelation('shop.Mark')\nclass Mark(models.Model):\n    content_type = models.ForeignKey('contenttypes.ContentType', models.CASCADE)\n    object_id = models.IntegerField()\n", "", nil},
		{"excluded", drf + "class S(serializers.ModelSerializer):\n    class Meta:\n        model = Thing\n        exclude = ['tags']\nclass V(viewsets.ModelViewSet):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", nil},
		{"slug and method", drf + "class S(serializers.ModelSerializer):\n    maker = serializers.SlugRelatedField(slug_field='name', read_only=True)\n    n = serializers.SerializerMethodField()\n    class Meta:\n        model = Thing\n        fields = ['maker', 'n']\n    def get_n(self, obj):\n        return obj.tags.count()\ndef v(request):\n    return Response(S(Thing.objects.all(), many=True).data)\n", "", []string{"serializer: shop.Thing maker", "serializer: shop.Thing tags"}},
		{"written only", drf + "class S(serializers.ModelSerializer):\n    maker = serializers.SlugRelatedField(slug_field='name', queryset=Maker.objects.all(), write_only=True)\n    class Meta:\n        model = Thing\n        fields = ['name', 'maker']\n    def create(self, data):\n        for t in Thing.objects.all():\n            t.maker.name\nclass V(generics.ListAPIView):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", nil},
		{"one row", drf + "class S(serializers.ModelSerializer):\n    maker = serializers.StringRelatedField()\n    class Meta:\n        model = Thing\n        fields = ['maker']\nclass V(generics.RetrieveAPIView):\n    queryset = Thing.objects.all()\n    serializer_class = S\n", "", nil},
		{"admin method", adm + "@admin.register(Thing)\nclass A(admin.ModelAdmin):\n    list_display = ['name', 'land']\n    def land(self, t):\n        return t.maker.country.name\n", "5.2", []string{"admin: shop.Thing maker", "admin: shop.Thing maker.country"}},
		{"admin joined", adm + "class A(admin.ModelAdmin):\n    list_display = ['name', 'land']\n    list_select_related = ['maker__country']\n    def land(self, t):\n        return t.maker.country.name\nadmin.site.register(Thing, A)\n", "5.2", nil},
		{"admin by itself", adm + "@admin.register(Thing)\nclass A(admin.ModelAdmin):\n    list_display = ['maker', 'land']\n    def land(self, t):\n        return t.maker.country.name\n", "5.2", nil},
		{"admin of 6.1", adm + "@admin.register(Thing)\nclass A(admin.ModelAdmin):\n    list_display = ['maker', 'land']\n    def land(self, t):\n        return t.maker.country.name\n", "6.1", []string{"admin: shop.Thing maker.country"}},
		{"admin may be null", adm + "@admin.register(Maker)\nclass A(admin.ModelAdmin):\n    list_display = ['owner']\n", "5.2", []string{"admin: shop.Maker owner"}},
		{"inline", adm + "class I(admin.TabularInline):\n    model = Thing\n@admin.register(Tag)\nclass A(admin.ModelAdmin):\n    list_display = ['word']\n    inlines = [I]\n", "5.2", []string{"admin: shop.Thing maker"}},
		{"inline of its parent", adm + "class I(admin.TabularInline):\n    model = Thing\n@admin.register(Maker)\nclass A(admin.ModelAdmin):\n    list_display = ['name']\n    inlines = (I,)\n", "5.2", nil},
		{"inline joined", adm + "class I(admin.StackedInline):\n    model = Thing\n    def get_queryset(self, request):\n        return super().get_queryset(request).select_related('maker')\n@admin.register(Tag)\nclass A(admin.ModelAdmin):\n    list_display = ['word']\n    inlines = [I]\n", "5.2", nil},
		{"inline method", adm + "class I(admin.TabularInline):\n    model = Maker\n    readonly_fields = ['land', 'name']\n    def land(self, m):\n        return m.country.name\n@admin.register(Tag)\nclass A(admin.ModelAdmin):\n    list_display = ['word']\n    inlines = [I]\n", "5.2", []string{"admin: shop.Maker country"}},
		{"admin str", adm + "admin.site.register(Thing)\n", "5.2", []string{"admin: shop.Thing maker"}},
		{"choices", form + "class F(forms.Form):\n    thing = forms.ModelChoiceField(queryset=Thing.objects.all())\ndef v(request):\n    return render(request, 'p.html', {'form': F()})\n" + page + "{% for f in form %}{{ f }}{% endfor %}", "", []string{"form: shop.Thing maker"}},
		{"choices in a hidden field", form + "class F(forms.Form):\n    thing = forms.ModelChoiceField(queryset=Thing.objects.all(), widget=forms.HiddenInput)\ndef v(request):\n    return render(request, 'p.html', {'form': F()})\n" + page + "{{ form.thing }}", "", nil},
		{"choices set later", form + "class F(forms.Form):\n    thing = forms.ModelChoiceField(queryset=Thing.objects.all())\n    def __init__(self, *args, **kwargs):\n        super().__init__(*args, **kwargs)\n        self.fields['thing'].queryset = Thing.objects.select_related('maker')\ndef v(request):\n    return render(request, 'p.html', {'form': F()})\n" + page + "{{ form }}", "", nil},
		{"another field", form + "class F(forms.Form):\n    thing = forms.ModelChoiceField(queryset=Thing.objects.all())\n    name = forms.CharField()\ndef v(request):\n    return render(request, 'p.html', {'form': F()})\n" + page + "{{ form.name }}", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ix := inspectShop(t, tt.version, tt.files)
			if got := perRow(ix); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestRoutes(t *testing.T) {
	ix := inspectShop(t, "", `
-- shop/urls.py --
from django.contrib.auth.decorators import login_required
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter
from shop import views
router = DefaultRouter()
router.register("things", views.Things)
urlpatterns = [
    path("a/", views.a, name="a"),
    path("b/<int:pk>/", views.B.as_view()),
    re_path(r"^c/$", login_required(views.c)),
    path("in/", include("shop.inner")),
    path("api/", include(router.urls)),
]
-- shop/inner.py --
from django.urls import path
from . import views
app_name = "inner"
urlpatterns = [path("d/", views.d, name="d")]
-- shop/views.py --
from django.views import View
from rest_framework import viewsets
from celery import shared_task
def a(request): pass
def c(request): pass
def d(request): pass
class B(View): pass
class Things(viewsets.ModelViewSet): pass
@shared_task
def job(): pass
-- shop/management/commands/sweep.py --
from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def handle(self, *args, **options): pass
`)
	var got []string
	for _, r := range ix.Routes {
		got = append(got, strings.Join([]string{r.Kind, r.Pattern, r.Name, r.View}, " "))
	}
	want := []string{
		"command sweep  shop.management.commands.sweep.Command",
		"task shop.views.job  shop.views.job",
		"url ^c/$  shop.views.c",
		"url a/ a shop.views.a",
		"url api/things/  shop.views.Things",
		"url api/things/<pk>/  shop.views.Things",
		"url b/<int:pk>/  shop.views.B",
		"url in/d/ inner:d shop.views.d",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
