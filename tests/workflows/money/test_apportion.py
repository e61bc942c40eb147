"""Discounts, units and payments: every cent lands somewhere, and nowhere twice."""

import os
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from workflows.money.apportion import (
    ApportionmentError,
    Draw,
    Line,
    Source,
    draw_from,
    paid_per_line,
    share_out,
    unit_amount,
    unit_amounts,
)

BASKETS = 10_000
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
money = st.integers(0, 10**13)
weights_and_total = st.lists(money, min_size=1, max_size=30).flatmap(
    lambda weights: st.tuples(st.just(weights), st.integers(0, sum(weights)))
)
sources = st.lists(
    st.builds(
        Source,
        key=st.uuids().map(str),
        balance_minor=st.integers(0, 10**6),
        priority=st.integers(0, 2),
        captured_at=st.none() | st.integers(0, 3).map(lambda days: NOON + timedelta(days=days)),
    ),
    min_size=1,
    max_size=6,
)


@pytest.mark.parametrize(
    ("total", "weights", "shares"),
    [
        (4, [1, 1, 1], None),
        (10, [100, 100, 100], [4, 3, 3]),
        (20, [100, 100, 100], [7, 7, 6]),
        (10, [0, 100, 200], [0, 3, 7]),
        (1, [1, 2, 2], [0, 1, 0]),
        (5, [2, 3], [2, 3]),
        (0, [0, 0], [0, 0]),
        (0, [], []),
        (1, [0, 0], None),
        (1, [], None),
        (-1, [5], None),
        (1, [-1, 5], None),
        (1.0, [5], None),
        (True, [5], None),
        (1, [5.0], None),
    ],
)
def test_a_discount_is_shared_out_by_largest_remainder(total, weights, shares):
    if shares is None:
        with pytest.raises(ApportionmentError):
            share_out(total, weights)
    else:
        assert share_out(total, weights) == shares


@given(weights_and_total)
def test_shares_sum_exactly_and_never_exceed_their_weight(case):
    weights, total = case

    shares = share_out(total, weights)

    assert sum(shares) == total
    assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


@given(weights_and_total)
def test_no_share_is_a_whole_unit_away_from_its_proportion(case):
    weights, total = case
    assume(sum(weights))

    shares = share_out(total, weights)

    assert all(abs(share - Fraction(total * weight, sum(weights))) < 1 for share, weight in zip(shares, weights, strict=True))


@given(weights_and_total)
def test_spare_units_go_to_the_largest_remainders_and_ties_to_the_earlier_line(case):
    weights, total = case
    assume(sum(weights))

    shares = share_out(total, weights)

    rests = [(total * weight % sum(weights), -place) for place, weight in enumerate(weights)]
    lucky = [share - total * weight // sum(weights) for share, weight in zip(shares, weights, strict=True)]
    assert set(lucky) <= {0, 1}
    assert sorted(rests, reverse=True)[: sum(lucky)] == sorted((rest for rest, got in zip(rests, lucky, strict=True) if got), reverse=True)


def test_line_discounts_come_before_order_discounts():
    lines = [Line(10_000, discount_minor=9_000), Line(3_000)]

    paid = paid_per_line(lines, [1_000])

    assert paid == [750, 2_250]


def test_a_second_order_discount_is_taken_from_what_the_first_left():
    assert paid_per_line([Line(100), Line(300)], [200, 100]) == [25, 75]
    assert paid_per_line([Line(100), Line(300)], [400]) == [0, 0]


@pytest.mark.parametrize(
    ("lines", "discounts"),
    [([Line(100, discount_minor=101)], []), ([Line(100)], [101]), ([Line(100)], [60, 41]), ([Line(-1)], []), ([Line(1, -1)], [])],
)
def test_more_discount_than_price_is_refused(lines, discounts):
    with pytest.raises(ApportionmentError):
        paid_per_line(lines, discounts)


@pytest.mark.parametrize(
    ("total", "units", "amounts"), [(100, 3, [33, 33, 34]), (2, 4, [0, 1, 0, 1]), (0, 2, [0, 0]), (0, 0, []), (7, 1, [7])]
)
def test_a_line_is_split_into_units(total, units, amounts):
    assert unit_amounts(total, units=units) == amounts


@given(money, st.integers(1, 300))
def test_units_sum_exactly_and_differ_by_at_most_one(total, units):
    amounts = unit_amounts(total, units=units)

    assert sum(amounts) == total
    assert max(amounts) - min(amounts) <= 1


@pytest.mark.parametrize(("total", "units", "number"), [(10, 3, 0), (10, 3, 4), (-1, 3, 1), (10, 0, 1), (10.0, 3, 1)])
def test_a_unit_that_is_not_there_has_no_amount(total, units, number):
    with pytest.raises(ApportionmentError):
        unit_amount(total, units=units, number=number)


@pytest.mark.parametrize(("total", "units"), [(1, 0), (1, -1), (-1, 2)])
def test_units_of_nonsense_are_refused(total, units):
    with pytest.raises(ApportionmentError):
        unit_amounts(total, units=units)


def test_a_refund_is_drawn_by_priority_then_from_the_latest_payment():
    payments = [
        Source("old", 500, captured_at=NOON),
        Source("voucher", 500, priority=1, captured_at=NOON + timedelta(days=9)),
        Source("new", 500, captured_at=NOON + timedelta(days=1)),
        Source("undated", 500),
    ]

    assert draw_from(payments, 1_700) == [Draw("new", 500), Draw("old", 500), Draw("undated", 500), Draw("voucher", 200)]
    assert draw_from(payments, 500) == [Draw("new", 500)]


def test_payments_of_one_moment_are_drawn_in_their_order_and_empty_ones_not_at_all():
    payments = [Source(1, 10, captured_at=NOON), Source(2, 0, captured_at=NOON), Source(3, 10, captured_at=NOON)]

    assert draw_from(payments, 15) == [Draw(1, 10), Draw(3, 5)]


@pytest.mark.parametrize("amount", [0, -1, 101, 1.0])
def test_what_the_payments_do_not_hold_is_not_drawn(amount):
    with pytest.raises(ApportionmentError):
        draw_from([Source(1, 60), Source(2, 40)], amount)


@given(sources, st.integers(1, 10**7))
def test_draws_sum_exactly_and_never_exceed_a_balance(payments, amount):
    balances = {source.key: source.balance_minor for source in payments}
    assume(amount <= sum(balances.values()))

    draws = draw_from(payments, amount)

    assert sum(draw.amount_minor for draw in draws) == amount
    assert all(0 < draw.amount_minor <= balances[draw.key] for draw in draws)
    assert len({draw.key for draw in draws}) == len(draws)


def test_ten_thousand_baskets_keep_every_cent_and_a_return_in_parts_pays_the_same():
    """T9: the total, each unit's amount and what each payment gives back are the same, at once or in parts."""
    for number in range(BASKETS):
        seed = f"{os.environ['BIHUAN_SEED']}:{number}"
        basket = random_basket(Random(seed))
        paid = paid_per_line(basket.lines, basket.discounts)

        assert sum(paid) == basket.left, seed
        assert all(0 <= total <= line.gross_minor - line.discount_minor for total, line in zip(paid, basket.lines, strict=True)), seed
        assert return_in_parts(basket, paid, Random(seed)) == return_at_once(basket, paid), seed


class Basket(NamedTuple):
    lines: list[Line]
    quantities: list[int]
    discounts: list[int]
    payments: list[Source]

    @property
    def left(self) -> int:
        return sum(line.gross_minor - line.discount_minor for line in self.lines) - sum(self.discounts)

    @property
    def units(self) -> list[tuple[int, int]]:
        return [(line, number) for line, count in enumerate(self.quantities) for number in range(1, count + 1)]


def random_basket(rng: Random) -> Basket:
    quantities = [rng.randint(1, 5) for _ in range(rng.randint(1, 6))]
    gross = [rng.choice([0, 1, 990, 9_999, rng.randint(0, 500_000)]) * quantity for quantity in quantities]
    lines = [Line(amount, rng.choice([0, rng.randint(0, amount)])) for amount in gross]
    basket = Basket(lines, quantities, [], [])
    for _ in range(rng.randint(0, 2)):
        basket.discounts.append(rng.randint(0, basket.left))
    cuts = sorted(rng.randint(0, basket.left) for _ in range(rng.randint(0, 2)))
    for key, (start, end) in enumerate(pairwise([0, *cuts, basket.left])):
        basket.payments.append(Source(key, end - start, rng.randint(0, 1), NOON + timedelta(days=rng.randint(0, 2))))
    return basket


def return_at_once(basket: Basket, paid: list[int]) -> tuple[dict, Counter]:
    amounts = [unit_amounts(total, units=count) for total, count in zip(paid, basket.quantities, strict=True)]
    draws = draw_from(basket.payments, sum(paid)) if sum(paid) else []
    return {(line, number): amounts[line][number - 1] for line, number in basket.units}, Counter({d.key: d.amount_minor for d in draws})


def return_in_parts(basket: Basket, paid: list[int], rng: Random) -> tuple[dict, Counter]:
    """The same units one box after another, in any order; each box knows only what the payments still hold."""
    units, payments, per_unit, per_payment = basket.units, list(basket.payments), {}, Counter()
    rng.shuffle(units)
    while units:
        box = [units.pop() for _ in range(rng.randint(1, len(units)))]
        amounts = {(line, number): unit_amount(paid[line], units=basket.quantities[line], number=number) for line, number in box}
        for draw in draw_from(payments, sum(amounts.values())) if any(amounts.values()) else []:
            per_payment[draw.key] += draw.amount_minor
        payments = [
            replace(each, balance_minor=start.balance_minor - per_payment[each.key])
            for each, start in zip(payments, basket.payments, strict=True)
        ]
        per_unit |= amounts
    return per_unit, +per_payment
