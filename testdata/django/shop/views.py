import datetime

from django.db.models import F, OuterRef, Subquery, Sum
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from shop.models import Customer, Order, PriceChange, Product, Promotion, Stock


def customers_bad(request):
    """Two columns shown, twenty-four read."""
    customers = Customer.objects.order_by("id")[:50]
    return JsonResponse({"customers": [[c.name, c.city] for c in customers]})


def customers_good(request):
    customers = Customer.objects.order_by("id").values_list("name", "city")[:50]
    return JsonResponse({"customers": list(customers)})


def customer(request, pk):
    """One wide row by key, and the newest one."""
    customer = get_object_or_404(Customer, pk=pk)
    newest = Customer.objects.order_by("-created").first()
    return JsonResponse({"name": customer.name, "newest": newest.name})


def customer_add(request):
    customer = Customer.objects.create(
        name="New",
        email="new@example.com",
        phone="0",
        street="1 New Street",
        postcode="1",
        city="Paris",
        country="FR",
        created=timezone.now(),
    )
    return JsonResponse({"id": customer.pk})


def customer_phone_bad(request, pk):
    customer = get_object_or_404(Customer, pk=pk)
    customer.phone = "+33 1 00000000"
    customer.save()
    return JsonResponse({"id": customer.pk})


def customer_phone_good(request, pk):
    customer = get_object_or_404(Customer, pk=pk)
    customer.phone = "+33 1 00000000"
    customer.save(update_fields=["phone"])
    return JsonResponse({"id": customer.pk})


def products_bad(request):
    products = Product.objects.order_by("id")[:20]
    return JsonResponse({"products": [[p.name, p.category.name] for p in products]})


def products_good(request):
    products = Product.objects.select_related("category").order_by("id")[:20]
    return JsonResponse({"products": [[p.name, p.category.name] for p in products]})


def sku_bad(request):
    skus = request.GET["skus"].split(",")
    return JsonResponse({"stock": {sku: Product.objects.get(sku=sku).stock for sku in skus}})


def sku_good(request):
    skus = request.GET["skus"].split(",")
    products = Product.objects.filter(sku__in=skus).values_list("sku", "stock")
    return JsonResponse({"stock": dict(products)})


def prices_bad(request):
    rows = []
    for product in Product.objects.order_by("id")[:20]:
        rows.append([product.name, product.pricechange_set.latest("created").price])
    return JsonResponse({"prices": rows})


def prices_good(request):
    latest = PriceChange.objects.filter(product=OuterRef("pk")).order_by("-created").values("price")[:1]
    products = Product.objects.annotate(latest=Subquery(latest)).order_by("id")[:20]
    return JsonResponse({"prices": [[p.name, p.latest] for p in products]})


def order_bad(request, pk):
    order = get_object_or_404(Order, pk=pk)
    items = [[item.quantity, item.product.name] for item in order.items.all()]
    return JsonResponse({"total": order.total, "items": items})


def order_good(request, pk):
    order = get_object_or_404(Order, pk=pk)
    items = [[item.quantity, item.product.name] for item in order.items.select_related("product")]
    return JsonResponse({"total": order.total, "items": items})


def totals_bad(request):
    rows = []
    for order in Order.objects.order_by("id")[:20]:
        rows.append([order.pk, order.items.aggregate(count=Sum("quantity"))["count"]])
    return JsonResponse({"orders": rows})


def totals_good(request):
    orders = Order.objects.annotate(count=Sum("items__quantity")).order_by("id")[:20]
    return JsonResponse({"orders": [[o.pk, o.count] for o in orders]})


def days_bad(request):
    """One query for each of twenty days."""
    first = datetime.date(2024, 1, 1)
    rows = []
    for number in range(20):
        day = first + datetime.timedelta(days=number)
        orders = Order.objects.filter(placed_on=day, status="paid")
        rows.append([day, [order.total for order in orders]])
    return JsonResponse({"days": rows})


def days_good(request):
    first = datetime.date(2024, 1, 1)
    last = first + datetime.timedelta(days=19)
    days = {}
    for order in Order.objects.filter(placed_on__range=(first, last), status="paid").order_by("placed_on"):
        days.setdefault(order.placed_on.isoformat(), []).append(order.total)
    return JsonResponse({"days": days})


def promotions_bad(request):
    """Which promotions ran on the day of each order."""
    rows = []
    for order in Order.objects.order_by("-placed_on", "id")[:80:4]:
        running = Promotion.objects.filter(starts__lte=order.placed_on, ends__gt=order.placed_on)
        rows.append([order.pk, [p.percent for p in running]])
    return JsonResponse({"orders": rows})


def promotions_good(request):
    promotions = list(Promotion.objects.order_by("starts")[:100])
    rows = []
    for order in Order.objects.order_by("-placed_on", "id")[:80]:
        running = [p for p in promotions if p.starts <= order.placed_on < p.ends]
        rows.append([order.pk, [p.percent for p in running]])
    return JsonResponse({"orders": rows})


def stock_bad(request):
    for number in range(20):
        Stock.objects.update_or_create(sku=f"SKU-{number:05d}", defaults={"quantity": number * 2})
    return JsonResponse({"updated": 20})


def stock_good(request):
    Stock.objects.bulk_create(
        [Stock(sku=f"SKU-{number:05d}", quantity=number * 2) for number in range(20)],
        update_conflicts=True,
        unique_fields=["sku"],
        update_fields=["quantity"],
    )
    return JsonResponse({"updated": 20})


def restock_bad(request):
    """Read, add, write back, row by row."""
    for product in Product.objects.order_by("id")[:20]:
        product.stock += 10
        product.save(update_fields=["stock"])
    return JsonResponse({"done": True})


def restock_good(request):
    Product.objects.filter(id__lte=20).update(stock=F("stock") + 10)
    return JsonResponse({"done": True})
