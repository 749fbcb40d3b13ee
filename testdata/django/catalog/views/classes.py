"""Class-based views and their templates."""

from django.views.generic import DetailView, ListView, TemplateView

from catalog.models import Album, Artist, Label


class AlbumsBad(ListView):
    """The class's queryset; the template reads the artist."""

    queryset = Album.objects.order_by("id")
    paginate_by = 20
    template_name = "catalog/albums.html"
    context_object_name = "albums"


class AlbumsGood(ListView):
    queryset = Album.objects.select_related("artist").order_by("id")
    paginate_by = 20
    template_name = "catalog/albums.html"
    context_object_name = "albums"


class NewAlbumsBad(ListView):
    """get_queryset(), and a template that includes another for each row."""

    model = Album
    template_name = "catalog/cards.html"

    def get_queryset(self):
        return super().get_queryset().filter(year__gte=2000).order_by("id")


class NewAlbumsGood(ListView):
    model = Album
    template_name = "catalog/cards.html"

    def get_queryset(self):
        albums = super().get_queryset().filter(year__gte=2000).order_by("id")
        return albums.select_related("artist__label")


class FrontPageBad(TemplateView):
    """get_context_data(), a template that extends another, and {% with %}."""

    template_name = "catalog/front.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["albums"] = Album.objects.recent()[:15]
        context["labels"] = Label.objects.order_by("name")[:5]
        return context


class FrontPageGood(TemplateView):
    template_name = "catalog/front.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["albums"] = Album.objects.recent().with_artist()[:15]
        context["labels"] = Label.objects.order_by("name")[:5]
        return context


class ArtistBad(DetailView):
    """One artist; the albums and their editors are read in the template."""

    queryset = Artist.objects.all()
    template_name = "catalog/artist.html"


class ArtistGood(DetailView):
    queryset = Artist.objects.prefetch_related("albums__created_by")
    template_name = "catalog/artist.html"


class NewestFirst:
    """A mixin for lists of any model."""

    def get_queryset(self):
        return super().get_queryset().order_by("-id")


class LabelsGood(NewestFirst, ListView):
    """Reads nothing but the labels' own names."""

    queryset = Label.objects.all()
    template_name = "catalog/names.html"


class MixedBad(NewestFirst, ListView):
    """The mixin orders the class's queryset; the template prints each row."""

    queryset = Album.objects.all()
    template_name = "catalog/lines.html"


class MixedGood(NewestFirst, ListView):
    queryset = Album.objects.select_related("artist")
    template_name = "catalog/lines.html"


class AlbumList(ListView):
    """A base class of this project's own, which leaves the queryset to others."""

    template_name = "catalog/albums.html"
    context_object_name = "albums"
    year = 1990

    def get_queryset(self):
        return self.albums().filter(year__gte=self.year)

    def albums(self):
        raise NotImplementedError


class BaseClassBad(AlbumList):
    """The rows come from a method that the base class calls."""

    def albums(self):
        return Album.objects.order_by("year", "id")


class BaseClassGood(AlbumList):
    def albums(self):
        return Album.objects.select_related("artist").order_by("year", "id")
