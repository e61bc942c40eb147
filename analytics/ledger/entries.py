"""What a fold is given: the events of one merge group and what they refer to. Plain data; nothing here asks a database or a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any, NamedTuple, Protocol
from zoneinfo import ZoneInfo


class Entry(NamedTuple):
    """One event: of which complaint, where in its chain, what and when. Sorting entries puts them in the order of what happened."""

    at: datetime
    subject: int
    seq: int
    kind: str
    actor: int | None
    author: str
    codes: dict[str, Any]


class OpenHours(Protocol):
    """What counts business seconds."""

    def between(self, start: datetime, end: datetime) -> int: ...


class Goods(NamedTuple):
    """What is known of an order from its events."""

    carrier: str = ""
    warehouse: int = 0
    skus: tuple[str, ...] = ()
    province: str = ""


class Kin(NamedTuple):
    """Another complaint of the same customer or order and the same root of category, and when it came."""

    at: datetime
    root: int


@dataclass(frozen=True)
class Settings:
    """What the house has set that a fold needs: the zone in which days are cut, and its currency."""

    zone: ZoneInfo
    currency: str = "CNY"

    def day(self, at: datetime) -> date:
        return at.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    def hour(self, at: datetime) -> int:
        return at.astimezone(self.zone).hour


@dataclass(frozen=True)
class Group:
    """A surviving complaint with those that are merged into it. ``entries`` are sorted; ``skus`` are those of order lines by id."""

    root: int
    entries: tuple[Entry, ...]
    source: int = 0
    members: tuple[int, ...] = ()
    goods: Mapping[int, Goods] = field(default_factory=dict)
    skus: Mapping[int, str] = field(default_factory=dict)
    kin: tuple[Kin, ...] = ()
    hours: Mapping[int, OpenHours] = field(default_factory=dict)


def moment(text: str | None) -> datetime | None:
    """A moment as codes hold it."""
    return datetime.fromisoformat(text) if text else None


def seconds(start: datetime, end: datetime) -> int:
    """Whole seconds from one moment to another, never below zero."""
    return max(0, int((end - start).total_seconds()))
