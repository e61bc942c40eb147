"""Round facts: each run of the customer's messages with no person's message between them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from analytics.models import Round

from .entries import Entry, seconds
from .history import ENDED, History, Said

LIMIT = timedelta(seconds=180)
DAYTIME = range(8, 23)
CHAT = "chat"
# By whom a conversation ended that the customer left.
CUSTOMERS_CAUSES = frozenset({"customer", "customer_silent", "silent"})


@dataclass
class _Run:
    """A round as it is found: from the customer's first words to an answer, or to the end of what it belongs to."""

    started: datetime
    contact: int | None
    is_first: bool
    answered: Said | None = None
    ended: datetime | None = None
    was_left: bool = False

    @property
    def over(self) -> datetime | None:
        return self.answered.at if self.answered else self.ended


def fold_rounds(history: History) -> Iterator[Round]:
    if history.excluded:
        return
    runs = list(_runs(history))
    people = _people(history, runs)
    for ordinal, (number, run) in enumerate(zip(count(), runs, strict=False)):
        yield _fact(history, ordinal, run, people.get(number, {}))


def _runs(history: History) -> Iterator[_Run]:
    """Rounds in order. Words of bots and rules neither end a round nor begin one; mere thanks begin none."""
    run: _Run | None = None
    has_answered = False
    for at, event in _stream(history):
        if isinstance(event, Said) and event.who == "customer":
            run = run or _Run(at, event.contact, not has_answered)
        elif isinstance(event, Said) and event.who == "human":
            has_answered = True
            if run:
                run.answered = event
                yield run
            run = None
        elif run and isinstance(event, Entry) and _ends(history, run, event):
            run.ended, run.was_left = at, _is_left(event)
            yield run
            run = None
    if run:
        yield run


def _stream(history: History) -> list[tuple[datetime, Said | Entry]]:
    """Words and ends in order; at the same moment words go first."""
    ends = history.of("status.changed", "chat.ended", "chat.abandoned", "chat.converted")
    found = [*((each.at, 0, each) for each in history.said), *((each.at, 1, each) for each in ends)]
    return [(at, event) for at, _order, event in sorted(found, key=lambda each: each[:2])]


def _ends(history: History, run: _Run, event: Entry) -> bool:
    """Whether an event ends a round without an answer: the complaint is over, or the conversation in which it was asked."""
    if event.kind == "status.changed":
        return event.subject == history.group.root and event.codes["to"] in ENDED | {"spam"}
    is_chat = history.contact_channels.get(run.contact or 0) == CHAT
    return is_chat and event.kind in ("chat.ended", "chat.abandoned")


def _is_left(event: Entry) -> bool:
    return event.kind == "chat.abandoned" or event.codes.get("cause") in CUSTOMERS_CAUSES


def _is_minute(history: History, run: _Run) -> bool:
    in_chat = history.contact_channels.get(run.contact or 0) == CHAT
    return in_chat and history.settings.hour(run.started) in DAYTIME


def _decided(run: _Run) -> datetime | None:
    """When a round of a conversation was kept or missed; a later answer does not move that."""
    if run.over is None:
        return None
    return min(run.over, run.started + LIMIT)


def _minute(history: History, run: _Run) -> dict[str, int]:
    """A round counts towards the three minutes once it is decided; who left earlier is counted apart."""
    if not _is_minute(history, run):
        return {}
    if run.over is None:
        return {"minute_waiting": 1}
    kept = run.answered is not None and run.answered.at - run.started <= LIMIT
    if not run.answered and run.was_left and run.over - run.started < LIMIT:
        return {"minute_left": 1}
    return {"minute": 1, "minute_kept": int(kept)}


def _people(history: History, runs: list[_Run]) -> dict[int, dict[str, int]]:
    """The last counted round of each day says whether all rounds of that day were kept."""
    days: dict[date, list[tuple[int, int]]] = {}
    for number, run in enumerate(runs):
        if (found := _minute(history, run)).get("minute"):
            days.setdefault(history.settings.day(_decided(run)), []).append((number, found["minute_kept"]))
    return {each[-1][0]: {"people": 1, "people_kept": min(kept for _number, kept in each)} for each in days.values()}


def _fact(history: History, ordinal: int, run: _Run, people: dict[str, int]) -> Round:
    minute = _minute(history, run)
    at = _decided(run) if minute else run.over
    answered, waits = run.answered, run.over is None
    is_later = not run.is_first and (waits or answered is not None)
    wait: dict[str, Any] = {}
    if is_later and answered:
        wait = {"nrt_s": seconds(run.started, answered.at), "nrt_biz_s": history.business(run.started, answered.at)}
    row = history.columns_at(at or run.started, agent=(answered and answered.actor) or 0)
    return Round(
        **row,
        ordinal=ordinal,
        started_at=run.started,
        stopped_at=run.over,
        rounds=1,
        later=int(is_later),
        later_answered=int(is_later and not waits),
        later_waiting=int(is_later and waits),
        unanswered=int(not waits and answered is None),
        **minute,
        **people,
        **wait,
    )
