"""Which order a complaint is about."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from complaints.intake.matching import TRIES_PER_ORDER, match_order, order_of_link, sign_order
from complaints.intake.rematch import rematch_orders
from complaints.models import Complaint
from foundation.crypto import blind_index
from foundation.events import EventSpec, append_events, sequence_feed
from orders.models import OrderEvent, OrderFeed, Shipment
from tests.factories import make_complaint, make_customer, make_order

PHONE = "13800000001"


@pytest.fixture
def order():
    return make_order(customer=make_customer(phone=PHONE), number="A20251114001")


@pytest.mark.parametrize("typed", ["A20251114001", "a2025-1114-001", " A2025 1114 001 ", "Ａ２０２５１１１４００１"])
@pytest.mark.parametrize("phone", [PHONE, "+86 138-0000-0001", "１３８０００００００１"])
def test_what_people_paste_is_understood(order, typed, phone):
    assert match_order(typed, phone).order == order


def test_a_waybill_counts_like_a_number(order):
    Shipment.objects.create(order=order, external_id="s", waybill="SF123456789")

    assert match_order("sf 1234 56789", PHONE).order == order


def test_the_receivers_phone_counts_like_the_buyers(order):
    order.receiver_phone_index = blind_index("13811112222", purpose="phone")
    order.save(update_fields=["receiver_phone_index"])

    assert match_order(order.number, "13811112222").order == order
    assert match_order(order.number, PHONE).order == order


@pytest.mark.parametrize(
    ("typed", "phone"), [("A20251114001", "13800000002"), ("A20251114001", "0001"), ("A2025", PHONE), ("", PHONE), ("A20251114001", "")]
)
def test_everything_else_matches_nothing(order, typed, phone):
    assert match_order(typed, phone) is None


def test_two_orders_with_one_number_match_nothing(order):
    make_order(customer=order.customer, number=order.number)

    assert match_order(order.number, PHONE) is None


def test_guessing_phones_ends_after_ten_tries_even_for_the_right_one(order):
    for number in range(TRIES_PER_ORDER):
        match_order(order.number, f"1390000{number:04}")

    assert match_order(order.number, PHONE) is None


def test_a_signed_order_is_proven_until_its_link_is_old(order):
    token = sign_order(order)
    fresh = order_of_link(token)
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        old = order_of_link(token)

    assert (fresh.order, fresh.proof) == (order, "link")
    assert old is None
    assert order_of_link(token[:-1] + "x") is None
    assert order_of_link("") is None


def news_of(order):
    append_events(order, [EventSpec("order.placed")])
    order.save(update_fields=["head_seq", "head_hash"])
    sequence_feed(OrderEvent, OrderFeed)


def test_an_order_that_comes_later_is_bound_to_the_complaint_that_waited():
    complaint = make_complaint(order_text="a2025 1114-002", contact_phone=PHONE)
    order = make_order(customer=make_customer(phone=PHONE), number="A20251114002", lines=2)
    news_of(order)
    rematch_orders()

    complaint.refresh_from_db()
    assert (complaint.order, complaint.customer) == (order, order.customer)
    assert len(complaint.order_snapshot["lines"]) == 2
    assert complaint.events.order_by("seq").last().codes["evidence"] == "phone"
    assert rematch_orders() == 0


@pytest.mark.parametrize(
    "change", [{"contact_phone": "13800009999"}, {"order_text": ""}, {"order_text": "A1"}, {"filed_at": timezone.now() - timedelta(days=8)}]
)
def test_a_complaint_that_does_not_fit_stays_unmatched(change):
    complaint = make_complaint(**{"order_text": "A20251114003", "contact_phone": PHONE} | change)
    news_of(make_order(customer=make_customer(phone=PHONE), number="A20251114003"))
    rematch_orders()

    assert Complaint.objects.get(pk=complaint.pk).order is None
