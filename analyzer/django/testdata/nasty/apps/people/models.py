import uuid

from django.contrib.auth.models import AbstractUser, PermissionsMixin  # noqa: F401
from django.db import models

from .managers import PersonManager, PersonQuerySet


class Peer(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)


class Home(models.Model):
    street = models.CharField(max_length=100, db_column="STREET_NM")
    slug = models.SlugField(unique=True)


class Person(AbstractUser):
    username = None
    email = models.EmailField(unique=True)
    home = models.ForeignKey(Home, models.SET_NULL, null=True, to_field="slug", related_name="residents")
    friends = models.ManyToManyField("self")
    follows = models.ManyToManyField("self", symmetrical=False, related_name="followers")
    blocks = models.ManyToManyField("Person", related_name="blocked_by", through="Block", through_fields=("by", "whom"))
    mentor = models.ForeignKey("self", models.SET_NULL, null=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = []

    people = PersonManager()
    objects = models.Manager.from_queryset(PersonQuerySet)()

    def __str__(self):
        return self.email

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)


class Block(models.Model):
    whom = models.ForeignKey(Person, models.CASCADE, related_name="blocks_of")
    by = models.ForeignKey(Person, models.CASCADE, related_name="blocks_by")
    agent = models.ForeignKey(Person, models.CASCADE, null=True, related_name="+")


class Staff(Person):
    class Meta:
        proxy = True
        ordering = ["email"]

    objects = PersonQuerySet.as_manager()


class Badge(models.Model):
    holder = models.OneToOneField(Staff, models.CASCADE, primary_key=True)
    code = models.BigIntegerField(db_index=True)
