"""``manage.py verify_events``: are the chains of events whole?"""

import json
import sys

from django.core.management.base import BaseCommand, CommandError

from complaints.models import Complaint
from complaints.numbers import parse_number
from complaints.services.verification import BrokenChain, verify_chains

BAR_WIDTH = 40


class Command(BaseCommand):
    """Check every chain of events, or one. Exit code 0: all whole; 1: a chain is broken; 2: it could not be checked."""

    help = "Check the hash chains of complaints and name the first bad entry of each broken one."

    def add_arguments(self, parser):
        parser.add_argument("--complaint", metavar="NUMBER", help="Check only this complaint.")
        parser.add_argument("--json", action="store_true", help="Print one JSON object instead of text.")

    def handle(self, *args, **options):
        complaints = self._choose(options["complaint"])
        total = complaints.count()
        broken = list(verify_chains(complaints, progress=self._bar(total)))
        self._report(broken, total, as_json=options["json"])
        if broken:
            sys.exit(1)

    def _choose(self, number):
        if number is None:
            return Complaint.objects.all()
        chosen = Complaint.objects.filter(number=parse_number(number))
        if not chosen.exists():
            raise CommandError(f"there is no complaint {number}", returncode=2)
        return chosen

    def _bar(self, total):
        """A progress bar on a terminal, nothing elsewhere."""
        if not self.stderr.isatty() or total == 0:
            return lambda done: None

        def draw(done):
            filled = BAR_WIDTH * done // total
            self.stderr.write(f"\r[{'#' * filled}{' ' * (BAR_WIDTH - filled)}] {done}/{total}", ending="" if done < total else "\n")

        return draw

    def _report(self, broken: list[BrokenChain], total: int, *, as_json: bool):
        if as_json:
            found = [{"complaint": each.number, "seq": each.seq, "fault": each.fault} for each in broken]
            self.stdout.write(json.dumps({"checked": total, "broken": found}))
            return
        for each in broken:
            self.stdout.write(self.style.ERROR(f"{each.number}: entry {each.seq} is {each.fault}"))
        self.stdout.write(f"{total} chains checked, {len(broken)} broken")
