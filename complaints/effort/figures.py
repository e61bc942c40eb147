"""How long who worked on a complaint: the sums of its events, and who may know them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.models import User
from complaints.effort.access import effort_events_for, effort_events_of
from complaints.effort.shares import Key
from complaints.models import Complaint, Event


@dataclass
class Figure:
    """What one contact took of one agent's time, in milliseconds. ``corrections`` are the events by which people changed it."""

    agent: int
    contact: int | None
    active_ms: int = 0
    hold_ms: int = 0
    wrapup_ms: int = 0
    corrected_ms: int = 0
    corrections: list[Event] = field(default_factory=list)

    @property
    def total_ms(self) -> int:
        return self.active_ms + self.hold_ms + self.wrapup_ms + self.corrected_ms


def figures_of(complaint: Complaint) -> dict[Key, Figure]:
    """The figures of a complaint and of those joined into it, by agent and contact."""
    return _sum_up(effort_events_of(complaint))


def figures_for(user: User, complaint: Complaint) -> list[Figure]:
    """The same as far as somebody may know it, the longest first."""
    found = _sum_up(effort_events_for(user, complaint))
    return sorted(found.values(), key=lambda each: (-each.total_ms, each.agent, each.contact or 0))


def _sum_up(events: Iterable[Event]) -> dict[Key, Figure]:
    found: dict[Key, Figure] = {}
    for event in events:
        codes = event.codes
        figure = found.setdefault((codes["agent"], codes["contact"]), Figure(codes["agent"], codes["contact"]))
        if event.kind == "effort.corrected":
            figure.corrected_ms += codes["delta_ms"]
            figure.corrections.append(event)
        else:
            figure.active_ms += codes["active_ms"]
            figure.hold_ms += codes["hold_ms"]
            figure.wrapup_ms += codes["wrapup_ms"]
    return found
