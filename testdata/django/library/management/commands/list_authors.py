from django.core.management.base import BaseCommand

from library.models import Book


class Command(BaseCommand):
    help = "Print each book with its author; --joined reads both in one query."

    def add_arguments(self, parser):
        parser.add_argument("--joined", action="store_true")

    def handle(self, *args, **options):
        books = Book.objects.order_by("id")
        if options["joined"]:
            books = books.select_related("author")
        for book in books[:40]:
            self.stdout.write(f"{book.title}: {book.author.name}")
