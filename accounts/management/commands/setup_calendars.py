"""manage.py setup_calendars: load the public days and calendars that the product ships."""

from django.core.management.base import BaseCommand

from accounts.services.calendars import load_calendars


class Command(BaseCommand):
    """Add what is missing. Years and calendars that exist are left as they are, so it is safe to run at every start."""

    help = "Load the shipped public days and calendars."

    def handle(self, *args, **options):
        for name, count in load_calendars().items():
            self.stdout.write(f"{name}: {count} added")
