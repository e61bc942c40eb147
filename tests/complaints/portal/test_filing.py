"""The two submitted pages of filing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from complaints.intake.catalogue import forget_catalogue
from complaints.intake.publishing import publish_form
from complaints.models import Category, Complaint, Draft, Form, SecretLink
from complaints.sla.policies import in_force
from tests.complaints.portal.journey import DETAILS, answer_problem, file_one, fingerprint, submit
from tests.factories import make_calendar


def text_of(response) -> str:
    return response.content.decode()


def test_both_pages_file_a_complaint_and_open_it(visitor):
    complaint = file_one(visitor, problem={"order_text": "A 123-456"}, email="li@mail.example", name="李小满", hours="09:00–12:00")

    assert complaint.category.code == "logistics.stalled"
    assert complaint.description == "The parcel has not moved for five days."
    assert (complaint.wish, complaint.order_text, complaint.order) == ("reship", "A 123-456", None)
    assert (complaint.contact_phone, complaint.contact_email, complaint.contact_name) == ("13900001111", "li@mail.example", "李小满")
    assert complaint.contact_hours == "09:00–12:00"
    assert complaint.language == "zh-hans"
    assert visitor.get(f"/c/{complaint.number}/").status_code == 200


def test_the_english_pages_file_an_english_complaint(visitor):
    answer_problem(visitor, "/en")
    shown = text_of(visitor.get("/en/file/check/"))
    complaint = file_one(visitor, "/en")

    assert "Parcel stuck or late" in shown
    assert "Submit complaint" in shown
    assert complaint.language == "en"


def test_every_shipped_category_can_be_filed(visitor):
    answers = {"text": "x1", "long": "x2", "date": "2025-11-10", "datetime": "2025-11-10T09:30", "number": "2", "money": "12.50"}

    for category in Category.objects.prefetch_related("forms"):
        form = category.forms.get()
        questions = {
            f"q_{each['key']}": each["options"][0]["code"] if each["type"] == "choice" else answers[each["type"]] for each in form.fields
        }
        complaint = file_one(visitor, problem={"category": category.code}, **questions)

        assert complaint.category == category
        assert set(complaint.answers) == {each["key"] for each in form.fields}


def test_money_is_kept_in_fen_and_days_tell_when_it_happened(visitor):
    complaint = file_one(
        visitor, problem={"category": "service.payment"}, q_payment_number="P1", q_amount="12.5", q_paid_at="2025-11-10T09:30"
    )

    assert complaint.answers == {"payment_number": "P1", "amount": 1250, "paid_at": "2025-11-10T09:30+08:00"}
    assert complaint.happened_on.isoformat() == "2025-11-10"


def test_page_one_names_each_missing_answer_and_keeps_the_rest(visitor):
    response = visitor.post("/en/file/", {"description": "It is broken.", "phone": "139 0000 1111", "order_text": "A-1"})
    page = text_of(response)

    assert response.status_code == 422
    assert "<title>Error: " in page
    assert '<a href="#category_0">Choose what went wrong.</a>' in page
    assert '<a href="#wish_0">Choose what would help you.</a>' in page
    assert "It is broken.</textarea>" in page
    assert 'value="139 0000 1111"' in page
    assert Complaint.objects.count() == 0


def test_something_else_needs_words(visitor):
    refused = answer_problem(visitor, "/en", category="service.other", description="")
    taken = answer_problem(visitor, "/en", category="service.other", description="A word.")

    assert refused.status_code == 422
    assert "Tell us in a few words what happened, or add a photo." in text_of(refused)
    assert taken.status_code == 303


def test_an_order_number_says_enough_without_a_description(visitor):
    complaint = file_one(visitor, problem={"description": "", "order_text": "A1"})

    assert complaint.description == ""
    assert complaint.order_text == "A1"


def test_a_phone_or_a_mail_address_is_needed_on_page_two(visitor):
    answer_problem(visitor)
    response = submit(visitor, "/en", phone="", email="", name="Ann")

    assert response.status_code == 422
    assert '<a href="#phone">Leave a phone number or an e-mail address, so that we can answer.</a>' in text_of(response)
    assert 'value="Ann"' in text_of(response)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("phone", "call me", "does not look like a phone number"),
        ("email", "a@b", "does not look like an e-mail address"),
        ("q_symptom", "hacked", "Select a valid choice"),
        ("q_symptom", "", "Please answer: What is wrong"),
        ("q_since", "soon", "needs a date"),
        ("q_since", "0025-01-01", "Please check the year."),
    ],
)
def test_page_two_says_what_is_wrong_at_the_field(visitor, field, value, words):
    answer_problem(visitor, category="refund.quality")
    response = submit(visitor, "/en", **({"q_symptom": "broken"} | {field: value}))

    assert response.status_code == 422
    assert words in text_of(response)
    assert f'href="#{field}' in text_of(response)


def test_a_day_to_come_is_no_day_when_it_happened(visitor):
    answer_problem(visitor, category="refund.described")
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()

    response = submit(visitor, "/en", q_statement="It says oak.", happened_on=tomorrow)

    assert response.status_code == 422
    assert "This day is still to come." in text_of(response)


def test_the_promise_is_shown_before_submitting_and_is_the_one_given(visitor):
    answer_problem(visitor, category="service.privacy")
    shown = text_of(visitor.get("/en/file/check/"))
    complaint = file_one(visitor, problem={"category": "service.privacy"}, q_what="calls", q_happened_on="2025-11-10")

    assert "That is 12 hours from now." in shown
    assert complaint.promise_at - complaint.filed_at == timedelta(hours=12)


def test_a_double_submit_is_one_complaint(visitor):
    answer_problem(visitor)
    form = DETAILS | {"draft": fingerprint(visitor.get("/file/check/"))}

    first = visitor.post("/file/check/", form)
    second = visitor.post("/file/check/", form)

    assert Complaint.objects.count() == 1
    assert second.headers["Location"] == first.headers["Location"]


@pytest.mark.django_db(transaction=True)
def test_two_submits_at_the_same_moment_are_one_complaint(visitor, address):
    answer_problem(visitor)
    form = DETAILS | {"draft": fingerprint(visitor.get("/file/check/"))}

    def send(_number):
        client = Client(REMOTE_ADDR=address)
        client.cookies = visitor.cookies.copy()
        try:
            return client.post("/file/check/", form)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1
    assert Complaint.objects.count() == 1


def test_after_filing_the_next_complaint_starts_empty(visitor):
    first = file_one(visitor)
    page = text_of(visitor.get("/file/"))
    second = file_one(visitor, problem={"description": "Another matter."})

    assert "not moved" not in page
    assert first.pk != second.pk
    assert second.description == "Another matter."


def test_a_form_left_open_does_not_file_the_newer_draft(visitor):
    answer_problem(visitor)
    old = fingerprint(visitor.get("/file/check/"))
    file_one(visitor)
    answer_problem(visitor, description="The newer one.")

    response = visitor.post("/en/file/check/", DETAILS | {"draft": old})

    assert response.status_code == 422
    assert "You began another complaint meanwhile." in text_of(response)
    assert Complaint.objects.count() == 1


def test_the_draft_comes_back_and_can_be_thrown_away(visitor):
    answer_problem(visitor, description="Half a story.")
    page = text_of(visitor.get("/en/file/"))
    visitor.post("/file/", {"reset": "1"})
    fresh = text_of(visitor.get("/en/file/"))

    assert "We kept what you wrote." in page
    assert "Half a story.</textarea>" in page
    assert 'value="logistics.stalled" id="category_0" checked' in page
    assert "Half a story." not in fresh


def test_a_draft_ends_after_seven_days(visitor):
    answer_problem(visitor, description="Half a story.")
    Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert "Half a story." not in text_of(visitor.get("/file/"))
    assert visitor.get("/file/check/").headers["Location"] == "/file/"


def test_the_draft_holds_no_contact_in_the_clear(visitor):
    answer_problem(visitor, phone="13912345678")

    stored = str(Draft.objects.get().answers)
    assert "13912345678" not in stored
    assert "13912345678" in text_of(visitor.get("/file/check/"))


def test_scripts_save_page_one_while_it_is_typed(visitor):
    visitor.get("/file/")
    answer = visitor.post("/file/draft/", {"description": "Typed so far", "category": "refund.quality"})

    assert answer.status_code == 204
    assert "Typed so far</textarea>" in text_of(visitor.get("/file/"))


def test_changing_an_answer_keeps_what_page_two_was_told(visitor):
    answer_problem(visitor, category="refund.quality")
    way = submit(visitor, change="description", email="li@mail.example", q_symptom="flaw")
    answer_problem(visitor, category="refund.quality", description="Told better.")
    page = text_of(visitor.get("/file/check/"))

    assert way.headers["Location"] == "/file/#description"
    assert 'value="li@mail.example"' in page
    assert 'value="flaw" checked' in page
    assert "Told better." in page


def test_a_category_that_ended_meanwhile_leads_back_to_page_one(visitor):
    answer_problem(visitor)
    Category.objects.filter(code="logistics.stalled").update(is_active=False)
    forget_catalogue()

    assert visitor.get("/file/check/").headers["Location"] == "/file/"


def test_a_form_published_meanwhile_asks_its_questions_and_keeps_what_still_fits(visitor):
    """service.silent asks when and where; the new version drops an option, makes "when" a plain question no more and asks one more."""
    answer_problem(visitor, category="service.silent")
    answers = {"q_tried_at": "2026-01-05T10:00", "q_tried": "wechat", "phone": "139"}
    assert submit(visitor, **answers).status_code == 422
    old = Form.objects.get(category__code="service.silent")
    tried = old.fields[1] | {"options": [option for option in old.fields[1]["options"] if option["code"] != "wechat"]}
    asked = {"key": "who", "type": "text", "label_zh": "找的谁", "label_en": "Whom", "required": True}
    content = {"fields": [tried, asked], "asks_lines": False, "evidence_zh": "", "evidence_en": ""}
    publish_form(old.category, content=content, by=None, expected_version=1)
    forget_catalogue()

    missing = submit(visitor, **answers, q_who="小王")
    filed = submit(visitor, q_tried="chat", q_who="小王")

    assert (missing.status_code, filed.status_code) == (422, 303)
    complaint = Complaint.objects.get()
    assert (complaint.form.version, complaint.answers) == (2, {"tried": "chat", "who": "小王"})


def test_a_reason_of_the_first_page_is_chosen_already(visitor):
    page = text_of(visitor.get("/file/?category=refund.quality"))

    assert 'value="refund.quality" checked' in page


def test_filing_makes_one_living_link(visitor):
    complaint = file_one(visitor)

    link = SecretLink.objects.get()
    assert link.complaint == complaint
    assert len(link.digest) == 64
    assert date_format(link.expires_at, "Y") >= date_format(timezone.now(), "Y")


def test_the_number_of_queries_of_each_page(visitor, django_assert_num_queries, django_assert_max_num_queries):
    make_calendar()
    visitor.get("/file/")
    visitor.cookies.clear()
    in_force()

    with django_assert_num_queries(0):
        visitor.get("/file/")
    with django_assert_max_num_queries(4):
        answer_problem(visitor, order_text="A1", phone="13900001111")
    with django_assert_num_queries(2):
        shown = visitor.get("/file/check/")
    with django_assert_max_num_queries(16):
        response = visitor.post("/file/check/", DETAILS | {"draft": fingerprint(shown)})
    with django_assert_max_num_queries(6):
        visitor.get(response.headers["Location"])
