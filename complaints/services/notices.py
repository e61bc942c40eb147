"""What the customer is told: the only writer of the outbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint, Message, Outbox
from complaints.timing import APPEAL_WINDOW, REOPEN_WINDOW
from foundation.hints import hint

QUIET_FROM, QUIET_TO = 22, 8
MAX_AGE = timedelta(days=3)
SOON = timedelta(seconds=5)


@dataclass(frozen=True)
class Node:
    """A notice. One that may wait is held in the night; the others were promised or asked for.

    ``is_courtesy``: ready-made words that nobody needs. They are left out while a complaint is read as danger to a person.
    """

    name: str
    label: str
    waits_for_morning: bool = False
    is_courtesy: bool = False


NODES: dict[str, Node] = {
    node.name: node
    for node in [
        Node("acknowledged", _("Complaint received")),
        Node("receipt", _("Number and link alone, where ready-made words would be out of place")),
        Node("assigned", _("Somebody looks after it"), waits_for_morning=True, is_courtesy=True),
        Node("begun", _("Work has begun"), waits_for_morning=True, is_courtesy=True),
        Node("reply", _("Reply")),
        Node("asked", _("Question to the customer")),
        Node("reminder_first", _("First reminder to answer"), waits_for_morning=True, is_courtesy=True),
        Node("reminder_second", _("Second reminder to answer"), waits_for_morning=True, is_courtesy=True),
        Node("late", _("Late, with a new time"), is_courtesy=True),
        Node("no_answer", _("No answer came"), waits_for_morning=True, is_courtesy=True),
        Node("handed_over", _("Passed to a department"), waits_for_morning=True, is_courtesy=True),
        Node("handed_back", _("Back from a department"), waits_for_morning=True, is_courtesy=True),
        Node("resolved", _("Result")),
        Node("declined", _("Refusal with reasons")),
        Node("no_response", _("Closed without an answer")),
        Node("closed", _("Closed"), waits_for_morning=True),
        Node("reopened", _("Opened again")),
        Node("appealed", _("Appeal received")),
        Node("withdrawn", _("Withdrawn")),
        Node("resumed", _("Taken up again")),
        Node("merged", _("Joined with another complaint"), waits_for_morning=True),
        Node("unmerged", _("Separated again"), waits_for_morning=True),
        Node("restored", _("Not spam after all")),
        Node("escalated", _("Raised"), is_courtesy=True),
        Node("callback", _("A call is booked or moved")),
        Node("survey", _("Request for a rating"), waits_for_morning=True, is_courtesy=True),
        Node("survey_ces", _("Question how easy it was"), waits_for_morning=True, is_courtesy=True),
        Node("survey_nps", _("Question about the shop"), waits_for_morning=True, is_courtesy=True),
        Node("survey_nps_tx", _("Question about the shop after a service"), waits_for_morning=True, is_courtesy=True),
        Node("link", _("Private link")),
        Node("privacy_link", _("Proof before personal data")),
        Node("privacy_approved", _("Request about personal data approved")),
        Node("privacy_declined", _("Request about personal data declined")),
    ]
}


def register_nodes(*nodes: Node) -> None:
    """Notices of a floor above; none of them is a courtesy, for those are known when this module is read."""
    NODES.update({node.name: node for node in nodes})


COURTESIES = tuple(node.name for node in NODES.values() if node.is_courtesy)
# What goes instead where a person is in danger.
PLAIN = {"acknowledged": "receipt"}


def notify(
    complaint: Complaint,
    node: str,
    *,
    event_seq: int | None = None,
    values: dict[str, Any] | None = None,
    message: Message | None = None,
    at: datetime | None = None,
) -> Outbox | None:
    """Write one notice to the customer into the outbox; None when there is no way to reach them. ``at``: not before."""
    rows = send_notices([draft_notice(complaint, node, event_seq=event_seq, values=values, message=message, at=at)])
    return rows[0] if rows else None


def draft_notice(
    complaint: Complaint, node: str, *, event_seq=None, values=None, message=None, at: datetime | None = None
) -> Outbox | None:
    """The outbox row of a notice, not yet saved; None without an address, and for a courtesy to somebody in danger.

    ``values`` holds nothing personal and no secret.
    """
    if complaint.is_about_safety:
        node = PLAIN.get(node, node)
    if not complaint.contact_email or (complaint.is_about_safety and NODES[node].is_courtesy):
        return None
    now = timezone.now()
    due = leave_at(NODES[node], complaint, at or now)
    return Outbox(
        complaint=complaint,
        event_seq=event_seq,
        node=node,
        language=complaint.language,
        message=message,
        values=_moments(complaint) | (values or {}),
        next_at=due,
        expires_at=due + MAX_AGE,
        created_at=now,
    )


def _moments(complaint: Complaint) -> dict[str, str]:
    """The moments that a notice may name, as they stand now: a mail that leaves later still says what was promised."""
    resolved_at = complaint.resolved_at
    moments = {
        "promise": complaint.promise_at,
        "answer_until": complaint.timer_at if complaint.status == Complaint.Status.WAITING_CUSTOMER else None,
        "reopen_until": resolved_at and resolved_at + REOPEN_WINDOW,
        "appeal_until": resolved_at and resolved_at + APPEAL_WINDOW,
    }
    return {name: moment.isoformat() for name, moment in moments.items() if moment}


def send_notices(drafts: Iterable[Outbox | None]) -> list[Outbox]:
    """Save drafted notices in one statement."""
    rows = Outbox.objects.bulk_create([row for row in drafts if row is not None])
    wake_relay(*rows)
    return rows


def wake_relay(*rows: Outbox | None) -> None:
    """Tell the relay after the commit, if one of these notices is due by then."""
    if any(row is not None and row.next_at <= row.created_at + SOON for row in rows):
        hint("complaints.relay")


def cancel_notices(complaint: Complaint, *nodes: str, **conditions: Any) -> int:
    """Take back notices that have not left yet: of these nodes, or all of them."""
    waiting = complaint.outbox.filter(state=Outbox.State.QUEUED, **conditions)
    return (waiting.filter(node__in=nodes) if nodes else waiting).update(state=Outbox.State.CANCELLED)


def leave_at(node: Node, complaint: Complaint, at: datetime) -> datetime:
    """When a notice may leave: at once, or in the morning (08:00, shop time) if it can wait and it is night."""
    local = timezone.localtime(at)
    is_night = local.hour >= QUIET_FROM or local.hour < QUIET_TO
    if not (node.waits_for_morning and is_night) or complaint.priority == Complaint.Priority.URGENT:
        return at
    morning = local.replace(hour=QUIET_TO, minute=0, second=0, microsecond=0)
    return morning if local.hour < QUIET_TO else morning + timedelta(days=1)
