"""The fifteen states of a case: whose turn it is, for how long, and what the customer reads meanwhile."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Phase, Role, ServiceClock, State


class CaseState(TextChoices):
    DRAFT = "draft", pgettext_lazy("case", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("case", "Submitted")
    IN_REVIEW = "in_review", pgettext_lazy("case", "In review")
    INFO_NEEDED = "info_needed", pgettext_lazy("case", "Evidence needed")
    PENDING_APPROVAL = "pending_approval", pgettext_lazy("case", "Pending approval")
    AWAITING_RETURN = "awaiting_return", pgettext_lazy("case", "Awaiting return")
    IN_TRANSIT = "in_transit", pgettext_lazy("case", "Return in transit")
    RECEIVED = "received", pgettext_lazy("case", "Received, to be inspected")
    INSPECTING = "inspecting", pgettext_lazy("case", "Being inspected")
    EXCEPTION = "exception", pgettext_lazy("case", "Exception to be decided")
    SETTLING = "settling", pgettext_lazy("case", "Being carried out")
    COMPLETED = "completed", pgettext_lazy("case", "Completed")
    REJECTED = "rejected", pgettext_lazy("case", "Rejected")
    CANCELLED = "cancelled", pgettext_lazy("case", "Withdrawn")
    CLOSED = "closed", pgettext_lazy("case", "Archived")


_S, _P, _R = CaseState, Phase, Role
# Where a case goes once it is granted, by what the customer still has to send: nothing, a parcel on its way, a parcel to come.
NEXT_AFTER_GRANT = (_S.SETTLING, _S.IN_TRANSIT, _S.AWAITING_RETURN)
# The states in which C20 makes the new case of a split.
BORN_BY_SPLIT = (_S.AWAITING_RETURN, _S.IN_TRANSIT, _S.EXCEPTION)
# A pending approval belongs to the phase of the state that it was proposed from.
PROPOSED_FROM = (_S.IN_REVIEW, _S.EXCEPTION)


def _after(hours=0, *, days=0, **options):
    return ServiceClock(timedelta(hours=hours, days=days), **options)


_APPEAL_WINDOW = _after(days=15)
STATES = (
    State(_S.DRAFT, _("Draft, not sent yet"), "", (_R.CUSTOMER,), _after(days=30), _("the row is deleted")),
    State(
        _S.SUBMITTED,
        _("Received, being checked"),
        _P.INTAKE,
        (_R.SYSTEM,),
        ServiceClock(timedelta(minutes=1)),
        _("a person reviews it"),
        "C3",
    ),
    State(
        _S.IN_REVIEW,
        _("A person is reviewing this; answer by {due}"),
        _P.REVIEW,
        (_R.AGENT,),
        _after(4, vip=timedelta(hours=1), is_working_time=True),
        _("the lead hears of it and the task is assigned anew"),
    ),
    State(
        _S.INFO_NEEDED,
        _("Please add: {items}"),
        _P.REVIEW,
        (_R.CUSTOMER,),
        _after(72, pauses_review=True),
        _("the review goes on; never a rejection"),
        "C6",
    ),
    State(
        _S.PENDING_APPROVAL,
        _("Solution being confirmed; answer by {due}"),
        "",
        (_R.LEAD, _R.FINANCE),
        _after(4, is_working_time=True),
        _("the next level of approval is asked"),
    ),
    State(
        _S.AWAITING_RETURN,
        _("Send it back or book a pickup by {due}"),
        _P.RETURN,
        (_R.CUSTOMER,),
        _after(days=7, reminders=(timedelta(days=3), timedelta(days=6))),
        _("the case is withdrawn and can be resumed"),
        "C14",
    ),
    State(
        _S.IN_TRANSIT,
        pgettext_lazy("case", "On its way back"),
        _P.RETURN,
        (_R.SYSTEM,),
        _after(days=10, reminders=(timedelta(days=3),)),
        _("without a scan for so long it becomes a problem of the parcel; after three days the carrier is asked"),
        "C16",
    ),
    State(
        _S.RECEIVED,
        _("Arrived; inspection starts by {due}"),
        _P.RETURN,
        (_R.WAREHOUSE,),
        _after(8, is_working_time=True),
        _("the lead hears of it"),
    ),
    State(
        _S.INSPECTING,
        _("Being inspected, done by {due}"),
        _P.RETURN,
        (_R.WAREHOUSE,),
        _after(24, is_working_time=True),
        _("the lead hears of it"),
    ),
    State(
        _S.EXCEPTION,
        _("Needs a decision; we contact you by {due}"),
        _P.EXCEPTION,
        (_R.LEAD,),
        _after(8, is_working_time=True),
        _("the manager hears of it"),
    ),
    State(
        _S.SETTLING,
        pgettext_lazy("case", "Being carried out: {tracks}"),
        _P.SETTLE,
        (_R.SYSTEM,),
        ServiceClock(None),
        _("the track alarms the role that can help"),
    ),
    State(_S.COMPLETED, pgettext_lazy("case", "Done"), _P.AFTER, (_R.SYSTEM,), _APPEAL_WINDOW, _("the case is archived"), "C26"),
    State(
        _S.REJECTED,
        _("Not accepted: {facts}; basis {basis}; you can appeal"),
        _P.AFTER,
        (_R.SYSTEM,),
        _APPEAL_WINDOW,
        _("the case is archived"),
        "C26",
    ),
    State(
        _S.CANCELLED, _("Withdrawn; can be resumed until {due}"), _P.AFTER, (_R.SYSTEM,), _APPEAL_WINDOW, _("the case is archived"), "C26"
    ),
    State(_S.CLOSED, pgettext_lazy("case", "Archived")),
)
