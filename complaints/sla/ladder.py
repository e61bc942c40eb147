"""What happens as the time of an obligation runs out: who is told at half, what a breach sets in motion, and who hears of it after that.

Written with what an act offers, so a rung means the same whether the sweep finds it or a colleague's act comes first.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from accounts.calendars import hours_of
from complaints.assignment.demand import NEARLY_DUE, raise_demand
from complaints.lifecycle import Status
from complaints.live import publish
from complaints.models import Clock, ClockRun, Complaint, FollowUp
from complaints.sla.runs import rung_at

Rung, Role = Clock.Rung, FollowUp.Role
LEAD_LOOKS_WITHIN, MANAGER_LOOKS_WITHIN = timedelta(minutes=30), timedelta(hours=1)
SHORTEST_DELAY = timedelta(minutes=30)


def climb(act: Any, run: ClockRun, rung: int, due_at: datetime) -> None:
    """Carry out what a rung means, within an act. What the customer was never told rouses only whoever is to do it."""
    if run.is_promised:
        EFFECTS[Rung(rung)](act, run)
    else:
        _remind_owners(run)


def miss_promise(act: Any, run: ClockRun) -> None:
    """The moment that the customer was told has passed: apologise, and name a new one that can be kept. Once until that has passed."""
    complaint = act.complaint
    if run.kind not in ClockRun.SERVICE or (complaint.new_promise_at and complaint.new_promise_at > act.at):
        return
    later = _new_time(run, act.at)
    act.set(new_promise_at=later)
    codes = {"run": run.pk, "kind": run.kind, "promise_at": run.promise_at.isoformat(), "new_promise_at": later.isoformat()}
    act.note("promise.moved", codes=codes)
    act.tell("late", values={"date": later.isoformat()})


def _remind(act: Any, run: ClockRun) -> None:
    if act.complaint.assignee_id:
        publish("user", act.complaint.assignee_id)


def _remind_owners(run: ClockRun) -> None:
    for owner_id in run.follow_ups.filter(done_at__isnull=True, owner__isnull=False).values_list("owner_id", flat=True):
        publish("user", owner_id)


def _warn(act: Any, run: ClockRun) -> None:
    """Whoever waits for an agent comes further forward."""
    _rouse(act, run)
    raise_demand(act.complaint, at_least=NEARLY_DUE)


def _rouse(act: Any, run: ClockRun) -> None:
    """Nobody may sleep through the last fifth."""
    _remind(act, run)
    publish("queue", act.complaint.team_id, is_internal=True)
    if act.complaint.status == Status.SNOOZED:
        act.move("wake")
        act.set(timer_at=None)


def _breach(act: Any, run: ClockRun) -> None:
    _rouse(act, run)
    act.put_priority(max(act.complaint.priority, Complaint.Priority.HIGH))
    raise_demand(act.complaint, at_least=NEARLY_DUE)
    act.follow_up(FollowUp.Kind.BREACH, role=Role.LEAD, due_at=act.at + LEAD_LOOKS_WITHIN, run=run, threshold=Rung.DUE)
    if run.promise_at <= act.at:
        miss_promise(act, run)


def _tell_higher(act: Any, run: ClockRun) -> None:
    act.follow_up(FollowUp.Kind.BREACH, role=Role.MANAGER, due_at=act.at + MANAGER_LOOKS_WITHIN, run=run, threshold=Rung.LATE)


def _hand_up(act: Any, run: ClockRun) -> None:
    """The lead takes it over and the manager calls; who the lead is, the sweep finds."""
    act.follow_up(FollowUp.Kind.BREACH, role=Role.MANAGER, due_at=act.at + LEAD_LOOKS_WITHIN, run=run, threshold=Rung.VERY_LATE)


EFFECTS: dict[int, Callable[[Any, ClockRun], None]] = {
    Rung.HALF: _remind,
    Rung.SOON: _warn,
    Rung.DUE: _breach,
    Rung.LATE: _tell_higher,
    Rung.VERY_LATE: _hand_up,
}


def _new_time(run: ClockRun, at: datetime) -> datetime:
    """Half as long again from the start, or if that is past too, half the time from now; never sooner than half an hour."""
    later = rung_at(run, Rung.LATE)
    if later < at + SHORTEST_DELAY:
        later = hours_of(run.calendar_id).add(at, max(run.target_s // 2, int(SHORTEST_DELAY.total_seconds())))
    return later
