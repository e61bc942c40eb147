"""Missed clocks that the house leaves out of its figures with somebody's approval, told from their events."""

from collections.abc import Iterable
from typing import Any

WAIVED, COUNTED = "clock.excluded", "clock.included"


def waivers_in(events: Iterable[Any]) -> dict[int, Any]:
    """The event that leaves a clock out, for each clock that is left out by the last word on it; ``events`` oldest first."""
    last = {event.codes["run"]: event for event in events if event.kind in (WAIVED, COUNTED)}
    return {run_id: event for run_id, event in last.items() if event.kind == WAIVED}
