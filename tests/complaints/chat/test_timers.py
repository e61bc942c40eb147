"""What time does to a conversation, whoever is gone, and that it may be looked at as often as one likes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Presence
from complaints.assignment.claim import assign_waiting
from complaints.chat.sessions import State, end_chat
from complaints.chat.timers import hear_from, run_chat_timers
from complaints.models import AssignmentRequest
from complaints.services import assign_complaint, post_customer_message, post_reply, resolve_complaint
from tests.complaints.assignment.builders import assert_loads_are_right, load_of, make_agent
from tests.complaints.builders import codes, kinds
from tests.complaints.chat.builders import fresh, let_pass, make_due, offer_to, queue_up, talk_with
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db


def lose(agent) -> None:
    """Nothing was heard of an agent for three minutes."""
    Presence.objects.filter(user=agent).update(heartbeat_at=timezone.now() - timedelta(minutes=3))


def test_an_offer_that_nobody_takes_goes_to_the_next():
    late, next_one = make_agent(), make_agent()
    session = let_pass(offer_to(queue_up(), late), seconds=21)

    assert run_chat_timers() == 1
    assert assign_waiting() == 1

    assert (fresh(session).state, fresh(session).agent) == (State.OFFERED, next_one)
    assert load_of(late) == 0
    assert_loads_are_right()


def test_an_offer_is_left_alone_before_its_time():
    session = let_pass(offer_to(queue_up(), make_agent()), seconds=10)

    assert run_chat_timers() == 0
    assert fresh(session).state == State.OFFERED


def test_when_everybody_let_it_pass_they_are_asked_again():
    agent = make_agent()
    session = let_pass(offer_to(queue_up(), agent), seconds=21)
    run_chat_timers()
    assert assign_waiting() == 0

    make_due(session)
    run_chat_timers()

    assert assign_waiting() == 1
    assert fresh(session).agent == agent


def test_a_silent_customer_keeps_the_agent_for_two_minutes_and_the_place_for_ten():
    agent = make_agent()
    session = talk_with(agent)

    let_pass(session, seconds=100)
    make_due(session)
    run_chat_timers()
    kept = fresh(session).state
    let_pass(session, seconds=30)
    make_due(session)
    run_chat_timers()

    resting = fresh(session)
    assert (kept, resting.state, resting.agent) == (State.ACTIVE, State.QUEUED, agent)
    assert load_of(agent) == 5
    assert_loads_are_right()


def test_a_place_that_is_kept_is_offered_to_nobody():
    agent = make_agent()
    session = make_due(let_pass(talk_with(agent), minutes=3))
    run_chat_timers()

    assert not AssignmentRequest.objects.filter(chat=session, state="waiting").exists()
    assert assign_waiting() == 0


def test_who_comes_back_in_time_goes_on_with_the_same_agent():
    agent = make_agent()
    session = make_due(let_pass(talk_with(agent), minutes=3))
    run_chat_timers()

    back = hear_from(fresh(session))

    assert (back.state, back.agent) == (State.ACTIVE, agent)
    assert load_of(agent) == 30
    assert_loads_are_right()


def test_who_comes_back_to_a_full_agent_waits_at_the_front():
    agent = make_agent(capacity=30)
    session = make_due(let_pass(talk_with(agent), minutes=3))
    run_chat_timers()
    offer_to(queue_up(), other := make_agent())
    make_complaint("open", assignee=agent)

    back = hear_from(fresh(session))

    assert (back.state, back.agent) == (State.QUEUED, None)
    assert AssignmentRequest.objects.filter(chat=session, state="waiting").exists()
    assert other != agent
    assert_loads_are_right()


def test_ten_silent_minutes_end_it():
    agent = make_agent()
    session = make_due(let_pass(talk_with(agent), minutes=3))
    run_chat_timers()
    make_due(let_pass(session, minutes=8))

    run_chat_timers()

    assert fresh(session).state == State.ENDED
    assert codes(session.complaint, "chat.ended")["cause"] == "silent"
    assert_loads_are_right()


def test_who_stops_being_heard_of_in_the_queue_leaves_it():
    session = make_due(let_pass(queue_up(), minutes=11))

    run_chat_timers()

    assert fresh(session).state == State.ABANDONED
    assert AssignmentRequest.objects.get(complaint=session.complaint, state="waiting").chat is None


def test_who_is_heard_of_stays_in_the_queue():
    session = let_pass(queue_up(), minutes=11)
    hear_from(session)
    make_due(session)

    run_chat_timers()

    assert fresh(session).state == State.QUEUED


@pytest.mark.parametrize("state", ["active", "offered"])
def test_the_customers_of_an_agent_who_is_lost_go_to_the_front(state):
    agent = make_agent()
    session = talk_with(agent) if state == "active" else offer_to(queue_up(), agent)
    first = session.assignment_requests.order_by("id").first().rank_at
    lose(agent)

    assert run_chat_timers() == 1

    waiting = AssignmentRequest.objects.get(chat=session, state="waiting")
    assert (fresh(session).state, fresh(session).agent, waiting.rank_at) == (State.QUEUED, None, first)
    assert load_of(agent) == 0
    assert_loads_are_right()


def test_an_agent_who_was_heard_of_a_minute_ago_is_not_lost():
    agent = make_agent(silent_for=90)
    session = talk_with(agent)

    assert run_chat_timers() == 0
    assert fresh(session).state == State.ACTIVE


def test_going_offline_hands_the_customers_on_at_once():
    agent = make_agent()
    session = talk_with(agent)
    Presence.objects.filter(user=agent).update(state="offline")

    run_chat_timers()

    assert fresh(session).state == State.QUEUED


def test_a_conversation_follows_its_complaint_to_another_agent():
    agent, colleague, lead = make_agent(), make_agent(), make_user("lead")
    session = talk_with(agent)
    assign_complaint(session.complaint, to=colleague, by=lead, expected_version=None)

    assert run_chat_timers() == 1

    followed = fresh(session)
    assert (followed.state, followed.agent) == (State.OFFERED, colleague)
    assert codes(session.complaint, "chat.left") == {"session": session.pk, "agent": agent.pk, "cause": "transferred"}
    assert load_of(agent) == 0
    assert_loads_are_right()


def test_a_resolved_complaint_may_still_be_talked_about():
    agent = make_agent()
    session = talk_with(agent)
    post_reply(session.complaint, body="已补发", by=agent, expected_version=None, in_chat=True)
    resolve_complaint(session.complaint, by=agent, expected_version=None, **SOLVED)

    assert run_chat_timers() == 0
    assert fresh(session).state == State.ACTIVE


def test_looking_twice_changes_nothing_more():
    agent = make_agent()
    session = let_pass(offer_to(queue_up(), agent), seconds=21)

    assert [run_chat_timers(), run_chat_timers()] == [1, 0]
    assert kinds(session.complaint).count("chat.queued") == 2


def test_a_message_after_the_end_is_a_message():
    session = talk_with(make_agent())
    end_chat(session, as_customer=True)

    message = post_customer_message(session.complaint, body="还有一件事", channel="chat")

    assert (message.complaint, fresh(session).state) == (session.complaint, State.ENDED)
