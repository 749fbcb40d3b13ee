"""Managers and querysets of the catalogue."""

from django.db import models


class AlbumQuerySet(models.QuerySet):
    def recent(self):
        return self.filter(year__gte=2000).order_by("id")

    def with_artist(self):
        return self.select_related("artist")


class RecentManager(models.Manager):
    """The albums of this century."""

    def get_queryset(self):
        return super().get_queryset().filter(year__gte=2000)


class CreditedManager(models.Manager):
    """Reads the artist with each album."""

    def get_queryset(self):
        return super().get_queryset().select_related("artist")
