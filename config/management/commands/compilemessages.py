from django.conf import settings
from django.core.management.base import BaseCommand

from config.translations import compile_stale


class Command(BaseCommand):
    """Compile changed translations; stands for Django's command of this name, which needs the gettext programs."""

    help = "Compile every .po file that is newer than its .mo file."
    requires_system_checks = []

    def handle(self, *args, **options) -> None:
        for path in compile_stale(settings.LOCALE_PATHS):
            self.stdout.write(f"compiled {path}")
