"""What a complaint's row says of its clocks: the sort key of every queue, and what the customer was promised."""

from datetime import datetime
from typing import Any

from complaints.lifecycle import Status
from complaints.models import ClockRun, Complaint
from complaints.sla.book import ClockBook

# States that end by themselves; until then nobody here need act, unless a clock is due before.
TIMED = frozenset({Status.WAITING_CUSTOMER, Status.SNOOZED, Status.RESOLVED})
TIMER = ""


def deadlines_of(complaint: Complaint, clocks: ClockBook) -> dict[str, Any]:
    """The fields of a complaint that follow from its clocks; nothing for one that owes nothing any more: what was last due stays."""
    return _due(complaint, clocks.nearest()) | _promise(complaint, clocks)


def _due(complaint: Complaint, run: ClockRun | None) -> dict[str, Any]:
    timer = complaint.timer_at if complaint.status in TIMED else None
    if timer and (run is None or timer < run.due_at):
        return {"due_at": timer, "due_kind": TIMER}
    return {"due_at": run.due_at, "due_kind": run.kind, "due_since": run.started_at} if run else {}


def _promise(complaint: Complaint, clocks: ClockBook) -> dict[str, Any]:
    """The earliest promise that stands. The time that was named after a missed one goes with what was missed."""
    promise = clocks.promise()
    if promise is None:
        return {}
    return {"promise_at": promise, "new_promise_at": complaint.new_promise_at if _is_past(promise, clocks.at) else None}


def _is_past(moment: datetime, at: datetime) -> bool:
    return moment <= at
