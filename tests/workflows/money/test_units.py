"""What the units of an order are worth: counted once, followed while nobody counts on it, then an anomaly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.models import OrderLine, Payment
from tests.complaints.test_concurrency import at_once
from tests.factories import make_order
from tests.workflows.builders import make_case
from workflows.models import Anomaly, CaseUnit, PaymentBalance, RefundableUnit
from workflows.money import counters
from workflows.money.units import FREIGHT, Bought, split_order, units_of


def pay(order, *amounts: int, **fields) -> list[Payment]:
    count = order.payments.count()
    rows = [Payment(order=order, external_id=f"P{count + at}", method="wechat", amount_fen=fen, **fields) for at, fen in enumerate(amounts)]
    return Payment.objects.bulk_create(rows)


def figures(units) -> list[int]:
    return [unit.entitled_fen for unit in units]


def captured(order) -> list[int]:
    return list(PaymentBalance.objects.filter(payment__order=order).order_by("pk").values_list("captured_fen", flat=True))


def test_line_discounts_come_first_and_the_order_discount_on_what_remains():
    lines = [Bought(1, 2, 5000, 9000), Bought(2, 1, 1000, 0)]

    worth = split_order(lines, freight_fen=800, received_fen=9000 + 1000 + 800 - 1000)

    assert worth == {(1, 1): 4050, (1, 2): 4050, (2, 1): 900, FREIGHT: 800}


def test_lines_that_make_up_the_whole_payment_were_sent_free():
    assert split_order([Bought(1, 1, 9900, 9900)], freight_fen=800, received_fen=9900) == {(1, 1): 9900}


def test_without_a_known_payment_the_lines_count():
    assert split_order([Bought(1, 1, 9900, 0)], freight_fen=800) == {(1, 1): 9900, FREIGHT: 800}


def test_a_payment_below_the_freight_leaves_nothing_for_goods():
    assert split_order([Bought(1, 1, 9900, 0)], freight_fen=800, received_fen=500) == {(1, 1): 0, FREIGHT: 500}


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 10**5), st.integers(0, 10**5)), min_size=1, max_size=6),
    st.integers(0, 5000),
    st.integers(0, 10**6),
)
def test_units_sum_to_what_was_received_and_never_exceed_their_line(lines, freight, received):
    bought = [Bought(at, quantity, price, min(paid, price * quantity)) for at, (quantity, price, paid) in enumerate(lines)]
    worth = split_order(bought, freight_fen=freight, received_fen=received)
    asked = [line.paid_fen or line.unit_fen * line.quantity for line in bought]

    free = received == sum(asked)
    assert sum(worth.values()) == min(received, sum(asked) + (0 if free else freight))
    for line, most in zip(bought, asked, strict=True):
        own = [fen for (key, _at), fen in worth.items() if key == line.key]
        assert (len(own), sum(own) <= most, max(own) - min(own) <= 1) == (line.quantity, True, True)


@pytest.mark.django_db
def test_units_and_balances_are_made_once():
    order = make_order(lines=2, freight_fen=800)
    pay(order, 10000, 10600)
    pay(order, 1, status="pending")
    first = units_of(order)

    assert (figures(first), captured(order)) == ([9900, 9900, 800], [10000, 10600])
    assert [unit.pk for unit in units_of(order)] == [unit.pk for unit in first]


@pytest.mark.django_db
def test_what_agrees_is_read_in_four_queries(django_assert_num_queries):
    order = make_order(lines=3)
    pay(order, 9900 * 3)
    units_of(order)
    with django_assert_num_queries(4 + 2):  # and the savepoint of the test
        units_of(order)


@pytest.mark.django_db
def test_an_order_that_changes_before_anything_counts_is_followed():
    order = make_order(lines=2)
    (payment,) = pay(order, 19800)
    units_of(order)
    OrderLine.objects.filter(order=order, external_id="1").update(quantity=3, paid_fen=0)
    Payment.objects.filter(pk=payment.pk).update(amount_fen=39600)

    assert (figures(units_of(order)), captured(order), Anomaly.objects.count()) == ([9900] * 4, [39600], 0)


@pytest.mark.django_db
def test_units_that_are_gone_go_unless_a_case_names_them():
    order = make_order()
    OrderLine.objects.filter(order=order).update(quantity=3, paid_fen=29700)
    pay(order, 29700)
    units = units_of(order)
    CaseUnit.objects.create(case=make_case(order=order), unit=units[1])
    OrderLine.objects.filter(order=order).update(quantity=1, paid_fen=29700, unit_fen=29700)

    assert figures(units_of(order)) == [29700, 0]
    assert figures(units_of(order)) == [29700, 0]


@pytest.mark.django_db
def test_a_payment_that_was_taken_back_gives_nothing():
    order = make_order()
    (payment,) = pay(order, 9900)
    units_of(order)
    Payment.objects.filter(pk=payment.pk).update(status=Payment.Status.FAILED)
    units_of(order)

    assert captured(order) == [0]


def hold(order, units) -> None:
    counters.hold(PaymentBalance.objects.get(payment__order=order).pk, 1)


def claim(order, units) -> None:
    RefundableUnit.objects.filter(pk=units[0].pk).update(reserved_by=make_case(order=order))


def refund(order, units) -> None:
    RefundableUnit.objects.filter(pk=units[0].pk).update(refunded_fen=1)


def refund_elsewhere(order, units) -> None:
    counters.book_external(PaymentBalance.objects.get(payment__order=order).pk, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("count_on", [hold, claim, refund, refund_elsewhere])
@pytest.mark.parametrize("change", ["line", "payment"])
def test_an_order_that_changes_afterwards_moves_no_counter_and_opens_one_anomaly(count_on, change):
    order = make_order()
    pay(order, 9900)
    count_on(order, units_of(order))
    if change == "line":
        OrderLine.objects.filter(order=order).update(paid_fen=5000, quantity=2)
    else:
        Payment.objects.filter(order=order).update(amount_fen=8000)
    again = [figures(units_of(order)) for _ in range(2)]

    assert (again, captured(order)) == ([[9900], [9900]], [9900])
    assert list(Anomaly.objects.values_list("kind", "balance__frozen_why")) == [("order_changed", "order_changed")]


@pytest.mark.django_db
def test_what_finance_let_go_stays_let_go_until_the_order_changes_again():
    order = make_order()
    pay(order, 9900)
    claim(order, units_of(order))
    for quantity in (2, 2, 3):
        OrderLine.objects.filter(order=order).update(quantity=quantity, paid_fen=9800)
        units_of(order)
        PaymentBalance.objects.update(frozen_at=None)

    assert Anomaly.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_each_unit_once():
    order = make_order(lines=3, freight_fen=100)
    pay(order, 9900 * 3 + 100)

    made = at_once(*[lambda: [unit.pk for unit in units_of(order)]] * 20)

    assert (len(set(map(tuple, made))), RefundableUnit.objects.count(), PaymentBalance.objects.count()) == (1, 4, 1)
