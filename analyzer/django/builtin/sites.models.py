from django.db import models
from django.db.models.signals import pre_delete, pre_save


class SiteManager(models.Manager):
    def get_current(self, request=None): ...

    def clear_cache(self): ...


class Site(models.Model):
    domain = models.CharField(max_length=100, unique=True)
    name = models.CharField(max_length=50)

    objects = SiteManager()

    class Meta:
        db_table = "django_site"
        ordering = ["domain"]

    def __str__(self):
        return self.domain


def clear_site_cache(sender, **kwargs): ...


pre_save.connect(clear_site_cache, sender=Site)
pre_delete.connect(clear_site_cache, sender=Site)
