"""``manage.py kpi_rebuild``: facts and sums anew from the first event on."""

from django.core.management.base import BaseCommand

from analytics.ledger.families import FAMILIES
from analytics.ledger.rebuilding import rebuild
from orders.imports.progress import ProgressBar


def bars_of(stream, verbosity: int) -> dict[str, ProgressBar]:
    """A line for what is folded, then one for the sums of its days."""
    if not verbosity:
        return {}
    return {"progress": ProgressBar("complaints and orders", stream=stream), "summing": ProgressBar("sums of days", stream=stream)}


class Command(BaseCommand):
    """Fold every event into a copy, then put that in the place of the ledger in one transaction. Stopped anywhere, it goes on there."""

    help = "Fold facts and sums anew from all events. May be stopped and started again; people may work and read meanwhile."

    def add_arguments(self, parser):
        parser.add_argument("--family", action="append", choices=sorted(FAMILIES), default=[], help="only this one; may be repeated")

    def handle(self, *args, family, verbosity, **options):
        changed = rebuild(family, **bars_of(self.stderr, verbosity))
        for each in changed:
            self.stdout.write(f"{each.table} was not what its events say, and is now")
        self.stdout.write(f"done, {len(changed)} tables changed")
