"""The customer's page of a live conversation, as it works with and without scripts."""

import re

import pytest

from complaints.assignment.claim import assign_waiting
from complaints.chat.reading import note_agent_reading
from complaints.chat.sessions import accept_chat, end_chat
from complaints.models import ChatSession, Complaint
from complaints.services import post_note, post_reply, withdraw_complaint
from tests.complaints.assignment.builders import make_agent
from tests.complaints.chat.builders import fresh, let_pass
from tests.factories import make_team

State = ChatSession.State
FRAGMENT = {"HTTP_X_CHAT": "1"}


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def agent(shop):
    return make_agent(teams=[make_team("triage")], name="林小林")


@pytest.fixture
def queued(visitor):
    """A visitor who has asked for a person."""
    visitor.post("/human/", {"description": "包裹没到", "request_id": "page"})
    return ChatSession.objects.get()


@pytest.fixture
def talking(queued, agent):
    assign_waiting()
    return accept_chat(fresh(queued), by=agent)


def address(session, page="") -> str:
    return f"/c/{session.complaint.number}/chat/{page}"


def test_one_sentence_leads_into_the_queue(visitor):
    response = visitor.post("/human/", {"description": "包裹没到", "request_id": "page"})
    session = ChatSession.objects.get()
    page = text_of(visitor.get(response.headers["Location"]))

    assert (response.status_code, response.headers["Location"]) == (303, address(session))
    assert "包裹没到" in page
    assert "您是下一位" in page


def test_sending_the_sentence_twice_is_one_place_in_the_queue(visitor):
    form = {"description": "包裹没到", "request_id": "page"}

    places = {visitor.post("/human/", form).headers["Location"] for _time in range(2)}

    assert (len(places), ChatSession.objects.count(), Complaint.objects.count()) == (1, 1, 1)


def test_nobody_else_reads_it(queued, stranger):
    for page in ("", "transcript/"):
        answer = stranger.get(address(queued, page))
        assert (answer.status_code, "包裹没到" in text_of(answer)) == (404, False)
    assert [stranger.post(address(queued, page)).status_code for page in ("", "pulse/", "end/", "leave/", "rate/")] == [404] * 5


def test_the_queue_says_the_place_and_nothing_that_it_does_not_know(visitor, queued, agent):
    page = text_of(visitor.get(address(queued)))

    assert "您是下一位" in page
    assert "现在有人空闲" in page
    assert re.search(r"大约|大概|可能", page) is None


def test_the_agent_has_a_name(visitor, talking):
    page = text_of(visitor.get(address(talking)))

    assert "林小林" in page
    assert 'data-state="active"' in page


def test_a_line_goes_and_comes(visitor, talking, agent):
    sent = visitor.post(address(talking), {"body": "在吗", "request_id": "l1"})
    post_reply(talking.complaint, body="在的", by=agent, expected_version=None, in_chat=True)
    page = text_of(visitor.get(sent.headers["Location"]))

    assert sent.status_code == 303
    assert page.index("在吗") < page.index("在的")


def test_with_scripts_the_answer_holds_what_is_new_and_no_more(visitor, talking):
    first = talking.complaint.messages.get().pk

    news = text_of(visitor.post(address(talking), {"body": "第二句", "request_id": "l2", "after": first, "since": 99}, **FRAGMENT))

    assert "第二句" in news
    assert ("包裹没到" in news, "<html" in news) == (False, False)


def test_a_line_sent_twice_is_there_once(visitor, talking):
    for _time in range(2):
        visitor.post(address(talking), {"body": "在吗", "request_id": "same"}, **FRAGMENT)

    assert talking.complaint.messages.filter(body="在吗").count() == 1


def test_a_reply_that_could_be_taken_back_comes_when_it_has_left(visitor, talking, agent):
    letter = post_reply(talking.complaint, body="一封信", by=agent, expected_version=None)
    later = visitor.post(address(talking), {"body": "我的话", "request_id": "l1", "after": "0"}, **FRAGMENT)
    newest = talking.complaint.messages.order_by("-pk").first().pk
    type(letter).objects.filter(pk=letter.pk).update(leaves_at=letter.created_at)

    news = text_of(visitor.post(address(talking, "pulse/"), {"after": newest, "since": 99}, **FRAGMENT))

    assert "一封信" not in text_of(later)
    assert "一封信" in news


def test_notes_stay_inside(visitor, talking, agent):
    post_note(talking.complaint, body="内部的话", by=agent)

    shown = text_of(visitor.get(address(talking))) + text_of(visitor.post(address(talking, "pulse/"), **FRAGMENT))

    assert "内部的话" not in shown


def test_the_page_is_heard_of_by_its_pulse_and_by_no_reading(visitor, queued):
    before = let_pass(queued, minutes=1).customer_seen_at

    visitor.get(address(queued))
    unread = fresh(queued).customer_seen_at
    answer = visitor.post(address(queued, "pulse/"))

    assert unread == before
    assert (answer.status_code, fresh(queued).customer_seen_at > before) == (303, True)


@pytest.mark.parametrize(("verb", "state"), [("leave", State.ABANDONED), ("message", State.LEFT_MESSAGE)])
def test_who_waits_may_stop_waiting(visitor, queued, verb, state):
    answer = visitor.post(address(queued, f"{verb}/"))

    assert (answer.status_code, fresh(queued).state) == (303, state)
    assert visitor.get(address(queued)).status_code == 200


def test_the_customer_ends_and_rates_it(visitor, talking):
    visitor.post(address(talking, "end/"))
    visitor.post(address(talking, "rate/"), {"rating": "4"})

    assert (fresh(talking).state, fresh(talking).rating) == (State.ENDED, 4)
    assert "您给了 4 分" in text_of(visitor.get(address(talking)))


@pytest.mark.parametrize("rating", ["", "0", "6", "x", "９"])
def test_odd_ratings_are_refused(visitor, talking, rating):
    assert visitor.post(address(talking, "rate/"), {"rating": rating}).status_code == 409
    assert fresh(talking).rating is None


def test_an_unknown_act_does_not_exist(visitor, queued):
    assert visitor.post(address(queued, "resolve/")).status_code == 404


def test_writing_after_the_end_queues_again(visitor, talking, agent):
    end_chat(talking, by=agent)

    visitor.post(address(talking), {"body": "还有一件事", "request_id": "l9"})

    assert list(ChatSession.objects.order_by("id").values_list("state", flat=True)) == ["ended", "queued"]


def test_a_tracked_complaint_is_talked_about_from_its_own_page(visitor):
    visitor.post("/human/", {"description": "包裹没到", "request_id": "page"})
    session = ChatSession.objects.get()
    visitor.post(address(session, "leave/"))

    page = text_of(visitor.get(f"/c/{session.complaint.number}/"))

    assert f'href="{address(session)}"' in page


def test_an_empty_line_says_so_and_keeps_nothing(visitor, talking):
    answer = visitor.post(address(talking), {"body": " ", "request_id": "l1"})

    assert answer.status_code == 422
    assert talking.complaint.messages.count() == 1


def test_the_transcript_can_be_kept(visitor, talking, agent):
    post_reply(talking.complaint, body="在的", by=agent, expected_version=None, in_chat=True)

    saved = visitor.get(address(talking, "transcript/") + "?text=1")

    assert "attachment" in saved.headers["Content-Disposition"]
    assert [part in text_of(saved) for part in ("包裹没到", "林小林", "在的")] == [True] * 3


def test_the_customer_is_told_that_the_agent_is_lost(visitor, talking, agent):
    from accounts.models import Presence
    from complaints.chat.timers import run_chat_timers

    Presence.objects.filter(user=agent).update(state="offline")
    run_chat_timers()

    assert "与林小林的连接断开了" in text_of(visitor.get(address(talking)))


def test_hostile_text_stays_text(visitor, talking):
    visitor.post(address(talking), {"body": "<img src=x onerror=alert(1)>", "request_id": "x"})

    assert "<img src=x" not in text_of(visitor.get(address(talking)))


def test_the_pinned_state_comes_with_the_news(visitor, talking, agent):
    post_reply(talking.complaint, body="请发一张照片", by=agent, expected_version=None, in_chat=True, then="ask_customer")

    news = text_of(visitor.post(address(talking, "pulse/"), **FRAGMENT))

    assert f"<p data-pin-status>{fresh(talking).complaint.get_status_display()}</p>" in news


def test_a_withdrawn_complaint_is_not_talked_on(visitor, talking):
    withdraw_complaint(talking.complaint, as_customer=True)

    page = text_of(visitor.get(address(talking)))

    assert 'data-state="ended"' in page
    assert "您已撤回" in page
    assert "再写一句" not in page


def test_the_page_says_what_it_holds_and_what_lay_open(visitor, talking, agent):
    line = post_reply(talking.complaint, body="在的", by=agent, expected_version=None, in_chat=True)

    visitor.post(address(talking, "pulse/"), {"got": line.pk, "read": 0}, **FRAGMENT)
    got = fresh(talking)
    visitor.post(address(talking), {"body": "好", "request_id": "l1", "got": line.pk, "read": line.pk}, **FRAGMENT)

    assert (got.customer_got, got.customer_read) == (line.pk, 0)
    assert fresh(talking).customer_read == line.pk


def test_reading_the_page_without_scripts_is_told_by_the_next_button(visitor, talking, agent):
    line = post_reply(talking.complaint, body="在的", by=agent, expected_version=None, in_chat=True)

    page = text_of(visitor.get(address(talking)))

    assert page.count(f'name="read" value="{line.pk}"') == 2
    assert fresh(talking).customer_read == 0


def test_a_line_that_the_agent_has_opened_is_marked(visitor, talking, agent):
    line = talking.complaint.messages.get()
    before = text_of(visitor.get(address(talking)))
    note_agent_reading(talking, by=agent, read=line.pk)
    after = text_of(visitor.get(address(talking)))
    news = text_of(visitor.post(address(talking, "pulse/"), **FRAGMENT))

    assert ("chat__tick--read" in before, "chat__tick--read" in after) == (False, True)
    assert f'data-read="{line.pk}"' in news


@pytest.mark.parametrize("number", ["", "x", "-1", "９", "9" * 30])
def test_odd_marks_are_none(visitor, talking, number):
    assert visitor.post(address(talking, "pulse/"), {"got": number, "read": number}, **FRAGMENT).status_code == 200
    assert fresh(talking).customer_read == 0
