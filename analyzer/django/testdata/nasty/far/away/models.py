"""Two bases whose fields come in the order in which they were declared."""

from django.db import models


class First(models.Model):
    one = models.IntegerField()

    class Meta:
        abstract = True


class Second(models.Model):
    two = models.IntegerField()
    one = models.TextField()

    class Meta:
        abstract = True


class Third(models.Model):
    three = models.IntegerField()

    class Meta:
        abstract = True


class Away(Third, Second, First):
    zero = models.IntegerField()
    two = None
