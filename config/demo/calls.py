"""Calls a day after the newest results of the demo shop: some done, one tried, some due, the rest to come."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from accounts.models import User
from complaints.chat.callbacks import NO_ANSWER, put_attempt
from complaints.lifecycle import Status
from complaints.models import Complaint, FollowUp
from complaints.services.act import RELATED, Act
from complaints.services.calls import book_after_resolution

from .plan import Plan

MOST = 24
UNTIL_TRIED = timedelta(minutes=40)
SETTLED, REFUSED = FollowUp.Outcome.REACHED_OK, FollowUp.Outcome.REFUSED
# What comes of one call after the other; "" is not tried yet.
COURSE = (SETTLED, NO_ANSWER, SETTLED, "", REFUSED)
SAID = {SETTLED: "客户表示问题已解决，谢谢。", REFUSED: "客户说不方便，不必再打。"}


def add_calls(plan: Plan) -> None:
    """Book the calls and log what came of those that could be made by now."""
    resolved = Complaint.objects.filter(pk__gt=plan.base["complaints_complaint"], status=Status.RESOLVED, resolved_by__isnull=False)
    for number, pk in enumerate(resolved.order_by("-resolved_at", "pk").values_list("pk", flat=True)[:MOST]):
        with transaction.atomic():
            call = _book(pk)
            if call is not None and call.owner is not None:
                _try(call, COURSE[number % len(COURSE)], now=plan.now)


def _book(pk: int) -> FollowUp | None:
    complaint = Complaint.objects.select_related(*RELATED, "resolved_by").get(pk=pk)
    # A day after the last that was told: what is recorded comes in its order, and a survey may have been answered meanwhile.
    act = Act(complaint, by=complaint.resolved_by, at=complaint.events.aggregate(at=Max("at"))["at"])
    book_after_resolution(act)
    act.finish(raises_version=False)
    return FollowUp.objects.select_related("run", "complaint", "owner").filter(complaint=pk, done_at__isnull=True).first()


def _try(call: FollowUp, outcome: str, *, now: datetime) -> None:
    """What has passed already is on record and rouses nobody."""
    tried_at = call.starts_at + UNTIL_TRIED
    is_tried = bool(outcome) and tried_at < now
    act = _act_on(call, by=call.owner if is_tried else None, at=tried_at if is_tried else now)
    if is_tried:
        put_attempt(act, call, outcome, SAID.get(outcome, ""))
    for run in act.clocks.open_runs:
        act.clocks.fire_past(run, now)
    act.finish(raises_version=False)


def _act_on(call: FollowUp, *, by: User | None, at: datetime) -> Act:
    act = Act(Complaint.objects.select_related(*RELATED).get(pk=call.complaint_id), by=by, at=at)
    act.clocks.effect = None
    return act
