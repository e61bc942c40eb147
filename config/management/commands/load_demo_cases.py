from django.core.management.base import BaseCommand

from config.demo.cases import add_cases
from orders.models import Merchant
from workflows.models import Case


class Command(BaseCommand):
    """Give the demo shop after-sales cases on their way. They go through the services, so they happen now and differ each time."""

    help = __doc__

    def handle(self, *args, verbosity: int, **options):
        if Case.objects.exists():
            return
        cases = add_cases(Merchant.objects.order_by("id").first())
        if verbosity:
            self.stdout.write(f"{cases} after-sales cases.")
