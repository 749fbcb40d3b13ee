import uuid

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models


class Country(models.Model):
    code = models.CharField(max_length=2)
    name = models.CharField(max_length=80)


class Publisher(models.Model):
    name = models.CharField(max_length=100)
    city = models.CharField(max_length=80)


class Author(models.Model):
    name = models.CharField(max_length=100)
    born = models.DateField()
    country = models.ForeignKey(Country, on_delete=models.PROTECT)


class Tag(models.Model):
    name = models.CharField(max_length=50, unique=True)


class Comment(models.Model):
    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveIntegerField()
    content_object = GenericForeignKey()
    text = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["content_type", "object_id"], name="comment_target")]


class Book(models.Model):
    title = models.CharField(max_length=200)
    isbn = models.CharField(max_length=13)
    published = models.DateField()
    body = models.TextField()
    author = models.ForeignKey(Author, on_delete=models.CASCADE)
    publisher = models.ForeignKey(Publisher, on_delete=models.SET_NULL, null=True, blank=True)
    tags = models.ManyToManyField(Tag, blank=True)
    comments = GenericRelation(Comment)

    @property
    def byline(self):
        return f"{self.title} by {self.author.name}"


class Review(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE, related_name="reviews")
    stars = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)


class Loan(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    borrower = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    due = models.DateField()
    returned = models.BooleanField(default=False)


class Place(models.Model):
    name = models.CharField(max_length=100)
    address = models.CharField(max_length=200)


class Library(Place):
    books_held = models.IntegerField()
    has_cafe = models.BooleanField(default=False)


class Shelf(models.Model):
    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    label = models.CharField(max_length=50)


class Copy(models.Model):
    barcode = models.CharField(max_length=20)
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    shelf = models.ForeignKey(Shelf, on_delete=models.CASCADE)


class Member(models.Model):
    """From the library's old system, whose tables kept their names."""

    number = models.AutoField(primary_key=True, db_column="MEMBER_NO")
    full_name = models.CharField(max_length=100, db_column="FULL_NM")

    class Meta:
        db_table = "tblMember"


class Card(models.Model):
    member = models.ForeignKey(Member, on_delete=models.CASCADE, db_column="mbr_no")
    issued = models.DateField(db_column="issue_dt")

    class Meta:
        db_table = "lib_cards"


class AuthorRanking(models.Model):
    """A database view that works out each author's rank, slowly."""

    author = models.OneToOneField(Author, on_delete=models.DO_NOTHING, primary_key=True, related_name="ranking")
    books = models.IntegerField()
    worked = models.CharField(max_length=10)

    class Meta:
        managed = False
        db_table = "library_ranking"
