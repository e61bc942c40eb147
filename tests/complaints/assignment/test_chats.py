"""Conversations wait in the same queue, weigh 25 units and go first to who has the complaint."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.assignment.claim import assign_waiting, claim_next
from complaints.chat.sessions import decline_offer, file_chat, leave_queue, start_chat
from complaints.models import AssignmentRequest, ChatSession, Complaint, Decision, Outbox
from complaints.services import claim_complaint, release_complaint
from tests.complaints.assignment.builders import assert_loads_are_right, assignee_of, block_of, file_waiting, load_of, make_agent
from tests.factories import make_complaint, make_filing

pytestmark = pytest.mark.django_db


def queue_up(**overrides) -> ChatSession:
    return file_chat(make_filing(channel=Complaint.Channel.CHAT, **overrides))


def talk_about(complaint: Complaint) -> ChatSession:
    return start_chat(complaint, body="请问到哪了")[1]


def fresh(session: ChatSession) -> ChatSession:
    return ChatSession.objects.select_related("complaint").get(pk=session.pk)


def test_a_conversation_is_offered_together_with_its_complaint():
    agent = make_agent()
    session = queue_up()

    assert assign_waiting() == 1

    session = fresh(session)
    assert (session.state, session.agent, session.complaint.assignee) == ("offered", agent, agent)
    assert load_of(agent) == 30
    assert Decision.objects.get().cause == Decision.Cause.CHAT
    assert not Outbox.objects.filter(complaint=session.complaint, node="assigned").exists()
    assert_loads_are_right()


@pytest.mark.parametrize(("room", "given"), [(30, 1), (29, 0)])
def test_a_conversation_needs_room_for_itself_and_its_complaint(room, given):
    make_agent(capacity=room)
    session = queue_up()

    assert assign_waiting() == given
    assert fresh(session).state == ("offered" if given else "queued")


def test_who_has_the_complaint_is_asked_first_and_needs_room_for_the_conversation_only():
    make_agent()
    owner = make_agent(capacity=30, given=60)
    complaint = make_complaint("open", assignee=owner)
    session = talk_about(complaint)

    assert assign_waiting() == 1

    assert (fresh(session).agent, load_of(owner)) == (owner, 30)
    assert complaint.events.filter(kind="assigned").count() == 1, "nobody was assigned anew"
    assert_loads_are_right()


def test_a_full_owner_is_waited_for_less_than_a_minute_then_the_complaint_goes_along():
    owner, other = make_agent(capacity=29), make_agent(given=60)
    complaint = make_complaint("open", assignee=owner)
    session = talk_about(complaint)

    assert assign_waiting() == 0
    request = AssignmentRequest.objects.get(complaint=complaint, state="waiting")
    assert (request.blocked_by, request.sticky_until - request.enqueued_at) == ("kept", timedelta(seconds=45))
    AssignmentRequest.objects.filter(pk=request.pk).update(sticky_until=timezone.now())
    assert assign_waiting() == 1

    assert (fresh(session).agent, assignee_of(complaint)) == (other, other)
    assert (load_of(owner), load_of(other)) == (0, 30)
    assert_loads_are_right()


def test_a_complaint_that_somebody_has_is_not_given_away_without_a_conversation():
    owner, _other = make_agent(), make_agent()
    complaint = make_complaint("open", assignee=owner)
    AssignmentRequest.objects.filter(complaint=complaint).update(state="waiting")

    assert assign_waiting() == 0
    assert assignee_of(complaint) == owner


def test_a_conversation_that_the_customer_left_is_offered_to_nobody():
    agent = make_agent()
    session = queue_up()
    ChatSession.objects.filter(pk=session.pk).update(state="abandoned")

    assert assign_waiting() == 1

    assert (fresh(session).state, assignee_of(session.complaint), load_of(agent)) == ("abandoned", agent, 5)
    assert_loads_are_right()


def test_a_conversation_goes_before_the_letters_of_today():
    agent = make_agent(capacity=30)
    file_waiting(3)
    session = queue_up()

    assign_waiting(limit=1)

    assert fresh(session).agent == agent


def test_the_next_one_is_a_letter():
    agent = make_agent(state="away")
    queue_up()
    letter = make_complaint()

    assert claim_next(agent) == letter
    assert claim_next(agent) is None


def test_who_takes_the_complaint_by_hand_gets_its_conversation():
    agent = make_agent(state="away")
    session = queue_up()

    claim_complaint(session.complaint, by=agent)

    assert (fresh(session).state, fresh(session).agent, load_of(agent)) == ("offered", agent, 30)
    assert_loads_are_right()


def test_a_complaint_given_back_while_its_customer_waits_goes_on_waiting_for_a_conversation():
    owner = make_agent(state="away")
    complaint = make_complaint("open", assignee=owner)
    session = talk_about(complaint)

    release_complaint(complaint, by=owner, expected_version=None)

    request = AssignmentRequest.objects.get(complaint=complaint, state="waiting")
    assert (request.chat, request.weight, assignee_of(complaint)) == (session, 30, None)


def test_who_let_it_pass_is_left_out_of_this_conversation_only():
    agent = make_agent()
    session = queue_up()
    assign_waiting()
    decline_offer(fresh(session))

    assert assign_waiting() == 0
    assert block_of(session.complaint) == "excluded"
    leave_queue(fresh(session))
    assert assign_waiting() == 1

    assert assignee_of(session.complaint) == agent
    assert_loads_are_right()


def test_who_let_it_pass_may_have_the_complaint_when_somebody_gives_it_back():
    first = make_agent()
    session = queue_up()
    assign_waiting()
    decline_offer(fresh(session))
    second = make_agent(state="away")
    claim_complaint(session.complaint, by=second)

    release_complaint(session.complaint, by=second, expected_version=None)

    request = AssignmentRequest.objects.get(complaint=session.complaint, state="waiting")
    assert (request.excluded_ids, first.pk in request.excluded_ids) == ([second.pk], False)
