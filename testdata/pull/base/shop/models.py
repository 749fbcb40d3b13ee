from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=100)


class Book(models.Model):
    title = models.CharField(max_length=200)
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")


class Order(models.Model):
    book = models.ForeignKey(Book, models.CASCADE)
    paid = models.BooleanField(default=False)
