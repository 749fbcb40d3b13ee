"""Querysets that ask for too much, for too little, twice, or for nothing."""

from django.core import serializers
from django.http import HttpResponse, JsonResponse

from catalog.models import Album, Artist, Entry, Genre, Pressing, Price, Tally, Track


def unused_join_bad(request):
    """A join whose columns nobody reads."""
    albums = Album.objects.select_related("artist").order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.year] for album in albums]})


def unused_join_good(request):
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.year] for album in albums]})


def unused_prefetch_bad(request):
    """One of two prefetches is read."""
    albums = Album.objects.prefetch_related("tracks", "prices").order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, len(album.tracks.all())] for album in albums]})


def unused_prefetch_good(request):
    albums = Album.objects.prefetch_related("tracks").order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, len(album.tracks.all())] for album in albums]})


def discarded_bad(request):
    """Querysets do not change: this one is thrown away."""
    albums = Album.objects.order_by("id")
    albums.select_related("artist")
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def discarded_good(request):
    albums = Album.objects.order_by("id")
    albums = albums.select_related("artist")
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def key_bad(request):
    """The row is fetched for its key, which the first row has."""
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.artist.id] for album in albums]})


def key_good(request):
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.artist_id] for album in albums]})


def key_pk_bad(request):
    rows = []
    for track in Track.objects.order_by("id")[:20]:
        rows.append([track.name, track.album.pk])
    return JsonResponse({"tracks": rows})


def key_pk_good(request):
    rows = []
    for track in Track.objects.order_by("id")[:20]:
        rows.append([track.name, track.album_id])
    return JsonResponse({"tracks": rows})


def len_bad(request):
    """All rows, to count them."""
    albums = Album.objects.filter(year__gte=1990)
    return JsonResponse({"albums": len(albums)})


def len_good(request):
    albums = Album.objects.filter(year__gte=1990)
    return JsonResponse({"albums": albums.count()})


def if_bad(request):
    """All rows, to see whether there are any."""
    albums = Album.objects.filter(year__gte=1990)
    if albums:
        return JsonResponse({"albums": "some"})
    return JsonResponse({"albums": "none"})


def if_good(request):
    albums = Album.objects.filter(year__gte=1990)
    if albums.exists():
        return JsonResponse({"albums": "some"})
    return JsonResponse({"albums": "none"})


def count_before_bad(request):
    """count() of rows that are then fetched."""
    albums = Album.objects.filter(year=1999).order_by("id")
    total = albums.count()
    return JsonResponse({"total": total, "albums": [album.title for album in albums]})


def count_before_good(request):
    albums = Album.objects.filter(year=1999).order_by("id")
    total = len(albums)
    return JsonResponse({"total": total, "albums": [album.title for album in albums]})


def only_method_bad(request):
    """only() leaves out what a method of the model reads."""
    tracks = Track.objects.only("name").order_by("id")[:20]
    return JsonResponse({"tracks": [f"{track.name} {minutes(track)}" for track in tracks]})


def only_method_good(request):
    tracks = Track.objects.only("name", "seconds").order_by("id")[:20]
    return JsonResponse({"tracks": [f"{track.name} {minutes(track)}" for track in tracks]})


def minutes(track):
    return track.seconds // 60


def wide_bad(request):
    """Three columns of twenty-five."""
    pressings = Pressing.objects.order_by("id")[:50]
    return JsonResponse({"pressings": [[p.matrix, p.plant, p.weight] for p in pressings]})


def wide_good(request):
    pressings = Pressing.objects.order_by("id").values_list("matrix", "plant", "weight")[:50]
    return JsonResponse({"pressings": list(pressings)})


def wide_flat_bad(request):
    """One column of twenty-five."""
    pressings = Pressing.objects.filter(plant="North").order_by("id")
    return JsonResponse({"barcodes": [pressing.barcode for pressing in pressings]})


def wide_flat_good(request):
    barcodes = Pressing.objects.filter(plant="North").order_by("id").values_list("barcode", flat=True)
    return JsonResponse({"barcodes": list(barcodes)})


def wide_dict_bad(request):
    """Two columns into dicts, through a loop."""
    rows = []
    for pressing in Pressing.objects.order_by("-id")[:50]:
        rows.append({"matrix": pressing.matrix, "shipped": pressing.shipped_on})
    return JsonResponse({"pressings": rows})


def wide_dict_good(request):
    rows = Pressing.objects.order_by("-id").only("matrix", "shipped_on")[:50]
    return JsonResponse({"pressings": [{"matrix": row.matrix, "shipped": row.shipped_on} for row in rows]})


def wide_escapes_good(request):
    """The rows go to a serializer, which reads all columns."""
    pressings = Pressing.objects.order_by("id")[:20]
    return HttpResponse(serializers.serialize("json", pressings), content_type="application/json")


def wide_one_good(request):
    """One row is no list."""
    pressing = Pressing.objects.get(pk=1)
    return JsonResponse({"matrix": pressing.matrix})


def get_by_key_bad(request):
    """get() with a value of each row."""
    rows = []
    for price in Price.objects.order_by("id")[:20]:
        album = Album.objects.get(pk=price.album_id)
        rows.append([album.title, price.amount])
    return JsonResponse({"prices": rows})


def get_by_key_good(request):
    rows = []
    for price in Price.objects.select_related("album").order_by("id")[:20]:
        rows.append([price.album.title, price.amount])
    return JsonResponse({"prices": rows})


def get_ids_bad(request):
    """get() for each id of the request."""
    rows = []
    for pk in request.GET["ids"].split(","):
        artist = Artist.objects.get(pk=pk)
        rows.append(artist.name)
    return JsonResponse({"artists": rows})


def get_ids_good(request):
    ids = [int(pk) for pk in request.GET["ids"].split(",")]
    artists = Artist.objects.in_bulk(ids)
    return JsonResponse({"artists": [artists[pk].name for pk in ids]})


def invariant_bad(request):
    """The loop changes nothing about the query."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        genres = Genre.objects.count()
        rows.append([album.title, genres])
    return JsonResponse({"albums": rows})


def invariant_good(request):
    rows = []
    genres = Genre.objects.count()
    for album in Album.objects.order_by("id")[:20]:
        rows.append([album.title, genres])
    return JsonResponse({"albums": rows})


def varying_bad(request):
    """A query for each row, by no relation of it."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        peers = Pressing.objects.filter(weight=album.year - 1840).order_by("id")
        rows.append([album.title, [peer.matrix for peer in peers]])
    return JsonResponse({"albums": rows})


def varying_good(request):
    rows = []
    albums = list(Album.objects.order_by("id")[:20])
    weights = {album.year - 1840 for album in albums}
    peers = {}
    for weight, matrix in Pressing.objects.filter(weight__in=weights).order_by("id").values_list("weight", "matrix"):
        peers.setdefault(weight, []).append(matrix)
    for album in albums:
        rows.append([album.title, peers.get(album.year - 1840, [])])
    return JsonResponse({"albums": rows})


def same_year_bad(request):
    """A query for each row, by a column of it."""
    rows = []
    for album in Album.objects.order_by("-id")[:20]:
        peers = Album.objects.filter(year=album.year).order_by("id")
        rows.append([album.title, [peer.title for peer in peers]])
    return JsonResponse({"albums": rows})


def same_year_good(request):
    rows = []
    albums = list(Album.objects.order_by("-id")[:20])
    peers = {}
    for peer in Album.objects.filter(year__in={album.year for album in albums}).order_by("id"):
        peers.setdefault(peer.year, []).append(peer)
    for album in albums:
        rows.append([album.title, [peer.title for peer in peers.get(album.year, [])]])
    return JsonResponse({"albums": rows})


# Views that are fine as they are.


def literals_good(request):
    """A loop over three years is three queries on purpose."""
    counts = {}
    for year in (1999, 2001, 2003):
        counts[str(year)] = Album.objects.filter(year=year).count()
    return JsonResponse(counts)


def namesakes_good(request):
    """Dicts and lists have methods with the same names."""
    seen = {}
    names = [album.title for album in Album.objects.order_by("id")[:20]]
    rows = []
    for name in names:
        rows.append([seen.get(name, 0), names.count(name), names.index(name)])
        seen.update({name: 1})
    return JsonResponse({"rows": rows})


def one_then_read_good(request):
    """One row, then what belongs to it."""
    album = Album.objects.get(pk=3)
    tracks = [track.name for track in album.tracks.all()]
    return JsonResponse({"title": album.title, "artist": album.artist.name, "tracks": tracks})


def known_parent_good(request):
    """Django knows the album of each track that came from it."""
    album = Album.objects.get(pk=4)
    return JsonResponse({"tracks": [[track.name, track.album.title] for track in album.tracks.all()]})


def page_good(request):
    """The count is for the page's head, the rows are another query."""
    albums = Album.objects.order_by("id")
    return JsonResponse({"total": albums.count(), "albums": [album.title for album in albums[:10]]})


def subquery_good(request):
    """A queryset inside filter() is no query of its own."""
    artists = Artist.objects.filter(name__lt="M")
    albums = Album.objects.filter(artist__in=artists).order_by("id")
    return JsonResponse({"albums": [album.title for album in albums]})


def passed_on_good(request):
    """The join is read where the source does not reach: rows leave through getattr."""
    albums = Album.objects.select_related("artist").order_by("id")[:20]
    return JsonResponse({"albums": [str(getattr(album, request.GET.get("field", "artist"))) for album in albums]})


def first_match_good(request):
    """The loop ends with its first row."""
    for album in Album.objects.order_by("id")[:1]:
        return JsonResponse({"title": album.title, "artist": album.artist.name})
    return JsonResponse({})


def bulk_good(request):
    """Written in one statement each."""
    albums = Album.objects.in_bulk([1, 2, 3])
    Entry.objects.bulk_create([Entry(album=album, text="seen") for album in albums.values()])
    Tally.objects.filter(name__startswith="seen").update(count=3)
    return JsonResponse({"albums": len(albums)})
