"""What a waiting conversation asks of assignment: the complaint's one waiting request, with the session in it."""

from collections.abc import Collection

from complaints.assignment.demand import band_of, cancel_demand, draft_demand, rank_at, wake_assignment
from complaints.assignment.load import CHAT, weight_of
from complaints.models import AssignmentRequest, ChatSession, Complaint
from complaints.services.act import Act
from complaints.services.routing import requeue


def ask_for_agent(act: Act, session: ChatSession, *, excluding: Collection[int] = ()) -> AssignmentRequest:
    """Let a complaint's demand be for this conversation, within an act. One that waited before keeps its first place."""
    complaint = act.complaint
    first = session.assignment_requests.order_by("id").values_list("rank_at", flat=True).first()
    request = _waiting(complaint) or draft_demand(complaint, at=act.at)
    request.chat, request.band = session, band_of(complaint)
    request.weight = weight_of(complaint) + CHAT
    request.rank_at = min(filter(None, [first, request.pk and request.rank_at, rank_at(act.at, request.band, is_chat=True)]))
    request.excluded_ids = sorted({*request.excluded_ids, *excluding})
    request.save()
    wake_assignment()
    return request


def ask_for_another(act: Act, session: ChatSession, *, cause: str, excluding: Collection[int] = ()) -> AssignmentRequest:
    """Take the conversation and its complaint from whoever had it and ask for somebody else, at the place that it had before."""
    requeue(act, cause=cause, excluded_ids=excluded_before(act.complaint))
    return ask_for_agent(act, session, excluding=excluding)


def stop_asking(act: Act) -> None:
    """The conversation needs nobody any more; its complaint, as long as nobody has it, still does."""
    request = _waiting(act.complaint)
    if request is None or request.chat_id is None:
        return
    if act.complaint.assignee_id is not None or not act.complaint.is_live:
        cancel_demand(act.complaint)
        return
    request.chat, request.weight, request.excluded_ids = None, weight_of(act.complaint), excluded_before(act.complaint)
    request.save(update_fields=["chat", "weight", "excluded_ids"])


def excluded_before(complaint: Complaint) -> list[int]:
    """Who must not get the complaint, whatever happened in a conversation: missing one call excludes nobody for longer than it lasts."""
    plain = complaint.assignment_requests.filter(chat__isnull=True).order_by("-id")
    return plain.values_list("excluded_ids", flat=True).first() or []


def missed_by(session: ChatSession) -> list[int]:
    """Who let an offer of this conversation pass."""
    latest = session.assignment_requests.order_by("-id").values_list("excluded_ids", flat=True).first()
    return latest or []


def _waiting(complaint: Complaint) -> AssignmentRequest | None:
    return complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING).first()
