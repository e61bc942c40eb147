"""The way of a case as its customer sees it: the stops behind, the one now, those ahead."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import pgettext_lazy

from workflows.machines.spine import CaseState
from workflows.models import CasePolicy
from workflows.portal.rows import Rows
from workflows.portal.wording import turn_of

S, T = CaseState, CasePolicy.Type
COMES_BACK = (CasePolicy.Receipt.REQUIRED, CasePolicy.Receipt.CARRIER, CasePolicy.Receipt.OPTIONAL)


@dataclass(frozen=True)
class Stop:
    """A part of the way and the states that belong to it."""

    title: object
    states: frozenset[str]


@dataclass(frozen=True)
class Step:
    """One stop on the page; ``state`` is done, now or next, ``stage`` chooses the ring."""

    title: str
    state: str
    stage: str = ""
    at: datetime | None = None
    text: str = ""


REQUEST = Stop(pgettext_lazy("stop", "Request"), frozenset({S.DRAFT, S.SUBMITTED}))
REVIEW = Stop(pgettext_lazy("stop", "Review"), frozenset({S.IN_REVIEW, S.INFO_NEEDED, S.PENDING_APPROVAL}))
BACK = Stop(pgettext_lazy("stop", "Send back"), frozenset({S.AWAITING_RETURN, S.IN_TRANSIT}))
CHECK = Stop(pgettext_lazy("stop", "Inspection"), frozenset({S.RECEIVED, S.INSPECTING}))
DECISION = Stop(pgettext_lazy("stop", "Decision"), frozenset({S.EXCEPTION}))
DONE = Stop(pgettext_lazy("stop", "Done"), frozenset({S.COMPLETED, S.CLOSED}))
REFUSED = Stop(pgettext_lazy("stop", "Not accepted"), frozenset({S.REJECTED}))
WITHDRAWN = Stop(pgettext_lazy("stop", "Withdrawn"), frozenset({S.CANCELLED}))
SETTLE = frozenset({S.SETTLING})
CARRIED_OUT = {
    T.EXCHANGE_QUALITY: pgettext_lazy("stop", "Replacement"),
    T.RESHIP: pgettext_lazy("stop", "Sent again"),
    T.REPAIR: pgettext_lazy("stop", "Repair"),
    T.COMPENSATION: pgettext_lazy("stop", "Compensation"),
}
REFUND = pgettext_lazy("stop", "Refund")
# Stages of the ring at the present stop: whose turn it is, by its shape.
STAGES = {
    S.INFO_NEEDED: "customer",
    S.AWAITING_RETURN: "customer",
    S.IN_TRANSIT: "outside",
    S.RECEIVED: "outside",
    S.INSPECTING: "outside",
    S.EXCEPTION: "reopened",
    S.SETTLING: "answered",
    S.COMPLETED: "closed",
    S.CLOSED: "closed",
    S.REJECTED: "withdrawn",
    S.CANCELLED: "withdrawn",
    S.DRAFT: "new",
    S.SUBMITTED: "new",
}


def stage_of(state: str) -> str:
    return STAGES.get(state, "ours")


def stops_of(rows: Rows) -> list[Stop]:
    """The way that this case goes: what its type asks for, a decision only where one was needed, and how it ended."""
    policy, end = rows.case.policy, end_of(rows)
    visited = {move.to for move in rows.moves} | {rows.case.state}
    comes_back = policy.receipt in COMES_BACK and (policy.receipt != CasePolicy.Receipt.OPTIONAL or visited & (BACK.states | CHECK.states))
    way = [REQUEST, REVIEW, *([BACK, CHECK] if comes_back else [])]
    if S.EXCEPTION in visited:
        way.append(DECISION)
    if end in (S.REJECTED, S.CANCELLED):
        return [stop for stop in way if stop.states & visited] + [REFUSED if end == S.REJECTED else WITHDRAWN]
    return [*way, Stop(CARRIED_OUT.get(policy.type, REFUND), SETTLE), DONE]


def end_of(rows: Rows) -> str:
    """The state that the case is in, or for an archived one how it had ended."""
    ends = [move.to for move in rows.moves if move.to in ENDS]
    return ends[-1] if rows.case.state == S.CLOSED and ends else rows.case.state


ENDS = frozenset({S.COMPLETED, S.REJECTED, S.CANCELLED})


def steps_of(rows: Rows) -> list[Step]:
    """Each stop with when it was left, the present one with who acts next."""
    way = stops_of(rows)
    # A closed case ended in one of its three ends, and that is the last stop.
    now = next((number for number, stop in enumerate(way) if rows.case.state in stop.states), len(way) - 1)
    return [_step(rows, stop, number, now) for number, stop in enumerate(way)]


def _step(rows: Rows, stop: Stop, number: int, now: int) -> Step:
    title = str(stop.title)
    if number > now:
        return Step(title, "next")
    if number < now:
        return Step(title, "done", "closed", at=max(_left(rows, stop), default=None))
    is_end = stop in (DONE, REFUSED, WITHDRAWN)
    return Step(title, "now", stage_of(rows.case.state), at=rows.case.since if is_end else None, text="" if is_end else turn_of(rows))


def _left(rows: Rows, stop: Stop) -> Iterator[datetime]:
    """When the case went out of these states."""
    moves = [move for move in rows.moves if move.to]
    for before, after in zip(moves, moves[1:], strict=False):
        if before.to in stop.states and after.to not in stop.states:
            yield after.at
