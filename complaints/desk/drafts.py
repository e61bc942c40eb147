"""Unsent replies and notes, kept per agent and complaint so that they are there on any device."""

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from complaints.live import publish
from complaints.models import Complaint, ReplyDraft
from foundation.prepared import Prepared, Value
from orders.services.faults import UNSTORABLE

KINDS = ("reply", "note")
LONGEST = 8000


def drafts_of(complaint: Complaint, user: User) -> dict[str, str]:
    """The unsent texts of an agent on a complaint, by kind."""
    found = dict(_drafts.all(agent=user.pk, complaint=complaint.pk))
    return {kind: found.get(kind, "") for kind in KINDS}


@Prepared
def _drafts() -> QuerySet[ReplyDraft]:
    return ReplyDraft.objects.filter(agent=Value("agent"), complaint=Value("complaint")).values_list("kind", "body")


def save_draft(complaint: Complaint, *, kind: str, body: str, by: User) -> int:
    """Keep a text that is being typed; an empty one forgets it, and nothing is kept on what was erased. No event: no fact.

    The agent's other pages hear of it. Returns the moment in milliseconds, by which a page knows its own news.
    """
    body = UNSTORABLE.sub("", body)
    if not body.strip() or complaint.erased_at:
        return forget_draft(complaint, kind=kind, by=by)
    draft = ReplyDraft(agent=by, complaint=complaint, kind=kind, body=body[:LONGEST], saved_at=timezone.now())
    ReplyDraft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["agent", "complaint", "kind"], update_fields=["body", "saved_at"]
    )
    return _tell_other_pages(by, draft.saved_at)


def forget_draft(complaint: Complaint, *, kind: str, by: User) -> int:
    """Drop a text once it was sent or thrown away."""
    ReplyDraft.objects.filter(agent=by, complaint=complaint, kind=kind).delete()
    return _tell_other_pages(by, timezone.now())


def _tell_other_pages(agent: User, at: datetime) -> int:
    moment = int(at.timestamp() * 1000)
    publish("draft", agent.pk, moment, is_internal=True)
    return moment
