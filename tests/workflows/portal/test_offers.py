"""What a customer may apply for, and why not."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from orders.models import Order, OrderLine, Payment
from tests.factories import make_order
from tests.workflows.builders import make_case
from tests.workflows.policies.builders import shipped
from workflows.models import CasePolicy, RefundableUnit
from workflows.money.units import units_of
from workflows.portal.application import Subject, form_for
from workflows.portal.offers import OFFERED, goods_of, offers_of

pytestmark = pytest.mark.django_db
NOW = timezone.now() + timedelta(hours=1)  # when the shipped rules hold already


@pytest.fixture(autouse=True)
def rules():
    shipped()


def bought(**overrides) -> list[OrderLine]:
    order = make_order(lines=2, **{"status": Order.Status.DELIVERED, "delivered_at": NOW, **overrides})
    Payment.objects.create(order=order, external_id="P", method="wechat", amount_fen=order.total_fen)
    return list(order.lines.select_related("order__merchant").order_by("pk"))


def all_offers(lines, at=NOW) -> list:
    """As the page asks for them, with the goods of the order."""
    order = lines[0].order
    return offers_of(order, at, is_taken=not any(goods.free for goods in goods_of(order, [])))


def offers(lines, at=NOW) -> dict:
    return {offer.type: offer for offer in all_offers(lines, at)}


def codes(lines) -> dict[str, list[str]]:
    return {type: [reason.code for reason in offer.against] for type, offer in offers(lines).items()}


def test_everything_is_open_for_goods_that_arrived(django_assert_num_queries):
    lines = bought()
    with django_assert_num_queries(1):
        found = offers_of(lines[0].order, NOW)

    assert ([offer.type for offer in found], {offer.is_open for offer in found}) == (list(OFFERED), {True})


def test_what_only_the_house_begins_is_not_offered():
    assert set(CasePolicy.Type.values) - offers(bought()).keys() == {"compensation", "advance_payout", "refused_parcel"}


@pytest.mark.parametrize(("language", "label"), [("zh-hans", "商品破损"), ("en", "Broken")])
def test_reasons_speak_the_readers_language(language, label):
    with translation.override(language):
        reasons = {each.code: each for each in offers(bought())["return_quality"].reasons}

    assert (reasons["broken"].name, reasons["broken"].evidence) == (label, ("photo",))


@pytest.mark.parametrize("status", ["unpaid", "cancelled"])
def test_an_order_without_payment_has_nothing_to_claim(status):
    assert set(map(tuple, codes(bought(status=status, delivered_at=None)).values())) == {("not_paid",)}


def test_before_the_goods_are_sent_there_is_only_money_to_give_back():
    found = codes(bought(status="paid", delivered_at=None))

    assert found.pop("refund_only") == []
    assert set(map(tuple, found.values())) == {("not_sent",)}


@pytest.mark.parametrize(("days", "late"), [(7, set()), (8, {"return_no_reason", "return_quality"})])
def test_a_window_that_is_over_is_told_and_refuses_nothing(days, late):
    found = offers(bought(), timezone.localtime(NOW) + timedelta(days=days))

    assert {type for type, offer in found.items() if offer.is_out_of_window} == late
    assert all(offer.is_open for offer in found.values())


def test_a_type_without_rules_is_not_offered():
    found = offers(bought(), NOW - timedelta(days=1))

    assert {tuple(reason.code for reason in offer.against) for offer in found.values()} == {("type_unknown",)}


def claim(lines, *, but: int = 0) -> None:
    case = make_case(order=lines[0].order, policy=shipped("return_quality"))
    units = units_of(lines[0].order)
    RefundableUnit.objects.filter(pk__in=[unit.pk for unit in units[: len(units) - but]]).update(reserved_by=case)


def test_lines_that_are_claimed_to_the_last_piece_are_taken():
    lines = bought()
    claim(lines)

    assert set(map(tuple, codes(lines).values())) == {("units_taken",)}


def test_a_free_piece_is_enough():
    lines = bought()
    claim(lines, but=1)

    assert all(offer.is_open for offer in all_offers(lines))


def test_what_was_paid_back_is_gone():
    lines = bought()
    units_of(lines[0].order)
    RefundableUnit.objects.update(refunded_fen=4900, held_fen=5000)

    assert codes(lines)["repair"] == ["units_taken"]


def test_pieces_that_were_never_counted_are_free():
    assert offers(bought())["repair"].is_open


def form_of(order):
    return form_for(Subject(order), None)


def test_the_page_offers_what_is_possible_and_says_why_the_rest_is_not():
    order = bought(status="paid", delivered_at=None)[0].order

    form = form_of(order)

    assert list(form.offers) == ["refund_only"]
    assert {offer.type for offer in form.closed} == {"return_no_reason", "return_quality", "exchange_quality", "reship", "repair"}
    assert {reason.code for offer in form.closed for reason in offer.against} == {"not_sent"}


def test_what_is_not_possible_now_cannot_be_asked_for():
    order = bought(status="paid", delivered_at=None)[0].order
    form = form_for(Subject(order), {"kind": "return_quality", "reason-return_quality": "broken"})

    assert "kind" in form.errors
