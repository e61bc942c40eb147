"""The customer's message never meets a closed door."""

import pytest

from complaints.lifecycle import Status
from complaints.scales import NOTICES
from complaints.services import (
    add_evidence,
    merge_complaints,
    post_customer_message,
    resolve_complaint,
    resume_complaint,
    unmerge_complaint,
)
from complaints.thanks import is_thanks_only
from foundation.exceptions import RefusedError
from tests.complaints.builders import codes, fresh, kinds, later, make_file, nodes
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db

AFTER_A_MESSAGE = {
    Status.NEW: Status.NEW,
    Status.OPEN: Status.OPEN,
    Status.WAITING_INTERNAL: Status.WAITING_INTERNAL,
    Status.WAITING_CUSTOMER: Status.OPEN,
    Status.SNOOZED: Status.OPEN,
    Status.RESOLVED: Status.OPEN,
    Status.CLOSED: Status.OPEN,
    Status.SPAM: Status.NEW,
    Status.WITHDRAWN: Status.WITHDRAWN,
    Status.MERGED: Status.MERGED,
}


@pytest.mark.parametrize("status", Status.values)
def test_a_message_is_taken_in_every_state(status):
    complaint = make_complaint(status)

    message = post_customer_message(complaint, body="还是没有收到。")

    assert message.body == "还是没有收到。"
    assert fresh(complaint).status == AFTER_A_MESSAGE[status]


@pytest.mark.parametrize("status", [Status.WAITING_CUSTOMER, Status.RESOLVED, Status.CLOSED, Status.SNOOZED])
def test_mere_thanks_move_nothing(status):
    complaint = make_complaint(status)

    message = post_customer_message(complaint, body="好的，谢谢！")

    assert message.is_thanks
    assert (fresh(complaint).status, fresh(complaint).needs_reply) == (status, False)


def test_an_answer_ends_the_reminders():
    complaint = make_complaint(Status.WAITING_CUSTOMER)

    post_customer_message(complaint, body="照片在此。")

    assert nodes(complaint, state="queued", node__startswith="reminder") == []
    assert fresh(complaint).timer_at is None
    assert fresh(complaint).needs_reply


def test_files_alone_are_an_answer():
    complaint = make_complaint(Status.WAITING_CUSTOMER)

    add_evidence(complaint, attachments=[make_file().pk], as_customer=True)

    assert fresh(complaint).status == Status.OPEN


def test_an_empty_message_is_refused():
    with pytest.raises(RefusedError):
        post_customer_message(make_complaint(), body=" ")


def test_reopening_begins_a_cycle_with_the_same_agent():
    agent = make_user()
    complaint = make_complaint(Status.CLOSED, assignee=agent)

    post_customer_message(complaint, body="又坏了。")

    after = fresh(complaint)
    assert (after.cycle, after.assignee, after.outcome, after.first_reply_at, after.stage) == (2, agent, "", None, "reopened")
    assert codes(complaint, "cycle.reopened") == {"cycle": 2, "cause": "customer", "correction": False}
    assert nodes(complaint, state="queued", node__in=NOTICES.values()) == []
    assert complaint.surveys.get(cycle=1).expired_at <= after.unanswered_since


def test_reopening_asks_for_another_agent_when_the_old_one_is_gone():
    agent = make_user()
    complaint = make_complaint(Status.RESOLVED, assignee=agent)
    agent.is_active = False
    agent.save()

    post_customer_message(complaint, body="又坏了。")

    assert fresh(complaint).assignee is None
    assert complaint.assignment_requests.filter(state="waiting").count() == 1


def test_too_late_to_reopen_becomes_a_new_linked_complaint():
    complaint = make_complaint(Status.CLOSED, contact_name="李小满")

    with later(days=15):
        message = post_customer_message(complaint, body="又坏了。", request_id="m1")
        again = post_customer_message(complaint, body="又坏了。", request_id="m1")

    successor = message.complaint
    assert successor.pk != complaint.pk and message.pk == again.pk
    assert (successor.status, successor.description, successor.contact_name) == (Status.NEW, "又坏了。", "李小满")
    assert list(successor.links.values_list("target", "kind")) == [(complaint.pk, "follows")]
    assert fresh(complaint).status == Status.CLOSED


def test_one_second_before_the_end_of_the_window_still_reopens():
    complaint = make_complaint(Status.CLOSED)

    with later(days=13, hours=23, minutes=59, seconds=50):
        post_customer_message(complaint, body="又坏了。")

    assert fresh(complaint).status == Status.OPEN


def test_a_message_to_a_joined_complaint_moves_the_survivor_and_stays_with_its_contact():
    agent = make_user()
    survivor = make_complaint(Status.WAITING_CUSTOMER, assignee=agent)
    child = merge_complaints(make_complaint(), into=survivor, by=agent, expected_version=None)

    message = post_customer_message(child, body="补充照片。")

    assert message.complaint_id == child.pk
    assert fresh(survivor).status == Status.OPEN
    assert "message.joined" in kinds(survivor)
    unmerge_complaint(child, by=agent, expected_version=None)
    assert list(child.messages.order_by("id").values_list("body", flat=True))[-1] == "补充照片。"


def test_a_withdrawn_complaint_keeps_the_words_until_it_is_resumed():
    complaint = make_complaint(Status.WITHDRAWN)

    post_customer_message(complaint, body="请继续处理。")
    resume_complaint(complaint, as_customer=True)

    after = fresh(complaint)
    assert (after.status, after.cycle, after.needs_reply) == (Status.OPEN, 2, True)


def test_a_repeated_sending_is_one_message():
    complaint = make_complaint(Status.OPEN)

    first = post_customer_message(complaint, body="请问进度？", request_id="m1")
    second = post_customer_message(complaint, body="请问进度？", request_id="m1")

    assert first.pk == second.pk


def test_an_unanswered_message_keeps_the_complaint_from_being_resolved():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    post_customer_message(complaint, body="还有一个问题。")

    with pytest.raises(RefusedError) as refusal:
        resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED)

    assert [reason.code for reason in refusal.value.reasons] == ["unanswered"]


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的，谢谢！",
        "收到，辛苦了",
        "非常感谢您",
        "没问题",
        "已解决，谢谢",
        "Thanks!",
        "OK, thank you very much",
        "Got it, thanks a lot",
        "好的👌",
    ],
)
def test_thanks_are_recognised(text):
    assert is_thanks_only(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "谢谢，但是还没收到",
        "不满意",
        "没解决",
        "什么时候发货？谢谢",
        "好的，照片如下：外箱破损",
        "Thanks, but it is still broken",
        "not solved",
        "thank you, when will it arrive",
        "收到的商品是坏的",
        "谢谢。" * 40,
    ],
)
def test_what_only_looks_like_thanks_is_a_message(text):
    assert not is_thanks_only(text)
