"""The same lazy read in every form that Python has for a loop."""

from django.http import JsonResponse

from catalog.models import Album, Artist, Item, Label, Link, Record, RecentAlbum, Slot
from catalog.text import credits, describe


def helper_bad(request):
    """The relation is read three calls away."""
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": credits(albums)})


def helper_good(request):
    albums = Album.objects.select_related("artist__label").order_by("id")[:20]
    return JsonResponse({"albums": credits(albums)})


def method_bad(request):
    """A property that reads a property that calls a method that reads a relation."""
    albums = Album.objects.order_by("-id")[:20]
    return JsonResponse({"albums": [album.byline for album in albums]})


def method_good(request):
    albums = Album.objects.select_related("artist__label").order_by("-id")[:20]
    return JsonResponse({"albums": [album.byline for album in albums]})


def str_bad(request):
    """__str__ reads the artist."""
    rows = []
    for album in Album.objects.order_by("title", "id")[:20]:
        rows.append(f"{album.year}: {album}")
    return JsonResponse({"albums": rows})


def str_good(request):
    rows = []
    for album in Album.objects.select_related("artist").order_by("title", "id")[:20]:
        rows.append(f"{album.year}: {album}")
    return JsonResponse({"albums": rows})


def str_percent_bad(request):
    """Label.__str__ formats with a percent sign."""
    labels = Label.objects.order_by("name", "id")
    return JsonResponse({"labels": [str(label) for label in labels]})


def str_percent_good(request):
    labels = Label.objects.order_by("name", "id").select_related("region")
    return JsonResponse({"labels": [str(label) for label in labels]})


def manager_bad(request):
    """recent() is a method of the model's QuerySet."""
    albums = Album.objects.recent()[:20]
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def manager_good(request):
    albums = Album.objects.recent().with_artist()[:20]
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def default_joined_good(request):
    """The manager itself joins the artist."""
    albums = Album.credited.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def proxy_bad(request):
    """A proxy with a manager of its own."""
    albums = RecentAlbum.objects.order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def proxy_good(request):
    albums = RecentAlbum.objects.select_related("artist").order_by("id")[:20]
    return JsonResponse({"albums": [[album.title, album.artist.name] for album in albums]})


def editors_bad(request):
    """Two foreign keys to one model, from an abstract base in another app."""
    rows = []
    for album in Album.objects.order_by("id")[:20]:
        rows.append({"title": album.title, "by": album.created_by.username, "last": album.updated_by.username})
    return JsonResponse({"albums": rows})


def editors_good(request):
    rows = []
    for album in Album.objects.select_related("created_by", "updated_by").order_by("id")[:20]:
        rows.append({"title": album.title, "by": album.created_by.username, "last": album.updated_by.username})
    return JsonResponse({"albums": rows})


def second_key_bad(request):
    """One of two foreign keys to artists is joined, the other is read."""
    rows = []
    for album in Album.objects.select_related("artist").order_by("id")[:20]:
        producer = album.producer.name if album.producer else None
        rows.append([album.artist.name, producer])
    return JsonResponse({"albums": rows})


def second_key_good(request):
    rows = []
    for album in Album.objects.select_related("artist", "producer").order_by("id")[:20]:
        producer = album.producer.name if album.producer else None
        rows.append([album.artist.name, producer])
    return JsonResponse({"albums": rows})


def self_key_bad(request):
    """A foreign key to the model itself."""
    artists = Artist.objects.exclude(patron=None).order_by("id")[:20]
    return JsonResponse({"artists": [[artist.name, artist.patron.name] for artist in artists]})


def self_key_good(request):
    artists = Artist.objects.exclude(patron=None).select_related("patron").order_by("id")[:20]
    return JsonResponse({"artists": [[artist.name, artist.patron.name] for artist in artists]})


def sorted_bad(request):
    """The key function reads the relation."""
    albums = Album.objects.order_by("id")[:20]
    albums = sorted(albums, key=lambda album: (album.artist.name, album.pk))
    return JsonResponse({"albums": [album.title for album in albums]})


def sorted_good(request):
    albums = Album.objects.select_related("artist").order_by("id")[:20]
    albums = sorted(albums, key=lambda album: (album.artist.name, album.pk))
    return JsonResponse({"albums": [album.title for album in albums]})


def map_bad(request):
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({"albums": list(map(describe, albums))})


def map_good(request):
    albums = Album.objects.select_related("artist").order_by("id")[:20]
    return JsonResponse({"albums": list(map(describe, albums))})


def generator_bad(request):
    albums = Album.objects.filter(year__gte=1990).order_by("id")[:20]
    return JsonResponse({"artists": ", ".join(album.artist.name for album in albums)})


def generator_good(request):
    albums = Album.objects.filter(year__gte=1990).select_related("artist").order_by("id")[:20]
    return JsonResponse({"artists": ", ".join(album.artist.name for album in albums)})


def dict_bad(request):
    albums = Album.objects.order_by("id")[:20]
    return JsonResponse({album.title: album.artist.name for album in albums})


def dict_good(request):
    albums = Album.objects.select_related("artist").order_by("id")[:20]
    return JsonResponse({album.title: album.artist.name for album in albums})


def grouped_bad(request):
    """The rows are grouped into a dict before they are read."""
    years = {}
    for album in Album.objects.order_by("year", "id")[:20]:
        years.setdefault(album.year, []).append(album)
    return JsonResponse({str(year): [album.artist.name for album in albums] for year, albums in years.items()})


def grouped_good(request):
    years = {}
    for album in Album.objects.order_by("year", "id").select_related("artist")[:20]:
        years.setdefault(album.year, []).append(album)
    return JsonResponse({str(year): [album.artist.name for album in albums] for year, albums in years.items()})


def enumerated_bad(request):
    """A list of the rows, then enumerate()."""
    albums = list(Album.objects.order_by("id")[:20])
    return JsonResponse({"albums": [[n, album.artist.name] for n, album in enumerate(albums, 1)]})


def enumerated_good(request):
    albums = list(Album.objects.order_by("id").select_related("artist")[:20])
    return JsonResponse({"albums": [[n, album.artist.name] for n, album in enumerate(albums, 1)]})


def iterator_bad(request):
    rows = []
    for album in Album.objects.order_by("id").iterator(chunk_size=50):
        rows.append([album.title, album.artist.name])
    return JsonResponse({"albums": rows})


def iterator_good(request):
    rows = []
    for album in Album.objects.order_by("id").select_related("artist").iterator(chunk_size=50):
        rows.append([album.title, album.artist.name])
    return JsonResponse({"albums": rows})


def branches_bad(request):
    """The queryset is built on in branches."""
    albums = Album.objects.all()
    if "year" in request.GET:
        albums = albums.filter(year=request.GET["year"])
    if request.GET.get("sort") == "title":
        albums = albums.order_by("title", "id")
    else:
        albums = albums.order_by("id")
    return JsonResponse({"albums": [album.artist.name for album in albums]})


def branches_good(request):
    albums = Album.objects.select_related("artist")
    if "year" in request.GET:
        albums = albums.filter(year=request.GET["year"])
    if request.GET.get("sort") == "title":
        albums = albums.order_by("title", "id")
    else:
        albums = albums.order_by("id")
    return JsonResponse({"albums": [album.artist.name for album in albums]})


def target_bad(request):
    """A generic foreign key with a name of its own."""
    links = Link.objects.order_by("id")[:20]
    return JsonResponse({"links": [[link.url, link.target.pk] for link in links]})


def target_good(request):
    links = Link.objects.prefetch_related("target").order_by("id")[:20]
    return JsonResponse({"links": [[link.url, link.target.pk] for link in links]})


def child_bad(request):
    """The child of each parent row, multi-table inheritance."""
    items = Item.objects.order_by("id")[:20]
    return JsonResponse({"items": [[item.code, item.record.rpm] for item in items]})


def child_good(request):
    items = Item.objects.select_related("record").order_by("id")[:20]
    return JsonResponse({"items": [[item.code, item.record.rpm] for item in items]})


def inherited_bad(request):
    """A foreign key of the parent model, read from the child."""
    records = Record.objects.order_by("id")[:20]
    return JsonResponse({"records": [[record.code, record.maker.name] for record in records]})


def inherited_good(request):
    records = Record.objects.select_related("maker").order_by("id")[:20]
    return JsonResponse({"records": [[record.code, record.maker.name] for record in records]})


def composite_bad(request):
    """Rows whose primary key is two columns."""
    slots = Slot.objects.order_by("rack", "number")[:20]
    return JsonResponse({"slots": [[slot.rack, slot.number, slot.room.name] for slot in slots]})


def composite_good(request):
    slots = Slot.objects.select_related("room").order_by("rack", "number")[:20]
    return JsonResponse({"slots": [[slot.rack, slot.number, slot.room.name] for slot in slots]})
