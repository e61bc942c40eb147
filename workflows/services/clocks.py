"""The clocks of a case: one for each state that has a time, in working time where staff owes it; and those of the law, which never stop."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.calendars import NoCalendarError, current_version, hours_of
from complaints.models import LegalRule
from orders.models import Customer
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import ServiceClock
from workflows.models import Case, CaseClock
from workflows.services.tasks import CALENDAR

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

Kind, State = CaseClock.Kind, CaseClock.State
LIVE = (State.RUNNING, State.PAUSED)


def follow_state(act: "CaseAct", *, because: int) -> None:
    """End the clock of the state that the case has left and start that of the one it is in."""
    case = act.case
    if act.state_before == case.state and not _starts_anew(act):
        return
    paused = _leave(case, act.state_before, act.at)
    clock = SPINE.state(case.state).clock
    if paused is not None:
        _resume(paused, act.at)
    elif clock is not None and clock.after is not None:
        CaseClock.objects.create(**_started(case, clock, act.at), because=because)


def start_legal_clock(act: "CaseAct", code: str, *, start: datetime, because: int = 0) -> CaseClock | None:
    """Start a deadline of the law, in natural days of the shop's zone; None when the rule is not known or the clock runs already."""
    rule = LegalRule.objects.filter(code=code, effective_from__lte=timezone.localdate(start)).order_by("-version").first()
    if rule is None or CaseClock.objects.filter(case=act.case, kind=Kind.LEGAL, code=code).exists():
        return None
    due = end_of_day(start, rule.amount) if rule.unit == LegalRule.Unit.DAYS else start + timedelta(hours=rule.amount)
    fields = {"case": act.case, "kind": Kind.LEGAL, "code": code, "rule": rule, "started_at": start, "due_at": due}
    return CaseClock.objects.create(**fields, because=because or act.case.complaint.head_seq + 1)


def stop_legal_clocks(case: Case, *codes: str, at: datetime) -> None:
    """What the law asks for was done."""
    running = CaseClock.objects.filter(case=case, kind=Kind.LEGAL, state=State.RUNNING)
    (running.filter(code__in=codes) if codes else running).update(state=State.MET, paused_at=None)


def end_of_day(start: datetime, days: int) -> datetime:
    """The last moment of the ``days``-th day after that of ``start``, in the shop's zone: the day of the event does not count."""
    local = timezone.localtime(start)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=days + 1) - timedelta(microseconds=1)


def _starts_anew(act: "CaseAct") -> bool:
    return act.verbs[-1] in ("resend_goods",)


def _leave(case: Case, before: str, at: datetime) -> CaseClock | None:
    """End what ran for the old state, or let the review stand still while the customer is asked; returns what goes on again.

    A review whose time was over already does not stand still: it was missed, and after the answer its time begins anew.
    """
    service = {clock.code: clock for clock in CaseClock.objects.filter(case=case, kind=Kind.SERVICE, state__in=LIVE)}
    asked = SPINE.state(case.state).clock
    for code, clock in service.items():
        if code == CaseState.IN_REVIEW and clock.fired_at is None and asked is not None and asked.pauses_review:
            _pause(clock, at)
        elif code != case.state:
            _end(clock, at)
    kept = service.get(case.state)
    return kept if kept is not None and kept.state == State.PAUSED and before == CaseState.INFO_NEEDED else None


def _pause(clock: CaseClock, at: datetime) -> None:
    hours = hours_of(clock.calendar_id)
    clock.remaining_s = hours.between(at, clock.due_at) if clock.due_at and clock.due_at > at else 0
    clock.state, clock.paused_at, clock.due_at = State.PAUSED, at, None
    clock.save(update_fields=["state", "paused_at", "due_at", "remaining_s"])


def _resume(clock: CaseClock, at: datetime) -> None:
    clock.due_at = hours_of(clock.calendar_id).add(at, clock.remaining_s or 0)
    clock.state, clock.paused_at, clock.remaining_s = State.RUNNING, None, None
    clock.save(update_fields=["state", "paused_at", "due_at", "remaining_s"])


def _end(clock: CaseClock, at: datetime) -> None:
    is_late = clock.fired_at is not None or (clock.due_at is not None and clock.due_at <= at)
    clock.state, clock.paused_at, clock.remaining_s = State.MISSED if is_late else State.MET, None, None
    clock.save(update_fields=["state", "paused_at", "remaining_s"])


def _started(case: Case, clock: ServiceClock, at: datetime) -> dict:
    span = clock.vip if clock.vip and case.order.customer.tier == Customer.Tier.VIP else clock.after
    version_id = _calendar_id() if clock.is_working_time else None
    due = hours_of(version_id).add(at, int(span.total_seconds()))
    return {"case": case, "kind": Kind.SERVICE, "code": case.state, "calendar_id": version_id, "started_at": at, "due_at": due}


def _calendar_id() -> int | None:
    try:
        return current_version(CALENDAR).pk
    except NoCalendarError:
        return None
