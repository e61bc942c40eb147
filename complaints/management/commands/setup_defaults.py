"""Load what the product ships: teams, categories, forms, notice templates and canned replies."""

from django.core.management.base import BaseCommand

from complaints.intake.defaults import load_catalogue_defaults
from knowledge.services import load_defaults as load_canned_replies


class Command(BaseCommand):
    """Add what is missing. Rows that exist are left as they are, so it is safe to run at every start."""

    help = __doc__

    def handle(self, *args, **options):
        for name, count in load_catalogue_defaults().items():
            self.stdout.write(f"{name}: {count} added")
        self.stdout.write(f"canned replies: {load_canned_replies()} added")
