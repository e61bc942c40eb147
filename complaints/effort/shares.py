"""Whose second it was. A pure function: what an agent's pages reported and with whom they talked, to milliseconds per contact.

The rules are those of ``docs/decisions/0021-handling-time-is-observed.md``. A second in which the agent touched nothing for a minute
is nobody's; of any other one the shares add up to one. All moments are whole milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

IDLE_MS = 60_000
WRAP_UP_MS = 300_000

Key = tuple[int, int | None]


class Stretch(NamedTuple):
    """Time with a complaint before the agent; None: with the list of their conversations. ``input`` is the last sign of the agent."""

    complaint: int | None
    start: int
    end: int
    input: int
    is_call: bool = False


class Talk(NamedTuple):
    """A live conversation of the agent; ``end`` None while it goes on."""

    complaint: int
    contact: int
    start: int
    end: int | None


class Contacted(NamedTuple):
    """A contact of a complaint, and since when it is there."""

    complaint: int
    contact: int
    at: int


@dataclass(frozen=True)
class Work:
    """Everything that decides about an agent's seconds. ``calls`` are the telephone calls that they logged, at their end."""

    stretches: list[Stretch] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    calls: list[Contacted] = field(default_factory=list)
    contacts: list[Contacted] = field(default_factory=list)


@dataclass(frozen=True)
class Spent:
    """What a contact took of an agent's time, and between which moments."""

    active_ms: int
    hold_ms: int
    wrapup_ms: int
    start: int
    end: int

    @property
    def total_ms(self) -> int:
        return self.active_ms + self.hold_ms + self.wrapup_ms


class _WrapUp(NamedTuple):
    complaint: int
    contact: int
    start: int
    end: int


class _Tally:
    """Exact sums; only the end rounds down, so that no window holds more than its length."""

    def __init__(self, start: int) -> None:
        self.start, self.end = start, start
        self.sums: dict[str, Fraction] = defaultdict(Fraction)

    def rounded(self) -> Spent:
        return Spent(*(int(self.sums[kind]) for kind in ("active", "hold", "wrapup")), self.start, self.end)


def share_out(work: Work, start: int, end: int) -> dict[Key, Spent]:
    """Share the time from ``start`` to ``end`` out among complaints and contacts; what comes to nothing is left out."""
    wrap_ups = list(_wrap_ups(work))
    tallies: dict[Key, _Tally] = {}
    for begin, stop in pairwise(_cuts(work, wrap_ups, start, end)):
        parts = _parts_at(work, wrap_ups, begin)
        for key, kind in parts.items():
            tally = tallies.setdefault(key, _Tally(begin))
            tally.sums[kind] += Fraction(stop - begin, len(parts))
            tally.end = stop
    spent = {key: tally.rounded() for key, tally in tallies.items()}
    return {key: each for key, each in spent.items() if each.total_ms}


def _cuts(work: Work, wrap_ups: list[_WrapUp], start: int, end: int) -> list[int]:
    """The moments between which nothing changes."""
    moments = {start, end}
    for stretch in work.stretches:
        moments |= {stretch.start, stretch.end, stretch.input + IDLE_MS}
    for span in (*work.talks, *wrap_ups):
        moments |= {span.start, end if span.end is None else span.end}
    moments |= {each.at for each in (*work.calls, *work.contacts)}
    return sorted(moment for moment in moments if start <= moment <= end)


def _parts_at(work: Work, wrap_ups: list[_WrapUp], at: int) -> dict[Key, str]:
    """Who shares a moment in equal parts, and as what."""
    before = [stretch for stretch in work.stretches if stretch.start <= at < stretch.end]
    calls = [stretch for stretch in before if stretch.is_call]
    if calls:
        return _calls_at(work, calls, at)
    if not before:
        return {}
    talks = {talk.complaint: talk for talk in work.talks if _covers(talk, at)}
    focused = {stretch.complaint for stretch in before} - {None, *talks}
    parts: dict[Key, str] = {(talk.complaint, talk.contact): "active" for talk in talks.values()}
    return parts | dict(_focused_at(work, wrap_ups, complaint, at) for complaint in sorted(focused))


def _calls_at(work: Work, calls: list[Stretch], at: int) -> dict[Key, str]:
    """A call takes the whole second. While the agent enters nothing, they hold the line."""
    parts: dict[Key, str] = {}
    for complaint in sorted({stretch.complaint for stretch in calls}):
        is_busy = any(at < stretch.input + IDLE_MS for stretch in calls if stretch.complaint == complaint)
        logged = (call.contact for call in sorted(work.calls, key=lambda call: call.at) if call.complaint == complaint and call.at > at)
        contact = next(logged, _newest_contact(work, complaint, at))
        parts[complaint, contact] = "active" if is_busy else "hold"
    return parts


def _focused_at(work: Work, wrap_ups: list[_WrapUp], complaint: int, at: int) -> tuple[Key, str]:
    ended = [each for each in wrap_ups if each.complaint == complaint and each.start <= at < each.end]
    if ended:
        return (complaint, max(ended, key=lambda each: each.start).contact), "wrapup"
    return (complaint, _newest_contact(work, complaint, at)), "active"


def _newest_contact(work: Work, complaint: int, at: int) -> int | None:
    """By which contact the customer came last; before the first one it is that one."""
    known = sorted((each for each in work.contacts if each.complaint == complaint), key=lambda each: (each.at, each.contact))
    there = [each for each in known if each.at <= at] or known[:1]
    return there[-1].contact if there else None


def _wrap_ups(work: Work) -> Iterator[_WrapUp]:
    """After a conversation or a call ends: five minutes, or until the agent opens something else."""
    ended = [Contacted(talk.complaint, talk.contact, talk.end) for talk in work.talks if talk.end is not None]
    for contact in (*ended, *work.calls):
        others = [max(stretch.start, contact.at) for stretch in work.stretches if _is_other(stretch, contact)]
        others += [talk.start for talk in work.talks if talk.complaint != contact.complaint and talk.start >= contact.at]
        yield _WrapUp(contact.complaint, contact.contact, contact.at, min([contact.at + WRAP_UP_MS, *others]))


def _is_other(stretch: Stretch, contact: Contacted) -> bool:
    return stretch.complaint not in (None, contact.complaint) and stretch.end > contact.at


def _covers(talk: Talk, at: int) -> bool:
    return talk.start <= at and (talk.end is None or at < talk.end)
