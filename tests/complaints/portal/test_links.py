"""Secret links: who they let in, for how long, and that nobody learns which numbers exist."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.intake.links import LIFETIME, MOST_REMEMBERED, link_url, make_link, revoke_links
from complaints.models import SecretLink
from complaints.numbers import make_number
from foundation.crypto import digest_token
from tests.factories import make_complaint


def shape_of(response, number: str) -> tuple:
    """Everything that an answer tells, without the number that was asked for, the token of the form and the moment."""
    page = re.sub(r'(<meta name="live" content=)"[^"]+"', r"\1", response.content.decode().replace(number, "NUMBER"))
    head, _mark, rest = page.partition('name="csrfmiddlewaretoken" value="')
    while rest:
        page = head + rest[64:]
        head, _mark, rest = page.partition('name="csrfmiddlewaretoken" value="')
    headers = {name: value for name, value in response.headers.items() if name not in ("X-Request-ID", "Set-Cookie")}
    return response.status_code, headers, page


def test_a_link_sets_the_cookie_and_leads_to_an_address_without_the_secret(visitor):
    complaint = make_complaint()
    token = make_link(complaint)
    response = visitor.get(f"/t/{token}/")
    cookie = response.cookies["bihuan_links"]

    assert response.status_code == 303
    assert response.headers["Location"] == f"/c/{complaint.number}/"
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert token not in cookie.value
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert visitor.get(f"/c/{complaint.number}/").status_code == 200


def test_only_the_hash_is_kept(visitor):
    token = make_link(make_complaint())

    assert SecretLink.objects.get().digest == digest_token(token)
    assert len(token) >= 43


def test_a_link_of_one_complaint_opens_no_other(visitor):
    mine, other = make_complaint(), make_complaint()
    visitor.get(f"/t/{make_link(mine)}/")

    assert visitor.get(f"/c/{other.number}/").status_code == 404


def test_a_known_number_answers_like_an_unknown_one(stranger):
    known = make_complaint().number
    unknown = make_number(timezone.now())

    assert shape_of(stranger.get(f"/c/{known}/"), known) == shape_of(stranger.get(f"/c/{unknown}/"), unknown)
    assert shape_of(stranger.get(f"/c/{known}/survey/"), known) == shape_of(stranger.get(f"/c/{unknown}/survey/"), unknown)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: t + "x", lambda t: t.swapcase(), lambda t: "x", lambda t: t + "%00"])
def test_only_the_exact_token_opens(stranger, change):
    complaint = make_complaint()

    assert stranger.get(f"/t/{change(make_link(complaint))}/").status_code == 404
    assert stranger.get(f"/c/{complaint.number}/").status_code == 404


@pytest.mark.parametrize(("seconds", "status"), [(-1, 303), (1, 404)])
def test_a_link_dies_at_its_hour(visitor, seconds, status):
    token = make_link(make_complaint())
    with time_machine.travel(timezone.now() + LIFETIME + timedelta(seconds=seconds)):
        assert visitor.get(f"/t/{token}/").status_code == status


def test_a_browser_that_came_by_a_revoked_link_is_out(visitor):
    complaint = make_complaint()
    visitor.get(f"/t/{make_link(complaint)}/")
    revoke_links(complaint)

    assert visitor.get(f"/c/{complaint.number}/").status_code == 404


def test_the_cookie_remembers_the_last_twelve(visitor):
    complaints = [make_complaint() for _number in range(MOST_REMEMBERED + 1)]
    for complaint in complaints:
        visitor.get(f"/t/{make_link(complaint)}/")

    assert visitor.get(f"/c/{complaints[0].number}/").status_code == 404
    assert [visitor.get(f"/c/{each.number}/").status_code for each in complaints[1:]] == [200] * MOST_REMEMBERED


def test_wrong_links_run_into_a_limit_whoever_they_claim_to_be(stranger):
    answers = {stranger.get(f"/t/wrong{number}/", HTTP_X_FORWARDED_FOR=f"10.0.0.{number % 250}").status_code for number in range(70)}

    assert answers == {404, 429}


def test_the_limit_on_wrong_links_lets_the_right_one_through(stranger):
    token = make_link(make_complaint())
    for number in range(65):
        stranger.get(f"/t/wrong{number}/")

    assert stranger.get(f"/t/{token}/").status_code == 303


def test_a_survey_link_carries_its_score(visitor):
    complaint = make_complaint()

    assert visitor.get(f"/t/{make_link(complaint)}/survey/?score=4").headers["Location"] == f"/c/{complaint.number}/survey/?score=4"


def test_full_addresses_stand_on_the_configured_base(settings):
    settings.BIHUAN_BASE_URL = "https://help.shop.example"

    assert link_url("abc", "zh-hans") == "https://help.shop.example/t/abc/"
    assert link_url("abc", "en", "survey") == "https://help.shop.example/en/t/abc/survey/"


@pytest.mark.parametrize("contact", ["13800001234", "+86 138 0000 1234", "Xiaoman@Mail.Example"])
def test_number_and_contact_send_a_new_link(stranger, contact):
    complaint = make_complaint()
    response = stranger.post("/link/", {"number": complaint.number.lower(), "contact": contact})

    assert response.headers["Location"] == "/link/?sent=1"
    assert complaint.outbox.filter(node="link").count() == 1


def test_asking_for_a_link_answers_the_same_in_every_case(stranger):
    known = make_complaint().number
    cases = [(known, "13800001234"), (known, "13999999999"), (make_number(timezone.now()), "13800001234"), ("nonsense", "x")]

    answers = [stranger.post("/link/", {"number": number, "contact": contact}) for number, contact in cases]

    assert {(answer.status_code, answer.headers["Location"], answer.content) for answer in answers} == {(303, "/link/?sent=1", b"")}


def test_a_wrong_contact_sends_nothing(stranger):
    complaint = make_complaint()
    stranger.post("/link/", {"number": complaint.number, "contact": "13999999999"})

    assert complaint.outbox.filter(node="link").count() == 0


def test_a_complaint_gets_at_most_three_links_an_hour(stranger):
    complaint = make_complaint()
    for _time in range(5):
        stranger.post("/link/", {"number": complaint.number, "contact": "13800001234"})

    assert complaint.outbox.filter(node="link").count() == 3


def test_what_is_missing_is_asked_for(stranger):
    response = stranger.post("/en/link/", {"number": "", "contact": ""})
    page = response.content.decode()

    assert response.status_code == 422
    assert '<a href="#number">Type the number of the complaint.</a>' in page
    assert '<a href="#contact">' in page
