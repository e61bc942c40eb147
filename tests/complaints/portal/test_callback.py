"""Out of hours, and for whoever does not want to wait: a call in a window, moved and cancelled by the customer."""

import pytest

from accounts.calendars import forget_calendars
from accounts.services.calendars import load_calendars
from complaints.chat.callbacks import promised_call
from complaints.chat.hours import call_windows
from complaints.models import ChatSession, Complaint, FollowUp
from tests.complaints.builders import at, nodes

NIGHT, DAY = "2026-11-25T03:00", "2026-11-25T15:00"


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def hours(shop, settings):
    """Somebody is there from 08:00 to 23:00."""
    settings.BIHUAN_CHAT_CALENDAR = "extended"
    load_calendars()
    forget_calendars()
    yield
    forget_calendars()


def ask(visitor, **answers):
    form = {"description": "包裹没到", "phone": "13900001111", "request_id": "page", "window": "", **answers}
    return visitor.post("/human/", form)


def test_at_night_the_page_says_when_somebody_is_there(visitor, hours):
    with at(NIGHT):
        page = text_of(visitor.get("/human/"))

    assert "2026-11-25 08:00" in page
    assert "08:00–10:00" in page


def test_the_hours_that_a_page_names_are_those_that_open_and_close_it(visitor, hours):
    with at(NIGHT):
        page = text_of(visitor.get("/"))

    assert "2026-11-25 08:00" in page
    assert "今天客服时间 08:00-23:00" in page


def test_on_a_public_holiday_no_page_says_that_somebody_is_there(visitor, hours, settings):
    settings.BIHUAN_CHAT_CALENDAR = "office"
    with at("2026-02-17T15:00"):
        page = text_of(visitor.get("/"))

    assert "2026-02-24 09:00" in page
    assert "今天客服时间" not in page


def test_an_operator_may_write_the_hours_out(visitor, hours, settings):
    settings.BIHUAN_SERVICE_HOURS = "9 点到 21 点"
    page = text_of(visitor.get("/"))

    assert "9 点到 21 点" in page
    assert "今天客服时间" not in page


def test_without_a_calendar_somebody_is_there_day_and_night(visitor, hours, settings):
    settings.BIHUAN_CHAT_CALENDAR = ""
    with at(NIGHT):
        response = ask(visitor)

    assert response.headers["Location"].endswith("/chat/")


def test_a_call_is_booked_in_a_window(visitor, hours):
    with at(NIGHT) as now:
        window = call_windows(now)[0]
        response = ask(visitor, window=window.code)
        page = text_of(visitor.get(response.headers["Location"]))

    complaint = Complaint.objects.get()
    call = promised_call(complaint)
    assert response.headers["Location"] == f"/c/{complaint.number}/callback/"
    assert (call.starts_at, call.due_at) == (window.starts_at, window.ends_at)
    assert (call.run.kind, call.run.due_at) == ("callback", window.ends_at)
    assert "08:00–10:00" in page
    assert not ChatSession.objects.exists()


def test_without_a_window_it_is_a_message(visitor, hours):
    with at(NIGHT):
        response = ask(visitor)

    complaint = Complaint.objects.get()
    assert (response.headers["Location"], complaint.channel) == (f"/c/{complaint.number}/", "web")
    assert not FollowUp.objects.exists()


def test_a_call_needs_a_number_and_a_message_some_address(visitor, hours):
    with at(NIGHT) as now:
        without_number = ask(visitor, phone="", email="a@mail.example", window=call_windows(now)[0].code)
        without_any = ask(visitor, phone="")

    assert [without_number.status_code, without_any.status_code] == [422, 422]
    assert 'href="#phone"' in text_of(without_number)
    assert not Complaint.objects.exists()


def test_a_window_that_has_gone_is_asked_for_again(visitor, hours):
    with at(NIGHT) as now:
        window = call_windows(now)[0]
    with at(DAY.replace("15:00", "23:30")):
        response = ask(visitor, window=window.code)

    assert response.status_code == 422
    assert "包裹没到" in text_of(response)


def test_who_came_at_the_last_minute_keeps_the_words(visitor, hours):
    with at("2026-11-25T23:00"):
        response = ask(visitor, phone="")

    assert response.status_code == 422
    assert "包裹没到" in text_of(response)


def test_by_day_the_same_page_leads_into_the_queue(visitor, hours):
    with at(DAY):
        response = ask(visitor, phone="")

    assert response.headers["Location"].endswith("/chat/")
    assert ChatSession.objects.get().state == "queued"


@pytest.fixture
def queued(visitor, hours):
    with at(DAY):
        ask(visitor, email="a@mail.example")
    return ChatSession.objects.get()


def book(visitor, session, number=0, *, moment=DAY, **answers):
    address = f"/c/{session.complaint.number}/callback/"
    with at(moment) as now:
        return visitor.post(address, {"window": call_windows(now)[number].code, "request_id": f"b{number}", **answers})


def test_the_place_is_kept_until_a_time_is_chosen(visitor, queued):
    with at(DAY):
        visitor.get(f"/c/{queued.complaint.number}/callback/")
    kept = ChatSession.objects.get().state

    book(visitor, queued)

    assert (kept, ChatSession.objects.get().state) == ("queued", "callback")
    assert "callback" in nodes(queued.complaint)


def test_a_call_is_moved_and_not_doubled(visitor, queued):
    book(visitor, queued)
    first = promised_call(queued.complaint)

    book(visitor, queued, 3, moment="2026-11-25T15:01")

    moved = promised_call(queued.complaint)
    assert (moved.pk, moved.starts_at > first.starts_at) == (first.pk, True)
    assert list(queued.complaint.clock_runs.filter(kind="callback").order_by("id").values_list("state", flat=True)) == [
        "cancelled",
        "running",
    ]


def test_booking_twice_is_one_call(visitor, queued):
    book(visitor, queued)
    book(visitor, queued)

    assert FollowUp.objects.count() == 1
    assert nodes(queued.complaint).count("callback") == 1


def test_a_call_is_cancelled_by_one_tap(visitor, queued):
    book(visitor, queued)

    visitor.post(f"/c/{queued.complaint.number}/callback/cancel/", {"request_id": "c"})

    assert promised_call(queued.complaint) is None
    assert FollowUp.objects.get().outcome == "cancelled"


def test_nobody_else_books_moves_or_cancels(visitor, stranger, queued):
    book(visitor, queued)

    assert book(stranger, queued, 3).status_code == 404
    assert stranger.post(f"/c/{queued.complaint.number}/callback/cancel/").status_code == 404
    assert promised_call(queued.complaint) is not None


@pytest.mark.parametrize("window", ["", "1-2", "x", "１-２"])
def test_an_odd_window_is_refused(visitor, queued, window):
    assert book(visitor, queued, window=window).status_code == 422
    assert not FollowUp.objects.exists()
