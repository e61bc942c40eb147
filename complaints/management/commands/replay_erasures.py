"""``manage.py replay_erasures``: after a restore, erase again what was erased since the backup."""

from django.core.management.base import BaseCommand

from complaints.privacy.erasure_list import list_path
from complaints.privacy.replay import replay_erasures


class Command(BaseCommand):
    """Erase whatever the list beside the database names and the database still holds. Safe to repeat."""

    help = "Erase again what was erased since the backup that was restored."

    def handle(self, *args, **options):
        numbers = replay_erasures()
        self.stdout.write(f"{list_path()}: {len(numbers)} complaints erased again{': ' if numbers else ''}{', '.join(numbers)}")
