"""The two submitted pages of filing."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from complaints.models import Attachment, Category, Complaint, Draft, Link, SecretLink
from tests.complaints.portal.journey import DETAILS, answer_problem, file_one, fingerprint, photo, submit
from tests.factories import make_customer, make_order


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
    from complaints.intake.catalogue import forget_catalogue

    answer_problem(visitor)
    Category.objects.filter(code="logistics.stalled").update(is_active=False)
    forget_catalogue()

    assert visitor.get("/file/check/").headers["Location"] == "/file/"


def test_a_reason_of_the_first_page_is_chosen_already(visitor):
    page = text_of(visitor.get("/file/?category=refund.quality"))

    assert 'value="refund.quality" checked' in page


@pytest.fixture
def order():
    customer = make_customer(phone="13800000001")
    return make_order(lines=2, customer=customer, number="A20251114001", receiver_phone="13800000001", status="delivered")


def test_order_number_and_phone_bring_the_goods_and_bind_the_order(visitor, order):
    answer_problem(visitor, category="refund.quality", wish="refund_only", order_text="a2025 1114-001", phone="+86 138-0000-0001")
    page = text_of(visitor.get("/file/check/"))
    line = order.lines.order_by("id").first()
    complaint = file_one(
        visitor,
        problem={"category": "refund.quality", "wish": "refund_only", "order_text": "a2025 1114-001", "phone": "+86 138-0000-0001"},
        q_symptom="flaw",
        lines=[line.pk],
    )

    assert line.title in page
    assert (complaint.order, complaint.customer, complaint.merchant) == (order, order.customer, order.merchant)
    assert complaint.line_ids == [line.pk]
    assert complaint.amount_fen == line.paid_fen
    assert [each["id"] for each in complaint.order_snapshot["lines"]] == [each.pk for each in order.lines.order_by("id")]
    assert "13800000001" not in str(complaint.order_snapshot)


@pytest.mark.parametrize(
    ("order_text", "phone"), [("A20251114001", "13800000002"), ("A20251114001", ""), ("A9", "13800000001"), ("", "13800000001")]
)
def test_one_factor_or_a_wrong_one_shows_nothing_and_files_all_the_same(visitor, order, order_text, phone):
    answer_problem(visitor, category="refund.quality", order_text=order_text, phone=phone)
    page = text_of(visitor.get("/file/check/"))
    complaint = file_one(visitor, problem={"category": "refund.quality", "order_text": order_text, "phone": phone}, q_symptom="flaw")

    assert order.lines.first().title not in page
    assert complaint.order is None


def test_an_order_of_another_draft_cannot_be_chosen_by_line_number(visitor, order):
    foreign = make_order(lines=1).lines.get()
    answer_problem(visitor, category="refund.quality", order_text=order.number, phone="13800000001")

    response = submit(visitor, q_symptom="flaw", lines=[foreign.pk])

    assert response.status_code == 422
    assert Complaint.objects.count() == 0


def test_a_signed_link_needs_neither_number_nor_phone(visitor, order):
    from complaints.intake.matching import sign_order

    signed = sign_order(order)
    page = text_of(visitor.get("/file/", {"order": signed}))
    line = order.lines.order_by("id").first()
    visitor.post("/file/", {"signed": signed, "category": "logistics.lost", "wish": "reship", "lines": [line.pk], "description": ""})
    check = text_of(visitor.get("/file/check/"))
    complaint_page = submit(visitor, phone="", email="")
    complaint = Complaint.objects.get()

    assert line.title in page
    assert "138****0001" in check
    assert "13800000001" not in check
    assert complaint_page.status_code == 303
    assert (complaint.order, complaint.is_proven, complaint.contact_phone) == (order, True, "13800000001")


def test_a_forged_order_link_is_an_ordinary_form(visitor, order):
    page = visitor.get("/file/", {"order": "1:forged"})

    assert page.status_code == 200
    assert 'name="order_text"' in text_of(page)


def test_the_estimate_is_the_sum_of_the_chosen_goods(visitor, order):
    from complaints.intake.matching import sign_order

    line = order.lines.order_by("id").first()
    visitor.post(
        "/file/", {"signed": sign_order(order), "category": "refund.quality", "wish": "refund_only", "lines": [line.pk], "description": "x"}
    )

    assert "Estimated refund" in text_of(visitor.get("/en/file/check/"))
    assert "¥99.00" in text_of(visitor.get("/en/file/check/"))


def test_the_same_order_again_offers_to_add_to_the_first(visitor, stranger, order):
    about = {"category": "logistics.damaged", "order_text": order.number, "phone": "13800000001", "description": "Second time."}
    first = file_one(visitor, problem=about, q_signed="signed", lines=[order.lines.first().pk])
    answer_problem(stranger, **about)
    offered = text_of(stranger.get("/en/file/check/"))
    added = stranger.post("/file/check/", {"add_to": first.number})

    assert f"Complaint {first.number} may be about the same" in offered
    assert added.headers["Location"] == f"/c/{first.number}/?done=added"
    assert first.messages.order_by("id").last().body == "Second time."
    assert Complaint.objects.count() == 1
    assert stranger.get(f"/c/{first.number}/").status_code == 404


def test_filing_anyway_links_the_two_for_the_desk(visitor, order):
    about = {"order_text": order.number, "phone": "13800000001"}
    first = file_one(visitor, problem=about)
    second = file_one(visitor, problem=about)

    assert list(Link.objects.values_list("source", "target", "kind")) == [(second.pk, first.pk, "duplicate_of")]


def test_a_phone_alone_never_shows_anothers_complaint_but_links_it(visitor, stranger):
    first = file_one(visitor, problem={"phone": "13900001111"})
    answer_problem(stranger, phone="13900001111")
    page = text_of(stranger.get("/file/check/"))
    stranger.post("/file/check/", {"add_to": first.number})
    second = file_one(stranger, problem={"phone": "13900001111"})

    assert first.number not in page
    assert first.messages.count() == 1
    assert Link.objects.filter(source=second, target=first).exists()


def test_files_of_page_one_travel_with_the_complaint(visitor):
    answer_problem(visitor, evidence=[photo("a.jpg"), photo("b.jpg")])
    complaint = file_one(visitor, problem={"evidence": [photo("c.jpg")]})

    assert list(complaint.attachments.order_by("id").values_list("name", flat=True)) == ["a.jpg", "b.jpg", "c.jpg"]
    assert complaint.attachments.filter(draft__isnull=False).count() == 0


def test_a_photo_is_enough_to_say(visitor):
    complaint = file_one(visitor, problem={"description": "", "order_text": "", "evidence": [photo()]})

    assert complaint.attachments.count() == 1


def test_a_refused_file_is_named_and_nothing_else_is_lost(visitor):
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = SimpleUploadedFile("page.jpg", b"<script>alert(1)</script>", content_type="image/jpeg")
    response = answer_problem(visitor, "/en", evidence=[photo("good.jpg"), bad], description="Kept words.")
    page = text_of(response)

    assert response.status_code == 422
    assert 'href="#evidence">page.jpg:' in page
    assert "good.jpg" in page
    assert "Kept words.</textarea>" in page
    assert Attachment.objects.count() == 1


def test_files_stay_when_an_answer_is_missing(visitor):
    response = answer_problem(visitor, category="", evidence=[photo("kept.jpg")])

    assert response.status_code == 422
    assert "kept.jpg" in text_of(response)


def test_filing_makes_one_living_link(visitor):
    complaint = file_one(visitor)

    link = SecretLink.objects.get()
    assert link.complaint == complaint
    assert len(link.digest) == 64
    assert date_format(link.expires_at, "Y") >= date_format(timezone.now(), "Y")


def test_the_number_of_queries_of_each_page(visitor, django_assert_num_queries, django_assert_max_num_queries):
    visitor.get("/file/")
    visitor.cookies.clear()

    with django_assert_num_queries(0):
        visitor.get("/file/")
    with django_assert_max_num_queries(4):
        answer_problem(visitor, order_text="A1", phone="13900001111")
    with django_assert_num_queries(1):
        shown = visitor.get("/file/check/")
    with django_assert_max_num_queries(16):
        response = visitor.post("/file/check/", DETAILS | {"draft": fingerprint(shown)})
    with django_assert_max_num_queries(6):
        visitor.get(response.headers["Location"])
