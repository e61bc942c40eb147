"""What a complaint owes, read from its row alone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.lifecycle import LIVE, Status
from complaints.models import ClockRun, Complaint
from complaints.services import appeal_complaint, ask_customer, decline_complaint, reopen_complaint
from complaints.sla.obligations import ending_of, owed_by
from tests.complaints.sla.builders import ANY, run_of, runs_of
from tests.factories import make_complaint, make_user

Kind, State = ClockRun.Kind, ClockRun.State
NOW = timezone.now()


def row(status: str = Status.NEW, **fields) -> Complaint:
    given = {"filed_at": NOW, "needs_reply": True, "unanswered_since": NOW, **fields}
    complaint = Complaint(**given)
    complaint.__dict__["status"] = status
    return complaint


def owed(complaint: Complaint, **limits) -> list[str]:
    return [each.kind for each in owed_by(complaint, **{"review_until": None, "stage_until": None, **limits})]


@pytest.mark.parametrize("status", sorted(LIVE))
def test_whatever_is_live_owes_a_solution(status):
    assert owed(row(status))[-1] == Kind.RESOLUTION


@pytest.mark.parametrize("status", sorted(set(Status) - LIVE))
def test_what_is_over_owes_nothing_but_the_answer_to_an_appeal(status):
    appealed = row(status, appealed_at=NOW)

    assert (owed(row(status)), owed(appealed, review_until=NOW + timedelta(days=2))) == ([], [Kind.REVIEW])


ANSWERS = [
    ({}, Kind.FIRST),
    ({"origin": Complaint.Origin.RULE}, Kind.CONTACT),
    ({"first_reply_at": NOW}, Kind.NEXT),
    ({"first_reply_at": NOW, "needs_reply": False}, None),
    ({"cycle": 2}, Kind.NEXT),
    ({"cycle": 2, "needs_reply": False, "unanswered_since": None}, Kind.NEXT),
    ({"cycle": 2, "first_reply_at": NOW, "needs_reply": False}, None),
    ({"cycle": 2, "origin": Complaint.Origin.RULE}, Kind.NEXT),
]


@pytest.mark.parametrize(("fields", "kind"), ANSWERS)
def test_which_answer_is_owed(fields, kind):
    assert owed(row(Status.OPEN, **fields)) == [*([kind] if kind else []), Kind.RESOLUTION]


@pytest.mark.parametrize(
    ("status", "before", "is_owed"),
    [
        (Status.WAITING_INTERNAL, "", True),
        (Status.SNOOZED, Status.WAITING_INTERNAL, True),
        (Status.SNOOZED, Status.OPEN, False),
        (Status.OPEN, Status.WAITING_INTERNAL, False),
    ],
)
def test_a_department_owes_its_day_while_it_has_the_complaint(status, before, is_owed):
    assert (Kind.STAGE in owed(row(status, status_before=before), stage_until=NOW)) == is_owed


def test_what_ends_a_clock_depends_on_how_the_complaint_ends():
    ends = {status: ending_of(row(status)) for status in Status}

    assert ends.pop(Status.WITHDRAWN) == ends.pop(Status.SPAM) == State.CANCELLED
    assert ends.pop(Status.MERGED) == State.MERGED
    assert set(ends.values()) == {State.MET}


def test_an_appeal_that_is_open_when_the_customer_reopens_is_still_to_be_answered(day):
    lead = make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=lead)
    decline_complaint(complaint, facts="超过期限。", reason_code="expired", basis="售后规则 v1", by=lead, **ANY)
    day.later(hours=1)
    appeal_complaint(complaint, reason="没有超过。")
    review = run_of(complaint, Kind.REVIEW)
    day.later(hours=1)
    reopen_complaint(complaint, as_customer=True)
    ask_customer(complaint, body="请补充。", by=lead, **ANY)

    assert [(run.pk, run.state, run.due_at) for run in runs_of(complaint, Kind.REVIEW)] == [(review.pk, State.RUNNING, review.due_at)]
