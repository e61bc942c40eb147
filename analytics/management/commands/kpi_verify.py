"""``manage.py kpi_verify``: whether facts and sums are what the events say, byte for byte."""

from datetime import date

from django.core.management.base import BaseCommand, CommandError

from analytics.ledger.families import FAMILIES
from analytics.ledger.months import verify_month
from analytics.ledger.rebuilding import verify
from analytics.management.commands.kpi_rebuild import bars_of


class Command(BaseCommand):
    """Fold everything, or a month, anew and compare sha256 of the rows in the order of their keys. Ends with 1 if a table differs."""

    help = "Compare facts and sums with what the events say, byte for byte. Changes nothing; ends with 1 if a table differs."

    def add_arguments(self, parser):
        parser.add_argument("--month", type=_month, help="only days of this month, as 2026-03")
        parser.add_argument("--family", action="append", choices=sorted(FAMILIES), default=[], help="only this one; may be repeated")

    def handle(self, *args, month, family, verbosity, **options):
        differing = verify_month(month) if month else verify(family, **bars_of(self.stderr, verbosity))
        for each in differing:
            self.stderr.write(f"{each.table}: kept {each.kept}, folded {each.folded}")
        if differing:
            raise CommandError("The ledger is not what its events say; manage.py kpi_rebuild makes it so.", returncode=1)
        self.stdout.write("the same, byte for byte")


def _month(text: str) -> date:
    return date.fromisoformat(f"{text}-01")
