"""A catalogue of records: what the other apps do not have (managers, a proxy, a through model, composite keys)."""

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

from catalog.querysets import AlbumQuerySet, CreditedManager, RecentManager
from core.models import Stamped


class Region(models.Model):
    name = models.CharField(max_length=80)

    def __str__(self):
        return self.name


class Label(models.Model):
    name = models.CharField(max_length=80)
    region = models.ForeignKey(Region, on_delete=models.PROTECT)

    def __str__(self):
        return "%s, %s" % (self.name, self.region.name)


class Artist(models.Model):
    name = models.CharField(max_length=80)
    label = models.ForeignKey(
        Label, on_delete=models.PROTECT, related_name="artists", related_query_name="signed_artist"
    )
    patron = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="protegees")

    def __str__(self):
        return self.name

    @property
    def line(self):
        return self.credit()

    def credit(self):
        return f"{self.name} ({self.label.name})"


class Genre(models.Model):
    name = models.CharField(max_length=40, unique=True)


class Link(models.Model):
    """An address of anything."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    target = GenericForeignKey("content_type", "object_id")
    url = models.CharField(max_length=100)


class Album(Stamped):
    title = models.CharField(max_length=120)
    year = models.IntegerField()
    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, related_name="albums")
    producer = models.ForeignKey(Artist, on_delete=models.SET_NULL, null=True, blank=True, related_name="produced")
    genres = models.ManyToManyField(Genre, through="AlbumGenre", related_name="albums")
    links = GenericRelation(Link)

    objects = AlbumQuerySet.as_manager()
    credited = CreditedManager()

    def __str__(self):
        return f"{self.title} by {self.artist.name}"

    @property
    def byline(self):
        return f"{self.title}: {self.artist.line}"


class RecentAlbum(Album):
    objects = RecentManager()

    class Meta:
        proxy = True


class AlbumGenre(models.Model):
    album = models.ForeignKey(Album, on_delete=models.CASCADE)
    genre = models.ForeignKey(Genre, on_delete=models.CASCADE)
    weight = models.IntegerField()


class Track(models.Model):
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="tracks")
    number = models.IntegerField()
    name = models.CharField(max_length=80)
    seconds = models.IntegerField()
    plays = models.IntegerField(default=0)

    class Meta:
        ordering = ["album_id", "number"]


class Price(models.Model):
    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="prices")
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    since = models.DateField()

    class Meta:
        get_latest_by = "since"


class Maker(models.Model):
    name = models.CharField(max_length=80)


class Item(models.Model):
    code = models.CharField(max_length=20)
    maker = models.ForeignKey(Maker, on_delete=models.PROTECT)


class Record(Item):
    rpm = models.IntegerField()


class Room(models.Model):
    name = models.CharField(max_length=40)


class Slot(models.Model):
    """A place on a shelf: its key is two columns."""

    pk = models.CompositePrimaryKey("rack", "number")
    rack = models.IntegerField()
    number = models.IntegerField()
    room = models.ForeignKey(Room, on_delete=models.PROTECT)


class Pressing(models.Model):
    """Everything the factory notes."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="pressings")
    matrix = models.CharField(max_length=20)
    plant = models.CharField(max_length=40)
    weight = models.IntegerField()
    speed = models.IntegerField()
    sides = models.IntegerField()
    colour = models.CharField(max_length=20)
    sleeve = models.CharField(max_length=20)
    insert = models.CharField(max_length=20)
    sticker = models.CharField(max_length=20)
    barcode = models.CharField(max_length=20)
    batch = models.CharField(max_length=20)
    operator = models.CharField(max_length=40)
    press = models.CharField(max_length=20)
    stamper_a = models.CharField(max_length=20)
    stamper_b = models.CharField(max_length=20)
    lacquer = models.CharField(max_length=20)
    cut_by = models.CharField(max_length=40)
    plated_by = models.CharField(max_length=40)
    checked_by = models.CharField(max_length=40)
    pressed_on = models.DateField()
    shipped_on = models.DateField()
    report = models.TextField()
    readings = models.JSONField(default=dict)


class Tally(models.Model):
    """A counter with a name."""

    name = models.CharField(max_length=40, unique=True)
    count = models.IntegerField(default=0)


class Entry(models.Model):
    """A line of the log book."""

    album = models.ForeignKey(Album, on_delete=models.CASCADE, related_name="entries")
    text = models.CharField(max_length=80)


class Ledger(models.Model):
    """Knows the sum of its own line: save() does more than to save."""

    name = models.CharField(max_length=40)
    amount = models.IntegerField()
    doubled = models.IntegerField(default=0)

    def save(self, *args, **kwargs):
        self.doubled = self.amount * 2
        super().save(*args, **kwargs)
