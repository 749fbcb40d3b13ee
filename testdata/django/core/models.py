from django.conf import settings
from django.db import models


class Stamped(models.Model):
    """Who made and who last changed a row, for the models of other apps."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(app_label)s_%(class)s_created"
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(app_label)s_%(class)s_updated"
    )

    class Meta:
        abstract = True


class Profile(models.Model):
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    phone = models.CharField(max_length=30)


class Article(models.Model):
    title = models.CharField(max_length=200)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="articles")
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="updated_articles")


class AuditEntry(models.Model):
    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=30)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=200)
    status = models.IntegerField()
    address = models.CharField(max_length=45)
    agent = models.CharField(max_length=200)
    detail = models.TextField()


class SiteSetting(models.Model):
    key = models.CharField(max_length=50, unique=True)
    value = models.CharField(max_length=200)


class Note(models.Model):
    """Free text by staff: the capture's hostile literals go in here."""

    title = models.CharField(max_length=100)
    text = models.TextField()
