from django.apps import apps
from django.core.management.base import BaseCommand

from foundation.crypto import EncryptedTextField, reencrypt


class Command(BaseCommand):
    """Encrypt every personal field again with the first of BIHUAN_KEYS, so that the others can be dropped. Safe to stop and to repeat."""

    help = "Encrypt every personal field with the first key of BIHUAN_KEYS."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="rows per transaction (default 500)")

    def handle(self, *args, batch: int, **options) -> None:
        for model in apps.get_models():
            if any(isinstance(field, EncryptedTextField) for field in model._meta.concrete_fields):
                self._rotate(model, batch)
        self.stdout.write("Everything is encrypted with the first key. The others may be dropped.")

    def _rotate(self, model, batch: int) -> None:
        rows, last = model._base_manager.count(), 0
        while last is not None:
            last = reencrypt(model, after=last, limit=batch)
        self.stdout.write(f"{model._meta.db_table}: {rows:,} rows")
