"""Stopping the time of the solution by hand, for the three reasons that the house accepts. Nothing else ever pauses this way."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.clauses import CURE_ASSIGNEE, CURE_LEAD
from complaints.models import ClockRun, Complaint
from complaints.services.act import Act, lock_act, require_permission
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require, require_version

Pause, State = ClockRun.Pause, ClockRun.State
LONGEST = {Pause.CUSTOMER_DATE: timedelta(days=60), Pause.REGULATOR: timedelta(days=60), Pause.DISASTER: timedelta(days=7)}
STATE = "complaints.change_complaint_state"


@transaction.atomic
def pause_clock(
    complaint: Complaint,
    *,
    reason: str,
    until: datetime,
    by: User | None,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Stop the time of the solution until a moment at which it goes on by itself.

    ``customer_date`` is the assignee's, ``regulator`` and ``disaster`` a lead's, the latter for seven days at most; ``regions`` does it for
    all complaints of a region. What was missed before stays missed. Raises ``NotAllowedError`` or ``RefusedError`` with the reasons.
    """
    act = _take_up(complaint, "pause", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    run = _solution(act)
    require([*_against_person(act, reason), *_against_moment(act, reason, until), *_against_run(run)])
    act.clocks.pause(run, reason, until=until)
    return act.finish()


@transaction.atomic
def resume_clock(complaint: Complaint, *, by: User | None, expected_version: int | None = None, request_id: str | None = None) -> Complaint:
    """Let the time of the solution go on before the end that was set; whoever may pause for that reason may end it."""
    act = _take_up(complaint, "resume_clock", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    run = _solution(act)
    if run is None or run.pause_reason not in LONGEST:
        require([Reason("not_paused", _("Nobody has paused the time of this complaint."))])
    require(_against_person(act, run.pause_reason))
    act.clocks.resume(run)
    return act.finish()


def _take_up(complaint: Complaint, verb: str, *, by: User | None, expected_version: int | None, request_id: str | None) -> Act:
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    if not act.is_replay:
        require_version(act.complaint, expected_version)
        require_permission(act, STATE)
    return act


def _solution(act: Act) -> ClockRun | None:
    return next((run for run in act.clocks.open_runs if run.kind == ClockRun.Kind.RESOLUTION), None)


def _against_person(act: Act, reason: str) -> Iterator[Reason]:
    if act.by is None:
        return
    if reason in (Pause.REGULATOR, Pause.DISASTER) and not act.is_lead:
        yield Forbidden("not_lead", _("Only a lead can do this."), CURE_LEAD)
    elif not act.is_lead and act.complaint.assignee_id != act.by.pk:
        yield Forbidden("not_assignee", _("This complaint is assigned to somebody else or to nobody."), CURE_ASSIGNEE)


def _against_moment(act: Act, reason: str, until: datetime) -> Iterator[Reason]:
    if reason not in LONGEST:
        yield Reason("reason", _("Choose why the time stops."))
    elif not act.at < until <= act.at + LONGEST[reason]:
        yield Reason("until", _("At least a moment and at most %(days)d days from now.") % {"days": LONGEST[reason].days})


def _against_run(run: ClockRun | None) -> Iterator[Reason]:
    if run is None or run.state != State.RUNNING:
        yield Reason("not_running", _("The time of the solution does not run at the moment."))
