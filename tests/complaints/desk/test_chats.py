"""Conversations on the desk: offers, one's own conversations, and lines that go at once."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.chat.reading import note_customer_reading
from complaints.chat.sessions import State, end_chat
from complaints.models import ClockRun
from complaints.services import post_customer_message, post_reply
from tests.complaints.assignment.builders import assert_loads_are_right, make_agent
from tests.complaints.chat.builders import fresh, let_pass, offer_to, queue_up, talk_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(db):
    return make_agent(capacity=300)


def text_of(response) -> str:
    return response.content.decode()


def test_an_offer_stands_on_every_page_and_is_accepted(desk, url, agent):
    session = offer_to(queue_up(description="包裹没到"), agent)

    dock = text_of(desk.get(url("chat-dock")))
    accepted = desk.post(url("chat-act", session.pk, "accept"), {"request_id": "a"})

    assert "包裹没到" in dock
    assert f'action="{url("chat-act", session.pk, "accept")}"' in dock
    assert (accepted.status_code, accepted.headers["Location"]) == (303, f"{url('complaint', session.complaint.number)}?view=mine#composer")
    assert fresh(session).state == State.ACTIVE


def test_the_page_works_without_scripts(desk, url, agent):
    offered, talking, waiting = offer_to(queue_up(), agent), talk_with(agent, description="正在聊"), queue_up(description="还在等")

    page = text_of(desk.get(url("chats")))

    assert f'action="{url("chat-act", offered.pk, "accept")}"' in page
    assert [words in page for words in ("正在聊", "还在等")] == [True, True]
    assert f'href="{url("complaint", waiting.complaint.number)}"' in page
    assert f'action="{url("chat-act", talking.pk, "end")}"' in page


def test_an_offer_that_has_gone_is_not_accepted(desk, url, agent):
    session = offer_to(queue_up(), agent)
    desk.post(url("chat-act", session.pk, "decline"), {"request_id": "d"})

    late = desk.post(url("chat-act", session.pk, "accept"), {"request_id": "a"})

    assert late.status_code == 404
    assert fresh(session).state == State.QUEUED


def test_somebody_elses_conversation_does_not_exist(desk, url):
    session = talk_with(make_agent())

    for verb in ("accept", "decline", "end", "typing"):
        assert desk.post(url("chat-act", session.pk, verb)).status_code == 404
    assert fresh(session).state == State.ACTIVE


def test_ending_leads_to_what_is_left_to_do(desk, url, agent):
    session = talk_with(agent)

    ended = desk.post(url("chat-act", session.pk, "end"), {"request_id": "e"})

    assert ended.headers["Location"].startswith(url("complaint", session.complaint.number))
    assert fresh(session).state == State.ENDED
    assert_loads_are_right()


def test_an_unknown_verb_does_not_exist(desk, url, agent):
    assert desk.post(url("chat-act", talk_with(agent).pk, "resolve")).status_code == 404


def test_a_line_of_the_composer_goes_at_once(desk, url, agent):
    session = talk_with(agent)
    complaint = session.complaint
    fields = {"body": "我来看看", "expected_version": 1, "seen": 0, "request_id": "r", "then": "", "chat": "1"}

    sent = desk.post(url("reply", complaint.number), fields)

    assert sent.status_code == 303
    assert complaint.messages.get(body="我来看看").leaves_at is None


def test_an_unread_line_is_marked(desk, url, agent):
    session = talk_with(agent)
    post_customer_message(session.complaint, body="在吗", channel="chat")

    assert "dock__talk--unread" in text_of(desk.get(url("chat-dock")))


def test_a_silent_customer_is_marked(desk, url, agent):
    let_pass(talk_with(agent), seconds=90)

    assert "没有动静" in text_of(desk.get(url("chat-dock")))


def test_the_dock_costs_the_same_for_one_and_for_three(desk, url, agent, django_assert_max_num_queries):
    talk_with(agent)
    desk.get(url("chat-dock"))
    with django_assert_max_num_queries(4):
        desk.get(url("chat-dock"))
    talk_with(agent)
    talk_with(agent)
    with django_assert_max_num_queries(4):
        desk.get(url("chat-dock"))


def test_the_page_says_what_lay_open(desk, url, agent):
    session = talk_with(agent)
    line = session.complaint.messages.get()

    answer = desk.post(url("chat-act", session.pk, "read"), {"read": line.pk})

    assert (answer.status_code, fresh(session).agent_read) == (204, line.pk)


def test_the_dock_knows_how_far_the_customer_has_read(desk, url, agent):
    session = talk_with(agent)
    line = post_reply(session.complaint, body="在的", by=agent, expected_version=None, in_chat=True)
    note_customer_reading(session, got=line.pk, read=line.pk)

    assert f'data-got="{line.pk}" data-seen="{line.pk}"' in text_of(desk.get(url("chat-dock")))


def test_an_ended_conversation_leaves_the_dock(desk, url, agent):
    session = talk_with(agent)
    end_chat(session, as_customer=True)

    assert session.complaint.number not in text_of(desk.get(url("chat-dock")))


def seconds_left(page: str) -> list[int]:
    return [int(left) for left in re.findall(r'data-left="(-?\d+)"', page)]


def owe(session, *, seconds: int) -> None:
    """Let an answer be due in so many seconds."""
    due_at = timezone.now() + timedelta(seconds=seconds)
    session.complaint.clock_runs.filter(kind__in=ClockRun.ANSWERS, state="running").update(due_at=due_at)


def test_the_clock_of_an_answer_stands_in_the_dock_and_on_the_page(desk, url, agent):
    session = talk_with(agent)
    post_reply(session.complaint, body="在的", by=agent, expected_version=None, in_chat=True)
    answered = text_of(desk.get(url("chat-dock")))
    post_customer_message(session.complaint, body="在吗", channel="chat")
    owe(session, seconds=1000)

    for page in ("chat-dock", "chats"):
        [left] = seconds_left(text_of(desk.get(url(page))))
        assert 120 < left <= 1000
    assert seconds_left(answered) == []


def test_the_clock_calls_after_a_minute(desk, url, agent):
    session = talk_with(agent)
    called = []
    for left in (1000, 119):
        owe(session, seconds=left)
        called.append("dock__clock--calls" in text_of(desk.get(url("chat-dock"))))

    assert called == [False, True]


def test_who_waits_for_somebody_else_has_no_clock_here(desk, url, agent):
    offer_to(queue_up(), agent)
    queue_up()

    assert seconds_left(text_of(desk.get(url("chats")))) == []
