"""What strangers send: refused at the field in words, or kept harmless; never an error of ours."""

import pytest

from complaints.models import Complaint
from tests.complaints.portal.journey import PROBLEM, answer_problem, file_one, photo

MARKUP = '<script>alert(1)</script><img src=x onerror=alert(1)>"\'><b hx-get="/x">'


def text_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize("url", ["/en/file/", "/en/human/", "/en/link/"])
@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x7f"])
def test_signs_that_cannot_be_kept_are_an_error_at_the_field_and_gone_afterwards(visitor, url, sign):
    response = visitor.post(url, PROBLEM | {"description": f"be{sign}fore", "number": f"be{sign}fore", "contact": "x"})
    page = text_of(response)

    assert response.status_code == 422
    assert "signs that cannot be kept" in page
    assert "before" in page
    assert sign not in page


def test_signs_that_turn_the_reading_direction_are_taken_out(visitor):
    complaint = file_one(visitor, problem={"description": "gpj.\u202eexe", "order_text": "\u2066A1\u2069"}, name="\u202eAnn")

    assert (complaint.description, complaint.order_text, complaint.contact_name) == ("gpj.exe", "A1", "Ann")


def test_broken_encodings_do_not_break_the_form(visitor):
    body = "category=logistics.stalled&wish=reship&description=%ED%A0%80%FF%FE"
    response = visitor.post("/file/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 303


def test_a_description_of_the_longest_size_is_taken_whole(visitor):
    assert file_one(visitor, problem={"description": "字" * 8000}).description == "字" * 8000


def test_a_longer_one_says_by_how_much_and_comes_back_whole(visitor):
    response = answer_problem(visitor, "/en", description="x" * 8001)

    assert response.status_code == 422
    assert "at most 8000 characters. You wrote 8001." in text_of(response)
    assert "x" * 8001 in text_of(response)


def test_a_megabyte_of_text_is_answered_at_its_field(visitor):
    response = answer_problem(visitor, "/en", description="<" * 1024 * 1024)

    assert response.status_code == 422
    assert "You wrote 1048576." in text_of(response)


@pytest.mark.parametrize("answers", [{f"f{number}": "1" for number in range(10_000)}, {"description": "x" * 5 * 1024 * 1024}])
def test_more_than_a_page_can_hold_is_413_with_a_page(visitor, answers):
    response = answer_problem(visitor, "/en", **answers)

    assert response.status_code == 413
    assert "what you typed is still there" in text_of(response)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b"", "multipart/form-data"),
        (b'{"a": 1}', "application/json"),
        (b"\xff", "text/plain"),
    ],
)
def test_bodies_that_no_browser_sends_get_the_form_again(visitor, body, content_type):
    assert visitor.post("/file/", body, content_type=content_type).status_code == 422


@pytest.mark.parametrize(
    "url",
    [
        "/c/%00/", "/c/" + "1" * 500 + "/", "/c/①②③/", "/t/%00/", "/t/" + "x" * 3000 + "/", "/t/a%00b/survey/?score=9", "/files/%00/",
        "/files/..%2f..%2fetc/", "/files/" + "a" * 32 + "/",
    ],
)  # fmt: skip
def test_odd_addresses_are_not_found(visitor, url):
    assert visitor.get(url).status_code == 404


def test_odd_parameters_change_nothing(visitor):
    assert visitor.get("/file/?category=%00&order=%00&category=b").status_code == 200


def test_markup_is_text_on_every_page(visitor):
    answers = {"description": MARKUP, "order_text": MARKUP[:100], "category": "refund.described"}
    refused = answer_problem(visitor, **(answers | {"wish": ""}))
    answer_problem(visitor, **answers)
    check = visitor.get("/file/check/")
    complaint = file_one(visitor, problem=answers, q_statement=MARKUP, name=MARKUP[:50])
    pages = [refused, check, visitor.get(f"/c/{complaint.number}/"), visitor.get("/"), visitor.get("/human/")]

    for page in pages:
        assert "<script>alert" not in text_of(page)
        assert "<img src=x" not in text_of(page)
        assert "<b hx-get" not in text_of(page)


def test_templates_in_text_stay_text(visitor):
    complaint = file_one(visitor, problem={"description": "{{ settings.SECRET_KEY }} {0.__class__} %(x)s"})

    assert "{{ settings.SECRET_KEY }} {0.__class__} %(x)s" in text_of(visitor.get(f"/c/{complaint.number}/"))


def test_fields_that_the_form_does_not_ask_for_are_ignored(visitor):
    complaint = file_one(visitor, priority="3", status="closed", version="9", assignee="1", team="1", amount_fen="1", order="1")

    assert (complaint.status, complaint.priority, complaint.version, complaint.assignee, complaint.amount_fen) == ("new", 2, 1, None, 0)


@pytest.mark.parametrize("name", ["../../etc/passwd.jpg", "a\u202egpj.jpg", ".htaccess.jpg", "x" * 300 + ".jpg", "CON.jpg"])
def test_file_names_are_only_names(visitor, name, settings):
    complaint = file_one(visitor, problem={"evidence": [photo(name)]})
    file = complaint.attachments.get()

    assert "/" not in file.name
    assert "\u202e" not in file.name
    assert len(file.name) <= 120
    assert len(file.key) == 32


def test_a_draft_that_was_tampered_with_leads_back_to_page_one(visitor):
    visitor.get("/file/")
    visitor.post("/file/draft/", {"category": "logistics.stalled", "wish": "everything", "description": "x"})

    assert visitor.get("/file/check/").headers["Location"] == "/file/"


def test_a_draft_with_nothing_in_it_is_refused_with_the_reason(visitor):
    answer_problem(visitor)
    visitor.post("/file/draft/", {"description": ""})
    response = visitor.post("/en/file/check/", {"draft": _fingerprint(visitor), "phone": "13900001111"})

    assert response.status_code == 409
    assert "Tell us what happened, or add a photo." in text_of(response)
    assert Complaint.objects.count() == 0


def _fingerprint(visitor) -> str:
    from tests.complaints.portal.journey import fingerprint

    return fingerprint(visitor.get("/file/check/"))


def test_a_cookie_that_was_tampered_with_is_no_cookie(visitor):
    answer_problem(visitor)
    visitor.cookies["bihuan_draft"] = visitor.cookies["bihuan_draft"].value + "x"
    visitor.cookies["bihuan_links"] = "forged"

    assert visitor.get("/file/check/").headers["Location"] == "/file/"
    assert visitor.get("/").status_code == 200


@pytest.mark.parametrize("url", ["/", "/file/", "/file/check/", "/human/", "/link/", "/en/", "/c/C261122736333283/"])
def test_reading_a_page_writes_nothing(visitor, url, django_capture_on_commit_callbacks):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    visitor.get("/")
    with CaptureQueriesContext(connection) as queries:
        visitor.get(url)

    assert not [each["sql"] for each in queries if each["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))]


@pytest.mark.parametrize(
    "url", ["/file/", "/file/check/", "/human/", "/link/", "/", "/file/draft/", "/file/files/", "/c/C1/reply/", "/c/C1/withdraw/"]
)
def test_a_form_of_another_site_is_refused(url, address):
    from django.test import Client

    assert Client(REMOTE_ADDR=address, enforce_csrf_checks=True).post(url, PROBLEM).status_code == 403


def test_after_too_many_forms_the_page_asks_to_wait_and_keeps_the_text(visitor, stranger, monkeypatch):
    from complaints.portal import filing

    monkeypatch.setattr(filing, "PAGES_PER_NETWORK", 2)
    answers = [answer_problem(visitor, "/en", description=f"Number {number}") for number in range(3)]

    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert "Number 2</textarea>" in text_of(answers[2])
    assert answers[2].headers["Retry-After"] == "600"
    assert answer_problem(stranger).status_code == 303


def test_one_household_counts_as_one_network(visitor, monkeypatch):
    from django.test import Client

    from complaints.portal import filing

    monkeypatch.setattr(filing, "PAGES_PER_NETWORK", 1)
    other = "2001:db8:77:88::"
    first = answer_problem(Client(REMOTE_ADDR=other + "1"))
    second = answer_problem(Client(REMOTE_ADDR=other + "ffff"))

    assert {first.status_code, second.status_code} <= {303, 429}
    assert second.status_code == 429
