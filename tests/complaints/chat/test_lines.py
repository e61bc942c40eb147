"""Lines of a live conversation: they go at once, by mail only to who is not there, and never into somebody else's."""

import pytest

from complaints.chat.sessions import end_chat
from complaints.models import Outbox
from complaints.services import post_customer_message, post_note, post_reply, retract_message
from foundation.exceptions import RefusedError, VersionConflictError
from tests.complaints.assignment.builders import make_agent
from tests.complaints.builders import nodes
from tests.complaints.chat.builders import let_pass, talk_with
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_agent()


def say(session, by, **about):
    return post_reply(session.complaint, body="您好", by=by, **{"expected_version": None, "in_chat": True, **about})


def test_a_line_goes_at_once_and_not_by_mail(agent):
    session = talk_with(agent)

    line = say(session, agent)

    assert line.leaves_at is None
    assert "reply" not in nodes(session.complaint)
    assert line.complaint.status == "open"


def test_to_a_silent_customer_it_goes_by_mail_too(agent):
    session = let_pass(talk_with(agent), seconds=70)

    line = say(session, agent)

    assert Outbox.objects.get(message=line).node == "reply"


def test_what_came_meanwhile_stops_no_line(agent):
    session = talk_with(agent)
    seen = session.complaint.messages.get().pk
    post_customer_message(session.complaint, body="还有", channel="chat")

    assert say(session, agent, seen_message_id=seen, expected_version=1).body == "您好"


def test_without_the_conversation_it_is_a_letter(agent):
    session = talk_with(agent)
    end_chat(session, by=agent)

    letter = say(session, agent)

    assert letter.leaves_at is not None
    assert "reply" in nodes(session.complaint)


def test_a_colleague_writes_letters_only(agent):
    session = talk_with(agent)

    assert say(session, make_user()).leaves_at is not None


def test_a_colleague_who_missed_something_is_stopped(agent):
    session = talk_with(agent)
    seen = session.complaint.messages.get().pk
    post_note(session.complaint, body="内部", by=agent)

    with pytest.raises(RefusedError):
        say(session, make_user(), seen_message_id=seen)
    with pytest.raises(VersionConflictError):
        say(session, make_user(), expected_version=99)


def test_a_line_cannot_be_taken_back(agent):
    line = say(talk_with(agent), agent)

    with pytest.raises(RefusedError):
        retract_message(line, by=agent)
