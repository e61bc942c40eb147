"""The first page, and the page to a person."""

import re

import pytest

from complaints.models import Complaint
from tests.complaints.portal.journey import file_one
from tests.factories import make_calendar


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(("prefix", "words"), [("", "物流不动、延误"), ("/en", "Parcel stuck or late")])
def test_top_reasons_lead_into_the_form(visitor, prefix, words):
    page = text_of(visitor.get(f"{prefix}/"))

    assert words in page
    assert f'href="{prefix}/file/?category=logistics.stalled"' in page
    assert f'href="{prefix}/human/"' in page


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("A2025 1114-001", "order_text"),
        ("SF1234567890123", "order_text"),
        ("138 0000 0001", "phone"),
        ("+49 30 1234567", "phone"),
        ("My parcel is late", "description"),
        ("订单 20251114001 还没发货", "description"),
    ],
)
def test_what_was_searched_for_is_in_the_form_and_in_no_address(visitor, words, field):
    response = visitor.post("/en/", {"words": words})
    page = text_of(visitor.get(response.headers["Location"]))

    assert response.headers["Location"] == "/en/file/?from=search"
    assert re.search(rf'(value="{re.escape(words)}"[^>]*|<textarea[^>]*)name="{field}"', page)
    assert words in page
    assert "your words are already in the form" in page


def test_a_complaint_number_leads_to_it_known_or_not(visitor, stranger):
    complaint = file_one(visitor)

    for number in (complaint.number, complaint.number.lower(), complaint.number[1:]):
        assert stranger.post("/", {"words": number}).headers["Location"] == f"/c/{complaint.number}/"


def test_an_existing_order_number_answers_like_an_unknown_one(visitor, stranger):
    from tests.factories import make_order

    number = make_order().number
    known, unknown = visitor.post("/", {"words": number}), stranger.post("/", {"words": "QH9999999999"})

    assert (known.status_code, known.headers["Location"], known.content) == (
        unknown.status_code,
        unknown.headers["Location"],
        unknown.content,
    )


def test_own_complaints_are_listed(visitor, stranger):
    complaint = file_one(visitor)

    assert complaint.number in text_of(visitor.get("/"))
    assert complaint.number not in text_of(stranger.get("/"))


def test_the_first_page_asks_the_database_nothing_of_a_stranger(stranger, django_assert_num_queries):
    make_calendar()
    stranger.get("/")
    with django_assert_num_queries(0):
        stranger.get("/")


def test_one_page_leads_to_a_person(visitor):
    response = visitor.post("/human/", {"description": "Please call me.", "phone": "13900001111", "email": "", "order_text": "A1"})
    complaint = Complaint.objects.get()

    assert response.headers["Location"] == f"/c/{complaint.number}/chat/"
    assert (complaint.category.code, complaint.channel) == ("service.other", "chat")
    assert visitor.get(f"/c/{complaint.number}/").status_code == 200


def test_sending_it_twice_is_one_complaint(visitor):
    form = {"description": "Please call me.", "phone": "13900001111", "request_id": "r" * 32}

    first, second = visitor.post("/human/", form), visitor.post("/human/", form)

    assert Complaint.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_what_was_typed_in_the_form_is_there_already(visitor):
    visitor.post("/", {"words": "My parcel is late"})

    assert "My parcel is late</textarea>" in text_of(visitor.get("/human/"))


def test_a_person_needs_words_and_nothing_else(visitor):
    response = visitor.post("/en/human/", {"description": "", "phone": "", "order_text": "A1"})
    page = text_of(response)

    assert response.status_code == 422
    assert '<a href="#description">Tell us in a few words what it is about.</a>' in page
    assert "Leave a phone number" not in page
    assert 'value="A1"' in page


@pytest.mark.parametrize("url", ["/", "/file/", "/human/", "/link/", "/c/C1/"])
def test_every_page_has_one_heading_one_main_and_a_way_to_a_person(visitor, url):
    page = text_of(visitor.get(url))

    assert page.count("<h1") == 1
    assert page.count("<main") == 1
    assert 'class="head__human" href="/human/"' in page
    assert 'class="skip" href="#main"' in page
