from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from .catalog import Product

User = get_user_model()


class OrderManager(models.Manager):
    use_in_migrations = True


class Base(models.Model):
    objects = OrderManager()
    anything = OrderManager()

    class Meta:
        abstract = True
        managed = False


class Order(Base):
    buyer = models.ForeignKey(User, on_delete=models.PROTECT)
    seller = models.ForeignKey(getattr(settings, "AUTH_USER_MODEL", "auth.User"), models.PROTECT, related_name="sales")
    products = models.ManyToManyField(Product, through="shop.OrderLine")
    sites = models.ManyToManyField("sites.Site")

    class Meta(Base.Meta):
        db_table = "the_orders"
        default_manager_name = "anything"
        ordering = "-id", "buyer__email"


class OrderLine(models.Model):
    order = models.ForeignKey(Order, models.CASCADE, related_name="lines", db_column="ord")
    product = models.ForeignKey("Product", models.CASCADE)
    nr = models.IntegerField("number", unique=True)

    class Meta:
        order_with_respect_to = "order"


class AVeryLongModelNameThatPostgreSQLWouldNotTakeAsATableNameAsItIs(models.Model):
    order = models.OneToOneField(to="Order", on_delete=models.CASCADE, related_name="long", primary_key=True)


class Invoice(models.Model):
    pk = models.CompositePrimaryKey("order_id", "nr")
    order = models.ForeignKey(Order, models.CASCADE)
    nr = models.IntegerField()
