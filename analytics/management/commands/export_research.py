import time
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from analytics.models import ResearchExport, Step
from analytics.research.columns import BY_NAME, NAMES, QUASI
from analytics.research.exporting import Wish, ask_export, cohorts_of, work_due
from analytics.research.files import TYPES, write_file
from analytics.research.months import days_of
from analytics.research.words import refusal
from foundation.exceptions import ReasonedError
from orders.imports.progress import ProgressBar
from orders.models import Merchant

PAUSE = 0.5


class Command(BaseCommand):
    """Write anonymised after-sales data of closed periods into a folder: the same door as the page, with a reason and a record."""

    help = "Export after-sales data for research: no fewer than k people alike in everything that others may know of them."

    def add_arguments(self, parser):
        parser.add_argument("--from", required=True, dest="first", metavar="PERIOD", help="2026-01, 2026-Q1 or 2026")
        parser.add_argument("--to", required=True, dest="last", metavar="PERIOD", help="The last period, included.")
        parser.add_argument("--reason", required=True, help="What it is for. It stands in the record and in the files.")
        parser.add_argument("--out", required=True, type=Path, metavar="DIR")
        parser.add_argument("--step", choices=Step.values, default=Step.MONTH.value, help="What is published as one.")
        parser.add_argument("--k", type=int, default=5, help="At least 3.")
        parser.add_argument("--l", type=int, default=1, help="Different outcomes, reasons and amounts given back in each class.")
        parser.add_argument("--columns", default=",".join(NAMES), help="Names with commas between. Default: all.")
        parser.add_argument("--at-least", action="append", default=[], metavar="COLUMN=LEVEL", help="The coarsest level that will do.")
        parser.add_argument("--merchant", action="append", default=[], metavar="CODE", help="A shop; may be repeated. Default: all.")

    def handle(self, *args, **options):
        wish = read_wish(options)
        merchants = find_merchants(options["merchant"])
        try:
            export = ask_export(wish, merchants=merchants, by=None, reason=options["reason"])
        except ReasonedError as error:
            raise CommandError(" ".join(f"{reason.text} {reason.cure}" for reason in error.reasons)) from None
        make(export, ProgressBar("periods", stream=self.stderr))
        if export.state == ResearchExport.State.REFUSED:
            reason = refusal(export.why, **export.about)
            raise CommandError(f"{reason.text} {reason.cure}")
        self.write_files(export, options["out"])

    def write_files(self, export: ResearchExport, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        cohorts = cohorts_of(export)
        for name in TYPES:
            with (folder / name).open("w", encoding="utf-8", newline="") as file:
                file.writelines(write_file(name, export, cohorts))
        self.stdout.write(f"{export.row_count:,} rows, {export.suppressed_count:,} left out, export #{export.pk}: {folder}")


def make(export: ResearchExport, progress: ProgressBar) -> None:
    """Work on it until it is done; where a worker has it already, wait for that one."""
    while export.is_open:
        if not work_due(only=export.pk):
            time.sleep(PAUSE)
        export.refresh_from_db()
        progress(export.done_count, max(export.period_count, 1))


def read_wish(options: dict) -> Wish:
    columns = tuple(name.strip() for name in options["columns"].split(","))
    if unknown := set(columns) - set(NAMES):
        raise CommandError(f"There is no column {', '.join(sorted(unknown))}. Choose from {', '.join(NAMES)}.")
    try:
        first, last = days_of(options["first"])[0], days_of(options["last"])[1]
    except ValueError as error:
        raise CommandError(f"{error} is no month (2026-01), quarter (2026-Q1) or year (2026).") from None
    floors = dict(map(read_floor, options["at_least"]))
    return Wish(first, last, options["step"], options["k"], options["l"], columns, floors)


def read_floor(text: str) -> tuple[str, int]:
    name, _equals, level = text.partition("=")
    levels = BY_NAME[name].hierarchy.levels if name in QUASI else ()
    if level not in levels:
        known = "; ".join(f"{each}: {', '.join(BY_NAME[each].hierarchy.levels)}" for each in QUASI)
        raise CommandError(f"{text!r} names no level. The levels are {known}.")
    return name, levels.index(level)


def find_merchants(codes: list[str]) -> list[Merchant]:
    merchants = Merchant.objects.filter(code__in=codes) if codes else Merchant.objects.all()
    found = list(merchants.order_by("pk"))
    if missing := set(codes) - {merchant.code for merchant in found}:
        raise CommandError(f"No shop has the code {', '.join(sorted(missing))}.")
    return found
