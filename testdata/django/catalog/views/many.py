"""Relations to many rows: prefetched, prefetched and defeated, counted, the newest ones."""

from django.db.models import Count, OuterRef, Prefetch, Subquery, Sum
from django.http import JsonResponse

from catalog.models import Album, Artist, Genre, Label, Price, Track


def related_name_bad(request):
    """related_name, and a related_query_name that is another."""
    rows = []
    for label in Label.objects.filter(signed_artist__name__gte="A").distinct().order_by("id"):
        rows.append([label.name, [artist.name for artist in label.artists.all()]])
    return JsonResponse({"labels": rows})


def related_name_good(request):
    rows = []
    labels = Label.objects.filter(signed_artist__name__gte="A").distinct().order_by("id")
    for label in labels.prefetch_related("artists"):
        rows.append([label.name, [artist.name for artist in label.artists.all()]])
    return JsonResponse({"labels": rows})


def second_reverse_bad(request):
    """Two relations lead from artists to albums."""
    artists = Artist.objects.prefetch_related("albums").order_by("id")[:20]
    rows = [[len(artist.albums.all()), [album.title for album in artist.produced.all()]] for artist in artists]
    return JsonResponse({"artists": rows})


def second_reverse_good(request):
    artists = Artist.objects.prefetch_related("albums", "produced").order_by("id")[:20]
    rows = [[len(artist.albums.all()), [album.title for album in artist.produced.all()]] for artist in artists]
    return JsonResponse({"artists": rows})


def comprehension_bad(request):
    """Two for clauses in one comprehension."""
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"tracks": [[album.title, track.name] for album in albums for track in album.tracks.all()]})


def comprehension_good(request):
    albums = Album.objects.prefetch_related("tracks").order_by("id")[:20]
    return JsonResponse({"tracks": [[album.title, track.name] for album in albums for track in album.tracks.all()]})


def through_bad(request):
    """The rows of the through model, and the genre of each."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        for mark in album.albumgenre_set.all():
            rows.append([album.title, mark.genre.name, mark.weight])
    return JsonResponse({"genres": rows})


def through_good(request):
    rows = []
    for album in Album.objects.prefetch_related("albumgenre_set__genre").order_by("id")[:20]:
        for mark in album.albumgenre_set.all():
            rows.append([album.title, mark.genre.name, mark.weight])
    return JsonResponse({"genres": rows})


def m2m_through_bad(request):
    """The many-to-many itself, from its far side."""
    genres = Genre.objects.order_by("name")
    return JsonResponse({genre.name: sorted(album.title for album in genre.albums.all()) for genre in genres})


def m2m_through_good(request):
    genres = Genre.objects.prefetch_related("albums").order_by("name")
    return JsonResponse({genre.name: sorted(album.title for album in genre.albums.all()) for genre in genres})


def links_bad(request):
    """A generic relation."""
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"links": [[link.url for link in album.links.all()] for album in albums]})


def links_good(request):
    albums = Album.objects.prefetch_related("links").order_by("id")[:20]
    return JsonResponse({"links": [[link.url for link in album.links.all()] for album in albums]})


def deep_bad(request):
    """A prefetch that stops one level too early."""
    rows = []
    for label in Label.objects.prefetch_related("artists").order_by("id"):
        for artist in label.artists.all():
            rows.append([label.name, artist.name, [album.title for album in artist.albums.all()]])
    return JsonResponse({"labels": rows})


def deep_good(request):
    rows = []
    for label in Label.objects.prefetch_related("artists__albums").order_by("id"):
        for artist in label.artists.all():
            rows.append([label.name, artist.name, [album.title for album in artist.albums.all()]])
    return JsonResponse({"labels": rows})


def filtered_bad(request):
    """Some of the related rows for each row."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        rows.append([album.title, [track.name for track in album.tracks.filter(seconds__gt=200)]])
    return JsonResponse({"albums": rows})


def filtered_good(request):
    rows = []
    long = Prefetch("tracks", queryset=Track.objects.filter(seconds__gt=200), to_attr="long_tracks")
    for album in Album.objects.prefetch_related(long).order_by("id")[:20]:
        rows.append([album.title, [track.name for track in album.long_tracks]])
    return JsonResponse({"albums": rows})


def defeated_bad(request):
    """The prefetch is made, and then asked around."""
    rows = []
    for album in Album.objects.prefetch_related("tracks").order_by("id")[:20]:
        rows.append([album.title, [track.name for track in album.tracks.filter(plays__gt=50)]])
    return JsonResponse({"albums": rows})


def defeated_good(request):
    rows = []
    for album in Album.objects.prefetch_related("tracks").order_by("id")[:20]:
        rows.append([album.title, [track.name for track in album.tracks.all() if track.plays > 50]])
    return JsonResponse({"albums": rows})


def prefetched_count_good(request):
    """count() and exists() of a prefetched relation ask nobody."""
    albums = Album.objects.prefetch_related("tracks").order_by("id")[:20]
    rows = [[album.title, album.tracks.count(), album.tracks.exists(), len(album.tracks.all())] for album in albums]
    return JsonResponse({"albums": rows})


def tracks_count_bad(request):
    """A count in a dict."""
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": {album.title: album.tracks.count() for album in albums}})


def tracks_count_good(request):
    albums = Album.objects.annotate(track_count=Count("tracks")).order_by("id")[:20]
    return JsonResponse({"albums": {album.title: album.track_count for album in albums}})


def sum_bad(request):
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        total = album.tracks.aggregate(total=Sum("seconds"))
        rows.append([album.title, total["total"]])
    return JsonResponse({"albums": rows})


def sum_good(request):
    albums = Album.objects.annotate(total=Sum("tracks__seconds")).order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.total] for album in albums]})


def has_bad(request):
    """A filter() of another model, exists() for each row."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        rows.append([album.title, Track.objects.filter(album=album, plays__gt=90).exists()])
    return JsonResponse({"albums": rows})


def has_good(request):
    played = set(Track.objects.filter(plays__gt=90).values_list("album_id", flat=True))
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.pk in played] for album in albums]})


def newest_bad(request):
    """latest() without arguments: Meta.get_latest_by."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        rows.append([album.title, album.prices.latest().amount])
    return JsonResponse({"prices": rows})


def newest_good(request):
    prices = Price.objects.filter(album=OuterRef("pk")).order_by("-since")
    albums = Album.objects.annotate(price=Subquery(prices.values("amount")[:1])).order_by("id")[:20]
    return JsonResponse({"prices": [[album.title, album.price] for album in albums]})


def top_two_bad(request):
    """The first rows of each row's relation."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        best = album.tracks.order_by("-plays", "id")[:2]
        rows.append([album.title, [track.name for track in best]])
    return JsonResponse({"albums": rows})


def top_two_good(request):
    best = Prefetch("tracks", queryset=Track.objects.order_by("-plays", "id")[:2], to_attr="best")
    albums = Album.objects.prefetch_related(best).order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, [track.name for track in album.best]] for album in albums]})
