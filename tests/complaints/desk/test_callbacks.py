"""Promised calls on the desk: whom to call when, and what came of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.chat.callbacks import book_callback, cancel_callback, has_tried_enough, promised_call
from complaints.chat.hours import Window
from complaints.models import FollowUp
from complaints.services import resolve_complaint
from foundation.exceptions import NotAllowedError
from tests.complaints.builders import at, codes, fresh, kinds, nodes
from tests.factories import make_complaint, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db
NOON = "2026-11-25T12:00"


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def desk(desk, agent):
    """A session does not outlive a journey through time."""
    desk.log_in_again = lambda: desk.login_as(agent)
    return desk


@pytest.fixture
def complaint(agent):
    return make_complaint("open", assignee=agent)


def promise(complaint, moment=NOON):
    with at(moment) as now:
        return book_callback(complaint, Window(now, now + timedelta(hours=2)))


def log(desk, url, call, moment=NOON, **answers):
    with at(moment):
        desk.log_in_again()
        return desk.post(
            url("callback-log", call.pk), {"outcome": "no_answer", "summary": "", "window": "", "request_id": moment, **answers}
        )


def test_a_promised_call_is_listed_with_its_masked_customer(desk, url, complaint):
    promise(complaint)

    with at(NOON):
        desk.log_in_again()
        page = text_of(desk.get(url("callbacks")))

    assert complaint.number in page
    assert "12:00–14:00" in page
    assert complaint.contact_phone not in page


def test_a_call_that_reached_the_customer_is_done_and_answers(desk, url, complaint):
    call = promise(complaint)

    answer = log(desk, url, call, outcome="reached_ok", summary="说好明天送")

    call.refresh_from_db()
    assert (answer.status_code, call.outcome, call.attempts) == (303, "reached_ok", 1)
    assert complaint.clock_runs.get(kind="callback").state == "met"
    assert complaint.messages.filter(kind="note", body="说好明天送").exists()
    assert not fresh(complaint).needs_reply


def test_nobody_answered_leaves_the_promise_open(desk, url, agent, complaint):
    call = promise(complaint)

    log(desk, url, call)

    assert promised_call(complaint) == call
    call.refresh_from_db()
    about = {"follow_up": call.pk, "kind": "requested", "cycle": 1, "due_at": call.due_at.isoformat()}
    assert codes(complaint, "callback.attempted") == about | {"attempt": 1, "outcome": "no_answer", "agent": agent.pk}


def test_reaching_somebody_needs_a_word_about_it(desk, url, complaint):
    call = promise(complaint)

    assert log(desk, url, call, outcome="reached_ok").status_code == 409
    assert "callback.attempted" not in kinds(complaint)


def test_nobody_is_given_up_on_before_three_tries_on_two_days(desk, url, complaint):
    call = promise(complaint)
    for moment in (NOON, "2026-11-25T14:00"):
        log(desk, url, call, moment)

    too_soon = log(desk, url, call, "2026-11-25T16:00", outcome="unreachable")
    enough = log(desk, url, call, "2026-11-26T09:00", outcome="unreachable")

    call.refresh_from_db()
    assert (too_soon.status_code, enough.status_code, call.outcome) == (409, 303, "unreachable")


@pytest.mark.parametrize(
    ("hours", "is_enough"),
    [((0, 2, 24), True), ((0, 0, 24), False), ((0, 2, 4), False), ((0, 24), False), ((0, 24, 48), True)],
)
def test_different_hours_of_two_days(hours, is_enough):
    with at(NOON) as now:
        assert has_tried_enough([now + timedelta(hours=each) for each in hours]) == is_enough


def test_nothing_settled_reopens_by_the_same_tap(desk, url, agent, complaint):
    call = promise(resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED))

    log(desk, url, call, timezone.localtime().isoformat()[:16], outcome="reached_not_ok", summary="还是坏的")

    assert fresh(complaint).status == "open"


def test_a_call_is_moved_and_the_customer_told(desk, url, complaint):
    call = promise(complaint)
    with at("2026-11-25T13:00"):
        desk.log_in_again()
        form = desk.get(url("callbacks"))
    window = next(iter(form.context["rows"][0]["form"].windows.values()))

    log(desk, url, call, "2026-11-25T13:00", outcome="", window=window.code)

    call.refresh_from_db()
    assert (call.starts_at, call.done_at) == (window.starts_at, None)
    assert nodes(complaint).count("callback") == 2


def test_a_call_about_a_foreign_complaint_does_not_exist(desk, url):
    foreign = make_complaint(category=None, filed_at=timezone.now())
    type(foreign).objects.filter(pk=foreign.pk).update(team=make_team("quality"))
    call = promise(foreign)

    assert desk.post(url("callback-log", call.pk), {"outcome": "refused"}).status_code == 404
    with at(NOON):
        desk.log_in_again()
        assert foreign.number not in text_of(desk.get(url("callbacks")))


def test_a_done_call_is_not_logged_again(desk, url, complaint):
    call = promise(complaint)
    log(desk, url, call, outcome="refused")

    assert log(desk, url, call, "2026-11-25T13:00", outcome="reached_ok", summary="又打了").status_code == 409
    assert FollowUp.objects.get().outcome == "refused"


def test_the_customers_words_go_into_the_reopening(desk, url, agent, complaint):
    call = promise(resolve_complaint(complaint, by=agent, expected_version=None, **SOLVED))

    log(desk, url, call, timezone.localtime().isoformat()[:16], outcome="reached_not_ok", summary="还是坏的")

    assert complaint.events.get(kind="reopened").payload == {"reason": "还是坏的"}
    assert codes(complaint, "cycle.reopened")["cause"] == "callback"


def test_a_call_that_nobody_wants_any_more_is_cancelled_with_a_word(desk, url, complaint):
    call = promise(complaint)

    silent = log(desk, url, call, outcome="cancelled")
    said = log(desk, url, call, "2026-11-25T12:30", outcome="cancelled", summary="客户短信说不用打了")

    call.refresh_from_db()
    assert (silent.status_code, said.status_code, call.outcome, call.attempts) == (409, 303, "cancelled", 0)
    assert complaint.clock_runs.get(kind="callback").state == "cancelled"
    assert codes(complaint, "callback.cancelled")["cause"] == "agent"
    assert complaint.messages.filter(kind="note", body="客户短信说不用打了").exists()


def test_a_stranger_to_the_complaint_cancels_no_call(complaint):
    call = promise(complaint)

    with pytest.raises(NotAllowedError):
        cancel_callback(call, reason="x", by=make_user("admin"))
    assert promised_call(complaint) == call
