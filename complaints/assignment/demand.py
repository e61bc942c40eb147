"""Complaints that wait for an agent."""

from datetime import datetime, timedelta

from complaints.assignment.load import weight_of
from complaints.models import AssignmentRequest, Complaint
from foundation.hints import hint
from orders.models import Customer

BAND_LEAD = timedelta(minutes=10)
HIGHEST_BAND = 5


def band_of(complaint: Complaint) -> int:
    """How urgent the demand is, 0 to 5: priority, one more for a VIP and one more when escalated."""
    is_vip = complaint.customer_id is not None and complaint.customer.tier == Customer.Tier.VIP
    return min(HIGHEST_BAND, complaint.priority + is_vip + (complaint.escalated_at is not None))


def enqueue(complaint: Complaint, *, at: datetime, excluded_ids: list[int] | None = None) -> AssignmentRequest:
    """Ask for an agent again. A complaint that waited before keeps its first place."""
    earlier = complaint.assignment_requests.order_by("id").first()
    request = draft_demand(complaint, at=at, earlier=earlier, excluded_ids=excluded_ids)
    request.save()
    wake_assignment()
    return request


def draft_demand(
    complaint: Complaint, *, at: datetime, earlier: AssignmentRequest | None = None, excluded_ids: list[int] | None = None
) -> AssignmentRequest:
    """The row that asks for an agent, not yet saved. Needs ``category`` and ``customer`` of the complaint."""
    band = band_of(complaint)
    return AssignmentRequest(
        complaint=complaint,
        team_id=complaint.team_id,
        skill_code=complaint.category.skill_code,
        skill_level=complaint.category.skill_level,
        language=complaint.language,
        weight=weight_of(complaint),
        band=band,
        excluded_ids=excluded_ids or [],
        enqueued_at=at,
        rank_at=min(filter(None, [earlier and earlier.rank_at, at - band * BAND_LEAD])),
    )


def wake_assignment() -> None:
    hint("complaints.assign")


def cancel_demand(complaint: Complaint, *, state: str = AssignmentRequest.State.CANCELLED) -> int:
    """End the waiting request of a complaint, if there is one; returns how many there were."""
    return complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING).update(state=state, blocked_by="")


def raise_demand(complaint: Complaint) -> None:
    """Move the waiting request of a complaint forward after its urgency rose; it never moves back."""
    request = complaint.assignment_requests.filter(state=AssignmentRequest.State.WAITING).first()
    if request is None:
        return
    band = max(request.band, band_of(complaint))
    request.band, request.weight = band, weight_of(complaint)
    request.rank_at = min(request.rank_at, request.enqueued_at - band * BAND_LEAD)
    request.save(update_fields=["band", "weight", "rank_at"])
    wake_assignment()
