"""What is in a ledger."""

from analytics.ledger.comparing import digest, tables_of
from analytics.ledger.families import FAMILIES
from analytics.ledger.turns import COPY, HOUSE
from analytics.models import DirtyNode


def digests(source: int = HOUSE) -> dict[str, str]:
    """What every table of the ledger holds."""
    return {model._meta.db_table: digest(model, source) for model, _is_rollup in tables_of(FAMILIES)}


def empty_ledger() -> None:
    for model, _is_rollup in tables_of(FAMILIES):
        model.objects.all().delete()
    DirtyNode.objects.all().delete()


def has_copy() -> bool:
    return any(model.objects.filter(source=COPY).exists() for model, _is_rollup in tables_of(FAMILIES))
