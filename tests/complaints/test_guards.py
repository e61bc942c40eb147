"""Each condition on a verb, and the news that a verb sends."""

import pytest

from complaints import signals
from complaints.lifecycle import Status
from complaints.services import (
    assign_complaint,
    begin_complaint,
    claim_complaint,
    confirm_complaint,
    escalate_complaint,
    file_complaint,
    mark_spam,
    merge_complaints,
    post_reply,
    release_complaint,
    reopen_complaint,
    resume_complaint,
    transfer_complaint,
)
from foundation.exceptions import RefusedError
from tests.complaints.builders import fresh, later
from tests.factories import make_complaint, make_filing, make_order, make_team, make_user

pytestmark = pytest.mark.django_db
ANY = {"expected_version": None}


def refused(act, *arguments, **inputs) -> list[str]:
    """The codes of the reasons with which an act is refused; none when it is done."""
    try:
        act(*arguments, **inputs)
    except RefusedError as error:
        return [reason.code for reason in error.reasons]
    return []


def test_nobody_begins_what_nobody_has():
    assert refused(begin_complaint, make_complaint(), by=make_user("lead")) == ["no_assignee"]


@pytest.mark.parametrize("real", ["order", "proven", "answered"])
def test_a_real_complaint_is_no_spam(real):
    agent = make_user()
    facts = {"order": {"order": make_order()}, "proven": {"is_proven": True}, "answered": {}}[real]
    complaint = make_complaint(assignee=agent, **facts)
    if real == "answered":
        complaint.first_reply_at = complaint.filed_at
        complaint.save(update_fields=["first_reply_at"])

    assert refused(mark_spam, complaint, by=agent, reason="广告", **ANY) == ["is_real"]


def test_the_customer_calls_a_supervisor_once_a_day_and_the_desk_whenever():
    complaint = make_complaint()
    escalate_complaint(complaint, as_customer=True)

    assert refused(escalate_complaint, complaint, as_customer=True) == ["escalated_already"]
    assert refused(escalate_complaint, complaint, by=make_user()) == []
    with later(hours=24, seconds=1):
        assert refused(escalate_complaint, complaint, as_customer=True) == []


def test_escalating_raises_priority_and_place_in_the_queue():
    complaint = make_complaint()
    before = complaint.assignment_requests.get()

    escalated = escalate_complaint(complaint, as_customer=True)

    after = complaint.assignment_requests.get()
    assert (escalated.priority, after.band) == (2, 3)
    assert after.rank_at < before.rank_at


def test_the_customer_resumes_within_fourteen_days_a_lead_later_too():
    complaint, lead = make_complaint(Status.WITHDRAWN), make_user("lead")

    with later(days=15):
        assert refused(resume_complaint, complaint, as_customer=True) == ["too_late"]
        assert refused(resume_complaint, complaint, by=lead) == []


def test_the_customer_reopens_within_fourteen_days():
    first, second = make_complaint(Status.CLOSED), make_complaint(Status.CLOSED)

    with later(days=13, hours=23):
        assert refused(reopen_complaint, first, as_customer=True) == []
    with later(days=14, hours=1):
        assert refused(reopen_complaint, second, as_customer=True) == ["too_late"]


@pytest.mark.parametrize("status", [Status.CLOSED, Status.WITHDRAWN, Status.MERGED, Status.SPAM])
def test_what_has_ended_is_not_given_to_anybody(status):
    lead = make_user("lead")
    complaint = make_complaint(status)

    assert refused(assign_complaint, complaint, to=make_user(), by=lead, reason="x", **ANY) == ["state"]
    assert refused(release_complaint, complaint, by=lead, **ANY) == ["state"]
    assert refused(transfer_complaint, complaint, team=make_team("quality"), by=lead, **ANY) == ["state"]
    assert "state" in refused(claim_complaint, complaint, by=make_user())


def test_the_longer_wait_counts_after_a_merge():
    agent = make_user()
    survivor = make_complaint()
    with later(hours=1):
        child = make_complaint()

    merge_complaints(child, into=survivor, by=agent, **ANY)

    assert fresh(survivor).unanswered_since == survivor.filed_at


def test_news_come_after_the_commit(django_capture_on_commit_callbacks):
    heard = []

    def hear(signal, **news):
        heard.append((names[signal], news.get("verb", "")))

    names = {signals.complaint_filed: "filed", signals.message_posted: "message", signals.status_changed: "status"}
    names[signals.complaint_assigned] = "assigned"
    for signal in names:
        signal.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            complaint = file_complaint(make_filing())
            assert heard == []
        with django_capture_on_commit_callbacks(execute=True):
            post_reply(complaint, body="您好", by=make_user(), **ANY)
    finally:
        for signal in names:
            signal.disconnect(hear)

    assert heard == [("filed", ""), ("assigned", ""), ("status", "begin"), ("message", "")]


def test_a_refused_verb_sends_no_news(django_capture_on_commit_callbacks):
    complaint = make_complaint()

    with django_capture_on_commit_callbacks() as callbacks:
        assert refused(confirm_complaint, complaint, as_customer=True) == ["state"]

    assert callbacks == []
