"""What the figures of one complaint are, worked out slowly from its events and from what the figures mean.

Shares no code with the ledger: it looks everything up anew for every question. Each family gives a list of plain dictionaries that
hold what is not zero. Who it is credited to stands under ``agent``.
"""

from tests.analytics.ledger.slowly.answers import arrivals, rounds
from tests.analytics.ledger.slowly.ground import ZONE, Case, Event, clean
from tests.analytics.ledger.slowly.obligations import calls, talks, targets, verdicts
from tests.analytics.ledger.slowly.resolutions import cycles, efforts, moneys, passages

__all__ = ["ZONE", "Case", "Event", "clean", "reference"]


def reference(case: Case) -> dict[str, list[dict]]:
    families = {
        "arrival": arrivals, "round": rounds, "effort": efforts, "cycle": cycles, "passage": passages, "target": targets,
        "verdict": verdicts, "talk": talks, "call": calls, "money": moneys,
    }  # fmt: skip
    return {name: [clean(row) for row in work(case)] for name, work in families.items()}
