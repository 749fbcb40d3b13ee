from django.core.management.base import BaseCommand

from core.models import AuditEntry


class Command(BaseCommand):
    help = "Print the audit log through a server-side cursor."

    def handle(self, *args, **options):
        for entry in AuditEntry.objects.only("at", "action").iterator(chunk_size=500):
            self.stdout.write(f"{entry.at:%Y-%m-%d} {entry.action}")
