"""Forms whose choices are rows."""

from django.shortcuts import render

from catalog.forms import EntryForm, GenresGood, PickBad, PickGood


def choices_bad(request):
    return render(request, "catalog/form.html", {"form": PickBad()})


def choices_good(request):
    return render(request, "catalog/form.html", {"form": PickGood()})


def plain_form_good(request):
    return render(request, "catalog/form.html", {"form": EntryForm()})


def many_choices_good(request):
    return render(request, "catalog/form.html", {"form": GenresGood()})
