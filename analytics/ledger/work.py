"""Effort facts: the time that each person spent on each contact, from what the desk has measured and people have corrected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from analytics.models import Effort

from .history import History

PARTS = ("active_ms", "hold_ms", "wrapup_ms")


@dataclass
class _Work:
    """What one person spent on one contact; a correction counts as active time."""

    at: datetime
    active_ms: int = 0
    hold_ms: int = 0
    wrapup_ms: int = 0

    @property
    def total(self) -> int:
        return max(0, self.active_ms + self.hold_ms + self.wrapup_ms)


def fold_effort(history: History) -> Iterator[Effort]:
    if history.excluded:
        return
    work = _work(history)
    for ordinal, ((agent, contact), done) in enumerate(sorted(work.items())):
        shared = {person: each.total for (person, on), each in work.items() if on == contact}
        is_first = agent == max(shared, key=lambda person: (shared[person], -person))
        yield Effort(
            **history.columns_at(done.at, agent=agent, channel=history.contact_channels.get(contact, history.channel)),
            ordinal=ordinal,
            contact_id=contact,
            contacts=int(is_first),
            shares=1,
            active_ms=done.active_ms,
            hold_ms=done.hold_ms,
            wrapup_ms=done.wrapup_ms,
            effort_ms=done.total,
            handle_s=sum(shared.values()) // 1000 if is_first else None,
        )


def effort_of(history: History) -> int:
    """Milliseconds of everybody's work on the whole group."""
    return sum(each.total for each in _work(history).values())


def _work(history: History) -> dict[tuple[int, int], _Work]:
    found: dict[tuple[int, int], _Work] = {}
    for each in history.of("effort.recorded", "effort.corrected"):
        codes = each.codes
        done = found.setdefault((codes["agent"], codes.get("contact") or 0), _Work(each.at))
        done.at = max(done.at, each.at)
        if each.kind == "effort.corrected":
            done.active_ms += codes["delta_ms"]
        else:
            for part in PARTS:
                setattr(done, part, getattr(done, part) + codes.get(part, 0))
    return found
