from django.db import models


class ContentTypeManager(models.Manager):
    def get_by_natural_key(self, app_label, model): ...

    def get_for_model(self, model, for_concrete_model=True): ...

    def get_for_models(self, *model_list, for_concrete_models=True): ...

    def get_for_id(self, id): ...

    def clear_cache(self): ...


class ContentType(models.Model):
    app_label = models.CharField(max_length=100)
    model = models.CharField(max_length=100)

    objects = ContentTypeManager()

    class Meta:
        db_table = "django_content_type"
        unique_together = [["app_label", "model"]]

    def __str__(self):
        return self.app_labeled_name

    @property
    def name(self):
        return f"{self.app_label} {self.model}"

    @property
    def app_labeled_name(self):
        return f"{self.app_label} | {self.model}"

    def natural_key(self):
        return (self.app_label, self.model)
