from django.contrib.auth.models import BaseUserManager
from django.db import models


class PersonQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class PersonManager(BaseUserManager.from_queryset(PersonQuerySet)):
    def get_queryset(self):
        return super().get_queryset().select_related("home")
