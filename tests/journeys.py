"""The ways that lead a complaint into each state, walked with the services."""

from accounts.models import User
from complaints.lifecycle import Status
from complaints.models import Complaint
from complaints.services import claim_complaint, post_reply


def bring_to(complaint: Complaint, status: str, *, assignee: User | None = None) -> Complaint:
    """Walk a new complaint into a state; an agent of its team is made where one is needed."""
    if status == Status.NEW:
        return claim_complaint(complaint, by=assignee) if assignee else complaint
    return WAYS[status](complaint, assignee)


def _open(complaint: Complaint, assignee: User | None) -> Complaint:
    from tests.factories import make_user

    agent = assignee or make_user(teams=[complaint.team])
    message = post_reply(complaint, body="您好，我来跟进。", by=agent, expected_version=None)
    return message.complaint


WAYS = {Status.OPEN: _open}
