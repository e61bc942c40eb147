"""Money facts: what was really paid and what came back, each on the day on which that was confirmed."""

from collections.abc import Iterator
from datetime import timedelta

from analytics.models import Money

from .entries import Entry
from .history import History

# Purposes of a refund that give money beyond the price of the goods.
COMPENSATION = frozenset({"compensation", "advance", "freight"})
QUICK = timedelta(hours=24)
SIGNS = {"refund.succeeded": 1, "refund.bounced": -1, "recovery.collected": 1}


def fold_money(history: History) -> Iterator[Money]:
    for ordinal, each in enumerate(_movements(history)):
        compensates = is_compensation(each) and each.kind == "refund.succeeded"
        counted = not history.excluded
        yield Money(
            **history.columns_at(each.at),
            ordinal=ordinal,
            kind=_kind(each),
            currency=each.codes["currency"],
            bearer=each.codes.get("bearer", ""),
            movements=int(counted),
            compensation=int(counted and compensates),
            quick=int(counted and compensates and each.at - history.began <= QUICK),
            fen=_fen(each) if counted else 0,
        )


def compensation_of(history: History) -> int:
    """What was given beyond the price, in the currency of the house, less what came back."""
    given = (each for each in _movements(history) if is_compensation(each) and each.codes["currency"] == history.settings.currency)
    return sum(map(_fen, given))


def is_compensation(entry: Entry) -> bool:
    return entry.kind.startswith("refund.") and entry.codes.get("kind") in COMPENSATION


def _movements(history: History) -> Iterator[Entry]:
    """A refund that bounced takes back what had been paid; one that was never paid moved nothing."""
    paid: set[int] = set()
    for each in history.of(*SIGNS):
        refund = each.codes.get("refund")
        if each.kind == "refund.bounced" and refund not in paid:
            continue
        if each.kind != "recovery.collected":
            (paid.add if each.kind == "refund.succeeded" else paid.discard)(refund)
        yield each


def _kind(entry: Entry) -> str:
    return "recovery" if entry.kind == "recovery.collected" else entry.codes["kind"]


def _fen(entry: Entry) -> int:
    return SIGNS[entry.kind] * entry.codes["fen"]
