from django.db import models


class BaseUserManager(models.Manager):
    def get_by_natural_key(self, username): ...


class AbstractBaseUser(models.Model):
    password = models.CharField(max_length=128)
    last_login = models.DateTimeField(null=True)
    is_active = True

    class Meta:
        abstract = True

    def __str__(self):
        return self.get_username()

    def save(self, **kwargs):
        super().save(**kwargs)

    def get_username(self):
        return getattr(self, self.USERNAME_FIELD)
