"""Views that run on the event loop."""

from django.db.models import Count
from django.http import JsonResponse

from catalog.models import Album, Artist


async def async_for_bad(request):
    """One awaited query per row."""
    rows = []
    async for album in Album.objects.order_by("id")[:20]:
        rows.append([album.title, await album.tracks.acount()])
    return JsonResponse({"albums": rows})


async def async_for_good(request):
    rows = []
    async for album in Album.objects.annotate(track_count=Count("tracks")).order_by("id")[:20]:
        rows.append([album.title, album.track_count])
    return JsonResponse({"albums": rows})


async def async_get_bad(request):
    """aget() with a key of each row."""
    rows = []
    async for album in Album.objects.order_by("id")[:20]:
        artist = await Artist.objects.aget(pk=album.artist_id)
        rows.append([album.title, artist.name])
    return JsonResponse({"albums": rows})


async def async_get_good(request):
    rows = []
    async for album in Album.objects.select_related("artist").order_by("id")[:20]:
        rows.append([album.title, album.artist.name])
    return JsonResponse({"albums": rows})


async def async_list_bad(request):
    """The rows of a relation, awaited in a comprehension."""
    rows = []
    async for artist in Artist.objects.order_by("id")[:20]:
        rows.append([artist.name, [album.title async for album in artist.albums.all()]])
    return JsonResponse({"artists": rows})


async def async_list_good(request):
    rows = []
    async for artist in Artist.objects.prefetch_related("albums").order_by("id")[:20]:
        rows.append([artist.name, [album.title async for album in artist.albums.all()]])
    return JsonResponse({"artists": rows})
