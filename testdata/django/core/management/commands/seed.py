"""Fill the database with made-up rows; the same rows every time."""

import datetime
import random
import uuid

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.management.base import BaseCommand
from django.db import transaction

from core.models import Article, AuditEntry, Profile, SiteSetting
from library.models import (
    Author,
    Book,
    Card,
    Comment,
    Copy,
    Country,
    Library,
    Loan,
    Member,
    Publisher,
    Review,
    Shelf,
    Tag,
)
from shop.models import Category, Customer, Order, OrderItem, PriceChange, Product, Promotion, Stock

WORDS = (
    "amber anchor apple autumn basket bridge candle castle cedar cloud copper coral dawn desert ember field "
    "forest garden glass harbor hazel island ivory jasmine kettle lantern linen maple marble meadow mirror "
    "moon needle ocean olive orchard paper pearl pepper pine quiet rain river salt sand shadow silver stone "
    "storm sugar summer thunder tide timber velvet violet willow window winter"
).split()
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)
DAY = datetime.timedelta(days=1)


class Command(BaseCommand):
    help = __doc__

    @transaction.atomic
    def handle(self, *args, **options):
        self.random = random.Random(20240101)
        self.people()
        self.books()
        self.shop()
        self.audit()

    def text(self, words):
        return " ".join(self.random.choices(WORDS, k=words))

    def people(self):
        password = make_password("secret", salt="seed")
        User.objects.bulk_create(
            User(
                username=f"reader{i:03d}",
                password=password,
                email=f"reader{i:03d}@example.com",
                first_name=self.text(1).title(),
                last_name=self.text(1).title(),
                date_joined=START + i * DAY,
            )
            for i in range(1, 121)
        )
        self.users = list(User.objects.order_by("id"))
        Profile.objects.bulk_create(Profile(user=u, phone=f"+49 30 55501{u.pk:03d}") for u in self.users)
        Article.objects.bulk_create(
            Article(title=self.text(4), created_by=self.users[i], updated_by=self.users[i + 40]) for i in range(60)
        )
        SiteSetting.objects.bulk_create(SiteSetting(key=k, value=v) for k, v in [("vat", "19"), ("currency", "EUR")])

    def books(self):
        countries = Country.objects.bulk_create(
            Country(code=chr(65 + i // 26) + chr(65 + i % 26), name=self.text(1).title()) for i in range(60)
        )
        publishers = Publisher.objects.bulk_create(
            Publisher(name=self.text(2).title(), city=self.text(1).title()) for _ in range(60)
        )
        authors = Author.objects.bulk_create(
            Author(name=self.text(2).title(), born=START.date() - i * 90 * DAY, country=countries[i % 60])
            for i in range(120)
        )
        tags = Tag.objects.bulk_create(Tag(name=f"{WORDS[i % 60]}-{i}") for i in range(50))
        books = Book.objects.bulk_create(
            Book(
                title=f"{self.text(2).title()} {i}",
                isbn=f"978{i:010d}",
                published=START.date() + i * DAY,
                body=self.text(60),
                author=authors[i % 120],
                publisher=None if i % 4 == 3 else publishers[(i + i // 120 * 7) % 60],
            )
            for i in range(360)
        )
        Book.tags.through.objects.bulk_create(
            Book.tags.through(book_id=b.pk, tag_id=tags[(n + k * 7) % 50].pk)
            for n, b in enumerate(books)
            for k in range(3)
        )
        Review.objects.bulk_create(
            Review(book=b, stars=1 + (n + k) % 5, text=self.text(8)) for n, b in enumerate(books) for k in range(2)
        )
        Loan.objects.bulk_create(
            Loan(book=books[i % 360], borrower=self.users[i % 120], due=START.date() + i * DAY, returned=i % 3 == 0)
            for i in range(480)
        )
        kinds = [ContentType.objects.get_for_model(m) for m in (Book, Author)]
        Comment.objects.bulk_create(
            Comment(content_type=kinds[i % 2], object_id=[books, authors][i % 2][i // 2].pk, text=self.text(6))
            for i in range(120)
        )
        for i in range(60):  # bulk_create cannot make multi-table children
            Library.objects.create(name=self.text(2).title(), address=self.text(3).title(), books_held=100 + i)
        shelves = Shelf.objects.bulk_create(
            Shelf(uuid=uuid.UUID(int=self.random.getrandbits(128), version=4), label=f"shelf {i}") for i in range(60)
        )
        Copy.objects.bulk_create(Copy(barcode=f"C{i:06d}", book=books[i], shelf=shelves[i % 60]) for i in range(120))
        members = Member.objects.bulk_create(Member(full_name=self.text(2).title()) for _ in range(60))
        Card.objects.bulk_create(Card(member=m, issued=START.date()) for m in members)

    def shop(self):
        categories = Category.objects.bulk_create(
            Category(slug=f"{word}-goods", name=word.title()) for word in WORDS[:50]
        )
        products = Product.objects.bulk_create(
            Product(
                sku=f"SKU-{i:05d}",
                name=self.text(2).title(),
                category=categories[i % 50],
                price=self.random.randrange(100, 9999) / 100,
                stock=1000,
            )
            for i in range(200)
        )
        PriceChange.objects.bulk_create(
            PriceChange(product=p, price=p.price, created=START + (n + k) * DAY)
            for n, p in enumerate(products)
            for k in range(3)
        )
        customers = Customer.objects.bulk_create(
            Customer(
                name=self.text(2).title(),
                email=f"customer{i}@example.com",
                phone=f"+33 1 5550{i:04d}",
                street=self.text(2).title(),
                postcode=f"{10000 + i}",
                city=self.text(1).title(),
                country="FR",
                notes=self.text(80),
                history=self.text(200),
                preferences={"theme": self.text(1), "pages": i},
                segments=[self.text(1), self.text(1)],
                created=START + i * DAY,
                last_seen=START + 2 * i * DAY,
            )
            for i in range(150)
        )
        orders = Order.objects.bulk_create(
            Order(
                customer=customers[i % 150],
                status=["new", "paid", "sent"][i % 3],
                placed_on=START.date() + (i // 4) * DAY,
                total=self.random.randrange(1000, 99999) / 100,
            )
            for i in range(240)
        )
        OrderItem.objects.bulk_create(
            OrderItem(order=o, product=products[(n + k) % 200], quantity=1 + k % 3, price=products[(n + k) % 200].price)
            for n, o in enumerate(orders)
            for k in range(20 if n == 0 else 3)
        )
        Promotion.objects.bulk_create(
            Promotion(
                name=self.text(2),
                percent=5 + i,
                starts=START.date() + i * 7 * DAY,
                ends=START.date() + (i + 2) * 7 * DAY,
            )
            for i in range(12)
        )
        Stock.objects.bulk_create(Stock(sku=f"SKU-{i:05d}", quantity=i) for i in range(200))

    def audit(self):
        AuditEntry.objects.bulk_create(
            (
                AuditEntry(
                    at=START + datetime.timedelta(minutes=i),
                    actor=f"reader{i % 120:03d}",
                    action="view",
                    method="GET",
                    path=f"/library/books/{i % 360}/",
                    status=200,
                    address=f"10.0.{i // 250 % 250}.{i % 250}",
                    agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                    detail=self.text(160),
                )
                for i in range(8000)
            ),
            batch_size=500,
        )
