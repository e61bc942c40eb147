"""``manage.py stand_still``: stop money and mail by hand, before or after a restore."""

from datetime import date, datetime, time

from django.core.management.base import BaseCommand
from django.utils import timezone

from foundation.standstill import stand_still


class Command(BaseCommand):
    """Open a standstill. Safe to repeat: the one that holds already stays as it is."""

    help = "Stop money and mail until manage.py after_restore --release."

    def add_arguments(self, parser):
        parser.add_argument("--why", required=True)
        parser.add_argument(
            "--remembers-until", type=date.fromisoformat, metavar="DAY", help="the day of the backup, where it has no marker"
        )

    def handle(self, *args, why, remembers_until, **options):
        until = timezone.make_aware(datetime.combine(remembers_until, time.min)) if remembers_until else None
        standstill = stand_still(why, remembers_until=until)
        self.stdout.write(f"money and mail stand still since {standstill.since:%Y-%m-%d %H:%M} UTC: {standstill.why}")
