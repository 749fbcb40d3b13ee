"""Row-at-a-time writes of each kind."""

from django.db import transaction
from django.db.models import F
from django.http import JsonResponse

from catalog.models import Album, AlbumGenre, Entry, Genre, Ledger, Tally, Track


def create_bad(request):
    """create() for each row of another table."""
    for album in Album.objects.order_by("id")[:20]:
        Entry.objects.create(album=album, text=f"checked {album.title}")
    return JsonResponse({"done": True})


def create_good(request):
    albums = Album.objects.order_by("id")[:20]
    Entry.objects.bulk_create([Entry(album=album, text=f"checked {album.title}") for album in albums])
    return JsonResponse({"done": True})


def save_new_bad(request):
    """An instance, then save()."""
    for number in range(20):
        entry = Entry(album_id=number + 1, text="new")
        entry.text = f"new {number}"
        entry.save()
    return JsonResponse({"done": True})


def save_new_good(request):
    entries = []
    for number in range(20):
        entry = Entry(album_id=number + 1, text="new")
        entry.text = f"new {number}"
        entries.append(entry)
    Entry.objects.bulk_create(entries)
    return JsonResponse({"done": True})


def related_create_bad(request):
    """create() of a related manager."""
    album = Album.objects.get(pk=5)
    for number in range(12):
        album.entries.create(text=f"line {number}")
    return JsonResponse({"done": True})


def related_create_good(request):
    album = Album.objects.get(pk=5)
    Entry.objects.bulk_create([Entry(album=album, text=f"line {number}") for number in range(12)])
    return JsonResponse({"done": True})


def save_field_bad(request):
    """A value of each row's own, then save(update_fields)."""
    for track in Track.objects.order_by("id")[:20]:
        track.name = track.name.upper()
        track.save(update_fields=["name"])
    return JsonResponse({"done": True})


def save_field_good(request):
    tracks = list(Track.objects.order_by("id")[:20])
    for track in tracks:
        track.name = track.name.upper()
    Track.objects.bulk_update(tracks, ["name"])
    return JsonResponse({"done": True})


def save_constant_bad(request):
    """The same value for all rows."""
    for tally in Tally.objects.filter(count__gte=10).order_by("id"):
        tally.count = 0
        tally.save(update_fields=["count"])
    return JsonResponse({"done": True})


def save_constant_good(request):
    Tally.objects.filter(count__gte=10).update(count=0)
    return JsonResponse({"done": True})


def increment_bad(request):
    """Each row's own value, one more."""
    for tally in Tally.objects.filter(count__lt=10):
        tally.count += 1
        tally.save(update_fields=["count"])
    return JsonResponse({"done": True})


def increment_good(request):
    Tally.objects.filter(count__lt=10).update(count=F("count") + 1)
    return JsonResponse({"done": True})


def update_each_bad(request):
    """update() of one row, again and again."""
    plays = {number: number * 3 for number in range(1, 21)}
    for pk, count in plays.items():
        Track.objects.filter(pk=pk).update(plays=count)
    return JsonResponse({"done": True})


def update_each_good(request):
    plays = {number: number * 3 for number in range(1, 21)}
    tracks = list(Track.objects.filter(pk__in=plays))
    for track in tracks:
        track.plays = plays[track.pk]
    Track.objects.bulk_update(tracks, ["plays"])
    return JsonResponse({"done": True})


def delete_bad(request):
    for entry in Entry.objects.filter(text__startswith="old"):
        entry.delete()
    return JsonResponse({"done": True})


def delete_good(request):
    Entry.objects.filter(text__startswith="old").delete()
    return JsonResponse({"done": True})


def delete_if_bad(request):
    """A condition that Python decides."""
    for entry in Entry.objects.filter(text__startswith="old").order_by("id"):
        if entry.text.endswith("7"):
            entry.delete()
    return JsonResponse({"done": True})


def delete_if_good(request):
    old = [entry.pk for entry in Entry.objects.filter(text__startswith="old") if entry.text.endswith("7")]
    Entry.objects.filter(pk__in=old).delete()
    return JsonResponse({"done": True})


def get_or_create_bad(request):
    names = [f"tally {number}" for number in range(30, 50)]
    for name in names:
        Tally.objects.get_or_create(name=name)
    return JsonResponse({"done": True})


def get_or_create_good(request):
    names = [f"tally {number}" for number in range(30, 50)]
    Tally.objects.bulk_create([Tally(name=name) for name in names], ignore_conflicts=True)
    return JsonResponse({"done": True})


def update_or_create_bad(request):
    for number in range(20):
        Tally.objects.update_or_create(name=f"tally {number}", defaults={"count": number})
    return JsonResponse({"done": True})


def update_or_create_good(request):
    Tally.objects.bulk_create(
        [Tally(name=f"tally {number}", count=number) for number in range(20)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["count"],
    )
    return JsonResponse({"done": True})


def genres_add_bad(request):
    """add() of one genre at a time, through a model with a column of its own."""
    album = Album.objects.get(pk=6)
    for genre in Genre.objects.order_by("id")[:12]:
        album.genres.add(genre, through_defaults={"weight": 1})
    return JsonResponse({"done": True})


def genres_add_good(request):
    album = Album.objects.get(pk=6)
    album.genres.add(*Genre.objects.order_by("id")[:12], through_defaults={"weight": 1})
    return JsonResponse({"done": True})


def savepoints_bad(request):
    """A savepoint around each step of what is one transaction anyway."""
    with transaction.atomic():
        for number in range(12):
            with transaction.atomic():
                AlbumGenre.objects.filter(pk=number + 1).update(weight=number)
    return JsonResponse({"done": True})


def savepoints_good(request):
    with transaction.atomic():
        marks = list(AlbumGenre.objects.filter(pk__lte=12))
        for mark in marks:
            mark.weight = mark.pk - 1
        AlbumGenre.objects.bulk_update(marks, ["weight"])
    return JsonResponse({"done": True})


def override_bad(request):
    """save() is overridden: bulk_update() would leave out what it does."""
    for ledger in Ledger.objects.order_by("id")[:20]:
        ledger.amount += 5
        ledger.save()
    return JsonResponse({"done": True})


def override_good(request):
    ledgers = list(Ledger.objects.order_by("id")[:20])
    for ledger in ledgers:
        ledger.amount += 5
        ledger.doubled = ledger.amount * 2
    Ledger.objects.bulk_update(ledgers, ["amount", "doubled"])
    return JsonResponse({"done": True})
