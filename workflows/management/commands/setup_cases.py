"""Load what the product ships for after-sales cases: the rules and the procedure of each type."""

from django.core.management.base import BaseCommand

from workflows.policies.defaults import load_default_policies
from workflows.services.flow_versions import load_default_flows


class Command(BaseCommand):
    """Add what is missing. Rows that exist are left as they are, so it is safe to run at every start."""

    help = __doc__

    def handle(self, *args, **options):
        for name, count in {"after-sales policies": load_default_policies(), "flow definitions": load_default_flows()}.items():
            self.stdout.write(f"{name}: {count} added")
