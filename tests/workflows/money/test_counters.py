"""Money counters under many hands: what was paid is the bound, whoever comes first."""

import threading

import pytest
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from tests.complaints.test_concurrency import at_once
from tests.workflows.builders import make_balance, make_case, make_unit
from workflows.models import PaymentBalance
from workflows.money import counters


def figures(balance) -> tuple[int, int, int]:
    """Held, refunded, refunded elsewhere."""
    balance.refresh_from_db()
    return balance.held_fen, balance.refunded_fen, balance.external_fen


@pytest.mark.django_db
def test_money_is_held_while_there_is_some():
    balance = make_balance(captured=100)

    assert [counters.hold(balance.pk, amount) for amount in (60, 41, 40, 1)] == [True, False, True, False]
    assert figures(balance) == (100, 0, 0)


@pytest.mark.django_db
def test_a_frozen_payment_holds_nothing_more_but_lets_go():
    balance = make_balance(captured=100)
    counters.hold(balance.pk, 60)
    PaymentBalance.objects.update(frozen_at=timezone.now())

    assert (counters.hold(balance.pk, 1), counters.release(balance.pk, 10), counters.book_paid(balance.pk, 50)) == (False, True, True)
    assert figures(balance) == (0, 50, 0)


@pytest.mark.django_db
def test_what_was_paid_and_came_back_is_held_again():
    balance = make_balance(captured=100)
    counters.hold(balance.pk, 60)
    counters.book_paid(balance.pk, 60)

    assert (counters.book_returned(balance.pk, 60), figures(balance)) == (True, (60, 0, 0))


@pytest.mark.django_db
@pytest.mark.parametrize("move", ["release", "book_paid", "book_returned"])
def test_nothing_moves_that_is_not_there(move):
    balance = make_balance(captured=100)
    counters.hold(balance.pk, 10)

    assert getattr(counters, move)(balance.pk, 11) is False
    assert figures(balance) == (10, 0, 0)


@pytest.mark.django_db
def test_a_refund_made_elsewhere_counts_even_while_frozen():
    balance = make_balance(captured=100, frozen_at=timezone.now())

    assert [counters.book_external(balance.pk, amount) for amount in (90, 11, 10)] == [True, False, True]
    assert figures(balance) == (0, 0, 100)


@pytest.mark.django_db
def test_units_without_room_are_named_and_the_others_are_held():
    case = make_case()
    units = [make_unit(case, position=position, entitled_fen=50) for position in (1, 2)]
    counters.hold_units({units[0].pk: 30})

    assert counters.hold_units({units[0].pk: 21, units[1].pk: 50}) == [units[0].pk]


@pytest.mark.django_db
def test_units_follow_what_becomes_of_a_refund():
    unit = make_unit(make_case(), entitled_fen=50)
    steps = []
    for move in (counters.hold_units, counters.book_units_paid, counters.book_units_returned, counters.release_units):
        move({unit.pk: 50})
        unit.refresh_from_db()
        steps.append((unit.held_fen, unit.refunded_fen))

    assert steps == [(50, 0), (0, 50), (50, 0), (0, 0)]


@pytest.mark.django_db(transaction=True)
def test_fifty_hands_never_hold_more_than_was_paid():
    balance = make_balance(captured=1000)

    held = at_once(*[lambda: counters.hold(balance.pk, 100)] * 50)

    assert (held.count(True), figures(balance)) == (10, (1000, 0, 0))


@pytest.mark.django_db(transaction=True)
def test_who_reads_first_and_writes_then_is_stopped_by_the_table():
    """The known wrong way: it must fail here, or the test above proves nothing."""
    balance, all_have_read = make_balance(captured=1000), threading.Barrier(50)

    def hold_unlocked():
        row = PaymentBalance.objects.get(pk=balance.pk)
        all_have_read.wait(timeout=20)
        if row.left_fen < 100:
            return "refused"
        return PaymentBalance.objects.filter(pk=balance.pk).update(held_fen=F("held_fen") + 100)

    held = at_once(*[hold_unlocked] * 50)

    assert [type(each) for each in held].count(IntegrityError) == 40
    assert figures(balance) == (1000, 0, 0)
