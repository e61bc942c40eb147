"""Filing with an order: what proves it, what it shows, and complaints about it that exist already."""

import pytest

from complaints.intake.matching import sign_order
from complaints.models import Complaint, Link
from tests.complaints.portal.journey import answer_problem, file_one, submit
from tests.factories import make_customer, make_order


def text_of(response) -> str:
    return response.content.decode()


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
