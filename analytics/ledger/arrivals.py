"""Arrival facts: one for each complaint, also for those that are merged into another one and left out of the counts."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from analytics.models import Arrival

from .entries import moment, seconds
from .history import History

FIRST_CLOCKS = frozenset({"first", "contact"})


def fold_arrivals(history: History) -> Iterator[Arrival]:
    yield _counted(history) if not history.excluded else _left_out(history, 0, history.excluded)
    for ordinal, member in enumerate(history.group.members, start=1):
        yield _left_out(history, ordinal, "merged", since=_filed_at(history, member), order=history.order_of(member))


def _counted(history: History) -> Arrival:
    first = history.human[0] if history.human else None
    began = history.began
    row = history.columns_at(began, team=history.labels[0][1].team, agent=(first and first.actor) or 0)
    return Arrival(
        **row,
        started_at=began,
        stopped_at=first and first.at,
        hour=history.settings.hour(began),
        order_id=history.order or 0,
        arrived=1,
        replied=int(first is not None),
        external=int(history.is_external),
        misjudged=int(_is_misjudged(history)),
        **_response(history, first and first.at),
        **_state(history),
        **_promise(history, first and first.at),
    )


def _is_misjudged(history: History) -> bool:
    """Whether a person raised the priority. That of a complaint that was joined into this one is nobody's second thought."""
    joined = {each.at for each in history.of("complaint.merged", "complaint.unmerged", own=True)}
    raised = (each for each in history.of("priority.set", own=True) if each.codes["to"] > each.codes["from"])
    return any(each.author == "human" and each.at not in joined for each in raised)


def _response(history: History, answered: datetime | None) -> dict[str, Any]:
    """How long the customer waited for a person, if one came by oneself; what nobody answered has the age at which it ended."""
    began = history.began
    if history.asked is None:
        return {"by_house": 1, "by_rule": int(_is_by_rule(history)), "first_update_s": _first_update(history)}
    if answered is None and history.status == "withdrawn":
        return {"left_early": 1}
    ended = None if answered else _ended_silently(history)
    until = answered or ended
    state = "answered" if answered else "silent" if ended else "waiting"
    return {
        "waits": 1,
        state: 1,
        "frt_s": until and seconds(began, until),
        "frt_biz_s": until and history.business(began, until),
        "frt_agent_s": _since_assigned(history, answered),
    }


def _ended_silently(history: History) -> datetime | None:
    last = history.cycles[-1]
    return last.ended if last.outcome and last.outcome != "withdrawn" else None


def _since_assigned(history: History, answered: datetime | None) -> int | None:
    assigned = next((each.at for each in history.of("assigned") if each.at >= history.began), None)
    return seconds(assigned, answered) if assigned and answered and assigned <= answered else None


def _is_by_rule(history: History) -> bool:
    return history.filed[0].codes.get("origin") == "rule"


def _first_update(history: History) -> int | None:
    said = (each.at for each in history.said if each.who != "customer" and each.at >= history.began)
    first = next(said, None)
    return None if first is None else seconds(history.began, first)


def _state(history: History) -> dict[str, int]:
    """How it stands now: exactly one of solved, declined, no_response, withdrawn and unresolved."""
    last = history.cycles[-1]
    withdrawn = history.status == "withdrawn"
    state = "withdrawn" if withdrawn else last.outcome if last.ended else "unresolved"
    completed = int(history.status in ("closed", "withdrawn"))
    return {state: 1, "completed": completed, "resolvable": int(not withdrawn)}


def _promise(history: History, answered: datetime | None) -> dict[str, int]:
    """Whether somebody had begun by the moment at which the first answer was due."""
    clock = next((each for each in history.of("clock.started") if each.codes.get("kind") in FIRST_CLOCKS), None)
    due = clock and moment(clock.codes.get("due_at"))
    if due is None:
        return {}
    begun = next((each.at for each in history.of("status.changed") if each.codes.get("verb") == "begin"), None)
    taken = min(filter(None, [begun, answered]), default=None)
    return {"promised": 1, "taken_in_time": int(taken is not None and taken <= due)}


def _filed_at(history: History, member: int) -> datetime:
    return next(each.at for each in history.filed if each.subject == member)


def _left_out(history: History, ordinal: int, code: str, *, since: datetime | None = None, order: int = 0) -> Arrival:
    """One that is in no count. The order of a merged one stays complained about, whatever order the other one is about."""
    column = f"out_{code}" if code in ("spam", "merged") else "out_other"
    began = since or history.began
    row = history.columns_at(began, team=history.labels[0][1].team, agent=0, excluded=code)
    order = 0 if history.excluded else order
    return Arrival(**row, ordinal=ordinal, order_id=order, started_at=began, hour=history.settings.hour(began), **{column: 1})
