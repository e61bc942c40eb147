"""Who writes the ledger: one at a time, so that no fold of older events is written over that of newer ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from django.db import connection, transaction

TURN = "hashtext('analytics'), hashtext('ledger')"
# Everything of the house's own; numbers between are logs that were imported.
HOUSE = 0
# The copy that a rebuild fills beside it. No screen reads it.
COPY = 2_147_483_647


@contextmanager
def turn() -> Iterator[None]:
    """A transaction in which nobody else writes facts or sums; waits until whoever does has committed."""
    with transaction.atomic():
        _run(f"SELECT pg_advisory_xact_lock({TURN})")
        yield


def in_turn(work: Callable[..., int]) -> Callable[..., int]:
    """Let a sweep do nothing (0) while somebody else writes facts or sums."""

    @wraps(work)
    def take_turn(**options) -> int:
        with transaction.atomic():
            return work(**options) if _run(f"SELECT pg_try_advisory_xact_lock({TURN})") else 0

    return take_turn


def _run(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]
