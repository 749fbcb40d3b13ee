from django import forms

from catalog.models import Album, Entry, Genre


class PickBad(forms.Form):
    """Each choice is labelled with str(album), which reads the artist."""

    album = forms.ModelChoiceField(queryset=Album.objects.order_by("id"))


class PickGood(forms.Form):
    album = forms.ModelChoiceField(queryset=Album.objects.select_related("artist").order_by("id"))


class EntryForm(forms.ModelForm):
    """One album is typed in by number: no choices."""

    album = forms.IntegerField()

    class Meta:
        model = Entry
        fields = ["album", "text"]


class GenresGood(forms.Form):
    """Genres are labelled by a column of their own."""

    genres = forms.ModelMultipleChoiceField(queryset=Genre.objects.order_by("name"), to_field_name="name")
