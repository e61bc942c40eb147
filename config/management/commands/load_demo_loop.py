from django.core.management.base import BaseCommand

from analytics.models import Improvement
from complaints.models import Complaint
from config.demo.loop import add_loop
from orders.models import Merchant

# The figures of a larger house are left to the sweeper, which takes its time.
MOST = 5_000


class Command(BaseCommand):
    """Give the demo shop a spike and improvement items. They go through the services, so they happen now and differ each time."""

    help = __doc__

    def handle(self, *args, verbosity: int, **options):
        if Improvement.objects.exists() or not 0 < Complaint.objects.count() <= MOST:
            return
        items = add_loop(Merchant.objects.order_by("id").first())
        if verbosity:
            self.stdout.write(f"{items} improvement items.")
