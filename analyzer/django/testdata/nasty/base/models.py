from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Index

MAYBE = dict(null=True, blank=True)
OPTIONAL = True


class Plain:
    """No model: its field is none."""

    ignored = models.IntegerField()

    class Meta:
        ordering = ["nothing"]


class Timestamped(models.Model):
    created = models.DateTimeField(auto_now_add=True)
    modified = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True
        ordering = ("-created",)
        get_latest_by = "created"
        indexes = [Index(fields=["-created"])]


class Owned(Timestamped):
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="%(app_label)s_%(class)s_owned",
        related_query_name="%(app_label)s_%(class)ss",
        null=OPTIONAL,
    )
    watchers = models.ManyToManyField("persons.Person", related_name="watched_%(class)s")
    peer = models.ForeignKey("Peer", models.SET_NULL, null=True, related_name="+")

    class Meta(Timestamped.Meta):
        abstract = True


class Labelled(models.Model):
    name = models.CharField(max_length=200)
    labels = GenericRelation("shop.Label", related_query_name="%(class)s")
    about_type = models.ForeignKey(ContentType, models.CASCADE, null=True, related_name="+")
    about_id = models.PositiveIntegerField(null=True)
    about = GenericForeignKey("about_type", "about_id")

    class Meta:
        abstract = True
