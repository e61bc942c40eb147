"""Leaving a missed clock out of the figures, with a reason and an approver, and taking that back. The miss itself stays on record."""

from collections.abc import Iterator

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.clauses import CURE_LEAD
from complaints.models import ClockRun, Complaint, Event
from complaints.services.act import Act, lock_act, require_permission
from complaints.sla.waivers import COUNTED, WAIVED, waivers_in
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require, require_version

LEAD, MANAGE = "complaints.lead_complaint", "complaints.manage_shop"
LONGEST_WORDS = 300
HOLDING = ("assigned", "unassigned", "taken_back")
CURE_OTHER = _("Another lead or a manager can do this.")
CURE_MANAGER = _("A manager of the shop can do this.")


@transaction.atomic
def waive_target(
    complaint: Complaint,
    *,
    run: int,
    cause: str,
    reason: str,
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Leave a missed clock out of the figures, which then count it in a column of its own; ``count_target`` takes it back.

    ``cause`` is one of ``ClockRun.Waiver``, ``reason`` says it in words. Whoever had the complaint when the clock ran out, or has it now,
    does not decide this; a deadline of the law or of a platform is for a manager. Raises ``NotAllowedError`` or ``RefusedError``.
    """
    act = _take_up(complaint, "waive", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    clock, waived = _missed_clock(act, run), _waived(act)
    require([*_against_person(act, clock), *_against_words(cause, reason)])
    require([Reason("waived", _("It is left out already."))] if run in waived else [])
    codes = {"run": clock.pk, "kind": clock.kind, "cycle": clock.cycle, "reason": cause, "approver": by.pk}
    act.note(WAIVED, codes=codes, payload={"reason": reason.strip()})
    return act.finish()


@transaction.atomic
def count_target(
    complaint: Complaint, *, run: int, reason: str, by: User, expected_version: int | None = None, request_id: str | None = None
) -> Complaint:
    """Count a clock again that was left out; whoever may leave it out may do this."""
    act = _take_up(complaint, "count_target", by=by, expected_version=expected_version, request_id=request_id)
    if act.is_replay:
        return act.complaint
    clock, waived = _missed_clock(act, run), _waived(act)
    require([*_against_person(act, clock), *_against_length(reason)])
    require([] if run in waived else [Reason("not_waived", _("It is not left out."))])
    act.note(COUNTED, codes={"run": clock.pk, "kind": clock.kind, "cycle": clock.cycle}, payload={"reason": reason.strip()})
    return act.finish()


def _take_up(complaint: Complaint, verb: str, *, by: User, expected_version: int | None, request_id: str | None) -> Act:
    act = lock_act(complaint, verb, by=by, request_id=request_id)
    if not act.is_replay:
        require_version(act.complaint, expected_version)
        require_permission(act, LEAD)
        require([] if act.is_lead else [Forbidden("not_lead", _("Only a lead can do this."), CURE_LEAD)])
    return act


def _missed_clock(act: Act, run_id: int) -> ClockRun:
    run = ClockRun.objects.filter(complaint=act.complaint, pk=run_id, missed_at__isnull=False).first()
    require([] if run else [Reason("run", _("This clock was not missed."))])
    return run


def _waived(act: Act) -> dict[int, Event]:
    return waivers_in(access.clock_events_of(act.complaint).filter(kind__in=(WAIVED, COUNTED)))


def _against_person(act: Act, run: ClockRun) -> Iterator[Reason]:
    if act.by.pk in (act.complaint.assignee_id, _holder_at(act.complaint, run)):
        yield Forbidden("own_miss", _("You had this complaint yourself."), CURE_OTHER)
    elif run.kind in ClockRun.STATUTORY and not act.by.has_perm(MANAGE):
        yield Forbidden("not_manager", _("Only a manager leaves out a deadline of the law or of a platform."), CURE_MANAGER)


def _holder_at(complaint: Complaint, run: ClockRun) -> int | None:
    """Who had the complaint when the clock ran out."""
    last = access.events_of(complaint).filter(kind__in=HOLDING, at__lte=run.missed_at).last()
    return last.codes.get("agent") if last and last.kind == "assigned" else None


def _against_words(cause: str, reason: str) -> Iterator[Reason]:
    if cause not in ClockRun.Waiver:
        yield Reason("cause", _("Choose why it is left out."))
    yield from _against_length(reason)


def _against_length(reason: str) -> Iterator[Reason]:
    if not reason.strip():
        yield Reason("no_reason", _("Say why, in a few words."))
    elif len(reason) > LONGEST_WORDS:
        yield Reason("too_long", _("At most %(number)s characters fit into one message.") % {"number": LONGEST_WORDS})
