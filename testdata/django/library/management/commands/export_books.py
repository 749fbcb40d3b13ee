from django.core.management.base import BaseCommand

from library.models import Book


class Command(BaseCommand):
    help = "Walk the books page by page."

    def handle(self, *args, **options):
        books = Book.objects.order_by("id").values_list("id", "title")
        for page in range(5):
            for pk, title in books[page * 50 : page * 50 + 50]:
                self.stdout.write(f"{pk},{title}")
