"""What an act on a complaint means for open pages."""

from collections.abc import Collection, Iterable

from complaints.live.publishing import publish
from complaints.models import Complaint
from foundation.events import EventSpec

# The customer's page shows nothing of these.
INTERNAL = {
    "call.logged", "callback.due", "callback.given", "effort.corrected", "excluded.set", "follow_up.added", "liability.set",
    "message.classified", "priority.set", "reason.set", "risk.set", "tag.set", "watchers.set",
}  # fmt: skip
# Fields that decide in which lists a complaint stands, or what its row says first.
IN_LISTS = {"status", "team", "team_id", "assignee", "assignee_id", "needs_reply", "priority", "escalated_at", "risk_level"}


def publish_act(complaint: Complaint, specs: Iterable[EventSpec], changed: Collection[str], *, team_before: int) -> None:
    """Point at a complaint that an act changed; if it moved in a list, at the lists of its teams and of its agent."""
    publish("complaint", complaint.number, complaint.head_seq, is_internal=all(map(_is_internal, specs)))
    if not IN_LISTS.isdisjoint(changed):
        for team_id in {team_before, complaint.team_id}:
            publish("queue", team_id)
        if complaint.assignee_id is not None:
            publish("user", complaint.assignee_id)


def publish_filing(complaint: Complaint) -> None:
    publish("complaint", complaint.number, complaint.head_seq)
    publish("queue", complaint.team_id)


def _is_internal(spec: EventSpec) -> bool:
    return spec.kind in INTERNAL or (spec.kind == "message.posted" and not spec.codes.get("public", True))
