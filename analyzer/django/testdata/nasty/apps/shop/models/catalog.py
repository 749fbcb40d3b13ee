from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from base import models as base
from base.fields import Name, NotesField, OwnerKey, ShortText, amount
from base.models import Labelled as L, Plain

__all__ = ["Label", "Peer", "Product", "Book", "Ebook", "Bundle", "SpecialProduct", "Combo", "Both"]

STATUS = "status"


class Peer(models.Model):
    """The app's own: what Owned.peer means here."""

    key = models.CharField(max_length=9, primary_key=True)


class Label(models.Model):
    text = models.CharField(_("text"), max_length=50)
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey()

    class Meta:
        indexes = [models.Index(fields=["content_type", "object_id"])]


class Product(Plain, L, base.Owned):
    owner2 = OwnerKey(related_name="second_%(class)s_set")
    code = ShortText()
    alias = ShortText(unique=False, null=True)
    price = amount(places=4, null=True)
    title = Name(unique=True)
    notes = NotesField(blank=True)
    status = models.CharField(max_length=9, choices=[("a", "A")])
    half = models.GeneratedField(expression=F("price") / 2, output_field=models.DecimalField(max_digits=9, decimal_places=2), db_persist=True)
    if STATUS:
        branch = models.IntegerField(default=0)
    data: dict = models.JSONField(default=dict)

    class Meta:
        ordering = [F("name").desc(nulls_last=True), "code", F("id")]
        default_related_name = "goods_%(model_name)s"
        constraints = [
            models.UniqueConstraint(fields=["name", "owner"], name="one_name"),
            models.UniqueConstraint(fields=["code"], condition=models.Q(price=1), name="part"),
            models.CheckConstraint(condition=models.Q(price__gt=0), name="positive"),
        ]
        unique_together = (("code", "title"), ["alias", "status"])


class Book(Product):
    author = models.ForeignKey("persons.Person", models.CASCADE)
    related = models.ManyToManyField("self", blank=True)


class Ebook(Book):
    size = models.IntegerField()

    class Meta:
        ordering = ["size"]


class SpecialProduct(Product):
    class Meta:
        proxy = True
        verbose_name = "x"


class Bundle(models.Model):
    items = models.ManyToManyField(Product, db_table="bundle_items")
    a_many_to_many_field_with_a_name_that_is_much_too_long_for_it = models.ManyToManyField(SpecialProduct, related_name="long+")
    users = models.ManyToManyField("persons.Staff")
    parent = models.ForeignKey("self", models.CASCADE, related_query_name="kid", null=True)


class Combo(SpecialProduct):
    bundle = models.OneToOneField(Bundle, models.CASCADE, parent_link=False)
    product = models.OneToOneField(Product, models.CASCADE, parent_link=True, related_name="as_combo")


class Both(Bundle, Peer):
    extra = models.IntegerField()
