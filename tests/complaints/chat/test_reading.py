"""How far each side has read: believed no further than there are messages, and written only when it is news."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.chat.reading import note_agent_reading, note_customer_reading
from complaints.chat.sessions import end_chat, start_chat
from complaints.models import ChatSession
from complaints.services import post_customer_message, post_note, post_reply
from tests.complaints.assignment.builders import make_agent
from tests.complaints.chat.builders import fresh, offer_to, queue_up, talk_with
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FAR = 10**15


@pytest.fixture
def agent():
    return make_agent()


@pytest.fixture
def talk(agent):
    return talk_with(agent)


def say(session, by):
    return post_reply(session.complaint, body="您好", by=by, expected_version=None, in_chat=True)


def updates(captured) -> list[str]:
    return [query["sql"] for query in captured if query["sql"].startswith("UPDATE")]


def marks(session) -> tuple[int, int, int]:
    row = fresh(session)
    return row.customer_got, row.customer_read, row.agent_read


def test_a_line_is_delivered_and_then_read(talk, agent):
    line = say(talk, agent)

    note_customer_reading(talk, got=line.pk, read=0)
    delivered = marks(talk)
    note_customer_reading(fresh(talk), got=line.pk, read=line.pk)

    assert delivered == (line.pk, 0, 0)
    assert marks(talk) == (line.pk, line.pk, 0)


def test_what_is_read_was_delivered(talk, agent):
    line = say(talk, agent)

    note_customer_reading(talk, got=0, read=line.pk)

    assert marks(talk) == (line.pk, line.pk, 0)


def test_nobody_reads_what_is_not_written_yet(talk, agent):
    line = say(talk, agent)

    note_customer_reading(talk, got=FAR, read=FAR)
    note_agent_reading(talk, by=agent, read=FAR)
    later = say(talk, agent)

    assert marks(talk) == (line.pk, line.pk, talk.complaint.messages.order_by("pk").first().pk)
    assert fresh(talk).customer_read < later.pk


def test_a_note_is_not_read_by_the_customer(talk, agent):
    note = post_note(talk.complaint, body="内部", by=agent)

    assert not note_customer_reading(talk, got=note.pk, read=note.pk)
    assert marks(talk) == (0, 0, 0)


def test_the_agent_of_the_conversation_has_read(talk, agent):
    line = post_customer_message(talk.complaint, body="在吗", channel="chat")

    assert note_agent_reading(talk, by=agent, read=line.pk)
    assert fresh(talk).agent_read == line.pk


def test_a_colleague_who_looks_has_read_nothing(talk):
    line = post_customer_message(talk.complaint, body="在吗", channel="chat")

    assert not note_agent_reading(talk, by=make_user("lead"), read=line.pk)
    assert fresh(talk).agent_read == 0


def test_an_offer_that_was_looked_at_is_not_read(agent):
    session = offer_to(queue_up(), agent)

    assert not note_agent_reading(session, by=agent, read=FAR)


def test_after_the_end_nothing_is_marked(talk, agent):
    line = say(talk, agent)
    end_chat(talk, by=agent)

    assert not note_customer_reading(fresh(talk), got=line.pk, read=line.pk)
    assert not note_agent_reading(fresh(talk), by=agent, read=FAR)


def test_marks_never_move_back(talk, agent):
    first, second = say(talk, agent), say(talk, agent)
    note_customer_reading(talk, got=second.pk, read=second.pk)

    note_customer_reading(talk, got=first.pk, read=first.pk)

    assert marks(talk) == (second.pk, second.pk, 0)


def test_what_is_known_already_is_not_written_again(talk, agent):
    line = say(talk, agent)
    note_customer_reading(talk, got=line.pk, read=line.pk)
    known = fresh(talk)

    with CaptureQueriesContext(connection) as captured:
        assert not note_customer_reading(known, got=line.pk, read=line.pk)

    assert captured.captured_queries == []


def test_news_cost_one_update(talk, agent):
    line = say(talk, agent)

    with CaptureQueriesContext(connection) as captured:
        note_customer_reading(talk, got=line.pk, read=line.pk)

    assert len(updates(captured.captured_queries)) == 1


def test_what_was_read_stays_read_in_the_next_conversation(talk, agent):
    line = say(talk, agent)
    note_customer_reading(talk, got=line.pk, read=line.pk)
    end_chat(talk, by=agent)

    start_chat(talk.complaint, body="还有一件事")

    newest = ChatSession.objects.order_by("-pk").first()
    assert (newest.pk != talk.pk, newest.customer_read) == (True, line.pk)
