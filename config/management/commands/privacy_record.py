from django.conf import settings
from django.core.management.base import BaseCommand

from config.personal import TARGET, describe_registry


class Command(BaseCommand):
    """Print the record of processing (PIPL 55, GDPR 30) from the registry of personal data, or write it into docs/."""

    help = "Print which personal data is kept where, why and for how long."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--write", action="store_true", help=f"write {TARGET} instead of printing")

    def handle(self, *args, write: bool, **options) -> None:
        if write:
            (settings.BASE_DIR / TARGET).write_text(describe_registry(), encoding="utf-8")
        else:
            self.stdout.write(describe_registry())
