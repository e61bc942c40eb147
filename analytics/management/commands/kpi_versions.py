"""``manage.py kpi_versions [--write]``: check that no definition has changed under its number; write down new versions."""

from django.core.management.base import BaseCommand, CommandError

from analytics.metrics.versions import current_seals, kept_seals, write_seals


class Command(BaseCommand):
    help = "Checks that no definition of a figure has changed under its number; --write seals new versions."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--write", action="store_true", help="seal versions that are new")

    def handle(self, *args, **options) -> None:
        changed = write_seals() if options["write"] else [key for key, digest in current_seals().items() if kept_seals().get(key) != digest]
        if changed:
            raise CommandError("changed without a new version: " + ", ".join(changed))
