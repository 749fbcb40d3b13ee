from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "apps.people"
    label = "persons"
    default_auto_field = "django.db.models.SmallAutoField"
