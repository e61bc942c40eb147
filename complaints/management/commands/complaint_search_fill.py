"""``manage.py complaint_search_fill``: make every complaint findable by its words."""

from django.core.management.base import BaseCommand

from complaints.search.indexing import fill_missing
from orders.imports.progress import ProgressBar


class Command(BaseCommand):
    """Write the terms of complaints that have none, or older ones. It may be stopped and started again; it goes on where it was."""

    help = "Make every complaint findable by its words. May be stopped and started again."

    def handle(self, *args, verbosity, **options):
        bar = ProgressBar("complaints", stream=self.stderr) if verbosity else lambda done, total: None
        self.stdout.write(f"{fill_missing(progress=bar)} indexed")
