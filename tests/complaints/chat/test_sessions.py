"""A conversation from its first line to its end, and who may do what with it."""

import pytest

from complaints.assignment.load import CHAT
from complaints.chat.sessions import (
    accept_chat,
    decline_offer,
    end_chat,
    file_chat,
    leave_queue,
    rate_chat,
    start_chat,
    turn_into_message,
)
from complaints.models import AssignmentRequest, ChatSession, Complaint
from complaints.services import post_customer_message, post_reply, resolve_complaint
from foundation.exceptions import NotAllowedError, RefusedError
from tests.complaints.assignment.builders import assert_loads_are_right, load_of, make_agent
from tests.complaints.builders import codes, kinds
from tests.complaints.chat.builders import fresh, let_pass, offer_to, queue_up, talk_with
from tests.factories import make_complaint, make_filing, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
State = ChatSession.State


def test_the_first_line_is_a_complaint_that_waits_for_a_person():
    session = queue_up(description="包裹没到")

    complaint = session.complaint
    request = AssignmentRequest.objects.get(complaint=complaint, state="waiting")
    assert (session.state, complaint.channel, complaint.description) == (State.QUEUED, "chat", "包裹没到")
    assert session.contact == complaint.messages.get().contact
    assert (request.chat, request.weight) == (session, 5 + CHAT)
    assert codes(complaint, "chat.queued")["session"] == session.pk


def test_the_same_page_sent_twice_is_one_conversation():
    filing = make_filing(channel="chat", token="page")

    assert file_chat(filing) == file_chat(filing)
    assert (Complaint.objects.count(), ChatSession.objects.count()) == (1, 1)


def test_a_conversation_about_a_complaint_is_a_contact_of_it():
    complaint = make_complaint("open")

    about, session = start_chat(complaint, body="还在吗", request_id="a")

    assert (about, session.contact.channel) == (complaint, "chat")
    assert session.contact.messages.get().body == "还在吗"
    assert list(complaint.contacts.order_by("id").values_list("channel", flat=True)) == ["web", "chat"]


def test_a_line_sent_twice_begins_one_conversation():
    complaint = make_complaint("open")

    first = start_chat(complaint, body="还在吗", request_id="a")
    again = start_chat(complaint, body="还在吗", request_id="a")

    assert first == again
    assert complaint.messages.filter(body="还在吗").count() == 1


def test_a_second_window_goes_on_with_the_open_conversation():
    complaint = make_complaint("open")
    _about, session = start_chat(complaint, body="还在吗", request_id="a")

    _about, second = start_chat(complaint, body="另一个窗口", request_id="b")

    assert second == session
    assert session.contact.messages.count() == 2


def test_a_second_conversation_has_its_own_contact():
    complaint = make_complaint("open")
    _about, first = start_chat(complaint, body="第一次", request_id="a")
    leave_queue(first)

    _about, second = start_chat(complaint, body="第二次", request_id="b")
    message = post_customer_message(complaint, body="还有一句", channel="chat")

    assert second.contact != first.contact
    assert message.contact == second.contact


def test_a_complaint_past_reopening_is_followed_by_a_new_one():
    complaint = make_complaint("closed")
    Complaint.objects.filter(pk=complaint.pk).update(resolved_at="2020-01-01T00:00Z")

    about, session = start_chat(complaint, body="又坏了", request_id="a")

    assert about != complaint
    assert (session.complaint, session.contact.complaint) == (about, about)


def test_mere_thanks_for_a_result_open_no_conversation():
    complaint = make_complaint("resolved")

    assert start_chat(complaint, body="谢谢", request_id="a") == (complaint, None)
    assert Complaint.objects.get(pk=complaint.pk).status == "resolved"


@pytest.mark.parametrize(("status", "reason"), [("withdrawn", "withdrawn"), ("merged", "merged")])
def test_no_conversation_about_what_is_over(status, reason):
    with pytest.raises(RefusedError) as refusal:
        start_chat(make_complaint(status), body="在吗", request_id="a")

    assert [each.code for each in refusal.value.reasons] == [reason]


def test_an_offer_is_accepted_by_who_got_it():
    agent = make_agent()
    session = offer_to(queue_up(), agent)

    talking = accept_chat(session, by=agent)

    assert (talking.state, talking.agent) == (State.ACTIVE, agent)
    assert codes(session.complaint, "chat.joined")["agent"] == agent.pk
    assert load_of(agent) == 5 + CHAT
    assert_loads_are_right()


def test_nobody_accepts_what_was_offered_to_another():
    agent, colleague = make_agent(), make_agent()
    session = offer_to(queue_up(), agent)

    with pytest.raises(RefusedError):
        accept_chat(session, by=colleague)

    assert fresh(session).state == State.OFFERED


def test_who_may_not_reply_accepts_nothing():
    session = offer_to(queue_up(), watcher := make_user("warehouse"))

    with pytest.raises(NotAllowedError):
        accept_chat(session, by=watcher)


def test_a_declined_offer_goes_to_somebody_else_at_the_same_place():
    agent = make_agent()
    session = offer_to(queue_up(), agent)
    first = session.assignment_requests.get()

    declined = decline_offer(session, by=agent)

    again = session.assignment_requests.get(state="waiting")
    assert (declined.state, declined.agent, declined.complaint.assignee) == (State.QUEUED, None, None)
    assert again.excluded_ids == [agent.pk]
    assert again.rank_at == first.rank_at
    assert load_of(agent) == 0
    assert_loads_are_right()


def test_an_offer_of_a_complaint_that_ended_meanwhile_goes_to_nobody_else():
    agent = make_agent()
    session = offer_to(queue_up(), agent)
    post_reply(session.complaint, body="已补发", by=agent, expected_version=None)
    resolve_complaint(session.complaint, by=agent, expected_version=None, **SOLVED)

    declined = decline_offer(session)

    assert declined.state == State.ABANDONED
    assert not session.assignment_requests.filter(state="waiting").exists()
    assert load_of(agent) == 0
    assert_loads_are_right()


def test_who_declined_is_free_to_take_the_complaint_once_the_conversation_is_over():
    agent = make_agent()
    session = decline_offer(offer_to(queue_up(), agent), by=agent)

    leave_queue(session)

    request = session.complaint.assignment_requests.get(state="waiting")
    assert (request.chat, request.excluded_ids, request.weight) == (None, [], 5)


def test_two_who_declined_are_both_left_out():
    agents = [make_agent(), make_agent()]
    session = queue_up()
    for agent in agents:
        session = decline_offer(offer_to(session, agent), by=agent)

    assert session.assignment_requests.get(state="waiting").excluded_ids == sorted(agent.pk for agent in agents)


@pytest.mark.parametrize("who", ["agent", "customer"])
def test_either_side_ends_it_and_the_place_is_free(who):
    agent = make_agent()
    session = talk_with(agent)

    ended = end_chat(session, by=agent) if who == "agent" else end_chat(session, as_customer=True)

    assert (ended.state, ended.timer_at) == (State.ENDED, None)
    assert codes(session.complaint, "chat.ended")["cause"] == who
    assert load_of(agent) == 5
    assert_loads_are_right()


def test_a_colleague_ends_nothing():
    session = talk_with(make_agent())

    with pytest.raises(RefusedError):
        end_chat(session, by=make_agent())


def test_ending_twice_frees_one_place():
    agent = make_agent()
    session = talk_with(agent)

    end_chat(session, by=agent)
    end_chat(session, as_customer=True)

    assert kinds(session.complaint).count("chat.ended") == 1
    assert_loads_are_right()


@pytest.mark.parametrize(("verb", "state"), [(leave_queue, State.ABANDONED), (turn_into_message, State.LEFT_MESSAGE)])
def test_who_stops_waiting_keeps_the_complaint(verb, state):
    session = verb(queue_up())

    request = session.complaint.assignment_requests.get(state="waiting")
    assert (session.state, session.complaint.status) == (state, "new")
    assert (request.chat, request.weight) == (None, 5)


def test_leaving_while_it_is_offered_frees_the_agent():
    agent = make_agent()
    leave_queue(offer_to(queue_up(), agent))

    assert load_of(agent) == 5
    assert_loads_are_right()


def test_a_conversation_turned_into_a_message_is_answered_by_the_same_agent():
    agent = make_agent()
    session = turn_into_message(talk_with(agent))

    assert session.complaint.assignee == agent
    assert not session.complaint.assignment_requests.filter(state="waiting").exists()


def test_what_was_talked_about_can_be_rated():
    session = end_chat(talk_with(make_agent()), as_customer=True)

    assert rate_chat(session, rating=4).rating == 4
    assert rate_chat(session, rating=5).rating == 5
    assert codes(session.complaint, "chat.rated")["score"] == 5


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_is_one_to_five(rating):
    with pytest.raises(RefusedError):
        rate_chat(talk_with(make_agent()), rating=rating)


def test_who_never_talked_rates_nothing():
    with pytest.raises(RefusedError):
        rate_chat(leave_queue(queue_up()), rating=5)


def test_a_gap_is_counted_while_somebody_waited():
    agent = make_agent(capacity=300)
    first, second = queue_up(), queue_up()
    let_pass(second, minutes=5)
    accept_chat(offer_to(first, agent), by=agent)
    let_pass(first, minutes=2)

    taken = accept_chat(offer_to(second, agent), by=agent)

    assert fresh(first).freed_gap_ms is None
    assert 120_000 <= taken.freed_gap_ms < 180_000


def test_no_gap_is_counted_while_nobody_waited():
    agent = make_agent(capacity=300)
    let_pass(accept_chat(offer_to(queue_up(), agent), by=agent), minutes=2)

    taken = accept_chat(offer_to(queue_up(), agent), by=agent)

    assert taken.freed_gap_ms is None
