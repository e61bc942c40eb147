"""Doorways for the sweeper."""

from analytics.ledger.filling import fill_from_complaints, fill_from_orders, fill_sums
from foundation.sweeps import sweep

MOST_ROUNDS = 20


@sweep("analytics.fill", every=2)
def sweep_ledger() -> int:
    """Fold what is new into facts, and facts into sums."""
    return _in_rounds(fill_from_complaints) + _in_rounds(fill_from_orders) + _in_rounds(fill_sums)


def _in_rounds(work) -> int:
    """Repeat as long as there is work, at most twenty times, so that a sweep ends."""
    total = 0
    for _round in range(MOST_ROUNDS):
        done = work()
        total += done
        if not done:
            break
    return total
