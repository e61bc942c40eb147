"""Which payment pays a refund, and what keeps one from it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from orders.models import Payment
from tests.workflows.builders import make_balance, make_case, make_refund
from workflows.gateways import ADAPTERS
from workflows.gateways.base import Capabilities
from workflows.money import draw as d
from workflows.money.apportion import Draw
from workflows.money.draw import Fund, plan_draw

AT = datetime(2026, 3, 1, tzinfo=UTC)
UNLIMITED = Capabilities(None, None, None, None, None, None, True)
LIMITED = replace(UNLIMITED, max_age=timedelta(days=365), max_partials=2, min_gap=timedelta(minutes=1))


def fund(number: int = 1, left: int = 100, **overrides) -> Fund:
    return Fund(**{"balance_id": number, "left_fen": left, "gateway": "demo", "capabilities": UNLIMITED, **overrides})


def test_the_latest_payment_pays_first_and_vouchers_last():
    funds = [
        fund(1, captured_at=AT - timedelta(days=2)),
        fund(2, captured_at=AT),
        fund(3, captured_at=AT + timedelta(days=1), priority=1),
    ]

    assert plan_draw(250, funds, at=AT).draws == (Draw(2, 100), Draw(1, 100), Draw(3, 50))


def test_all_or_nothing_with_the_reason():
    plan = plan_draw(101, [fund()], at=AT)

    assert (plan.draws, [reason.code for reason in plan.reasons]) == ((), ["balance_short"])


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"is_frozen": True}, "payment_frozen"),
        ({"capabilities": None}, "no_gateway"),
        ({"captured_at": AT - timedelta(days=365, seconds=1)}, "payment_too_old"),
        ({"refund_count": 2}, "too_many_refunds"),
    ],
    ids=str,
)
def test_a_payment_that_cannot_pay_is_left_out_and_named_where_it_is_missed(overrides, code):
    barred = fund(1, **{"capabilities": LIMITED, **overrides})

    assert plan_draw(100, [barred, fund(2)], at=AT).draws == (Draw(2, 100),)
    assert [reason.code for reason in plan_draw(101, [barred, fund(2)], at=AT).reasons] == ["balance_short", code]


@pytest.mark.parametrize("overrides", [{"captured_at": AT - timedelta(days=365)}, {"refund_count": 1}, {"captured_at": None}], ids=str)
def test_up_to_its_limits_a_payment_pays(overrides):
    assert plan_draw(100, [fund(capabilities=LIMITED, **overrides)], at=AT).draws == (Draw(1, 100),)


def test_an_empty_payment_gives_no_reason():
    assert [reason.code for reason in plan_draw(1, [fund(left=0, is_frozen=True)], at=AT).reasons] == ["balance_short"]


@pytest.mark.parametrize(("seconds", "codes"), [(59, ["refund_too_soon"]), (60, [])])
def test_a_pause_between_refunds_holds_up_the_sending_only(seconds, codes):
    sent = fund(capabilities=LIMITED, last_sent_at=AT - timedelta(seconds=seconds), refund_count=2)

    assert [reason.code for reason in d.against_sending(sent, at=AT)] == codes
    assert d.against_drawing(replace(sent, refund_count=1), at=AT) == []


def test_a_frozen_payment_sends_nothing():
    assert [reason.code for reason in d.against_sending(fund(is_frozen=True), at=AT)] == ["payment_frozen"]


@given(st.lists(st.integers(0, 500), max_size=5), st.integers(1, 2000))
def test_a_plan_draws_exactly_the_amount_and_nothing_above_a_balance(balances, amount):
    plan = plan_draw(amount, [fund(number, left) for number, left in enumerate(balances)], at=AT)

    assert bool(plan.draws) != bool(plan.reasons)
    if plan.draws:
        assert sum(draw.amount_minor for draw in plan.draws) == amount
        assert all(0 < draw.amount_minor <= balances[draw.key] for draw in plan.draws)
    else:
        assert sum(balances) < amount


@pytest.mark.parametrize(("method", "code"), [("WeChat", "wechat"), ("alipay", "demo"), ("cash on delivery", "demo")])
@override_settings(BIHUAN_GATEWAYS={"wechat": "wechat"}, BIHUAN_GATEWAY_DEFAULT="demo")
def test_each_method_has_its_gateway_or_the_one_of_all_others(method, code):
    assert d.gateway_of(Payment(method=method)) == code


@override_settings(BIHUAN_GATEWAYS={}, BIHUAN_GATEWAY_DEFAULT="")
def test_without_a_gateway_there_are_no_capabilities():
    assert d.capabilities_of(d.gateway_of(Payment(method="wechat"))) is None


@pytest.mark.parametrize("code", list(ADAPTERS))
def test_limits_are_known_without_keys(code):
    assert isinstance(d.capabilities_of(code), Capabilities)


@pytest.mark.django_db
def test_funds_are_read_in_one_query_with_their_refunds(django_assert_num_queries):
    case = make_case()
    money, voucher = make_balance(case), make_balance(case, captured=50, frozen_at=AT)
    Payment.objects.filter(pk=voucher.payment_id).update(method="voucher")
    kept = make_refund(case, balance=money, submitted_at=AT)
    make_refund(case, balance=money, revision=2, state="voided", submitted_at=AT + timedelta(days=1))
    with django_assert_num_queries(1):
        funds = d.funds_of(case.order)

    seen = [(each.balance_id, each.left_fen, each.priority, each.refund_count, each.last_sent_at, each.is_frozen) for each in funds]
    assert seen == [(money.pk, 9900, 0, 1, AT, False), (voucher.pk, 50, 1, 0, None, True)]
    assert d.funds_of(case.order, besides=[kept.pk])[0].refund_count == 0
