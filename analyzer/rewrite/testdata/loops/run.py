"""Runs view() of each FOLDER/NAME/before.py and after.py on the same rows and prints what they give and cost."""

import datetime
import importlib.util
import inspect
import json
import pathlib
import sys

import django
from asgiref.sync import async_to_sync
from django.conf import settings

folder, project = pathlib.Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, project)
settings.configure(
    INSTALLED_APPS=["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "core", "library", "shop"],
    MIGRATION_MODULES={app: None for app in ("admin", "auth", "contenttypes", "core", "library", "shop")},
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.models import SiteSetting
from library.models import Author, Book, Country, Loan, Publisher, Review, Tag
from shop.models import Category, Customer, Order, OrderItem, PriceChange, Product, Promotion

call_command("migrate", run_syncdb=True, verbosity=0)


def day(n):
    return datetime.date(2024, 1, 1) + datetime.timedelta(days=n)


def moment(n):
    return datetime.datetime(2024, 1, n, tzinfo=datetime.timezone.utc)


france = Country.objects.create(code="FR", name="France")
Publisher.objects.create(name="P", city="Paris")
user = User.objects.create(username="u")
tags = [Tag.objects.create(name=f"tag {n}") for n in range(4)]
SiteSetting.objects.create(key="vat", value="20")
for n in range(4):
    author = Author.objects.create(name=f"Author {n}", born=day(0), country=france)
    for i in range(n):  # the first has no book
        book = Book.objects.create(title=f"Title {i}", isbn=str(n), published=day(10 * n + i), body="", author=author)
        book.tags.set(tags[: i + 1])
        for stars in range(i + 1):
            Review.objects.create(book=book, stars=stars + 2, text="good" if stars else "bad")
        for k in range(i):
            Loan.objects.create(book=book, borrower=user, due=day(k), returned=(n + k) % 2 == 0)
category = Category.objects.create(slug="c", name="C")
for n in range(4):
    product = Product.objects.create(sku=f"SKU-{n}", name=f"Product {n}", category=category, price=n, stock=n)
    for i in range(2 if n < 2 else 0):
        PriceChange.objects.create(product=product, price=n + i, created=moment(n + i + 1))
customer = Customer.objects.create(name="C", email="c@example.com", phone="0", street="s", postcode="1", city="c", country="FR", created=moment(1))
Promotion.objects.create(name="p", percent=5, starts=day(0), ends=day(9))
for n in range(5):
    order = Order.objects.create(customer=customer, status="paid" if n % 2 else "open", placed_on=day(n), total=n)
    for i in range(n):
        OrderItem.objects.create(order=order, product=product, quantity=i + 1, price=1)


def run(path):
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        try:
            view = module.view
            if inspect.iscoroutinefunction(view):
                view = async_to_sync(view)  # runs the database's part in this thread
            result = json.dumps(view(), default=str)
        except Exception as e:
            result = f"{type(e).__name__}: {e}"
        transaction.set_rollback(True)
    return {"result": result, "queries": len(queries)}


print(json.dumps({p.parent.name: {"before": run(p), "after": run(p.parent / "after.py")} for p in sorted(folder.glob("*/before.py"))}))
