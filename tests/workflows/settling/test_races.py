"""Many hands on one payment, with real threads: what came in is the bound, one signature counts. T5"""

import threading

import pytest
from django.db import IntegrityError
from django.db.models import F

from foundation.exceptions import VersionConflictError
from tests.complaints.test_concurrency import at_once
from tests.workflows.builders import make_balance, make_case
from tests.workflows.settling.builders import decide, figures, fresh, make_finance, make_owed
from workflows.models import PaymentBalance, Refund, RefundEvent
from workflows.money import counters
from workflows.services.refunds import authorise_refund

pytestmark = pytest.mark.django_db(transaction=True)


def test_fifty_signatures_are_one():
    case = make_owed()
    [refund] = decide(case)
    signers = [make_finance(case) for _number in range(5)]
    how = {"proposal_hash": refund.proposal_hash, "expected_version": refund.version}

    outcomes = at_once(*[lambda by=by: authorise_refund(refund, by=by, **how) for by in signers * 10])

    assert sum(isinstance(each, VersionConflictError) for each in outcomes) == 49
    assert (fresh(refund).state, figures(refund)) == ("queued", (9900, 0))
    assert list(RefundEvent.objects.filter(refund=refund).values_list("verb", flat=True)) == ["create", "authorise", "trigger"]


def test_fifty_cases_hold_what_one_payment_has():
    """Ten fit, forty are refused, and nothing is held for those."""
    balance = make_balance(make_case(), captured=1000)

    outcomes = at_once(*[lambda: counters.hold(balance.pk, 100)] * 50)

    assert outcomes.count(True) == 10
    balance.refresh_from_db()
    assert balance.held_fen == 1000


def check_then_act(balance_id: int, amount: int, barrier) -> None:
    """The wrong way: look, and then write what was worked out from the look."""
    left = PaymentBalance.objects.get(pk=balance_id).left_fen
    barrier.wait()
    if left >= amount:
        PaymentBalance.objects.filter(pk=balance_id).update(held_fen=F("held_fen") + amount)


def test_looking_before_writing_is_caught_by_the_table():
    balance, barrier = make_balance(make_case(), captured=150), threading.Barrier(2, timeout=30)

    outcomes = at_once(*[lambda: check_then_act(balance.pk, 100, barrier)] * 2)

    assert sorted(type(each) for each in outcomes if each) == [IntegrityError]
    balance.refresh_from_db()
    assert balance.held_fen == 100


def test_two_decisions_at_once_hold_once():
    case = make_owed()

    outcomes = at_once(*[lambda: decide(case)] * 4)

    assert not [each for each in outcomes if isinstance(each, Exception)]
    assert Refund.objects.exclude(state="voided").count() == 1
    assert figures(Refund.objects.get()) == (9900, 0)
