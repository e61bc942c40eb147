from django.core.management.base import BaseCommand
from django.utils import timezone

from foundation.retention import count_due, forget_due, rules


class Command(BaseCommand):
    """Delete whatever has been kept for its period, as the nightly job does. With --dry-run it only counts."""

    help = "Delete what has been kept for its period (BIHUAN_KEEP_…_DAYS), or only count it."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count what would go and delete nothing")

    def handle(self, *args, dry_run: bool, **options) -> None:
        now, look = timezone.now(), count_due if dry_run else forget_due
        for rule in rules():
            moment = rule.moment(now)
            self.stdout.write(f"{rule.name:<30}{look(rule, now=now):>9}  before {moment:%Y-%m-%d}")
