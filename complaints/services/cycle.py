"""Beginning and ending a round of work on a complaint: what resolving, withdrawing, reopening and resuming share."""

from datetime import datetime, timedelta
from typing import Any

from complaints import timing
from complaints.assignment.demand import cancel_demand
from complaints.models import Complaint, Message
from complaints.services.act import Act
from complaints.services.invitations import end_surveys
from complaints.services.notices import cancel_notices
from complaints.services.routing import requeue


def end_waiting(act: Act) -> None:
    """The customer need not be reminded any more, and no state ends by itself."""
    cancel_notices(act.complaint, "reminder_first", "reminder_second")
    act.set(timer_at=None, waiting_on="", waiting_until=None)


def start_cycle(act: Act, *, kind: str, codes: dict[str, Any]) -> None:
    """Begin another cycle: new clocks, nothing asked, nothing resolved. Keeps the assignee who can still take it."""
    complaint = act.complaint
    end_surveys(act, cause="reopened")
    act.set(
        cycle=complaint.cycle + 1,
        first_reply_at=None,
        asked_count=0,
        no_reply=False,
    )
    clear_outcome(act)
    act.note(kind, codes={"cycle": complaint.cycle, **codes})
    keep_or_requeue(act)


def clear_outcome(act: Act) -> None:
    act.set(outcome="", resolution="", reason_code="", liability={}, resolved_at=None, resolved_by=None, closed_at=None, timer_at=None)


def keep_or_requeue(act: Act) -> None:
    """A complaint that comes back stays with who knows it, if they still work in its team; else it waits for an agent."""
    complaint = act.complaint
    holder = complaint.assignee
    if holder is None or not holder.is_active or not complaint.team.memberships.filter(user=holder).exists():
        requeue(act, cause="returned")


def end_cycle(act: Act, outcome: str, *, resolution: str, reason_code: str, liability: dict[str, int]) -> None:
    """Record how a cycle ended and start the days in which the customer may object."""
    complaint = act.complaint
    end_waiting(act)
    if complaint.assignee_id is None:
        cancel_demand(complaint)
    act.set(
        outcome=outcome,
        resolution=resolution,
        reason_code=reason_code,
        liability=liability,
        resolved_at=act.at,
        resolved_by=act.by,
        timer_at=act.at + timing.CONFIRM_WAIT,
    )
    act.note("reason.set", codes={"reason": reason_code})
    if liability:
        act.note("liability.set", codes={"liability": liability})
    solver = act.by and act.by.pk
    act.note("cycle.resolved", codes={"outcome": outcome, "cycle": complaint.cycle, "solver": solver}, payload={"resolution": resolution})


def unanswered_since(complaint: Complaint, *, after: datetime | None = None) -> datetime | None:
    """When the customer wrote the first message that nobody has answered, found in what is on record; ``after``: only later ones."""
    posted = complaint.messages.filter(kind=Message.Kind.PUBLIC, retracted_at__isnull=True, is_thanks=False)
    answers = posted.filter(author_kind=Message.Author.HUMAN).order_by("-created_at").values_list("created_at", flat=True)
    calls = complaint.events.filter(kind="call.logged", codes__reached=True).order_by("-seq").values_list("at", flat=True)
    answered_at = max(filter(None, [after, answers.first(), calls.first()]), default=complaint.filed_at - timedelta(microseconds=1))
    asked = posted.filter(author_kind=Message.Author.CUSTOMER, created_at__gt=answered_at).order_by("created_at")
    return asked.values_list("created_at", flat=True).first()
