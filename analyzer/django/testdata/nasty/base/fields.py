from functools import partial

from django.conf import settings
from django.db import models


class OwnerKey(models.ForeignKey):
    """A foreign key to the user that needs no arguments."""

    def __init__(self, *args, **kwargs):
        kwargs.setdefault("to", settings.AUTH_USER_MODEL)
        kwargs.setdefault("on_delete", models.CASCADE)
        kwargs["null"] = True
        super().__init__(*args, **kwargs)


class ShortText(models.CharField):
    def __init__(self, *args, max_length=20, **kwargs):
        super().__init__(*args, max_length=max_length, unique=kwargs.pop("unique", True), **kwargs)


class NotesField(models.TextField):
    pass


def amount(*, places=2, **kwargs):
    return models.DecimalField(max_digits=12, decimal_places=places, **kwargs)


Name = partial(models.CharField, max_length=80)
