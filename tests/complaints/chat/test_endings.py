"""A conversation about a complaint that is over: it ends in the same act, before any sweep looks."""

import pytest

from complaints.models import ChatSession
from complaints.services import mark_spam, merge_complaints, post_reply, resolve_complaint, withdraw_complaint
from tests.complaints.assignment.builders import assert_loads_are_right, load_of, make_agent
from tests.complaints.builders import codes, kinds
from tests.complaints.chat.builders import fresh, offer_to, queue_up, talk_with
from tests.factories import make_complaint, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
State = ChatSession.State


def withdraw(complaint, by):
    return withdraw_complaint(complaint, as_customer=True)


def merge(complaint, by):
    survivor = make_complaint("open", contact_phone=complaint.contact_phone)
    return merge_complaints(complaint, into=survivor, by=by, expected_version=None)


def reject(complaint, by):
    return mark_spam(complaint, by=by, reason="广告", expected_version=None)


GONE = [(withdraw, "withdrawn"), (merge, "merged"), (reject, "spam")]


@pytest.mark.parametrize(("verb", "cause"), GONE)
def test_a_conversation_ends_with_its_complaint(verb, cause):
    agent = make_agent()
    session = talk_with(agent)

    verb(session.complaint, agent)

    ended = fresh(session)
    assert (ended.state, ended.timer_at) == (State.ENDED, None)
    assert codes(session.complaint, "chat.ended") == {"session": session.pk, "agent": agent.pk, "cause": cause}
    assert_loads_are_right()


@pytest.mark.parametrize(("verb", "cause"), GONE)
def test_somebody_who_waits_waits_no_longer(verb, cause):
    session = queue_up()

    verb(session.complaint, make_user("lead"))

    assert fresh(session).state == State.ABANDONED
    assert codes(session.complaint, "chat.abandoned")["cause"] == cause
    assert not session.complaint.assignment_requests.filter(state="waiting").exists()


def test_an_offer_is_taken_back_and_gives_the_room_free():
    agent = make_agent()
    session = offer_to(queue_up(), agent)
    before = load_of(agent)

    withdraw(session.complaint, None)

    assert (before, load_of(agent), fresh(session).state) == (30, 0, State.ABANDONED)
    assert_loads_are_right()


def test_a_place_that_is_kept_for_a_silent_customer_frees_no_room_twice():
    agent = make_agent()
    session, other = talk_with(agent), talk_with(agent)
    ChatSession.objects.filter(pk=session.pk).update(state=State.QUEUED)
    before = load_of(agent)

    withdraw(session.complaint, None)

    assert before - load_of(agent) == 5
    assert fresh(other).state == State.ACTIVE


def test_a_result_ends_no_conversation():
    agent = make_agent()
    session = talk_with(agent)
    post_reply(session.complaint, body="已补发", by=agent, expected_version=None, in_chat=True)

    resolve_complaint(session.complaint, by=agent, expected_version=None, **SOLVED)

    assert fresh(session).state == State.ACTIVE
    assert "chat.ended" not in kinds(session.complaint)
