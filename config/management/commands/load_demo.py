from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from complaints.search.indexing import fill_missing
from config import SETUP_COMMANDS
from config.demo.load import load, make_plan
from orders.imports.progress import ProgressBar
from orders.models import Order

SMALL = {"orders": 1200, "complaints": 440}
LARGEST = 10_000_000
# A larger house makes its complaints findable by ``complaint_search_fill``, when it wants to.
SEARCHED_AT_ONCE = 5000


class Command(BaseCommand):
    """Fill the house with an invented shop; the same seed and moment give the same shop."""

    help = "Load the demo shop: orders, customers, complaints in every state, staff. Volumes up to millions, for measuring."

    def add_arguments(self, parser):
        parser.add_argument("--orders", type=int, default=SMALL["orders"])
        parser.add_argument("--complaints", type=int, default=SMALL["complaints"])
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--now", help="The moment that the shop is looked at (ISO 8601). Default: now.")
        parser.add_argument("--only-if-empty", action="store_true", help="Do nothing when there is any order.")

    def handle(self, *args, orders: int, complaints: int, seed: int, now: str | None, only_if_empty: bool, verbosity: int, **options):
        if Order.objects.exists():
            if only_if_empty:
                return
            raise CommandError("There are orders already. The demo shop goes into an empty house only.")
        if not (1 <= orders <= LARGEST and 0 <= complaints <= LARGEST):
            raise CommandError(f"--orders takes 1 to {LARGEST:,}, --complaints 0 to {LARGEST:,}.")
        moment = parse_datetime(now) if now else timezone.now()
        if moment is None or timezone.is_naive(moment):
            raise CommandError("--now takes a moment with its zone, for instance 2026-03-02T12:00:00+08:00.")
        for command in SETUP_COMMANDS:
            call_command(command, verbosity=0, stdout=self.stderr if verbosity > 1 else _Nowhere())
        plan = make_plan(orders=orders, complaints=complaints, seed=seed, now=moment)
        load(plan, progress=ProgressBar("demo shop", stream=self.stderr) if verbosity else lambda done, total: None)
        if complaints <= SEARCHED_AT_ONCE:
            fill_missing()
        if verbosity:
            self.stdout.write(f"{orders:,} orders and {complaints:,} complaints of seed {seed}.")


class _Nowhere:
    def write(self, _text: str = "", *_rest) -> None:
        pass
