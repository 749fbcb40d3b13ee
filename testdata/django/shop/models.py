from django.db import models


class Category(models.Model):
    slug = models.SlugField(primary_key=True)
    name = models.CharField(max_length=100)


class Product(models.Model):
    sku = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=100)
    category = models.ForeignKey(Category, on_delete=models.PROTECT)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    stock = models.IntegerField(default=0)


class PriceChange(models.Model):
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    price = models.DecimalField(max_digits=8, decimal_places=2)
    created = models.DateTimeField()


class Customer(models.Model):
    """Grew a column with every feature."""

    name = models.CharField(max_length=100)
    email = models.EmailField()
    phone = models.CharField(max_length=30)
    mobile = models.CharField(max_length=30, blank=True)
    company = models.CharField(max_length=100, blank=True)
    vat_number = models.CharField(max_length=30, blank=True)
    street = models.CharField(max_length=100)
    street2 = models.CharField(max_length=100, blank=True)
    postcode = models.CharField(max_length=20)
    city = models.CharField(max_length=80)
    country = models.CharField(max_length=2)
    language = models.CharField(max_length=5, default="en")
    currency = models.CharField(max_length=3, default="EUR")
    newsletter = models.BooleanField(default=False)
    birthday = models.DateField(null=True)
    credit_limit = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    rating = models.IntegerField(default=0)
    notes = models.TextField(blank=True)
    history = models.TextField(blank=True)
    preferences = models.JSONField(default=dict)
    segments = models.JSONField(default=list)
    created = models.DateTimeField()
    last_seen = models.DateTimeField(null=True)


class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    status = models.CharField(max_length=20)
    placed_on = models.DateField()
    total = models.DecimalField(max_digits=9, decimal_places=2)


class OrderItem(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    quantity = models.IntegerField()
    price = models.DecimalField(max_digits=8, decimal_places=2)


class Promotion(models.Model):
    name = models.CharField(max_length=100)
    percent = models.IntegerField()
    starts = models.DateField()
    ends = models.DateField()


class Stock(models.Model):
    sku = models.CharField(max_length=20, unique=True)
    quantity = models.IntegerField()
