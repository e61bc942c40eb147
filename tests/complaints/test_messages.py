"""Replies, notes, calls, and taking a reply back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.exceptions import NewMessagesError
from complaints.lifecycle import Status
from complaints.models import AgentLoad, Complaint, Message, Outbox
from complaints.scales import NOTICES
from complaints.services import (
    add_tag,
    ask_customer,
    log_call,
    post_customer_message,
    post_note,
    post_reply,
    retract_message,
)
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.complaints.builders import codes, fresh, kinds, later, make_file, nodes
from tests.factories import make_complaint, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
REPLY = {"body": "您好，正在催促承运商。", "expected_version": None}


def test_the_first_reply_takes_the_complaint_and_begins():
    complaint, agent = make_complaint(), make_user()

    message = post_reply(complaint, by=agent, **REPLY)

    assert (message.complaint.status, message.complaint.assignee) == (Status.OPEN, agent)
    assert message.complaint.first_reply_at == message.created_at
    assert complaint.assignment_requests.get().state == "assigned"
    assert AgentLoad.objects.get(user=agent).used == 5
    assert kinds(complaint)[4:] == ["message.posted", "assigned", "status.changed", "clock.met"]


def test_a_reply_leaves_after_ten_seconds():
    message = post_reply(make_complaint(), by=make_user(), **REPLY)

    row = message.outbox.get()
    assert row.next_at == message.leaves_at == message.created_at + timedelta(seconds=10)


def test_replying_costs_few_statements(django_assert_max_num_queries):
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    agent = type(agent).objects.get(pk=agent.pk)

    with django_assert_max_num_queries(12):
        post_reply(complaint, by=agent, request_id="r1", seen_message_id=10**9, body="好的", expected_version=complaint.version)


def test_a_repeated_request_sends_once():
    complaint, agent = make_complaint(), make_user()

    first = post_reply(complaint, by=agent, request_id="r1", **REPLY)
    second = post_reply(complaint, by=agent, request_id="r1", **REPLY)

    assert first.pk == second.pk
    assert nodes(complaint) == ["acknowledged", "reply"]


def test_a_stale_version_is_refused_with_the_fresh_row():
    complaint = make_complaint()
    add_tag(complaint, name="易碎", by=make_user())

    with pytest.raises(VersionConflictError) as conflict:
        post_reply(complaint, by=make_user(), body="您好", expected_version=complaint.version)

    assert conflict.value.current.version == complaint.version + 1
    assert complaint.messages.count() == 1


def test_an_unread_message_stops_the_reply_once():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    seen = complaint.messages.order_by("-id").first().pk
    post_customer_message(complaint, body="怎么还没有消息？")

    with pytest.raises(NewMessagesError) as stop:
        post_reply(complaint, by=agent, seen_message_id=seen, **REPLY)
    post_reply(complaint, by=agent, seen_message_id=seen, confirm=True, **REPLY)

    assert [message.body for message in stop.value.messages] == ["怎么还没有消息？"]


def test_the_customers_message_leaves_the_agents_version_valid():
    complaint = make_complaint(Status.OPEN)

    post_customer_message(complaint, body="补充一点。")

    assert fresh(complaint).version == complaint.version


def test_an_agent_of_another_team_cannot_reply():
    with pytest.raises(NotAllowedError):
        post_reply(make_complaint(), by=make_user(teams=[make_team("quality")]), **REPLY)


def test_nobody_stands_for_the_system():
    with pytest.raises(NotAllowedError):
        post_reply(make_complaint(), by=None, **REPLY)


@pytest.mark.parametrize("body", ["", "   ", "长" * 8001])
def test_an_empty_or_endless_body_is_refused(body):
    with pytest.raises(RefusedError):
        post_reply(make_complaint(), by=make_user(), body=body, expected_version=None)


def test_a_note_never_leaves_and_changes_no_state():
    complaint = make_complaint()

    note = post_note(complaint, body="客户是老顾客。", by=make_user())

    assert (note.kind, note.outbox.count()) == (Message.Kind.NOTE, 0)
    after = fresh(complaint)
    assert (after.status, after.needs_reply, after.version) == (Status.NEW, True, complaint.version)


def test_files_of_a_note_stay_internal():
    agent = make_user()
    file = make_file(uploaded_by=agent)

    post_note(make_complaint(), body="截图", by=agent, attachments=[file.pk])

    file.refresh_from_db()
    assert file.is_internal


def test_a_colleagues_file_cannot_be_taken():
    file = make_file(uploaded_by=make_user())

    with pytest.raises(RefusedError):
        post_reply(make_complaint(), by=make_user(), attachments=[file.pk], **REPLY)


def test_asking_waits_72_hours_with_two_reminders():
    agent = make_user()
    complaint = ask_customer(make_complaint(Status.OPEN, assignee=agent), body="请补充外箱照片", by=agent, expected_version=None).complaint

    assert complaint.status == Status.WAITING_CUSTOMER
    assert complaint.timer_at == complaint.due_at == complaint.last_message_at + timedelta(hours=72)
    assert nodes(complaint, node__startswith="reminder") == ["reminder_first", "reminder_second"]


def test_the_third_question_of_a_cycle_needs_a_lead():
    agent, lead = make_user(), make_user("lead")
    complaint = make_complaint(Status.OPEN, assignee=agent)
    for _ in range(2):
        ask_customer(complaint, body="请补充", by=agent, expected_version=None)
        post_customer_message(complaint, body="补充在此。")

    with pytest.raises(RefusedError) as refusal:
        ask_customer(complaint, body="请补充", by=agent, expected_version=None)
    asked = ask_customer(complaint, body="请补充", by=lead, expected_version=None)

    assert [reason.code for reason in refusal.value.reasons] == ["asked_twice"]
    assert asked.complaint.asked_count == 3


def test_reply_and_resolve_are_one_act_and_one_mail():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)

    message = post_reply(
        complaint,
        by=agent,
        then="resolve",
        then_inputs={"reason_code": "delay", "liability": {"carrier": 100}},
        body="已签收。",
        expected_version=None,
    )

    assert (message.complaint.status, message.complaint.resolution) == (Status.RESOLVED, "已签收。")
    assert nodes(complaint, message=message) == ["resolved"]


def test_a_refused_ending_takes_the_reply_back_too():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    count = complaint.messages.count()

    with pytest.raises(RefusedError):
        post_reply(complaint, by=agent, then="resolve", then_inputs={"reason_code": "", "liability": {}}, **REPLY)

    assert complaint.messages.count() == count


def test_a_macro_acts_with_the_reply():
    agent = make_user()

    acts = [{"act": "set_priority", "value": 3}, {"act": "add_tag", "value": "催件"}]
    complaint = post_reply(make_complaint(), by=agent, actions=acts, **REPLY).complaint

    assert complaint.priority == Complaint.Priority.URGENT
    assert [tag.name for tag in complaint.tags.all()] == ["催件"]
    assert AgentLoad.objects.get(user=agent).used == 10


def test_an_unknown_act_of_a_macro_is_refused():
    with pytest.raises(RefusedError):
        post_reply(make_complaint(), by=make_user(), actions=[{"act": "delete", "value": 1}], **REPLY)


def test_a_reply_taken_back_leaves_nothing_behind():
    agent = make_user()
    complaint = make_complaint(assignee=agent)
    promised = complaint.promise_at

    retract_message(post_reply(complaint, by=agent, **REPLY), by=agent)

    after = fresh(complaint)
    assert (after.promise_at, after.due_at, after.needs_reply, after.first_reply_at) == (promised, promised, True, None)
    assert complaint.outbox.get(node="reply").state == Outbox.State.CANCELLED
    assert "message.retracted" in kinds(complaint)


def test_taking_back_a_question_ends_the_waiting():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)

    retract_message(ask_customer(complaint, body="请补充", by=agent, expected_version=None), by=agent)

    after = fresh(complaint)
    assert (after.status, after.timer_at, after.asked_count) == (Status.OPEN, None, 0)
    assert nodes(complaint, state="queued", node__startswith="reminder") == []


def test_taking_back_a_result_opens_the_same_cycle_again():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    inputs = {key: SOLVED[key] for key in ("reason_code", "liability")}

    retract_message(post_reply(complaint, by=agent, then="resolve", then_inputs=inputs, **REPLY), by=agent)

    after = fresh(complaint)
    assert (after.status, after.cycle, after.outcome) == (Status.OPEN, 1, "")
    assert nodes(complaint, state="queued", node__in=["resolved", *NOTICES.values()]) == []


def test_what_has_left_cannot_be_taken_back():
    agent = make_user()
    message = post_reply(make_complaint(), by=agent, **REPLY)

    with later(seconds=11), pytest.raises(RefusedError):
        retract_message(message, by=agent)


def test_a_colleague_cannot_take_a_reply_back():
    message = post_reply(make_complaint(), by=make_user(), **REPLY)

    with pytest.raises(NotAllowedError):
        retract_message(message, by=make_user())


def test_a_call_that_reached_the_customer_answers_them():
    agent = make_user()
    complaint = make_complaint()

    log_call(complaint, summary="已电话说明。", is_reached=True, by=agent, expected_version=None)

    after = fresh(complaint)
    assert (after.status, after.needs_reply) == (Status.OPEN, False)
    assert codes(complaint, "call.logged")["reached"] is True


def test_a_call_without_answer_changes_nothing_but_the_record():
    complaint = make_complaint()

    log_call(complaint, summary="无人接听。", is_reached=False, by=make_user(), expected_version=None)

    assert (fresh(complaint).status, fresh(complaint).needs_reply) == (Status.NEW, True)
    assert complaint.contacts.filter(channel="phone", origin="agent").count() == 1


def test_the_customer_waits_from_the_first_unanswered_message():
    agent = make_user()
    complaint = make_complaint(Status.OPEN, assignee=agent)
    first = post_customer_message(complaint, body="有消息吗？")
    with later(hours=3):
        post_customer_message(complaint, body="还在吗？")

    after = fresh(complaint)
    assert after.unanswered_since == first.created_at
    assert after.due_at == first.created_at + timedelta(hours=8)
    assert after.last_message_at > timezone.now() + timedelta(hours=2)
