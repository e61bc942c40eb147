"""The ways that lead a complaint into each state, walked with the services."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from complaints.lifecycle import Status
from complaints.models import Complaint
from complaints.services import (
    ask_customer,
    claim_complaint,
    confirm_complaint,
    hand_over,
    mark_spam,
    merge_complaints,
    post_reply,
    resolve_complaint,
    snooze_complaint,
    withdraw_complaint,
)

SOLVED: dict[str, Any] = {"resolution": "已补发，明天送达。", "reason_code": "carrier_delay", "liability": {"carrier": 100}}


def bring_to(complaint: Complaint, status: str, *, assignee: User | None = None) -> Complaint:
    """Walk a new complaint into a state; an agent of its team is made where one is needed."""
    if status == Status.NEW:
        return claim_complaint(complaint, by=assignee) if assignee else complaint
    if assignee is None:
        from tests.factories import make_user

        assignee = make_user(teams=[complaint.team])
    return WAYS[Status(status)](complaint, assignee)


def _open(complaint: Complaint, agent: User) -> Complaint:
    return post_reply(complaint, body="您好，我来跟进。", by=agent, expected_version=None).complaint


def _ask(complaint: Complaint, agent: User) -> Complaint:
    return ask_customer(complaint, body="请补充外箱照片。", by=agent, expected_version=None).complaint


def _hand_over(complaint: Complaint, agent: User) -> Complaint:
    tomorrow = timezone.localdate() + timedelta(days=1)
    opened = _open(complaint, agent)
    return hand_over(opened, department="warehouse", owner="仓库小陈", expected_on=tomorrow, by=agent, expected_version=None)


def _snooze(complaint: Complaint, agent: User) -> Complaint:
    later = timezone.now() + timedelta(hours=5)
    return snooze_complaint(_open(complaint, agent), until=later, reason="等仓库上班", by=agent, expected_version=None)


def _resolve(complaint: Complaint, agent: User) -> Complaint:
    return resolve_complaint(_open(complaint, agent), by=agent, expected_version=None, **SOLVED)


def _close(complaint: Complaint, agent: User) -> Complaint:
    return confirm_complaint(_resolve(complaint, agent), as_customer=True)


def _withdraw(complaint: Complaint, _agent: User) -> Complaint:
    return withdraw_complaint(complaint, as_customer=True)


def _merge(complaint: Complaint, agent: User) -> Complaint:
    from tests.factories import make_complaint

    survivor = make_complaint(contact_phone=complaint.contact_phone, category=complaint.category)
    return merge_complaints(complaint, into=survivor, by=agent, expected_version=None)


def _mark_spam(complaint: Complaint, agent: User) -> Complaint:
    return mark_spam(complaint, by=agent, reason="广告", expected_version=None)


WAYS: dict[str, Callable[[Complaint, User], Complaint]] = {
    Status.OPEN: _open,
    Status.WAITING_CUSTOMER: _ask,
    Status.WAITING_INTERNAL: _hand_over,
    Status.SNOOZED: _snooze,
    Status.RESOLVED: _resolve,
    Status.CLOSED: _close,
    Status.WITHDRAWN: _withdraw,
    Status.MERGED: _merge,
    Status.SPAM: _mark_spam,
}
