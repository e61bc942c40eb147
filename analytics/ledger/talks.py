"""Talk facts: each conversation from the queue to whoever joined, and call facts: each call that was owed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.models import Call, Talk

from .entries import Entry, moment, seconds
from .history import History

AT_ONCE = timedelta(seconds=5)
SHORT = timedelta(seconds=10)
IN_TIME = timedelta(seconds=20)
REACHED = frozenset({"reached_ok", "reached_not_ok"})
TIMED = frozenset({"callback.requested", "callback.due", "callback.moved"})


def fold_talks(history: History) -> Iterator[Talk]:
    if history.excluded:
        return
    sessions: dict[int, list[Entry]] = {}
    for each in history.group.entries:
        if each.kind.startswith("chat.") and "session" in each.codes:
            sessions.setdefault(each.codes["session"], []).append(each)
    for ordinal, (session, entries) in enumerate(sorted(sessions.items())):
        if entries[0].kind == "chat.queued":
            yield _talk(history, ordinal, session, entries)


def _talk(history: History, ordinal: int, session: int, entries: list[Entry]) -> Talk:
    """One wait for each conversation: from queueing first to whoever joined first, even if another agent had to take over later."""
    queued = entries[0].at
    joined = next((each for each in entries if each.kind == "chat.joined"), None)
    over = next((each for each in entries if each.kind in ("chat.abandoned", "chat.converted", "chat.ended")), None)
    agent = joined.codes["agent"] if joined else 0
    return Talk(
        **history.columns_at(queued, agent=agent, channel="chat"),
        ordinal=ordinal,
        session_id=session,
        queued_at=queued,
        hour=history.settings.hour(queued),
        talks=1,
        **(_joined(queued, joined) if joined else _not_joined(queued, over)),
    )


def _joined(queued: datetime, joined: Entry) -> dict[str, Any]:
    wait = joined.at - queued
    is_queued = int(wait > AT_ONCE)
    return {
        "joined": 1,
        "queued": is_queued,
        "abandonable": is_queued,
        "answerable": 1,
        "in_time": int(wait <= IN_TIME),
        "wait_s": seconds(queued, joined.at),
    }


def _not_joined(queued: datetime, over: Entry | None) -> dict[str, Any]:
    if over is None:
        return {"queued": 1, "waiting": 1, "abandonable": 1, "answerable": 1}
    if over.kind != "chat.abandoned":
        return {"queued": int(over.at - queued > AT_ONCE), "converted": 1}
    if over.at - queued <= SHORT:
        return {"queued": int(over.at - queued > AT_ONCE), "short": 1}
    return {"queued": 1, "abandoned": 1, "abandonable": 1, "answerable": 1}


@dataclass
class _Owed:
    """A call as its events leave it."""

    number: int
    kind: str
    due: datetime
    agent: int = 0
    tried: datetime | None = None
    reached: datetime | None = None
    outcome: str = ""
    is_cancelled: bool = False


def fold_calls(history: History) -> Iterator[Call]:
    if history.excluded:
        return
    calls = [call for call in _calls(history) if not call.is_cancelled]
    for ordinal, call in enumerate(calls):
        row = history.columns_at(call.due)
        yield Call(**row | {"agent": call.agent or row["agent"]}, ordinal=ordinal, kind=call.kind, due_at=call.due, **_call_flags(call))


def _call_flags(call: _Owed) -> dict[str, int]:
    """A customer who refuses leaves every count; a call that nobody has ended is owed until it is due."""
    if call.outcome == "refused":
        return {"refused": 1}
    tried = int(call.tried is not None)
    if not call.outcome:
        return {"pending": 1}
    return {
        "due": 1,
        "tried": tried,
        "reached": int(call.reached is not None),
        "in_time": int(call.reached is not None and call.reached <= call.due),
        "unhappy": int(call.outcome == "reached_not_ok"),
    }


def _calls(history: History) -> list[_Owed]:
    calls: dict[int, _Owed] = {}
    for each in history.group.entries:
        number = each.codes.get("follow_up")
        if not (each.kind.startswith("callback.") and number):  # a call that was never booked has no number
            continue
        due = moment(each.codes.get("due_at") or each.codes.get("ends_at"))
        if each.kind in TIMED and number not in calls and due:
            calls[number] = _Owed(number, each.codes.get("kind", "requested"), due)
        elif number in calls:
            _go_on(calls[number], each, due)
    return sorted(calls.values(), key=lambda call: call.number)


def _go_on(call: _Owed, entry: Entry, due: datetime | None) -> None:
    if entry.kind in TIMED:  # one that was cancelled with a merge is owed again after its undoing
        call.due, call.is_cancelled = due or call.due, False
    elif entry.kind == "callback.cancelled":
        call.is_cancelled = True
    elif entry.kind == "callback.attempted":
        outcome = entry.codes["outcome"]
        call.tried, call.agent = call.tried or entry.at, entry.actor or 0
        call.outcome = "" if outcome == "no_answer" else outcome
        call.reached = entry.at if outcome in REACHED else call.reached
