"""The clocks of the demo shop, brought by the services' own book from one recorded event to the next."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, Q

from complaints.lifecycle import LIVE, Status
from complaints.models import Complaint, Event
from complaints.services.act import RELATED, Act

from .plan import Plan

AT_ONCE = 200
TOLD = ("status.changed", "message.posted")
# How a complaint stands in the moment in which it is filed.
BEGINNING = {
    "status": Status.NEW, "status_before": "", "cycle": 1, "first_reply_at": None, "needs_reply": True, "appealed_at": None,
    "waiting_until": None,
}  # fmt: skip


def start_clocks(plan: Plan) -> None:
    """Give the complaints their clocks as they would stand by now: whatever has passed is on record and rouses nobody.

    A very large shop has only those of what is in work; of what is over it would cost more than everything else about it.
    """
    found = Complaint.objects.filter(pk__gt=plan.base["complaints_complaint"])
    if plan.is_lean:
        found = found.filter(Q(status__in=LIVE) | Q(appealed_at__isnull=False, appeal_decided_at__isnull=True))
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    for first in range(0, len(ids), AT_ONCE):
        with transaction.atomic():
            for complaint in _read(ids[first : first + AT_ONCE], is_lean=plan.is_lean):
                _keep_clocks_of(complaint, () if plan.is_lean else complaint.told, now=plan.now)


def _read(ids: list[int], *, is_lean: bool) -> Iterable[Complaint]:
    found = Complaint.objects.filter(pk__in=ids).select_related(*RELATED).order_by("pk")
    told = Event.objects.filter(kind__in=TOLD).order_by("seq")
    return found if is_lean else found.prefetch_related(Prefetch("events", told, to_attr="told"))


def _keep_clocks_of(complaint: Complaint, told: Iterable[Event], *, now: datetime) -> None:
    act = Act(complaint, by=None, at=now)
    act.clocks.effect = None
    if told:
        _go_through(act, told, now=now)
    act.clocks.settle({"status"})
    for run in act.clocks.open_runs:
        act.clocks.fire_past(run, now)
    act.finish(raises_version=False)


def _go_through(act: Act, told: Iterable[Event], *, now: datetime) -> None:
    """Let the complaint be once more what it was at each event, and its clocks follow; in the end it is as it was found."""
    complaint = act.complaint
    found = {name: getattr(complaint, name) for name in (*BEGINNING, "unanswered_since")}
    _be(complaint, BEGINNING | {"unanswered_since": complaint.filed_at})
    _stand_at(act, complaint.filed_at)
    for event in told:
        _be(complaint, _changes(complaint, event))
        _stand_at(act, event.at)
    _be(complaint, found)
    act.at = act.clocks.at = now


def _stand_at(act: Act, at: datetime) -> None:
    act.at = act.clocks.at = at
    act.clocks.settle({"status"})


def _be(complaint: Complaint, values: dict[str, Any]) -> None:
    # Past the guard of the status: nothing happens here, and nothing of it is saved.
    complaint.__dict__.update(values)


def _changes(complaint: Complaint, event: Event) -> dict[str, Any]:
    """What an event meant for what the complaint owes."""
    codes = event.codes
    if event.kind == "status.changed":
        is_anew = {"cycle": complaint.cycle + 1, "first_reply_at": None} if codes["verb"] == "reopen" else {}
        return {"status": codes["to"], **is_anew}
    if not codes["public"]:
        return {}
    if codes["author_kind"] == "human":
        return {"needs_reply": False, "unanswered_since": None, "first_reply_at": complaint.first_reply_at or event.at}
    return {"needs_reply": True, "unanswered_since": complaint.unanswered_since or event.at}
