"""Fill the catalogue with made-up rows; the same rows every time. Needs the users of `seed`."""

import datetime

from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import transaction

from catalog.models import (
    Album,
    AlbumGenre,
    Artist,
    Entry,
    Genre,
    Item,
    Label,
    Ledger,
    Link,
    Maker,
    Pressing,
    Price,
    Record,
    Region,
    Room,
    Slot,
    Tally,
    Track,
)
from core.management.commands.seed import WORDS

START = datetime.date(2024, 1, 1)
DAY = datetime.timedelta(days=1)


def word(n):
    return WORDS[n * 7 % len(WORDS)].title()


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args, **options):
        if not User.objects.filter(username="admin").exists():
            User.objects.create_superuser("admin", "admin@example.com", "secret")
        self.albums(list(User.objects.order_by("id")[:60]))
        self.things()
        self.pressings()

    def albums(self, users):
        regions = Region.objects.bulk_create(Region(name=word(i)) for i in range(30))
        labels = Label.objects.bulk_create(Label(name=f"{word(i + 3)} {i}", region=regions[i]) for i in range(30))
        artists = Artist.objects.bulk_create(
            Artist(name=f"{word(i + 9)} {word(i * 3)}", label=labels[i * 11 % 30]) for i in range(80)
        )
        for i, artist in enumerate(artists):
            artist.patron = artists[(i * 3 + 1) % 80] if i % 2 and (i * 3 + 1) % 80 != i else None
        Artist.objects.bulk_update(artists, ["patron"])
        genres = Genre.objects.bulk_create(Genre(name=f"{WORDS[i]} {i}") for i in range(24))
        albums = Album.objects.bulk_create(
            Album(
                title=f"{word(i)} {word(i + 5)} {i}",
                year=1985 + i % 30,
                artist=artists[2 if i % 12 == 0 else i * 13 % 80],
                producer=artists[i * 17 % 80] if i % 3 else None,
                created_by=users[i % 60],
                updated_by=users[(i + 7) % 60],
            )
            for i in range(120)
        )
        AlbumGenre.objects.bulk_create(
            AlbumGenre(album=album, genre=genres[(i * 5 + k) % 24], weight=i + k)
            for i, album in enumerate(albums)
            for k in range(3)
        )
        Track.objects.bulk_create(
            Track(
                album=album,
                number=k + 1,
                name=f"{word(i * k + k)} {i}.{k}",
                seconds=120 + (i * 37 + k * 53) % 240,
                plays=(i * 29 + k * 31) % 101,
            )
            for i, album in enumerate(albums)
            for k in range(4)
        )
        Price.objects.bulk_create(
            Price(album=album, amount=10 + i + k, since=START + (i + k) * DAY)
            for i, album in enumerate(albums)
            for k in range(2)
        )
        Entry.objects.bulk_create(Entry(album=albums[i], text=f"old {i}") for i in range(80))
        self.links(albums, artists)

    def links(self, albums, artists):
        kinds = [ContentType.objects.get_for_model(model) for model in (Album, Artist)]
        Link.objects.bulk_create(
            Link(
                content_type=kinds[i % 2],
                object_id=[albums, artists][i % 2][i // 2].pk,
                url=f"https://example.com/{i}",
            )
            for i in range(100)
        )

    def things(self):
        makers = Maker.objects.bulk_create(Maker(name=word(i)) for i in range(30))
        for i in range(30):  # bulk_create() cannot make multi-table children
            Record.objects.create(code=f"R{i}", maker=makers[i * 7 % 30], rpm=33)
        assert Item.objects.count() == 30
        rooms = Room.objects.bulk_create(Room(name=word(i)) for i in range(30))
        Slot.objects.bulk_create(Slot(rack=i // 8, number=i % 8, room=rooms[i * 7 % 30]) for i in range(48))
        Tally.objects.bulk_create(Tally(name=f"tally {i}", count=i) for i in range(40))
        Ledger.objects.bulk_create(Ledger(name=word(i), amount=i, doubled=2 * i) for i in range(30))

    def pressings(self):
        names = [field.name for field in Pressing._meta.fields if field.get_internal_type() == "CharField"]
        Pressing.objects.bulk_create(
            Pressing(
                album_id=1 + i % 20,
                weight=140 + i,
                speed=33,
                sides=2,
                pressed_on=START + i * DAY,
                shipped_on=START + (i + 3) * DAY,
                report=word(i) * 40,
                readings={"run": i},
                **{name: ["North", "South"][i % 2] if name == "plant" else f"{name[:6]} {i}" for name in names},
            )
            for i in range(100)
        )
