"""Complaints and chats that wait for an agent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from complaints.assignment.agents import excluded_for
from complaints.assignment.load import CHAT, weight_of
from complaints.models import AssignmentRequest, ChatSession, Complaint
from foundation.hints import hint
from foundation.prepared import Statement
from orders.models import Customer

if TYPE_CHECKING:
    from complaints.services.act import Act

BAND_LEAD = timedelta(minutes=10)
HIGHEST_BAND = 5
# Who waits in a chat waits by the minute: it stands among the complaints of the two highest bands, and its own band moves it by one.
CHAT_LEAD, CHAT_BAND_LEAD = timedelta(minutes=45), timedelta(minutes=1)
# By how much a later one may get ahead: nothing is overtaken by what came after this.
OVERTAKEN_WITHIN, CHAT_OVERTAKEN_WITHIN = HIGHEST_BAND * BAND_LEAD, HIGHEST_BAND * CHAT_BAND_LEAD
# How much risk (0 calm to 4 about to escalate) adds to the band.
RISK_BANDS = (0, 0, 1, 2, HIGHEST_BAND)
# The band of a complaint with a clock that is nearly due.
NEARLY_DUE = 4

ASSIGN = Statement.named("""
    UPDATE complaints_assignmentrequest r SET state = CASE was.state WHEN 'waiting' THEN 'assigned' ELSE was.state END, blocked_by = '',
        check_at = %(check_at)s::timestamptz, reminded_at = NULL
    FROM (SELECT id, state FROM complaints_assignmentrequest WHERE complaint_id = %(complaint)s::bigint ORDER BY id DESC LIMIT 1) was
    WHERE r.id = was.id
    RETURNING CASE was.state WHEN 'waiting' THEN r.id END, CASE was.state WHEN 'waiting' THEN r.chat_id END
""")
CANCEL = Statement.named("""
    UPDATE complaints_assignmentrequest SET state = 'cancelled', blocked_by = ''
    WHERE complaint_id = %(complaint)s::bigint AND state = 'waiting' RETURNING id, chat_id
""")


class Ended(NamedTuple):
    """The request that waited, and the chat that it was for; both None when none waited."""

    request_id: int | None = None
    chat_id: int | None = None


def band_of(complaint: Complaint) -> int:
    """How urgent the demand is, 0 to 5: priority, one more for a VIP and one more when escalated, and what the risk adds."""
    is_vip = complaint.customer_id is not None and complaint.customer.tier == Customer.Tier.VIP
    return min(HIGHEST_BAND, complaint.priority + is_vip + (complaint.escalated_at is not None) + RISK_BANDS[complaint.risk_level])


def rank_at(enqueued_at: datetime, band: int, *, is_chat: bool = False) -> datetime:
    """The place in the queue: the earlier, the sooner."""
    return enqueued_at - (CHAT_LEAD + band * CHAT_BAND_LEAD if is_chat else band * BAND_LEAD)


def enqueue(complaint: Complaint, *, at: datetime, excluded_ids: Iterable[int] = (), owner_id: int | None = None) -> AssignmentRequest:
    """Ask for an agent again. A complaint that waited before keeps its first place. ``owner_id`` gets it if they can."""
    earlier = complaint.assignment_requests.filter(chat__isnull=True).order_by("id").first()
    request = draft_demand(complaint, at=at, earlier=earlier, excluded_ids=excluded_ids)
    request.sticky_agent_id = owner_id
    request.save()
    wake_assignment()
    return request


def draft_demand(
    complaint: Complaint,
    *,
    at: datetime,
    earlier: AssignmentRequest | None = None,
    excluded_ids: Iterable[int] = (),
    chat: ChatSession | None = None,
) -> AssignmentRequest:
    """The row that asks for an agent, not yet saved. Needs ``category`` and ``customer`` of the complaint."""
    band = band_of(complaint)
    ranks = [rank_at(at, band, is_chat=chat is not None), earlier and earlier.rank_at]
    return AssignmentRequest(
        complaint=complaint,
        team_id=complaint.team_id,
        skill_code=complaint.category.skill_code,
        skill_level=complaint.category.skill_level,
        language=complaint.language,
        weight=weight_of(complaint) + CHAT * (chat is not None),
        band=band,
        excluded_ids=sorted(set(excluded_ids)),
        enqueued_at=at,
        rank_at=min(filter(None, ranks)),
        chat=chat,
    )


def wake_assignment() -> None:
    hint("complaints.assign")


def end_demand(complaint: Complaint, *, check_at: datetime | None) -> Ended:
    """Whoever waited has an agent now; ``check_at`` is when somebody looks whether they have begun."""
    rows = ASSIGN.rows(complaint=complaint.pk, check_at=check_at)
    return Ended(*rows[0]) if rows else Ended()


def cancel_demand(complaint: Complaint) -> Ended:
    """End the waiting request of a complaint, if there is one."""
    rows = CANCEL.rows(complaint=complaint.pk)
    return Ended(*rows[0]) if rows else Ended()


def raise_demand(complaint: Complaint, *, at_least: int = 0) -> None:
    """Move the waiting request of a complaint forward after its urgency rose; it never moves back.

    ``at_least`` is a band that something beside the complaint itself asks for: ``NEARLY_DUE`` for a clock that warns,
    ``HIGHEST_BAND`` for an authority.
    """
    request = _waiting(complaint)
    if request is None:
        return
    band = max(request.band, band_of(complaint), at_least)
    is_chat = request.chat_id is not None
    request.band, request.weight = band, weight_of(complaint) + CHAT * is_chat
    request.rank_at = min(request.rank_at, rank_at(request.enqueued_at, band, is_chat=is_chat))
    request.save(update_fields=["band", "weight", "rank_at"])
    wake_assignment()


def requeue(
    act: "Act",
    *,
    cause: str,
    reason: str = "",
    excluded_ids: list[int] | None = None,
    owner_id: int | None = None,
    kind: str = "unassigned",
) -> None:
    """Take the assignee off within an act and ask for another agent. A chat that waits goes on waiting."""
    complaint = act.complaint
    if complaint.assignee_id is not None:
        codes = {"agent": complaint.assignee_id, "team": complaint.team_id, "cause": cause}
        act.note(kind, codes=codes, payload={"reason": reason} if reason else None)
        act.set(assignee=None)
    ended = cancel_demand(complaint)
    if not complaint.is_live:
        return
    if ended.chat_id is not None:
        _ask_again(complaint, ChatSession(pk=ended.chat_id), at=act.at)
    else:
        enqueue(complaint, at=act.at, excluded_ids=excluded_ids or (), owner_id=owner_id)


def _ask_again(complaint: Complaint, session: ChatSession, *, at: datetime) -> None:
    earlier = AssignmentRequest.objects.filter(chat=session.pk).order_by("-id").first()
    excluded = {*excluded_for(complaint), *(earlier.excluded_ids if earlier else ())}
    draft_demand(complaint, at=at, earlier=earlier, excluded_ids=excluded, chat=session).save()
    wake_assignment()


def _waiting(complaint: Complaint) -> AssignmentRequest | None:
    return complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING).first()
